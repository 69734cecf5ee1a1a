/**
 * Two tenants with the same addresses on real FRR and BIRD: nothing crosses, packets go from site to site through the
 * routes that heliod put into each tenant's kernel, and a tenant that is taken away leaves nothing, to nobody's harm.
 */
import { afterAll, expect, test } from 'vitest';
import type { PeerView } from '../../src/speaker/views.ts';
import { eventually, insist } from './harness/eventually.ts';
import { interopSuite } from './harness/suite.ts';
import {
  berlinLan,
  echoesSeen,
  expectedRoutes,
  forward,
  gatewayConfig,
  kernelRoutes,
  osloHost,
  osloLan,
  siteAddresses,
  type TenantNetwork,
  type TenantWorld,
  tenantWorld,
} from './harness/tenant-world.ts';

let world: TenantWorld | undefined;

async function build(): Promise<TenantWorld> {
  world = await tenantWorld();
  return world;
}

/** `PREFIX from PEER` of a tenant's Loc-RIB, sorted. */
async function locRib({ heliod }: TenantWorld, { name }: TenantNetwork): Promise<readonly string[]> {
  const routes = await heliod.routeViews('--tenant', name);
  return routes.map(({ prefix, from }) => `${prefix} from ${from}`).sort();
}

const expectedRib = ({ own }: TenantNetwork): readonly string[] =>
  [`${own} from 10.0.1.2`, `${berlinLan} from 10.0.1.2`, `${osloLan} from 10.0.2.2`].sort();

function kernelBecomes(tenant: TenantNetwork, expected: readonly string[]): Promise<unknown> {
  return eventually(`the kernel of ${tenant.name} has ${expected.join(', ') || 'none of ours'}`, async () => {
    const found = await kernelRoutes(tenant.gate);
    insist(found.join() === expected.join(), `it has ${found.join(', ')}`);
    return true;
  });
}

/** What changes with every reset: what heliod says of a tenant's sessions, and how many FRR has counted. */
async function uptimes({ heliod }: TenantWorld, { name, frr }: TenantNetwork): Promise<readonly unknown[]> {
  const views: readonly PeerView[] = JSON.parse(
    await heliod.helioctl('--tenant', name, 'peers', '-o', 'json'),
  );
  const ours = views.map(({ address, state, since, establishedCount }) => ({
    address,
    state,
    since,
    establishedCount,
  }));
  return [...ours, ...(await frr.peers()).map(({ establishedCount }) => establishedCount)];
}

/** heliod's sockets in the namespace of a tenant, as `LISTEN` and `ESTAB`. */
async function sockets({ gate }: TenantNetwork): Promise<readonly string[]> {
  const lines = (await gate.output('ss', ['-Htanp'])).split('\n').filter((line) => line.includes('"heliod"'));
  return lines.map((line) => line.split(/\s/)[0]).sort();
}

const allSockets = ['ESTAB', 'ESTAB', 'LISTEN', 'LISTEN'];

