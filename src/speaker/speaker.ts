/**
 * The daemon without I/O: peers, their connections, timers and the routing instance, driven by a host
 * (host.ts) and asked by management (views.ts). Never opens a socket, reads a clock or logs.
 *
 * An error of our own while serving one peer ends that peer's session, not the process (architecture §5).
 */

import type { GroupMember } from '../export/member.ts';
import { routeTargetConstrain } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { Resolver } from '../rib/next-hop-table.ts';
import type { ConnectionId, SessionServices } from '../session/contract.ts';
import type { FamilyState } from './family-state.ts';
import { bindHost, type LocalInterface, type SpeakerHost } from './host.ts';
import { RoutingInstance } from './instance.ts';
import { LocalNetworks } from './local-networks.ts';
import { settleDefaultMembership } from './memberships.ts';
import { SessionWatchers } from './monitoring.ts';
import { OwnAddresses } from './own-addresses.ts';
import { Pace } from './pace.ts';
import { Peer, type PeerSurroundings } from './peer.ts';
import { PeerDirectory } from './peer-directory.ts';
import { applySettings } from './reconfigure.ts';
import { isSynchronised, RestartDeferral } from './restart.ts';
import type { InstanceSettings } from './settings.ts';
import type { FibPort, SpeakerEvent, StationView } from './views.ts';

export type SpeakerStop =
  | { readonly type: 'admin-shutdown'; readonly message: string }
  | { readonly type: 'silent' };

/** Of route work, unless the host says otherwise. */
const turnMilliseconds = 10;

export class Speaker {
  settings: InstanceSettings;
  readonly host: SpeakerHost;
  readonly instance: RoutingInstance;
  readonly directory: PeerDirectory;
  readonly networks: LocalNetworks;
  readonly ownAddresses = new OwnAddresses((address) => this.#ownAddressChanged(address));
  readonly startedAt: number;
  readonly monitoring = new SessionWatchers();
  readonly restart: RestartDeferral;
  /** Set by whoever installs best routes. */
  fib: FibPort | undefined;
  /** Set by whoever reports to monitoring stations. */
  stations: () => readonly StationView[] = () => [];
  readonly #connections = new Map<ConnectionId, Peer>();
  readonly #listeners = new Set<{
    readonly routes: boolean;
    readonly listener: (event: SpeakerEvent) => void;
  }>();
  readonly #surroundings: PeerSurroundings;
  #stopRouteEvents: (() => void) | undefined;
  #interfaces: readonly LocalInterface[] = [];
  #nextConnection: ConnectionId = 1;
  readonly #pace = new Pace();
  #deadline = 0;
  #stopping = false;

