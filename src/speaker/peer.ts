/**
 * One peer of an instance: its session, its connections, its place as a source of routes and as a member of
 * update groups. Carries events in and actions out; protocol is `session/`, routes are `RoutingInstance`.
 */
import { assertNever } from '../net/assert-never.ts';
import { type FamilyKey, formatFamily } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import { PeerRole, type PeerRoleCode } from '../rib/peer-columns.ts';
import type {
  ConnectionId,
  Negotiated,
  SessionAction,
  SessionEvent,
  SessionServices,
  StopReason,
} from '../session/contract.ts';
import { PeerSession } from '../session/peer-session.ts';
import { toHex } from '../wire/bytes.ts';
import { decodeControlMessage } from '../wire/control-message.ts';
import { type AttributeFault, NotificationError } from '../wire/errors.ts';
import { Framer } from '../wire/framer.ts';
import { MessageType, plainCodec } from '../wire/messages.ts';
import { describeNotification } from '../wire/notification.ts';
import type { LocalInterface, SpeakerHost } from './host.ts';
import type { Membership, RoutingInstance } from './instance.ts';
import type { OwnAddresses } from './own-addresses.ts';
import { groupSettingsFor, isExternal } from './peer-groups.ts';
import type { ImportRules, RouteSource, SourceFamily } from './route-source.ts';
import { sourceFamily } from './route-source.ts';
import { sessionSettingsOf } from './session-settings.ts';
import type { PeerSettings, RouterSettings } from './settings.ts';
import { describeDown } from './views/down-reason.ts';
import type { PeerState, PeerView } from './views.ts';

/** What a peer needs of the speaker. */
export interface PeerSurroundings {
  readonly host: SpeakerHost;
  readonly instance: RoutingInstance;
  readonly services: SessionServices;
  readonly ownAddresses: OwnAddresses;
  router(): RouterSettings;
  interfaces(): readonly LocalInterface[];
  /** Connections are named for the whole speaker. */
  ownConnection(connection: ConnectionId, peer: Peer): void;
  disownConnection(connection: ConnectionId): void;
  /** End-of-RIB came, or the session went: a restarting speaker waits for all (RFC 4724 §4.1). */
  restartProgress(): void;
  /** A dynamic peer has no session any more. */
  idle(peer: Peer): void;
}

type Fault = PeerView['faults'][number];
const keptFaults = 16;

/** Message counters by type code (index 1..5). */
export class MessageCounters {
  readonly received = new Float64Array(6);
  readonly sent = new Float64Array(6);
}

/** Established: what lasts as long as this session. */
interface Up {
  readonly connection: ConnectionId;
  readonly negotiated: Negotiated;
  readonly localAddress: IpAddress;
  readonly memberships: ReadonlyMap<FamilyKey, Membership>;
}

export class Peer {
  settings: PeerSettings;
  readonly dynamic: boolean;
  readonly session: PeerSession;
  readonly source: RouteSource;
  readonly counters = new MessageCounters();
  readonly faults: Fault[] = [];
  up: Up | undefined;
  readonly #s: PeerSurroundings;
  readonly #framers = new Map<ConnectionId, Framer>();
  /** Stops that came up in the middle of a message: carried out after it. */
  #pendingStop: StopReason | undefined;
  #removed = false;

  constructor(settings: PeerSettings, dynamic: boolean, surroundings: PeerSurroundings) {
    this.settings = settings;
    this.dynamic = dynamic;
    this.#s = surroundings;
    const router = surroundings.router();
    this.session = new PeerSession(
      sessionSettingsOf(router, settings, settings.address),
      surroundings.services,
    );
    const id = surroundings.instance.addSource(
      settings.address,
      this.#role(settings.remoteAs),
      settings.remoteAs,
    );
    const families = new Map(settings.families.map((f) => [f, sourceFamily(f, settings.maxPrefixes.get(f))]));
    this.source = {
      id,
      rules: this.#importRules(settings.remoteAs),
      context: { ...plainCodec, external: isExternal(router, settings.remoteAs) },
      families,
      listener: {
        malformed: (fault, action) => this.#malformed(fault, action),
        maxPrefixes: (family, count, mark) => this.#maxPrefixes(family, count, mark),
        endOfRib: (family) => this.#endOfRib(family),
      },
    };
  }

