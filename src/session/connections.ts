/**
 * The TCP connections of one peer and which of them survives: acceptance, collision (RFC 4271 §6.8), the peer
 * that has restarted (RFC 4724 §5). Owns at most one outgoing connection, one incoming and the Established
 * one. When to connect and what follows when none is left is the peer session's business.
 */
import { assertNever } from '../net/assert-never.ts';
import { encodeNotification } from '../wire/notification.ts';
import { type CollisionVerdict, resolveAgainstEstablished, resolveByIdentifiers } from './collision.ts';
import type { FsmState, SessionAction, SessionEvent } from './contract.ts';
import { abandoned, collisionLost, type Ending, replacedByRestart } from './ending.ts';
import { type ConnectionContext, type ConnectionEvent, ConnectionFsm, type Outcome } from './fsm.ts';
import { canRestart } from './graceful-restart.ts';
import { collisionLingerMs, collisionWaitMs, restartProbeMs } from './timers.ts';

/** Told at the moment it happens, so that actions come out in order. */
export interface ConnectionsOwner {
  readonly sessionUp: (connection: ConnectionFsm, now: number, out: SessionAction[]) => void;
  readonly sessionDown: (
    connection: ConnectionFsm,
    ending: Ending,
    now: number,
    out: SessionAction[],
  ) => void;
}

export class Connections {
  readonly #context: ConnectionContext;
  readonly #owner: ConnectionsOwner;
  /** Replaced, never changed: loops run over the list as it was. */
  #all: readonly ConnectionFsm[] = [];
  #established: ConnectionFsm | undefined;

  constructor(context: ConnectionContext, owner: ConnectionsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get all(): readonly ConnectionFsm[] {
    return this.#all;
  }

  get established(): ConnectionFsm | undefined {
    return this.#established;
  }

  /** An attempt to connect is under way. */
  get pending(): boolean {
    return this.#all.some(({ state }) => state === 'connect');
  }

  /** Some connection has TCP up. */
  get alive(): boolean {
    return this.#all.some(({ state }) => state !== 'connect');
  }

  /** The state of the peer as RFC 4271 §8.2.2 would have it, while it is not Idle. */
  get state(): Exclude<FsmState, 'idle'> {
    return (this.mostAdvanced && peerState(this.mostAdvanced)) ?? 'active';
  }

  get mostAdvanced(): ConnectionFsm | undefined {
    let most: ConnectionFsm | undefined;
    for (const connection of this.#all)
      if (most === undefined || rank(connection) > rank(most)) most = connection;
    return most;
  }

  connect(out: SessionAction[]): void {
    const connection = new ConnectionFsm(
      this.#context.services.nextConnectionId(),
      'outgoing',
      this.#context,
    );
    this.#all = [...this.#all, connection];
    out.push({ type: 'connect', connection: connection.id });
  }

  /** Gives up attempts to connect that have not led to anything yet. */
  closePending(out: SessionAction[]): void {
    for (const connection of this.#all) {
      if (connection.state === 'connect') this.#close(connection, abandoned('given up'), out);
    }
  }

  closeAll(endingOf: (connection: ConnectionFsm) => Ending, now: number, out: SessionAction[]): void {
    for (const connection of this.#all) this.#drop(connection, endingOf(connection), now, out);
  }

  /** How the connection ended that the event was about, if it did. */
  handle(event: ConnectionEvent, now: number, out: SessionAction[]): Ending | undefined {
    const connection = this.#all.find(({ id }) => id === event.connection);
    if (connection !== undefined)
      return this.#apply(connection, connection.handle(event, now, out), now, out);
    if (event.type === 'tcp-established') {
      if (event.direction === 'incoming') this.#accept(event, now, out);
      // An attempt we have given up succeeded at the same time.
      else out.push({ type: 'close', connection: event.connection, how: 'abort' });
    }
    return undefined;
  }

  /** Serves one due timer of this connection. */
  advance(connection: ConnectionFsm, now: number, out: SessionAction[]): Ending | undefined {
    return this.#apply(connection, connection.advance(now, out), now, out);
  }

  /** RFC 4271 §8.2.2: Idle refuses. Without a NOTIFICATION, or the peer would rest longer than we do. */
  refuse(event: ConnectionEvent, out: SessionAction[]): void {
    if (event.type === 'tcp-established') {
      out.push({ type: 'close', connection: event.connection, how: 'flush' });
    }
  }

  #accept(
    event: Extract<SessionEvent, { type: 'tcp-established' }>,
    now: number,
    out: SessionAction[],
  ): void {
    const connection = new ConnectionFsm(event.connection, 'incoming', this.#context);
    const older = this.#all.find((other) => other !== this.#established && other.direction === 'incoming');
    this.#all = [...this.#all, connection];
    if (older?.state === 'open-confirm') {
      connection.transportUp(event.localAddress, now, restartProbeMs);
      this.#close(connection, collisionLost('another connection is in OpenConfirm'), out);
      return;
    }
    // The peer has given up a connection on which it had not got far.
    if (older) this.#close(older, collisionLost('the peer opened a newer connection'), out);
    if (this.#established) {
      // RFC 4271 §8.2.2: tracked until its OPEN comes. RFC 4724 §5: it may replace the Established one.
      connection.transportUp(event.localAddress, now, restartProbeMs);
    } else {
      connection.handle(event, now, out);
    }
  }

  #apply(
    connection: ConnectionFsm,
    outcome: Outcome | undefined,
    now: number,
    out: SessionAction[],
  ): Ending | undefined {
    switch (outcome?.type) {
      case undefined:
        return undefined;
      case 'opened':
        return this.#decide(connection, this.#collision(connection, now), now, out);
      case 'delay-elapsed':
        if (this.#established === undefined) return connection.resume(now, out);
        return this.#decide(connection, this.#collision(connection, now), now, out);
      case 'chosen':
        this.#takeOver(connection, collisionLost('the peer chose the other connection'), now, out);
        return this.#apply(connection, connection.enterEstablished(now), now, out);
      case 'established':
        return this.#up(connection, now, out);
      case 'ended':
        return this.#end(connection, outcome.ending, now, out);
      default:
        return assertNever(outcome);
    }
  }

  #up(connection: ConnectionFsm, now: number, out: SessionAction[]): undefined {
    this.#established = connection;
    for (const other of this.#all) {
      if (other === connection) continue;
      if (other.state === 'open-sent') other.linger(now + collisionLingerMs);
      else if (other.state === 'connect') this.#close(other, abandoned('given up'), out);
      else this.#close(other, collisionLost('another connection is Established'), out);
    }
    this.#owner.sessionUp(connection, now, out);
  }

  #end(connection: ConnectionFsm, ending: Ending, now: number, out: SessionAction[]): Ending {
    const wasEstablished = connection === this.#established;
    this.#drop(connection, ending, now, out);
    if (!wasEstablished) return ending;
    for (const other of this.#all) {
      if (ending.sparesOthers) other.resume(now, out);
      else this.#close(other, collisionLost('the session has ended'), out);
    }
    return ending;
  }

  #drop(connection: ConnectionFsm, ending: Ending, now: number, out: SessionAction[]): void {
    const wasEstablished = connection === this.#established;
    this.#close(connection, ending, out);
    if (!wasEstablished) return;
    this.#established = undefined;
    this.#owner.sessionDown(connection, ending, now, out);
  }

