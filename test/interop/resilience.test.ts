/**
 * Things break: daemons are killed on each side, links go silent, configuration files are wrong, and the daemon is told
 * to reload or to end. What must not break, the other sessions, is watched by both sides' restart counters.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { birdPeer, frrRouter } from './harness/configurations.ts';
import { eventually } from './harness/eventually.ts';
import { startExabgp } from './harness/exabgp.ts';
import { Frr } from './harness/frr.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { isUp, lacks, theRoute } from './harness/reading.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;
const fromFrr = '203.0.113.0/24';
const fromBird = '2001:db8:b::/48';
const fromExabgp = '100.64.6.0/24';

interface Topology {
  readonly heliod: Heliod;
  readonly frr: Frr;
  readonly bird: Bird;
  readonly nodes: { readonly frr: LabNode; readonly exabgp: LabNode; readonly helio: LabNode };
}

const configuration = (...morePeers: readonly string[]): string => `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: clients, remoteAs: ${asn}, routeReflectorClient: true, families: [ipv4-unicast, ipv6-unicast],
      timers: { hold: 9s, keepalive: 3s, connectRetry: 2s, idleHold: 1s, idleHoldMax: 2s } }
peers:
  - { address: 10.0.0.2, group: clients, description: frr }
  - { address: 10.0.0.3, group: clients, description: bird }
${morePeers.map((peer) => `  - ${peer}\n`).join('')}`;

async function build(lab: Lab): Promise<Topology> {
  const [h, f, b, x] = [
    await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']),
    await lab.node('frr', ['10.0.0.2/24', '2001:db8::2/64']),
    await lab.node('bird', ['10.0.0.3/24', '2001:db8::3/64']),
    await lab.node('exabgp', ['10.0.0.6/24', '2001:db8::6/64']),
  ];
  const heliod = await Heliod.start(h, configuration());
  const neighbors = [{ node: h, remoteAs: asn }];
  const frr = await Frr.start(f, frrRouter(f, { asn, neighbors, networks: [fromFrr] }));
  const bird = await Bird.start(
    b,
    `protocol static { ipv6; route ${fromBird} blackhole; }\n${birdPeer(b, neighbors[0], { asn })}`,
  );
  return { heliod, frr, bird, nodes: { frr: f, exabgp: x, helio: h } };
}

/** How often each session came up, as we and as FRR count it. */
async function counts({ heliod, frr }: Topology): Promise<Readonly<Record<string, number>>> {
  const ours = (await heliod.peerViews()).map((peer) => [peer.address, peer.establishedCount]);
  const theirs = (await frr.peers()).map((peer) => [`frr: ${peer.address}`, peer.establishedCount]);
  return Object.fromEntries([...ours, ...theirs]);
}

/** Every route is where it belongs. */
async function converged({ heliod, frr, bird }: Topology): Promise<void> {
  await heliod.established(['10.0.0.2', '10.0.0.3']);
  expect(await theRoute(bird, fromFrr)).toMatchObject({
    originatorId: '10.0.0.2',
    clusterList: ['10.0.0.1'],
  });
  expect(await theRoute(frr, fromBird)).toMatchObject({
    originatorId: '10.0.0.3',
    clusterList: ['10.0.0.1'],
  });
}

