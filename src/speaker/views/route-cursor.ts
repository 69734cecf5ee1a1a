/**
 * Walks a RIB for the operator, in slices, without a copy of it: routes that come or go meanwhile may be missed
 * or seen. Exact and covering look-ups of one prefix go straight to the table.
 */
import {
  type FamilyKey,
  formatFamily,
  ipv4Unicast,
  isVpn,
  parseFamily,
  supportedFamilies,
  vpnIpv4Unicast,
  vpnIpv6Unicast,
} from '../../net/family.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { Prefix } from '../../net/prefix.ts';
import { compileAsPathPattern } from '../../policy/as-path-pattern.ts';
import { matchesCommunity, parseCommunityPattern } from '../../policy/community.ts';
import type { NlriId, PathId, RouteId } from '../../rib/ids.ts';
import { encodePrefix } from '../../wire/nlri/ip-prefix.ts';
import type { FamilyState } from '../family-state.ts';
import type { InstanceTables } from '../instance-tables.ts';
import type { Peer } from '../peer.ts';
import { ManagementError, type RouteCursor, type RouteQuery, type RouteView } from '../views.ts';
import { PathViews } from './attributes-view.ts';
import { labelView, prefixText, routeViewOf, sourceText } from './route-view.ts';
import { SentViews } from './sent-attributes.ts';
import { distinguishedBy, vpnKeyOf, vpnMatches } from './vpn-query.ts';

/** What a query needs of the speaker. */
export interface RouteTables {
  readonly tables: InstanceTables;
  family(name: string | undefined): FamilyState;
  /** All there are, in the order they came into use. */
  families(): readonly FamilyState[];
  /** Throws ManagementError for an unknown peer. */
  peer(address: string): Peer;
}

type Emit = (nlri: NlriId, out: RouteView[]) => void;

/** Without a family the prefix says which one is meant; without either all are walked. */
export function openCursor(speaker: RouteTables, query: RouteQuery): RouteCursor {
  const emitOf = (state: FamilyState): Emit =>
    query.view === 'adj-out' ? adjOut(speaker, state, query) : adjIn(speaker, state, query);
  if (query.prefix === undefined) {
    const states = query.family === undefined ? speaker.families() : [speaker.family(query.family)];
    const chosen = query.rd === undefined ? states : states.filter(({ family }) => isVpn(family));
    return oneAfterTheOther(
      chosen.map((state) => walk(state, emitOf(state), distinguishedBy(state, query.rd))),
    );
  }
  if (query.rd !== undefined) return distinguishedCursor(speaker, query.prefix, query.rd, query, emitOf);
  const named = vpnKeyOf(query.prefix, query.family);
  if (named !== undefined) return vpnCursor(speaker.family(named.family), named.key, query, emitOf);
  const wanted = parsePrefix(query.prefix, query.match);
  const state = speaker.family(query.family ?? familyNameOf(wanted));
  const emit = emitOf(state);
  if (isVpn(state.family)) return vpnPrefixCursor(state, wanted, query, emit);
  const { match = 'exact' } = query;
  if (match === 'longer') return walk(state, emit, within(state, wanted));
  return once(lookUp(state, wanted, match), emit);
}

/** A prefix and, beside it, its route distinguisher. */
function distinguishedCursor(
  speaker: RouteTables,
  prefix: string,
  rd: string,
  query: RouteQuery,
  emitOf: (state: FamilyState) => Emit,
): RouteCursor {
  const wanted = parsePrefix(prefix, query.match);
  const vpn = formatFamily(wanted.version === 4 ? vpnIpv4Unicast : vpnIpv6Unicast);
  const state = speaker.family(query.family ?? vpn);
  if (formatFamily(state.family) !== vpn) return oneAfterTheOther([]);
  const named = vpnKeyOf(`${rd}:${wanted}`, vpn);
  if (named !== undefined) return vpnCursor(state, named.key, query, emitOf);
  return vpnPrefixCursor(state, wanted, query, emitOf(state));
}

function familyNameOf(prefix: Prefix): string {
  return prefix.version === 4 ? 'ipv4-unicast' : 'ipv6-unicast';
}

