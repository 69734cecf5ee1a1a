/**
 * Why a prefix is reached the way it is: every candidate in rank order with the step that decided, side by side so
 * that the eye finds the difference, then the best route's way to each peer or what holds it back. Pure.
 */
import type { AttributesView, ExplainView } from '../views.ts';
import type { Colours } from './colours.ts';
import { originLetter } from './routes.ts';
import { type Column, renderTable, type TableStyle } from './table.ts';
import { count, type Glyphs, printable } from './text.ts';

type Candidate = ExplainView['candidates'][number];
type Advertisement = ExplainView['advertised'][number];

export function renderExplain(view: ExplainView, style: TableStyle, glyphs: Glyphs): string {
  return `${title(view, style)}\n${candidates(view, style, glyphs)}\n${advertised(view, style, glyphs)}`;
}

function bestOf(view: ExplainView): Candidate | undefined {
  return view.candidates.find((candidate) => candidate.verdict === 'best');
}

function title(view: ExplainView, { colours }: TableStyle): string {
  const best = bestOf(view);
  const verdict = best
    ? `best is from ${best.route.from}: ${printable(best.reason)}`
    : 'none of them is usable';
  return `${colours.bold(view.prefix)}  ${view.family}\n${count(view.candidates.length, 'candidate')}, ${verdict}\n`;
}

function paintVerdict(text: string, { verdict }: Candidate, colours: Colours): string {
  if (verdict === 'best') return colours.green(text);
  return verdict === 'ineligible' ? colours.red(text) : text;
}

function candidates(view: ExplainView, style: TableStyle, glyphs: Glyphs): string {
  const marks = { best: glyphs.sent, lost: ' ', ineligible: glyphs.held };
  const columns: readonly Column<Candidate>[] = [
    { title: '', text: ({ verdict }) => marks[verdict], paint: paintVerdict },
    { title: '#', text: ({ rank, verdict }) => (verdict === 'ineligible' ? '-' : rank), align: 'right' },
    { title: 'From', text: ({ route }) => fromWithPathId(route.from, route.pathId) },
    { title: 'Next hop', text: ({ route }) => route.attributes.nextHop },
    { title: 'LocPrf', text: ({ route }) => route.attributes.localPref, align: 'right' },
    { title: 'Path', text: ({ route }) => route.attributes.asPath },
    { title: 'O', text: ({ route }) => originLetter(route.attributes.origin) },
    { title: 'MED', text: ({ route }) => route.attributes.med, align: 'right' },
    { title: 'Cluster list', text: ({ route }) => route.attributes.clusterList?.join(' ') },
    { title: 'Verdict', text: ({ verdict }) => verdict, paint: paintVerdict },
    { title: 'Decided by', text: ({ reason, route }) => (route.stale ? `${reason} (stale)` : reason) },
  ];
  const ranked = [...view.candidates].sort(byRank);
  return renderTable(columns.filter(isFilled(ranked)), ranked, style);
}

/** MED, LOCAL_PREF and CLUSTER_LIST take no room when no candidate carries them. */
function isFilled(rows: readonly Candidate[]): (column: Column<Candidate>) => boolean {
  const optional = new Set(['LocPrf', 'MED', 'Cluster list']);
  return (column) => !optional.has(column.title) || rows.some((row) => (column.text(row) ?? '') !== '');
}

function byRank(a: Candidate, b: Candidate): number {
  const last = (candidate: Candidate): number => (candidate.verdict === 'ineligible' ? 1 : 0);
  return last(a) - last(b) || a.rank - b.rank;
}

function fromWithPathId(from: string, pathId: number | undefined): string {
  return pathId === undefined ? from : `${from} path ${pathId}`;
}

function advertised(view: ExplainView, style: TableStyle, glyphs: Glyphs): string {
  const { colours } = style;
  const peers = [...view.advertised].sort((a, b) => Number(b.sent) - Number(a.sent));
  if (peers.length === 0) return `${colours.bold('Sent to nobody')}: there is no other peer up\n`;
  const sent = peers.filter((peer) => peer.sent).length;
  const width = Math.max(...peers.map((peer) => peer.peer.length));
  const heading = `Sent to ${sent} of ${count(peers.length, 'peer')}`;
  const best = bestOf(view);
  const lines = peers.map((peer, i) => {
    const isLast = i === peers.length - 1;
    return advertisementLines(peer, { width, isLast, best: best?.route.attributes }, colours, glyphs);
  });
  return `${colours.bold(heading)}\n${best ? `  ${best.route.from}\n` : ''}${lines.join('')}`;
}

interface Place {
  readonly width: number;
  readonly isLast: boolean;
  readonly best: AttributesView | undefined;
}

function advertisementLines(peer: Advertisement, place: Place, colours: Colours, glyphs: Glyphs): string {
  const edge = place.isLast ? glyphs.last : glyphs.branch;
  const mark = peer.sent ? colours.green(glyphs.sent) : colours.red(glyphs.held);
  const state = peer.sent ? colours.green('sent    ') : colours.red('not sent');
  const line = `  ${edge}${mark} ${peer.peer.padEnd(place.width)}  ${state}  ${printable(peer.reason)}\n`;
  const changes =
    peer.sent && peer.attributes && place.best
      ? changedAttributes(place.best, peer.attributes, glyphs.arrow)
      : [];
  const trunk = place.isLast ? glyphs.blank : glyphs.trunk;
  return line + changes.map((change) => `  ${trunk}    ${colours.dim(printable(change))}\n`).join('');
}

const attributeNames: readonly (readonly [keyof AttributesView, string])[] = [
  ['origin', 'origin'],
  ['asPath', 'path'],
  ['nextHop', 'next hop'],
  ['med', 'MED'],
  ['localPref', 'LOCAL_PREF'],
  ['communities', 'communities'],
  ['extendedCommunities', 'extended communities'],
  ['largeCommunities', 'large communities'],
  ['originatorId', 'ORIGINATOR_ID'],
  ['clusterList', 'CLUSTER_LIST'],
];

/** What is different on the way out, `LOCAL_PREF 100 → none` a line each. */
function changedAttributes(before: AttributesView, after: AttributesView, arrow: string): string[] {
  return attributeNames.flatMap(([key, name]) => {
    const was = attributeText(before[key]);
    const is = attributeText(after[key]);
    return was === is ? [] : [`${name} ${was || 'none'} ${arrow} ${is || 'none'}`];
  });
}

function attributeText(value: AttributesView[keyof AttributesView]): string {
  if (value === undefined) return '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}
