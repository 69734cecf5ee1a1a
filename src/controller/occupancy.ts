/**
 * Who carries what: the load, tenants and connections of slots and of gateways, which gateways may be given more, and
 * which are spares. A slot on its way counts on both sides, so that its room is there when it arrives.
 * Reads tables, changes nothing.
 */
import { type CapacityModel, capacityModel, countedKbps } from './capacity.ts';
import type { Connection, Gateway, GatewayPool, Slot } from './resources.ts';
import { compareNames, type Tables } from './snapshot.ts';

export interface Use {
  readonly units: number;
  readonly tenants: ReadonlySet<string>;
  readonly connections: number;
}

/** The gateways that carry the slot's load: its holder, and the one it is moving to. */
export function carriersOf(slot: Slot): readonly string[] {
  const target = slot.status.releasing?.target;
  return [slot.status.gateway, target].filter(
    (name, at, all) => typeof name === 'string' && all.indexOf(name) === at,
  ) as string[];
}

export function slotsOn(tables: Tables, gateway: string): readonly Slot[] {
  return [...tables.slots.values()].filter((slot) => carriersOf(slot).includes(gateway));
}

export function connectionsOf(tables: Tables, slot: string): readonly Connection[] {
  return [...tables.connections.values()].filter((connection) => connection.status.slot === slot);
}

export function tenantsOf(tables: Tables, slot: string): readonly string[] {
  return [...tables.tenants.values()]
    .filter((tenant) => tenant.status.instances.some((instance) => instance.slot === slot))
    .map((tenant) => tenant.name);
}

/** Tenants whose reflector lives on the slot. */
export function reflectorsOf(tables: Tables, slot: string): readonly string[] {
  return [...tables.tenants.values()]
    .filter((tenant) => tenant.status.rrSlot === slot)
    .map((tenant) => tenant.name);
}

export function unitsOf(pool: GatewayPool, model: CapacityModel, connection: Connection): number {
  const rates = connection.status.granted ?? connection.spec;
  return model.weight[connection.spec.type] * countedKbps(pool.spec, rates);
}

/** What the named slots use together. */
export function useOf(tables: Tables, pool: GatewayPool, slots: readonly string[]): Use {
  const model = modelOf(pool);
  const names = new Set(slots);
  let units = 0;
  let connections = 0;
  for (const connection of tables.connections.values()) {
    if (connection.status.slot === null || !names.has(connection.status.slot)) continue;
    units += unitsOf(pool, model, connection);
    connections++;
  }
  const tenants = new Set<string>();
  for (const tenant of tables.tenants.values())
    if (tenant.status.instances.some((instance) => names.has(instance.slot))) tenants.add(tenant.name);
  return { units, tenants, connections };
}

export function gatewayUse(tables: Tables, gateway: Gateway): Use {
  const names = slotsOn(tables, gateway.name).map((slot) => slot.name);
  return useOf(tables, poolOf(tables, gateway.spec.pool), names);
}

export function poolOf(tables: Tables, name: string): GatewayPool {
  const pool = tables.pools.get(name);
  if (!pool) throw new Error(`pool ${name} is referred to and does not exist`);
  return pool;
}

/** Admission has refused every pool without one. */
export function modelOf(pool: GatewayPool): CapacityModel {
  const model = capacityModel(pool.spec);
  if (!model) throw new Error(`pool ${pool.name} has capacities without a usable common multiple`);
  return model;
}

export function limitsOf(pool: GatewayPool): { readonly tenants: number; readonly connections: number } {
  return { tenants: pool.spec.limits?.tenants ?? 100, connections: pool.spec.limits?.connections ?? 200 };
}

/** May be given work: in service, heard of lately, nobody wants it gone. */
export function isEligible(gateway: Gateway): boolean {
  const { phase } = gateway.status;
  return (phase === 'Spare' || phase === 'Active') && !isLeaving(gateway);
}

export function isLeaving(gateway: Gateway): boolean {
  return (
    gateway.deleting === true || gateway.spec.adminState !== 'InService' || gateway.spec.verdict !== undefined
  );
}

export function poolGateways(tables: Tables, pool: string): readonly Gateway[] {
  return [...tables.gateways.values()].filter((gateway) => gateway.spec.pool === pool);
}

/** Empty and eligible, the longest idle first. */
export function sparesOf(tables: Tables, pool: string): readonly Gateway[] {
  return poolGateways(tables, pool)
    .filter((gateway) => isEligible(gateway) && slotsOn(tables, gateway.name).length === 0)
    .sort((a, b) => a.status.idleSince - b.status.idleSince || compareNames(a.name, b.name));
}

/** A slot of a pool for GRE has a VIP; it is needed once a connection ends on it. */
export function needsAnnouncement(tables: Tables, slot: Slot): boolean {
  if (slot.status.greVip === undefined) return false;
  return connectionsOf(tables, slot.name).some(({ spec }) => spec.type === 'GRE');
}

/** Is there a router that it tells its VIPs? One without `underlayBgp`, or whose agent does not say, is not judged. */
export function canAnnounce({ status }: Gateway): boolean {
  return status.underlayUp === undefined || status.underlayUp.length > 0;
}

export function vlansOf(tables: Tables, slot: string): readonly number[] {
  return connectionsOf(tables, slot).flatMap(({ spec }) => (spec.l3 ? [spec.l3.vlan] : []));
}

export function hasVlans(gateway: Gateway, vlans: readonly number[]): boolean {
  return vlans.every((vlan) => gateway.spec.l3Vlans?.includes(vlan) ?? true);
}