interopSuite('tenants with the same addresses', ['frr', 'bird', 'ping'], build, (topology) => {
  afterAll(() => world?.close());

  test('each has the routes of its own sites in RIB and kernel, and none of the other', async () => {
    const { tenants } = topology();
    for (const tenant of tenants) {
      await kernelBecomes(tenant, expectedRoutes(tenant));
      expect(await locRib(topology(), tenant)).toEqual(expectedRib(tenant));
    }
  });

  test('each site has what its own tenant sends, and the next hop is its own gateway', async () => {
    const { tenants } = topology();
    for (const { name, own, frr, bird } of tenants) {
      await eventually(`${name}'s oslo has ${own}`, async () => (await bird.routes(own)).length === 1);
      await eventually(
        `${name}'s berlin has ${osloLan}`,
        async () => (await frr.routes(osloLan)).length === 1,
      );
      expect((await bird.routes(own))[0]).toMatchObject({ nextHop: '10.0.2.1', asPath: '65000 65001' });
      expect((await frr.routes(osloLan))[0]).toMatchObject({ nextHop: '10.0.1.1', asPath: '65000 65002' });
      for (const other of tenants.filter((tenant) => tenant.own !== own)) {
        expect(await bird.routes(other.own), `${other.own} at ${name}'s oslo`).toEqual([]);
        expect(await frr.routes(other.own), `${other.own} at ${name}'s berlin`).toEqual([]);
      }
    }
  });

  test('packets from site to site reach the own tenant alone', async () => {
    const { tenants } = topology();
    for (const [from, other] of [tenants, [...tenants].reverse()]) {
      const before = await Promise.all([echoesSeen(from.oslo), echoesSeen(other.oslo)]);
      await from.berlin.output('ping', ['-c', '3', '-i', '0.2', '-W', '2', '-I', '192.168.1.1', osloHost]);
      const after = await Promise.all([echoesSeen(from.oslo), echoesSeen(other.oslo)]);
      expect(after.map((count, at) => count - before[at])).toEqual([3, 0]);
      const { code } = await from.oslo.run('ping', ['-c', '1', '-W', '1', other.ownHost]);
      expect(code, `${from.name} reached ${other.name}'s ${other.ownHost}`).not.toBe(0);
    }
  });

  test('a namespace that is taken away takes its tenant down alone, and brings it back with it', async () => {
    const { heliod, tenants } = topology();
    const [stays, lost] = tenants;
    const before = await uptimes(topology(), stays);
    const rowOf = async ({ name }: TenantNetwork): Promise<string> =>
      (await heliod.helioctl('tenants')).split('\n').find((line) => line.startsWith(name)) ?? '';
    await lost.lab.unplug(lost.gate);
    const reason = `network namespace ${lost.gate.namespace} is gone`;
    await eventually('it is down with the reason', async () => (await rowOf(lost)).includes(reason));
    expect(await rowOf(lost)).toMatch(/ down +0 /);
    expect(await locRib(topology(), lost)).toEqual([]);
    expect(await rowOf(stays)).toMatch(/ up +2 /);
    await lost.lab.plug(lost.gate);
    await forward(lost.gate);
    await kernelBecomes(lost, expectedRoutes(lost));
    expect(await locRib(topology(), lost)).toEqual(expectedRib(lost));
    await lost.berlin.output('ping', ['-c', '1', '-W', '2', '-I', '192.168.1.1', osloHost]);
    expect(await uptimes(topology(), stays)).toEqual(before);
  });

  test('a tenant that a reload takes away leaves no socket, route or RIB; the other does not notice', async () => {
    const { heliod, tenants } = topology();
    const [stays, goes] = tenants;
    const before = await uptimes(topology(), stays);
    for (const tenant of tenants)
      await eventually(`${tenant.name} has its sockets and no others`, async () => {
        const found = await sockets(tenant);
        insist(found.join() === allSockets.join(), `it has ${found.join(', ')}`);
        return true;
      });
    heliod.configure(gatewayConfig([stays]));
    await heliod.helioctl('config', 'reload');
    await kernelBecomes(goes, []);
    await eventually('its sockets are closed', async () => (await sockets(goes)).length === 0);
    await eventually('its sites have lost session and routes', async () => {
      const [peers, atOslo, atBerlin] = await Promise.all([
        goes.frr.peers(),
        goes.bird.routes(goes.own),
        goes.frr.routes(osloLan),
      ]);
      return !peers.some(({ isEstablished }) => isEstablished) && atOslo.length + atBerlin.length === 0;
    });
    const { code, stderr } = await heliod.ctl('--tenant', goes.name, 'routes');
    expect(code).not.toBe(0);
    expect(stderr).toContain(goes.name);
    expect(await heliod.helioctl('tenants')).not.toContain(goes.name);
    expect(await locRib(topology(), stays)).toEqual(expectedRib(stays));
    expect(await kernelRoutes(stays.gate)).toEqual(expectedRoutes(stays));
    expect(await sockets(stays)).toEqual(allSockets);
    expect(await uptimes(topology(), stays)).toEqual(before);
  });

  test('and when it is configured again, all is as before', async () => {
    const { heliod, tenants } = topology();
    const [stays, back] = tenants;
    const before = await uptimes(topology(), stays);
    heliod.configure(gatewayConfig(tenants));
    await heliod.helioctl('config', 'reload');
    await kernelBecomes(back, expectedRoutes(back));
    expect(await locRib(topology(), back)).toEqual(expectedRib(back));
    expect(await uptimes(topology(), stays)).toEqual(before);
    const peers = JSON.parse(await heliod.helioctl('--tenant', back.name, 'peers', '-o', 'json'));
    expect(peers.map(({ address }: { address: string }) => address).sort()).toEqual([...siteAddresses]);
  });
});
