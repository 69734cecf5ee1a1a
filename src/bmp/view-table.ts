/**
 * One monitored table: a family of an Adj-RIB-In, before or after policy, or of the Loc-RIB, with what the station is
 * owed of it. Says what stands in a row now; what is done about it is for the session to decide.
 */
import type { FamilyKey } from '../net/family.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId, PathId, PeerId, RouteId } from '../rib/ids.ts';
import type { PathTable } from '../rib/path-table.ts';
import type { MonitoredSession, SessionWatcher } from '../speaker/monitoring.ts';
import type { MonitorView } from '../speaker/settings.ts';
import { PeerFlag, type PerPeerHeader } from './messages.ts';
import { OwedRows, type Row, WithdrawalQueue } from './owed.ts';
import { keyOf, type MonitoredTables } from './update-run.ts';

export interface MonitoredFamily {
  readonly family: FamilyKey;
  readonly rib: FamilyRib;
}

/** What a session needs of the instance it reports. Every `watch` returns the way to stop. */
export interface MonitoredInstance {
  readonly tables: MonitoredTables;
  readonly families: ReadonlyMap<FamilyKey, MonitoredFamily>;
  sessions(): readonly MonitoredSession[];
  watchSessions(watcher: SessionWatcher): () => void;
  /** Each change of a route as received or accepted. */
  watchRoutes(listener: (state: MonitoredFamily, route: RouteId) => void): () => void;
  /** Each decision. */
  watchBest(listener: (state: MonitoredFamily, nlri: NlriId) => void): () => void;
}

export class ViewTable {
  readonly view: MonitorView;
  readonly family: FamilyKey;
  readonly rib: FamilyRib;
  readonly owed: OwedRows;

  constructor(view: MonitorView, { family, rib }: MonitoredFamily, paths: PathTable) {
    this.view = view;
    this.family = family;
    this.rib = rib;
    this.owed = new OwedRows(paths);
  }

  /** No row is this high. Rows are NLRI in the Loc-RIB, routes otherwise. */
  get top(): Row {
    return this.view === 'loc-rib' ? Math.min(this.rib.nlri.top, this.rib.best.length) : this.rib.routeTop;
  }

  /** What stands in the row now; 0 for nothing. */
  pathOf(row: Row): PathId {
    const { rib } = this;
    if (this.view === 'pre-policy') return rib.path[row];
    return rib.acceptedOf(this.view === 'loc-rib' ? rib.best[row] : row);
  }

  /** Whose row it is; the Loc-RIB is nobody's. */
  peerOf(row: Row): PeerId | undefined {
    return this.view === 'loc-rib' ? undefined : this.rib.peer[row];
  }

  pathIdOf(row: Row): number {
    return this.view === 'loc-rib' ? 0 : this.rib.receivedPathId[row];
  }

  /** The destination in wire form, without label. */
  keyOf(row: Row): Uint8Array {
    return keyOf(this.rib.nlri, this.view === 'loc-rib' ? row : this.rib.routeNlri[row]);
  }
}

/** What one peer has in one table, under the header that its messages carry. */
export class PeerTable {
  readonly header: PerPeerHeader;
  readonly table: ViewTable;
  /** NLRI carry path identifiers (RFC 7911). */
  readonly addPath: boolean;
  readonly withdrawals = new WithdrawalQueue();

  constructor(header: PerPeerHeader, table: ViewTable, addPath: boolean) {
    this.header = header;
    this.table = table;
    this.addPath = addPath;
  }
}

/** A peer as the station knows it, from its Peer Up to its Peer Down. The Loc-RIB is one too (RFC 9069 §4.1). */
export class StationPeer {
  readonly header: PerPeerHeader;
  /** `undefined`: the Loc-RIB. */
  readonly session: MonitoredSession | undefined;
  /** Its Peer Up was sent. */
  announced = false;
  readonly #tables = new Map<ViewTable, PeerTable>();

  constructor(header: PerPeerHeader, session: MonitoredSession | undefined) {
    this.header = header;
    this.session = session;
  }

  tables(): Iterable<PeerTable> {
    return this.#tables.values();
  }

  in(table: ViewTable): PeerTable {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    const flags = this.header.flags | (table.view === 'post-policy' ? PeerFlag.postPolicy : 0);
    const addPath = this.session?.addPath.has(table.family) ?? false;
    const made = new PeerTable({ ...this.header, flags }, table, addPath);
    this.#tables.set(table, made);
    return made;
  }
}
