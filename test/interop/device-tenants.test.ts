/**
 * Tenants on devices: two sites with the same addresses behind two devices of one gateway, beside the instance of the
 * `router` block, all on port 179. Each hears its own site only; a device that goes takes its tenant down and no other.
 */
import { expect, test } from 'vitest';
import { Bird } from './harness/bird.ts';
import { output } from './harness/command.ts';
import { eventually } from './harness/eventually.ts';
import { Heliod } from './harness/heliod.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';

const asn = 65000;
const shared = '198.51.100.0/24';
const sites = ['east', 'west'] as const;
/** What only this site announces. */
const own = { default: '203.0.113.0/24', east: '100.64.0.0/24', west: '100.64.1.0/24' };

interface TenantState {
  readonly key: string;
  readonly trouble?: string;
}

/** The gateway's end has the site's name; both ends have the same addresses at every site. */
async function plug(gateway: LabNode, site: LabNode): Promise<void> {
  const { namespace } = gateway;
  const ends = ['type', 'veth', 'peer', 'name', 'up0', 'netns', site.namespace];
  await output('ip', ['-n', namespace, 'link', 'add', site.name, ...ends]);
  await output('ip', ['-n', namespace, 'addr', 'add', '10.5.0.1/24', 'dev', site.name]);
  await output('ip', ['-n', namespace, 'link', 'set', site.name, 'up']);
  await output('ip', ['-n', site.namespace, 'addr', 'add', '10.5.0.2/24', 'dev', 'up0']);
  await output('ip', ['-n', site.namespace, 'link', 'set', 'up0', 'up']);
}

async function build(lab: Lab) {
  const gateway = await lab.node('gateway', ['10.0.0.1/24']);
  const plain = await lab.node('plain', ['10.0.0.2/24']);
  const nodes = [await lab.node('east', ['10.0.9.2/24']), await lab.node('west', ['10.0.9.3/24'])];
  for (const node of nodes) await plug(gateway, node);
  const tenants = sites.map(
    (name) =>
      `  - { name: ${name}, device: ${name}, asn: ${asn}, routerId: 10.5.0.1, peers: [ { address: 10.5.0.2, remoteAs: ${asn}, passive: true } ] }`,
  );
  const heliod = await Heliod.start(
    gateway,
    `
router: { asn: ${asn}, routerId: 10.0.0.1 }
peers:
  - { address: 10.0.0.2, remoteAs: ${asn}, passive: true }
tenants:
${tenants.join('\n')}`,
  );
  const startBird = (node: LabNode, [own, ours]: readonly string[], only: string): Promise<Bird> =>
    Bird.start(
      node,
      `protocol static { ipv4; route ${only} blackhole; route ${shared} blackhole; }
protocol bgp helio {
  local ${own} as ${asn}; neighbor ${ours} as ${asn}; direct;
  hold time 9; connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 { import all; export all; };
}`,
    );
  await startBird(plain, ['10.0.0.2', '10.0.0.1'], own.default);
  await startBird(nodes[0], ['10.5.0.2', '10.5.0.1'], own.east);
  await startBird(nodes[1], ['10.5.0.2', '10.5.0.1'], own.west);
  return { heliod, gateway, nodes };
}

async function tenants(heliod: Heliod): Promise<readonly TenantState[]> {
  return JSON.parse(await heliod.helioctl('tenants', '-o', 'json'));
}

/** Prefixes in the Loc-RIB of a tenant. */
async function prefixes(heliod: Heliod, tenant: string): Promise<readonly string[]> {
  const views = await heliod.routeViews('--tenant', tenant);
  return views.map(({ prefix }) => prefix).sort();
}

interopSuite('tenants on devices', ['bird'], build, (topology) => {
  test.each(Object.entries(own))('%s has its own site’s routes and no other', async (tenant, prefix) => {
    const { heliod } = topology();
    const expected = [prefix, shared].sort();
    await eventually('the routes are there', async () => (await prefixes(heliod, tenant)).length >= 2);
    expect(await prefixes(heliod, tenant)).toEqual(expected);
  });

  test('a device that goes takes its tenant down; when it is back so is the tenant, and nobody else noticed', async () => {
    const { heliod, gateway, nodes } = topology();
    const trouble = async (name: string) => (await tenants(heliod)).find(({ key }) => key === name)?.trouble;
    await output('ip', ['-n', gateway.namespace, 'link', 'del', 'west']);
    await eventually('west is down', async () => (await trouble('west')) === 'device west is gone');
    expect(await prefixes(heliod, 'west')).toEqual([]);
    expect(await trouble('east')).toBeUndefined();
    await plug(gateway, nodes[1]);
    await eventually('west has its routes', async () => (await prefixes(heliod, 'west')).length === 2);
    for (const tenant of ['east', 'default']) {
      const [peer] = JSON.parse(await heliod.helioctl('peers', '--tenant', tenant, '-o', 'json'));
      expect(peer).toMatchObject({ state: 'established', establishedCount: 1 });
    }
  });
});
