/**
 * `npm run demo:failover -- --moments 20`: the same blow at random moments of the keepalive interval, again and again:
 * in turn the power of the gateway with Contoso's reflector, and its daemon alone. Prints each and how they are spread;
 * no hold timer may expire at any site or gateway, and no path that was not touched may lose a request.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Cloud, type CloudGateway } from '../../test/interop/harness/cloud.ts';
import { insist } from '../../test/interop/harness/eventually.ts';
import { type Failover, failover } from '../../test/interop/harness/takeover.ts';
import { bold, say } from './present.ts';

const keepaliveMs = 10_000;
/** A gateway that failed three times is in quarantine: of so many, enough are left. */
const gatewaysFor = (count: number): number => 5 + Math.ceil(count / 3);

interface Blow {
  readonly title: string;
  readonly strike: (cloud: Cloud, gateway: CloudGateway) => Promise<void>;
  readonly targetMs: number;
}

const blows: readonly Blow[] = [
  { title: 'power off', strike: (cloud, gateway) => cloud.powerOff(gateway), targetMs: 9000 },
  { title: 'kill -9 of heliod', strike: (_, { heliod }) => heliod.daemon.crash(), targetMs: 3000 },
];

/** Exit code. */
export async function playMoments(count: number): Promise<number> {
  say(bold(`${count} failovers of Contoso's reflector, at random moments of the keepalive interval`));
  const cloud = await Cloud.create({
    gateways: gatewaysFor(count),
    progress: (words) => say(`  ... ${words}`),
  });
  try {
    await cloud.settle({ progress: (words) => say(`  ... ${words}`) });
    const seen = new Map<Blow, Failover[]>(blows.map((blow) => [blow, []]));
    for (let number = 0; number < count; number++) {
      const blow = blows[number % blows.length];
      insist(blow !== undefined, 'there is a blow');
      const momentMs = Math.floor(Math.random() * keepaliveMs);
      await pause(momentMs);
      const gateway = await cloud.reflectorOf('contoso');
      const failed = await failover(cloud, gateway, () => blow.strike(cloud, gateway));
      seen.get(blow)?.push(failed);
      say(`  ${String(number + 1).padStart(2)}  ${line(blow, momentMs, failed)}`);
      await restore(cloud, gateway);
    }
    return verdict(cloud, seen);
  } finally {
    await cloud.close();
  }
}

async function restore(cloud: Cloud, gateway: CloudGateway): Promise<void> {
  await (gateway.heliod.daemon.isRunning ? undefined : cloud.powerOn(gateway));
  await cloud.phase(gateway, 'Spare', 'Quarantined');
}

function line({ title }: Blow, momentMs: number, { gateway, successor, times, paths }: Failover): string {
  const { detectedMs, convergedMs } = times;
  const untouched = paths.filter(({ touched }) => !touched);
  const lost = untouched.reduce((sum, { record }) => sum + record.lost, 0);
  const figures = `detected ${detectedMs}, in service ${inService(times)}, all routes ${convergedMs} ms`;
  return `${title} after ${momentMs} ms: ${gateway} -> ${successor}: ${figures}; ${lost} lost elsewhere`;
}

function inService({ sites }: Failover['times']): number {
  return Math.max(...sites.map(({ inServiceMs }) => inServiceMs));
}

function verdict(cloud: Cloud, seen: ReadonlyMap<Blow, readonly Failover[]>): number {
  let good = true;
  for (const [{ title, targetMs }, failovers] of seen) {
    if (failovers.length === 0) continue;
    say(`\n${bold(title)}: ${failovers.length}, target ${targetMs} ms`);
    say(`  detected    ${spread(failovers.map(({ times }) => times.detectedMs))}`);
    say(`  in service  ${spread(failovers.map(({ times }) => inService(times)))}`);
    say(`  all routes  ${spread(failovers.map(({ times }) => times.convergedMs))}`);
    good &&= failovers.every(({ times }) => times.convergedMs <= targetMs);
  }
  const paths = [...seen.values()].flat().flatMap((failed) => failed.paths);
  const lost = paths.filter(({ touched }) => !touched).reduce((sum, { record }) => sum + record.lost, 0);
  const expired = cloud.everyLog().match(/hold ?timer expired/gi)?.length ?? 0;
  say(`\n  requests lost on paths that were not touched: ${lost}; hold timers expired: ${expired}`);
  return good && lost === 0 && expired === 0 ? 0 : 1;
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `least ${at(0)}, median ${at(0.5)}, most ${at(1)} ms`;
}
