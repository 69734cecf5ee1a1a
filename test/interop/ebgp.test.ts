/**
 * External sessions with FRR (AS 65002), BIRD (AS 65003) and GoBGP (AS 65004): what crosses an AS border and what does
 * not, policies at work, RFC 8212 for the peer that has none, loops, NO_EXPORT and the maximum of prefixes.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { birdPeer, frrRouter, gobgpConfig } from './harness/configurations.ts';
import { eventually } from './harness/eventually.ts';
import { startExabgp } from './harness/exabgp.ts';
import { Frr } from './harness/frr.ts';
import { Gobgp } from './harness/gobgp.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab } from './harness/lab.ts';
import { isUp, lacks, theRoute } from './harness/reading.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;

async function build(lab: Lab) {
  const [h, f, b, g, x] = [
    await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']),
    await lab.node('frr', ['10.0.0.2/24', '2001:db8::2/64']),
    await lab.node('bird', ['10.0.0.3/24', '2001:db8::3/64']),
    await lab.node('gobgp', ['10.0.0.4/24', '2001:db8::4/64']),
    await lab.node('exabgp', ['10.0.0.6/24', '2001:db8::6/64']),
  ];
  const heliod = await Heliod.start(
    h,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: external, families: [ipv4-unicast, ipv6-unicast], timers: { hold: 9s, keepalive: 3s, connectRetry: 2s } }
peers:
  - { address: 10.0.0.2, remoteAs: 65002, group: external, description: frr, importPolicy: from-frr, exportPolicy: accept-all }
  - { address: 10.0.0.3, remoteAs: 65003, group: external, description: bird, importPolicy: accept-all, exportPolicy: to-bird }
  - { address: 10.0.0.4, remoteAs: 65004, group: external, description: no policies }
  - { address: 10.0.0.6, remoteAs: 65006, group: external, description: exabgp, passive: true,
      importPolicy: accept-all, exportPolicy: reject-all, maxPrefixes: { limit: 2, action: idle } }
networks:
  - { prefix: 100.64.1.0/24, nextHop: 10.0.0.1, med: 9, localPref: 300 }
policies:
  - name: from-frr
    terms:
      - { match: { prefixes: ["203.0.113.0/24", "2001:db8:f::/48", "100.64.0.0/10 le 24"] },
          set: { localPref: 200, addCommunities: ["65000:2", "large:65000:2:2"] }, then: next }
      - { match: { prefixes: ["100.64.20.0/24"] }, set: { addCommunities: ["no-export"] }, then: accept }
      - { match: { communities: ["65000:2"] }, then: accept }
    default: reject
  - name: to-bird
    terms:
      - { match: { prefixes: ["100.64.1.0/24"] }, set: { prepend: [65000, 65000], med: 33 }, then: accept }
      - { match: { communities: ["65000:2"] }, then: accept }
    default: reject
`,
  );
  const helio = { node: h, remoteAs: asn };
  const frr = await Frr.start(
    f,
    `${frrRouter(f, {
      asn: 65002,
      neighbors: [helio],
      networks: [
        '203.0.113.0/24 route-map tag',
        '2001:db8:f::/48 route-map tag',
        '100.64.20.0/24',
        '198.18.2.0/24',
      ],
    })}
route-map tag permit 10
 set metric 77
 set community 65002:1
 set origin incomplete
exit`,
  );
  const bird = await Bird.start(
    b,
    `
protocol static {
  ipv4;
  route 198.51.100.0/24 blackhole { bgp_med = 5; bgp_large_community.add((65003, 1, 2)); };
  route 198.51.101.0/24 blackhole { bgp_path.prepend(${asn}); };
}
protocol static { ipv6; route 2001:db8:b::/48 blackhole; }
${birdPeer(b, helio, { asn: 65003 })}`,
  );
  const gobgp = await Gobgp.start(g, gobgpConfig(g, h.address(), { asn: 65004, remoteAs: asn }));
  await gobgp.gobgp(...'global rib add -a ipv4 100.64.40.0/24 nexthop 10.0.0.4 origin igp'.split(' '));
  return { heliod, frr, bird, gobgp, nodes: { exabgp: x } };
}

interopSuite('external peers', ['frr', 'bird', 'gobgp', 'exabgp'], build, (topology) => {
  test('every session comes up', async () => {
    const { heliod, frr, bird, gobgp } = topology();
    await heliod.established(['10.0.0.2', '10.0.0.3', '10.0.0.4']);
    for (const speaker of [frr, bird, gobgp]) await isUp(speaker);
  });

  test('from FRR to BIRD: our AS is prepended, MED and LOCAL_PREF stay behind, communities pass', async () => {
    const route = await theRoute(topology().bird, '203.0.113.0/24');
    expect(route).toMatchObject({
      asPath: '65000 65002',
      origin: 'incomplete',
      communities: ['65000:2', '65002:1'],
      largeCommunities: ['65000:2:2'],
      clusterList: [],
    });
    expect(route).not.toHaveProperty('med');
    expect(route).not.toHaveProperty('originatorId');
    // RFC 4271 §5.1.3: FRR is on the same subnet as BIRD, so its own address may stay the next hop
    expect(['10.0.0.1', '10.0.0.2']).toContain(route.nextHop);
  });

  test('the same for IPv6, over sessions on IPv4 addresses', async () => {
    const route = await theRoute(topology().bird, '2001:db8:f::/48');
    expect(route).toMatchObject({ asPath: '65000 65002', communities: ['65000:2', '65002:1'] });
    expect(route.nextHop).toBe('2001:db8::1');
  });

  test('from BIRD to FRR, and FRR uses it', async () => {
    const { frr } = topology();
    const route = await theRoute(frr, '198.51.100.0/24');
    expect(route).toMatchObject({ best: true, asPath: '65000 65003', largeCommunities: ['65003:1:2'] });
    expect(route).not.toHaveProperty('med');
    expect(await theRoute(frr, '2001:db8:b::/48')).toMatchObject({ best: true, asPath: '65000 65003' });
  });

  test('import policy: LOCAL_PREF and communities are set, what it does not name is rejected and explained', async () => {
    const { heliod, bird } = topology();
    expect(await theRoute(heliod, '203.0.113.0/24')).toMatchObject({ best: true, localPref: 200, med: 77 });
    const { candidates } = await heliod.explain('198.18.2.0/24');
    expect(candidates).toHaveLength(1);
    expect(candidates[0]).toMatchObject({ verdict: 'ineligible' });
    expect(candidates[0].reason).toMatch(/from-frr/);
    expect(await bird.routes('198.18.2.0/24')).toEqual([]);
  });

  test('export policy: our network reaches BIRD prepended and with its MED, FRR as it is', async () => {
    const { frr, bird } = topology();
    expect(await theRoute(bird, '100.64.1.0/24')).toMatchObject({
      asPath: '65000 65000 65000',
      med: 33,
      nextHop: '10.0.0.1',
    });
    expect(await theRoute(frr, '100.64.1.0/24')).toMatchObject({
      asPath: '65000',
      med: 9,
      nextHop: '10.0.0.1',
    });
  });

  test('RFC 8212: without policies nothing is exchanged, and helioctl says that this is why', async () => {
    const { heliod, gobgp } = topology();
    expect(await gobgp.routes('203.0.113.0/24')).toEqual([]);
    expect((await heliod.routeViews('100.64.40.0/24')).filter(({ best }) => best)).toEqual([]);
    expect(await heliod.helioctl('peers')).toMatch(/10\.0\.0\.4 .*8212/);
    expect((await heliod.peerView('10.0.0.4')).state).toBe('established');
  });

  test('our own AS in the path: never used, and explain says so', async () => {
    const { heliod, frr } = topology();
    const { candidates } = await heliod.explain('198.51.101.0/24');
    expect(candidates[0]).toMatchObject({ verdict: 'ineligible' });
    expect(candidates[0].reason).toMatch(/AS/);
    expect(await frr.routes('198.51.101.0/24')).toEqual([]);
  });

  test('NO_EXPORT: used here, sent to no external peer', async () => {
    const { heliod, bird } = topology();
    expect(await theRoute(heliod, '100.64.20.0/24')).toMatchObject({ best: true });
    expect(await bird.routes('100.64.20.0/24')).toEqual([]);
    const { advertised } = await heliod.explain('100.64.20.0/24');
    expect(advertised.find(({ peer }) => peer === '10.0.0.3')?.reason).toMatch(/no.?export/i);
  });

  test('a changed export policy takes effect without a session reset', async () => {
    const { heliod, bird } = topology();
    const before = (await heliod.peerViews()).map((peer) => [peer.address, peer.establishedCount]);
    const file = readFileSync(heliod.file, 'utf8');
    const text = file.slice(file.indexOf('router:'));
    heliod.configure(
      text
        .replace('med: 33', 'med: 34')
        .replace(
          '{ match: { communities: ["65000:2"] }, then: accept }',
          '{ match: { communities: ["65000:3"] }, then: accept }',
        ),
    );
    await heliod.helioctl('config', 'reload');
    await lacks(bird, '203.0.113.0/24');
    await eventually('BIRD has the new MED', async () => (await theRoute(bird, '100.64.1.0/24')).med === 34);
    heliod.configure(text);
    await heliod.helioctl('config', 'reload');
    await theRoute(bird, '203.0.113.0/24');
    expect((await heliod.peerViews()).map((peer) => [peer.address, peer.establishedCount])).toEqual(before);
  });

  test('more prefixes than allowed: Cease/1 and the peer stays down, with the reason shown', async () => {
    const { heliod, nodes } = topology();
    const route = (n: number): string => `route 100.66.${n}.0/24 next-hop 10.0.0.6;`;
    const exabgp = startExabgp(
      nodes.exabgp,
      `neighbor 10.0.0.1 {
  router-id 10.0.0.6; local-address 10.0.0.6; local-as 65006; peer-as ${asn}; hold-time 9;
  family { ipv4 unicast; }
  static { ${[1, 2, 3].map(route).join(' ')} }
}`,
    );
    const down = await eventually(
      'the session was ended',
      async () => (await heliod.peerView('10.0.0.6')).lastDown,
    );
    expect(down.text).toMatch(/prefix/i);
    expect((await heliod.peerView('10.0.0.6')).state).not.toBe('established');
    expect(await heliod.routeViews('100.66.1.0/24')).toEqual([]);
    await exabgp.stop();
  });
});