interopSuite('a reflector whose world breaks', ['frr', 'bird', 'exabgp'], build, (topology) => {
  test("to begin with, FRR and BIRD have each other's routes", async () => {
    await converged(topology());
  });

  test('kill -9 of FRR: its route leaves BIRD, and returns with it; the session of BIRD is not touched', async () => {
    const all = topology();
    const before = await counts(all);
    await all.frr.bgpd.crash();
    await lacks(all.bird, fromFrr);
    expect((await all.heliod.peerView('10.0.0.2')).state).not.toBe('established');
    await all.frr.startBgpd();
    await converged(all);
    const after = await counts(all);
    expect(after['10.0.0.2']).toBe(before['10.0.0.2'] + 1);
    expect(after['10.0.0.3']).toBe(before['10.0.0.3']);
  });

  test('kill -9 of BIRD: the same the other way', async () => {
    const all = topology();
    const before = await counts(all);
    await all.bird.daemon.crash();
    await lacks(all.frr, fromBird);
    await all.bird.startDaemon();
    await converged(all);
    expect(await counts(all)).toEqual({ ...before, '10.0.0.3': before['10.0.0.3'] + 1 });
  });

  test('a link that goes silent ends the session after the hold time, and the routes with it', async () => {
    const all = topology();
    const setLink = (state: 'up' | 'down'): Promise<string> =>
      all.nodes.frr.output('ip', ['link', 'set', 'eth0', state]);
    const start = performance.now();
    await setLink('down');
    await lacks(all.bird, fromFrr);
    expect(performance.now() - start).toBeGreaterThan(4000); // keepalives every 3 s: at least hold - keepalive remain
    expect((await all.heliod.peerView('10.0.0.2')).lastDown?.text).toMatch(/hold/i);
    await setLink('up');
    await all.nodes.frr.output('ip', ['addr', 'add', '2001:db8::2/64', 'dev', 'eth0', 'nodad']);
    await converged(all);
  });

  test('a reload adds a peer while the uptime of the others goes on', async () => {
    const all = topology();
    const before = await counts(all);
    const uptime = async (): Promise<number> =>
      JSON.parse(await all.frr.vtysh('show bgp neighbors 10.0.0.1 json'))['10.0.0.1'].bgpTimerUpMsec;
    const upBefore = await uptime();
    startExabgp(
      all.nodes.exabgp,
      `neighbor 10.0.0.1 {
  router-id 10.0.0.6; local-address 10.0.0.6; local-as ${asn}; peer-as ${asn}; hold-time 9;
  family { ipv4 unicast; }
  static { route ${fromExabgp} next-hop 10.0.0.6; }
}`,
    );
    all.heliod.configure(configuration('{ address: 10.0.0.6, group: clients, description: exabgp }'));
    const diff = await all.heliod.helioctl('config', 'diff', all.heliod.file);
    expect(diff).toMatch(/10\.0\.0\.6/);
    expect(diff).not.toMatch(/10\.0\.0\.2/);
    await all.heliod.helioctl('config', 'reload');
    await all.heliod.established(['10.0.0.6']);
    for (const client of [all.frr, all.bird]) await theRoute(client, fromExabgp);
    expect(await counts(all)).toEqual({ ...before, '10.0.0.6': 1 });
    expect(await uptime()).toBeGreaterThanOrEqual(upBefore);
  });

  test('SIGHUP reloads too: the peer is gone, its route with it, the others did not notice', async () => {
    const all = topology();
    const { '10.0.0.6': _, ...before } = await counts(all);
    all.heliod.configure(configuration());
    all.heliod.daemon.signal('SIGHUP');
    for (const client of [all.frr, all.bird]) await lacks(client, fromExabgp);
    expect(await counts(all)).toEqual(before);
  });

  test('a bad file is refused with every mistake, and nothing changes', async () => {
    const all = topology();
    const before = await counts(all);
    all.heliod.configure(
      configuration('{ address: 10.0.0.300, group: clients }', '{ address: 10.0.0.9, group: nobody }'),
    );
    const { code, stdout, stderr } = await all.heliod.ctl('config', 'reload');
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/heliod\.yaml:\d+:\d+: peers\.2\.address: .*10\.0\.0\.300/);
    expect(`${stdout}${stderr}`).toMatch(/heliod\.yaml:\d+:\d+: peers\.3\.group: .*nobody/);
    expect(await counts(all)).toEqual(before);
    await converged(all);
    all.heliod.configure(configuration());
    await all.heliod.helioctl('config', 'reload');
    expect(await counts(all)).toEqual(before);
  });

  test('config check tells five different mistakes at once, each with its place', async () => {
    const { heliod, nodes } = topology();
    const file = join(nodes.helio.directory, 'wrong.yaml');
    const lines = [
      'version: 1',
      'router: { asn: 65000, routerId: 10.0.0.1 }',
      'peerGroups:',
      '  - { name: clients, remoteAs: 65000, timers: { hold: 2s } }',
      'peers:',
      '  - { address: 10.0.0.2, group: clients, familes: [ipv4-unicast] }',
      '  - { address: 10.0.0.400, group: clients }',
      '  - { address: 10.0.0.4, address: 10.0.0.5, group: clients }',
      'networks:',
      '  - { prefix: 203.0.113.7/24 }',
      '',
    ];
    writeFileSync(file, lines.join('\n'));
    const { code, stdout, stderr } = await heliod.ctl('config', 'check', file);
    expect(code).toBe(2);
    const text = `${stdout}${stderr}`;
    expect(text).toMatch(/wrong\.yaml:4:\d+: peerGroups\.0\.timers\.hold: /);
    expect(text).toMatch(/wrong\.yaml:6:\d+: peers\.0\.familes: .*did you mean.*families/);
    expect(text).toMatch(/wrong\.yaml:7:\d+: peers\.1\.address: /);
    expect(text).toMatch(/wrong\.yaml:8:\d+: peers\.2\.address: /);
    expect(text).toMatch(/wrong\.yaml:10:\d+: networks\.0\.prefix: .*203\.0\.113\.0\/24/);
    writeFileSync(file, lines.slice(0, 2).join('\n'));
    expect((await heliod.ctl('config', 'check', file)).code).toBe(0);
  });

  test('kill -9 of heliod: FRR and BIRD lose the routes, and have them back when it returns', async () => {
    const all = topology();
    await all.heliod.daemon.crash();
    await lacks(all.bird, fromFrr);
    await lacks(all.frr, fromBird);
    await all.heliod.startDaemon();
    await converged(all);
  });

  test('SIGTERM: peers are told of the administrative shutdown, exit code 0', async () => {
    const all = topology();
    const end = await all.heliod.daemon.stop();
    expect(end).toEqual({ code: 0, signal: null });
    await eventually('FRR was told', async () =>
      /Cease\/Administrative(ly)? Shutdown/i.test(await all.frr.vtysh('show bgp neighbors 10.0.0.1')),
    );
    await lacks(all.bird, fromFrr);
    await all.heliod.startDaemon();
    await converged(all);
    await isUp(all.frr);
  });
});
