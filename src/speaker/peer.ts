/**
 * One peer of an instance: its session and its connections. Carries events in and actions out; the protocol is
 * `session/`, its routes are `PeerRoutes`.
 */
import { assertNever } from '../net/assert-never.ts';
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type {
  ConnectionId,
  SessionAction,
  SessionEvent,
  SessionServices,
  StopReason,
} from '../session/contract.ts';
import { PeerSession } from '../session/peer-session.ts';
import { decodeControlMessage } from '../wire/control-message.ts';
import { NotificationError } from '../wire/errors.ts';
import { Framer } from '../wire/framer.ts';
import { MessageType } from '../wire/messages.ts';
import { type MonitoredSession, SessionRecord, type SessionWatcher } from './monitoring.ts';
import { PeerReports } from './peer-reports.ts';
import { PeerRoutes, type RouteSurroundings, type Up } from './peer-routes.ts';
import type { RouteSource, SourceFamily } from './route-source.ts';
import { sessionSettingsOf } from './session-settings.ts';
import type { PeerSettings } from './settings.ts';
import { sessionResetReasons } from './settings-diff.ts';
import { describeDown } from './views/down-reason.ts';
import type { PeerState } from './views.ts';

/** What a peer needs of the speaker. */
export interface PeerSurroundings extends RouteSurroundings {
  readonly services: SessionServices;
  /** Connections are named for the whole speaker. */
  ownConnection(connection: ConnectionId, peer: Peer): void;
  disownConnection(connection: ConnectionId): void;
  /** For monitoring stations; said after the routes of the session have their place, and before they lose it. */
  readonly monitoring: SessionWatcher;
  /** A dynamic peer may have no session any more. */
  idle(peer: Peer): void;
}

/** Message counters by type code (index 1..5). */
class MessageCounters {
  readonly received = new Float64Array(6);
  readonly sent = new Float64Array(6);
}

export class Peer {
  settings: PeerSettings;
  readonly dynamic: boolean;
  readonly session: PeerSession;
  readonly routes: PeerRoutes;
  readonly reports: PeerReports;
  readonly counters = new MessageCounters();
  readonly record = new SessionRecord();
  readonly #s: PeerSurroundings;
  readonly #framers = new Map<ConnectionId, Framer>();
  /** The connection that frames of update groups go to. */
  #output: ConnectionId | undefined;
  /** It had a connection once: a dynamic peer without one was only just made. */
  wasConnected = false;
  /** A stop that came up in the middle of a message: carried out after it. */
  #pendingStop: StopReason | undefined;

  constructor(settings: PeerSettings, dynamic: boolean, surroundings: PeerSurroundings) {
    this.settings = settings;
    this.dynamic = dynamic;
    this.#s = surroundings;
    const sessionSettings = sessionSettingsOf(surroundings.router(), settings, settings.address);
    this.session = new PeerSession(sessionSettings, surroundings.services);
    this.reports = new PeerReports(surroundings.host, this.name);
    const output = {
      frames: (bytes: Uint8Array, messages: number) => this.#sendFrames(bytes, messages),
      routeRefresh: (family: FamilyKey, subtype: 0 | 1 | 2) =>
        this.#run(this.session.sendRouteRefresh(family, subtype)),
    };
    this.routes = new PeerRoutes(settings, surroundings, output, this.reports, {
      malformed: (fault, action) => this.reports.malformed(fault, action),
      maxPrefixes: (family, count, mark) => this.#maxPrefixes(family, count, mark),
    });
  }

  get address(): IpAddress {
    return this.settings.address;
  }

  get name(): string {
    return this.settings.address.toString();
  }

  get source(): RouteSource {
    return this.routes.source;
  }

  /** Set while the session is Established. */
  get up(): Up | undefined {
    return this.routes.up;
  }

  get state(): PeerState {
    return this.#shown(this.session.state);
  }

