/**
 * What a client may write: every mistake of a write at once, each with its HTTP status and stable reason. Reads the
 * tables, changes nothing; whether there is room is the planner's affair, since a connection may wait. Rules that hold
 * between objects of different tenants name the other one only by kind.
 */
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import { capacityModel, ceilings } from './capacity.ts';
import { rrRouterId } from './names.ts';
import { admitsType, needsGreVip } from './placement.ts';
import type {
  BgpPeer,
  BgpTimers,
  Condition,
  Connection,
  Gateway,
  GatewayPool,
  RoutePolicy,
  Tenant,
} from './resources.ts';
import { connectionTypes } from './resources.ts';
import { sameValue, type Tables } from './snapshot.ts';

export type ConflictReason =
  | 'PoolTypeImmutable'
  | 'PoolInUse'
  | 'RemoteAddressInUse'
  | 'GreKeyInUse'
  | 'GreSubnetOverlaps'
  | 'RrAddressImmutable'
  | 'RrAddressOverlapsSite'
  | 'AsnEqualsPeer'
  | 'PeerAddressInUse'
  | 'UnderlayAddressInUse'
  | 'L3AddressInUse'
  | 'ConnectionInUse'
  | 'PolicyInUse'
  | 'FieldImmutable';
export type InvalidReason =
  | 'AllPoolExclusive'
  | 'NoCompatiblePool'
  | 'PeerNotPinned'
  | 'CapacityMismatch'
  | 'HoldTimeInvalid'
  | 'PrefixHostBits'
  | 'TypeFieldMissing'
  | 'FieldInvalid'
  | 'UnknownReference';
export interface Refusal {
  readonly status: 409 | 422 | 423;
  readonly reason: ConflictReason | InvalidReason | 'Deleting';
  readonly message: string;
}

/** A client's write: the object as it is to be. The controller's own kinds are not for clients. */
export type ClientWrite =
  | { readonly kind: 'pools'; readonly value: GatewayPool }
  | { readonly kind: 'gateways'; readonly value: Gateway }
  | { readonly kind: 'tenants'; readonly value: Tenant }
  | { readonly kind: 'connections'; readonly value: Connection }
  | { readonly kind: 'peers'; readonly value: BgpPeer }
  | { readonly kind: 'policies'; readonly value: RoutePolicy };

const conflict = (reason: ConflictReason, message: string): Refusal => ({ status: 409, reason, message });
const invalid = (reason: InvalidReason, message: string): Refusal => ({ status: 422, reason, message });

export function admit(tables: Tables, write: ClientWrite): readonly Refusal[] {
  if (tables[write.kind].get(write.value.name)?.deleting) {
    return [{ status: 423, reason: 'Deleting', message: `${write.value.name} is being deleted` }];
  }
  switch (write.kind) {
    case 'pools':
      return admitPool(tables, write.value);
    case 'gateways':
      return admitGateway(tables, write.value);
    case 'tenants':
      return admitTenant(tables, write.value);
    case 'connections':
      return admitConnection(tables, write.value);
    case 'peers':
      return admitPeer(tables, write.value);
    case 'policies':
      return admitPolicy(tables, write.value);
  }
}

/** May it be deleted? A gateway or a tenant may always; it then leaves in good order. */
export function admitDelete(tables: Tables, kind: ClientWrite['kind'], name: string): readonly Refusal[] {
  if (kind === 'pools') {
    const used =
      [...tables.tenants.values()].some(({ spec }) => spec.pools.includes(name)) ||
      [...tables.slots.values(), ...tables.gateways.values()].some(({ spec }) => spec.pool === name);
    return used ? [conflict('PoolInUse', 'tenants, gateways or slots refer to the pool')] : [];
  }
  if (kind === 'policies') {
    const used = peersWith(tables, name).length > 0;
    return used ? [conflict('PolicyInUse', 'BGP peers use the policy')] : [];
  }
  if (kind !== 'connections') return [];
  const pinned = [...tables.peers.values()].some(({ spec }) => spec.connection === name);
  return pinned ? [conflict('ConnectionInUse', 'BGP peers are pinned to the connection')] : [];
}

