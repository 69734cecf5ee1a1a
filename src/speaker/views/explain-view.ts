/** Why a route is best, and why each peer is or is not sent it: asked of the same code that decided. */

import { destinationOf, policyRouteOf } from '../../export/policy-route.ts';
import { attributesOf } from '../../export/propagation.ts';
import type { SuppressedReason } from '../../export/reasons.ts';
import { assertNever } from '../../net/assert-never.ts';
import { formatFamily } from '../../net/family.ts';
import { formatUint32 } from '../../net/ip-address.ts';
import type { CompiledPolicy } from '../../policy/contract.ts';
import { AttributeFlag } from '../../rib/attribute-table.ts';
import type { FamilyRib } from '../../rib/family-rib.ts';
import { localPeer, type NlriId, type PathId, type RouteId } from '../../rib/ids.ts';
import { PeerRole } from '../../rib/peer-columns.ts';
import { type DecisionReason, type IneligibleReason, ineligibleReasons } from '../../rib/reasons.ts';
import type { FamilyState } from '../family-state.ts';
import type { InstanceTables } from '../instance-tables.ts';
import type { Peer } from '../peer.ts';
import type { ExplainView } from '../views.ts';
import { PathViews } from './attributes-view.ts';
import { routeViewOf, sourceText } from './route-view.ts';
import { SentViews } from './sent-attributes.ts';

type Candidate = ExplainView['candidates'][number];
type Advertised = ExplainView['advertised'][number];

export function explain(
  tables: InstanceTables,
  state: FamilyState,
  nlri: NlriId,
  prefix: string,
  peers: readonly Peer[],
): ExplainView {
  const { rib } = state;
  const best = nlri === 0 ? 0 : rib.best[nlri];
  return {
    family: formatFamily(rib.family),
    prefix,
    candidates: nlri === 0 ? [] : candidatesOf(tables, rib, nlri, prefix, peers),
    advertised:
      best === 0 ? [] : peers.flatMap((peer) => advertisedTo(tables, state, nlri, best, peer) ?? []),
  };
}

function candidatesOf(
  tables: InstanceTables,
  rib: FamilyRib,
  nlri: NlriId,
  prefix: string,
  peers: readonly Peer[],
): readonly Candidate[] {
  const views = new PathViews(tables);
  const ranked = tables.decision.explain(rib, nlri);
  const best = ranked[0]?.route ?? 0;
  const eligible = ranked.map(
    ({ route, reason }, i): Candidate => ({
      route: routeViewOf(tables, rib, route, prefix, views.view(rib.acceptedOf(route))),
      rank: i + 1,
      verdict: i === 0 ? 'best' : 'lost',
      reason: i === 0 ? wonBy(reason) : lostBy(tables, rib, route, best, reason),
    }),
  );
  const others: Candidate[] = [];
  for (let route = rib.head[nlri]; route !== 0; route = rib.next[route]) {
    if (rib.path[route] === 0 || rib.acceptedOf(route) !== 0) continue;
    const peer = peers.find((p) => p.source.id === rib.peer[route]);
    others.push({
      route: routeViewOf(tables, rib, route, prefix, views.view(rib.path[route])),
      rank: eligible.length + others.length + 1,
      verdict: 'ineligible',
      reason:
        ineligibleWords(ineligibleReasons[rib.reason[route]] as IneligibleReason, peer) +
        importTerm(tables, rib, route, peer),
    });
  }
  return [...eligible, ...others];
}

function importTerm(tables: InstanceTables, rib: FamilyRib, route: RouteId, peer: Peer | undefined): string {
  if (ineligibleReasons[rib.reason[route]] !== 'import-policy') return '';
  return policyTerm(tables, peer?.source.rules.policy, rib, rib.path[route], rib.routeNlri[route]);
}

/** For a route that is sent: a policy with only one verdict had no say. */
function policyWords(policy: CompiledPolicy | undefined): string {
  return policy === undefined || policy.constant !== undefined ? '' : `, export policy ${policy.name}`;
}

