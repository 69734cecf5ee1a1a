/** The demo's network with real FRR and BIRD, each in a network namespace of its own. */
import { Bird } from '../../test/interop/harness/bird.ts';
import { birdPeer, frrRouter } from '../../test/interop/harness/configurations.ts';
import { insist } from '../../test/interop/harness/eventually.ts';
import { Frr } from '../../test/interop/harness/frr.ts';
import { Heliod } from '../../test/interop/harness/heliod.ts';
import { Lab } from '../../test/interop/harness/lab.ts';
import { contested, onlyFromFirst, onlyFromSecond, type World } from './world.ts';

const asn = 65000;

const reflectorConfig = `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peerGroups:
  - name: clients
    remoteAs: ${asn}
    routeReflectorClient: true
    families: [ipv4-unicast, ipv6-unicast]
    timers: { hold: 90s, keepalive: 30s, connectRetry: 2s, idleHold: 1s }
peers:
  - { address: 10.0.0.2, group: clients, description: frr }
  - { address: 10.0.0.3, group: clients, description: bird }`;

export async function namespaceWorld(): Promise<World> {
  const lab = await Lab.create();
  try {
    return await build(lab);
  } catch (error) {
    process.stderr.write(`${lab.logs()}\n`);
    await lab.close();
    throw error;
  }
}

async function build(lab: Lab): Promise<World> {
  const helio = await lab.node('helio', ['10.0.0.1/24', '2001:db8::1/64']);
  const frrNode = await lab.node('frr', ['10.0.0.2/24', '2001:db8::2/64']);
  const birdNode = await lab.node('bird', ['10.0.0.3/24', '2001:db8::3/64']);
  const reflector = await Heliod.start(helio, reflectorConfig);
  const neighbor = { node: helio, remoteAs: asn };
  const networks = [`${onlyFromFirst} route-map tag`, contested, '2001:db8:f::/48'];
  const frr = await Frr.start(
    frrNode,
    `${frrRouter(frrNode, { asn, neighbors: [neighbor], networks })}
route-map tag permit 10
 set community 65000:100
 set as-path prepend 64500
exit`,
  );
  const bird = await Bird.start(
    birdNode,
    `protocol direct { ipv4; ipv6; }
protocol static {
  ipv4;
  route 192.0.2.0/24 blackhole { bgp_med = 50; bgp_large_community.add((65000, 1, 2)); };
  route ${contested} blackhole { bgp_local_pref = 200; };
}
protocol static { ipv6; route ${onlyFromSecond} blackhole; }
${birdPeer(birdNode, neighbor, { asn, channel: 'import all; export where source = RTS_STATIC;' })}`,
  );
  const inside = `nsenter --net=/run/netns/${frrNode.namespace}`;
  const vtysh = `vtysh --vty_socket ${frrNode.directory} --config_dir ${frrNode.directory} -d bgpd`;
  const birdc = `birdc -s ${birdNode.directory}/bird.ctl`;
  return {
    picture: [
      'heliod   10.0.0.1  2001:db8::1   the reflector, AS 65000',
      'FRR      10.0.0.2  2001:db8::2   a client',
      'BIRD     10.0.0.3  2001:db8::3   a client',
    ],
    reflector,
    clients: ['10.0.0.2', '10.0.0.3'],
    check: async () => {
      const best = (await frr.routes(contested)).some(({ nextHop }) => nextHop === '10.0.0.3');
      insist(best, `FRR has no path to ${contested} from BIRD`);
      insist((await frr.routes(onlyFromSecond)).length === 1, `FRR has no path to ${onlyFromSecond}`);
      insist((await bird.routes(onlyFromFirst)).length === 1, `BIRD has no path to ${onlyFromFirst}`);
      return true;
    },
    farSides: [
      {
        title: 'What FRR has learnt from BIRD, through the reflector',
        command: `vtysh -c 'show bgp ipv6 unicast ${onlyFromSecond}'`,
        run: () => frr.vtysh(`show bgp ipv6 unicast ${onlyFromSecond}`),
      },
      {
        title: 'What BIRD has learnt from FRR, through the reflector',
        command: `birdc show route ${onlyFromFirst} all`,
        run: () => bird.birdc(`show route ${onlyFromFirst} all`),
      },
    ],
    hints: [
      `${inside} ${vtysh} -c 'show bgp summary'`,
      `${birdc} show route all`,
      `kill -9 ${frr.bgpd.pid}        # FRR dies; look at helioctl peers --down and helioctl routes`,
    ],
    logs: () => lab.logs(),
    close: () => lab.close(),
    remove: () => lab.remove(),
  };
}