function admitPool(tables: Tables, { name, spec }: GatewayPool): readonly Refusal[] {
  const old = tables.pools.get(name)?.spec;
  const refusals: Refusal[] = [];
  const members = [...tables.gateways.values()].some((gateway) => gateway.spec.pool === name);
  if (old && old.type !== spec.type && members)
    refusals.push(conflict('PoolTypeImmutable', 'the pool has gateways'));
  if (needsGreVip({ spec } as GatewayPool) && !spec.greVipSubnets?.length)
    refusals.push(invalid('TypeFieldMissing', `${spec.type} needs greVipSubnets`));
  if (admitsType({ spec } as GatewayPool, 'IPSEC') && !spec.publicVips?.length)
    refusals.push(invalid('TypeFieldMissing', `${spec.type} needs publicVips`));
  if (!isWhole(spec.redundantGatewayCount))
    refusals.push(invalid('FieldInvalid', 'redundantGatewayCount is a whole number, 0 or more'));
  return [...refusals, ...capacityRefusals({ spec }), ...greSubnetRefusals(tables, { name, spec })];
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function capacityRefusals({ spec }: Pick<GatewayPool, 'spec'>): readonly Refusal[] {
  const custom = typeof spec.capacityProfile === 'object' ? Object.values(spec.capacityProfile) : [];
  const odd = [spec.gatewayCapacityKbps, ...custom].some(
    (kbps) => !isWhole(kbps) || kbps < 1000 || kbps % 1000 !== 0,
  );
  if (odd) return [invalid('CapacityMismatch', 'capacities are multiples of 1000 kbit/s')];
  if (capacityModel(spec)) return [];
  const caps = ceilings(spec);
  const listed = connectionTypes.map((type) => `${type} ${caps[type]}`).join(', ');
  return [invalid('CapacityMismatch', `the ceilings have no usable common multiple: ${listed}`)];
}

function greSubnetRefusals(
  tables: Tables,
  { name, spec }: Pick<GatewayPool, 'name' | 'spec'>,
): readonly Refusal[] {
  const own = (spec.greVipSubnets ?? []).map((text) => [text, Prefix.parse(text)] as const);
  const others = [...tables.pools.values()]
    .filter((pool) => pool.name !== name)
    .flatMap((pool) => pool.spec.greVipSubnets ?? [])
    .flatMap((text) => Prefix.parse(text) ?? []);
  return own.flatMap(([text, subnet]) => {
    if (!subnet || subnet.hasHostBits) return invalid('PrefixHostBits', `${text} is no prefix`);
    return others.some((other) => other.contains(subnet) || subnet.contains(other))
      ? conflict('GreSubnetOverlaps', `${text} overlaps another pool's`)
      : [];
  });
}

function admitGateway(tables: Tables, { name, spec }: Gateway): readonly Refusal[] {
  const old = tables.gateways.get(name)?.spec;
  const refusals: Refusal[] = [];
  if (!tables.pools.has(spec.pool)) refusals.push(invalid('UnknownReference', `no pool ${spec.pool}`));
  if (old && old.pool !== spec.pool) refusals.push(conflict('FieldImmutable', 'a gateway keeps its pool'));
  if (old && old.underlayAddress !== spec.underlayAddress)
    refusals.push(conflict('FieldImmutable', 'a gateway keeps its underlay address'));
  if (!IpAddress.parse(spec.underlayAddress))
    refusals.push(invalid('FieldInvalid', 'underlayAddress is no address'));
  refusals.push(...underlayBgpRefusals(spec));
  for (const other of tables.gateways.values()) {
    if (other.name !== name && other.spec.underlayAddress === spec.underlayAddress)
      refusals.push(conflict('UnderlayAddressInUse', `${spec.underlayAddress} is another gateway's`));
  }
  return refusals;
}

function underlayBgpRefusals({ underlayAddress, underlayBgp }: Gateway['spec']): readonly Refusal[] {
  if (!underlayBgp) return [];
  const { routerId = underlayAddress, peers } = underlayBgp;
  const isRouterId = IpAddress.parse(routerId)?.version === 4;
  return [
    ...(isRouterId ? [] : [invalid('FieldInvalid', 'underlayBgp.routerId is no dotted quad')]),
    ...peers.flatMap(({ address }) =>
      IpAddress.parse(address) ? [] : [invalid('FieldInvalid', `underlayBgp: ${address} is no address`)],
    ),
  ];
}

function admitTenant(tables: Tables, tenant: Tenant): readonly Refusal[] {
  const { name, spec } = tenant;
  const old = tables.tenants.get(name)?.spec;
  const refusals: Refusal[] = [...timerRefusals(spec.timers), ...poolRefusals(tables, tenant)];
  if (old && !sameValue(old.rr, spec.rr))
    refusals.push(conflict('RrAddressImmutable', 'the reflector keeps its address and identity'));
  if (old && (old.asn !== spec.asn || old.routingDomain !== spec.routingDomain))
    refusals.push(conflict('FieldImmutable', 'a tenant keeps its AS number and routing domain'));
  if (!Number.isInteger(spec.asn) || spec.asn < 1 || spec.asn > 0xffffffff)
    refusals.push(invalid('FieldInvalid', 'asn is 1 to 4294967295'));
  if (!IpAddress.parse(spec.rr.address)) refusals.push(invalid('FieldInvalid', 'rr.address is no address'));
  // RFC 6286 §2.1: any 32-bit number but zero.
  const routerId = IpAddress.parse(rrRouterId(tenant));
  if (routerId?.version !== 4 || routerId.toUint32() === 0)
    refusals.push(invalid('FieldInvalid', 'rr.routerId is a non-zero dotted quad'));
  refusals.push(...spec.gatewaySubnets.flatMap(prefixRefusals));
  if (spec.gatewaySubnets.length === 0)
    refusals.push(invalid('TypeFieldMissing', 'a tenant needs gatewaySubnets'));
  const sites = [...tables.peers.values()].filter((peer) => peer.spec.tenant === name);
  if (sites.some((peer) => peer.spec.address === spec.rr.address))
    refusals.push(conflict('RrAddressOverlapsSite', 'a site has the address of the reflector'));
  return refusals;
}

function poolRefusals(tables: Tables, { name, spec }: Tenant): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const pools = spec.pools.flatMap((pool) => tables.pools.get(pool) ?? []);
  if (pools.length < spec.pools.length || pools.length === 0)
    refusals.push(invalid('UnknownReference', 'a pool of the tenant does not exist'));
  if (pools.length > 1 && pools.some((pool) => pool.spec.type === 'All'))
    refusals.push(invalid('AllPoolExclusive', 'an All pool excludes all others'));
  for (const { spec: connection, status } of tables.connections.values()) {
    const pool = tables.slots.get(status.slot ?? '')?.spec.pool;
    if (connection.tenant === name && pool !== undefined && !spec.pools.includes(pool))
      refusals.push(conflict('PoolInUse', `a connection of the tenant is in ${pool}`));
  }
  return refusals;
}

