/**
 * Pieces of the other daemons' configurations that every topology repeats: short timers, both families on one session,
 * no waiting after errors. What a test is about stands in the test.
 */
import type { LabNode } from './lab.ts';

export interface Neighbor {
  readonly node: LabNode;
  readonly remoteAs: number;
  readonly client?: boolean;
}

/** `router bgp` of FRR with both families; `networks` as `PREFIX` or `PREFIX route-map NAME`. */
export function frrRouter(
  node: LabNode,
  {
    asn,
    neighbors,
    networks,
    lines = [],
  }: {
    readonly asn: number;
    readonly neighbors: readonly Neighbor[];
    readonly networks: readonly string[];
    readonly lines?: readonly string[];
  },
): string {
  const family = (version: 4 | 6): string[] => [
    ` address-family ipv${version} unicast`,
    ...networks
      .filter((network) => network.includes(':') === (version === 6))
      .map((network) => `  network ${network}`),
    ...neighbors.flatMap(({ node: peer, client }) => [
      `  neighbor ${peer.address()} activate`,
      ...(client ? [`  neighbor ${peer.address()} route-reflector-client`] : []),
    ]),
    ' exit-address-family',
  ];
  return [
    `router bgp ${asn}`,
    ` bgp router-id ${node.address()}`,
    ' bgp log-neighbor-changes',
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ' no bgp ebgp-requires-policy',
    ...neighbors.flatMap(({ node: peer, remoteAs }) => [
      ` neighbor ${peer.address()} remote-as ${remoteAs}`,
      ` neighbor ${peer.address()} timers 3 9`,
      ` neighbor ${peer.address()} timers connect 1`,
    ]),
    ...lines.map((line) => ` ${line}`),
    ...family(4),
    ...family(6),
    'exit',
  ].join('\n');
}

/** A BGP protocol of BIRD with both families. `channel` goes into each of them. */
export function birdPeer(
  node: LabNode,
  { node: peer, remoteAs, client }: Neighbor,
  {
    asn,
    name = peer.name,
    channel = 'import all; export all;',
  }: { asn: number; name?: string; channel?: string },
): string {
  const internal = asn === remoteAs;
  return [
    `protocol bgp ${name} {`,
    `  local ${node.address()} as ${asn}; neighbor ${peer.address()} as ${remoteAs};`,
    '  hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 3;',
    internal ? '' : '  direct;',
    client ? `  rr client; rr cluster id ${node.address()};` : '',
    `  ipv4 { ${channel} };`,
    `  ipv6 { ${channel} next hop address ${node.address(6)}; };`,
    '}',
  ].join('\n');
}

/** A gobgpd.toml with one neighbour; both unicast families unless others are named. */
export function gobgpConfig(
  node: LabNode,
  neighbor: string,
  {
    asn,
    remoteAs = asn,
    families = ['ipv4-unicast', 'ipv6-unicast'],
  }: { asn: number; remoteAs?: number; families?: readonly string[] },
): string {
  const family = (name: string): string =>
    `  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n      afi-safi-name = "${name}"\n`;
  return `
[global.config]
  as = ${asn}
  router-id = "${node.address()}"
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${neighbor}"
    peer-as = ${remoteAs}
  [neighbors.timers.config]
    connect-retry = 5
    hold-time = 9
    keepalive-interval = 3
    idle-hold-time-after-reset = 2
${families.map(family).join('')}`;
}
