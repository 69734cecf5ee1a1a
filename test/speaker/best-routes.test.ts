/** What a forwarding table is told of best routes, and next hops that resolve through the kernel. */
import { describe, expect, it } from 'vitest';
import { destinationText } from '../../src/fib/route.ts';
import { formatNextHop } from '../../src/rib/next-hop-table.ts';
import { feedForwarding } from '../../src/speaker/best-routes.ts';
import type { RouterSettings } from '../../src/speaker/settings.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, ownRouter, scene } from '../simulation/scenes.ts';
import { networkSettings } from '../support/settings.ts';

/** Prefix -> next hops, as a forwarding table has heard it. */
function feed(bench: Bench): { readonly heard: Map<string, string>; readonly stop: () => void } {
  const heard = new Map<string, string>();
  const stop = feedForwarding(bench.speaker.instance, {
    want(version, nlri, nextHops) {
      const prefix = destinationText(version, nlri);
      if (nextHops.length === 0) heard.delete(prefix);
      else heard.set(prefix, nextHops.map(formatNextHop).join(' '));
    },
  });
  bench.settle();
  return { heard, stop };
}

function world(router: Partial<RouterSettings> = {}) {
  const settings = scene([client('10.0.0.2'), client('10.0.0.3')], {
    router: { ...ownRouter, ...router },
    networks: [networkSettings('203.0.113.0/24')],
  });
  const bench = new Bench(settings);
  const [one, other] = ['10.0.0.2', '10.0.0.3'].map((each) => new RawPeer(bench, each));
  const tell = (peer: RawPeer, prefixes: readonly string[], nextHop: string, localPref = 100) => {
    peer.update(internalRoutes(prefixes, { localPref }, nextHop));
    bench.settle();
  };
  return { bench, settings, one, other, tell };
}

describe('a forwarding table hears', () => {
  it('of routes that are there already, of changes, and of no route of our own', () => {
    const { bench, one, other, tell } = world();
    tell(one, ['192.0.2.0/24', '198.51.100.0/25'], '10.9.0.1');
    const { heard } = feed(bench);
    expect(Object.fromEntries(heard)).toEqual({ '192.0.2.0/24': '10.9.0.1', '198.51.100.0/25': '10.9.0.1' });
    tell(other, ['192.0.2.0/24'], '10.9.0.2', 200);
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.2');
    other.update({ withdrawn: ['192.0.2.0/24'] });
    one.update({ withdrawn: ['198.51.100.0/25'] });
    bench.settle();
    expect(Object.fromEntries(heard)).toEqual({ '192.0.2.0/24': '10.9.0.1' });
  });

  it('nothing more once it is stopped, while a watcher of routes still does', () => {
    const { bench, one, tell } = world();
    const { heard, stop } = feed(bench);
    const seen: string[] = [];
    bench.management.subscribe({ routes: true }, (event) => {
      if (event.type === 'route') seen.push(event.prefix);
    });
    tell(one, ['192.0.2.0/24'], '10.9.0.1');
    stop();
    tell(one, ['198.51.100.0/24'], '10.9.0.1');
    expect([...heard.keys()]).toEqual(['192.0.2.0/24']);
    expect(seen).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
  });

  it('of several next hops with multipath, the best first, each once, no more than allowed', () => {
    const { bench, settings, one, other, tell } = world({
      decision: { ...ownRouter.decision, multipath: 2 },
    });
    const { heard } = feed(bench);
    tell(other, ['192.0.2.0/24'], '10.9.0.1');
    tell(one, ['192.0.2.0/24'], '10.9.0.2');
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.2 10.9.0.1');
    tell(other, ['192.0.2.0/24'], '10.9.0.2');
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.2');
    tell(other, ['192.0.2.0/24'], '10.9.0.1');
    bench.speaker.reconfigure({ ...settings, router: ownRouter });
    bench.settle();
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.2');
  });
});

describe('next hops that resolve through the kernel', () => {
  const kernel = { nextHopResolution: 'kernel' as const };
  const reach = (bench: Bench, costs: Readonly<Record<string, number>>) => {
    bench.speaker.setKernelResolver((bytes) => {
      const cost = costs[formatNextHop(bytes)];
      return { reachable: cost !== undefined, cost: cost ?? 0 };
    });
    bench.settle();
  };

  it('reach nothing before the kernel was read, and what it says afterwards', () => {
    const { bench, one, tell } = world(kernel);
    const { heard } = feed(bench);
    tell(one, ['192.0.2.0/24'], '10.9.0.1');
    expect(heard.size).toBe(0);
    reach(bench, { '10.9.0.1': 5 });
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.1');
    reach(bench, {});
    expect(heard.size).toBe(0);
  });

  it('the metric of the kernel is the cost of the decision', () => {
    const { bench, one, other, tell } = world(kernel);
    const { heard } = feed(bench);
    tell(one, ['192.0.2.0/24'], '10.9.0.1');
    tell(other, ['192.0.2.0/24'], '10.9.0.2');
    reach(bench, { '10.9.0.1': 20, '10.9.0.2': 10 });
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.2');
    reach(bench, { '10.9.0.1': 20, '10.9.0.2': 30 });
    expect(heard.get('192.0.2.0/24')).toBe('10.9.0.1');
  });

  it('what the kernel said counts as soon as the settings ask for it', () => {
    const { bench, settings, one, tell } = world();
    const { heard } = feed(bench);
    tell(one, ['192.0.2.0/24'], '10.9.0.1');
    reach(bench, { '10.9.0.7': 0 });
    expect(heard.size).toBe(1);
    bench.speaker.reconfigure({ ...settings, router: { ...ownRouter, ...kernel } });
    bench.settle();
    expect(heard.size).toBe(0);
  });
});
