/**
 * TCP MD5 signatures (RFC 2385) with BIRD and FRR: the right key in both directions, over IPv4 and IPv6, alone and in a
 * dynamic range; a wrong key and none at all. A key is changed between two of our own without the session noticing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { eventually } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import { Heliod } from './harness/heliod.ts';
import { kernelCounter } from './harness/kernel-counters.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { theRoute } from './harness/reading.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;
const key = 'correct horse battery';

/** A peer of ours: who it is, what it signs with, whether it waits for us to connect. */
interface Case {
  readonly name: string;
  readonly address: string;
  readonly daemon: 'bird' | 'frr';
  readonly signs: string | undefined;
  readonly waits?: boolean;
  /** Not configured by address. */
  readonly ranged?: boolean;
}

const rightCases: readonly Case[] = [
  { name: 'birdcalls', address: '10.0.0.2', daemon: 'bird', signs: key },
  { name: 'birdwaits', address: '10.0.0.3', daemon: 'bird', signs: key, waits: true },
  { name: 'bird6calls', address: '2001:db8::4', daemon: 'bird', signs: key },
  { name: 'bird6waits', address: '2001:db8::5', daemon: 'bird', signs: key, waits: true },
  { name: 'birdrange', address: '10.0.1.6', daemon: 'bird', signs: key, ranged: true },
  { name: 'bird6range', address: '2001:db8:0:0:1::7', daemon: 'bird', signs: key, ranged: true },
  { name: 'frrcalls', address: '10.0.0.12', daemon: 'frr', signs: key },
  { name: 'frrwaits', address: '10.0.0.13', daemon: 'frr', signs: key, waits: true },
  { name: 'frr6calls', address: '2001:db8::14', daemon: 'frr', signs: key },
  { name: 'frrrange', address: '10.0.1.16', daemon: 'frr', signs: key, ranged: true },
];

const wrongCases: readonly Case[] = [
  { name: 'birdwrong', address: '10.0.0.22', daemon: 'bird', signs: 'wrong' },
  { name: 'birdrangewrong', address: '10.0.1.23', daemon: 'bird', signs: 'wrong', ranged: true },
  { name: 'frrwrong', address: '10.0.0.24', daemon: 'frr', signs: 'wrong' },
];

const missingCases: readonly Case[] = [
  { name: 'birdmissing', address: '10.0.0.32', daemon: 'bird', signs: undefined },
  { name: 'birdrangemissing', address: '10.0.1.33', daemon: 'bird', signs: undefined, ranged: true },
  { name: 'frrmissing', address: '10.0.0.34', daemon: 'frr', signs: undefined },
];

