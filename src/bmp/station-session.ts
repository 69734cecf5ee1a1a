/**
 * What one connected station is told of one instance, in which order (RFC 7854 §3.3, §5; RFC 9069 §5): Initiation; per
 * peer Peer Up, its routes, End-of-RIB, changes, Peer Down; Termination. Without I/O: bytes go to `host.send`, and while
 * that answers false nothing is made of what changes but marks. Owns no connection and no reconnecting.
 *
 * Within a turn withdrawals go before announcements: a destination that went and came back is never withdrawn last.
 */
import { type FamilyKey, supportedFamilies } from '../net/family.ts';
import type { SessionEnd } from '../speaker/monitoring.ts';
import type { MonitorView } from '../speaker/settings.ts';
import { encodeEndOfRib } from '../wire/update-encode.ts';
import { encodePeerDown, encodePeerUp, encodeRouteMonitoring, encodeTermination } from './encode.ts';
import { PeerType, type PerPeerHeader, TerminationReason, type WallMilliseconds } from './messages.ts';
import { Outbox, type StationCounters } from './outbox.ts';
import { initiation, locRibPeerUp, statisticsReport } from './reports.ts';
import type { StationHost, StationSessionSettings } from './station-contract.ts';
import { UpdateRun } from './update-run.ts';
import {
  type MonitoredFamily,
  type MonitoredInstance,
  type PeerTable,
  StationPeer,
  ViewTable,
} from './view-table.ts';

/** A walk over a table for peers that were not told of it yet. */
interface Dump {
  readonly table: ViewTable;
  readonly peers: Set<StationPeer>;
  cursor: number;
}

/** To look at a row that is nobody's costs a fraction of a route. */
const looksPerRoute = 16;

export class StationSession {
  readonly #settings: StationSessionSettings;
  readonly #instance: MonitoredInstance;
  readonly #host: StationHost;
  readonly #run: UpdateRun<PeerTable>;
  readonly #tables: ViewTable[] = [];
  readonly #peers = new Map<number, StationPeer>();
  readonly #locRib: StationPeer;
  /** Peers whose Peer Up waits. */
  readonly #arrived = new Set<StationPeer>();
  /** Peer Downs that wait: at most one for every Peer Up that was sent. */
  #departed: Uint8Array[] = [];
  readonly #withdrawing = new Set<PeerTable>();
  #dumps: Dump[] = [];
  #stops: (() => void)[] = [];
  readonly #outbox = new Outbox();
  /** When the routes of this phase came; 0 where nobody knows. */
  #routesAt: WallMilliseconds = 0;
  #statisticsAt: number;
  #statisticsDue = false;
  #blocked = false;

