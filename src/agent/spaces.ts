/**
 * One tenant on one slot as a space of the gateway's kernel: which links lead to its sites and to its other gateways,
 * which addresses it answers for, and the routes that BGP is not asked about. Pure.
 */
import type { DesiredTenant } from '../controller/desired.ts';
import { hostPrefix } from '../net/prefix.ts';
import type { Link, Space, SpaceRoute } from './kernel-contract.ts';

export interface GatewayFacts {
  readonly gateway: string;
  /** The interface that a VLAN arrives on. */
  readonly interfaceOf: (vlan: number) => string;
  /** The directory with the keys that peers are named after. */
  readonly secrets: string;
}

const segmentLink = 'segment';

/** Below the metric of routes that BGP installs: a pin is never overridden by a learned route. */
const pinMetric = 1;

type Connection = DesiredTenant['connections'][number];

export function spaceOf(
  tenant: DesiredTenant,
  { gateway, interfaceOf }: Pick<GatewayFacts, 'gateway' | 'interfaceOf'>,
): Space {
  const { segment } = tenant;
  const links = tenant.connections.flatMap((connection) => linkOf(connection, interfaceOf) ?? []);
  return {
    name: `${gateway}+${tenant.slot}+${tenant.tenant}`,
    addresses: [
      ...(segment ? [] : [tenant.address]),
      ...(tenant.reflector ? [tenant.reflector.address] : []),
    ],
    links: segment ? [...links, segmentOf(segment, tenant.address)] : links,
    routes: [
      ...tenant.connections.flatMap((connection) => connectionRoutes(connection, interfaceOf)),
      ...(segment ? segmentRoutes(segment) : []),
    ],
  };
}

/** IPsec tunnels are placed and mapped, but not made here. */
function linkOf(connection: Connection, interfaceOf: GatewayFacts['interfaceOf']): Link | undefined {
  const { l3, gre, localEndpoint, remoteAddress } = connection;
  const name = linkName(connection, interfaceOf);
  if (connection.type === 'L3' && l3)
    return { type: 'l3', name, interface: name, address: hostPrefix(l3.localAddress) };
  if (connection.type === 'GRE' && gre && localEndpoint && remoteAddress)
    return { type: 'gre', name, key: gre.key, local: localEndpoint, remote: remoteAddress };
  return undefined;
}

/** IFNAMSIZ: 15 octets. */
function linkName({ l3, gre }: Connection, interfaceOf: GatewayFacts['interfaceOf']): string {
  return l3 ? interfaceOf(l3.vlan) : `gre${gre?.key ?? 0}`;
}

function segmentOf(
  { vni, underlayAddress, prefixLength, neighbours }: NonNullable<DesiredTenant['segment']>,
  address: string,
): Link {
  return {
    type: 'vxlan',
    name: segmentLink,
    vni,
    underlayAddress,
    address: `${address}/${prefixLength}`,
    neighbours: neighbours.map((known) => ({
      address: known.address,
      underlayAddress: known.underlayAddress,
    })),
  };
}

function connectionRoutes(
  connection: Connection,
  interfaceOf: GatewayFacts['interfaceOf'],
): readonly SpaceRoute[] {
  if (connection.type === 'IPSEC') return [];
  const link = linkName(connection, interfaceOf);
  const site = connection.l3?.peerAddress;
  const direct = site === undefined ? [] : [{ prefix: hostPrefix(site), link, metric: 0 }];
  const by = (prefix: string, metric: number): SpaceRoute =>
    site === undefined ? { prefix, link, metric } : { prefix, via: site, link, metric };
  const pins = connection.pins
    .filter(({ address }) => address !== site)
    .map(({ address, backup }) => by(hostPrefix(address), pinMetric + backup));
  return [...direct, ...pins, ...connection.routes.map(({ prefix, metric }) => by(prefix, metric))];
}

function segmentRoutes({ neighbours }: NonNullable<DesiredTenant['segment']>): readonly SpaceRoute[] {
  return neighbours.flatMap(({ address, reaches }) =>
    reaches.map(({ address: pinned, backup }) => ({
      prefix: hostPrefix(pinned),
      via: address,
      link: segmentLink,
      metric: pinMetric + backup,
    })),
  );
}
