/**
 * The planner: what has to change, given what is stored, what has been heard and what time it is. Pure; the same input
 * gives the same answer, and a second plan over its own result is empty. All of one plan is one transaction: a slot's
 * new gateway, its load balancer rows and its overlay routes never appear apart.
 */

import { freeKbps } from './capacity.ts';
import { planConnections } from './connections.ts';
import { planRules } from './derive.ts';
import { DerivedMemo } from './derived-memo.ts';
import { planRoutes } from './derived-routes.ts';
import { planEvents } from './events.ts';
import { type Planning, planGateways } from './gateways.ts';
import { detectionOf, graceEnd, highestRevision, type Observations } from './observations.ts';
import {
  canAnnounce,
  gatewayUse,
  isEligible,
  modelOf,
  needsAnnouncement,
  poolGateways,
  poolOf,
  slotsOn,
  sparesOf,
} from './occupancy.ts';
import {
  type Condition,
  type ConnectionType,
  connectionTypes,
  type Gateway,
  type GatewayPool,
  type GatewayPoolStatus,
  type Slot,
} from './resources.ts';
import { planRoles } from './roles.ts';
import { planSlots } from './slots.ts';
import {
  applyChanges,
  type Change,
  changesBetween,
  type Draft,
  draftOf,
  type Snapshot,
  sameTables,
  type Tables,
} from './snapshot.ts';
import { planDeletions } from './tenants.ts';

export interface Plan {
  readonly changes: readonly Change[];
  readonly commands: readonly Command[];
}
/** What the shell is to do once the changes are stored. Commands may be repeated without harm. */
export type Command =
  /** The store was restored from a backup older than what agents have applied: count on from there, then plan. */
  | { readonly type: 'raise-revision'; readonly to: number }
  /** Tell every gateway its desired state at this revision. */
  | { readonly type: 'push-desired'; readonly gateways: readonly string[]; readonly revision: number }
  | { readonly type: 'apply-rules'; readonly revision: number }
  | { readonly type: 'apply-routes'; readonly revision: number };

/** `memo`: what it need not work out again; it changes nothing of the result. */
export function plan(
  snapshot: Snapshot,
  observations: Observations,
  now: number,
  memo: DerivedMemo = new DerivedMemo(),
): Plan {
  const known = highestRevision(observations);
  if (known > snapshot.revision) return { changes: [], commands: [{ type: 'raise-revision', to: known }] };
  let current = snapshot;
  // Each round follows from the last alone; a handful is enough, and the bound is a safeguard against a bug here.
  for (let round = 0; round < 8; round++) {
    const draft = planRound(snapshot.revision, current, { observations, now, memo });
    if (sameTables(current, draft)) break;
    current = draft;
  }
  const changes = changesBetween(snapshot, current);
  return { changes, commands: commandsFor(snapshot, current, changes) };
}

/** One pass in the order in which things depend on each other. All rounds of a plan share one revision. */
function planRound(
  revision: number,
  current: Tables,
  { observations, now, memo }: Pick<Planning, 'observations' | 'now'> & { readonly memo: DerivedMemo },
): Draft {
  const draft = draftOf({ ...current, revision });
  const planning: Planning = { draft, observations, now };
  planGateways(planning);
  planDeletions(planning);
  planSlots(planning);
  planConnections(planning);
  planRoles(planning);
  planRules(planning);
  planRoutes(planning, memo);
  planEvents(planning);
  removeDrained(planning);
  planFigures(planning);
  return draft;
}

/** A gateway its owner deleted goes when nothing is bound to it and nothing of it can be alive or it holds nothing. */
function removeDrained({ draft, observations, now }: Planning): void {
  for (const gateway of draft.gateways.values()) {
    const { phase } = gateway.status;
    const grace = graceEnd(observations, detectionOf(poolOf(draft, gateway.spec.pool).spec));
    const done = phase === 'Drained' || phase === 'Failed' || phase === 'Registering';
    if (gateway.deleting && done && now >= grace && slotsOn(draft, gateway.name).length === 0)
      draft.gateways.delete(gateway.name);
  }
}

