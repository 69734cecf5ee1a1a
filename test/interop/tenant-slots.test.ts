/**
 * Two slots of one tenant in one daemon, peering with each other: routes and packets go from a site on the one slot to a
 * site on the other, through both kernels, and a slot that is taken away harms the other in nothing but its routes.
 *
 *      berlin (FRR)  10.0.1.2 ── 10.0.1.1 ┐ contoso        contoso/edge2 ┌ 10.0.2.1 ── 10.0.2.2  oslo (BIRD)
 *      192.168.1.1                        └ 10.0.0.1 ────────── 10.0.0.2 ┘             192.168.2.1
 */
import { expect, test } from 'vitest';
import type { PeerView } from '../../src/speaker/views.ts';
import { Bird } from './harness/bird.ts';
import { birdPeer, frrRouter } from './harness/configurations.ts';
import { eventually } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';
import {
  berlinHost,
  berlinLan,
  forward,
  gatewayAs,
  kernelRoutes,
  osloHost,
  osloLan,
  site,
} from './harness/tenant-world.ts';

const timers = '{ hold: 9s, keepalive: 3s, connectRetry: 1s, idleHold: 1s }';

interface Slot {
  readonly slot: string;
  readonly gate: LabNode;
  readonly address: string;
  /** Address of the other slot. */
  readonly other: string;
  /** More of its keys. */
  readonly keys?: string;
  /** More of its peers. */
  readonly peers?: string;
}

const slotOf = ({ slot, gate, address, other, keys = '', peers = '' }: Slot): string => `
  - name: contoso
    slot: ${slot}
    netns: ${gate.namespace}
    asn: ${gatewayAs}
    routerId: ${address}
    ${keys}
    peers:
      - { address: ${other}, localAddress: ${address}, remoteAs: ${gatewayAs}, nextHopSelf: true, timers: ${timers} }
      ${peers}`;

const configOf = (...slots: readonly Slot[]): string => `tenants:${slots.map(slotOf).join('')}`;

async function peersOf(heliod: Heliod, slot: string): Promise<readonly PeerView[]> {
  return JSON.parse(await heliod.helioctl('--tenant', slot, 'peers', '-o', 'json'));
}

/** `PREFIX from PEER` of a slot's Loc-RIB, sorted. */
async function locRib(heliod: Heliod, slot: string): Promise<readonly string[]> {
  const routes = await heliod.routeViews('--tenant', slot);
  return routes.map(({ prefix, from }) => `${prefix} from ${from}`).sort();
}

function becomes(
  what: string,
  read: () => Promise<readonly string[]>,
  wanted: readonly string[],
): Promise<unknown> {
  return eventually(what, async () => {
    const found = await read();
    if (found.join() !== wanted.join()) throw new Error(`it has ${found.join(', ')}`);
    return true;
  });
}

async function buildSites(lab: Lab) {
  const host = await lab.node('helio', ['10.255.0.1/24']);
  const main = await lab.node('main', ['10.0.1.1/24', '10.0.0.1/24', '2001:db8::1/64']);
  const edge2 = await lab.node('edge2', ['10.0.2.1/24', '10.0.0.2/24', '2001:db8::2/64']);
  const berlin = await lab.node('berlin', ['10.0.1.2/24']);
  const oslo = await lab.node('oslo', ['10.0.2.2/24', '2001:db8::3/64']);
  for (const gate of [main, edge2]) await forward(gate);
  await site(berlin, '10.0.1.1', [berlinHost]);
  await site(oslo, '10.0.2.1', [osloHost]);
  const frr = await Frr.start(
    berlin,
    frrRouter(berlin, {
      asn: 65001,
      neighbors: [{ node: main, remoteAs: gatewayAs }],
      networks: [berlinLan],
    }),
  );
  await Bird.start(
    oslo,
    `protocol static { ipv4; route ${osloLan} blackhole; }
${birdPeer(oslo, { node: edge2, remoteAs: gatewayAs }, { asn: 65002 })}`,
  );
  const external = (address: string, remoteAs: number): string =>
    `- { address: ${address}, remoteAs: ${remoteAs}, importPolicy: accept-all, exportPolicy: accept-all, timers: ${timers} }`;
  const keys = 'nextHopResolution: kernel\n    fib: {}';
  const slots: readonly [Slot, Slot] = [
    {
      slot: 'main',
      gate: main,
      address: '10.0.0.1',
      other: '10.0.0.2',
      keys,
      peers: external('10.0.1.2', 65001),
    },
    {
      slot: 'edge2',
      gate: edge2,
      address: '10.0.0.2',
      other: '10.0.0.1',
      keys,
      peers: external('10.0.2.2', 65002),
    },
  ];
  return { heliod: await Heliod.start(host, configOf(...slots)), slots, main, edge2, berlin, frr };
}