  get address(): IpAddress {
    return this.settings.address;
  }

  get name(): string {
    return this.settings.address.toString();
  }

  get state(): PeerState {
    return this.session.snapshot().adminDown && this.session.state === 'idle'
      ? 'admin-down'
      : this.session.state;
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
    let at = this.session.nextDeadline();
    for (const family of this.source.families.values()) at = Math.min(at, family.staleUntil);
    return at;
  }

  advance(now: number): void {
    this.#run(this.session.advance(now));
    for (const family of this.source.families.values()) {
      if (family.staleUntil > now) continue;
      family.staleUntil = Number.POSITIVE_INFINITY;
      this.#sweep(family.family);
    }
  }

  /** An incoming connection. The session says through its actions whether it stays. */
  accept(connection: ConnectionId, localAddress: IpAddress): void {
    this.#adopt(connection);
    this.handle({ type: 'tcp-established', connection, direction: 'incoming', localAddress });
  }

  received(connection: ConnectionId, bytes: Uint8Array): void {
    const framer = this.#framers.get(connection);
    if (framer === undefined) return;
    try {
      framer.push(bytes, this.#onMessage(connection, framer));
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      this.handle({ type: 'wire-error', connection, error });
    }
  }

  #onMessage(connection: ConnectionId, framer: Framer) {
    return (bytes: Uint8Array, start: number, end: number, type: number): void => {
      this.counters.received[type]++;
      if (type === MessageType.update) {
        if (this.session.touch(connection, this.#s.host.now())) {
          this.#s.instance.receiver.receive(this.source, bytes, start, end);
        } else this.handle({ type: 'update', connection });
      } else {
        const message = decodeControlMessage(bytes, start, end, type);
        if (message.type === 'notification') this.#notified('notification-received', message);
        this.handle({ type: 'message', connection, message });
      }
      if (this.#pendingStop !== undefined) {
        const reason = this.#pendingStop;
        this.#pendingStop = undefined;
        this.handle({ type: 'manual-stop', reason });
      }
      if (!this.#framers.has(connection)) framer.stop();
    };
  }

  writable(connection: ConnectionId): void {
    if (this.up?.connection === connection) {
      for (const { member } of this.up.memberships.values()) if (member) member.congested = false;
      this.#s.host.wake();
    }
    this.handle({ type: 'send-progress', connection });
  }

  // --- Actions out ---

  #run(actions: readonly SessionAction[]): void {
    for (const action of actions) this.#act(action);
  }

  #act(action: SessionAction): void {
    switch (action.type) {
      case 'connect': {
        this.#adopt(action.connection);
        const { address, port, localAddress } = this.settings;
        this.#s.host.connect({ connection: action.connection, address, port, localAddress });
        return;
      }
      case 'send':
        this.#send(action.connection, action.bytes);
        return;
      case 'close':
        this.#framers.delete(action.connection);
        this.#s.disownConnection(action.connection);
        this.#s.host.close(action.connection, action.how);
        return;
      case 'codec': {
        const framer = this.#framers.get(action.connection);
        if (framer) framer.maxMessage = action.codec.maxMessageReceive;
        return;
      }
      case 'established':
        this.#established(action);
        return;
      case 'down':
        this.#down(action.keepRoutes, action.restartTimeSeconds);
        return;
      case 'route-refresh':
        this.#refreshRequested(action.family, action.subtype);
        return;
      case 'state':
        this.#stateChanged(action);
        return;
      default:
        assertNever(action);
    }
  }

