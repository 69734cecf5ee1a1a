/**
 * What one gateway is to hold, whole, at a revision: its slots with their epochs, the tenants on them with role and
 * addresses, connections and peers. Two gateways that are told different things about a slot never both hold it: what is
 * being released is in nobody's desired state. Secrets are references.
 */

import { IpAddress } from '../net/ip-address.ts';
import { hostPrefix, Prefix } from '../net/prefix.ts';
import { vipOf } from './derive.ts';
import { rrClusterId, rrRouterId } from './names.ts';
import { detectionOf, graceEnd, type Observations } from './observations.ts';
import type {
  BgpPeerSpec,
  BgpTimers,
  ConnectionSpec,
  RoutePolicyRule,
  Tenant,
  TenantInstance,
  UnderlayBgp,
} from './resources.ts';
import type { Snapshot, Tables } from './snapshot.ts';

export interface DesiredState {
  readonly revision: number;
  readonly gateway: string;
  readonly slots: readonly {
    readonly slot: string;
    readonly epoch: number;
    readonly greVip?: string;
  }[];
  readonly tenants: readonly DesiredTenant[];
  /** Absent where it has no VIP and no session. */
  readonly underlay?: DesiredUnderlay;
}

/** What the gateway holds in its own network. */
export interface DesiredUnderlay {
  /** Provider address of the gateway. */
  readonly address: string;
  /** Answered for on the loopback. */
  readonly vips: readonly DesiredVip[];
  /** A spare has its sessions already. */
  readonly bgp?: UnderlayBgp;
}

export interface DesiredVip {
  readonly slot: string;
  readonly address: string;
  /** I-VIP: the GRE VIP of a slot. One behind a multiplexer is the multiplexer's to announce. */
  readonly isAnnounced: boolean;
}

export interface DesiredTenant {
  readonly tenant: string;
  readonly slot: string;
  readonly epoch: number;
  readonly routingDomain: string;
  readonly asn: number;
  readonly address: string;
  readonly routerId: string;
  /** Present on the reflector alone. */
  readonly reflector?: {
    readonly address: string;
    readonly routerId: string;
    readonly clusterId: number;
    /** Addresses of its clients: one per further slot of the tenant. */
    readonly clients: readonly string[];
    readonly peers: readonly (BgpPeerSpec & { readonly name: string })[];
    /** Prefixes of the gateways themselves: no site may announce them, or more specific ones. */
    readonly ownPrefixes: readonly string[];
    /** Those that its peers use. */
    readonly policies: readonly { readonly name: string; readonly rules: readonly RoutePolicyRule[] }[];
  };
  /** Present on clients alone: the one neighbour they have. */
  readonly reflectorAddress?: string;
  readonly timers?: BgpTimers;
  /** How long peers are asked to keep routes while a slot moves (RFC 4724 §3). */
  readonly restartSeconds?: number;
  /** Absent while the tenant has one slot alone. */
  readonly segment?: TenantSegment;
  readonly connections: readonly (ConnectionSpec & {
    readonly name: string;
    readonly localEndpoint?: string;
    /** Host routes of peers over this connection; never overridden by a learned route. */
    readonly pins: readonly Pin[];
  })[];
}

/** The tenant's own network between its gateways: VXLAN (RFC 7348) over their provider addresses. */
export interface TenantSegment {
  readonly vni: number;
  /** Provider address of this gateway. */
  readonly underlayAddress: string;
  /** Of the gateway subnet that this slot's address is from. */
  readonly prefixLength: number;
  /** The tenant's other slots that a gateway serves now. */
  readonly neighbours: readonly {
    readonly slot: string;
    readonly epoch: number;
    readonly address: string;
    readonly underlayAddress: string;
    /** Behind it: the reflector, and pinned peers in the order of their connections. */
    readonly reaches: readonly Pin[];
  }[];
}

export interface Pin {
  readonly address: string;
  /** 0 for the connection that the peer is pinned to, 1, 2, ... for its backups in their order. */
  readonly backup: number;
}