interopSuite('two slots of one tenant', ['frr', 'bird', 'ping'], buildSites, (topology) => {
  test('each has the routes of the other through their own session, in RIB and kernel', async () => {
    const { heliod, main, edge2 } = topology();
    await becomes("main's kernel", () => kernelRoutes(main), [
      `${berlinLan} via 10.0.1.2`,
      `${osloLan} via 10.0.0.2`,
    ]);
    await becomes("edge2's kernel", () => kernelRoutes(edge2), [
      `${berlinLan} via 10.0.0.1`,
      `${osloLan} via 10.0.2.2`,
    ]);
    expect(await locRib(heliod, 'contoso')).toEqual([
      `${berlinLan} from 10.0.1.2`,
      `${osloLan} from 10.0.0.2`,
    ]);
    expect(await locRib(heliod, 'contoso/edge2')).toEqual([
      `${berlinLan} from 10.0.0.1`,
      `${osloLan} from 10.0.2.2`,
    ]);
  });

  test('packets go from site to site through both', async () => {
    const { berlin } = topology();
    const text = await berlin.output('ping', ['-c', '3', '-i', '0.2', '-W', '2', '-I', berlinHost, osloHost]);
    expect(text).toContain('3 received');
    expect(text).toContain('ttl=62'); // two gateways between them
  });

  test('one that a reload takes away leaves the other its own session and routes', async () => {
    const { heliod, slots, main, edge2 } = topology();
    const berlinSession = async () =>
      (await peersOf(heliod, 'contoso'))
        .filter(({ address }) => address === '10.0.1.2')
        .map(({ state, since, establishedCount }) => ({ state, since, establishedCount }));
    const before = await berlinSession();
    expect(before).toMatchObject([{ state: 'established', establishedCount: 1 }]);
    heliod.configure(configOf(slots[0]));
    await heliod.helioctl('config', 'reload');
    await becomes("main's kernel", () => kernelRoutes(main), [`${berlinLan} via 10.0.1.2`]);
    await becomes("edge2's kernel", () => kernelRoutes(edge2), []);
    expect(await locRib(heliod, 'contoso')).toEqual([`${berlinLan} from 10.0.1.2`]);
    expect((await heliod.ctl('--tenant', 'contoso/edge2', 'routes')).code).not.toBe(0);
    expect(await berlinSession()).toEqual(before);
  });
});

async function buildTogether(lab: Lab) {
  const gate = await lab.node('gate', ['10.0.0.1/24', '10.0.0.2/24']);
  const slot = (name: string, address: string, other: string, network: string): Slot => ({
    ...{ slot: name, gate, address, other },
    keys: `listen: ["${address}:179"]\n    networks: [{ prefix: ${network} }]`,
  });
  const slots = [
    slot('main', '10.0.0.1', '10.0.0.2', berlinLan),
    slot('edge2', '10.0.0.2', '10.0.0.1', osloLan),
  ];
  const host = await lab.node('helio', ['10.255.0.1/24']);
  return Heliod.start(host, configOf(...slots));
}

interopSuite('two slots of one tenant in one namespace', [], buildTogether, (topology) => {
  test('peer with each other over addresses of their own', async () => {
    const heliod = topology();
    await becomes("main's Loc-RIB", () => locRib(heliod, 'contoso'), [
      `${berlinLan} from local`,
      `${osloLan} from 10.0.0.2`,
    ]);
    await becomes("edge2's Loc-RIB", () => locRib(heliod, 'contoso/edge2'), [
      `${berlinLan} from 10.0.0.1`,
      `${osloLan} from local`,
    ]);
    const [[main], [edge2]] = await Promise.all([
      peersOf(heliod, 'contoso'),
      peersOf(heliod, 'contoso/edge2'),
    ]);
    expect([main.routerId, edge2.routerId]).toEqual(['10.0.0.2', '10.0.0.1']);
    expect([main.localAddress, edge2.localAddress]).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});
