/**
 * The two-tenant example: what an operator registers with the controller, and what the sites are. Contoso and Woodgrove
 * have the same networks, the same reflector address and the same gateway subnet. Rates are such that Contoso's first
 * site fills a gateway, its two others share the second, and Woodgrove's two have one each; one gateway is left as spare.
 */
import { stringify } from 'yaml';

export interface SitePlan {
  readonly tenant: string;
  readonly name: string;
  readonly router: 'frr' | 'bird';
  readonly vlan: number;
  readonly asn: number;
  /** Of the gateway's end, on the VLAN; the site's is `address`. */
  readonly gate: string;
  readonly address: string;
  /** Its network, with the address of its host. */
  readonly lan: string;
  readonly host: string;
  readonly kbps: number;
  /** Key of TCP MD5 (RFC 2385) on the session; the gateways have it in a file named after the connection. */
  readonly password?: string;
  /** Its router does not speak of graceful restart (RFC 4724). */
  readonly withoutRestart?: boolean;
  /** The reflector waits for its router to connect. */
  readonly comesByItself?: boolean;
}

export const reflectorAddress = '10.1.255.1';
export const tenantAs = 64512;
const poolName = 'pool';

/** `net` is what the site's addresses have in common. */
function site(
  tenant: string,
  name: string,
  router: SitePlan['router'],
  vlan: number,
  net: number,
  kbps: number,
): SitePlan {
  return {
    ...{ tenant, name, router, vlan, kbps },
    asn: 65000 + net,
    gate: `172.16.${net}.1`,
    address: `172.16.${net}.2`,
    lan: `192.168.${net}.0/24`,
    host: `192.168.${net}.1`,
  };
}

export const sitePlans: readonly SitePlan[] = [
  { ...site('contoso', 'berlin', 'frr', 101, 1, 450_000), password: 'berlin-spree' },
  site('contoso', 'oslo', 'bird', 102, 2, 200_000),
  site('contoso', 'madrid', 'bird', 103, 3, 200_000),
  { ...site('woodgrove', 'berlin', 'bird', 201, 1, 450_000), password: 'berlin-havel' },
  site('woodgrove', 'oslo', 'frr', 202, 2, 450_000),
];

/** So many tenants with one site each, and the same networks; together they fill most of a gateway. */
export function manyTenants(count: number): readonly SitePlan[] {
  return Array.from({ length: count }, (_, at) =>
    site(`tenant-${at + 1}`, 'site', 'bird', 1001 + at, 1, Math.floor(450_000 / count)),
  );
}

export function connectionName({ tenant, name }: SitePlan): string {
  return `${tenant}-${name}`;
}

export function underlayAddress(gateway: number): string {
  return `10.255.0.${10 + gateway}`;
}

/** The documents for `helioctl controller apply`. */
export function cloudDocuments(gateways: readonly string[], plans: readonly SitePlan[]): string {
  const tenants = [...new Set(plans.map(({ tenant }) => tenant))];
  const documents = [
    {
      kind: 'GatewayPool',
      name: poolName,
      spec: { type: 'Forwarding', redundantGatewayCount: 1, gatewayCapacityKbps: 1_000_000 },
    },
    ...gateways.map((name, at) => ({
      kind: 'Gateway',
      name,
      spec: {
        pool: poolName,
        underlayAddress: underlayAddress(at + 1),
        controlAddress: underlayAddress(at + 1),
      },
    })),
    ...tenants.map((name) => ({
      kind: 'Tenant',
      name,
      spec: {
        routingDomain: name,
        pools: [poolName],
        asn: tenantAs,
        rr: { address: reflectorAddress },
        gatewaySubnets: ['10.1.254.0/24'],
      },
    })),
    ...plans.flatMap(connectionDocuments),
  ];
  return documents.map((document) => stringify(document)).join('---\n');
}

function connectionDocuments(plan: SitePlan): readonly object[] {
  const { tenant, vlan, gate, address, asn, kbps, password, comesByItself = false } = plan;
  const name = connectionName(plan);
  const l3 = { vlan, localAddress: gate, peerAddress: address };
  return [
    { kind: 'Connection', name, spec: { tenant, type: 'L3', inKbps: kbps, outKbps: kbps, l3, routes: [] } },
    {
      kind: 'BgpPeer',
      name,
      spec: {
        ...{ tenant, address, asn, connection: name },
        ...(password === undefined ? {} : { passwordRef: name }),
        ...(comesByItself ? { mode: 'passive' } : {}),
      },
    },
  ];
}