/** Load, flags and counts that clients see. Nothing above reads them. */
function planFigures({ draft }: Planning): void {
  for (const gateway of draft.gateways.values()) {
    const use = gatewayUse(draft, gateway);
    const capacityUnits = modelOf(poolOf(draft, gateway.spec.pool)).units;
    const message = `${use.units} units are in use of ${capacityUnits}`;
    const over = { type: 'OverProvisioned', reason: 'CapacityLowered', message };
    const blocked = { type: 'Blocked', reason: 'NoTarget', message: 'no gateway can take its slots' };
    const silent = canAnnounce(gateway)
      ? []
      : slotsOn(draft, gateway.name).flatMap(notAnnounced(draft, gateway));
    const stuck = slotsOn(draft, gateway.name).some(({ status }) => status.phase === 'Bound');
    draft.gateways.set(gateway.name, {
      ...gateway,
      status: {
        ...gateway.status,
        loadUnits: use.units,
        capacityUnits,
        tenants: use.tenants.size,
        conditions: [
          ...(use.units > capacityUnits ? [over] : []),
          ...(gateway.status.phase === 'Draining' && stuck ? [blocked] : []),
          ...silent,
        ],
      },
    });
  }
  for (const pool of draft.pools.values())
    draft.pools.set(pool.name, { ...pool, status: poolStatus(draft, pool) });
}

/** F38: the slot is served, but nobody in the underlay is told where its GRE VIP is. */
function notAnnounced(tables: Tables, gateway: Gateway): (slot: Slot) => readonly Condition[] {
  return (slot) => {
    const { greVip, gateway: holder } = slot.status;
    if (holder !== gateway.name || !needsAnnouncement(tables, slot)) return [];
    const message = `no session with a router of the underlay: nobody is told of ${greVip} (slot ${slot.name})`;
    return [condition('VipNotAnnounced', 'UnderlaySessionDown', message)];
  };
}

function poolStatus(tables: Tables, pool: GatewayPool): GatewayPoolStatus {
  const gateways = poolGateways(tables, pool.name);
  const active = gateways.filter((gateway) => slotsOn(tables, gateway.name).length > 0);
  const healthy = gateways.filter(isEligible);
  const spare = sparesOf(tables, pool.name).length;
  const model = modelOf(pool);
  const load = active.reduce((sum, gateway) => sum + gateway.status.loadUnits, 0);
  const free = (type: ConnectionType) =>
    Math.max(0, ...healthy.map((gateway) => freeKbps(model, gateway.status.loadUnits, type)));
  const [IPSEC, GRE, L3] = connectionTypes.map(free);
  const reserveSatisfied = spare >= pool.spec.redundantGatewayCount;
  const homeless = [...tables.slots.values()].some(
    ({ spec, status }) => spec.pool === pool.name && status.phase === 'Unbound',
  );
  return {
    gateways: gateways.length,
    healthy: healthy.length,
    active: active.length,
    spare,
    reserveSatisfied,
    loadPermille: Math.floor((load * 1000) / (model.units * Math.max(1, gateways.length))),
    largestFreeKbps: { IPSEC, GRE, L3 },
    conditions: [
      ...(gateways.length === 0 ? [condition('NotReady', 'NoGateways', 'the pool has no gateway')] : []),
      ...(reserveSatisfied ? [] : [condition('ReserveLow', 'TooFewSpares', `${spare} spares are left`)]),
      ...(homeless ? [condition('StandbyExhausted', 'SlotUnbound', 'a slot has no gateway')] : []),
    ],
  };
}

function condition(type: string, reason: string, message: string) {
  return { type, reason, message };
}

function commandsFor(before: Snapshot, after: Tables, changes: readonly Change[]): readonly Command[] {
  if (changes.length === 0) return [];
  const { revision } = applyChanges(before, changes);
  const touched = (...wanted: readonly string[]) => changes.some(({ kind }) => wanted.includes(kind));
  const gateways = [...after.gateways.keys()];
  return [
    ...(touched('slots', 'tenants', 'connections', 'peers')
      ? [{ type: 'push-desired', gateways, revision } as const]
      : []),
    ...(touched('lbRules', 'slots') ? [{ type: 'apply-rules', revision } as const] : []),
    ...(touched('overlayRoutes', 'slots') ? [{ type: 'apply-routes', revision } as const] : []),
  ];
}