/** `10.0.0.0/8`, or a bare address for a longest prefix match. */
export function parsePrefix(text: string, match?: RouteQuery['match']): Prefix {
  const address = IpAddress.parse(text);
  if (address !== undefined) return new Prefix(address, address.bytes.length * 8);
  const prefix = Prefix.parse(text);
  if (prefix === undefined)
    throw new ManagementError('bad-prefix', `${text} is no prefix: write 10.0.0.0/8 or 2001:db8::/32`);
  if (prefix.hasHostBits && match !== 'lpm') {
    throw new ManagementError('bad-prefix', `${text} has host bits set: did you mean ${prefix.masked()}?`);
  }
  return prefix;
}

/** One table entry after the other, by id. */
function walk(state: FamilyState, emit: Emit, wanted: (nlri: NlriId) => boolean): RouteCursor {
  let nlri = 1;
  return {
    next(budget) {
      const { rib } = state;
      if (nlri >= rib.nlri.top) return undefined;
      const out: RouteView[] = [];
      const end = Math.min(nlri + budget, rib.nlri.top);
      for (; nlri < end; nlri++) if (rib.nlri.isUsed(nlri) && wanted(nlri)) emit(nlri, out);
      return out;
    },
  };
}

/** A destination with its route distinguisher. */
function vpnCursor(
  state: FamilyState,
  key: Uint8Array,
  { match = 'exact' }: RouteQuery,
  emitOf: (state: FamilyState) => Emit,
): RouteCursor {
  const nlri = state.rib.nlri.find(key, 0);
  if (match === 'exact') return once(nlri === 0 ? [] : [nlri], emitOf(state));
  return walk(state, emitOf(state), vpnMatches(state, key, 'key', match));
}

/** A prefix in any VPN: every route distinguisher has its own table of it, so all are looked through. */
function vpnPrefixCursor(state: FamilyState, prefix: Prefix, query: RouteQuery, emit: Emit): RouteCursor {
  const matches = vpnMatches(state, encodePrefix(prefix), 'prefix', query.match ?? 'exact');
  const distinguished = distinguishedBy(state, query.rd);
  return walk(state, emit, (nlri) => distinguished(nlri) && matches(nlri));
}