/** `, term no-bogons`: which term of a policy decided; nothing where there was no choice. */
function policyTerm(
  tables: InstanceTables,
  policy: CompiledPolicy | undefined,
  rib: FamilyRib,
  path: PathId,
  nlri: NlriId,
): string {
  if (policy === undefined || policy.constant !== undefined) return '';
  const attributes = attributesOf(tables, tables.paths.attributes[path]);
  const route = policyRouteOf(
    tables,
    rib.family,
    path,
    attributes,
    destinationOf(rib.family, rib.nlri, nlri),
  );
  const { term } = policy.evaluate(route);
  return term === 'default' ? ', its default' : `, term ${term}`;
}

function wonBy(reason: DecisionReason): string {
  return reason === 'only-path' ? 'the only path' : `best by ${stepWords[reason]}`;
}

const stepWords: Readonly<Record<DecisionReason, string>> = {
  none: 'nothing',
  'only-path': 'being the only path',
  'llgr-stale': 'not being LLGR stale',
  'local-pref': 'LOCAL_PREF',
  'locally-originated': 'local origination',
  'as-path-length': 'AS_PATH length',
  origin: 'ORIGIN',
  med: 'MED (same neighbour AS)',
  external: 'eBGP over iBGP',
  'igp-cost': 'IGP cost to the next hop',
  'oldest-external': 'being the oldest external path',
  'router-id': 'lowest router id (ORIGINATOR_ID)',
  'cluster-list-length': 'shortest CLUSTER_LIST',
  'peer-address': 'lowest peer address',
  'path-id': 'lowest path identifier',
};

/** `LOCAL_PREF 100 < 200`: the loser's value and the best's. */
function lostBy(
  tables: InstanceTables,
  rib: FamilyRib,
  route: RouteId,
  best: RouteId,
  reason: DecisionReason,
): string {
  const value = (r: RouteId): string | number | undefined => stepValue(tables, rib, r, reason);
  const [mine, theirs] = [value(route), value(best)];
  if (mine === undefined || theirs === undefined || mine === theirs) return `lost by ${stepWords[reason]}`;
  const sign =
    typeof mine === 'number' && typeof theirs === 'number' ? (mine < theirs ? '<' : '>') : 'against';
  return `${stepWords[reason]} ${mine} ${sign} ${theirs}`;
}

function stepValue(
  tables: InstanceTables,
  rib: FamilyRib,
  route: RouteId,
  reason: DecisionReason,
): string | number | undefined {
  const { attributes, peers, nextHops, paths } = tables;
  const path = rib.acceptedOf(route);
  const set = paths.attributes[path];
  switch (reason) {
    case 'local-pref':
      return attributes.localPref[set];
    case 'as-path-length':
      return attributes.asPathLength[set];
    case 'origin':
      return ['igp', 'egp', 'incomplete'][attributes.flags[set] & AttributeFlag.originMask];
    case 'med':
      return attributes.med[set];
    case 'external':
      return peers.role[rib.peer[route]] === PeerRole.external ? 'external' : 'internal';
    case 'igp-cost':
      return nextHops.get(paths.nextHop[path])?.cost ?? 0;
    case 'router-id':
      return formatUint32(
        attributes.flags[set] & AttributeFlag.hasOriginatorId
          ? attributes.originatorId[set]
          : peers.bgpIdentifier[rib.peer[route]],
      );
    case 'cluster-list-length':
      return attributes.clusterListLength[set];
    case 'peer-address':
      return sourceText(tables, rib.peer[route]);
    case 'path-id':
      return rib.receivedPathId[route];
    default:
      return undefined;
  }
}

function ineligibleWords(reason: IneligibleReason, peer: Peer | undefined): string {
  switch (reason) {
    case 'as-loop':
      return 'our own AS is in its AS_PATH';
    case 'own-originator-id':
      return 'its ORIGINATOR_ID is our router id';
    case 'own-cluster-id':
      return 'our cluster id is in its CLUSTER_LIST';
    case 'next-hop-unreachable':
      return 'its next hop does not resolve';
    case 'next-hop-self':
      return 'its next hop is one of our own addresses';
    case 'next-hop-martian':
      return 'its next hop is no host address';
    case 'import-policy':
      return `rejected by import policy ${peer?.settings.importPolicy ?? ''}`.trimEnd();
    case 'no-import-policy':
      return 'external peer without an import policy (RFC 8212)';
    case 'first-as':
      return "the first AS of its AS_PATH is not the peer's";
    case 'missing-next-hop':
      return 'it came without a next hop';
    case 'next-hop-off-link':
      return 'its next hop is in no subnet that we share with the peer, which is one hop away';
    default:
      return assertNever(reason);
  }
}

