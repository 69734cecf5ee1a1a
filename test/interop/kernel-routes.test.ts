/**
 * Best routes in a real kernel and next hops out of it: a speaker whose peers are bytes, in a namespace with two links.
 * What other daemons make of it is in fib.test.ts; here is what the kernel, its links and its refusals do.
 */
import { availableParallelism, loadavg } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bgpProtocol, destinationText, hopsText, type KernelRoute } from '../../src/fib/route.ts';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { runIp } from '../../src/runtime/kernel/ip-command.ts';
import { PlaceReader } from '../../src/runtime/kernel/place-reader.ts';
import { KernelWatcher } from '../../src/runtime/kernel/watcher.ts';
import { KernelRoutes } from '../../src/runtime/kernel-routes.ts';
import { KernelSide } from '../../src/runtime/kernel-side.ts';
import type { RouterSettings } from '../../src/speaker/settings.ts';
import type { FibRouteView } from '../../src/speaker/views.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, ownRouter, prefixes, scene } from '../simulation/scenes.ts';
import { address } from '../support/settings.ts';
import { output } from './harness/command.ts';
import { eventually } from './harness/eventually.ts';
import { missing } from './harness/requirements.ts';

const reason = missing([]);
const near = `tk${process.pid}n`;
const far = `tk${process.pid}f`;
const metric = 179;

const ip = (...args: string[]): Promise<string> => output('ip', args);
const inNear = (text: string): Promise<string> => ip('-n', near, ...text.split(' '));

interface Running {
  readonly bench: Bench;
  readonly kernel: KernelRoutes;
  readonly feeder: RawPeer;
}

let running: Running[] = [];
let watcher: KernelWatcher;
let interfaceChanges = 0;

/** A speaker with a feeder, 10.0.0.2, that the kernel of `near` follows. */
function start(router: Partial<RouterSettings> = {}, options = { restarted: false, run: runIp }): Running {
  const settings = scene([client('10.0.0.2', { families: [ipv4Unicast, ipv6Unicast] })], {
    router: { ...ownRouter, ...router },
  });
  const place = { type: 'netns', name: near } as const;
  const bench = new Bench({ ...settings, place, fib: { table: 254, metric } }, options);
  const kernel = new KernelRoutes(bench.speaker, {
    onInterfaces: () => interfaceChanges++,
    onBroken: (error) => {
      throw error;
    },
    watcher,
    run: options.run,
  });
  kernel.start();
  bench.settle();
  const feeder = new RawPeer(bench, '10.0.0.2', { families: [ipv4Unicast, ipv6Unicast] });
  const all = { bench, kernel, feeder };
  running.push(all);
  return all;
}

function announce(
  { bench, feeder }: Running,
  list: readonly string[],
  nextHop: string,
  localPref = 100,
): void {
  const ipv4 = internalRoutes(list, { localPref }, nextHop);
  const attributes = { origin: 'igp', asPath: [], localPref } as const;
  const mpReach = { family: ipv6Unicast, nextHops: [address(nextHop)], nlri: list };
  feeder.update(nextHop.includes(':') ? { attributes, mpReach } : ipv4);
  bench.settle();
}

function withdraw({ bench, feeder }: Running, withdrawn: readonly string[]): void {
  feeder.update({ withdrawn });
  bench.settle();
}

/** Our routes in the kernel: `10.1.0.0/24 via 10.0.0.2 dev wa`. */
async function installed(): Promise<readonly string[]> {
  const routes: KernelRoute[] = [];
  await new PlaceReader({ type: 'netns', name: near }).routes((route) => routes.push(route));
  return routes
    .filter((route) => route.protocol === bgpProtocol && route.metric === metric)
    .map(({ version, nlri, hops }) => `${destinationText(version, nlri)} ${hopsText(version, hops)}`)
    .sort();
}

function become(expected: readonly string[], within = 10_000): Promise<unknown> {
  return eventually(
    `the kernel has ${expected.join(', ') || 'no route of ours'}`,
    async () => {
      const now = await installed();
      if (now.join() !== expected.join()) throw new Error(`it has ${now.join(', ')}`);
      return true;
    },
    { within, every: 20 },
  );
}

function shown({ kernel }: Running, state?: FibRouteView['state']): readonly FibRouteView[] {
  const walk = kernel.routes(state === undefined ? {} : { state });
  const found: FibRouteView[] = [];
  for (let part = walk.next(64); part !== undefined; part = walk.next(64)) found.push(...part);
  return found;
}