  constructor(settings: StationSessionSettings, instance: MonitoredInstance, host: StationHost) {
    this.#settings = settings;
    this.#instance = instance;
    this.#host = host;
    this.#run = new UpdateRun(instance.tables, ({ header }, update) =>
      this.#say(encodeRouteMonitoring(header, update, this.#routesAt)),
    );
    const { asn, routerId: bgpIdentifier } = settings;
    const own = { type: PeerType.locRib, address: undefined, asn, bgpIdentifier };
    this.#locRib = new StationPeer(this.#headerOf(own), undefined);
    this.#statisticsAt = this.#nextStatistics();
  }

  /** The station is connected: from here on it is told everything. */
  start(): void {
    const { monitor } = this.#settings;
    this.#say(initiation(this.#settings));
    if (monitor.has('loc-rib')) this.#startLocRib();
    if (monitor.has('pre-policy') || monitor.has('post-policy')) this.#startPeers();
    this.#host.wake();
  }

  #startLocRib(): void {
    this.#arrived.add(this.#locRib);
    for (const state of this.#instance.families.values()) this.#dumpFor('loc-rib', state, [this.#locRib]);
    this.#stops.push(
      this.#instance.watchBest((state, nlri) => this.#touched(this.#table('loc-rib', state), nlri)),
    );
  }

  #startPeers(): void {
    const views = this.#routeViews();
    for (const session of this.#instance.sessions()) this.#arrive(session);
    for (const view of views) {
      for (const state of this.#instance.families.values()) this.#dumpFor(view, state, this.#peers.values());
    }
    this.#stops.push(
      this.#instance.watchRoutes((state, route) => {
        for (const view of views) this.#touched(this.#table(view, state), route);
      }),
      this.#instance.watchSessions({
        up: (session) => {
          const peer = this.#arrive(session);
          for (const view of views)
            for (const state of this.#instance.families.values()) this.#dumpFor(view, state, [peer]);
          this.#host.wake();
        },
        down: ({ peer }, end) => this.#depart(peer, end),
      }),
    );
  }

  #routeViews(): readonly MonitorView[] {
    return (['pre-policy', 'post-policy'] as const).filter((view) => this.#settings.monitor.has(view));
  }

  /** Says that it is over, and why, in so far as the station still reads. */
  stop(text: string): void {
    if (!this.#blocked) {
      this.#say(encodeTermination(TerminationReason.administrativelyClosed, text));
      this.#deliver();
    }
    this.detach();
  }

  /** The connection is gone: nothing is held or watched any more. */
  detach(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const { owed } of this.#tables.splice(0)) owed.forget(() => true);
    this.#blocked = true;
  }

  /** Everything that was sent has left. */
  writable(): void {
    if (this.#stops.length === 0) return;
    this.#blocked = false;
    this.#host.wake();
  }

  nextDeadline(): number {
    return this.#statisticsAt;
  }

  advance(now: number): void {
    if (now < this.#statisticsAt) return;
    this.#statisticsAt = this.#nextStatistics();
    this.#statisticsDue = true;
    this.#host.wake();
  }

  #nextStatistics(): number {
    const { statisticsSeconds } = this.#settings;
    return statisticsSeconds === undefined
      ? Number.POSITIVE_INFINITY
      : this.#host.now() + statisticsSeconds * 1000;
  }

  get counters(): Readonly<StationCounters> {
    return this.#outbox.counters;
  }

  /** Peers that the station is told of, the Loc-RIB not among them. */
  get peers(): number {
    return this.#peers.size;
  }

  /** Routes that it is owed, apart from tables it has not seen to the end. */
  get owed(): number {
    let sum = 0;
    for (const { owed } of this.#tables) sum += owed.size;
    for (const { withdrawals } of this.#withdrawing) sum += withdrawals.size;
    return sum;
  }

  /** It has been told all that there was when it, or a peer, came. */
  get synchronised(): boolean {
    return this.#dumps.length === 0 && this.#arrived.size === 0;
  }

  /** One turn of about so many routes; true while there is more that can be sent now. */
  work(routes: number): boolean {
    if (this.#blocked) return false;
    this.#sayPeers();
    let left = this.#withdraw(routes);
    if (left > 0) left = this.#pay(left);
    if (left > 0) this.#dump(left);
    this.#run.flush();
    if (this.#statisticsDue) this.#report();
    this.#deliver();
    return !this.#blocked && this.#hasWork;
  }

  get #hasWork(): boolean {
    if (this.#dumps.length > 0 || this.#withdrawing.size > 0) return true;
    return this.#tables.some(({ owed }) => owed.size > 0);
  }

  // --- What changes ---

  #arrive(session: NonNullable<StationPeer['session']>): StationPeer {
    const { peerType } = this.#settings;
    const { address, remoteAs, bgpIdentifier } = session;
    const header = this.#headerOf({ type: peerType, address, asn: remoteAs, bgpIdentifier });
    const peer = new StationPeer(header, session);
    this.#peers.set(session.peer, peer);
    this.#arrived.add(peer);
    return peer;
  }

  /** RFC 7854 §4.9: with Peer Down the station forgets all routes of the peer. */
  #depart(id: number, end: SessionEnd): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    this.#arrived.delete(peer);
    for (const each of peer.tables()) this.#withdrawing.delete(each);
    for (const table of this.#tables) {
      if (table.view !== 'loc-rib') table.owed.forget((row) => table.peerOf(row) === id);
    }
    for (const { peers } of this.#dumps) peers.delete(peer);
    this.#dumps = this.#dumps.filter(({ peers }) => peers.size > 0);
    if (!peer.announced) return;
    this.#departed.push(encodePeerDown(peer.header, end, this.#host.wallClock()));
    this.#host.wake();
  }

  #headerOf(own: Omit<PerPeerHeader, 'flags' | 'distinguisher'>): PerPeerHeader {
    return { ...own, flags: 0, distinguisher: this.#settings.distinguisher };
  }

  #table(view: MonitorView, state: MonitoredFamily): ViewTable {
    for (const table of this.#tables) if (table.rib === state.rib && table.view === view) return table;
    const made = new ViewTable(view, state, this.#instance.tables.paths);
    this.#tables.push(made);
    return made;
  }

  #peerTable(table: ViewTable, row: number): PeerTable | undefined {
    const peer = table.peerOf(row);
    return (peer === undefined ? this.#locRib : this.#peers.get(peer))?.in(table);
  }

  #touched(table: ViewTable, row: number): void {
    const path = table.pathOf(row);
    const told = table.owed.told(row);
    if (path === told) return;
    const peer = this.#peerTable(table, row);
    if (peer === undefined) return;
    if (path === 0) {
      peer.withdrawals.push(table.keyOf(row), table.pathIdOf(row));
      this.#withdrawing.add(peer);
      table.owed.setTold(row, 0);
    } else table.owed.owe(row);
    if (!this.#blocked) this.#host.wake();
  }

  #dumpFor(view: MonitorView, state: MonitoredFamily, peers: Iterable<StationPeer>): void {
    const { family } = state;
    const concerned = [...peers].filter(({ session }) => session?.families.has(family) ?? true);
    if (concerned.length === 0) return;
    const table = this.#table(view, state);
    // A peer that has just come has nothing, most times: no walk for it.
    const held = concerned.some(({ session }) => session === undefined || table.rib.heldBy(session.peer) > 0);
    const cursor = held ? 1 : table.top;
    const waiting = this.#dumps.find((dump) => dump.table === table && dump.cursor === cursor);
    if (waiting) for (const peer of concerned) waiting.peers.add(peer);
    else this.#dumps.push({ table, peers: new Set(concerned), cursor });
  }

  // --- What is said ---

  #sayPeers(): void {
    const { tableName } = this.#settings;
    for (const down of this.#departed.splice(0)) this.#say(down);
    for (const peer of this.#arrived) {
      this.#say(
        peer.session
          ? this.#peerUp(peer, peer.session)
          : locRibPeerUp(peer.header, tableName, this.#host.wallClock()),
      );
      peer.announced = true;
      if (!peer.session) this.#endUnusedFamilies();
    }
    this.#arrived.clear();
  }

  #peerUp({ header }: StationPeer, session: NonNullable<StationPeer['session']>): Uint8Array {
    const at = this.#host.wallClock() - (this.#host.now() - session.since);
    return encodePeerUp(header, { ...session, information: [] }, at);
  }

  /** Families of the Loc-RIB that the instance has nothing of end at once. */
  #endUnusedFamilies(): void {
    const dumped = new Set(
      this.#dumps.flatMap(({ peers, table }) => (peers.has(this.#locRib) ? table.family : [])),
    );
    for (const family of supportedFamilies)
      if (!dumped.has(family)) this.#sayEndOfRib(this.#locRib.header, family);
  }

  #sayEndOfRib(header: PerPeerHeader, family: FamilyKey): void {
    this.#say(encodeRouteMonitoring(header, encodeEndOfRib(family), this.#host.wallClock()));
  }

  /** Each phase gives back how many routes are left of the turn. */
  #withdraw(routes: number): number {
    let left = routes;
    this.#routesAt = this.#host.wallClock();
    for (const peer of this.#withdrawing) {
      const { withdrawals, table, addPath } = peer;
      for (; left > 0 && withdrawals.size > 0; left--) {
        const next = withdrawals.take();
        if (next === undefined) break;
        this.#run.add(peer, table.family, 0, next.key, addPath ? next.pathId : undefined);
        this.#outbox.counters.withdrawn++;
      }
      if (withdrawals.size > 0) return left;
      this.#withdrawing.delete(peer);
    }
    this.#run.flush();
    return left;
  }

  #pay(routes: number): number {
    let left = routes;
    for (const table of this.#tables) {
      for (; left > 0 && table.owed.size > 0; left--) this.#tell(table, table.owed.take());
    }
    this.#run.flush();
    return left;
  }

  /** What stands in the row, if the station does not know it. */
  #tell(table: ViewTable, row: number): boolean {
    const path = table.pathOf(row);
    if (path === 0 || path === table.owed.told(row)) return false;
    const peer = this.#peerTable(table, row);
    if (peer === undefined) return false;
    table.owed.setTold(row, path);
    const pathId = peer.addPath ? table.pathIdOf(row) : undefined;
    this.#run.add(peer, table.family, path, table.keyOf(row), pathId);
    this.#outbox.counters.announced++;
    return true;
  }

  #dump(routes: number): void {
    this.#routesAt = 0;
    let looks = routes * looksPerRoute;
    for (let dump = this.#dumps[0]; dump !== undefined && looks > 0; dump = this.#dumps[0]) {
      const { table, peers } = dump;
      const ids = new Set([...peers].map(({ session }) => session?.peer));
      for (; dump.cursor < table.top && looks > 0; dump.cursor++) {
        const isOurs = ids.has(table.peerOf(dump.cursor));
        looks -= isOurs && this.#tell(table, dump.cursor) ? looksPerRoute : 1;
      }
      if (dump.cursor < table.top) return;
      this.#run.flush();
      for (const peer of peers) this.#sayEndOfRib(peer.in(table).header, table.family);
      this.#dumps.shift();
    }
  }

  /** RFC 7854 §4.8: gauges of what is held. */
  #report(): void {
    this.#statisticsDue = false;
    const families = [...this.#instance.families.values()];
    const at = this.#host.wallClock();
    for (const [id, { header }] of this.#peers) {
      const counts = families.map(({ family, rib }) => ({ family, count: rib.heldBy(id) }));
      this.#say(statisticsReport(header, 'adj-rib-in', counts, at));
    }
    if (!this.#locRib.announced) return;
    const counts = families.map(({ family, rib }) => ({ family, count: rib.bestCount }));
    this.#say(statisticsReport(this.#locRib.header, 'loc-rib', counts, at));
  }

  #say(message: Uint8Array): void {
    this.#outbox.put(message);
  }

  /** What was said in this turn leaves in one piece. */
  #deliver(): void {
    const bytes = this.#outbox.take();
    if (bytes && !this.#host.send(bytes)) this.#blocked = true;
  }
}