function writeKey(node: LabNode, text: string): string {
  const file = join(node.directory, 'md5.key');
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

/** Their address and ours, of one version. */
function ends(node: LabNode, { address }: Case): { readonly own: string; readonly helio: string } {
  const version = address.includes(':') ? 6 : 4;
  return { own: node.address(version), helio: version === 6 ? '2001:db8::1' : '10.0.0.1' };
}

function startBird(node: LabNode, peer: Case): Promise<Bird> {
  const { own, helio } = ends(node, peer);
  const lines = [
    `local ${own} as ${asn}; neighbor ${helio} as ${asn};`,
    'hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 3;',
    peer.signs === undefined ? '' : `password "${peer.signs}";`,
    peer.waits ? 'passive on;' : '',
    'ipv4 { import all; export all; };',
  ];
  return Bird.start(node, `protocol bgp helio {\n${lines.join('\n')}\n}`);
}

function startFrr(node: LabNode, peer: Case): Promise<Frr> {
  const { helio } = ends(node, peer);
  const neighbor = (line: string): string => ` neighbor ${helio} ${line}`;
  const lines = [
    `router bgp ${asn}`,
    ` bgp router-id ${node.address()}`,
    neighbor(`remote-as ${asn}`),
    neighbor('timers 3 9'),
    neighbor('timers connect 1'),
    ...(peer.signs === undefined ? [] : [neighbor(`password ${peer.signs.replaceAll(' ', '-')}`)]),
    ...(peer.waits ? [neighbor('passive')] : []),
    'exit',
  ];
  return Frr.start(node, lines.join('\n'));
}

const allCases = [...rightCases, ...wrongCases, ...missingCases];

async function build(lab: Lab) {
  const h = await lab.node('helio', ['10.0.0.1/16', '2001:db8::1/64']);
  const [plain, dashed] = [writeKey(h, key), join(h.directory, 'frr.key')];
  writeFileSync(dashed, key.replaceAll(' ', '-'), { mode: 0o600 });
  const peers = allCases
    .filter(({ ranged }) => !ranged)
    .map(({ name, address, daemon, waits, signs }) => {
      const calls = !waits && signs !== undefined;
      const file = daemon === 'frr' ? dashed : plain;
      return `  - { address: "${address}", group: signed, description: ${name}, passive: ${calls && signs === key}, md5: { keyFile: ${file} } }`;
    });
  const heliod = await Heliod.start(
    h,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: signed, remoteAs: ${asn}, timers: { hold: 9s, keepalive: 3s, connectRetry: 2s }, md5: { keyFile: ${plain} }, families: [ipv4-unicast] }
peers:
${peers.join('\n')}
dynamicPeers:
  - { range: 10.0.1.0/24, group: signed }
  - { range: 10.0.1.16/32, group: signed, md5: { keyFile: ${dashed} } }
  - { range: "2001:db8:0:0:1::/80", group: signed }`,
  );
  const nodes = new Map<string, LabNode>();
  for (const [i, { name, address }] of allCases.entries()) {
    // Everybody has an IPv4 address too: it is their router id.
    const more = address.includes(':') ? [`10.0.2.${i + 1}/16`, `${address}/64`] : [`${address}/16`];
    nodes.set(name, await lab.node(name, more));
  }
  await Promise.all(
    allCases.map((peer) => {
      const node = nodes.get(peer.name);
      if (!node) throw new Error(`no node ${peer.name}`);
      return peer.daemon === 'bird' ? startBird(node, peer) : startFrr(node, peer);
    }),
  );
  return { heliod, helio: h };
}

interopSuite('signed sessions', ['bird', 'frr'], build, (topology) => {
  test.each(rightCases.map((peer) => [peer.name, peer.address] as const))(
    '%s, with the right key, comes up',
    async (_name, address) => {
      await topology().heliod.established([canonical(address)]);
    },
  );

  test('a wrong key never comes up: the kernel drops what it signed', async () => {
    const { heliod, helio } = topology();
    await eventually(
      'three segments were refused',
      async () => (await kernelCounter(helio, 'TCPMD5Failure')) >= 3,
    );
    expect(await everUp(heliod, wrongCases)).toEqual([]);
  });

  test('without a key nobody comes up', async () => {
    const { heliod, helio } = topology();
    await eventually(
      'three segments were refused',
      async () => (await kernelCounter(helio, 'TCPMD5NotFound')) >= 3,
    );
    expect(await everUp(heliod, missingCases)).toEqual([]);
  });

  test('no key is in what the daemon says', async () => {
    const { heliod } = topology();
    const said = [
      heliod.daemon.log(),
      await heliod.helioctl('config', 'show'),
      await heliod.helioctl('peers', '-o', 'json'),
    ].join('\n');
    expect(said).toContain('md5.key');
    expect(said).not.toContain(key);
    expect(said).not.toContain(key.replaceAll(' ', '-'));
  });

  test('a key file that is open to all is refused at a reload, and nothing changes', async () => {
    const { heliod, helio } = topology();
    const file = join(helio.directory, 'md5.key');
    await helio.output('chmod', ['0644', file]);
    const { code, stdout, stderr } = await heliod.ctl('config', 'reload');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /md5\.keyFile: md5 key file .*md5\.key is open to everybody \(mode 0644\)/,
    );
    await helio.output('chmod', ['0600', file]);
    await heliod.helioctl('config', 'reload');
    expect((await heliod.peerView('10.0.0.2')).establishedCount).toBe(1);
  });
});

const canonical = (address: string): string => address.replace(':0:0:1::7', '::1:0:0:7');

async function everUp(heliod: Heliod, cases: readonly Case[]): Promise<readonly string[]> {
  const addresses = new Set(cases.map(({ address }) => address));
  const views = await heliod.peerViews();
  return views
    .filter((peer) => addresses.has(peer.address) && peer.establishedCount > 0)
    .map((peer) => peer.address);
}

async function buildPair(lab: Lab) {
  const nodes = [await lab.node('one', ['10.0.0.1/24']), await lab.node('two', ['10.0.0.2/24'])] as const;
  const start = ([own, other]: readonly LabNode[]): Promise<Heliod> =>
    Heliod.start(
      own,
      `
router: { asn: ${asn}, routerId: ${own.address()} }
peers:
  - { address: ${other.address()}, remoteAs: ${asn}, timers: { hold: 30s, connectRetry: 1s }, md5: { keyFile: ${writeKey(own, key)} } }`,
    );
  return { nodes, one: await start(nodes), two: await start([...nodes].reverse()) };
}

interopSuite('a key is changed', [], buildPair, (topology) => {
  test('on one side, then on the other: the session stays and what was sent between arrives', async () => {
    const { one, two, nodes } = topology();
    await one.established(['10.0.0.2']);
    await two.established(['10.0.0.1']);
    writeKey(nodes[0], 'the next key');
    await one.helioctl('config', 'reload');
    await one.helioctl('networks', 'add', '203.0.113.0/24');
    await eventually(
      'two refuses the next key',
      async () => (await kernelCounter(nodes[1], 'TCPMD5Failure')) > 0,
    );
    expect(await two.routes('203.0.113.0/24')).toEqual([]);
    writeKey(nodes[1], 'the next key');
    await two.helioctl('config', 'reload');
    await theRoute(two, '203.0.113.0/24');
    await two.helioctl('networks', 'add', '198.51.100.0/24');
    await theRoute(one, '198.51.100.0/24');
    expect([await one.peerView('10.0.0.2'), await two.peerView('10.0.0.1')]).toMatchObject([
      { state: 'established', establishedCount: 1 },
      { state: 'established', establishedCount: 1 },
    ]);
  });

  test('the listener knows it too: a session that starts anew comes up', async () => {
    const { one, two } = topology();
    await one.helioctl('peers', 'reset', '10.0.0.2');
    await eventually('up again', async () => (await two.peerView('10.0.0.1')).establishedCount === 2);
  });

  test('a key that is taken away on both sides ends nothing either', async () => {
    const { one, two, nodes } = topology();
    for (const [heliod, other] of [
      [one, nodes[1]],
      [two, nodes[0]],
    ] as const) {
      const own = heliod === one ? nodes[0] : nodes[1];
      heliod.configure(`
router: { asn: ${asn}, routerId: ${own.address()} }
peers:
  - { address: ${other.address()}, remoteAs: ${asn}, timers: { hold: 30s, connectRetry: 1s } }
networks: [ { prefix: 100.64.${own.address().at(-1)}.0/24 } ]`);
      await heliod.helioctl('config', 'reload');
    }
    await theRoute(two, '100.64.1.0/24');
    await theRoute(one, '100.64.2.0/24');
    expect((await two.peerView('10.0.0.1')).establishedCount).toBe(2);
  });
});
