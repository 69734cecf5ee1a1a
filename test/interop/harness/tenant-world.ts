/**
 * Two tenants with the same addresses, and two sites each, on real daemons: every name of one network means another
 * machine in the other. One heliod serves both, each in the namespace of its own gateway side.
 *
 *      berlin (FRR)  10.0.1.2 ── 10.0.1.1 ┐ tenant's namespace
 *      192.168.1.1                        │ (heliod, AS 65000)
 *      oslo (BIRD)   10.0.2.2 ── 10.0.2.1 ┘
 *      192.168.2.1
 */
import { Bird } from './bird.ts';
import { birdPeer, frrRouter } from './configurations.ts';
import { Frr } from './frr.ts';
import { Heliod } from './heliod.ts';
import { Lab, type LabNode } from './lab.ts';

export const gatewayAs = 65000;
/** What both sites of both tenants are called by their gateway. */
export const siteAddresses = ['10.0.1.2', '10.0.2.2'] as const;
export const [berlinLan, osloLan] = ['192.168.1.0/24', '192.168.2.0/24'];
export const [berlinHost, osloHost] = ['192.168.1.1', '192.168.2.1'];

export interface TenantNetwork {
  readonly name: string;
  /** Announced by berlin of this tenant alone. */
  readonly own: string;
  readonly ownHost: string;
  readonly lab: Lab;
  readonly gate: LabNode;
  readonly berlin: LabNode;
  readonly oslo: LabNode;
  readonly frr: Frr;
  readonly bird: Bird;
}

export interface TenantWorld {
  readonly heliod: Heliod;
  readonly tenants: readonly TenantNetwork[];
  readonly logs: () => string;
  /** Ends every process and removes everything; safe to call twice. */
  readonly close: () => Promise<void>;
}

const timers = '{ hold: 9s, keepalive: 3s, connectRetry: 1s, idleHold: 1s }';

/** The configuration of heliod with these tenants. */
export function gatewayConfig(tenants: readonly { readonly name: string; readonly gate: LabNode }[]): string {
  const tenant = ({ name, gate }: { readonly name: string; readonly gate: LabNode }) => `
  - name: ${name}
    netns: ${gate.namespace}
    asn: ${gatewayAs}
    routerId: 10.0.1.1
    nextHopResolution: kernel
    fib: {}
    peerGroups:
      - { name: sites, families: [ipv4-unicast], importPolicy: accept-all, exportPolicy: accept-all, timers: ${timers} }
    peers:
      - { address: 10.0.1.2, remoteAs: 65001, group: sites, description: berlin }
      - { address: 10.0.2.2, remoteAs: 65002, group: sites, description: oslo }`;
  return `
router: { asn: ${gatewayAs}, routerId: 10.255.0.1 }
tenants:${tenants.map(tenant).join('')}`;
}

export async function tenantWorld(): Promise<TenantWorld> {
  const labs: Lab[] = [];
  const close = async (): Promise<void> => void (await Promise.all(labs.map((lab) => lab.close())));
  const logs = (): string => labs.map((lab) => lab.logs()).join('\n');
  const lab = async (): Promise<Lab> => {
    const made = await Lab.create();
    labs.push(made);
    return made;
  };
  try {
    const host = await (await lab()).node('helio', ['10.255.0.1/24']);
    const tenants = [
      await network(await lab(), { name: 'contoso', own: '172.16.1.0/24', ownHost: '172.16.1.1' }),
      await network(await lab(), { name: 'woodgrove', own: '172.16.2.0/24', ownHost: '172.16.2.1' }),
    ];
    const heliod = await Heliod.start(host, gatewayConfig(tenants));
    return { heliod, tenants, logs, close };
  } catch (error) {
    process.stderr.write(`${logs()}\n`);
    await close();
    throw error;
  }
}

type Names = Pick<TenantNetwork, 'name' | 'own' | 'ownHost'>;

/** A bridge of its own per tenant: the addresses are the same in both. */
async function network(lab: Lab, names: Names): Promise<TenantNetwork> {
  const gate = await lab.node('gate', ['10.0.1.1/24', '10.0.2.1/24', '2001:db8::1/64']);
  const berlin = await lab.node('berlin', ['10.0.1.2/24', '2001:db8::2/64']);
  const oslo = await lab.node('oslo', ['10.0.2.2/24', '2001:db8::3/64']);
  await forward(gate);
  await site(berlin, '10.0.1.1', [berlinHost, names.ownHost]);
  await site(oslo, '10.0.2.1', [osloHost]);
  const frr = await Frr.start(
    berlin,
    frrRouter(berlin, {
      asn: 65001,
      neighbors: [{ node: gate, remoteAs: gatewayAs }],
      networks: [berlinLan, names.own],
    }),
  );
  const reflector = birdPeer(oslo, { node: gate, remoteAs: gatewayAs }, { asn: 65002 });
  const bird = await Bird.start(
    oslo,
    `protocol static { ipv4; route ${osloLan} blackhole; }\n${reflector.replaceAll('10.0.1.1', '10.0.2.1')}`,
  );
  return { ...names, lab, gate, berlin, oslo, frr, bird };
}

/** Lets the kernel of a namespace forward packets. */
export async function forward(gate: LabNode): Promise<void> {
  await gate.output('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1']);
}

/** Hosts behind a site, and its way out: what it learns stays in its BGP table. */
export async function site(node: LabNode, gateway: string, hosts: readonly string[]): Promise<void> {
  for (const host of hosts) await node.output('ip', ['addr', 'add', `${host}/32`, 'dev', 'lo']);
  await node.output('ip', ['route', 'add', 'default', 'via', gateway]);
}

/** `PREFIX via GATEWAY` of the routes that heliod put into the kernel of a namespace, sorted. */
export async function kernelRoutes(gate: LabNode): Promise<readonly string[]> {
  const text = await gate.output('ip', ['-j', 'route', 'show', 'proto', 'bgp']);
  const routes: readonly { readonly dst: string; readonly gateway: string }[] = JSON.parse(text);
  return routes.map(({ dst, gateway }) => `${dst} via ${gateway}`).sort();
}

/** What must be in the kernel of a tenant when both its sites are heard, and nothing else. */
export function expectedRoutes({ own }: Pick<TenantNetwork, 'own'>): readonly string[] {
  return [`${own} via 10.0.1.2`, `${berlinLan} via 10.0.1.2`, `${osloLan} via 10.0.2.2`].sort();
}

/** Echo requests that the kernel of a node has answered: /proc/net/snmp, InEchos of Icmp. */
export async function echoesSeen(node: LabNode): Promise<number> {
  const lines = (await node.output('cat', ['/proc/net/snmp'])).split('\n');
  const [names, values] = lines.filter((line) => line.startsWith('Icmp:')).map((line) => line.split(' '));
  return Number(values[names.indexOf('InEchos')]);
}
