/**
 * Where a connection goes and where a slot finds shelter. Both are pure functions of the tables: the same store gives
 * the same answer, and the answer says why. Order for a connection: the tenant's original gateway, its other gateways,
 * best fit, a spare while the reserve holds. Order for a slot: a spare, then co-hosting of the whole slot, then nowhere.
 */
import { countedKbps } from './capacity.ts';
import { freeGreVip, hasInstanceAddress } from './names.ts';
import {
  canAnnounce,
  connectionsOf,
  gatewayUse,
  hasVlans,
  isEligible,
  limitsOf,
  modelOf,
  needsAnnouncement,
  poolGateways,
  poolOf,
  slotsOn,
  sparesOf,
  useOf,
  vlansOf,
} from './occupancy.ts';
import type {
  Connection,
  ConnectionType,
  Gateway,
  GatewayPool,
  PendingReason,
  PendingRecord,
  PlacementReason,
  PoolType,
  Slot,
  Tenant,
} from './resources.ts';
import { compareNames, type Tables } from './snapshot.ts';

const served: Readonly<Record<PoolType, readonly ConnectionType[]>> = {
  All: ['IPSEC', 'GRE', 'L3'],
  S2sIpsec: ['IPSEC'],
  S2sGre: ['GRE'],
  Forwarding: ['L3'],
};

export function admitsType(pool: GatewayPool, type: ConnectionType): boolean {
  return served[pool.spec.type].includes(type);
}

/** Does a slot of this pool own a GRE VIP? */
export function needsGreVip(pool: GatewayPool): boolean {
  return pool.spec.type === 'All' || pool.spec.type === 'S2sGre';
}

export type Placement =
  | {
      readonly type: 'placed';
      readonly slot: string;
      readonly reason: PlacementReason;
      readonly explanation: string;
      readonly freeAfterUnits: number;
    }
  | {
      readonly type: 'new-slot';
      readonly pool: string;
      readonly gateway: string;
      readonly explanation: string;
      readonly freeAfterUnits: number;
    }
  | { readonly type: 'pending'; readonly record: PendingRecord };

interface Fit {
  readonly slot: Slot;
  readonly freeAfterUnits: number;
  readonly tenants: number;
}

/** The answer for one connection as things stand; nothing is changed. */
export function place(tables: Tables, connection: Connection): Placement {
  const tenant = tables.tenants.get(connection.spec.tenant);
  if (!tenant) throw new Error(`tenant ${connection.spec.tenant} does not exist`);
  const pools = tenant.spec.pools
    .map((name) => poolOf(tables, name))
    .filter((pool) => admitsType(pool, connection.spec.type));
  if (pools.length === 0) {
    return pending('NoCompatiblePool', `no pool of the tenant serves ${connection.spec.type}`, 0, 0, []);
  }
  const slots = [...tables.slots.values()].filter((slot) =>
    pools.some((pool) => pool.name === slot.spec.pool),
  );
  const fits = slots.flatMap((slot) => fitOf(tables, slot, connection, tenant) ?? []);
  return bestOf(fits, tenant) ?? onSpare(tables, pools, connection, tenant);
}

function bestOf(fits: readonly Fit[], tenant: Tenant): Placement | undefined {
  const own = new Set(tenant.status.instances.map((instance) => instance.slot));
  const groups: readonly [PlacementReason, string, (slot: Slot) => boolean][] = [
    ['OriginalGateway', "the tenant's first gateway has room", (slot) => slot.name === tenant.status.rrSlot],
    [
      'TenantGateway',
      'the first gateway has no room, another of the tenant has',
      (slot) => own.has(slot.name),
    ],
    ['BestFit', 'no gateway of the tenant has room, this one is left fullest', () => true],
  ];
  for (const [reason, text, belongs] of groups) {
    const [best] = fits.filter((fit) => belongs(fit.slot)).sort(tighter);
    if (!best) continue;
    const { slot, freeAfterUnits } = best;
    return {
      type: 'placed',
      slot: slot.name,
      reason,
      explanation: `${text}; ${freeAfterUnits} units stay free`,
      freeAfterUnits,
    };
  }
  return undefined;
}

function tighter(a: Fit, b: Fit): number {
  return (
    a.freeAfterUnits - b.freeAfterUnits || a.tenants - b.tenants || compareNames(a.slot.name, b.slot.name)
  );
}

function fitOf(tables: Tables, slot: Slot, connection: Connection, tenant: Tenant): Fit | undefined {
  if (refusalOf(tables, slot, connection, tenant) !== undefined) return undefined;
  const gateway = tables.gateways.get(slot.status.gateway ?? '');
  if (!gateway) return undefined;
  const pool = poolOf(tables, slot.spec.pool);
  const use = gatewayUse(tables, gateway);
  return {
    slot,
    freeAfterUnits: modelOf(pool).units - use.units - neededUnits(pool, connection),
    tenants: use.tenants.size,
  };
}

