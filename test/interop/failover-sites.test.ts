/**
 * Failover towards sites that make it hard: routers without graceful restart, and routers that nobody may connect to. A
 * session of theirs that still stands is found dead by the next segment that meets a host which does not know it; with
 * keepalives of 10 s that is soon enough. Real daemons, as in failover.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
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
