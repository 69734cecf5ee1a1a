/**
 * `npm run demo:failover`: a controller, five gateways and five sites of two tenants whose networks are the same. The
 * gateway that is Contoso's reflector loses its power, and later the daemon of its successor is killed: each time a
 * standby takes over with the same addresses, no site's configuration is touched, and other paths lose nothing.
 */
import { Cloud, type CloudGateway } from '../../test/interop/harness/cloud.ts';
import { reflectorAddress } from '../../test/interop/harness/cloud-plan.ts';
import { insist } from '../../test/interop/harness/eventually.ts';
import { missing } from '../../test/interop/harness/requirements.ts';
import { type Failover, failover } from '../../test/interop/harness/takeover.ts';
import { playMoments } from './failover-moments.ts';
import { playScale } from './failover-scale.ts';
import { bold, green, onceOf, play, say, show } from './present.ts';

const picture = `
  contoso    berlin (FRR)  192.168.1.0/24 ─ VLAN 101 ┐   ┌─────┐ ┌─────┐ ┌─────┐ ┌─────┐ ┌─────┐
             oslo (BIRD)   192.168.2.0/24 ─ VLAN 102 ┤   │ gw1 │ │ gw2 │ │ gw3 │ │ gw4 │ │ gw5 │
             madrid (BIRD) 192.168.3.0/24 ─ VLAN 103 ┼───┤     │ │     │ │     │ │     │ │     │
  woodgrove  berlin (BIRD) 192.168.1.0/24 ─ VLAN 201 ┤   └──┬──┘ └──┬──┘ └──┬──┘ └──┬──┘ └──┬──┘
             oslo (FRR)    192.168.2.0/24 ─ VLAN 202 ┘      └───────┴── underlay ───┴───────┘
                                                                  helio-controller
  Every VLAN reaches every gateway. Both tenants have the neighbour ${reflectorAddress}.`;

/** Default timers; issue and docs say the same. */
const targets = { powerOffMs: 9000, daemonMs: 3000 };

async function topology(cloud: Cloud, title: string): Promise<void> {
  await show({
    title,
    command: 'helioctl controller topology',
    run: () => cloud.controllerctl('topology'),
  });
}

function report({ gateway, successor, times, paths }: Failover, targetMs: number): void {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`.padStart(8);
  say(`\n${bold('What happened')}`);
  say(`  ${seconds(0)}  ${gateway} is gone`);
  say(`  ${seconds(times.detectedMs)}  the controller knows that it has let go`);
  say(`  ${seconds(times.boundMs)}  ${successor} is told to serve its slot`);
  for (const { site, inServiceMs } of times.sites)
    say(`  ${seconds(inServiceMs)}  ${site} is in service: End-of-RIB from ${reflectorAddress}`);
  say(`  ${seconds(times.convergedMs)}  every site has every route   (target: ${seconds(targetMs).trim()})`);
  say(`\n${bold('Requests every 10 ms meanwhile')}`);
  for (const { name, touched, record } of paths) {
    const words = touched ? `silent for ${seconds(record.longestGapMs).trim()}` : 'not touched by it';
    say(`  ${name.padEnd(36)} ${String(record.lost).padStart(4)} of ${record.sent} lost, ${words}`);
  }
  insist(
    times.convergedMs <= targetMs,
    `it took ${seconds(times.convergedMs)}, more than ${seconds(targetMs)}`,
  );
  for (const { name, touched, record } of paths)
    insist(touched || record.lost === 0, `${name} does not use ${gateway} and lost ${record.lost}`);
}

async function sitesOf(cloud: Cloud, tenant: string): Promise<void> {
  for (const site of cloud.sites.filter(({ plan }) => plan.tenant === tenant)) {
    const { command, text } = await site.show();
    await show({ title: `${site.name}: its neighbour`, command, run: async () => text });
  }
}

async function act(
  cloud: Cloud,
  title: string,
  kill: (gateway: CloudGateway) => Promise<void>,
  targetMs: number,
): Promise<void> {
  const gateway = await cloud.reflectorOf('contoso');
  say(`\n${bold(`── ${title}: ${gateway.name}, Contoso's reflector ──`)}`);
  const seen = await failover(
    cloud,
    gateway,
    () => kill(gateway),
    (words) => say(`  ... ${words}`),
  );
  report(seen, targetMs);
  await topology(cloud, 'The gateways now');
  await sitesOf(cloud, 'contoso');
}

async function present(cloud: Cloud): Promise<void> {
  say(picture);
  await cloud.settle({ progress: (words) => say(`  ... ${words}`) });
  await topology(cloud, 'Who serves whom');
  await show({
    title: 'Why is this connection where it is?',
    command: 'helioctl controller explain placement contoso-madrid',
    run: () => cloud.controllerctl('explain', 'placement', 'contoso-madrid'),
  });
  await act(cloud, 'Power off', (gateway) => cloud.powerOff(gateway), targets.powerOffMs);
  say(`\n  ... the power is back: a gateway that returns becomes a spare, and nothing moves back`);
  const dead = cloud.gateways.filter(({ heliod }) => !heliod.daemon.isRunning);
  for (const gateway of dead) await cloud.powerOn(gateway);
  await cloud.healthy(cloud.gateways.length);
  await act(cloud, 'kill -9 of heliod alone', ({ heliod }) => heliod.daemon.crash(), targets.daemonMs);
  await show({
    title: 'What the controller has written down',
    command: 'helioctl controller events',
    run: () => cloud.controllerctl('events'),
  });
  await show({
    title: 'Did it keep its promises?',
    command: 'helioctl controller invariants',
    run: () => cloud.controllerctl('invariants'),
  });
}

function invite(cloud: Cloud): void {
  const inside = `nsenter --net=/run/netns/${cloud.node.namespace}`;
  const ctl = `${inside} node bin/helioctl.js controller ${cloud.access.join(' ')}`;
  say(`\n${bold('It stays up. To try from another terminal, in this directory:')}`);
  for (const words of [
    'topology',
    'drain gw2',
    'events --follow',
    'get overlay-routes',
    'describe gateways gw3',
  ])
    say(`  ${ctl} ${words}`);
  say(`\n${bold('Ctrl-C ends it and removes everything.')}`);
}

/** Of `--moments N` or the like, up to 100; `undefined` without it. */
function countOf(args: readonly string[], option: string): number | undefined {
  const [word, count = ''] = args;
  return word === option && args.length === 2 && /^([1-9]\d?|100)$/.test(count) ? Number(count) : undefined;
}

async function main(args: readonly string[]): Promise<number> {
  const [moments, tenants] = [countOf(args, '--moments'), countOf(args, '--tenants')];
  const once = moments === undefined && tenants === undefined ? onceOf(args, 'demo:failover') : true;
  if (once === undefined) return 2;
  const reason = missing(['frr', 'bird', 'ping']);
  if (reason) {
    process.stderr.write(`demo:failover wants FRR, BIRD, ping and network namespaces: ${reason}\n`);
    return 1;
  }
  if (moments !== undefined) return playMoments(moments);
  if (tenants !== undefined) return playScale(tenants);
  say(bold('A gateway dies; a standby takes over with its addresses'));
  const build = () => Cloud.create({ progress: (words) => say(`  ... ${words}`) });
  const verdict = `${green('Both took over in time')}, with the same addresses; nobody else lost anything.`;
  return play({ build, present, verdict, once, invite });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`demo:failover: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
