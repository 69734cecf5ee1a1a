/**
 * A hundred tenants in one daemon, two neighbours and 150 routes each, all with the same neighbour addresses and the same
 * prefixes. One of them flaps as hard as it can: the others are told nothing and lose no session. Prints what a tenant
 * costs in memory and how long a hundred take to come up.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clock } from '../../bench/session.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { internalRoutes } from '../simulation/scenes.ts';
import { Desk, loopback } from './harness/desk.ts';
import { eventually } from './harness/eventually.ts';
import { Heliod } from './harness/heliod.ts';
import { TinyPeer } from './harness/tiny-peer.ts';

const asn = 65000;
const port = 17_912;
const tenants = 100;
const routesEach = 150;
const flapSeconds = 3;
/** Of every tenant. */
const [speakerAddress, listenerAddress] = [loopback(201), loopback(202)];

const prefixes = Array.from({ length: routesEach }, (_, n) => `10.${n}.0.0/16`);

const tenant = (n: number): string => `
  - name: t${n}
    asn: ${asn}
    routerId: 10.0.0.1
    listen: ["${loopback(n)}:${port}"]
    peerGroups:
      - { name: clients, remoteAs: ${asn}, routeReflectorClient: true, passive: true, families: [ipv4-unicast] }
    peers:
      - { address: ${speakerAddress}, group: clients }
      - { address: ${listenerAddress}, group: clients }`;

const router = `router: { asn: ${asn}, routerId: 10.0.0.1, listen: ["${loopback(254)}:${port}"] }`;
const everybody = Array.from({ length: tenants }, (_, n) => n + 1);

interface Pair {
  readonly speaker: TinyPeer;
  readonly listener: TinyPeer;
}

function pairOf(n: number): Pair {
  const target = { address: loopback(n), port };
  const peer = (localAddress: string, identifier: number) =>
    new TinyPeer({ target, localAddress, asn, identifier, holdTime: 180 });
  return { speaker: peer(speakerAddress, 1), listener: peer(listenerAddress, 2) };
}

describe(`${tenants} tenants in one daemon`, () => {
  const desk = new Desk();
  let heliod: Heliod;
  let pairs: readonly Pair[] = [];

  const residentKib = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${heliod.daemon.pid}/status`, 'utf8'))?.[1]);

  beforeAll(async () => {
    heliod = await Heliod.start(desk, router);
  });
  afterAll(async () => {
    for (const { speaker, listener } of pairs) {
      speaker.session.close();
      listener.session.close();
    }
    await desk.close();
  });

  test('come up by a reload, and each hears its own routes alone', async () => {
    const before = residentKib();
    heliod.configure(`${router}\ntenants:${everybody.map(tenant).join('')}`);
    const began = clock();
    await heliod.helioctl('config', 'reload');
    const reloaded = clock();
    pairs = everybody.map(pairOf);
    await Promise.all(pairs.flatMap(({ speaker, listener }) => [speaker.up(), listener.up()]));
    const up = clock();
    // The MED says whose they are: a route of another tenant would be seen.
    for (const [n, { speaker }] of pairs.entries()) speaker.say(internalRoutes(prefixes, { med: n + 1 }));
    await eventually('every tenant has its routes', async () => {
      const status: readonly { readonly paths: number }[] = JSON.parse(
        await heliod.helioctl('tenants', '-o', 'json'),
      );
      const full = status.filter(({ paths }) => paths === routesEach).length;
      if (full < tenants) throw new Error(`${full} tenants have ${routesEach} paths`);
      return true;
    });
    const perTenant = (residentKib() - before) / tenants;
    process.stderr.write(
      `${tenants} tenants: reload ${(reloaded - began).toFixed(0)} ms, ${tenants * 2} sessions ${(up - reloaded).toFixed(0)} ms; ${perTenant.toFixed(0)} KiB each with 2 sessions and ${routesEach} routes (resident, garbage included)\n`,
    );
    for (const n of [1, 37, tenants]) {
      const routes = await heliod.routeViews('--tenant', `t${n}`);
      expect(new Set(routes.map(({ attributes }) => attributes.med))).toEqual(new Set([n]));
    }
    // The plan's bound is 256 KiB of live memory; what V8 has not collected yet comes on top.
    expect(perTenant).toBeLessThan(1024);
  });

  test('when one flaps hard, the others are told nothing and stay up', async () => {
    const [{ speaker, listener }, ...others] = pairs;
    await eventually('the listeners are quiet', async () => {
      const before = others.map((pair) => pair.listener.updates);
      await heliod.helioctl('status');
      return others.every((pair, n) => pair.listener.updates === before[n] && before[n] > 1);
    });
    const heard = others.map((pair) => pair.listener.updates);
    // A new MED each time: whatever is skipped on the way, a burst leaves something to tell.
    const burst = (med: number): Buffer => {
      const once = [encodeUpdate({ withdrawn: prefixes }), encodeUpdate(internalRoutes(prefixes, { med }))];
      return Buffer.concat(Array.from({ length: 20 }, () => once).flat());
    };
    const [began, first] = [clock(), listener.updates];
    let rounds = 0;
    while (clock() - began < flapSeconds * 1000) {
      const told = listener.nextUpdate();
      speaker.session.write(burst(1000 + rounds));
      rounds += 20;
      await told;
    }
    process.stderr.write(
      `${rounds} flaps of ${routesEach} routes in ${flapSeconds} s, ${listener.updates - first} UPDATEs about them\n`,
    );
    expect(listener.updates - first).toBeGreaterThan(100);
    expect(others.map((pair) => pair.listener.updates)).toEqual(heard);
    for (const pair of pairs)
      expect([pair.speaker.closed, pair.listener.closed]).toEqual([undefined, undefined]);
  });
});