export function desiredState(snapshot: Snapshot, gateway: string): DesiredState {
  const held = [...snapshot.slots.values()]
    .filter(({ status }) => status.phase === 'Bound' && status.gateway === gateway)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const underlay = underlayAt(
    snapshot,
    gateway,
    held.map(({ name }) => name),
  );
  return {
    revision: snapshot.revision,
    gateway,
    slots: held.map(({ name, status }) => ({
      slot: name,
      epoch: status.epoch,
      ...(status.greVip === undefined ? {} : { greVip: status.greVip }),
    })),
    tenants: held.flatMap(({ name, status }) => tenantsAt(snapshot, name, status.epoch)),
    ...(underlay ? { underlay } : {}),
  };
}

function underlayAt(tables: Tables, gateway: string, slots: readonly string[]): DesiredUnderlay | undefined {
  const spec = tables.gateways.get(gateway)?.spec;
  const own = slots.flatMap((slot) => {
    const address = tables.slots.get(slot)?.status.greVip;
    return address === undefined ? [] : { slot, address, isAnnounced: true };
  });
  const shared = new Map<string, DesiredVip>();
  for (const connection of tables.connections.values()) {
    const { slot, deletionRevision } = connection.status;
    if (connection.spec.type !== 'IPSEC' || deletionRevision !== undefined) continue;
    const address = vipOf(tables, connection);
    if (address === undefined || typeof slot !== 'string' || !slots.includes(slot)) continue;
    shared.set(`${slot} ${address}`, { slot, address, isAnnounced: false });
  }
  const vips = [...own, ...shared.values()];
  if (!spec || (vips.length === 0 && !spec.underlayBgp)) return undefined;
  return {
    address: spec.underlayAddress,
    vips,
    ...(spec.underlayBgp ? { bgp: spec.underlayBgp } : {}),
  };
}

/**
 * The answer to a renewal. A controller that has just started may have read an old backup: until the grace is over it
 * confirms what an agent holds already, and hands out nothing else.
 */
export function answerFor(
  snapshot: Snapshot,
  observations: Observations,
  gateway: string,
  now: number,
): DesiredState {
  const whole = desiredState(snapshot, gateway);
  const { underlay } = whole;
  const pool = snapshot.pools.get(snapshot.gateways.get(gateway)?.spec.pool ?? '');
  if (now >= graceEnd(observations, detectionOf(pool?.spec))) return whole;
  const report = observations.agents.get(gateway)?.report;
  const held = new Set(report?.held.map(({ slot }) => slot));
  const reflecting = new Set(
    report?.tenants.filter(({ rr }) => rr !== 'Off').map(({ tenant, slot }) => `${tenant} ${slot}`),
  );
  return {
    ...whole,
    slots: whole.slots.filter(({ slot }) => held.has(slot)),
    ...(underlay
      ? { underlay: { ...underlay, vips: underlay.vips.filter(({ slot }) => held.has(slot)) } }
      : {}),
    tenants: whole.tenants
      .filter(({ slot }) => held.has(slot))
      .map((known) => {
        const { reflector, ...rest } = known;
        return reflector && !reflecting.has(`${known.tenant} ${known.slot}`) ? rest : known;
      }),
  };
}

function tenantsAt(tables: Tables, slot: string, epoch: number): readonly DesiredTenant[] {
  return [...tables.tenants.values()].flatMap((tenant) => {
    const instance = tenant.status.instances.find((known) => known.slot === slot);
    if (!instance || tenant.status.deletion?.stage === 'RemoveInstances') return [];
    const { routingDomain, asn } = tenant.spec;
    const { address, routerId } = instance;
    const { timers, restartSeconds } = tenant.spec;
    const segment = segmentAt(tables, tenant, instance);
    return {
      ...{ tenant: tenant.name, slot, epoch, routingDomain, asn, address, routerId },
      ...roleOf(tables, tenant, instance),
      ...(timers ? { timers } : {}),
      ...(restartSeconds === undefined ? {} : { restartSeconds }),
      ...(segment ? { segment } : {}),
      connections: connectionsAt(tables, tenant, slot),
    };
  });
}

