/**
 * The decision process (RFC 4271 §9.1.2, RFC 4456 §9) as a table of elimination steps.
 *
 * A step is given the candidates that are left and keeps those that it prefers. Not a comparator: MED is only
 * compared between routes of the same neighbour AS, so "better than" is not transitive and pairwise comparison
 * would depend on the order of arrival. Every step is a function of the set, so the result is too.
 *
 * Reads columns, makes no objects. Does not own: which routes are eligible (`accepted` is 0 where not).
 */
import { AttributeFlag, type AttributeTable } from './attribute-table.ts';
import type { FamilyRib } from './family-rib.ts';
import { localPeer, type NlriId, type RouteId } from './ids.ts';
import type { NextHopTable } from './next-hop-table.ts';
import { type PeerColumns, PeerRole } from './peer-columns.ts';
import { type DecisionReason, decisionReasons } from './reasons.ts';

export interface DecisionOptions {
  /** A missing MED counts as 0 (`best`, RFC 4271 §9.1.2.2 c) or as the largest value. */
  readonly medMissing: 'best' | 'worst';
  readonly alwaysCompareMed: boolean;
  /** Among external routes keep the present best (against RFC 4271's tail, for stability). */
  readonly preferOldestExternal: boolean;
  /** So many routes that are equal up to the IGP cost may be used together; 1 is the best alone. */
  readonly multipath: number;
}

/** Everything a step may look at. */
export interface DecisionContext {
  readonly attributes: AttributeTable;
  readonly nextHops: NextHopTable;
  readonly peers: PeerColumns;
  readonly options: DecisionOptions;
}

interface Step {
  readonly reason: DecisionReason;
  /** Keeps the preferred among `candidates[0 .. count)`, in place, and returns how many they are. */
  readonly keep: (d: Decision, rib: FamilyRib, candidates: Uint32Array, count: number) => number;
}

/** Keeps the candidates with the smallest key. */
function keepLowest(key: (d: Decision, rib: FamilyRib, route: RouteId) => number): Step['keep'] {
  return (d, rib, candidates, count) => {
    let lowest = key(d, rib, candidates[0]);
    let kept = 1;
    for (let i = 1; i < count; i++) {
      const route = candidates[i];
      const value = key(d, rib, route);
      if (value > lowest) continue;
      if (value < lowest) {
        lowest = value;
        kept = 0;
      }
      candidates[kept++] = route;
    }
    return kept;
  };
}

const attributesOf = (rib: FamilyRib, route: RouteId) => rib.paths.attributes[rib.acceptedOf(route)];

const steps: readonly Step[] = [
  // RFC 9494 §4.3: a route marked LLGR_STALE is least preferred.
  {
    reason: 'llgr-stale',
    keep: keepLowest(
      (d, rib, route) => d.context.attributes.flags[attributesOf(rib, route)] & AttributeFlag.llgrStale,
    ),
  },
  // RFC 4271 §9.1.1: the highest degree of preference.
  {
    reason: 'local-pref',
    keep: keepLowest((d, rib, route) => -d.context.attributes.localPref[attributesOf(rib, route)]),
  },
  // What the instance originates itself wins over what it is told.
  {
    reason: 'locally-originated',
    keep: keepLowest((_, rib, route) => (rib.peer[route] === localPeer ? 0 : 1)),
  },
  // RFC 4271 §9.1.2.2 a)
  {
    reason: 'as-path-length',
    keep: keepLowest((d, rib, route) => d.context.attributes.asPathLength[attributesOf(rib, route)]),
  },
  // RFC 4271 §9.1.2.2 b)
  {
    reason: 'origin',
    keep: keepLowest(
      (d, rib, route) => d.context.attributes.flags[attributesOf(rib, route)] & AttributeFlag.originMask,
    ),
  },
  // RFC 4271 §9.1.2.2 c)
  { reason: 'med', keep: keepByMed },
  // RFC 4271 §9.1.2.2 d)
  {
    reason: 'external',
    keep: keepLowest((d, rib, route) => {
      const role = d.context.peers.role[rib.peer[route]];
      return role === PeerRole.external || role === PeerRole.local ? 0 : 1;
    }),
  },
  // RFC 4271 §9.1.2.2 e)
  {
    reason: 'igp-cost',
    keep: keepLowest(
      (d, rib, route) => d.context.nextHops.get(rib.paths.nextHop[rib.acceptedOf(route)])?.cost ?? 0,
    ),
  },
  // Those that are left here may be used together (`Decision.equals`).
  { reason: 'oldest-external', keep: keepPresentExternal },
  // RFC 4271 §9.1.2.2 f) with RFC 4456 §9: ORIGINATOR_ID stands for the BGP Identifier.
  {
    reason: 'router-id',
    keep: keepLowest((d, rib, route) => {
      const attributes = attributesOf(rib, route);
      return d.context.attributes.flags[attributes] & AttributeFlag.hasOriginatorId
        ? d.context.attributes.originatorId[attributes]
        : d.context.peers.bgpIdentifier[rib.peer[route]];
    }),
  },
  // RFC 4456 §9
  {
    reason: 'cluster-list-length',
    keep: keepLowest((d, rib, route) => d.context.attributes.clusterListLength[attributesOf(rib, route)]),
  },
  // RFC 4271 §9.1.2.2 g)
  { reason: 'peer-address', keep: keepLowestAddress },
  // One peer, several paths (RFC 7911): the lowest identifier, so that the order is total.
  { reason: 'path-id', keep: keepLowest((_, rib, route) => rib.receivedPathId[route]) },
];