  constructor(
    settings: InstanceSettings,
    host: SpeakerHost,
    options: { readonly restarted: boolean } = { restarted: false },
  ) {
    this.settings = settings;
    this.startedAt = host.now();
    this.host = { ...bindHost(host), event: (event) => this.#emit(host, event) };
    this.restart = new RestartDeferral(settings.router.gracefulRestart, options.restarted, this.startedAt);
    this.instance = new RoutingInstance(
      settings.router,
      settings.policies,
      Math.floor(host.random() * 2 ** 32),
      {
        refreshEnded: (member, family) => this.#peerOf(member)?.refreshEnded(family),
        endOfRibSent: (member, family) => this.#peerOf(member)?.routes.endOfRibSent(family),
        selectionDeferred: () => this.restart.deferring,
        membershipsChanged: () => this.#membershipsChanged(),
        holdsSent: () => host.holdsSent(),
        bestChanged: undefined,
      },
    );
    const { receiver } = this.instance;
    receiver.routeLimit.onReached = (limit, count) =>
      this.host.event({ type: 'route-limit', at: this.host.now(), limit, count });
    receiver.setLimits(settings.limits);
    this.networks = new LocalNetworks(this.instance);
    this.#surroundings = this.#makeSurroundings();
    this.directory = new PeerDirectory((peer, dynamic) => new Peer(peer, dynamic, this.#surroundings));
    for (const { address } of settings.router.listen) if (address) this.ownAddresses.add(address);
    this.networks.configure(settings.networks);
  }

  #makeSurroundings(): PeerSurroundings {
    const services: SessionServices = {
      random: () => this.host.random(),
      nextConnectionId: () => this.nextConnectionId(),
      restartState: () => this.restart.state,
      hostReadLag: (connection) => this.host.readLag(connection),
    };
    return {
      host: this.host,
      instance: this.instance,
      services,
      ownAddresses: this.ownAddresses,
      router: () => this.settings.router,
      interfaces: () => this.#interfaces,
      ownConnection: (connection, peer) => this.#connections.set(connection, peer),
      disownConnection: (connection) => this.#connections.delete(connection),
      membershipsChanged: () => this.#membershipsChanged(),
      restartProgress: () => this.#restartProgress(),
      idle: (peer) => this.#peerIdle(peer),
      monitoring: this.monitoring,
    };
  }

  /** Connects to everybody. */
  start(): void {
    for (const peer of this.settings.peers) this.addPeer(this.directory.add(peer, { dynamic: false }));
    this.#restartProgress();
    this.host.wake();
  }

  /** Ends all sessions: with Cease/administrative shutdown, or silently so that peers keep our routes. */
  stop(reason: SpeakerStop): void {
    this.#stopping = true;
    for (const peer of this.directory.all())
      this.guard(peer, () => peer.handle({ type: 'manual-stop', reason }));
  }

  reconfigure(settings: InstanceSettings): void {
    applySettings(this, settings);
    this.#rearm(0);
  }

  /** Connection ids for connections that the host accepts. */
  nextConnectionId(): ConnectionId {
    return this.#nextConnection++;
  }

  addPeer(peer: Peer): void {
    this.host.event({ type: 'peer-added', at: this.host.now(), peer: peer.name, dynamic: peer.dynamic });
    this.guard(peer, () => peer.handle({ type: 'automatic-start' }));
  }

  removePeer(peer: Peer): void {
    this.directory.remove(peer);
    this.guard(peer, () => peer.remove());
    this.host.event({ type: 'peer-removed', at: this.host.now(), peer: peer.name, dynamic: peer.dynamic });
  }

  // --- What the host tells (host.ts) ---

  connectionEstablished(connection: ConnectionId, localAddress: IpAddress): void {
    const peer = this.#connections.get(connection);
    const event = { type: 'tcp-established', connection, direction: 'outgoing', localAddress } as const;
    if (peer !== undefined) this.guard(peer, () => peer.handle(event));
  }

  /** False: nobody wants it, close it. */
  acceptConnection(connection: ConnectionId, remote: IpAddress, local: IpAddress): boolean {
    const refusal = this.#stopping ? 'shutting down' : this.#admit(remote);
    if (refusal !== undefined) {
      this.host.event({
        type: 'connection-refused',
        at: this.host.now(),
        remote: remote.toString(),
        reason: refusal,
      });
      return false;
    }
    const peer = this.directory.find(remote);
    if (peer === undefined) return false;
    this.guard(peer, () => peer.accept(connection, local));
    this.#peerIdle(peer);
    return this.#connections.has(connection);
  }

  /** Finds or makes the peer of an address; why not otherwise. */
  #admit(remote: IpAddress): string | undefined {
    if (this.directory.find(remote) !== undefined) return undefined;
    const most = this.settings.limits.peers;
    if (most !== undefined && this.directory.size >= most) return `the instance has ${most} peers: its limit`;
    const made = this.directory.addDynamic(this.settings.dynamicPeers, remote);
    if (typeof made === 'string') return made;
    this.addPeer(made);
    return undefined;
  }

  received(connection: ConnectionId, bytes: Uint8Array): void {
    const peer = this.#connections.get(connection);
    if (peer === undefined) return;
    // As `guard` does, without a closure for every chunk.
    try {
      peer.received(connection, plainBytes(bytes));
    } catch (error) {
      this.#broke(peer, error);
    }
    this.#rearm(peer.nextDeadline());
    const now = this.host.now();
    this.instance.receiver.rate.settle(now);
    if (this.instance.hasWork(now)) this.host.wake();
  }

  connectionFailed(connection: ConnectionId, detail: string): void {
    const peer = this.#connections.get(connection);
    if (peer === undefined) return;
    this.#connections.delete(connection);
    this.guard(peer, () => peer.lost(connection, detail));
  }

  writable(connection: ConnectionId): void {
    const peer = this.#connections.get(connection);
    if (peer !== undefined) this.guard(peer, () => peer.writable(connection));
  }

  /** Fires due timers. */
  advance(now: number): void {
    if (now < this.#deadline) return;
    for (const peer of this.directory.all()) {
      if (peer.nextDeadline() <= now) this.guard(peer, () => peer.advance(now));
    }
    if (this.restart.advance(now)) this.host.wake();
    if (this.instance.nextDeadline() <= now) this.host.wake();
    this.#deadline = this.#earliest(now);
  }

  /** One turn of route work, of about so many milliseconds; true while there is more. */
  work(now: number, budgetMilliseconds = turnMilliseconds): boolean {
    const began = this.host.now();
    const more = this.instance.work(now, this.#pace.items);
    this.#pace.took(this.host.now() - began, { budget: budgetMilliseconds, cut: more });
    this.#rearm(this.instance.nextDeadline());
    return more;
  }

  /** Destinations that wait for a decision: while they are many, the host reads no more of them. */
  get backlog(): number {
    return this.instance.backlog;
  }

  /** Host milliseconds before which no more is to be read: `limits.updatesPerSecond` is used up. */
  get restUntil(): number {
    return this.instance.receiver.rate.restUntil;
  }

  /** Host milliseconds of the next timer; never later than the true one. */
  nextDeadline(): number {
    return this.#deadline;
  }

  #earliest(now: number): number {
    let at = this.restart.deadline;
    for (const peer of this.directory.all()) at = Math.min(at, peer.nextDeadline());
    const feed = this.instance.nextDeadline();
    return feed > now ? Math.min(at, feed) : at;
  }

  #rearm(deadline: number): void {
    if (deadline < this.#deadline) this.#deadline = deadline;
  }

  /** The machine's interfaces: what can be our next hop, and what is a third party's (RFC 4271 §5.1.3). */
  setInterfaces(interfaces: readonly LocalInterface[]): void {
    if (JSON.stringify(interfaces) === JSON.stringify(this.#interfaces)) return;
    const before = addressesOf(this.#interfaces);
    const added = [...addressesOf(interfaces)].filter((address) => !before.has(address));
    this.#interfaces = interfaces;
    for (const peer of this.directory.all()) {
      const isBack = added.includes(String(peer.settings.localAddress));
      this.guard(peer, () => {
        peer.routes.interfacesChanged();
        if (isBack) peer.handle({ type: 'local-address-up' });
      });
    }
    this.host.wake();
  }

  /** What next hops resolve to now, for `nextHopResolution: kernel`; until it is told, none can be reached. */
  setKernelResolver(resolver: Resolver): void {
    this.instance.setKernelResolver(resolver);
    if (this.settings.router.nextHopResolution !== 'kernel') return;
    this.instance.reresolve(
      this.settings.router,
      this.directory.all().map(({ source }) => source),
    );
    this.#restartProgress();
    this.host.wake();
  }

  // --- Inside ---

  /** RFC 4271 §5.1.3: routes through an address that became ours are out, those through one that was ours are in. */
  #ownAddressChanged(address: IpAddress): void {
    if (!this.instance.tables.nextHops.has(address.bytes)) return;
    for (const { source } of this.directory.all()) this.instance.reimport(source);
    this.host.wake();
  }

  /** Runs what concerns one peer; an error of ours costs that peer its session and nothing else. */
  guard(peer: Peer, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#broke(peer, error);
    }
    this.#rearm(peer.nextDeadline());
  }

  #broke(peer: Peer, error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.host.event({ type: 'internal-error', at: this.host.now(), peer: peer.name, detail });
    peer.handle({ type: 'manual-stop', reason: { type: 'admin-reset', message: 'internal error' } });
    peer.handle({ type: 'manual-start' });
  }

  /** RFC 4684: who is sent which VPN routes, and whether we want all of them. */
  #membershipsChanged(): void {
    // Asked whenever a session comes or goes, and of no concern where no peer has the family.
    if (!this.instance.families.has(routeTargetConstrain)) return;
    const peers = this.directory.all();
    const ups = peers.map((peer) => peer.up);
    settleDefaultMembership(this.instance, ups);
    for (const peer of peers) {
      if (peer.up?.memberships.has(routeTargetConstrain)) this.guard(peer, () => peer.routes.assignGroups());
    }
    this.host.wake();
  }

  #peerOf(member: GroupMember): Peer | undefined {
    return this.directory.bySource(member.peer);
  }

