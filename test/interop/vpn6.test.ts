/**
 * VPNv6 routes (RFC 4659) of FRR, BIRD and GoBGP through our reflector to each other, and those of a tenant of ours to all
 * and into it from all: with their labels, and next hops that are IPv6 on an IPv6 session and IPv4-mapped on an IPv4 one.
 */
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { gobgpConfig } from './harness/configurations.ts';
import { eventually, insist } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import { Gobgp } from './harness/gobgp.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';

const ownPrefix = '2001:db8:9::/48';
const prefixes = { gobgp: '2001:db8:f2::/48', frr: '2001:db8:f3::/48', bird: '2001:db8:f4::/48' };

const heliodConfig = `
router: { asn: 65000, routerId: 10.0.0.1 }
peerGroups:
  - { name: pe, remoteAs: 65000, passive: true, routeReflectorClient: true, families: [vpnv6-unicast] }
peers:
  - { address: "2001:db8::2", group: pe, description: gobgp }
  - { address: 10.0.0.3, group: pe, description: frr }
  - { address: "2001:db8::4", group: pe, description: bird }
tenants:
  - name: contoso
    asn: 65100
    routerId: 10.0.0.1
    listen: []
    rd: "65000:9"
    importTargets: ["65000:1"]
    exportTargets: ["65000:1"]
    networks: [ { prefix: "${ownPrefix}" } ]
`;

const frrConfig = `router bgp 65000
 bgp router-id 10.0.0.3
 no bgp default ipv4-unicast
 neighbor 10.0.0.1 remote-as 65000
 neighbor 10.0.0.1 timers connect 1
 address-family ipv6 vpn
  neighbor 10.0.0.1 activate
  neighbor 10.0.0.1 route-map targets out
  network ${prefixes.frr} rd 65000:3 label 300
 exit-address-family
exit
route-map targets permit 10
 set extcommunity rt 65000:1
exit`;

const birdConfig = `vpn6 table vpntab;
protocol static vpnroutes {
  vpn6 { table vpntab; import filter { bgp_ext_community.add((rt, 65000, 1)); accept; }; };
  route 65000:4 ${prefixes.bird} via 2001:db8::7 mpls 400;
}
protocol bgp helio {
  local 2001:db8::4 as 65000; neighbor 2001:db8::1 as 65000;
  connect delay time 1; connect retry time 2; error wait time 1, 3;
  vpn6 mpls { table vpntab; import all; export all; };
}`;

async function build(lab: Lab) {
  const nodes: LabNode[] = [];
  for (const last of [1, 2, 3, 4])
    nodes.push(await lab.node(`six${last}`, [`10.0.0.${last}/24`, `2001:db8::${last}/64`]));
  const heliod = await Heliod.start(nodes[0], heliodConfig);
  const gobgp = await Gobgp.start(
    nodes[1],
    gobgpConfig(nodes[1], '2001:db8::1', { asn: 65000, families: ['l3vpn-ipv6-unicast'] }),
  );
  const frr = await Frr.start(nodes[2], frrConfig);
  const bird = await Bird.start(nodes[3], birdConfig);
  return { heliod, gobgp, frr, bird };
}

/** A VPN route as each daemon shows it, in the same words: `label 300 via 2001:db8::3 rt 65000:1`. */
type Reader = (prefix: string) => Promise<string>;

const words = (label: unknown, nextHop: unknown, target: unknown): string =>
  `label ${label} via ${nextHop} rt ${target}`;

const atFrr =
  (frr: Frr): Reader =>
  async (prefix) => {
    const text = await frr.vtysh(`show bgp ipv6 vpn ${prefix}`);
    const nextHop = /^ {4}(\S+).* from /m.exec(text)?.[1];
    return words(/Remote label: (\d+)/.exec(text)?.[1], nextHop, /RT:([\d:]+)/.exec(text)?.[1]);
  };

const atBird =
  (bird: Bird): Reader =>
  async (prefix) => {
    const routes = (await bird.birdc('show route table vpntab all')).split(/^(?=\S)/m);
    const text = routes.find((route) => route.includes(` ${prefix} `)) ?? '';
    const value = (name: string) => new RegExp(`BGP.${name}: (.*)`).exec(text)?.[1];
    const target = /\(rt, (\d+), (\d+)\)/.exec(text)?.slice(1).join(':');
    return words(value('mpls_label_stack'), value('next_hop'), target);
  };

interface GobgpPath {
  readonly nlri: { readonly prefix: string; readonly labels: readonly number[] };
  readonly attrs: readonly {
    readonly type: number;
    readonly nexthop?: string;
    readonly value?: readonly { readonly value?: string }[];
  }[];
}

