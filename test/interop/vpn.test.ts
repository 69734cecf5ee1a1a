/**
 * VPNv4 routes (RFC 4364) of GoBGP, FRR and BIRD through our reflector to each other, and those of a tenant of ours to all:
 * each has the others' routes with their labels. Where all know of memberships (RFC 4684), GoBGP is sent what it wants: GoBGP
 * 3.10 ends with a panic when it is told of the default membership, which a reflector with other peers announces.
 */
import { test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { gobgpConfig } from './harness/configurations.ts';
import { eventually } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import { Gobgp } from './harness/gobgp.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';

const heliodConfig = `
router: { asn: 65000, routerId: 10.0.0.1 }
peerGroups:
  - { name: pe, remoteAs: 65000, passive: true, routeReflectorClient: true, families: [ipv4-unicast, vpnv4-unicast] }
peers:
  - { address: 10.0.0.2, group: pe }
  - { address: 10.0.0.3, group: pe }
  - { address: 10.0.0.4, group: pe }
tenants:
  - name: contoso
    asn: 65100
    routerId: 10.0.0.1
    listen: []
    rd: "65000:9"
    importTargets: ["65000:1"]
    exportTargets: ["65000:1"]
    networks: [ { prefix: 10.9.0.0/24 } ]
`;

const frrConfig = `router bgp 65000
 bgp router-id 10.0.0.3
 neighbor 10.0.0.1 remote-as 65000
 neighbor 10.0.0.1 timers connect 1
 address-family ipv4 vpn
  neighbor 10.0.0.1 activate
  neighbor 10.0.0.1 route-map targets out
  network 10.3.0.0/24 rd 65000:3 label 300
 exit-address-family
exit
route-map targets permit 10
 set extcommunity rt 65000:1
exit`;

const birdConfig = `vpn4 table vpntab;
protocol static vpnroutes {
  vpn4 { table vpntab; import filter { bgp_ext_community.add((rt, 65000, 1)); accept; }; };
  route 65000:4 10.4.0.0/24 via 10.0.0.3 mpls 400;
}
protocol bgp helio {
  local 10.0.0.4 as 65000; neighbor 10.0.0.1 as 65000;
  connect delay time 1; connect retry time 2; error wait time 1, 3;
  ipv4 { import all; export none; };
  vpn4 mpls { table vpntab; import all; export all; };
}`;

async function build(lab: Lab) {
  const nodes: LabNode[] = [];
  for (const last of [1, 2, 3, 4]) nodes.push(await lab.node(`tv${last}`, [`10.0.0.${last}/24`]));
  const heliod = await Heliod.start(nodes[0], heliodConfig);
  const gobgp = await Gobgp.start(
    nodes[1],
    gobgpConfig(nodes[1], '10.0.0.1', { asn: 65000, families: ['ipv4-unicast', 'l3vpn-ipv4-unicast'] }),
  );
  const frr = await Frr.start(nodes[2], frrConfig);
  const bird = await Bird.start(nodes[3], birdConfig);
  return { heliod, gobgp, frr, bird };
}

interopSuite('VPN routes', ['gobgp', 'frr', 'bird'], build, (topology) => {
  test('of a tenant reach FRR and BIRD with our label and distinguisher', async () => {
    const { frr, bird } = topology();
    await eventually('FRR', async () => (await frr.vtysh('show bgp ipv4 vpn')).includes('10.9.0.0/24'));
    await eventually('BIRD', async () =>
      /65000:9 10\.9\.0\.0\/24[\s\S]*\(rt, 65000, 1\)/.test(await bird.birdc('show route table vpntab all')),
    );
  });

  test('of FRR and BIRD reach each other with their own labels', async () => {
    const { frr, bird } = topology();
    await eventually('FRR', async () => (await frr.vtysh('show bgp ipv4 vpn')).includes('10.4.0.0/24'));
    await eventually('BIRD', async () =>
      /65000:3 10\.3\.0\.0\/24[\s\S]*300/.test(await bird.birdc('show route table vpntab all')),
    );
  });

  test('go to GoBGP and come from it', async () => {
    const { gobgp, heliod, frr } = topology();
    await gobgp.gobgp(
      'global',
      'rib',
      'add',
      '-a',
      'vpnv4',
      '10.2.0.0/24',
      'label',
      '200',
      'rd',
      '65000:2',
      'rt',
      '65000:1',
    );
    const ours = () => heliod.helioctl('routes', '--family', 'vpnv4-unicast');
    await eventually('our RIB', async () => (await ours()).includes('65000:2:10.2.0.0/24'));
    await eventually('FRR', async () => (await frr.vtysh('show bgp ipv4 vpn')).includes('10.2.0.0/24'));
    const theirs = () => gobgp.gobgp('global', 'rib', '-a', 'vpnv4');
    for (const prefix of ['10.3.0.0/24', '10.4.0.0/24', '10.9.0.0/24'])
      await eventually(prefix, async () => (await theirs()).includes(prefix));
  });
});

async function buildConstrained(lab: Lab) {
  const nodes: LabNode[] = [];
  for (const last of [1, 2]) nodes.push(await lab.node(`tv${last}`, [`10.0.0.${last}/24`]));
  const config = heliodConfig.replace(/ {2}- \{ address: 10\.0\.0\.[34].*\n/g, '');
  const constrained = config.replace('vpnv4-unicast]', 'vpnv4-unicast, route-target]');
  const heliod = await Heliod.start(nodes[0], constrained);
  const families = ['ipv4-unicast', 'l3vpn-ipv4-unicast', 'rtc'];
  return {
    heliod,
    gobgp: await Gobgp.start(nodes[1], gobgpConfig(nodes[1], '10.0.0.1', { asn: 65000, families })),
  };
}

interopSuite('Route target constrain', ['gobgp'], buildConstrained, (topology) => {
  test('GoBGP is sent what it wants, and sends what our tenants want', async () => {
    const { heliod, gobgp } = topology();
    await gobgp.gobgp('vrf', 'add', 'red', 'rd', '65000:2', 'rt', 'both', '65000:1');
    const wanted = () => heliod.helioctl('routes', '--family', 'route-target');
    await eventually('its membership', async () => /65000:rt:65000:1 .*10\.0\.0\.2/.test(await wanted()));
    const theirs = () => gobgp.gobgp('global', 'rib', '-a', 'vpnv4');
    await eventually('our route', async () => (await theirs()).includes('10.9.0.0/24'), { within: 70_000 });
    await gobgp.gobgp('vrf', 'red', 'rib', 'add', '10.2.0.0/24');
    const imported = () => heliod.helioctl('routes', '--family', 'vpnv4-unicast');
    await eventually('its route', async () => (await imported()).includes('65000:2:10.2.0.0/24'));
    await gobgp.gobgp('vrf', 'del', 'red');
    await eventually('it is withdrawn', async () => !(await theirs()).includes('10.9.0.0/24'));
  });
});