const firstTieBreak = steps.findIndex(({ reason }) => reason === 'oldest-external');
const stepCodes = steps.map((step) => decisionReasons.indexOf(step.reason));
const noRoutes: readonly RouteId[] = [];
const onlyPath = decisionReasons.indexOf('only-path');

function medOf(d: Decision, rib: FamilyRib, route: RouteId): number {
  const attributes = attributesOf(rib, route);
  if (d.context.attributes.flags[attributes] & AttributeFlag.hasMed)
    return d.context.attributes.med[attributes];
  return d.context.options.medMissing === 'worst' ? 0xffffffff : 0;
}

/** Drops every candidate to which another one of the same neighbour AS is preferable by MED. */
function keepByMed(d: Decision, rib: FamilyRib, candidates: Uint32Array, count: number): number {
  const neighbors = d.context.attributes.neighborAs;
  const always = d.context.options.alwaysCompareMed;
  d.reserve(count);
  const seen = d.marks.fill(0, 0, count);
  let kept = 0;
  // One pass per neighbour AS: first its lowest MED, then the mark of those that have it.
  for (let i = 0; i < count; i++) {
    if (seen[i] !== 0) continue;
    const neighbor = neighbors[attributesOf(rib, candidates[i])];
    let lowest = 0xffffffff;
    for (let j = i; j < count; j++) {
      if (!always && neighbors[attributesOf(rib, candidates[j])] !== neighbor) continue;
      lowest = Math.min(lowest, medOf(d, rib, candidates[j]));
    }
    for (let j = i; j < count; j++) {
      if (!always && neighbors[attributesOf(rib, candidates[j])] !== neighbor) continue;
      seen[j] = medOf(d, rib, candidates[j]) === lowest ? 1 : 2;
    }
  }
  for (let i = 0; i < count; i++) if (seen[i] === 1) candidates[kept++] = candidates[i];
  return kept;
}

function keepPresentExternal(d: Decision, rib: FamilyRib, candidates: Uint32Array, count: number): number {
  if (!d.context.options.preferOldestExternal) return count;
  const present = rib.best[rib.routeNlri[candidates[0]]];
  let found = false;
  for (let i = 0; i < count; i++) {
    if (d.context.peers.role[rib.peer[candidates[i]]] !== PeerRole.external) return count;
    if (candidates[i] === present) found = true;
  }
  if (!found) return count;
  candidates[0] = present;
  return 1;
}

function keepLowestAddress(d: Decision, rib: FamilyRib, candidates: Uint32Array, count: number): number {
  let kept = 1;
  for (let i = 1; i < count; i++) {
    const order = d.context.peers
      .addressOf(rib.peer[candidates[i]])
      .compare(d.context.peers.addressOf(rib.peer[candidates[0]]));
    if (order > 0) continue;
    if (order < 0) kept = 0;
    candidates[kept++] = candidates[i];
  }
  return kept;
}

/** One candidate's place in a ranking. */
export interface RankedCandidate {
  readonly route: RouteId;
  /** The step that eliminated it; for the best, the step that left it alone. */
  readonly reason: DecisionReason;
}

