/**
 * RIB tables in the manner operators know: a legend, then flags, network, next hop, MED, LOCAL_PREF, path, origin,
 * where it came from, and why it is best or takes no part. Columns per view and width; rows stream. Pure.
 */
import type { RouteView } from '../views.ts';
import type { Colours } from './colours.ts';
import { type Column, Table, type TableStyle } from './table.ts';

export const legend =
  'Status: * valid, > best, S stale    Origin: i IGP, e EGP, ? incomplete    Why: the step that chose it, or what keeps it out';

export interface RouteTableOptions {
  readonly view: 'loc-rib' | 'adj-in' | 'adj-out';
  readonly wide: boolean;
}

/** `*>S`: valid, best, stale; a space where it is not. */
export function routeFlags(route: RouteView): string {
  const valid = route.ineligible === undefined ? '*' : ' ';
  return `${valid}${route.best ? '>' : ' '}${route.stale ? 'S' : ' '}`;
}

/** RFC 4271 §4.3 ORIGIN as one letter. */
export function originLetter(origin: string): string {
  if (origin === 'igp') return 'i';
  return origin === 'egp' ? 'e' : '?';
}

/** The step that chose the best route, or what keeps another one out. */
function routeWhy(route: RouteView): string {
  return route.ineligible ?? route.decidedBy ?? '';
}

function paintFlags(text: string, route: RouteView, colours: Colours): string {
  if (route.ineligible !== undefined) return colours.red(text);
  return route.best ? colours.green(text) : text;
}

/** A VPN route with its label and route targets: which VPN wants it matters as much as where it goes. */
function networkText({ prefix, label, attributes }: RouteView): string {
  if (label === undefined) return prefix;
  const targets = attributes.extendedCommunities?.filter((community) => community.startsWith('rt:')) ?? [];
  return [prefix, `label ${label}`, ...targets].join(' ');
}

const network: Column<RouteView> = { title: 'Network', text: networkText, minWidth: 18 };
const origin: Column<RouteView> = { title: 'O', text: (route) => originLetter(route.attributes.origin) };
const from: Column<RouteView> = { title: 'From', text: (route) => route.from, minWidth: 11 };
const to: Column<RouteView> = { title: 'To', text: (route) => route.to ?? '', minWidth: 11 };
const why: Column<RouteView> = {
  title: 'Why',
  text: routeWhy,
  paint: (text, _route, colours) => colours.dim(text),
};

const leading: readonly Column<RouteView>[] = [
  { title: '', text: routeFlags, paint: paintFlags, minWidth: 3 },
  network,
];

const deciding: readonly Column<RouteView>[] = [
  { title: 'Next hop', text: (route) => route.attributes.nextHop, minWidth: 11 },
  { title: 'MED', text: (route) => route.attributes.med ?? '', align: 'right', minWidth: 4 },
  { title: 'LocPrf', text: (route) => route.attributes.localPref ?? '', align: 'right' },
  { title: 'Path', text: (route) => route.attributes.asPath, minWidth: 11 },
  origin,
];

const detail: readonly Column<RouteView>[] = [
  { title: 'Communities', text: communities },
  { title: 'Originator', text: ({ attributes }) => attributes.originatorId ?? '' },
  { title: 'Cluster list', text: ({ attributes }) => attributes.clusterList?.join(' ') ?? '' },
  { title: 'Other', text: otherAttributes },
];

function communities({ attributes }: RouteView): string {
  return [attributes.communities, attributes.extendedCommunities, attributes.largeCommunities]
    .flatMap((list) => list ?? [])
    .join(' ');
}

function otherAttributes({ attributes }: RouteView): string {
  return [
    ...(attributes.atomicAggregate ? ['atomic-aggregate'] : []),
    ...(attributes.aggregator ? [`aggregator ${attributes.aggregator}`] : []),
    ...(attributes.unknown ?? []).map(({ type, value }) => `type ${type} ${value}`),
  ].join(', ');
}

function routeColumns({ view, wide }: RouteTableOptions): readonly Column<RouteView>[] {
  const pathId: Column<RouteView>[] = wide
    ? [{ title: 'Path id', text: (route) => route.pathId ?? '', align: 'right' }]
    : [];
  const ends = view === 'adj-out' ? [from, to] : [from, why];
  return [...leading, ...pathId, ...deciding, ...(wide ? detail : []), ...ends];
}

export function routeTable(options: RouteTableOptions, style: TableStyle): Table<RouteView> {
  return new Table(routeColumns(options), style);
}
