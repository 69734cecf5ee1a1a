/**
 * VIPs of gateways in the underlay: a GRE VIP is on the loopback of whoever has its slot and announced to the top-of-rack
 * router, an FRR, from there alone; it moves with the slot. A VIP behind a multiplexer is there too, and neither
 * announced nor answered for by ARP. This kernel makes no GRE device: what arrives is looked at, not unpacked.
 */

import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { stringify } from 'yaml';
import type { Connection, Gateway } from '../../src/controller/resources.ts';
import { Cloud, type CloudGateway } from './harness/cloud.ts';
import { underlayAddress } from './harness/cloud-plan.ts';
import { eventually, insist } from './harness/eventually.ts';
import { Frr } from './harness/frr.ts';
import type { LabNode } from './harness/lab.ts';
import { missing } from './harness/requirements.ts';

/** Namespaces of gateways are the machine's. */
const prefix = `v${process.pid}-`;
const torAddress = '10.255.0.1';
const [torAs, gatewayAs] = [65533, 65534];
/** Shared by tenants, behind a multiplexer. */
const publicVip = '203.0.113.1';

const reason = missing(['frr', 'ping']);
if (reason && process.env.CI === 'true') throw new Error(`gateway VIPs: ${reason}`);

describe.skipIf(reason !== undefined)('VIPs of gateways', () => {
  let cloud: Cloud;
  let tor: LabNode;
  let frr: Frr;
  let vip: string;

  beforeAll(async () => {
    cloud = await Cloud.create({ gateways: 3, sites: [], prefix });
    tor = await cloud.lab.node('tor', [`${torAddress}/24`]);
    frr = await Frr.start(tor, torConfig(cloud.gateways.length), { kernel: true });
    await cloud.apply(documents(cloud.gateways));
    vip = await eventually('the connection has its VIP', async () => {
      const [gre] = (await cloud.get<Connection>('connections')).filter(({ spec }) => spec.type === 'GRE');
      return gre?.status.localEndpoint;
    });
  });
  afterAll(async () => cloud?.close());

  /** Gateways of which the kernel has the address, whatever their processes do. */
  async function holders(address: string): Promise<readonly string[]> {
    const held = await Promise.all(
      cloud.gateways.map(async ({ name, node }) => {
        const text = await node.output('ip', ['-o', 'addr', 'show', 'dev', 'lo']);
        return text.includes(` ${address}/32 `) ? [name] : [];
      }),
    );
    return held.flat();
  }

  /** Where the router's kernel sends what is for the address. */
  async function waysTo(address: string): Promise<readonly string[]> {
    const text = await tor.output('ip', ['-j', 'route', 'show', `${address}/32`]);
    const routes: readonly {
      readonly gateway?: string;
      readonly nexthops?: readonly { gateway: string }[];
    }[] = JSON.parse(text.trim() || '[]');
    return routes.flatMap(({ gateway, nexthops = [] }) => gateway ?? nexthops.map((hop) => hop.gateway));
  }

  function served(by: CloudGateway): Promise<boolean> {
    const place = underlayAddress(cloud.gateways.indexOf(by) + 1);
    return eventually(
      `${by.name} alone is the way to ${vip}, and answers`,
      async () => {
        const ways = await waysTo(vip);
        insist(ways.join() === place, `the router goes by ${ways.join(', ') || 'nothing'}`);
        const { code, stdout } = await tor.run('ping', ['-n', '-c', '1', '-W', '1', vip]);
        insist(code === 0, stdout);
        const held = await holders(vip);
        insist(held.join() === by.name, `on the loopback of ${held.join(', ') || 'nobody'}`);
        return true;
      },
      { every: 50 },
    );
  }

  async function movedTo(was: CloudGateway): Promise<CloudGateway> {
    return eventually('somebody else has the connection', async () => {
      const now = await cloud.gatewayOf('contoso-gre');
      return now !== was && now;
    });
  }

  it('has the VIP of a slot on its gateway, announced to the router from there alone', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    await served(await cloud.gatewayOf('contoso-gre'));
    // Spares have their sessions already.
    await eventually('all gateways are neighbours of the router', async () => {
      const peers = await frr.peers();
      return peers.filter(({ isEstablished }) => isEstablished).length === cloud.gateways.length;
    });
  });

  it('has a VIP behind a multiplexer on the loopback, silent and not announced', async () => {
    const holder = await cloud.gatewayOf('contoso-ipsec');
    await eventually('the gateway has it', async () => (await holders(publicVip)).join() === holder.name);
    expect(await waysTo(publicVip)).toEqual([]);
    const ping = ['-n', '-c', '2', '-i', '0.2', '-W', '1', publicVip];
    await tor.output('ip', ['route', 'add', `${publicVip}/32`, 'dev', 'eth0']);
    // Nobody answers when the link is asked who has it.
    expect((await tor.run('ping', ping)).code).not.toBe(0);
    // The positive control: what a multiplexer sends there arrives.
    const place = underlayAddress(cloud.gateways.indexOf(holder) + 1);
    await tor.output('ip', ['route', 'replace', `${publicVip}/32`, 'via', place]);
    expect((await tor.run('ping', ping)).code).toBe(0);
    await tor.output('ip', ['route', 'del', `${publicVip}/32`]);
  });

  it('moves it when the daemon dies', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const was = await cloud.gatewayOf('contoso-gre');
    await was.heliod.daemon.crash();
    const killed = performance.now();
    const now = await movedTo(was);
    await served(now);
    tell(`daemon dead: VIP on ${now.name} after ${Math.round(performance.now() - killed)} ms`);
    await was.heliod.startDaemon();
    await cloud.phase(was, 'Spare');
    await served(now);
  });

  /** The router ends its sessions with these gateways, or takes them back. */
  async function sessions(gateways: readonly CloudGateway[], state: 'up' | 'down'): Promise<void> {
    const addresses = gateways.map((known) => underlayAddress(cloud.gateways.indexOf(known) + 1));
    const lines = addresses.map((address) => `${state === 'up' ? 'no ' : ''}neighbor ${address} shutdown`);
    await frr.vtysh('configure terminal', `router bgp ${torAs}`, ...lines);
    const wanted = state === 'up' ? torAddress : '';
    await eventually(`the controller knows that sessions are ${state}`, async () => {
      const known = await cloud.get<Gateway>('gateways');
      const told = known.filter(({ name }) => gateways.some((gateway) => gateway.name === name));
      insist(
        told.every(({ status }) => status.underlayUp?.join() === wanted),
        told.map(({ name, status }) => `${name} ${status.underlayUp?.join()}`).join(', '),
      );
      return true;
    });
  }

  it('F38: moves it to a gateway that can announce it', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const was = await cloud.gatewayOf('contoso-gre');
    const spares = (await cloud.get<Gateway>('gateways'))
      .filter(({ status }) => status.phase === 'Spare')
      .sort((a, b) => a.status.idleSince - b.status.idleSince);
    // Its turn, otherwise.
    const silent = cloud.gateway(spares[0]?.name ?? '');
    await sessions([silent], 'down');
    await was.heliod.daemon.crash();
    const now = await movedTo(was);
    expect(now.name).not.toBe(silent.name);
    await served(now);
    await was.heliod.startDaemon();
    await cloud.phase(was, 'Spare');
    await sessions(cloud.gateways, 'up');
  });

  it('F38: is bound where nobody can announce it, and says so until the session is back', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const was = await cloud.gatewayOf('contoso-gre');
    const others = cloud.gateways.filter((known) => known !== was);
    await sessions(others, 'down');
    await was.heliod.daemon.crash();
    const now = await movedTo(was);
    expect(others).toContain(now);
    const shown = () => cloud.controllerctl('topology');
    await eventually('it is said', async () => /VipNotAnnounced: .*198\.51\.100\./.test(await shown()));
    expect(await waysTo(vip)).toEqual([]);
    await sessions(others, 'up');
    await served(now);
    expect(await shown()).not.toContain('VipNotAnnounced');
    await was.heliod.startDaemon();
    await cloud.phase(was, 'Spare');
  });

  it('moves it when the power goes', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const was = await cloud.gatewayOf('contoso-gre');
    await cloud.powerOff(was);
    const off = performance.now();
    const now = await movedTo(was);
    await served(now);
    tell(`power off: VIP on ${now.name} after ${Math.round(performance.now() - off)} ms`);
  });

  it('takes it away with the slot', async () => {
    for (const name of ['contoso-gre', 'contoso-ipsec'])
      await cloud.controllerctl('delete', 'connections', name);
    await eventually('nobody has the VIP', async () => {
      return (await holders(vip)).length === 0 && (await waysTo(vip)).length === 0;
    });
    expect(await cloud.controllerctl('invariants')).toContain('all statements hold');
  });
});