describe.skipIf(reason !== undefined)(`the kernel follows${reason ? ` (${reason})` : ''}`, () => {
  beforeEach(async () => {
    watcher = new KernelWatcher();
    interfaceChanges = 0;
    for (const name of [near, far]) await ip('netns', 'add', name);
    for (const [device, subnet] of [
      ['wa', '0'],
      ['wb', '1'],
    ]) {
      await ip('link', 'add', device, 'netns', near, 'type', 'veth', 'peer', 'name', device, 'netns', far);
      for (const [name, host] of [
        [near, '1'],
        [far, '2'],
      ]) {
        await ip('-n', name, 'addr', 'add', `10.0.${subnet}.${host}/24`, 'dev', device);
        await ip('-n', name, 'addr', 'add', `2001:db8:${subnet}::${host}/64`, 'dev', device, 'nodad');
        await ip('-n', name, 'link', 'set', device, 'up');
      }
    }
  });

  afterEach(async () => {
    await Promise.all(running.map(({ kernel }) => kernel.stop('keep', 0)));
    running = [];
    for (const name of [near, far]) await ip('netns', 'del', name);
  });

  it('routes come, are replaced and go, IPv4 and IPv6', async () => {
    const world = start();
    announce(world, ['198.51.100.0/24', '203.0.113.0/24'], '10.0.0.9');
    announce(world, ['2001:db8:100::/48'], '2001:db8::9');
    await become([
      '198.51.100.0/24 via 10.0.0.9 dev wa',
      '2001:db8:100::/48 via 2001:db8::9 dev wa',
      '203.0.113.0/24 via 10.0.0.9 dev wa',
    ]);
    announce(world, ['198.51.100.0/24'], '10.0.1.9');
    announce(world, ['2001:db8:100::/48'], '2001:db8:1::9');
    withdraw(world, ['203.0.113.0/24']);
    await become(['198.51.100.0/24 via 10.0.1.9 dev wb', '2001:db8:100::/48 via 2001:db8:1::9 dev wb']);
    expect(world.kernel.view()).toMatchObject({ installed: 2, pending: 0, failed: 0, problem: undefined });
    await world.kernel.stop('remove', 5000);
    await become([]);
  });

  it('equal routes become one route with several ways, and lose those whose link goes', async () => {
    await inNear(
      'route add 192.0.2.0/24 proto static nexthop via 10.0.0.2 dev wa nexthop via 10.0.1.2 dev wb',
    );
    const world = start();
    announce(world, ['198.51.100.0/24', '203.0.113.0/24'], '192.0.2.7');
    const both = 'nexthop via 10.0.0.2 dev wa nexthop via 10.0.1.2 dev wb';
    await become([`198.51.100.0/24 ${both}`, `203.0.113.0/24 ${both}`]);
    await ip('-n', far, 'link', 'set', 'wa', 'down');
    await become(['198.51.100.0/24 via 10.0.1.2 dev wb', '203.0.113.0/24 via 10.0.1.2 dev wb']);
    await ip('-n', far, 'link', 'set', 'wa', 'up');
    await become([`198.51.100.0/24 ${both}`, `203.0.113.0/24 ${both}`]);
    withdraw(world, ['198.51.100.0/24']);
    await become([`203.0.113.0/24 ${both}`]);
  });

  it('next hops that are far away become the gateway on the way to them', async () => {
    await inNear('route add 192.0.2.0/24 via 10.0.1.2 proto static metric 30');
    const world = start();
    announce(world, ['198.51.100.0/24'], '192.0.2.7');
    await become(['198.51.100.0/24 via 10.0.1.2 dev wb']);
    await inNear('route replace 192.0.2.0/24 via 10.0.0.2 proto static metric 30');
    await become(['198.51.100.0/24 via 10.0.0.2 dev wa']);
  });

  it('routes of an earlier run are adopted or removed, routes of others are not touched', async () => {
    for (const line of [
      `route add 198.51.100.0/24 via 10.0.0.9 proto bgp metric ${metric}`,
      `route add 203.0.113.0/24 via 10.0.0.9 proto bgp metric ${metric}`,
      'route add 203.0.113.0/24 via 10.0.0.8 proto bgp metric 20',
      `route add 192.0.2.0/24 via 10.0.0.8 proto static metric ${metric}`,
    ])
      await inNear(line);
    const world = start();
    announce(world, ['198.51.100.0/24', '192.0.2.0/24'], '10.0.0.9');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    await eventually('the route that has no place is shown', () => shown(world, 'failed').length === 1);
    expect(shown(world, 'failed')).toMatchObject([
      { prefix: '192.0.2.0/24', reason: `another route has metric ${metric} in the table already` },
    ]);
    expect(await inNear('route show 203.0.113.0/24')).toContain('via 10.0.0.8');
    expect(await inNear('route show 192.0.2.0/24')).toContain('via 10.0.0.8');
    await world.kernel.stop('remove', 5000);
    expect(await inNear('route show 192.0.2.0/24')).toContain('via 10.0.0.8');
    expect(await inNear('route show 203.0.113.0/24')).toContain('via 10.0.0.8');
  });

  it('a graceful restart keeps the routes until its peers have said all', async () => {
    await inNear(`route add 198.51.100.0/24 via 10.0.0.9 proto bgp metric ${metric}`);
    await inNear(`route add 203.0.113.0/24 via 10.0.0.9 proto bgp metric ${metric}`);
    const gracefulRestart = { restartTimeSeconds: 120, selectionDeferralSeconds: 60, notification: true };
    const world = start({ gracefulRestart }, { restarted: true, run: runIp });
    announce(world, ['198.51.100.0/24'], '10.0.1.9');
    await become(['198.51.100.0/24 via 10.0.1.9 dev wb', '203.0.113.0/24 via 10.0.0.9 dev wa']);
    expect(world.kernel.view()).toMatchObject({ installed: 2 });
    world.bench.pass(61);
    await become(['198.51.100.0/24 via 10.0.1.9 dev wb']);
  });

  it('a link that goes down takes the routes through it out at once, and gives them back', async () => {
    const world = start({ nextHopResolution: 'kernel' });
    await eventually('the kernel was read', () => {
      announce(world, ['198.51.100.0/24'], '10.0.0.9');
      world.bench.settle();
      return world.bench.management.status().families.some(({ prefixes: best }) => best > 0);
    });
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    const best = () => {
      world.bench.settle();
      return world.bench.management.status().families.find(({ family }) => family === 'ipv4-unicast')
        ?.prefixes;
    };
    const before = performance.now();
    await inNear('link set wa down');
    await eventually('no route is best', () => best() === 0, { every: 5 });
    process.stdout.write(
      `withdrawn ${(performance.now() - before).toFixed(0)} ms after the link went down\n`,
    );
    await become([]);
    expect(shown(world)).toEqual([]);
    await inNear('link set wa up');
    await eventually('the route is best again', () => best() === 1);
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    expect(interfaceChanges).toBeGreaterThan(1);
  });

  it('a link without carrier is no way either', async () => {
    const world = start();
    announce(world, ['198.51.100.0/24'], '10.0.0.9');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    await ip('-n', far, 'link', 'set', 'wa', 'down');
    await become([]);
    expect(shown(world)).toMatchObject([
      { state: 'failed', nextHops: ['10.0.0.9'], reason: 'the way to next hop 10.0.0.9 is down (wa)' },
    ]);
    await ip('-n', far, 'link', 'set', 'wa', 'up');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    // The kernel has it a moment before the batch is known to have ended well.
    await eventually('nothing counts as failed', () => shown(world, 'failed').length === 0, { within: 5000 });
  });

  it('a route that somebody removes comes again', async () => {
    const world = start();
    announce(world, ['198.51.100.0/24'], '10.0.0.9');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    await inNear(`route del 198.51.100.0/24 proto bgp metric ${metric}`);
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
  });

  it('a line that the kernel refuses is shown with its route and reason, and tried again', async () => {
    // What is refused is decided by the kernel: an ip that is told of a gateway which is on no link.
    const world = start();
    const refuse: typeof runIp = async (request) => {
      const input = request.input?.replaceAll('via 10.0.0.13 dev wa', 'via 10.9.9.9 dev wa');
      return runIp(input === undefined ? request : { ...request, input });
    };
    await world.kernel.stop('keep', 0);
    const refusing = start({}, { restarted: false, run: refuse });
    announce(refusing, ['198.51.100.0/24'], '10.0.0.13');
    announce(refusing, ['203.0.113.0/24'], '10.0.0.9');
    await become(['203.0.113.0/24 via 10.0.0.9 dev wa']);
    await eventually('the failure is shown', () => shown(refusing, 'failed').length > 0);
    expect(shown(refusing, 'failed')).toEqual([
      {
        prefix: '198.51.100.0/24',
        nextHops: ['10.0.0.13'],
        state: 'failed',
        installed: undefined,
        reason: 'Nexthop has invalid gateway',
      },
    ]);
    const events = refusing.bench.events.filter(({ type }) => type === 'fib-failure');
    expect(events).toMatchObject([{ prefix: '198.51.100.0/24', reason: 'Nexthop has invalid gateway' }]);
    await inNear('addr add 10.9.9.1/24 dev wa');
    await become(['198.51.100.0/24 via 10.9.9.9 dev wa', '203.0.113.0/24 via 10.0.0.9 dev wa']);
  });

  it('what happened while the watcher was dead is noticed when it is back', async () => {
    const world = start();
    announce(world, ['198.51.100.0/24'], '10.0.0.9');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    const pids = (await output('pgrep', ['-P', String(process.pid), '-x', 'ip'])).trim().split('\n');
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    await inNear('link set wa down');
    await become([]);
    await inNear('link set wa up');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    expect(world.kernel.view().failed).toBe(0);
  });

  it('a namespace that goes and comes back gets its routes again', async () => {
    const world = start();
    announce(world, ['198.51.100.0/24'], '10.0.0.9');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    await ip('netns', 'del', near);
    world.kernel.placeChanged('down');
    expect(world.kernel.view()).toMatchObject({ problem: `network namespace ${near} is gone`, installed: 0 });
    await ip('netns', 'add', near);
    await ip('link', 'add', 'wa', 'netns', near, 'type', 'veth', 'peer', 'name', 'wc', 'netns', far);
    await inNear('addr add 10.0.0.1/24 dev wa');
    await inNear('link set wa up');
    await ip('-n', far, 'link', 'set', 'wc', 'up');
    world.kernel.placeChanged('up');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    await inNear('link set wa down');
    await become([]);
  });

  it('new settings move the routes to their new place, or take them out', async () => {
    const world = start();
    await world.kernel.stop('keep', 0);
    const { speaker } = world.bench;
    const side = new KernelSide(speaker, { onInterfaces: () => {}, onBroken: () => {}, watcher });
    side.start();
    announce(world, ['198.51.100.0/24'], '10.0.0.9');
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    const use = (fib: { table: number; metric: number } | undefined) => {
      speaker.reconfigure({ ...speaker.settings, fib });
      side.reconfigured();
      world.bench.settle();
    };
    use({ table: 254, metric: 55 });
    await become([]);
    await eventually('it has the new metric', async () =>
      (await inNear('route show 198.51.100.0/24')).includes('metric 55'),
    );
    use({ table: 77, metric });
    await become(['198.51.100.0/24 via 10.0.0.9 dev wa']);
    expect(await inNear('route show table 77')).toContain('198.51.100.0/24');
    use(undefined);
    await become([]);
    expect(world.bench.management.fib()).toBeUndefined();
    await side.stop('remove');
  });

  it('one instance begins in a table when the one before has left it', async () => {
    const first = start();
    announce(first, prefixes(300), '10.0.0.9');
    await become(
      prefixes(300)
        .map((each) => `${each} via 10.0.0.9 dev wa`)
        .toSorted(),
    );
    const leaving = first.kernel.stop('remove', 5000);
    const second = start();
    announce(second, prefixes(3), '10.0.1.9');
    await leaving;
    await become(
      prefixes(3)
        .map((each) => `${each} via 10.0.1.9 dev wb`)
        .toSorted(),
    );
  });

  it('50,000 routes within 5 s, the event loop never held for long', async () => {
    const world = start();
    await become([]);
    const count = 50_000;
    let longest = 0;
    let last = performance.now();
    const pulse = setInterval(() => {
      longest = Math.max(longest, performance.now() - last - 1);
      last = performance.now();
    }, 1);
    const list = prefixes(count).map((each) => each.replace(/^10\./, '20.'));
    const messages = Array.from({ length: count / 500 }, (_, i) =>
      encodeUpdate(internalRoutes(list.slice(i * 500, (i + 1) * 500), {}, '10.0.0.9')),
    );
    const began = performance.now();
    last = began;
    longest = 0;
    for (const message of messages) {
      world.feeder.send(message);
      world.bench.settle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const told = performance.now() - began;
    await eventually('all are installed', () => world.kernel.view().installed === count, { every: 5 });
    const took = performance.now() - began;
    clearInterval(pulse);
    process.stdout.write(
      `${count} routes in the kernel after ${(took / 1000).toFixed(2)} s (${(told / 1000).toFixed(2)} s of it the peer speaks), the event loop held for ${longest.toFixed(0)} ms at most\n`,
    );
    // What a busy machine takes says little.
    const isBusy = loadavg()[0] > availableParallelism();
    expect(took).toBeLessThan(isBusy ? 20_000 : 5000);
    expect(longest).toBeLessThan(isBusy ? 1000 : 200);
    expect(await installed()).toHaveLength(count);
    const removal = performance.now();
    await world.kernel.stop('remove', 10_000);
    process.stdout.write(`removed within ${((performance.now() - removal) / 1000).toFixed(2)} s\n`);
    await become([]);
  });
});
