/** The peers table: a line per peer, its families summed; in `wide` a line per peer and family. Pure. */
import type { PeerFamilyView, PeersPage, PeerView } from '../views.ts';
import type { Colours } from './colours.ts';
import { type Column, renderTable, type TableStyle } from './table.ts';
import { formatAge, instanceName } from './text.ts';

type Counts = Pick<PeerFamilyView, 'received' | 'accepted' | 'best' | 'sent' | 'stale'>;

interface PeerRow {
  readonly peer: PeersPage['peers'][number];
  readonly family: PeerFamilyView | undefined;
  readonly counts: Counts;
  readonly now: number;
}

/** Families of a peer added up. */
function sumFamilies(families: readonly PeerFamilyView[]): Counts {
  const sum = { received: 0, accepted: 0, best: 0, sent: 0, stale: 0 };
  for (const family of families) {
    sum.received += family.received;
    sum.accepted += family.accepted;
    sum.best += family.best;
    sum.sent += family.sent;
    sum.stale += family.stale;
  }
  return sum;
}

/** Why it is down, or why nothing is exchanged although it is up. */
export function reasonOf(peer: PeerView): string {
  return peer.reason ?? (peer.state === 'established' ? '' : (peer.lastDown?.text ?? ''));
}

function paintState(text: string, row: PeerRow, colours: Colours): string {
  if (row.peer.state === 'established') return colours.green(text);
  return row.peer.state === 'admin-down' ? colours.dim(text) : colours.red(text);
}

const paintReason = (text: string, _row: PeerRow, colours: Colours): string => colours.yellow(text);

const identity: readonly Column<PeerRow>[] = [
  { title: 'Peer', text: ({ peer }) => peer.address },
  { title: 'AS', text: ({ peer }) => peer.remoteAs, align: 'right' },
  { title: 'Role', text: ({ peer }) => peer.role },
  { title: 'State', text: ({ peer }) => peer.state, paint: paintState },
  { title: 'Up/Down', text: ({ peer, now }) => formatAge(now - peer.since), align: 'right' },
];

const counters: readonly Column<PeerRow>[] = [
  { title: 'Rcvd', text: ({ counts }) => counts.received, align: 'right' },
  { title: 'Acc', text: ({ counts }) => counts.accepted, align: 'right' },
  { title: 'Best', text: ({ counts }) => counts.best, align: 'right' },
  { title: 'Sent', text: ({ counts }) => counts.sent, align: 'right' },
];

const reason: Column<PeerRow> = {
  title: 'Reason',
  text: ({ peer }) => reasonOf(peer),
  paint: paintReason,
};

const narrow: readonly Column<PeerRow>[] = [...identity, ...counters, reason];

const wide: readonly Column<PeerRow>[] = [
  ...identity,
  { title: 'Family', text: ({ family }) => family?.family ?? '-' },
  ...counters,
  { title: 'Stale', text: ({ counts }) => counts.stale, align: 'right' },
  { title: 'Limit', text: ({ family }) => family?.maxPrefixes ?? '-', align: 'right' },
  { title: 'Ups', text: ({ peer }) => peer.establishedCount, align: 'right' },
  { title: 'Queue', text: ({ peer }) => peer.sendQueue },
  { title: 'Group', text: ({ peer }) => peer.group ?? '-' },
  { title: 'Import', text: ({ peer }) => peer.importPolicy || '-' },
  { title: 'Export', text: ({ peer }) => peer.exportPolicy || '-' },
  { title: 'Description', text: ({ peer }) => peer.description || '-' },
  reason,
];

type OwnedPeer = PeersPage['peers'][number];

const tenantColumn: Column<PeerRow> = { title: 'Tenant', text: ({ peer }) => instanceName(peer) };

/** With a column for the tenant where several are shown. */
function columnsFor(
  columns: readonly Column<PeerRow>[],
  peers: readonly OwnedPeer[],
): readonly Column<PeerRow>[] {
  return new Set(peers.map(instanceName)).size > 1 ? [tenantColumn, ...columns] : columns;
}

/** `now` in host milliseconds, the clock of the views. */
export function renderPeers(peers: readonly OwnedPeer[], now: number, style: TableStyle): string {
  const rows = peers.map((peer) => ({ peer, family: undefined, counts: sumFamilies(peer.families), now }));
  return renderTable(columnsFor(narrow, peers), rows, style);
}

export function renderPeersWide(peers: readonly OwnedPeer[], now: number, style: TableStyle): string {
  const rows = peers.flatMap((peer): PeerRow[] => {
    if (peer.families.length === 0) return [{ peer, family: undefined, counts: sumFamilies([]), now }];
    return peer.families.map((family) => ({ peer, family, counts: family, now }));
  });
  return renderTable(columnsFor(wide, peers), rows, style);
}