function tell(words: string): void {
  process.stdout.write(`${words}\n`);
}

function torConfig(gateways: number): string {
  const neighbours = Array.from({ length: gateways }, (_, at) => ` neighbor ${underlayAddress(at + 1)}`);
  return [
    `router bgp ${torAs}`,
    ` bgp router-id ${torAddress}`,
    ' no bgp ebgp-requires-policy',
    ...neighbours.flatMap((line) => [
      `${line} remote-as ${gatewayAs}`,
      `${line} timers 1 3`,
      `${line} timers connect 1`,
    ]),
    'exit',
  ].join('\n');
}

function documents(gateways: readonly CloudGateway[]): string {
  const pool = (name: string, spec: object) => ({
    kind: 'GatewayPool',
    name,
    spec: { redundantGatewayCount: 1, gatewayCapacityKbps: 1_000_000, ...spec },
  });
  const connection = (name: string, spec: object) => ({
    kind: 'Connection',
    name,
    spec: { tenant: 'contoso', inKbps: 1000, outKbps: 1000, routes: [], ...spec },
  });
  const underlayBgp = { localAsn: gatewayAs, peers: [{ address: torAddress, asn: torAs }] };
  return [
    pool('edge', { type: 'All', greVipSubnets: ['198.51.100.0/29'], publicVips: [publicVip] }),
    ...gateways.map(({ name }, at) => {
      const address = underlayAddress(at + 1);
      const spec = { pool: 'edge', underlayAddress: address, controlAddress: address, underlayBgp };
      return { kind: 'Gateway', name, spec };
    }),
    {
      kind: 'Tenant',
      name: 'contoso',
      spec: {
        ...{ routingDomain: 'contoso', pools: ['edge'], asn: 64512 },
        rr: { address: '10.1.255.1' },
        gatewaySubnets: ['10.1.254.0/24'],
      },
    },
    connection('contoso-gre', { type: 'GRE', gre: { key: 7 }, remoteAddress: '192.0.2.4' }),
    connection('contoso-ipsec', { type: 'IPSEC', remoteAddress: '192.0.2.5' }),
  ]
    .map((document) => stringify(document))
    .join('---\n');
}