/** I-RR2: the role is in one desired state at most, and in none while its old holder has not let go. */
function roleOf(
  tables: Tables,
  tenant: Tenant,
  instance: TenantInstance,
): Pick<DesiredTenant, 'reflector' | 'reflectorAddress'> {
  const { rrSlot, rrMove, instances } = tenant.status;
  const { address } = tenant.spec.rr;
  if (instance.slot !== rrSlot) return { reflectorAddress: address };
  if (rrMove) return {};
  return {
    reflector: {
      address,
      routerId: rrRouterId(tenant),
      clusterId: rrClusterId(tenant),
      clients: instances.filter(({ slot }) => slot !== rrSlot).map((client) => client.address),
      ownPrefixes: [hostPrefix(address), ...tenant.spec.gatewaySubnets],
      ...policed(tables, peersOf(tables, tenant)),
    },
  };
}

type Reflector = NonNullable<DesiredTenant['reflector']>;

function policed(tables: Tables, peers: Reflector['peers']): Pick<Reflector, 'peers' | 'policies'> {
  const used = new Set(peers.flatMap(({ policyIn, policyOut }) => [policyIn ?? [], policyOut ?? []].flat()));
  const policies = [...used].sort().flatMap((name) => {
    const found = tables.policies.get(name);
    return found ? { name, rules: found.spec.rules } : [];
  });
  return { peers, policies };
}

function segmentAt(tables: Tables, tenant: Tenant, own: TenantInstance): TenantSegment | undefined {
  const { instances, vni } = tenant.status;
  const underlayAddress = underlayOf(tables, own.slot);
  if (instances.length < 2 || vni === undefined || underlayAddress === undefined) return undefined;
  const subnets = tenant.spec.gatewaySubnets.flatMap((text) => Prefix.parse(text) ?? []);
  const address = IpAddress.parse(own.address);
  const subnet = subnets.find((known) => address && known.contains(address));
  const neighbours = instances.flatMap((instance) => {
    const there = instance.slot === own.slot ? undefined : underlayOf(tables, instance.slot);
    if (there === undefined) return [];
    const epoch = tables.slots.get(instance.slot)?.status.epoch ?? 0;
    const reaches = reachedAt(tables, tenant, instance.slot);
    return { slot: instance.slot, epoch, address: instance.address, underlayAddress: there, reaches };
  });
  return {
    vni,
    underlayAddress,
    prefixLength: subnet?.length ?? (address?.version === 6 ? 128 : 32),
    neighbours,
  };
}

/** Of the gateway that serves the slot; a slot that is let go of by somebody is nobody's yet. */
function underlayOf(tables: Tables, slot: string): string | undefined {
  const { phase, gateway } = tables.slots.get(slot)?.status ?? {};
  return phase === 'Bound' ? tables.gateways.get(gateway ?? '')?.spec.underlayAddress : undefined;
}

function reachedAt(tables: Tables, tenant: Tenant, slot: string): readonly Pin[] {
  const { rrSlot, rrMove } = tenant.status;
  const reflector = slot === rrSlot && !rrMove ? [{ address: tenant.spec.rr.address, backup: 0 }] : [];
  return [...reflector, ...connectionsAt(tables, tenant, slot).flatMap(({ pins }) => pins)];
}

function peersOf(tables: Tables, tenant: Tenant): readonly (BgpPeerSpec & { readonly name: string })[] {
  return [...tables.peers.values()]
    .filter(({ spec, deleting }) => spec.tenant === tenant.name && !deleting)
    .map(({ name, spec }) => ({ ...spec, name, ...(tenant.deleting ? { adminDown: true } : {}) }));
}

function connectionsAt(tables: Tables, tenant: Tenant, slot: string): DesiredTenant['connections'] {
  return [...tables.connections.values()]
    .filter(({ spec, status }) => spec.tenant === tenant.name && status.slot === slot)
    .filter(({ status }) => status.deletionRevision === undefined)
    .map((connection) => {
      const localEndpoint = vipOf(tables, connection);
      const endpoint = localEndpoint === undefined ? {} : { localEndpoint };
      const rates = connection.status.granted ?? connection.spec;
      const pins = pinsOver(tables, connection.name);
      return { ...connection.spec, ...rates, name: connection.name, ...endpoint, pins };
    });
}

/** I-PIN: 0 for the pinned connection, 1, 2, ... for backups in their order. */
function pinsOver(tables: Tables, connection: string): readonly Pin[] {
  return [...tables.peers.values()].flatMap(({ spec, deleting }) => {
    const backup = [spec.connection, ...(spec.backupConnections ?? [])].indexOf(connection);
    return backup < 0 || deleting ? [] : { address: spec.address, backup };
  });
}
