/**
 * What a host knows of one session's connections, and every promise the session makes to it, checked at each
 * action: nobody sends on a dead connection, every connection has an owner, Established and down alternate.
 */
import type { ConnectionId, FsmState, SessionAction, SessionEvent } from '../../src/session/contract.ts';
import type { PeerSession } from '../../src/session/peer-session.ts';

export class HostModel {
  readonly #session: PeerSession;
  /** Connections the host holds open or is opening, and whether TCP is up. */
  readonly #live = new Map<ConnectionId, 'opening' | 'up'>();
  #state: FsmState = 'idle';
  #established: ConnectionId | undefined;

  constructor(session: PeerSession) {
    this.#session = session;
  }

  get live(): readonly ConnectionId[] {
    return [...this.#live.keys()];
  }

  tell(event: SessionEvent, now: number): void {
    if (event.type === 'tcp-established') this.#live.set(event.connection, 'up');
    if (event.type === 'tcp-failed') this.#live.delete(event.connection);
    this.take(this.#session.handle(event, now));
  }

  take(actions: readonly SessionAction[]): void {
    for (const action of actions) this.#perform(action);
    this.#check();
  }

  #perform(action: SessionAction): void {
    switch (action.type) {
      case 'connect':
        promise(!this.#live.has(action.connection), action);
        this.#live.set(action.connection, 'opening');
        break;
      case 'send':
      case 'codec':
        promise(this.#live.get(action.connection) === 'up', action);
        break;
      case 'close':
        promise(this.#live.delete(action.connection), action);
        break;
      case 'established':
        promise(this.#established === undefined, action);
        promise(this.#live.get(action.connection) === 'up', action);
        this.#established = action.connection;
        break;
      case 'down':
        promise(this.#established !== undefined, action);
        this.#established = undefined;
        break;
      case 'state':
        promise(action.from === this.#state && action.to !== action.from, action);
        this.#state = action.to;
        break;
      case 'route-refresh':
        promise(this.#established !== undefined, action);
    }
  }

  #check(): void {
    const session = this.#session;
    const owned = [...session.connections].sort().join();
    promise(owned === this.live.toSorted().join(), `connections ${owned}, the host has ${this.live}`);
    promise(session.state === this.#state, `state ${session.state}, told ${this.#state}`);
    promise(session.connection === this.#established, 'another connection is Established than told');
    promise((session.state === 'established') === (this.#established !== undefined), 'Established or not');
    promise(session.connections.length <= 3, 'too many connections');
    promise(session.state !== 'idle' || session.connections.length === 0, 'connections in Idle');
    // Nothing waits for ever: but for a passive or stopped peer some timer runs.
    const idleForGood = session.state === 'idle' && session.snapshot().timers.idleHold === undefined;
    const listening = session.state === 'active' && session.settings.passive;
    const holdOff = session.snapshot().negotiated?.holdTimeSeconds === 0;
    promise(idleForGood || listening || holdOff || session.nextDeadline() < Infinity, 'nothing to wait for');
  }
}

/** A hundred thousand of these run per test: `expect` would take longer than the session. */
function promise(kept: boolean, what: string | SessionAction): void {
  if (!kept) throw new Error(`promise broken: ${typeof what === 'string' ? what : JSON.stringify(what)}`);
}