  #adopt(connection: ConnectionId): void {
    this.#framers.set(connection, new Framer());
    this.#s.ownConnection(connection, this);
  }

  #send(connection: ConnectionId, bytes: Uint8Array): boolean {
    const type = bytes[18];
    this.counters.sent[type]++;
    if (type === MessageType.notification) {
      this.#notified('notification-sent', { code: bytes[19], subcode: bytes[20], data: bytes.subarray(21) });
    }
    const open = this.#s.host.send(connection, bytes);
    if (!open) this.handle({ type: 'send-blocked', connection });
    return open;
  }

  /** Frames of an update group, of one or more UPDATEs. */
  #sendFrames(connection: ConnectionId, bytes: Uint8Array): boolean {
    const open = this.#s.host.send(connection, bytes);
    if (!open) this.handle({ type: 'send-blocked', connection });
    return open;
  }

  #stateChanged(action: Extract<SessionAction, { type: 'state' }>): void {
    const shown = (state: typeof action.from): PeerState =>
      state === 'idle' && this.session.snapshot().adminDown ? 'admin-down' : state;
    this.#s.host.event({
      type: 'peer-state',
      at: this.#s.host.now(),
      peer: this.name,
      from: action.from,
      to: shown(action.to),
      reason: action.reason && describeDown(action.reason),
    });
    if (action.to === 'idle' || action.to === 'active') this.#s.idle(this);
  }

  // --- The session comes and goes ---

  #established({
    connection,
    negotiated,
    localAddress,
  }: Extract<SessionAction, { type: 'established' }>): void {
    const { instance, ownAddresses } = this.#s;
    const { codec } = negotiated;
    const role = this.#role(negotiated.remoteAs);
    instance.tables.peers.role[this.source.id] = role;
    instance.tables.peers.remoteAs[this.source.id] = negotiated.remoteAs;
    instance.tables.peers.bgpIdentifier[this.source.id] = negotiated.remoteBgpIdentifier;
    ownAddresses.add(localAddress);
    this.source.context = { ...codec, external: role === PeerRole.external };
    const rules = this.#importRules(negotiated.remoteAs);
    if (!sameRules(rules, this.source.rules)) this.source.rules = rules;
    const memberships = new Map<FamilyKey, Membership>();
    this.up = { connection, negotiated, localAddress, memberships };
    this.#beginFamilies(negotiated);
    for (const family of codec.families) {
      memberships.set(family, {
        peer: this.source.id,
        bgpIdentifier: negotiated.remoteBgpIdentifier,
        send: (bytes) => this.#sendFrames(connection, bytes),
        group: undefined,
        member: undefined,
        awaited: undefined,
      });
    }
    this.assignGroups();
    this.#s.host.wake();
  }

  /** Fresh counters; and what becomes of routes kept over a restart of the peer (RFC 4724 §4.2). */
  #beginFamilies(negotiated: Negotiated): void {
    const { instance } = this.#s;
    for (const family of new Set([...this.source.families.keys(), ...negotiated.codec.families])) {
      const fresh = sourceFamily(family, this.settings.maxPrefixes.get(family));
      this.source.families.set(family, fresh);
      if (instance.family(family).rib.heldBy(this.source.id) === 0) continue;
      const told = negotiated.gracefulRestart?.families.find((f) => f.family === family);
      const helper = this.settings.gracefulRestart;
      // The routes stay only if the peer says that it kept forwarding for this family.
      if (told?.forwarding && helper !== undefined && negotiated.codec.families.has(family)) {
        fresh.staleUntil = this.#s.host.now() + helper.maxStaleSeconds * 1000;
      } else this.#sweep(family);
    }
  }

  /** Puts the peer into the update groups that its settings ask for; also after a change of policy. */
  assignGroups(): void {
    if (this.up === undefined) return;
    const { instance } = this.#s;
    for (const [family, membership] of this.up.memberships) {
      const settings = groupSettingsFor(family, {
        router: this.#s.router(),
        peer: this.settings,
        peerAddress: this.address,
        negotiated: this.up.negotiated,
        localAddress: this.up.localAddress,
        policy: instance.policy(this.settings.exportPolicy),
        interfaces: this.#s.interfaces(),
      });
      instance.assign(family, membership, settings);
    }
  }

  #down(keepRoutes: readonly FamilyKey[], restartTimeSeconds: number): void {
    const { up } = this;
    if (up === undefined) return;
    this.up = undefined;
    const { instance, host, ownAddresses } = this.#s;
    ownAddresses.remove(up.localAddress);
    for (const [family, membership] of up.memberships) instance.resign(family, membership);
    const helper = this.settings.gracefulRestart?.helper ?? false;
    for (const [family, state] of this.source.families) {
      const held = instance.family(family).rib.heldBy(this.source.id);
      instance.family(family).markAllStale(this.source.id);
      if (held > 0 && helper && !this.#removed && keepRoutes.includes(family)) {
        const limit = Math.min(restartTimeSeconds, this.settings.gracefulRestart?.maxStaleSeconds ?? 0);
        state.staleUntil = host.now() + limit * 1000;
        this.#staleEvent(family, 'kept', held);
      } else {
        state.staleUntil = Number.POSITIVE_INFINITY;
        this.#sweep(family);
      }
    }
    this.#s.restartProgress();
    host.wake();
  }

  #sweep(family: FamilyKey): void {
    const state = this.#s.instance.family(family);
    const before = state.rib.heldBy(this.source.id);
    state.sweep(this.source.id, () => {
      const removed = before - state.rib.heldBy(this.source.id);
      if (removed > 0) this.#staleEvent(family, 'removed', removed);
    });
    this.#s.host.wake();
  }

  #staleEvent(family: FamilyKey, phase: 'kept' | 'removed', count: number): void {
    const { host } = this.#s;
    host.event({
      type: 'stale-routes',
      at: host.now(),
      peer: this.name,
      family: formatFamily(family),
      phase,
      count,
    });
  }

  #endOfRib(family: FamilyKey): void {
    const state = this.source.families.get(family);
    if (state === undefined) return;
    const { host } = this.#s;
    if (!state.endOfRibReceived) {
      state.endOfRibReceived = true;
      host.event({
        type: 'end-of-rib',
        at: host.now(),
        peer: this.name,
        family: formatFamily(family),
        direction: 'received',
      });
    }
    if (state.staleUntil !== Number.POSITIVE_INFINITY) {
      // RFC 4724 §4.2: what was not announced again is removed.
      state.staleUntil = Number.POSITIVE_INFINITY;
      this.#sweep(family);
    }
    this.#s.restartProgress();
  }

  endOfRibSent(family: FamilyKey): void {
    const state = this.source.families.get(family);
    if (state === undefined) return;
    state.endOfRibSent = true;
    const { host } = this.#s;
    host.event({
      type: 'end-of-rib',
      at: host.now(),
      peer: this.name,
      family: formatFamily(family),
      direction: 'sent',
    });
  }

  // --- Route refresh (RFC 2918, RFC 7313) ---

  #refreshRequested(family: FamilyKey, subtype: number): void {
    const { instance } = this.#s;
    if (subtype === 1) instance.family(family).markAllStale(this.source.id);
    else if (subtype === 2) this.#sweep(family);
    else if (subtype === 0) this.sendAll(family);
  }

  /** Sends a family again from the start. */
  sendAll(family: FamilyKey): void {
    const membership = this.up?.memberships.get(family);
    if (this.up === undefined || membership?.group === undefined || membership.member === undefined) return;
    const enhanced = this.up.negotiated.enhancedRouteRefresh;
    if (enhanced) this.#run(this.session.sendRouteRefresh(family, 1));
    membership.group.refresh(membership.member, { enhanced });
    this.#s.host.wake();
  }

  refreshEnded(family: FamilyKey): void {
    this.#run(this.session.sendRouteRefresh(family, 2));
  }

  /** Judges the stored routes again and asks the peer for its own again, where it can be asked. */
  softIn(): void {
    this.#s.instance.reimport(this.source);
    for (const family of this.up?.memberships.keys() ?? [])
      this.#run(this.session.sendRouteRefresh(family, 0));
    this.#s.host.wake();
  }

  softOut(): void {
    for (const family of this.up?.memberships.keys() ?? []) this.sendAll(family);
  }

  // --- Settings ---

  reconfigure(settings: PeerSettings): void {
    const old = this.settings;
    this.settings = settings;
    const { host, instance } = this.#s;
    this.#run(
      this.session.reconfigure(sessionSettingsOf(this.#s.router(), settings, settings.address), host.now()),
    );
    instance.tables.peers.role[this.source.id] = this.#role(this.remoteAs);
    for (const state of this.source.families.values())
      state.maxPrefixes = settings.maxPrefixes.get(state.family);
    const rules = this.#importRules(this.remoteAs);
    if (!sameRules(rules, this.source.rules)) {
      this.source.rules = rules;
      instance.reimport(this.source);
    }
    if (old.routeReflectorClient !== settings.routeReflectorClient) instance.redecide();
    this.assignGroups();
    host.wake();
  }

  /** Ends the session and gives back everything. */
  remove(): void {
    this.#removed = true;
    this.handle({ type: 'manual-stop', reason: { type: 'peer-deconfigured' } });
    for (const state of this.source.families.values()) state.staleUntil = Number.POSITIVE_INFINITY;
    this.#s.instance.removeSource(this.source.id);
    this.#s.host.wake();
  }

  #role(remoteAs: number): PeerRoleCode {
    if (isExternal(this.#s.router(), remoteAs)) return PeerRole.external;
    return this.settings.routeReflectorClient ? PeerRole.client : PeerRole.nonClient;
  }

  #importRules(remoteAs: number): ImportRules {
    const router = this.#s.router();
    const external = isExternal(router, remoteAs);
    const { ownAddresses } = this.#s;
    return {
      eligibility: {
        localAs: external ? this.settings.localAs : router.asn,
        clusterId: router.clusterId,
        routerId: router.routerId,
        allowOwnAs: this.settings.allowOwnAs,
        external,
        firstAs: external && this.settings.enforceFirstAs ? remoteAs : 0,
        isOwnAddress: (bytes) => ownAddresses.has(bytes),
      },
      policy: this.#s.instance.policy(this.settings.importPolicy),
      gracefulShutdown: this.settings.gracefulShutdown,
    };
  }

  // --- What the operator hears ---

  #malformed(fault: AttributeFault, action: string): void {
    const { host } = this.#s;
    const event = { at: host.now(), action, detail: fault.detail, bytes: toHex(fault.bytes) };
    if (this.faults.push(event) > keptFaults) this.faults.shift();
    host.event({ type: 'malformed-update', peer: this.name, ...event });
  }

  #maxPrefixes(state: SourceFamily, count: number, mark: 'warning' | 'limit'): void {
    const limits = state.maxPrefixes;
    if (limits === undefined) return;
    const ends = mark === 'limit' && limits.action === 'idle';
    if (ends) {
      if (this.#pendingStop !== undefined) return;
      const { family } = state;
      this.#pendingStop = {
        type: 'maximum-prefixes',
        family,
        limit: limits.limit,
        restartSeconds: limits.restartSeconds,
      };
    } else if (mark === 'limit') {
      if (state.limitReported) return;
      state.limitReported = true;
    }
    const { host } = this.#s;
    host.event({
      type: 'max-prefixes',
      at: host.now(),
      peer: this.name,
      family: formatFamily(state.family),
      limit: limits.limit,
      count,
      action: mark === 'warning' ? 'warn' : limits.action,
    });
  }

  #notified(
    type: 'notification-sent' | 'notification-received',
    { code, subcode, data }: { readonly code: number; readonly subcode: number; readonly data: Uint8Array },
  ): void {
    const { host } = this.#s;
    const text = describeNotification(code, subcode, data);
    host.event({ type, at: host.now(), peer: this.name, code, subcode, text, data: toHex(data) });
  }
}

function sameRules(a: ImportRules, b: ImportRules): boolean {
  const { isOwnAddress: _a, ...x } = a.eligibility;
  const { isOwnAddress: _b, ...y } = b.eligibility;
  return (
    a.policy?.key === b.policy?.key &&
    a.gracefulShutdown === b.gracefulShutdown &&
    JSON.stringify(x) === JSON.stringify(y)
  );
}