function advertisedTo(
  tables: InstanceTables,
  state: FamilyState,
  nlri: NlriId,
  best: RouteId,
  peer: Peer,
): readonly Advertised[] | undefined {
  if (peer.up === undefined) return [{ peer: peer.name, sent: false, reason: `session is ${peer.state}` }];
  const membership = peer.up.memberships.get(state.family);
  if (membership === undefined)
    return [{ peer: peer.name, sent: false, reason: `${state.name} was not negotiated` }];
  const { group, member } = membership;
  if (!group || !member)
    return [{ peer: peer.name, sent: false, reason: 'its update group is still being prepared' }];
  const { rib } = state;
  const routes = group.settings.addPathLimit === undefined ? [best] : acceptedOf(rib, nlri);
  return routes.map((route): Advertised => {
    const path = rib.acceptedOf(route);
    const term = () => policyTerm(tables, group.settings.policy, rib, path, nlri);
    const verdict = group.verdict(path, nlri);
    if ('reason' in verdict)
      return {
        peer: peer.name,
        sent: false,
        reason: `${suppressedWords(verdict.reason, peer)}${verdict.reason === 'export-policy' ? term() : ''}`,
      };
    const excluded = group.exclusionReason(member, verdict.path);
    if (excluded !== undefined)
      return { peer: peer.name, sent: false, reason: suppressedWords(excluded, peer) };
    const item = group.settings.addPathLimit === undefined ? nlri : route;
    if (group.sentTo(member, item) === 0)
      return { peer: peer.name, sent: false, reason: 'beyond the number of paths this peer is sent' };
    const attributes = new SentViews(tables, group.settings).view(verdict.path);
    const waiting = member.pending.has(item) ? ', waiting in its queue' : '';
    return {
      peer: peer.name,
      sent: true,
      reason: `${howSent(tables, path, group.settings.target)}${policyWords(group.settings.policy)}${term()}${waiting}`,
      attributes,
    };
  });
}

function acceptedOf(rib: FamilyRib, nlri: NlriId): readonly RouteId[] {
  const routes: RouteId[] = [];
  for (let route = rib.head[nlri]; route !== 0; route = rib.next[route])
    if (rib.acceptedOf(route) !== 0) routes.push(route);
  return routes;
}

const roleWords = ['local', 'external', 'client', 'non-client', 'vpn'];

function howSent(tables: InstanceTables, path: number, target: string): string {
  const source = tables.paths.source[path];
  if (source === localPeer) return 'originated here';
  const role = tables.peers.role[source];
  if (target === 'external') return `${roleWords[role]} -> external`;
  if (role !== PeerRole.client && role !== PeerRole.nonClient) return `${roleWords[role]} -> ${target}`;
  return `reflected: ${roleWords[role]} -> ${target}`;
}

function suppressedWords(reason: SuppressedReason, peer: Peer): string {
  switch (reason) {
    case 'source-peer':
      return 'it came from this peer';
    case 'originator':
      return 'this peer is its originator (ORIGINATOR_ID)';
    case 'non-client-to-non-client':
      return 'from a non-client to a non-client: not reflected';
    case 'client-to-client-off':
      return 'client-to-client reflection is off';
    case 'no-advertise':
      return 'community no-advertise';
    case 'no-export':
      return 'community no-export';
    case 'no-export-subconfed':
      return 'community no-export-subconfed';
    case 'no-export-policy':
      return 'external peer without an export policy (RFC 8212)';
    case 'export-policy':
      return `rejected by export policy ${peer.settings.exportPolicy ?? ''}`.trimEnd();
    case 'no-own-next-hop':
      return 'we have no address of that family on this session to give as next hop';
    case 'next-hop-family':
      return 'its next hop is of a family that this peer did not negotiate (RFC 8950)';
    case 'vpn-external':
      return 'VPN routes go to internal peers only: we have no label of our own to give';
    case 'route-target':
      return 'none of its route targets is among those the peer wants (RFC 4684)';
    case 'too-large':
      return 'it does not fit into a message that this peer accepts';
    default:
      return assertNever(reason);
  }
}