function prefixRefusals(text: string): readonly Refusal[] {
  const prefix = Prefix.parse(text);
  if (!prefix) return [invalid('FieldInvalid', `${text} is no prefix`)];
  return prefix.hasHostBits ? [invalid('PrefixHostBits', `${text} has host bits set`)] : [];
}

function timerRefusals(timers: BgpTimers | undefined): readonly Refusal[] {
  // RFC 4271 §4.2: the hold time is zero or at least three seconds.
  if (!timers || timers.holdSeconds === 0 || (timers.holdSeconds >= 3 && timers.holdSeconds <= 65535))
    return [];
  return [invalid('HoldTimeInvalid', 'holdSeconds is 0, or 3 to 65535')];
}

/** A hold timer that ends before a takeover does voids graceful restart; admitted, and said. */
export function timerConditions(timers: BgpTimers | undefined): readonly Condition[] {
  if (!timers || timers.holdSeconds === 0 || timers.holdSeconds >= 30) return [];
  const message = `a hold time of ${timers.holdSeconds} s may end before a takeover does`;
  return [{ type: 'HoldShorterThanTakeover', reason: 'HoldShorterThanTakeover', message }];
}

function admitConnection(tables: Tables, connection: Connection): readonly Refusal[] {
  const { spec } = connection;
  const old = tables.connections.get(connection.name)?.spec;
  const tenant = tables.tenants.get(spec.tenant);
  if (!tenant) return [invalid('UnknownReference', `no tenant ${spec.tenant}`)];
  const fixed = ({ tenant: owner, type, remoteAddress, gre, l3, vip }: Connection['spec']) => [
    owner,
    type,
    remoteAddress,
    gre,
    l3,
    vip,
  ];
  const moved = old && !sameValue(fixed(old), fixed(spec));
  const admitting = tenant.spec.pools.some((name) => {
    const pool = tables.pools.get(name);
    return pool !== undefined && admitsType(pool, spec.type);
  });
  return [
    ...(moved ? [conflict('FieldImmutable', 'only rates and static routes of a connection change')] : []),
    ...(admitting ? [] : [invalid('NoCompatiblePool', `no pool of the tenant serves ${spec.type}`)]),
    ...(isWhole(spec.inKbps) && isWhole(spec.outKbps)
      ? []
      : [invalid('FieldInvalid', 'rates are whole kbit/s, 0 or more')]),
    ...spec.routes.flatMap(({ prefix }) => prefixRefusals(prefix)),
    ...missingFields(connection),
    ...keyRefusals(tables, tenant, connection),
  ];
}

