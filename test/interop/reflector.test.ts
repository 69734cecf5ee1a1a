/**
 * Heliograph as a route reflector (RFC 4456) of FRR, BIRD, GoBGP, OpenBGPD and ExaBGP: every client announces routes
 * with all the attributes it can set, and every other client must hold them unchanged but for ORIGINATOR_ID and
 * CLUSTER_LIST. GoBGP is connected over IPv6, the others over IPv4; all exchange both families.
 */
import { describe, expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { birdPeer, frrRouter, gobgpConfig } from './harness/configurations.ts';
import { eventually } from './harness/eventually.ts';
import { startExabgp } from './harness/exabgp.ts';
import { Frr } from './harness/frr.ts';
import { Gobgp } from './harness/gobgp.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab } from './harness/lab.ts';
import { OpenBgpd } from './harness/openbgpd.ts';
import { isUp, lacks, type Speaker, sees } from './harness/reading.ts';
import type { SeenRoute } from './harness/seen-route.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;

interface Topology {
  readonly heliod: Heliod;
  readonly frr: Frr;
  readonly bird: Bird;
  readonly gobgp: Gobgp;
  readonly openbgpd: OpenBgpd;
}

type ClientName = 'frr' | 'bird' | 'gobgp' | 'openbgpd';
const clientNames: readonly ClientName[] = ['frr', 'bird', 'gobgp', 'openbgpd'];

const plain = {
  best: true,
  origin: 'igp',
  asPath: '',
  localPref: 100,
  communities: [],
  extendedCommunities: [],
  largeCommunities: [],
  clusterList: [],
  unknown: [],
} as const;

/** What each client announces, as it would look at a neighbour without a reflector between. */
const announced: readonly { readonly by: ClientName | 'exabgp'; readonly route: SeenRoute }[] = [
  {
    by: 'frr',
    route: {
      ...plain,
      prefix: '203.0.113.0/24',
      origin: 'egp',
      asPath: '64500 4200000001',
      nextHop: '10.0.0.2',
      med: 77,
      localPref: 250,
      communities: ['65000:1', '65535:65281'],
      extendedCommunities: ['rt:65000:3'],
      largeCommunities: ['65000:1:2'],
    },
  },
  {
    by: 'frr',
    route: {
      ...plain,
      prefix: '2001:db8:f::/48',
      origin: 'egp',
      asPath: '64500 4200000001',
      nextHop: '2001:db8::2',
      med: 77,
      localPref: 250,
      communities: ['65000:1', '65535:65281'],
      extendedCommunities: ['rt:65000:3'],
      largeCommunities: ['65000:1:2'],
    },
  },
  {
    by: 'bird',
    route: {
      ...plain,
      prefix: '198.51.100.0/24',
      origin: 'incomplete',
      asPath: '64999 64998',
      nextHop: '10.0.0.3',
      med: 5,
      localPref: 300,
      communities: ['65000:7', '65000:8'],
      extendedCommunities: ['rt:65000:8'],
      largeCommunities: ['4200000000:9:10'],
    },
  },
  { by: 'bird', route: { ...plain, prefix: '2001:db8:b::/48', nextHop: '2001:db8::3', med: 6 } },
  {
    by: 'gobgp',
    route: {
      ...plain,
      prefix: '192.0.2.0/24',
      nextHop: '10.0.0.4',
      med: 44,
      localPref: 400,
      communities: ['65000:4'],
      extendedCommunities: ['rt:65000:44'],
      largeCommunities: ['65000:4:4'],
    },
  },
  { by: 'gobgp', route: { ...plain, prefix: '2001:db8:4::/48', nextHop: '2001:db8::4' } },
  {
    by: 'openbgpd',
    route: {
      ...plain,
      prefix: '100.64.5.0/24',
      nextHop: '10.0.0.5',
      med: 55,
      localPref: 500,
      communities: ['65000:5'],
      extendedCommunities: ['rt:65000:55'],
      largeCommunities: ['65000:5:5'],
    },
  },
  { by: 'openbgpd', route: { ...plain, prefix: '2001:db8:5::/48', nextHop: '2001:db8::5' } },
  {
    by: 'exabgp',
    route: {
      ...plain,
      prefix: '100.64.6.0/24',
      nextHop: '10.0.0.6',
      localPref: 600,
      unknown: ['99 01020304'],
    },
  },
];

const identifiers: Readonly<Record<string, string>> = {
  frr: '10.0.0.2',
  bird: '10.0.0.3',
  gobgp: '10.0.0.4',
  openbgpd: '10.0.0.5',
  exabgp: '10.0.0.6',
};

/** RFC 4456 §8: the reflector adds these two and changes nothing. */
const reflected = (by: string, route: SeenRoute): SeenRoute => ({
  ...route,
  originatorId: identifiers[by],
  clusterList: ['10.0.0.1'],
});

/** FRR's JSON has no attributes it does not know. */
const asShownBy = (viewer: ClientName, route: SeenRoute): SeenRoute =>
  viewer === 'frr' ? { ...route, unknown: [] } : route;

async function build(lab: Lab): Promise<Topology> {
  const [h, f, b, g, o, x] = [
    await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']),
    await lab.node('frr', ['10.0.0.2/24', '2001:db8::2/64']),
    await lab.node('bird', ['10.0.0.3/24', '2001:db8::3/64']),
    await lab.node('gobgp', ['10.0.0.4/24', '2001:db8::4/64']),
    await lab.node('openbgpd', ['10.0.0.5/24', '2001:db8::5/64']),
    await lab.node('exabgp', ['10.0.0.6/24', '2001:db8::6/64']),
  ];
  const heliod = await Heliod.start(
    h,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - { name: clients, remoteAs: ${asn}, routeReflectorClient: true, families: [ipv4-unicast, ipv6-unicast],
      timers: { hold: 9s, keepalive: 3s, connectRetry: 2s, idleHold: 1s } }
peers:
  - { address: 10.0.0.2, group: clients, description: frr }
  - { address: 10.0.0.3, group: clients, description: bird }
  - { address: "2001:db8::4", group: clients, description: gobgp }
  - { address: 10.0.0.5, group: clients, description: openbgpd }
  - { address: 10.0.0.6, group: clients, description: exabgp, passive: true }
`,
  );
  const helio = { node: h, remoteAs: asn };
  const frr = await Frr.start(
    f,
    `${frrRouter(f, {
      asn,
      neighbors: [helio],
      networks: ['203.0.113.0/24 route-map tag', '2001:db8:f::/48 route-map tag'],
    })}
route-map tag permit 10
 set metric 77
 set local-preference 250
 set origin egp
 set community 65000:1 no-export
 set large-community 65000:1:2
 set extcommunity rt 65000:3
 set as-path prepend 64500 4200000001
exit`,
  );
  const bird = await Bird.start(
    b,
    `
protocol static s4 {
  ipv4;
  route 198.51.100.0/24 blackhole {
    bgp_med = 5; bgp_local_pref = 300; bgp_origin = ORIGIN_INCOMPLETE;
    bgp_community.add((65000, 7)); bgp_community.add((65000, 8));
    bgp_ext_community.add((rt, 65000, 8)); bgp_large_community.add((4200000000, 9, 10));
    bgp_path.prepend(64998); bgp_path.prepend(64999);
  };
}
protocol static s6 { ipv6; route 2001:db8:b::/48 blackhole { bgp_med = 6; }; }
${birdPeer(b, helio, { asn })}`,
  );
  const gobgp = await Gobgp.start(g, gobgpConfig(g, h.address(6), { asn }));
  const openbgpd = await OpenBgpd.start(
    o,
    `
AS ${asn}
router-id 10.0.0.5
fib-update no
holdtime 9
network 100.64.5.0/24 set { localpref 500 med 55 community 65000:5 ext-community rt 65000:55 large-community 65000:5:5 }
network 2001:db8:5::/48 set { nexthop 2001:db8::5 }
neighbor 10.0.0.1 {
  remote-as ${asn}
  announce IPv4 unicast
  announce IPv6 unicast
}
nexthop qualify via default
allow from any
allow to any`,
  );
  startExabgp(
    x,
    `
neighbor 10.0.0.1 {
  router-id 10.0.0.6; local-address 10.0.0.6; local-as ${asn}; peer-as ${asn}; hold-time 9;
  family { ipv4 unicast; ipv6 unicast; }
  static {
    route 100.64.6.0/24 next-hop 10.0.0.6 local-preference 600 attribute [0x63 0xe0 0x01020304];
    route 100.64.7.0/24 next-hop 10.0.0.6 atomic-aggregate aggregator (64777:10.0.0.77);
    route 100.64.8.0/24 next-hop 10.0.0.6;
  }
}`,
  );
  await gobgp.gobgp(
    ...'global rib add -a ipv6 2001:db8:4::/48 nexthop 2001:db8::4 origin igp local-pref 100'.split(' '),
  );
  const tagged = 'med 44 local-pref 400 community 65000:4 rt 65000:44 large-community 65000:4:4';
  await gobgp.gobgp(
    ...`global rib add -a ipv4 192.0.2.0/24 nexthop 10.0.0.4 origin igp ${tagged}`.split(' '),
  );
  return { heliod, frr, bird, gobgp, openbgpd };
}

const everyClient = ['10.0.0.2', '10.0.0.3', '2001:db8::4', '10.0.0.5', '10.0.0.6'];

interopSuite(
  'five clients of one reflector',
  ['frr', 'bird', 'gobgp', 'openbgpd', 'exabgp'],
  build,
  (topology) => {
    test('every session comes up, on both sides', async () => {
      const { heliod, frr, bird, gobgp, openbgpd } = topology();
      await heliod.established(everyClient);
      for (const client of [frr, bird, gobgp, openbgpd]) await isUp(client);
    });

    describe.each(announced)('$route.prefix of $by', ({ by, route }) => {
      const viewers = clientNames.filter((name) => name !== by);
      test.each(viewers)('arrives whole at %s', async (viewer) => {
        const who: Speaker = topology()[viewer];
        await sees(who, route.prefix, [asShownBy(viewer, reflected(by, route))]);
      });

      test('is in the Loc-RIB as it was announced', async () => {
        await sees(topology().heliod, route.prefix, [route]);
      });

      test('is not sent back to where it came from', async () => {
        const { heliod } = topology();
        const address = by === 'gobgp' ? '2001:db8::4' : identifiers[by];
        expect(await heliod.routeViews(route.prefix, '--view', 'adj-out', '--peer', address)).toEqual([]);
      });
    });

    test('ATOMIC_AGGREGATE and AGGREGATOR pass through', async () => {
      const { bird, frr } = topology();
      await eventually('BIRD shows both', async () => {
        const text = await bird.birdc('show route 100.64.7.0/24 all');
        return /BGP\.atomic_aggr:/.test(text) && /BGP\.aggregator:\s+10\.0\.0\.77 AS64777/.test(text);
      });
      const path = JSON.parse(await frr.vtysh('show bgp ipv4 unicast 100.64.7.0/24 json')).paths[0];
      expect(path).toMatchObject({ atomicAggregate: true, aggregatorAs: 64777, aggregatorId: '10.0.0.77' });
    });

    test('a changed attribute is passed on', async () => {
      const { frr, bird, gobgp } = topology();
      await frr.vtysh('configure\nroute-map tag permit 10\nset metric 78');
      const { route } = announced[0];
      for (const client of [bird, gobgp])
        await sees(client, route.prefix, [{ ...reflected('frr', route), med: 78 }]);
      await frr.vtysh('configure\nroute-map tag permit 10\nset metric 77');
      for (const client of [bird, gobgp]) await sees(client, route.prefix, [reflected('frr', route)]);
    });

    test('a withdrawn route leaves every table, and comes back', async () => {
      const { heliod, gobgp, frr, bird, openbgpd } = topology();
      await gobgp.gobgp(...'global rib del -a ipv6 2001:db8:4::/48'.split(' '));
      for (const client of [heliod, frr, bird, openbgpd]) await lacks(client, '2001:db8:4::/48');
      await gobgp.gobgp(
        ...'global rib add -a ipv6 2001:db8:4::/48 nexthop 2001:db8::4 origin igp local-pref 100'.split(' '),
      );
      const route = announced.find(({ route: { prefix } }) => prefix === '2001:db8:4::/48');
      if (!route) throw new Error('not in the table');
      for (const client of [frr, bird, openbgpd])
        await sees(client, '2001:db8:4::/48', [reflected('gobgp', route.route)]);
    });

    test('of two paths to one prefix the better one reaches the clients, and explain says why', async () => {
      const { heliod, frr, bird } = topology();
      const prefix = '100.64.8.0/24';
      const path = { ...plain, prefix, clusterList: ['10.0.0.1'] };
      await sees(bird, prefix, [{ ...path, nextHop: '10.0.0.6', originatorId: '10.0.0.6' }]);
      const network = `configure\nrouter bgp ${asn}\naddress-family ipv4 unicast`;
      await frr.vtysh('configure\nroute-map better permit 10\nset local-preference 200');
      await frr.vtysh(`${network}\nnetwork ${prefix} route-map better`);
      await sees(bird, prefix, [
        { ...path, nextHop: '10.0.0.2', med: 0, localPref: 200, originatorId: '10.0.0.2' },
      ]);
      const { candidates, advertised } = await heliod.explain(prefix);
      expect(candidates.map(({ verdict, route }) => [verdict, route.from])).toEqual([
        ['best', '10.0.0.2'],
        ['lost', '10.0.0.6'],
      ]);
      expect(candidates[1].reason).toMatch(/LOCAL_PREF/);
      expect(advertised.find(({ peer }) => peer === '10.0.0.3')?.sent).toBe(true);
      expect(advertised.find(({ peer }) => peer === '10.0.0.2')?.sent).toBe(false);
      await frr.vtysh(`${network}\nno network ${prefix}`);
      await sees(bird, prefix, [{ ...path, nextHop: '10.0.0.6', originatorId: '10.0.0.6' }]);
    });

    describe('helioctl', () => {
      test('peers is a line per session, with role, state and counters', async () => {
        const text = await topology().heliod.helioctl('peers');
        for (const address of everyClient) {
          expect(text).toMatch(
            new RegExp(`^\\s*${address.replaceAll('.', '\\.')}\\s.*client.*established`, 'im'),
          );
        }
      });

      test('peers ADDRESS shows what FRR is', async () => {
        const view = await topology().heliod.peerView('10.0.0.2');
        expect(view).toMatchObject({
          state: 'established',
          remoteAs: asn,
          role: 'client',
          routerId: '10.0.0.2',
        });
        expect(view.holdTimeSeconds).toBe(9);
        expect(view.families.map(({ family, received }) => [family, received])).toEqual([
          ['ipv4-unicast', 1],
          ['ipv6-unicast', 1],
        ]);
        expect(view.capabilities?.remote.join('\n')).toMatch(/route refresh/i);
      });

      test('routes shows the three RIBs of live daemons', async () => {
        const { heliod } = topology();
        const table = await heliod.helioctl('routes');
        for (const { route } of announced) expect(table).toContain(route.prefix);
        const received = await heliod.routeViews('--view', 'adj-in', '--peer', '10.0.0.3');
        expect(received.map(({ prefix }) => prefix).sort()).toEqual(['198.51.100.0/24', '2001:db8:b::/48']);
        const sent = await heliod.routeViews('203.0.113.0/24', '--view', 'adj-out', '--peer', '10.0.0.3');
        expect(sent).toHaveLength(1);
        expect(sent[0].attributes).toMatchObject({
          originatorId: '10.0.0.2',
          clusterList: ['10.0.0.1'],
          med: 77,
        });
      });

      test('routes finds by community, AS path and origin AS', async () => {
        const { heliod } = topology();
        const prefixes = async (...args: string[]): Promise<string[]> =>
          (await heliod.routeViews(...args)).map(({ prefix }) => prefix).sort();
        expect(await prefixes('--community', '65000:7')).toEqual(['198.51.100.0/24']);
        expect(await prefixes('--as-path', '_64500_')).toEqual(['2001:db8:f::/48', '203.0.113.0/24']);
        expect(await prefixes('--origin-as', '64998')).toEqual(['198.51.100.0/24']);
        expect(await prefixes('203.0.113.77')).toEqual(['203.0.113.0/24']);
        expect(await prefixes('100.64.0.0/16', '--longer')).toEqual([
          '100.64.5.0/24',
          '100.64.6.0/24',
          '100.64.7.0/24',
          '100.64.8.0/24',
        ]);
      });

      test('explain names the candidate and everybody it was sent to', async () => {
        const { heliod } = topology();
        const { candidates, advertised } = await heliod.explain('198.51.100.0/24');
        expect(candidates).toHaveLength(1);
        expect(candidates[0]).toMatchObject({ verdict: 'best', route: { from: '10.0.0.3' } });
        const sentTo = advertised.filter(({ sent }) => sent).map(({ peer }) => peer);
        expect(sentTo.sort()).toEqual(['10.0.0.2', '10.0.0.5', '10.0.0.6', '2001:db8::4']);
        expect(await heliod.helioctl('explain', '198.51.100.0/24')).toMatch(/10\.0\.0\.3/);
      });

      test('a prefix that is not there is exit code 3, a peer that is not there too', async () => {
        const { heliod } = topology();
        expect((await heliod.ctl('routes', '8.8.8.0/24', '--exact')).code).toBe(3);
        expect((await heliod.ctl('peers', '10.0.0.99')).code).toBe(3);
      });

      test('networks add and remove reach the clients', async () => {
        const { heliod, frr, bird } = topology();
        await heliod.helioctl('networks', 'add', '100.88.0.0/24', '--next-hop', '10.0.0.1');
        const prefix = '100.88.0.0/24';
        for (const client of [frr, bird])
          await sees(client, prefix, [{ ...plain, prefix, nextHop: '10.0.0.1' }]);
        await heliod.helioctl('networks', 'remove', prefix);
        for (const client of [frr, bird]) await lacks(client, prefix);
      });
    });

    describe('resets', () => {
      const counts = async (heliod: Heliod): Promise<Record<string, number>> =>
        Object.fromEntries((await heliod.peerViews()).map((peer) => [peer.address, peer.establishedCount]));

      test('soft resets in both directions touch no session', async () => {
        const { heliod, frr, bird } = topology();
        const before = await counts(heliod);
        for (const action of ['soft-in', 'soft-out'] as const) {
          await heliod.helioctl('peers', action, '10.0.0.2');
          await heliod.helioctl('peers', action, '10.0.0.3');
        }
        await sees(bird, announced[0].route.prefix, [reflected('frr', announced[0].route)]);
        await sees(frr, announced[2].route.prefix, [reflected('bird', announced[2].route)]);
        await frr.vtysh('clear bgp 10.0.0.1 soft in');
        await bird.birdc('reload helio');
        await sees(bird, announced[0].route.prefix, [reflected('frr', announced[0].route)]);
        await sees(frr, announced[2].route.prefix, [reflected('bird', announced[2].route)]);
        expect(await counts(heliod)).toEqual(before);
      });

      test('a reset from our side tells FRR why, and the session returns', async () => {
        const { heliod, frr, bird } = topology();
        const before = await counts(heliod);
        await heliod.helioctl('peers', 'reset', '10.0.0.2', '--reason', 'line card');
        await eventually('the session was counted again', async () => {
          const now = await counts(heliod);
          return now['10.0.0.2'] === before['10.0.0.2'] + 1;
        });
        expect(frr.bgpd.log()).toMatch(
          /received from neighbor 10\.0\.0\.1 6\/\d .*Administrative Reset.*line card/i,
        );
        await sees(bird, announced[0].route.prefix, [reflected('frr', announced[0].route)]);
        await sees(frr, announced[2].route.prefix, [reflected('bird', announced[2].route)]);
        expect({ ...(await counts(heliod)), '10.0.0.2': 0 }).toEqual({ ...before, '10.0.0.2': 0 });
      });

      test('a reset from the side of FRR and of BIRD is survived', async () => {
        const { heliod, frr, bird } = topology();
        const before = await counts(heliod);
        await frr.vtysh('clear bgp 10.0.0.1');
        await bird.birdc('restart helio');
        await eventually('both sessions were counted again', async () => {
          const now = await counts(heliod);
          return now['10.0.0.2'] === before['10.0.0.2'] + 1 && now['10.0.0.3'] === before['10.0.0.3'] + 1;
        });
        await sees(bird, announced[0].route.prefix, [reflected('frr', announced[0].route)]);
        await sees(frr, announced[2].route.prefix, [reflected('bird', announced[2].route)]);
        expect((await heliod.peerView('10.0.0.2')).lastDown?.text).toMatch(/Cease/i);
      });

      test('disable keeps a session down with a message, enable brings it back', async () => {
        const { heliod, frr, bird } = topology();
        await heliod.helioctl('peers', 'disable', '10.0.0.2', '--reason', 'maintenance');
        await lacks(bird, announced[0].route.prefix);
        expect((await heliod.peerView('10.0.0.2')).state).toBe('admin-down');
        await heliod.helioctl('peers', 'enable', '10.0.0.2');
        await sees(bird, announced[0].route.prefix, [reflected('frr', announced[0].route)]);
        await sees(frr, announced[2].route.prefix, [reflected('bird', announced[2].route)]);
      });
    });
  },
);
