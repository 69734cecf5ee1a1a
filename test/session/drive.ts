/** Short words for driving one PeerSession in tests that tell a story. */
import type { ConnectionId, SessionAction, SessionSettings, StopReason } from '../../src/session/contract.ts';
import { PeerSession } from '../../src/session/peer-session.ts';
import type { ControlMessage, OpenMessage } from '../../src/wire/messages.ts';
import {
  describeActions,
  localAddress,
  peerOpen,
  settingsWith,
  type TestServices,
  testServices,
} from './session-fixture.ts';

/** A session, its virtual time, and what it said last. */
export class Drive {
  readonly settings: SessionSettings;
  readonly services: TestServices = testServices();
  readonly session: PeerSession;
  readonly open: OpenMessage;
  now = 0;
  actions: readonly SessionAction[] = [];

  constructor(settings: Partial<SessionSettings> = {}, peer: Partial<SessionSettings> = {}) {
    this.settings = settingsWith(settings);
    this.session = new PeerSession(this.settings, this.services);
    this.open = peerOpen(this.settings, peer);
  }

  /** The latest actions in words. */
  get said(): readonly string[] {
    return describeActions(this.actions);
  }

  start(): this {
    return this.#say(this.session.handle({ type: 'manual-start' }, this.now));
  }

  stop(reason: StopReason): this {
    return this.#say(this.session.handle({ type: 'manual-stop', reason }, this.now));
  }

  outgoing(connection: ConnectionId): this {
    return this.#up(connection, 'outgoing');
  }

  incoming(connection: ConnectionId): this {
    return this.#up(connection, 'incoming');
  }

  fails(connection: ConnectionId): this {
    return this.#say(this.session.handle({ type: 'tcp-failed', connection, detail: 'reset' }, this.now));
  }

  hears(connection: ConnectionId, message: ControlMessage = this.open): this {
    return this.#say(this.session.handle({ type: 'message', connection, message }, this.now));
  }

  keepalive(connection: ConnectionId): this {
    return this.hears(connection, { type: 'keepalive' });
  }

  notified(connection: ConnectionId, code: number, subcode: number): this {
    return this.hears(connection, { type: 'notification', code, subcode, data: new Uint8Array(0) });
  }

  /** manual-start to Established on an outgoing connection. */
  establish(): this {
    this.start();
    const connection = this.services.nextId - 1;
    return this.outgoing(connection).hears(connection).keepalive(connection);
  }

  /** Lets time pass, firing every timer at its time; `said` is what was said meanwhile. */
  after(milliseconds: number): this {
    const until = this.now + milliseconds;
    const actions: SessionAction[] = [];
    while (this.session.nextDeadline() <= until) {
      this.now = this.session.nextDeadline();
      actions.push(...this.session.advance(this.now));
    }
    this.now = until;
    return this.#say(actions);
  }

  #up(connection: ConnectionId, direction: 'incoming' | 'outgoing'): this {
    return this.#say(
      this.session.handle({ type: 'tcp-established', connection, direction, localAddress }, this.now),
    );
  }

  #say(actions: readonly SessionAction[]): this {
    this.actions = actions;
    return this;
  }
}
