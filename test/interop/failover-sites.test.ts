/**
 * Sites that make it hard. One sends more than it may. And failover towards routers without graceful restart, and routers that nobody may connect to. A
 * session of theirs that still stands is found dead by the next segment that meets a host which does not know it; with
 * keepalives of 10 s that is soon enough. Real daemons, as in failover.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { stringify } from 'yaml';
import type { Tenant } from '../../src/controller/resources.ts';
import type { PeerView } from '../../src/speaker/views.ts';
import { Cloud } from './harness/cloud.ts';
import { reflectorAddress, sitePlans } from './harness/cloud-plan.ts';
import { eventually, insist } from './harness/eventually.ts';
import { missing } from './harness/requirements.ts';

/** Namespaces of gateways are the machine's. */
const prefix = `s${process.pid}-`;
/** Of the specification: lease, takeover, the site's keepalive, its next try. */
const withinMs = 18_000;

const reason = missing(['frr', 'bird', 'ping']);
if (reason && process.env.CI === 'true') throw new Error(`failover towards sites: ${reason}`);

const [berlin, oslo, madrid, ...others] = sitePlans.filter(({ tenant }) => tenant === 'contoso');
if (!berlin || !oslo || !madrid || others.length > 0) throw new Error('contoso has three sites');
const sites = [
  { ...berlin, withoutRestart: true },
  { ...oslo, withoutRestart: true },
  { ...madrid, comesByItself: true },
];

describe.skipIf(reason !== undefined)('failover towards sites', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await Cloud.create({ gateways: 3, sites, prefix });
    try {
      await cloud.settle();
    } catch (error) {
      process.stderr.write(`${cloud.logs()}\n`);
      throw error;
    }
  });
  afterAll(async () => cloud?.close());

  async function sessions(): Promise<readonly string[]> {
    const states = await Promise.all(cloud.sites.map((site) => site.neighbour()));
    return states.map((state) => `${state.isEstablished} ${state.sessions}`);
  }

  const peerDocument = (more: object) =>
    stringify({
      kind: 'BgpPeer',
      name: 'contoso-berlin',
      spec: {
        ...{ tenant: 'contoso', address: berlin.address, asn: berlin.asn, connection: 'contoso-berlin' },
        ...(berlin.password === undefined ? {} : { passwordRef: 'contoso-berlin' }),
        ...more,
      },
    });

  /** The limit of prefixes that the reflector has for a site, and what it does beyond. */
  async function limitOf(address: string): Promise<number | undefined> {
    const slot = (await cloud.get<Tenant>('tenants'))[0]?.status.rrSlot;
    const { heliod } = await cloud.reflectorOf('contoso');
    const text = await heliod.helioctl('--tenant', `contoso/${slot}`, 'peers', '-o', 'json');
    const peers: readonly PeerView[] = JSON.parse(text);
    return peers.find((peer) => peer.address === address)?.families[0]?.maxPrefixes;
  }

  it('F27: of a site that announces too many prefixes as many as it may are taken, or its session ends; others notice nothing', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const [from, to] = [cloud.site('contoso', 'berlin'), cloud.site('contoso', 'oslo')];
    const before = await sessions();
    const others = (states: readonly string[]) => states.filter((_, at) => cloud.sites[at] !== from);
    const many = Array.from({ length: 1200 }, (_, at) => `10.77.${at >> 8}.${at & 255}/32`);
    const seen = async () => (await to.learnt()).filter((prefix) => prefix.startsWith('10.77.')).length;
    const come = (count: number) =>
      eventually(`${count} come through`, async () => {
        const found = await seen();
        insist(found === count, `${found} are there`);
        return true;
      });
    expect(await limitOf(berlin.address)).toBe(1000);
    await cloud.apply(peerDocument({ maxPrefixes: 999, maxPrefixAction: 'drop' }));
    await eventually('the gateway knows', async () => (await limitOf(berlin.address)) === 999);
    await from.announce('network', many);
    // Its own network comes first; and FRR sends back those of the two others, which count.
    await come(996);
    expect(await sessions()).toEqual(before);
    await from.announce('no network', many);
    await come(0);
    await cloud.apply(peerDocument({ maxPrefixes: 3, maxPrefixAction: 'teardown' }));
    await eventually('the gateway knows', async () => (await limitOf(berlin.address)) === 3);
    await from.announce('network', many.slice(0, 5));
    await eventually('its session ends', async () => !(await from.neighbour()).isEstablished);
    await come(0);
    expect(others(await sessions())).toEqual(others(before));
    await from.announce('no network', many.slice(0, 5));
    for (const adminDown of [true, false]) await cloud.apply(peerDocument({ adminDown }));
    await cloud.routed();
    expect(others(await sessions())).toEqual(others(before));
  });

  it('F03, F04: without graceful restart, or waiting to be connected to, all are back', async () => {
    onTestFailed(() => void process.stderr.write(`${cloud.logs()}\n`));
    const before = await Promise.all(cloud.sites.map((site) => site.neighbour()));
    const gateway = await cloud.reflectorOf('contoso');
    await cloud.powerOff(gateway);
    const off = performance.now();
    for (const [at, site] of cloud.sites.entries())
      await eventually(
        `${site.name} has a new session with ${reflectorAddress}`,
        async () => {
          const { isEstablished, sessions } = await site.neighbour();
          insist(isEstablished && sessions > (before[at]?.sessions ?? 0), `${sessions} sessions so far`);
          return true;
        },
        { within: withinMs, every: 50 },
      );
    await cloud.routed(withinMs);
    const took = performance.now() - off;
    process.stdout.write(`F03, F04: every site has every route after ${Math.round(took)} ms\n`);
    expect(took).toBeLessThan(withinMs);
    expect(await cloud.reflectorOf('contoso')).not.toBe(gateway);
    expect(await cloud.controllerctl('invariants')).toContain('all statements hold');
  });
});
