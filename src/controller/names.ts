/**
 * Names and addresses the controller hands out: slots, GRE VIPs, a tenant's addresses and router ids on its slots.
 * All by one rule, the lowest free one, so that equal stores give equal answers; slot and event names are never reused,
 * since agents remember the epochs of slots.
 */
import { formatUint32, IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import type { GatewayPool, System, Tenant, TenantInstance } from './resources.ts';
import type { Draft, Tables } from './snapshot.ts';

/** Addresses of one subnet that are looked at before it counts as full. */
const searchLimit = 4096;

/** The host addresses of a subnet in order: not the network's own, not the IPv4 broadcast. */
export function* hostAddresses(text: string): Generator<IpAddress> {
  const subnet = Prefix.parse(text);
  if (!subnet) return;
  const { bytes } = subnet.masked().address;
  const bits = bytes.length * 8 - subnet.length;
  const size = bits > 12 ? searchLimit : 2 ** bits;
  const last = bits >= 2 && bits <= 12 && subnet.version === 4 ? size - 1 : size;
  for (let offset = bits >= 2 ? 1 : 0; offset < last; offset++) {
    const address = bytes.slice();
    for (let at = bytes.length - 1, rest = offset; rest > 0; at--, rest = Math.floor(rest / 256))
      address[at] += rest & 255;
    yield IpAddress.fromBytes(address);
  }
}

export function freeGreVip(tables: Tables, pool: GatewayPool): string | undefined {
  const used = new Set([...tables.slots.values()].map((slot) => slot.status.greVip));
  for (const subnet of pool.spec.greVipSubnets ?? [])
    for (const address of hostAddresses(subnet)) if (!used.has(String(address))) return String(address);
  return undefined;
}

/** RFC 6286 §2.1: a BGP Identifier is any non-zero 32-bit number; by default the RR address says it. */
export function rrRouterId(tenant: Pick<Tenant, 'spec'>): string {
  return tenant.spec.rr.routerId ?? formatUint32(identifierOf(tenant.spec.rr.address));
}

/** RFC 4456 §7: the cluster id, by default as the router id. */
export function rrClusterId(tenant: Tenant): number {
  return tenant.spec.rr.clusterId ?? (IpAddress.parse(rrRouterId(tenant))?.toUint32() || 1);
}

/** An IPv4 address as it is; the last four octets of an IPv6 address. */
function identifierOf(text: string): number {
  const address = IpAddress.parse(text);
  if (!address) return 1;
  return IpAddress.fromBytes(address.bytes, address.bytes.length - 4, 4).toUint32() || 1;
}

/** Is there an address for the tenant on the slot, or has it one already? */
export function hasInstanceAddress(tenant: Tenant, slot: string): boolean {
  const known = tenant.status.instances.some((instance) => instance.slot === slot);
  return known || newInstance(tenant, slot) !== undefined;
}

/** The lowest free address whose router id is free as well: I-RR4 and I-RR5 hold by construction. */
export function newInstance(tenant: Tenant, slot: string): TenantInstance | undefined {
  const addresses = new Set([tenant.spec.rr.address, ...tenant.status.instances.map((i) => i.address)]);
  const routerIds = new Set([rrRouterId(tenant), ...tenant.status.instances.map((i) => i.routerId)]);
  for (const subnet of tenant.spec.gatewaySubnets) {
    for (const address of hostAddresses(subnet)) {
      const routerId = formatUint32(identifierOf(String(address)));
      if (!addresses.has(String(address)) && !routerIds.has(routerId))
        return { slot, address: String(address), routerId };
    }
  }
  return undefined;
}

/** RFC 7348 §5: 24 bits. The first few thousand are left to the provider's own networks. */
const firstVni = 4096;

/** Of tenants that are on their way out too: their segments may still be in a kernel. */
export function freeVni(tables: Tables): number {
  const used = new Set([...tables.tenants.values()].map(({ status }) => status.vni));
  let vni = firstVni;
  while (used.has(vni)) vni++;
  return vni;
}

export function systemOf(tables: Tables): System {
  const [system] = tables.system.values();
  if (!system) throw new Error('the store has no system object');
  return system;
}

/** `pool-7`; the number is never given out again. */
export function newSlotName(draft: Draft, pool: string): string {
  const system = systemOf(draft);
  const status = { ...system.status, nextSlot: system.status.nextSlot + 1 };
  draft.system.set(system.name, { ...system, status });
  return `${pool}-${system.status.nextSlot}`;
}

/** A number that an agent has seen under this pool's name is not given out either, whatever the store remembers. */
export function skipSlotNames(draft: Draft, seen: string): void {
  const number = Number(/-(\d{1,15})$/.exec(seen)?.[1] ?? 0);
  const system = systemOf(draft);
  if (number < system.status.nextSlot) return;
  draft.system.set(system.name, { ...system, status: { ...system.status, nextSlot: number + 1 } });
}

export function newEventName(draft: Draft): string {
  const system = systemOf(draft);
  const status = { ...system.status, nextEvent: system.status.nextEvent + 1 };
  draft.system.set(system.name, { ...system, status });
  return `event-${system.status.nextEvent}`;
}