function neededUnits(pool: GatewayPool, connection: Connection): number {
  return modelOf(pool).weight[connection.spec.type] * countedKbps(pool.spec, connection.spec);
}

/** Why the slot cannot take the connection; `undefined` when it can. */
function refusalOf(
  tables: Tables,
  slot: Slot,
  connection: Connection,
  tenant: Tenant,
): PendingReason | undefined {
  const gateway = tables.gateways.get(slot.status.gateway ?? '');
  if (slot.status.phase !== 'Bound' || !gateway || !isEligible(gateway)) return 'NoGateways';
  const pool = poolOf(tables, slot.spec.pool);
  const use = gatewayUse(tables, gateway);
  if (use.units + neededUnits(pool, connection) > modelOf(pool).units) return 'NoCapacity';
  if (use.connections >= limitsOf(pool).connections) return 'ConnectionLimit';
  if (!use.tenants.has(tenant.name) && use.tenants.size >= limitsOf(pool).tenants) return 'TenantLimit';
  if (connection.spec.l3 && !hasVlans(gateway, [connection.spec.l3.vlan])) return 'NoVlan';
  if (connection.spec.type === 'GRE' && !greFits(tables, slot, connection)) return 'NoVip';
  return hasInstanceAddress(tenant, slot.name) ? undefined : 'NoInstanceAddress';
}

/** A GRE VIP, remote address and key belong to one connection. */
function greFits(tables: Tables, slot: Slot, connection: Connection): boolean {
  if (slot.status.greVip === undefined) return false;
  return !connectionsOf(tables, slot.name).some(
    ({ spec }) =>
      spec.type === 'GRE' &&
      spec.remoteAddress === connection.spec.remoteAddress &&
      spec.gre?.key === connection.spec.gre?.key,
  );
}

function onSpare(
  tables: Tables,
  pools: readonly GatewayPool[],
  connection: Connection,
  tenant: Tenant,
): Placement {
  for (const pool of pools) {
    const spares = sparesOf(tables, pool.name);
    const free = modelOf(pool).units - neededUnits(pool, connection);
    if (spares.length - 1 < pool.spec.redundantGatewayCount || free < 0) continue;
    if (connection.spec.type === 'GRE' && freeGreVip(tables, pool) === undefined) continue;
    if (!hasInstanceAddress(tenant, '')) continue;
    const vlans = connection.spec.l3 ? [connection.spec.l3.vlan] : [];
    const wired = spares.filter((gateway) => hasVlans(gateway, vlans));
    const spare = (connection.spec.type === 'GRE' ? wired.find(canAnnounce) : undefined) ?? wired[0];
    if (!spare) continue;
    const text = `no active gateway has room; ${spares.length - 1} of ${pool.spec.redundantGatewayCount} reserved spares stay in ${pool.name}`;
    return {
      type: 'new-slot',
      pool: pool.name,
      gateway: spare.name,
      explanation: text,
      freeAfterUnits: free,
    };
  }
  return refuse(tables, pools, connection, tenant);
}

function refuse(
  tables: Tables,
  pools: readonly GatewayPool[],
  connection: Connection,
  tenant: Tenant,
): Placement {
  const needed = Math.min(...pools.map((pool) => neededUnits(pool, connection)));
  if (pools.every((pool) => neededUnits(pool, connection) > modelOf(pool).units)) {
    return pending(
      'LargerThanAnyGateway',
      `${needed} units needed, a whole gateway has fewer`,
      needed,
      largestFree(tables, pools),
      ['raiseCapacity'],
    );
  }
  const reasons = refusals(tables, pools, connection, tenant);
  const reason = pendingOrder.find((candidate) => reasons.has(candidate)) ?? 'NoCapacity';
  const largest = largestFree(tables, pools);
  const spareHeld = pools.some((pool) => sparesOf(tables, pool.name).length > 0);
  return pending(
    reason,
    `${needed} units needed, ${largest} is the most that is free on one active gateway`,
    needed,
    largest,
    spareHeld ? ['addGateway', 'lowerN', 'raiseCapacity'] : ['addGateway', 'raiseCapacity'],
  );
}

/** The reason to name when several apply: the one that more gateways would not cure comes first. */
const pendingOrder: readonly PendingReason[] = [
  'NoInstanceAddress',
  'NoVip',
  'NoVlan',
  'TenantLimit',
  'ConnectionLimit',
  'NoCapacity',
  'NoGateways',
];