  /**
   * A dynamic peer that waits in Active without a connection goes, unless its routes are kept over its restart.
   * In Idle it stays: it is resting after an error, over its limit, or shut down by an operator.
   */
  #peerIdle(peer: Peer): void {
    const waits = peer.session.state === 'active' && peer.session.connections.length === 0;
    if (!peer.dynamic || !peer.wasConnected || !waits || peer.routes.keepsStale) return;
    if (this.directory.find(peer.address) === peer) this.removePeer(peer);
  }

  /** RFC 4724 §4.1: the deferral ends when all peers that restart with us have sent End-of-RIB. */
  #restartProgress(): void {
    if (!this.restart.deferring) return;
    const waiting = this.directory.all().some((peer) => !peer.dynamic && !isSynchronised(peer));
    if (waiting || (this.directory.size === 0 && this.settings.dynamicPeers.length > 0)) return;
    if (this.settings.router.nextHopResolution === 'kernel' && this.instance.tables.nextHops.hasUnreachable) {
      this.restart.waitForNextHops(this.host.now());
      this.#rearm(this.restart.deadline);
      return;
    }
    this.restart.end();
    this.host.wake();
  }

  // --- Events ---

  /** Returns the way to stop. */
  subscribe(options: { readonly routes: boolean }, listener: (event: SpeakerEvent) => void): () => void {
    const entry = { routes: options.routes, listener };
    this.#listeners.add(entry);
    this.#watchRoutes();
    return () => {
      this.#listeners.delete(entry);
      this.#watchRoutes();
    };
  }

  /** Best-path changes cost nothing while nobody listens. */
  #watchRoutes(): void {
    const wanted = [...this.#listeners].some((l) => l.routes);
    if (wanted)
      this.#stopRouteEvents ??= this.instance.watchBest((state, nlri) => this.onBestChanged(state, nlri));
    else {
      this.#stopRouteEvents?.();
      this.#stopRouteEvents = undefined;
    }
  }

  /** Set by the management side, which knows how to show a route. */
  onBestChanged: (state: FamilyState, nlri: number) => void = () => {};

  #emit(host: SpeakerHost, event: SpeakerEvent): void {
    if (event.type !== 'route') host.event(event);
    for (const { routes, listener } of this.#listeners) if (routes || event.type !== 'route') listener(event);
  }
}

/** A host's Buffer as what it is: `slice` of a Buffer does not copy, and what outlives the chunk must be a copy. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function addressesOf(interfaces: readonly LocalInterface[]): ReadonlySet<string> {
  return new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => String(address))));
}