const atGobgp =
  (gobgp: Gobgp): Reader =>
  async (prefix) => {
    const table: Readonly<Record<string, readonly GobgpPath[]>> = JSON.parse(
      await gobgp.gobgp('global', 'rib', '-a', 'vpnv6'),
    );
    const path = Object.values(table)
      .flat()
      .find(({ nlri }) => nlri.prefix === prefix);
    const of = (type: number) => path?.attrs.find((attribute) => attribute.type === type);
    return words(path?.nlri.labels[0], of(14)?.nexthop, of(16)?.value?.[0].value);
  };

/** heliod gives a tenant the first label that is not reserved (RFC 3032 §2.1). */
const expected: Readonly<Record<string, string>> = {
  [ownPrefix]: words(16, '2001:db8::1', '65000:1'),
  [prefixes.gobgp]: words(200, '2001:db8::2', '65000:1'),
  [prefixes.frr]: words(300, '2001:db8::3', '65000:1'),
  [prefixes.bird]: words(400, '2001:db8::7', '65000:1'),
};

const gobgpRoute = `-a vpnv6 ${prefixes.gobgp} label 200 rd 65000:2 rt 65000:1 nexthop 2001:db8::2`.split(
  ' ',
);

async function inTenant(heliod: Heliod): Promise<readonly string[]> {
  const routes = await heliod.routeViews('--tenant', 'contoso', '--family', 'ipv6-unicast');
  return routes.map(({ prefix, from }) => `${prefix} from ${from}`).sort();
}

interopSuite('VPNv6 routes', ['gobgp', 'frr', 'bird'], build, (topology) => {
  test('of each daemon and of our tenant reach all others with label, next hop and target', async () => {
    const { gobgp, frr, bird } = topology();
    await gobgp.gobgp('global', 'rib', 'add', ...gobgpRoute);
    const readers = { gobgp: atGobgp(gobgp), frr: atFrr(frr), bird: atBird(bird) };
    for (const [name, read] of Object.entries(readers)) {
      const foreign = Object.entries(expected).filter(([prefix]) => prefix !== prefixes[name as 'frr']);
      for (const [prefix, wanted] of foreign)
        await eventually(`${name} has ${prefix}`, async () => {
          insist((await read(prefix)) === wanted, await read(prefix));
          return true;
        });
    }
  });

  test('come into the tenant that imports their target, and go when they are withdrawn', async () => {
    const { heliod, gobgp, frr, bird } = topology();
    const others = Object.values(prefixes).map((prefix) => `${prefix} from vpn`);
    await eventually('our tenant has them', async () => (await inTenant(heliod)).length === 4);
    expect(await inTenant(heliod)).toEqual([`${ownPrefix} from local`, ...others].sort());
    await gobgp.gobgp('global', 'rib', 'del', ...gobgpRoute);
    await eventually('our tenant has lost it', async () => (await inTenant(heliod)).length === 3);
    expect((await inTenant(heliod)).join()).not.toContain(prefixes.gobgp);
    await eventually('FRR', async () => !(await frr.vtysh('show bgp ipv6 vpn')).includes(prefixes.gobgp));
    await eventually(
      'BIRD',
      async () => !(await bird.birdc('show route table vpntab')).includes(prefixes.gobgp),
    );
  });
});

async function buildWithoutIpv6(lab: Lab) {
  const [ours, theirs] = [await lab.node('four1', ['10.0.0.1/24']), await lab.node('four3', ['10.0.0.3/24'])];
  const config = heliodConfig.replace(/ {2}- \{ address: "2001.*\n/g, '');
  return { heliod: await Heliod.start(ours, config), frr: await Frr.start(theirs, frrConfig) };
}

interopSuite('VPNv6 routes where there is no IPv6', ['frr'], buildWithoutIpv6, (topology) => {
  test('have IPv4-mapped next hops, both ways (RFC 4659 §3.2.1.2)', async () => {
    const { heliod, frr } = topology();
    await eventually('FRR has ours', async () => {
      const seen = await atFrr(frr)(ownPrefix);
      insist(seen === words(16, '::ffff:a00:1', '65000:1'), seen);
      return true;
    });
    await eventually('our tenant has its', async () => (await inTenant(heliod)).length === 2);
    const routes = await heliod.routeViews('--family', 'vpnv6-unicast');
    const [its] = routes.filter(({ from }) => from === '10.0.0.3');
    expect(its).toMatchObject({ prefix: `65000:3:${prefixes.frr}`, label: 300 });
    expect(its.attributes.nextHop).toBe('::ffff:10.0.0.3');
  });
});
