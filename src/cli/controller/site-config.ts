/**
 * The enterprise's side of a connection as configuration of its router: the way to the reflector's address, and the one
 * BGP neighbour that all sites of the tenant have. Nothing in it names a gateway, so that no failover touches it. Pure.
 */
import type { BgpPeer, Connection, Tenant } from './views.ts';

export interface Site {
  readonly connection: Connection;
  readonly tenant: Tenant;
  /** Those pinned to the connection, in front or as a backup. */
  readonly peers: readonly BgpPeer[];
  /** Of the site's router, where the tunnel ends. */
  readonly tunnelInterface: string;
}

export const siteFormats = ['frr', 'bird'] as const;
export type SiteFormat = (typeof siteFormats)[number];

/** The controller's default: a hold timer that ends later than a takeover. */
const defaultTimers = { holdSeconds: 30, keepaliveSeconds: 10 };
const multihop = 8;
const retrySeconds = 1;

export function siteConfig(format: SiteFormat, site: Site): string {
  const lines = format === 'frr' ? frr(site) : bird(site);
  const mark = format === 'frr' ? '!' : '#';
  return [...heading(site).map((line) => `${mark} ${line}`), ...lines, ''].join('\n');
}

function heading({ connection, tenant, peers }: Site): readonly string[] {
  const { name, spec, status } = connection;
  const endpoint = status.localEndpoint ?? 'not known yet: the connection has no place';
  const key = spec.gre ? `, key ${spec.gre.key}` : '';
  const tunnel =
    spec.type === 'L3'
      ? `VLAN ${spec.l3?.vlan}, next hop ${spec.l3?.localAddress}`
      : `${spec.type} from ${spec.remoteAddress} to ${endpoint}${key}`;
  const session =
    peers.length === 0
      ? ['No BGP peer is pinned to this connection: static routing.']
      : ['The neighbour is the same for all sites, and stays when a gateway fails.'];
  return [`Site of connection ${name} of tenant ${tenant.name}`, tunnel, ...session];
}

/** What the site reaches through the connection without BGP. */
function staticPrefixes({ tenant, peers }: Site): readonly string[] {
  const { address } = tenant.spec.rr;
  return peers.length > 0 ? [`${address}/${isIpv6(address) ? 128 : 32}`] : tenant.spec.gatewaySubnets;
}

function timersOf({ tenant }: Site, peer: BgpPeer) {
  return peer.spec.timers ?? tenant.spec.timers ?? defaultTimers;
}

function isIpv6(text: string): boolean {
  return text.includes(':');
}

function frr(site: Site): readonly string[] {
  const { connection, peers, tunnelInterface } = site;
  const via = connection.spec.l3?.localAddress ?? tunnelInterface;
  const ways = staticPrefixes(site).map(
    (prefix) => `${isIpv6(prefix) ? 'ipv6' : 'ip'} route ${prefix} ${via}`,
  );
  return [...ways, ...peers.flatMap((peer) => frrSession(site, peer))];
}

function frrSession(site: Site, peer: BgpPeer): readonly string[] {
  const { asn, rr } = site.tenant.spec;
  const { holdSeconds, keepaliveSeconds } = timersOf(site, peer);
  const neighbour = ` neighbor ${rr.address}`;
  const own = site.connection.spec.routes.filter(({ prefix }) => isIpv6(prefix) === isIpv6(rr.address));
  return [
    '!',
    `router bgp ${peer.spec.asn}`,
    ' no bgp ebgp-requires-policy',
    // FRR 8 may look at next hops before it has read `ebgp-multihop`, and then wants them connected for good.
    ' bgp disable-ebgp-connected-route-check',
    `${neighbour} remote-as ${asn}`,
    `${neighbour} description heliograph ${site.tenant.name}`,
    `${neighbour} ebgp-multihop ${multihop}`,
    `${neighbour} update-source ${peer.spec.address}`,
    `${neighbour} timers ${keepaliveSeconds} ${holdSeconds}`,
    // The next try comes soon after a takeover; the default is two minutes.
    `${neighbour} timers connect ${retrySeconds}`,
    ...(peer.spec.passwordRef === undefined ? [] : [`${neighbour} password ${secretOf(peer)}`]),
    ' !',
    ` address-family ${isIpv6(rr.address) ? 'ipv6' : 'ipv4'} unicast`,
    `  neighbor ${rr.address} activate`,
    ...(own.length > 0
      ? own.map(({ prefix }) => `  network ${prefix}`)
      : ['  ! network PREFIX for each of the networks of the site']),
    ' exit-address-family',
    'exit',
  ];
}

function bird(site: Site): readonly string[] {
  const { connection, peers, tunnelInterface } = site;
  const via = connection.spec.l3?.localAddress ?? `"${tunnelInterface}"`;
  const prefixes = staticPrefixes(site);
  const ways = (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const own = prefixes.filter((prefix) => isIpv6(prefix) === (family === 'ipv6'));
    const routes = own.map((prefix) => `  route ${prefix} via ${via};`);
    return own.length === 0
      ? []
      : [`protocol static ${identifier(connection.name)}_${family} {`, `  ${family};`, ...routes, '}'];
  });
  return [...ways, ...peers.flatMap((peer) => birdSession(site, peer))];
}

function birdSession(site: Site, peer: BgpPeer): readonly string[] {
  const { asn, rr } = site.tenant.spec;
  const { holdSeconds, keepaliveSeconds } = timersOf(site, peer);
  const family = isIpv6(rr.address) ? 'ipv6' : 'ipv4';
  const own = site.connection.spec.routes.filter(({ prefix }) => isIpv6(prefix) === isIpv6(rr.address));
  const networks =
    own.length > 0
      ? `    export where net ~ [ ${own.map(({ prefix }) => prefix).join(', ')} ];`
      : '    export none; # or where net ~ [ the networks of the site ]';
  return [
    `protocol bgp ${identifier(peer.name)} {`,
    `  local ${peer.spec.address} as ${peer.spec.asn};`,
    `  neighbor ${rr.address} as ${asn};`,
    `  multihop ${multihop};`,
    `  hold time ${holdSeconds};`,
    `  keepalive time ${keepaliveSeconds};`,
    `  connect delay time ${retrySeconds}; connect retry time ${retrySeconds};`,
    `  error wait time ${retrySeconds}, 5;`,
    ...(peer.spec.passwordRef === undefined ? [] : [`  password "${secretOf(peer)}";`]),
    '  graceful restart on;',
    `  ${family} {`,
    '    import all;',
    networks,
    '  };',
    '}',
  ];
}

/** The key itself is known to the gateways and the site alone. */
function secretOf({ spec }: BgpPeer): string {
  return `KEY-OF-${spec.passwordRef}`;
}

/** A name that BIRD takes as a symbol. */
function identifier(name: string): string {
  return `heliograph_${name.replace(/[^A-Za-z0-9_]/g, '_')}`;
}