export class Decision {
  context: DecisionContext;
  #candidates = new Uint32Array(64);
  /** Scratch of the MED step. */
  marks = new Uint8Array(64);
  /** Code of the step that decided the last `select`. */
  decidedBy = 0;
  /**
   * With `multipath`: the routes equal to the best up to the IGP cost, that included, in no order; empty where the best
   * is alone. Of the last `select`, good until the next call.
   */
  equals: readonly RouteId[] = noRoutes;

  constructor(context: DecisionContext) {
    this.context = context;
  }

  setOptions(options: DecisionOptions): void {
    this.context = { ...this.context, options };
  }

  reserve(count: number): void {
    if (count > this.marks.length) this.marks = new Uint8Array(count * 2);
  }

  /** The best of the eligible routes of an NLRI, 0 when there is none; sets `decidedBy`. */
  select(rib: FamilyRib, nlri: NlriId): RouteId {
    const count = this.#collect(rib, nlri);
    this.decidedBy = 0;
    this.equals = noRoutes;
    if (count === 0) return 0;
    this.decidedBy = onlyPath;
    return count === 1 ? this.#candidates[0] : this.#eliminate(rib, this.#candidates, count);
  }

  /** The `limit` best routes in order, written to `out`; returns how many there are. */
  rank(rib: FamilyRib, nlri: NlriId, limit: number, out: RouteId[]): number {
    const left = Array.from(this.#candidates.subarray(0, this.#collect(rib, nlri)));
    out.length = 0;
    while (left.length > 0 && out.length < limit) {
      const best = this.#bestOf(rib, left);
      out.push(best);
      left.splice(left.indexOf(best), 1);
    }
    return out.length;
  }

  /** All eligible routes, best first, each with the step that eliminated it. For the operator. */
  explain(rib: FamilyRib, nlri: NlriId): readonly RankedCandidate[] {
    const count = this.#collect(rib, nlri);
    if (count === 0) return [];
    const eliminatedBy = new Map<RouteId, DecisionReason>();
    const left = this.#candidates.slice(0, count);
    this.#eliminate(rib, left, count, eliminatedBy);
    const ranked: RouteId[] = [];
    this.rank(rib, nlri, Number.POSITIVE_INFINITY, ranked);
    return ranked.map((route) => ({ route, reason: eliminatedBy.get(route) ?? 'only-path' }));
  }

  #bestOf(rib: FamilyRib, routes: readonly RouteId[]): RouteId {
    this.decidedBy = onlyPath;
    if (routes.length === 1) return routes[0];
    return this.#eliminate(rib, Uint32Array.from(routes), routes.length);
  }

  #eliminate(
    rib: FamilyRib,
    candidates: Uint32Array,
    start: number,
    eliminatedBy?: Map<RouteId, DecisionReason>,
  ): RouteId {
    let count = start;
    for (let i = 0; i < steps.length && count > 1; i++) {
      if (i === firstTieBreak && this.context.options.multipath > 1)
        this.equals = Array.from(candidates.subarray(0, count));
      const before = eliminatedBy && candidates.slice(0, count);
      const kept = steps[i].keep(this, rib, candidates, count);
      if (kept < count) {
        this.decidedBy = stepCodes[i];
        if (before && eliminatedBy)
          noteEliminated(before, candidates.subarray(0, kept), steps[i].reason, eliminatedBy);
      }
      count = kept;
    }
    if (count !== 1) throw new Error('broken invariant: two routes of one peer, NLRI and path identifier');
    return candidates[0];
  }

  #collect(rib: FamilyRib, nlri: NlriId): number {
    let count = 0;
    for (let route = rib.head[nlri]; route !== 0; route = rib.next[route]) {
      if (rib.acceptedOf(route) === 0) continue;
      if (count === this.#candidates.length) {
        const bigger = new Uint32Array(count * 2);
        bigger.set(this.#candidates);
        this.#candidates = bigger;
      }
      this.#candidates[count++] = route;
    }
    return count;
  }
}

/** Those that are no longer there lost at this step; the last one standing is shown with it too. */
function noteEliminated(
  before: Uint32Array,
  kept: Uint32Array,
  reason: DecisionReason,
  eliminatedBy: Map<RouteId, DecisionReason>,
): void {
  for (const route of before) if (!kept.includes(route)) eliminatedBy.set(route, reason);
  if (kept.length === 1) eliminatedBy.set(kept[0], reason);
}
