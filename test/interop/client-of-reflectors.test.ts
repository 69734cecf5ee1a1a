/**
 * Heliograph on the other end of RFC 4456: a client of an FRR reflector and of a BIRD reflector at once. Each reflector
 * has a leaf of its own; the two reflectors do not know each other, so nothing of one may reach the other through us.
 */
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { birdPeer, frrRouter, gobgpConfig } from './harness/configurations.ts';
import { Frr } from './harness/frr.ts';
import { Gobgp } from './harness/gobgp.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab } from './harness/lab.ts';
import { isUp, theRoute } from './harness/reading.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;
const ours = ['198.51.100.0/24', '2001:db8:1::/48'] as const;

async function build(lab: Lab) {
  const [h, f, b, leafOfFrr, leafOfBird] = [
    await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']),
    await lab.node('frr', ['10.0.0.2/24', '2001:db8::2/64']),
    await lab.node('bird', ['10.0.0.3/24', '2001:db8::3/64']),
    await lab.node('leaff', ['10.0.0.4/24', '2001:db8::4/64']),
    await lab.node('leafb', ['10.0.0.5/24', '2001:db8::5/64']),
  ];
  const heliod = await Heliod.start(
    h,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: reflectors, remoteAs: ${asn}, families: [ipv4-unicast, ipv6-unicast], timers: { hold: 9s, keepalive: 3s, connectRetry: 2s } }
peers:
  - { address: 10.0.0.2, group: reflectors, description: frr }
  - { address: 10.0.0.3, group: reflectors, description: bird }
networks:
  - { prefix: ${ours[0]}, nextHop: 10.0.0.1, communities: ["65000:11"], med: 12, localPref: 130 }
  - { prefix: ${ours[1]}, nextHop: "2001:db8::1" }
`,
  );
  const client = (node: typeof h) => ({ node, remoteAs: asn, client: true });
  const frr = await Frr.start(
    f,
    frrRouter(f, {
      asn,
      neighbors: [client(h), client(leafOfFrr)],
      networks: ['203.0.113.0/24'],
      lines: ['bgp cluster-id 10.0.0.22'],
    }),
  );
  const bird = await Bird.start(
    b,
    `protocol static { ipv4; route 203.0.114.0/24 blackhole; }
${birdPeer(b, client(h), { asn, name: 'helio' })}
${birdPeer(b, client(leafOfBird), { asn, name: 'leaf' })}`,
  );
  const underFrr = await Bird.start(
    leafOfFrr,
    `protocol static { ipv4; route 100.64.4.0/24 blackhole; }
protocol static { ipv6; route 2001:db8:4::/48 blackhole; }
${birdPeer(leafOfFrr, { node: f, remoteAs: asn }, { asn })}`,
  );
  const underBird = await Gobgp.start(leafOfBird, gobgpConfig(leafOfBird, b.address(), { asn }));
  const add = 'nexthop 10.0.0.5 origin igp local-pref 100';
  await underBird.gobgp(...`global rib add -a ipv4 100.64.5.0/24 ${add}`.split(' '));
  return { heliod, frr, bird, underFrr, underBird };
}

interopSuite('a client of an FRR and of a BIRD reflector', ['frr', 'bird', 'gobgp'], build, (topology) => {
  test('every session comes up', async () => {
    const { heliod, frr, bird, underFrr, underBird } = topology();
    await heliod.established(['10.0.0.2', '10.0.0.3']);
    for (const speaker of [frr, bird, underFrr, underBird]) await isUp(speaker);
  });

  test('our networks reach the leaf below FRR, with our identifier as ORIGINATOR_ID', async () => {
    const { underFrr } = topology();
    expect(await theRoute(underFrr, ours[0])).toMatchObject({
      nextHop: '10.0.0.1',
      med: 12,
      localPref: 130,
      communities: ['65000:11'],
      originatorId: '10.0.0.1',
      clusterList: ['10.0.0.22'],
    });
    expect(await theRoute(underFrr, ours[1])).toMatchObject({
      nextHop: '2001:db8::1',
      originatorId: '10.0.0.1',
    });
  });

  test('and the leaf below BIRD', async () => {
    const { underBird } = topology();
    expect(await theRoute(underBird, ours[0])).toMatchObject({
      nextHop: '10.0.0.1',
      med: 12,
      localPref: 130,
      communities: ['65000:11'],
      originatorId: '10.0.0.1',
      clusterList: ['10.0.0.3'],
    });
  });

  test('reflected routes arrive with ORIGINATOR_ID and CLUSTER_LIST and are used', async () => {
    const { heliod } = topology();
    expect(await theRoute(heliod, '100.64.4.0/24')).toMatchObject({
      best: true,
      nextHop: '10.0.0.4',
      originatorId: '10.0.0.4',
      clusterList: ['10.0.0.22'],
    });
    expect(await theRoute(heliod, '2001:db8:4::/48')).toMatchObject({ best: true, originatorId: '10.0.0.4' });
    expect(await theRoute(heliod, '100.64.5.0/24')).toMatchObject({
      best: true,
      originatorId: '10.0.0.5',
      clusterList: ['10.0.0.3'],
    });
  });

  test('what a reflector itself announces has neither', async () => {
    const { heliod } = topology();
    for (const prefix of ['203.0.113.0/24', '203.0.114.0/24']) {
      const route = await theRoute(heliod, prefix);
      expect(route).toMatchObject({ best: true, clusterList: [] });
      expect(route).not.toHaveProperty('originatorId');
    }
  });

  test('nothing of one reflector reaches the other: both are non-clients', async () => {
    const { heliod, frr, bird } = topology();
    const { advertised } = await heliod.explain('100.64.5.0/24');
    expect(advertised.find(({ peer }) => peer === '10.0.0.2')).toMatchObject({ sent: false });
    expect(advertised.find(({ peer }) => peer === '10.0.0.2')?.reason).toMatch(
      /non-client|internal|reflect/i,
    );
    expect(await frr.routes('100.64.5.0/24')).toEqual([]);
    expect(await frr.routes('203.0.114.0/24')).toEqual([]);
    expect(await bird.routes('100.64.4.0/24')).toEqual([]);
    expect(await bird.routes('203.0.113.0/24')).toEqual([]);
  });

  test('our own networks stay ours: nothing that came back replaces them', async () => {
    const { heliod } = topology();
    for (const prefix of ours) {
      const best = (await heliod.routeViews(prefix, '--best')).map(({ from }) => from);
      expect(best).toEqual(['local']);
    }
  });
});