function missingFields({ spec }: Connection): readonly Refusal[] {
  const missing: string[] = [];
  if (spec.type !== 'L3' && !IpAddress.parse(spec.remoteAddress ?? '')) missing.push('remoteAddress');
  if (spec.type === 'GRE' && !spec.gre) missing.push('gre');
  if (spec.type === 'L3' && !spec.l3) missing.push('l3');
  return missing.map((field) => invalid('TypeFieldMissing', `${spec.type} needs ${field}`));
}

/** (VIP, remote address) for IPsec, (remote address, key) for GRE, (VLAN, address) for L3: one owner each. */
function keyRefusals(tables: Tables, tenant: Tenant, connection: Connection): readonly Refusal[] {
  const { spec, name } = connection;
  const vips = (other: Connection['spec']) => {
    const owner = tables.tenants.get(other.tenant)?.spec.pools ?? [];
    return other.vip
      ? [other.vip]
      : owner.flatMap((pool) => tables.pools.get(pool)?.spec.publicVips?.slice(0, 1) ?? []);
  };
  const refusals: Refusal[] = [];
  for (const other of tables.connections.values()) {
    if (other.name === name || other.spec.type !== spec.type) continue;
    const sameRemote = other.spec.remoteAddress === spec.remoteAddress;
    const pools = tables.tenants.get(other.spec.tenant)?.spec.pools ?? [];
    if (spec.type === 'IPSEC' && sameRemote && vips(spec).some((vip) => vips(other.spec).includes(vip)))
      refusals.push(
        conflict('RemoteAddressInUse', `${spec.remoteAddress} is known behind this VIP; use another VIP`),
      );
    if (spec.type === 'GRE' && sameRemote && spec.gre?.key === other.spec.gre?.key) {
      if (pools.some((pool) => tenant.spec.pools.includes(pool)))
        refusals.push(conflict('GreKeyInUse', `key ${spec.gre?.key} is in use for ${spec.remoteAddress}`));
    }
    if (
      spec.l3 &&
      other.spec.l3?.vlan === spec.l3.vlan &&
      other.spec.l3.localAddress === spec.l3.localAddress
    )
      refusals.push(conflict('L3AddressInUse', `${spec.l3.localAddress} is in use in VLAN ${spec.l3.vlan}`));
  }
  return refusals;
}

function admitPolicy(tables: Tables, { name, spec }: RoutePolicy): readonly Refusal[] {
  if (!tables.tenants.has(spec.tenant)) return [invalid('UnknownReference', `no tenant ${spec.tenant}`)];
  const foreign = peersWith(tables, name).some((peer) => peer.spec.tenant !== spec.tenant);
  return foreign ? [conflict('PolicyInUse', 'BGP peers of its former tenant use the policy')] : [];
}

function peersWith(tables: Tables, policy: string): readonly BgpPeer[] {
  return [...tables.peers.values()].filter(
    ({ spec, deleting }) => !deleting && (spec.policyIn === policy || spec.policyOut === policy),
  );
}

function admitPeer(tables: Tables, { name, spec }: BgpPeer): readonly Refusal[] {
  const tenant = tables.tenants.get(spec.tenant);
  if (!tenant) return [invalid('UnknownReference', `no tenant ${spec.tenant}`)];
  const refusals: Refusal[] = [...timerRefusals(spec.timers)];
  if (!IpAddress.parse(spec.address)) refusals.push(invalid('FieldInvalid', 'address is no address'));
  const pins = [spec.connection, ...(spec.backupConnections ?? [])];
  if (pins.some((pin) => tables.connections.get(pin)?.spec.tenant !== spec.tenant)) {
    const text = `${spec.address} has no connectivity through a connection of the tenant`;
    refusals.push(invalid('PeerNotPinned', text));
  }
  for (const policy of [spec.policyIn, spec.policyOut])
    if (policy !== undefined && tables.policies.get(policy)?.spec.tenant !== spec.tenant)
      refusals.push(invalid('UnknownReference', `the tenant has no policy ${policy}`));
  if (spec.asn === tenant.spec.asn)
    refusals.push(conflict('AsnEqualsPeer', 'a site has an AS number of its own'));
  if (spec.address === tenant.spec.rr.address)
    refusals.push(conflict('RrAddressOverlapsSite', 'the reflector has this address'));
  for (const other of tables.peers.values()) {
    if (other.name !== name && other.spec.tenant === spec.tenant && other.spec.address === spec.address)
      refusals.push(conflict('PeerAddressInUse', `${spec.address} is another peer of the tenant`));
  }
  return refusals;
}