  #shown(state: PeerState): PeerState {
    return state === 'idle' && this.session.snapshot().adminDown ? 'admin-down' : state;
  }

  /** The peer's AS: from the session where there is one. */
  get remoteAs(): number {
    return this.up?.negotiated.remoteAs ?? this.settings.remoteAs;
  }

  // --- Events in ---

  handle(event: SessionEvent): void {
    this.#run(this.session.handle(event, this.#s.host.now()));
  }

  /** The next time this peer wants `advance`. */
  nextDeadline(): number {
    return Math.min(this.session.nextDeadline(), this.routes.nextDeadline());
  }

  advance(now: number): void {
    this.#run(this.session.advance(now));
    this.routes.advance(now);
    // A dynamic peer whose kept routes are gone has nothing left to stay for.
    if (this.session.state !== 'established') this.#s.idle(this);
  }

  /** An incoming connection. The session says through its actions whether it stays. */
  accept(connection: ConnectionId, localAddress: IpAddress): void {
    this.#adopt(connection);
    this.handle({ type: 'tcp-established', connection, direction: 'incoming', localAddress });
  }

  received(connection: ConnectionId, bytes: Uint8Array): void {
    const framer = this.#framers.get(connection);
    if (framer === undefined) return;
    const now = this.#s.host.now();
    try {
      framer.push(bytes, (message, start, end, type) => {
        this.counters.received[type]++;
        if (type === MessageType.update && this.session.touch(connection, now)) {
          this.#s.instance.receiver.receive(this.source, message, start, end);
        } else this.#receivedControl(connection, message, start, end, type);
        if (this.#pendingStop !== undefined) this.#stopNow();
        if (!this.#framers.has(connection)) framer.stop();
      });
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      this.handle({ type: 'wire-error', connection, error });
    }
  }

  #receivedControl(
    connection: ConnectionId,
    bytes: Uint8Array,
    start: number,
    end: number,
    type: number,
  ): void {
    if (type === MessageType.update) {
      // Not on an established connection: the session knows which error that is.
      this.handle({ type: 'update', connection });
      return;
    }
    const message = decodeControlMessage(bytes, start, end, type);
    if (message.type === 'open') this.record.openReceived(connection, bytes.subarray(start, end));
    if (message.type === 'notification') this.reports.notification('notification-received', message);
    this.handle({ type: 'message', connection, message });
  }

  writable(connection: ConnectionId): void {
    if (this.#output === connection) {
      this.routes.uncongest();
      this.#s.host.wake();
    }
    if (!this.session.progress(connection)) this.handle({ type: 'send-progress', connection });
  }

  // --- Actions out ---

  #run(actions: readonly SessionAction[]): void {
    for (const action of actions) this.#act(action);
  }

  #act(action: SessionAction): void {
    switch (action.type) {
      case 'connect': {
        this.#adopt(action.connection);
        const { address, port, localAddress, transport } = this.settings;
        this.#s.host.connect({ connection: action.connection, address, port, localAddress, transport });
        return;
      }
      case 'send':
        this.#send(action.connection, action.bytes);
        return;
      case 'close':
        this.#framers.delete(action.connection);
        this.record.connectionGone(action.connection);
        this.#s.disownConnection(action.connection);
        this.#s.host.close(action.connection, action.how);
        return;
      case 'codec': {
        const framer = this.#framers.get(action.connection);
        if (framer) framer.maxMessage = action.codec.maxMessageReceive;
        return;
      }
      case 'established':
        this.#output = action.connection;
        this.routes.established(action.negotiated, action.localAddress);
        this.#s.monitoring.up(this.#recorded(action));
        this.#s.host.wake();
        return;
      case 'down':
        this.#output = undefined;
        if (this.record.current)
          this.#s.monitoring.down(this.record.current, this.record.ended(action.reason));
        this.routes.down(action.keepRoutes, action.restartTimeSeconds);
        this.#s.restartProgress();
        this.#s.host.wake();
        return;
      case 'route-refresh':
        this.routes.refreshRequested(action.family, action.subtype);
        return;
      case 'state':
        this.reports.state(action.from, this.#shown(action.to), action.reason && describeDown(action.reason));
        if (action.to === 'idle' || action.to === 'active') this.#s.idle(this);
        return;
      default:
        assertNever(action);
    }
  }

  #recorded({
    connection,
    negotiated,
    localAddress,
  }: Extract<SessionAction, { type: 'established' }>): MonitoredSession {
    const { host } = this.#s;
    return this.record.established({
      peer: this.source.id,
      address: this.address,
      localAddress,
      connection,
      negotiated,
      ports: host.ports?.(connection),
      since: host.now(),
    });
  }

  #adopt(connection: ConnectionId): void {
    this.wasConnected = true;
    this.#framers.set(connection, new Framer());
    this.#s.ownConnection(connection, this);
  }

  /** The connection is dead: nothing of it is kept. */
  lost(connection: ConnectionId, detail: string): void {
    this.#framers.delete(connection);
    this.record.connectionGone(connection);
    this.handle({ type: 'tcp-failed', connection, detail });
  }

  #send(connection: ConnectionId, bytes: Uint8Array): void {
    const type = bytes[18];
    this.counters.sent[type]++;
    if (type === MessageType.notification) {
      const fields = { code: bytes[19], subcode: bytes[20], data: bytes.subarray(21) };
      this.reports.notification('notification-sent', fields);
      this.record.notificationSent(bytes);
    }
    if (!this.#s.host.send(connection, bytes)) this.handle({ type: 'send-blocked', connection });
  }

  #sendFrames(bytes: Uint8Array, messages: number): boolean {
    const connection = this.#output;
    if (connection === undefined) return false;
    this.counters.sent[MessageType.update] += messages;
    const open = this.#s.host.send(connection, bytes);
    if (!open) this.handle({ type: 'send-blocked', connection });
    return open;
  }

  #maxPrefixes(state: SourceFamily, count: number, mark: 'warning' | 'limit'): void {
    const limits = state.maxPrefixes;
    if (limits === undefined) return;
    if (mark === 'warning') {
      this.reports.maxPrefixes(state, count, 'warn');
      return;
    }
    if (state.limitReported) return;
    state.limitReported = true;
    this.reports.maxPrefixes(state, count, limits.action);
    if (limits.action !== 'idle') return;
    const { limit, restartSeconds } = limits;
    this.#pendingStop = { type: 'maximum-prefixes', family: state.family, limit, restartSeconds };
  }

  #stopNow(): void {
    const reason = this.#pendingStop;
    this.#pendingStop = undefined;
    if (reason !== undefined) this.handle({ type: 'manual-stop', reason });
  }

  /** The update group has answered an enhanced refresh. */
  refreshEnded(family: FamilyKey): void {
    this.#run(this.session.sendRouteRefresh(family, 2));
  }

  // --- Settings ---

  reconfigure(settings: PeerSettings): void {
    // The session resets itself for what its OPEN said; the rest (the local address) is known here only.
    const reset = sessionResetReasons(this.settings, settings).length > 0 && this.session.state !== 'idle';
    this.settings = settings;
    if (reset) this.handle({ type: 'manual-stop', reason: { type: 'configuration-change' } });
    const next = sessionSettingsOf(this.#s.router(), settings, settings.address);
    this.#run(this.session.reconfigure(next, this.#s.host.now()));
    if (reset) this.handle({ type: 'manual-start' });
    this.routes.reconfigure(settings);
  }

  /** Ends the session and gives back everything. */
  remove(): void {
    this.handle({ type: 'manual-stop', reason: { type: 'peer-deconfigured' } });
    this.routes.remove();
    this.#s.host.wake();
  }
}