function oneAfterTheOther(cursors: readonly RouteCursor[]): RouteCursor {
  let current = 0;
  return {
    next(budget) {
      for (; current < cursors.length; current++) {
        const found = cursors[current].next(budget);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

function once(nlris: readonly NlriId[], emit: Emit): RouteCursor {
  let done = false;
  return {
    next() {
      if (done) return undefined;
      done = true;
      const out: RouteView[] = [];
      for (const nlri of nlris) emit(nlri, out);
      return out;
    },
  };
}

const scratch = new Uint8Array(64);

function within({ rib }: FamilyState, prefix: Prefix): (nlri: NlriId) => boolean {
  const want = encodePrefix(prefix);
  const whole = prefix.length >> 3;
  const rest = prefix.length & 7;
  return (nlri) => {
    if (rib.nlri.lengthOf(nlri) < prefix.length) return false;
    rib.nlri.write(nlri, scratch, 0);
    for (let i = 1; i <= whole; i++) if (scratch[i] !== want[i]) return false;
    return rest === 0 || ((scratch[whole + 1] ^ want[whole + 1]) & (0xff << (8 - rest))) === 0;
  };
}

function lookUp({ rib }: FamilyState, prefix: Prefix, match: 'exact' | 'shorter' | 'lpm'): readonly NlriId[] {
  const lowest = match === 'exact' ? prefix.length : 0;
  const found: NlriId[] = [];
  for (let length = prefix.length; length >= lowest; length--) {
    const nlri = rib.nlri.find(encodePrefix(new Prefix(prefix.address, length).masked()), 0);
    if (nlri === 0 || (rib.head[nlri] ?? 0) === 0) continue;
    if (match === 'lpm' && rib.best[nlri] === 0) continue;
    found.push(nlri);
    if (match === 'lpm') break;
  }
  return found;
}

// --- Which routes of an NLRI, and how they are shown ---

function adjIn(speaker: RouteTables, state: FamilyState, query: RouteQuery): Emit {
  const { tables } = speaker;
  const { rib } = state;
  const source =
    query.peer === undefined ? undefined : query.peer === 'local' ? 0 : speaker.peer(query.peer).source.id;
  const views = new PathViews(tables);
  const filter = pathFilter(query, views);
  const received = query.view === 'adj-in';
  return (nlri, out) => {
    const prefix = prefixText(rib, nlri);
    for (let route: RouteId = rib.head[nlri]; route !== 0; route = rib.next[route]) {
      // Adj-RIB-In shows what came; the Loc-RIB what import made of it, best or not.
      const path: PathId = received ? rib.path[route] : rib.acceptedOf(route);
      if (path === 0 || (source !== undefined && rib.peer[route] !== source)) continue;
      if (received && rib.peer[route] === 0) continue;
      if (query.best && rib.best[nlri] !== route) continue;
      if (filter(path)) out.push(routeViewOf(tables, rib, route, prefix, views.view(path)));
    }
  };
}

function adjOut(speaker: RouteTables, state: FamilyState, query: RouteQuery): Emit {
  if (query.peer === undefined)
    throw new ManagementError('peer-required', 'adj-out is a view of one peer: give --peer ADDRESS');
  const peer = speaker.peer(query.peer);
  const membership = peer.up?.memberships.get(state.family);
  const { tables } = speaker;
  const { rib } = state;
  if (membership?.group === undefined || membership.member === undefined) return () => {};
  const { group, member } = membership;
  const sent = new SentViews(tables, group.settings);
  const filter = pathFilter(query, new PathViews(tables));
  return (nlri, out) => {
    if (membership.group !== group) return;
    const items = group.settings.addPathLimit === undefined ? [nlri] : routesOf(rib, nlri);
    for (const item of items) {
      const path = group.sentTo(member, item);
      if (path === 0 || !filter(path)) continue;
      out.push({
        family: query.family ?? state.name,
        prefix: prefixText(rib, nlri),
        ...labelView(tables, path),
        ...(group.settings.addPathLimit === undefined ? {} : { pathId: item }),
        from: sourceText(tables, tables.paths.source[path]),
        to: peer.name,
        best: true,
        stale: false,
        attributes: sent.view(path),
      });
    }
  };
}

function routesOf(rib: FamilyState['rib'], nlri: NlriId): readonly RouteId[] {
  const routes: RouteId[] = [];
  for (let route = rib.head[nlri]; route !== 0; route = rib.next[route]) routes.push(route);
  return routes;
}

function pathFilter(query: RouteQuery, views: PathViews): (path: PathId) => boolean {
  const tests: ((path: PathId) => boolean)[] = [];
  if (query.community !== undefined) {
    const pattern = parseCommunityPattern(query.community);
    if (pattern === undefined) {
      throw new ManagementError(
        'bad-pattern',
        `${query.community} is no community: write 65000:100, 65000:1:2, rt:65000:100 or no-export`,
      );
    }
    tests.push((path) => matchesCommunity(pattern, views.attributes(path)));
  }
  if (query.asPath !== undefined) {
    const pattern = compileAsPathPattern(query.asPath);
    if ('error' in pattern)
      throw new ManagementError('bad-pattern', `AS path pattern ${query.asPath}: ${pattern.error}`);
    tests.push((path) => pattern.matches(views.attributes(path).asPath));
  }
  if (query.originAs !== undefined) {
    tests.push((path) => views.attributes(path).asPath.at(-1)?.asns.at(-1) === query.originAs);
  }
  return (path) => tests.every((test) => test(path));
}

export function familyOrThrow(name: string | undefined): FamilyKey {
  if (name === undefined) return ipv4Unicast;
  const family = parseFamily(name);
  if (family === undefined)
    throw new ManagementError(
      'no-such-family',
      `${name} is no address family: ${supportedFamilies.map(formatFamily).join(', ')}`,
    );
  return family;
}
