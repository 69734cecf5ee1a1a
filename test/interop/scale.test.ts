/**
 * 100,000 routes from BIRD through heliod to FRR and back out again when BIRD dies: every one counted at the far side,
 * no session lost on the way, and nothing left in any table at the end.
 */
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { birdPeer, frrRouter } from './harness/configurations.ts';
import { eventually } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab } from './harness/lab.ts';
import { theRoute } from './harness/reading.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;
const count = 100_000;

const prefixOf = (n: number): string => `${20 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/24`;

/** 20,000 attribute sets, so that packing is tried too. */
const routeOf = (n: number): string =>
  `  route ${prefixOf(n)} blackhole { bgp_community.add((65000, ${Math.floor(n / 5)})); bgp_med = ${n % 7}; };`;

async function build(lab: Lab) {
  const [h, f, b] = [
    await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']),
    await lab.node('frr', ['10.0.0.2/24', '2001:db8::2/64']),
    await lab.node('bird', ['10.0.0.3/24', '2001:db8::3/64']),
  ];
  const heliod = await Heliod.start(
    h,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: clients, remoteAs: ${asn}, routeReflectorClient: true, families: [ipv4-unicast, ipv6-unicast],
      timers: { hold: 9s, keepalive: 3s, connectRetry: 2s, idleHold: 1s } }
peers:
  - { address: 10.0.0.2, group: clients }
  - { address: 10.0.0.3, group: clients }
`,
  );
  const helio = { node: h, remoteAs: asn };
  const frr = await Frr.start(f, frrRouter(f, { asn, neighbors: [helio], networks: ['203.0.113.0/24'] }));
  const routes = Array.from({ length: count }, (_, n) => routeOf(n)).join('\n');
  const bird = await Bird.start(
    b,
    `protocol static many {\n  ipv4;\n${routes}\n}\n${birdPeer(b, helio, { asn })}`,
  );
  return { heliod, frr, bird };
}

interopSuite('100,000 routes', ['frr', 'bird'], build, (topology) => {
  const patience = { within: 60_000, every: 250 };

  test('arrive at FRR, every one', async () => {
    const { heliod, frr } = topology();
    await eventually(
      'FRR has them and its own one',
      async () => {
        const seen = await frr.prefixCount('ipv4-unicast');
        if (seen === count + 1) return true;
        throw new Error(`FRR has ${seen}`);
      },
      patience,
    );
    const { families } = await heliod.peerView('10.0.0.3');
    expect(families.find(({ family }) => family === 'ipv4-unicast')).toMatchObject({
      received: count,
      accepted: count,
      best: count,
    });
    const status = await heliod.status();
    expect(status.families.find(({ family }) => family === 'ipv4-unicast')?.prefixes).toBe(count + 1);
  });

  test('with their attributes', async () => {
    const { frr } = topology();
    for (const n of [0, 1, 31_337, 65_536, count - 1]) {
      expect(await theRoute(frr, prefixOf(n))).toMatchObject({
        best: true,
        nextHop: '10.0.0.3',
        med: n % 7,
        communities: [`65000:${Math.floor(n / 5)}`],
        originatorId: '10.0.0.3',
        clusterList: ['10.0.0.1'],
      });
    }
  });

  test('helioctl streams them all', async () => {
    const { heliod } = topology();
    const table = await heliod.helioctl('routes', '--no-header');
    expect(table.split('\n').filter((line) => line !== '')).toHaveLength(count + 1);
    expect(await heliod.routeViews('20.0.0.0/16', '--longer')).toHaveLength(65_536 / 256);
  });

  test('and leave again when BIRD is killed, while the session of FRR stands', async () => {
    const { heliod, frr, bird } = topology();
    await bird.daemon.crash();
    await eventually(
      'FRR has only its own one',
      async () => {
        const seen = await frr.prefixCount('ipv4-unicast');
        if (seen === 1) return true;
        throw new Error(`FRR has ${seen}`);
      },
      patience,
    );
    const status = await heliod.status();
    expect(status.families.find(({ family }) => family === 'ipv4-unicast')).toMatchObject({
      prefixes: 1,
      paths: 1,
    });
    expect((await heliod.peerView('10.0.0.2')).establishedCount).toBe(1);
  });

  test('and come back with it', async () => {
    const { frr, bird } = topology();
    await bird.startDaemon();
    await eventually(
      'FRR has them again',
      async () => (await frr.prefixCount('ipv4-unicast')) === count + 1,
      patience,
    );
  });
});
