/**
 * `npm run demo:failover -- --tenants 100`: so many tenants on one gateway, each with a site on BIRD; its daemon is
 * killed, and later the power of its successor goes. Says when each site had End-of-RIB from its neighbour again.
 */
import type { Slot } from '../../src/controller/resources.ts';
import { Cloud, type CloudGateway } from '../../test/interop/harness/cloud.ts';
import { manyTenants } from '../../test/interop/harness/cloud-plan.ts';
import { eventually, insist } from '../../test/interop/harness/eventually.ts';
import type { Site } from '../../test/interop/harness/site.ts';
import { bold, say } from './present.ts';

const patience = { within: 120_000, every: 250 };

/** Exit code. */
export async function playScale(tenants: number): Promise<number> {
  say(bold(`${tenants} tenants on one gateway, which dies`));
  const progress = (words: string) => say(`  ... ${words}`);
  const cloud = await Cloud.create({ gateways: 3, sites: manyTenants(tenants), progress });
  try {
    const registered = Date.now();
    await cloud.settle({ progress });
    await eventually('every site is in service', () => markers(cloud).every((count) => count > 0), patience);
    say(`  all in service ${seconds(Date.now() - registered)} after they were registered`);
    await play(cloud, 'kill -9 of heliod', ({ heliod }) => heliod.daemon.crash());
    await play(cloud, 'power off', (gateway) => cloud.powerOff(gateway));
    const expired = cloud.everyLog().match(/hold ?timer expired/gi)?.length ?? 0;
    say(`\n  hold timers expired: ${expired}`);
    say(`  ${(await cloud.controllerctl('invariants')).trim()}`);
    return expired === 0 ? 0 : 1;
  } finally {
    await cloud.close();
  }
}

async function play(
  cloud: Cloud,
  title: string,
  strike: (gateway: CloudGateway) => Promise<void>,
): Promise<void> {
  const slots = await cloud.get<Slot>('slots');
  const holders = [...new Set(slots.flatMap(({ status }) => status.gateway ?? []))];
  insist(holders.length === 1, `the tenants are on ${holders.join(', ') || 'no gateway'}`);
  const gateway = cloud.gateway(holders[0] ?? '');
  const before = markers(cloud);
  const startedAt = Date.now();
  await strike(gateway);
  await eventually(
    'every site has End-of-RIB from its neighbour again',
    () => markers(cloud).every((count, at) => count > (before[at] ?? 0)),
    patience,
  );
  const times = cloud.sites.map((site) => lastMarker(site) - startedAt).sort((a, b) => a - b);
  const at = (share: number) =>
    seconds(times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0);
  const event = (await cloud.events()).at(-1);
  say(`\n${bold(title)} of ${gateway.name}, which ${event?.to ?? 'nobody'} replaces`);
  say(`  in service again: first ${at(0)}, median ${at(0.5)}, last ${at(1)}`);
}

/** How often each site had End-of-RIB, by its own log. */
function markers(cloud: Cloud): readonly number[] {
  return cloud.sites.map((site) => site.endOfRibTimes().length);
}

function lastMarker(site: Site): number {
  return site.endOfRibTimes().at(-1) ?? Number.POSITIVE_INFINITY;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