  #close(connection: ConnectionFsm, ending: Ending, out: SessionAction[]): void {
    const { id, state } = connection;
    if (ending.notification && state !== 'connect') {
      const { code, subcode, data } = ending.notification;
      out.push({ type: 'send', connection: id, bytes: encodeNotification(code, subcode, data) });
    }
    const { transport } = ending;
    const how = state === 'connect' && transport === 'flush' ? 'abort' : transport;
    if (how !== 'gone') out.push({ type: 'close', connection: id, how });
    connection.close();
    this.#all = this.#all.filter((other) => other !== connection);
  }

  // Collisions

  #rivalOf(connection: ConnectionFsm): ConnectionFsm | undefined {
    return (
      this.#established ?? this.#all.find((other) => other !== connection && other.state === 'open-confirm')
    );
  }

  #collision(connection: ConnectionFsm, now: number): CollisionVerdict {
    const rival = this.#rivalOf(connection);
    if (rival === undefined) return 'keep-new';
    if (rival.state !== 'established') return this.#byIdentifiers(connection, rival);
    return resolveAgainstEstablished({
      byIdentifiers: connection.lingering ? this.#byIdentifiers(connection, rival) : undefined,
      establishedForMs: now - rival.establishedSince,
      canRestart: rival.negotiated !== undefined && canRestart(rival.negotiated),
      peerHasRestarted: connection.negotiated?.gracefulRestart?.restarting === true,
    });
  }

  #byIdentifiers(connection: ConnectionFsm, rival: ConnectionFsm): CollisionVerdict {
    const { negotiated } = connection;
    if (negotiated === undefined) return 'keep-existing'; // No OPEN, no comparison.
    const { routerId, localAs } = this.#context.settings();
    return resolveByIdentifiers(connection.direction, rival.direction, {
      localId: routerId,
      remoteId: negotiated.remoteBgpIdentifier,
      localAs,
      remoteAs: negotiated.remoteAs,
    });
  }

  #decide(
    connection: ConnectionFsm,
    verdict: CollisionVerdict,
    now: number,
    out: SessionAction[],
  ): Ending | undefined {
    switch (verdict) {
      case 'wait':
        connection.park(now + collisionWaitMs);
        return undefined;
      case 'keep-existing':
        return this.#end(connection, collisionLost('the other connection has precedence'), now, out);
      case 'replace':
        return this.#takeOver(connection, replacedByRestart(), now, out);
      case 'keep-new':
        return this.#takeOver(connection, collisionLost('the newer connection has precedence'), now, out);
      default:
        return assertNever(verdict);
    }
  }

  /** This connection goes on, the one that is further gives way. */
  #takeOver(connection: ConnectionFsm, endingOfOther: Ending, now: number, out: SessionAction[]): undefined {
    const rival = this.#rivalOf(connection);
    if (rival) this.#drop(rival, endingOfOther, now, out);
    connection.resume(now, out);
  }
}

/** RFC 4271 §8.2.2 has no names for the two states between: DelayOpen is Connect or Active, parked OpenSent. */
function peerState(connection: ConnectionFsm): Exclude<FsmState, 'idle'> {
  switch (connection.state) {
    case 'delay-open':
      return connection.direction === 'outgoing' ? 'connect' : 'active';
    case 'parked':
      return 'open-sent';
    case 'closed':
      return 'active';
    default:
      return connection.state;
  }
}

const stateOrder: readonly FsmState[] = ['active', 'connect', 'open-sent', 'open-confirm', 'established'];

function rank(connection: ConnectionFsm): number {
  return stateOrder.indexOf(peerState(connection));
}
