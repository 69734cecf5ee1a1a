/**
 * Gateways of a cloud that die, fall silent, return and are drained, with the controller, real daemons and a request
 * every 10 ms through the data path. One cloud for all: each scenario leaves it as the next one finds it. The names are
 * those of the scenarios in docs/controller.md. Sites are never configured anew.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Connection, Gateway, OverlayRoute, Slot } from '../../src/controller/resources.ts';
import { Cloud, type CloudGateway } from './harness/cloud.ts';
import { reflectorAddress, underlayAddress } from './harness/cloud-plan.ts';
import { eventually, insist } from './harness/eventually.ts';
import { missing } from './harness/requirements.ts';
import { type Failover, failover } from './harness/takeover.ts';

/** Namespaces of gateways are the machine's. */
const prefix = `t${process.pid}-`;
/** Lease, detection, takeover, the site's next try, and what a busy machine adds. */
const powerOffMs = 9000;
/** When a daemon dies its guard says so at once. */
const daemonMs = process.env.CI === 'true' ? 6000 : 3000;

const reason = missing(['frr', 'bird', 'ping']);
if (reason && process.env.CI === 'true') throw new Error(`failover: ${reason}`);

describe.skipIf(reason !== undefined)('failover in a cloud', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await Cloud.create({ gateways: 6, prefix });
    try {
      await cloud.settle({ gateways: 5 });
    } catch (error) {
      process.stderr.write(`${cloud.logs()}\n`);
      throw error;
    }
  });
  afterAll(async () => cloud?.close());

  /** What is said of every failover, and the events that it took. */
  async function takenOver(
    title: string,
    gateway: CloudGateway,
    blow: () => Promise<void>,
    withinMs: number,
  ) {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const before = (await cloud.events()).length;
    const seen = await failover(cloud, gateway, blow);
    tell(title, seen);
    expect(seen.successor).not.toBe(gateway.name);
    expect(seen.times.convergedMs).toBeLessThan(withinMs);
    for (const { name, touched, record } of seen.paths)
      if (!touched) expect({ name, lost: record.lost }).toEqual({ name, lost: 0 });
    const events = (await cloud.events()).slice(before);
    expect(events).toMatchObject([{ from: gateway.name, to: seen.successor, outcome: 'Completed' }]);
    await undisturbed();
    return { ...seen, event: events[0] };
  }

  /** What must never be, whatever happened. */
  async function undisturbed(): Promise<void> {
    expect(await cloud.controllerctl('invariants')).toContain('all statements hold');
    expect(cloud.everyLog()).not.toMatch(/hold ?timer expired/i);
  }

  async function sessions(tenant: string): Promise<readonly number[]> {
    const sites = cloud.sites.filter(({ plan }) => plan.tenant === tenant);
    return Promise.all(sites.map(async (site) => (await site.neighbour()).sessions));
  }

  async function back(gateway: CloudGateway): Promise<void> {
    if (!gateway.heliod.daemon.isRunning) await gateway.heliod.startDaemon();
    await cloud.phase(gateway, 'Spare');
  }

  it('F00, F30: places the example, and keeps two tenants with the same networks apart', async () => {
    const reflectors = [await cloud.reflectorOf('contoso'), await cloud.reflectorOf('woodgrove')];
    expect(new Set(reflectors).size).toBe(2);
    const [berlin, oslo, madrid] = await Promise.all(
      ['berlin', 'oslo', 'madrid'].map((name) => cloud.gatewayOf(`contoso-${name}`)),
    );
    expect(reflectors[0]).toBe(berlin);
    expect(oslo).toBe(madrid);
    expect(oslo).not.toBe(berlin);
    for (const tenant of ['contoso', 'woodgrove']) {
      const places = await overlay(tenant);
      // The gateway that ends the connection, never the reflector unless it is the same.
      for (const site of cloud.sites.filter(({ plan }) => plan.tenant === tenant)) {
        const at = await cloud.gatewayOf(`${tenant}-${site.plan.name}`);
        expect(places.get(site.plan.lan)).toBe(underlayAddress(cloud.gateways.indexOf(at) + 1));
      }
    }
  });

  async function overlay(tenant: string): Promise<ReadonlyMap<string, string>> {
    return eventually(`${tenant} has overlay routes`, async () => {
      const routes = (await cloud.get<OverlayRoute>('overlay-routes')).filter((row) => row.tenant === tenant);
      return routes.length > 0 && new Map(routes.map((row) => [row.prefix, row.nextHopPa]));
    });
  }

  it('F23: refuses what is another tenant’s, with the reason', async () => {
    const pool = `kind: GatewayPool
name: ipsec
spec: { type: S2sIpsec, redundantGatewayCount: 0, gatewayCapacityKbps: 1000000, publicVips: [203.0.113.1] }
---
${tenantDocument('northwind', 'ipsec')}
---
${tenantDocument('tailspin', 'ipsec')}
---
${ipsec('northwind')}`;
    await cloud.apply(pool);
    const { code, stderr } = await cloud.tryApply(ipsec('tailspin'));
    expect(code).not.toBe(0);
    expect(stderr).toContain('RemoteAddressInUse');
    const known = await cloud.get<Connection>('connections');
    expect(known.map(({ name }) => name)).toContain('northwind-site');
    expect(known.map(({ name }) => name)).not.toContain('tailspin-site');
  });

  it('F24: refuses a peer that no connection leads to', async () => {
    const peer = `kind: BgpPeer
name: nowhere
spec: { tenant: contoso, address: 172.16.9.2, asn: 65009, connection: woodgrove-oslo }`;
    const { code, stderr } = await cloud.tryApply(peer);
    expect(code).not.toBe(0);
    expect(stderr).toContain('PeerNotPinned');
  });

  it('F07: a silence shorter than the lease moves nothing', async () => {
    const gateway = await cloud.reflectorOf('woodgrove');
    const before = await sessions('woodgrove');
    const events = (await cloud.events()).length;
    gateway.heliod.daemon.signal('SIGSTOP');
    await pause(2000);
    gateway.heliod.daemon.signal('SIGCONT');
    await cloud.phase(gateway, 'Active');
    expect(await cloud.events()).toHaveLength(events);
    expect(await sessions('woodgrove')).toEqual(before);
    await undisturbed();
  });

  it('F01: the daemon of a client dies', async () => {
    const gateway = await cloud.gatewayOf('contoso-oslo');
    const before = [await sessions('contoso'), await sessions('woodgrove')];
    const { event } = await takenOver('F01', gateway, () => gateway.heliod.daemon.crash(), daemonMs);
    expect(event).toMatchObject({ trigger: 'AgentFault', rrFor: [], fromEpoch: 1, toEpoch: 2 });
    // Their neighbour is the reflector, which did not die.
    expect([await sessions('contoso'), await sessions('woodgrove')]).toEqual(before);
    const places = await overlay('contoso');
    const at = await cloud.gatewayOf('contoso-oslo');
    expect(places.get('192.168.2.0/24')).toBe(underlayAddress(cloud.gateways.indexOf(at) + 1));
    // F08
    const events = (await cloud.events()).length;
    await back(gateway);
    expect(await cloud.events()).toHaveLength(events);
    expect([await sessions('contoso'), await sessions('woodgrove')]).toEqual(before);
  });

  it('F17: a daemon that is stopped loses its addresses, and lets go of everything when it wakes', async () => {
    const gateway = await cloud.reflectorOf('woodgrove');
    const { daemon } = gateway.heliod;
    const seen = await takenOver('F17', gateway, async () => daemon.signal('SIGSTOP'), powerOffMs);
    expect(seen.event).toMatchObject({ trigger: 'LeaseExpired', rrFor: ['woodgrove'] });
    expect(await cloud.addressesOf(gateway, 'woodgrove')).not.toContain(reflectorAddress);
    expect(await cloud.addressesOf(cloud.gateway(seen.successor), 'woodgrove')).toContain(reflectorAddress);
    const before = await sessions('woodgrove');
    daemon.signal('SIGCONT');
    await eventually('it fences itself', () => /fenced/.test(daemon.log()));
    await cloud.phase(gateway, 'Spare');
    expect(spaces(gateway)).toEqual([]);
    expect(await sessions('woodgrove')).toEqual(before);
    await undisturbed();
  });

  it('F02, F45: the power of a reflector goes; one of its sessions is signed', async () => {
    const gateway = await cloud.reflectorOf('contoso');
    const moment = Math.floor(Math.random() * 3000);
    console.info(`F02: after ${moment} ms`);
    await pause(moment);
    const { event } = await takenOver('F02', gateway, () => cloud.powerOff(gateway), powerOffMs);
    expect(event).toMatchObject({ trigger: 'LeaseExpired', rrFor: ['contoso'] });
    const berlin = cloud.site('contoso', 'berlin');
    expect(berlin.plan.password).toBeDefined();
    expect((await berlin.show()).text).toContain(reflectorAddress);
    // F08, of a machine.
    const events = (await cloud.events()).length;
    await cloud.powerOn(gateway);
    await cloud.phase(gateway, 'Spare');
    expect(await cloud.events()).toHaveLength(events);
  });

  it('F13: the controller dies in the middle of a failover, and goes on with it', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const gateway = await cloud.gatewayOf('woodgrove-oslo');
    const before = await cloud.events();
    const quiet = await sessions('contoso');
    await gateway.heliod.daemon.crash();
    await eventually('the failover has begun', async () => (await cloud.events()).length > before.length, {
      every: 10,
    });
    const away = performance.now();
    await cloud.controller.crash();
    await cloud.startController();
    const awayMs = performance.now() - away;
    await eventually('it is done', async () => (await cloud.events()).at(-1)?.outcome === 'Completed');
    await cloud.routed();
    expect((await cloud.events()).slice(before.length)).toMatchObject([{ from: gateway.name }]);
    expect(await sessions('contoso')).toEqual(quiet);
    // Nobody was without a lease for so long.
    const serving = cloud.gateways.filter(({ heliod }) => heliod.daemon.isRunning);
    const woken = /lease is over/g;
    const fenced = serving.map(({ heliod }) => heliod.daemon.log().match(woken)?.length ?? 0);
    // F17's is one; and on a machine so slow that the controller was away for longer than a lease, it is right.
    if (awayMs < 2500) expect(Math.max(...fenced)).toBeLessThanOrEqual(1);
    await back(gateway);
    await undisturbed();
  });

  it('F19: what has no room waits with its numbers, and is placed when a gateway comes', async () => {
    const added = cloud.gateways[5];
    insist(added !== undefined, 'there are six gateways');
    await cloud.lab.leg(added.node, 'vlan301', 'vlan301');
    const before = [await sessions('contoso'), await sessions('woodgrove')];
    await cloud.apply(`${tenantDocument('fabrikam', 'pool')}
---
kind: Connection
name: fabrikam-site
spec:
  { tenant: fabrikam, type: L3, inKbps: 450000, outKbps: 450000,
    l3: { vlan: 301, localAddress: 172.16.1.1, peerAddress: 172.16.1.2 } }`);
    expect(await connection('fabrikam-site')).toMatchObject({
      phase: 'Pending',
      slot: null,
      pending: { reason: 'NoCapacity', neededUnits: 900_000 },
    });
    await cloud.apply(`kind: Gateway
name: ${added.name}
spec: { pool: pool, underlayAddress: ${underlayAddress(6)}, controlAddress: ${underlayAddress(6)} }`);
    const registered = performance.now();
    await eventually('it is placed', async () => (await connection('fabrikam-site'))?.slot !== null);
    const tookMs = Math.round(performance.now() - registered);
    console.info(`F19: placed ${tookMs} ms after the gateway was registered`);
    expect(tookMs).toBeLessThan(5000);
    expect([await sessions('contoso'), await sessions('woodgrove')]).toEqual(before);
  });

  async function connection(name: string) {
    return (await cloud.get<Connection>('connections')).find((known) => known.name === name)?.status;
  }

  it('F28: of a prefix that two sites announce one is used, and the other one when it goes', async () => {
    const shared = '192.168.99.0/24';
    const announcers = ['oslo', 'madrid'].map((name) => cloud.site('contoso', name));
    for (const { node } of announcers)
      await node.output('ip', ['addr', 'add', '192.168.99.1/24', 'dev', 'lo']);
    const berlin = cloud.site('contoso', 'berlin');
    await eventually('berlin has it', async () => (await berlin.learnt()).includes(shared));
    const route = async () =>
      (await cloud.get<{ prefix: string; tenant: string; connection: string }>('routes')).find(
        (known) => known.tenant === 'contoso' && known.prefix === shared,
      );
    const used = await eventually('the controller knows the way', async () => (await route())?.connection);
    const [first, second] = used.endsWith('oslo') ? announcers : announcers.toReversed();
    insist(first !== undefined && second !== undefined, 'there are two');
    const ping = berlin.node.start('probe-shared', 'ping', [
      ...['-n', '-D', '-i', '0.01', '-W', '1', '-I', berlin.plan.host, '192.168.99.1'],
    ]);
    await ping.ready('it answers', async () => /bytes from/.test(ping.log()));
    const gone = performance.now();
    await first.node.output('ip', ['addr', 'del', '192.168.99.1/24', 'dev', 'lo']);
    const changed = async () => (await route())?.connection === `contoso-${second.plan.name}`;
    await eventually('it leads to the other', changed, { every: 20 });
    console.info(`F28: the other way ${Math.round(performance.now() - gone)} ms after the first went`);
    expect(await berlin.learnt()).toContain(shared);
    await second.node.output('ip', ['addr', 'del', '192.168.99.1/24', 'dev', 'lo']);
    await cloud.routed();
  });

  it('F25, F26: a site that announces a way to itself keeps its session; one of the gateways is not believed', async () => {
    const [oslo, berlin] = [cloud.site('contoso', 'oslo'), cloud.site('contoso', 'berlin')];
    const before = await sessions('contoso');
    // Around the address of its own session, and an address of a gateway in the tenant's segment.
    const announced = ['172.16.2.9/24', '10.1.254.1/32'];
    for (const address of announced) await oslo.node.output('ip', ['addr', 'add', address, 'dev', 'lo']);
    await eventually('the first is believed', async () => (await berlin.learnt()).includes('172.16.2.0/24'));
    const rr = await cloud.reflectorOf('contoso');
    const routes = await eventually('the second came, and is refused', async () => {
      const args = ['routes', '--view', 'adj-in', '--peer', oslo.plan.address, '-o', 'ndjson'];
      const text = await rr.heliod.helioctl('--tenant', await instanceOf(rr, 'contoso'), ...args);
      return text.includes('10.1.254.1/32') ? text : undefined;
    });
    const refused = routes.split('\n').find((line) => line.includes('10.1.254.1/32')) ?? '';
    expect(JSON.parse(refused)).toMatchObject({ best: false, ineligible: 'import-policy' });
    expect(await berlin.learnt()).not.toContain('10.1.254.1');
    expect(await sessions('contoso')).toEqual(before);
    for (const address of announced) await oslo.node.output('ip', ['addr', 'del', address, 'dev', 'lo']);
    await cloud.routed();
  });

  /** As helioctl on the gateway calls it. */
  async function instanceOf({ heliod }: CloudGateway, tenant: string): Promise<string> {
    const list: readonly { readonly key: string; readonly tenant: string }[] = JSON.parse(
      await heliod.helioctl('tenants', '-o', 'json'),
    );
    return list.find((known) => known.tenant === tenant)?.key ?? expect.fail(`no instance of ${tenant}`);
  }

  it('F31: a gateway is drained, and its slot serves elsewhere', async () => {
    const gateway = await cloud.reflectorOf('woodgrove');
    const before = [await sessions('contoso'), await sessions('woodgrove')];
    await cloud.controllerctl('drain', gateway.name);
    await cloud.phase(gateway, 'Drained');
    await cloud.routed();
    expect(spaces(gateway)).toEqual([]);
    expect(await cloud.reflectorOf('woodgrove')).not.toBe(gateway);
    expect((await cloud.events()).at(-1)).toMatchObject({ kind: 'PlannedMove', from: gateway.name });
    const after = [await sessions('contoso'), await sessions('woodgrove')];
    expect(after[0]).toEqual(before[0]);
    const resets = (after[1] ?? []).map((count, at) => count - (before[1]?.[at] ?? 0));
    expect(Math.max(...resets)).toBeLessThanOrEqual(1);
    await cloud.controllerctl('undrain', gateway.name);
    await cloud.phase(gateway, 'Spare');
    await undisturbed();
  });

  it('F34: a tenant is deleted while its reflector fails over: nothing is left of it', async () => {
    const gateway = await cloud.reflectorOf('woodgrove');
    const quiet = await sessions('contoso');
    await gateway.heliod.daemon.crash();
    for (const [kind, name] of [
      ['peers', 'woodgrove-berlin'],
      ['peers', 'woodgrove-oslo'],
      ['connections', 'woodgrove-berlin'],
      ['connections', 'woodgrove-oslo'],
      ['tenants', 'woodgrove'],
    ] as const)
      await cloud.controllerctl('delete', kind, name);
    await eventually('it is gone', async () => {
      const tenants = await cloud.get<Gateway>('tenants');
      return tenants.every(({ name }) => name !== 'woodgrove');
    });
    await eventually('no gateway has a space of it', () =>
      cloud.gateways.every((known) => spaces(known).every((name) => !name.endsWith('+woodgrove'))),
    );
    const slots = await cloud.get<Slot>('slots');
    expect(slots.map(({ status }) => status.phase)).not.toContain('Unbound');
    expect(await cloud.get<OverlayRoute>('overlay-routes')).not.toContainEqual(
      expect.objectContaining({ tenant: 'woodgrove' }),
    );
    expect(await sessions('contoso')).toEqual(quiet);
    await undisturbed();
  });
});

function spaces({ name }: CloudGateway): readonly string[] {
  return readdirSync('/run/netns').filter((space) => space.startsWith(`${name}+`));
}

function tenantDocument(name: string, pool: string): string {
  return `kind: Tenant
name: ${name}
spec:
  { routingDomain: ${name}, pools: [${pool}], asn: 64512, rr: { address: ${reflectorAddress} },
    gatewaySubnets: [10.1.254.0/24] }`;
}

function ipsec(tenant: string): string {
  return `kind: Connection
name: ${tenant}-site
spec: { tenant: ${tenant}, type: IPSEC, inKbps: 1000, outKbps: 1000, remoteAddress: 192.0.2.9 }`;
}

function tell(title: string, { gateway, successor, times, paths }: Failover): void {
  const { detectedMs, sites, convergedMs } = times;
  const serving = Math.max(0, ...sites.map(({ inServiceMs }) => inServiceMs));
  const lost = paths.map(({ touched, record }) => `${record.lost}${touched ? '' : ' (not touched)'}`);
  console.info(
    `${title}: ${gateway} to ${successor}: detected ${detectedMs} ms, in service ${serving} ms, ` +
      `converged ${convergedMs} ms, lost ${lost.join(', ')}`,
  );
}