function refusals(
  tables: Tables,
  pools: readonly GatewayPool[],
  connection: Connection,
  tenant: Tenant,
): ReadonlySet<PendingReason> {
  const reasons = new Set<PendingReason>();
  for (const pool of pools) {
    if (poolGateways(tables, pool.name).length === 0) reasons.add('NoGateways');
    for (const slot of tables.slots.values()) {
      if (slot.spec.pool !== pool.name) continue;
      const refusal = refusalOf(tables, slot, connection, tenant);
      if (refusal !== undefined) reasons.add(refusal);
    }
    const spares = sparesOf(tables, pool.name);
    const vlans = connection.spec.l3 ? [connection.spec.l3.vlan] : [];
    if (spares.length > 0 && !spares.some((gateway) => hasVlans(gateway, vlans))) reasons.add('NoVlan');
    if (spares.length > 0 && connection.spec.type === 'GRE' && freeGreVip(tables, pool) === undefined)
      reasons.add('NoVip');
  }
  if (!hasInstanceAddress(tenant, '')) reasons.add('NoInstanceAddress');
  return reasons;
}

function largestFree(tables: Tables, pools: readonly GatewayPool[]): number {
  const free = pools.flatMap((pool) =>
    poolGateways(tables, pool.name)
      .filter((gateway) => isEligible(gateway) && slotsOn(tables, gateway.name).length > 0)
      .map((gateway) => modelOf(pool).units - gatewayUse(tables, gateway).units),
  );
  return Math.max(0, ...free);
}

function pending(
  reason: PendingReason,
  message: string,
  neededUnits: number,
  largestFreeUnits: number,
  wouldFitIf: PendingRecord['wouldFitIf'],
): Placement {
  return { type: 'pending', record: { reason, message, neededUnits, largestFreeUnits, wouldFitIf } };
}

export type Shelter =
  | { readonly type: 'spare' | 'co-host'; readonly gateway: string }
  | { readonly type: 'none'; readonly reason: 'NoCapacity' | 'NoVlan' };

/**
 * A gateway for the whole slot: the longest idle spare, another fault domain first; else one with room beside its own.
 * One that cannot announce the slot's GRE VIP is the last resort, even where it is empty and the other is not.
 */
export function pickStandby(tables: Tables, slot: Slot, avoid: string | null): Shelter {
  const vlans = vlansOf(tables, slot.name);
  const away = (gateway: Gateway) => gateway.name !== avoid && hasVlans(gateway, vlans);
  const heard = (gateway: Gateway) => away(gateway) && canAnnounce(gateway);
  const shelter =
    (needsAnnouncement(tables, slot) ? shelterAmong(tables, slot, avoid, heard) : undefined) ??
    shelterAmong(tables, slot, avoid, away);
  if (shelter) return shelter;
  const wired = poolGateways(tables, slot.spec.pool).some((g) => isEligible(g) && hasVlans(g, vlans));
  return { type: 'none', reason: vlans.length > 0 && !wired ? 'NoVlan' : 'NoCapacity' };
}

function shelterAmong(
  tables: Tables,
  slot: Slot,
  avoid: string | null,
  admits: (gateway: Gateway) => boolean,
): Shelter | undefined {
  const pool = poolOf(tables, slot.spec.pool);
  const domain = tables.gateways.get(avoid ?? '')?.spec.faultDomain;
  const spares = sparesOf(tables, pool.name).filter(admits);
  const elsewhere = domain === undefined ? undefined : spares.find((g) => g.spec.faultDomain !== domain);
  const spare = elsewhere ?? spares[0];
  if (spare) return { type: 'spare', gateway: spare.name };
  const [host] = pool.spec.onStandbyExhausted === 'Wait' ? [] : coHosts(tables, pool, slot).filter(admits);
  return host && { type: 'co-host', gateway: host.name };
}

/** Active gateways that can take all of the slot, the one it leaves fullest first. */
function coHosts(tables: Tables, pool: GatewayPool, slot: Slot): readonly Gateway[] {
  const limits = limitsOf(pool);
  return poolGateways(tables, pool.name)
    .filter(isEligible)
    .map((gateway) => {
      const names = slotsOn(tables, gateway.name).map((other) => other.name);
      return { gateway, use: useOf(tables, pool, [...names, slot.name]) };
    })
    .filter(({ use }) => use.units <= modelOf(pool).units)
    .filter(({ use }) => use.tenants.size <= limits.tenants && use.connections <= limits.connections)
    .sort(
      (a, b) =>
        b.use.units - a.use.units ||
        a.use.tenants.size - b.use.tenants.size ||
        compareNames(a.gateway.name, b.gateway.name),
    )
    .map(({ gateway }) => gateway);
}
