/**
 * GTSM (RFC 5082) with BIRD and FRR: external peers that do it too come up, whoever connects and over both IP versions;
 * those that do not are not heard. One hop farther away is one hop too far unless it is allowed.
 */
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { output } from './harness/command.ts';
import { eventually } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import { Heliod } from './harness/heliod.ts';
import { kernelCounter } from './harness/kernel-counters.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;

interface Case {
  readonly name: string;
  readonly address: string;
  readonly daemon: 'bird' | 'frr';
  readonly as: number;
  /** It sends with 255 and believes nothing less. */
  readonly secure: boolean;
  readonly waits?: boolean;
}

const rightCases: readonly Case[] = [
  { name: 'birdcalls', address: '10.0.0.2', daemon: 'bird', as: 65002, secure: true },
  { name: 'birdwaits', address: '10.0.0.3', daemon: 'bird', as: 65003, secure: true, waits: true },
  { name: 'bird6calls', address: '2001:db8::4', daemon: 'bird', as: 65004, secure: true },
  { name: 'bird6waits', address: '2001:db8::5', daemon: 'bird', as: 65005, secure: true, waits: true },
  { name: 'frrcalls', address: '10.0.0.12', daemon: 'frr', as: 65012, secure: true },
  { name: 'frrwaits', address: '10.0.0.13', daemon: 'frr', as: 65013, secure: true, waits: true },
  { name: 'frr6calls', address: '2001:db8::14', daemon: 'frr', as: 65014, secure: true },
];

const wrongCases: readonly Case[] = [
  { name: 'birdplain', address: '10.0.0.22', daemon: 'bird', as: 65022, secure: false },
  { name: 'frrplain', address: '10.0.0.23', daemon: 'frr', as: 65023, secure: false },
];

const allCases = [...rightCases, ...wrongCases];

function start(node: LabNode, { address, daemon, as, secure, waits }: Case): Promise<Bird | Frr> {
  const helio = address.includes(':') ? '2001:db8::1' : '10.0.0.1';
  if (daemon === 'bird') {
    const lines = [
      `local ${address} as ${as}; neighbor ${helio} as ${asn}; direct;`,
      'hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 3;',
      secure ? 'ttl security on;' : '',
      waits ? 'passive on;' : '',
      'ipv4 { import all; export all; };',
    ];
    return Bird.start(node, `protocol bgp helio {\n${lines.join('\n')}\n}`);
  }
  const neighbor = (line: string): string => ` neighbor ${helio} ${line}`;
  const lines = [
    `router bgp ${as}`,
    ` bgp router-id ${node.address()}`,
    ' no bgp ebgp-requires-policy',
    neighbor(`remote-as ${asn}`),
    neighbor('timers 3 9'),
    neighbor('timers connect 1'),
    ...(secure ? [neighbor('ttl-security hops 1')] : []),
    ...(waits ? [neighbor('passive')] : []),
    'exit',
  ];
  return Frr.start(node, lines.join('\n'));
}

async function build(lab: Lab) {
  const h = await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']);
  const peers = allCases.map(
    ({ name, address, as, waits, secure }) =>
      `  - { address: "${address}", remoteAs: ${as}, group: near, description: ${name}, passive: ${secure && !waits} }`,
  );
  const heliod = await Heliod.start(
    h,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: near, ttlSecurity: true, families: [ipv4-unicast], importPolicy: accept-all, exportPolicy: accept-all,
      timers: { hold: 9s, keepalive: 3s, connectRetry: 2s } }
peers:
${peers.join('\n')}`,
  );
  const nodes: LabNode[] = [];
  for (const [i, { name, address }] of allCases.entries()) {
    // Everybody has an IPv4 address too: it is their router id.
    const more = address.includes(':') ? [`10.0.0.${100 + i}/24`, `${address}/64`] : [`${address}/24`];
    nodes.push(await lab.node(name, more));
  }
  await Promise.all(allCases.map((peer, i) => start(nodes[i], peer)));
  return { heliod, helio: h };
}

/** Segments that came with too low a TTL, as the kernel of the node's namespace counts them. */
function tooFar(node: LabNode): Promise<number> {
  return kernelCounter(node, 'TCPMinTTLDrop');
}

interopSuite('TTL security', ['bird', 'frr'], build, (topology) => {
  test.each(rightCases.map((peer) => [peer.name, peer.address] as const))(
    '%s comes up',
    async (_name, address) => {
      await topology().heliod.established([address]);
    },
  );

  test('peers that send with another TTL never come up', async () => {
    const { heliod, helio } = topology();
    await eventually('the kernel dropped what they sent', async () => (await tooFar(helio)) >= 5);
    const up = (await heliod.peerViews()).filter((peer) => peer.establishedCount > 0);
    const wrong = new Set(wrongCases.map(({ address }) => address));
    expect(up.map(({ address }) => address).filter((address) => wrong.has(address))).toEqual([]);
  });
});

const far = (hops: string): string => `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peers:
  - { address: 10.0.9.2, remoteAs: ${asn}, ttlSecurity: ${hops}, timers: { hold: 9s, connectRetry: 1s, idleHoldMax: 1s } }`;

/** helio 10.0.0.1 - router - 10.0.9.2 bird: one decrement of the TTL on the way. */
async function buildFar(lab: Lab) {
  const [h, r, b] = [
    await lab.node('helio', ['10.0.0.1/24']),
    await lab.node('router', ['10.0.0.9/24', '10.0.9.9/24']),
    await lab.node('bird', ['10.0.9.2/24']),
  ];
  await r.output('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0']);
  await r.output('sysctl', ['-qw', 'net.ipv4.conf.eth0.send_redirects=0']);
  for (const [node, to, via] of [
    [h, '10.0.9.0/24', '10.0.0.9'],
    [b, '10.0.0.0/24', '10.0.9.9'],
  ] as const) {
    await output('ip', ['-n', node.namespace, 'route', 'add', to, 'via', via]);
  }
  await Bird.start(
    b,
    `protocol bgp helio {
  local 10.0.9.2 as ${asn}; neighbor 10.0.0.1 as ${asn}; multihop 2; ttl security on;
  hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 3;
  ipv4 { import all; export all; };
}`,
  );
  return { heliod: await Heliod.start(h, far('{ hops: 1 }')), helio: h };
}

interopSuite('TTL security over a router', ['bird'], buildFar, (topology) => {
  test('one hop too far is not heard, and is when it is allowed', async () => {
    const { heliod, helio } = topology();
    await eventually('the kernel dropped what came', async () => (await tooFar(helio)) >= 3);
    expect(await heliod.peerView('10.0.9.2')).toMatchObject({ establishedCount: 0 });
    heliod.configure(far('{ hops: 2 }'));
    await heliod.helioctl('config', 'reload');
    await heliod.established(['10.0.9.2']);
  });
});
