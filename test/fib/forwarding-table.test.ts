import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForwardingTable, type RouteFailure } from '../../src/fib/forwarding-table.ts';
import { KernelTable } from '../../src/fib/kernel-table.ts';
import { bgpProtocol, type KernelRoute, RouteTable } from '../../src/fib/route.ts';
import { FakeKernel, hop, kernelRoute, nlriOf, octetsOf } from './kernel.ts';

const eth0 = kernelRoute('10.0.0.0/24', [hop('eth0')]);
const eth1 = kernelRoute('10.1.0.0/24', [hop('eth1')]);
const ipv6 = kernelRoute('2001:db8::/64', [hop('eth0')]);

/** A forwarding table with a kernel that does what it is told. */
class Bench {
  readonly kernel = new FakeKernel();
  readonly failures: RouteFailure[] = [];
  readonly table: ForwardingTable;
  others: KernelRoute[] = [eth0, eth1, ipv6];

  constructor(leftovers: 'keep' | 'remove' = 'remove') {
    this.table = new ForwardingTable({
      table: RouteTable.main,
      metric: 179,
      seed: 1,
      leftovers,
      onFailure: (failure) => this.failures.push(failure),
    });
  }

  want(prefix: string, ...nextHops: string[]): void {
    this.table.want(prefix.includes(':') ? 6 : 4, nlriOf(prefix), nextHops.map(octetsOf));
  }

  read(): void {
    const resolver = new KernelTable({
      tables: new Set([RouteTable.main]),
      mainDevices: undefined,
      defaultRoute: 'does-not-resolve',
    });
    this.table.beginReading();
    for (const route of [...this.others, ...this.kernel.read(RouteTable.main, 179)]) {
      resolver.add(route);
      this.table.read(route);
    }
    this.table.resolve((nextHop) => resolver.resolve(nextHop));
    this.table.endReading();
  }

  /** Reads where needed, and carries out batches until there are no more. */
  settle(limit = 100): void {
    for (let turn = 0; turn < 1000; turn++) {
      if (this.table.needsReading) this.read();
      const batch = this.table.nextBatch(limit);
      if (batch === undefined) return;
      this.table.completed(batch, this.kernel.apply(batch.lines));
    }
    throw new Error('there is no end of batches');
  }

  get installed(): Record<string, string> {
    return Object.fromEntries([...this.kernel.routes].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

describe('best routes become routes of the kernel', () => {
  it('added, replaced and removed, each with one line', () => {
    const bench = new Bench();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.want('2001:db8:1::/48', '2001:db8::2');
    bench.settle();
    expect(bench.installed).toEqual({
      '192.0.2.0/24': 'via 10.0.0.2 dev eth0',
      '2001:db8:1::/48': 'via 2001:db8::2 dev eth0',
    });
    bench.want('192.0.2.0/24', '10.1.0.2');
    bench.settle();
    expect(bench.installed['192.0.2.0/24']).toBe('via 10.1.0.2 dev eth1');
    bench.want('192.0.2.0/24');
    bench.want('2001:db8:1::/48');
    bench.settle();
    expect(bench.installed).toEqual({});
    expect(bench.kernel.lines).toBe(5);
    expect(bench.table.isEmpty).toBe(true);
  });

  it('several next hops as one route with several ways, IPv6 next hops for IPv4 too (RFC 8950)', () => {
    const bench = new Bench();
    bench.want('192.0.2.0/24', '10.1.0.2', '10.0.0.2');
    bench.want('198.51.100.0/24', '2001:db8::2');
    bench.settle();
    expect(bench.installed).toEqual({
      '192.0.2.0/24': 'nexthop via 10.0.0.2 dev eth0 nexthop via 10.1.0.2 dev eth1',
      '198.51.100.0/24': 'via inet6 2001:db8::2 dev eth0',
    });
    bench.others = [eth0, ipv6];
    bench.read();
    bench.settle();
    expect(bench.installed['192.0.2.0/24']).toBe('via 10.0.0.2 dev eth0');
  });

  it('last state wins: what came and went between two batches costs no line', () => {
    const bench = new Bench();
    bench.settle();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.want('192.0.2.0/24');
    bench.settle();
    expect(bench.kernel.lines).toBe(0);
    expect(bench.table.isEmpty).toBe(true);
  });

  it('what changes while a batch is under way is in the next', () => {
    const bench = new Bench();
    bench.read();
    bench.want('192.0.2.0/24', '10.0.0.2');
    const batch = bench.table.nextBatch(10);
    if (batch === undefined) throw new Error('there is no batch');
    bench.want('192.0.2.0/24');
    bench.table.completed(batch, bench.kernel.apply(batch.lines));
    expect(bench.installed).toHaveProperty(['192.0.2.0/24']);
    bench.settle();
    expect(bench.installed).toEqual({});
  });

  it('batches are as long as allowed', () => {
    const bench = new Bench();
    bench.read();
    for (let i = 0; i < 25; i++) bench.want(`192.0.${i}.0/24`, '10.0.0.2');
    expect(bench.table.nextBatch(10)?.lines).toHaveLength(10);
    expect(bench.table.nextBatch(10)?.lines).toHaveLength(10);
    expect(bench.table.nextBatch(10)?.lines).toHaveLength(5);
    expect(bench.table.nextBatch(10)).toBeUndefined();
  });
});

describe('a line that fails', () => {
  it('is told once with its route and reason, tried again, and forgotten when it is done', () => {
    const bench = new Bench();
    bench.kernel.refused.set('192.0.2.0/24', 'Operation not permitted');
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.want('198.51.100.0/24', '10.0.0.2');
    bench.settle();
    bench.table.retry();
    bench.settle();
    expect(bench.failures).toEqual([
      { destination: '192.0.2.0/24', reason: 'Operation not permitted', kind: 'refused' },
    ]);
    expect(bench.table.failedCount).toBe(1);
    expect(Object.keys(bench.installed)).toEqual(['198.51.100.0/24']);
    bench.kernel.refused.clear();
    bench.table.retry();
    bench.settle();
    expect(bench.table.failedCount).toBe(0);
    expect(Object.keys(bench.installed)).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
  });

  it('is not tried again and again by itself', () => {
    const bench = new Bench();
    bench.kernel.refused.set('192.0.2.0/24', 'no');
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.settle();
    bench.settle();
    expect(bench.kernel.lines).toBe(1);
  });

  it('takes the former route out, which leads where nobody wants it any more', () => {
    const bench = new Bench();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.settle();
    bench.kernel.refused.set('192.0.2.0/24', 'no');
    bench.want('192.0.2.0/24', '10.1.0.2');
    bench.settle();
    expect(bench.installed).toEqual({});
    expect(bench.table.failedCount).toBe(1);
  });

  it('a batch of which nothing is known is followed by a reading', () => {
    const bench = new Bench();
    bench.read();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.want('198.51.100.0/24', '10.0.0.2');
    const batch = bench.table.nextBatch(10);
    if (batch === undefined) throw new Error('there is no batch');
    bench.kernel.apply(batch.lines.slice(0, 1));
    bench.table.completed(batch, { type: 'broken', reason: 'ip was killed' });
    expect(bench.table.needsReading).toBe(true);
    expect(bench.table.failedCount).toBe(2);
    bench.settle();
    expect(Object.keys(bench.installed)).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(bench.table.failedCount).toBe(0);
    expect(bench.kernel.lines).toBe(2);
  });

  it('a next hop that nothing leads to is a failure too, until something does', () => {
    const bench = new Bench();
    bench.want('192.0.2.0/24', '172.16.0.1');
    bench.settle();
    expect(bench.failures[0]).toMatchObject({
      reason: 'there is no route to next hop 172.16.0.1',
      kind: 'unresolved',
    });
    bench.others = [eth0, kernelRoute('172.16.0.0/16', [hop('eth0', '10.0.0.5')], { protocol: 4 })];
    bench.read();
    bench.settle();
    expect(bench.installed).toEqual({ '192.0.2.0/24': 'via 10.0.0.5 dev eth0' });
    expect(bench.table.failedCount).toBe(0);
  });
});

describe("what the kernel's table shows", () => {
  it('routes that went behind our back come again', () => {
    const bench = new Bench();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.settle();
    bench.kernel.routes.clear();
    bench.read();
    bench.settle();
    expect(Object.keys(bench.installed)).toEqual(['192.0.2.0/24']);
  });

  it('routes whose way is gone are removed, and stay to be done', () => {
    const bench = new Bench();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.settle();
    bench.others = [eth1];
    bench.read();
    bench.settle();
    expect(bench.installed).toEqual({});
    expect(bench.failures.at(-1)?.reason).toBe('there is no route to next hop 10.0.0.2');
  });

  it("somebody else's route with our metric is never touched", () => {
    const bench = new Bench();
    const taken = kernelRoute('192.0.2.0/24', [hop('eth1', '10.1.0.9')], { protocol: 4, metric: 179 });
    bench.others = [eth0, taken];
    bench.settle();
    bench.want('192.0.2.0/24', '10.0.0.2');
    bench.settle();
    expect(bench.kernel.lines).toBe(0);
    expect(bench.failures).toEqual([
      {
        destination: '192.0.2.0/24',
        reason: 'another route has metric 179 in the table already',
        kind: 'refused',
      },
    ]);
    bench.others = [eth0];
    bench.read();
    bench.settle();
    expect(bench.installed).toEqual({ '192.0.2.0/24': 'via 10.0.0.2 dev eth0' });
  });

  it('routes of other tables and metrics are not ours', () => {
    const bench = new Bench();
    bench.others = [
      eth0,
      kernelRoute('192.0.2.0/24', [hop('eth0', '10.0.0.9')], { protocol: bgpProtocol, metric: 20 }),
      kernelRoute('192.0.2.0/24', [hop('eth0', '10.0.0.9')], {
        protocol: bgpProtocol,
        metric: 179,
        table: 7,
      }),
    ];
    bench.settle();
    expect(bench.kernel.lines).toBe(0);
    expect(bench.table.installedCount).toBe(0);
  });
});

describe('routes of an earlier run', () => {
  const leave = (bench: Bench) => {
    bench.kernel.routes.set('192.0.2.0/24', 'via 10.0.0.2 dev eth0');
    bench.kernel.routes.set('198.51.100.0/24', 'via 10.0.0.2 dev eth0');
    bench.want('192.0.2.0/24', '10.0.0.2');
  };

  it('are adopted where they are wanted and removed where not', () => {
    const bench = new Bench();
    leave(bench);
    bench.settle();
    expect(Object.keys(bench.installed)).toEqual(['192.0.2.0/24']);
    expect(bench.kernel.lines).toBe(1);
  });

  it('stay through a graceful restart, but for what was wanted since and is no more', () => {
    const bench = new Bench('keep');
    leave(bench);
    bench.settle();
    expect(bench.kernel.lines).toBe(0);
    bench.want('192.0.2.0/24');
    bench.settle();
    expect(Object.keys(bench.installed)).toEqual(['198.51.100.0/24']);
    bench.table.releaseLeftovers();
    bench.settle();
    expect(bench.installed).toEqual({});
    expect(bench.table.isEmpty).toBe(true);
  });
});

it('takes everything out at the end', () => {
  const bench = new Bench('keep');
  bench.kernel.routes.set('203.0.113.0/24', 'via 10.0.0.2 dev eth0');
  bench.want('192.0.2.0/24', '10.0.0.2');
  bench.settle();
  bench.table.close();
  bench.settle();
  expect(bench.installed).toEqual({});
});

it('whatever happens in whatever order, the kernel ends with what is wanted and can be had', () => {
  const prefix = fc.constantFrom('192.0.2.0/24', '198.51.100.0/24', '0.0.0.0/0', '2001:db8:1::/48');
  const ipv4Hops = fc.uniqueArray(fc.constantFrom('10.0.0.2', '10.1.0.2', '172.16.0.1'), { maxLength: 2 });
  const action = fc.oneof(
    fc.record({ type: fc.constant('want' as const), prefix, hops: ipv4Hops }),
    fc.record({ type: fc.constant('refuse' as const), prefix, refused: fc.boolean() }),
    fc.record({ type: fc.constant('links' as const), up: fc.subarray([eth0, eth1, ipv6]) }),
    fc.record({ type: fc.constant('lose' as const), prefix }),
    fc.record({ type: fc.constant('batch' as const), broken: fc.boolean() }),
    fc.constant({ type: 'read' as const }),
    fc.constant({ type: 'retry' as const }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const bench = new Bench();
      const wanted = new Map<string, readonly string[]>();
      for (const step of actions) {
        if (step.type === 'want') {
          const hops = step.prefix.includes(':') ? step.hops.map(() => '2001:db8::2').slice(0, 1) : step.hops;
          wanted.set(step.prefix, hops);
          bench.want(step.prefix, ...hops);
        } else if (step.type === 'refuse') {
          if (step.refused) bench.kernel.refused.set(step.prefix, 'no');
          else bench.kernel.refused.delete(step.prefix);
        } else if (step.type === 'links') bench.others = step.up;
        else if (step.type === 'lose') bench.kernel.routes.delete(step.prefix);
        else if (step.type === 'read') bench.read();
        else if (step.type === 'retry') bench.table.retry();
        else {
          if (bench.table.needsReading) bench.read();
          const batch = bench.table.nextBatch(2);
          if (batch === undefined) continue;
          const outcome = bench.kernel.apply(step.broken ? batch.lines.slice(0, 1) : batch.lines);
          bench.table.completed(batch, step.broken ? { type: 'broken', reason: 'killed' } : outcome);
        }
      }
      bench.kernel.refused.clear();
      bench.read();
      bench.table.retry();
      bench.settle();
      const up = (address: string) =>
        (address.startsWith('10.0.') && bench.others.includes(eth0)) ||
        (address.startsWith('10.1.') && bench.others.includes(eth1)) ||
        (address.includes(':') && bench.others.includes(ipv6));
      const expected = [...wanted].filter(([, hops]) => hops.some(up));
      expect(Object.keys(bench.installed)).toEqual(expected.map(([p]) => p).sort());
      const missing = [...wanted].filter(([, hops]) => hops.length > 0).length - expected.length;
      expect(bench.table.failedCount).toBe(missing);
      for (const [p, hops] of expected) {
        const ways = bench.installed[p].match(/via \S+/g);
        expect(ways).toEqual(
          hops
            .filter(up)
            .map((address) => `via ${address}`)
            .sort(),
        );
      }
      for (const p of wanted.keys()) bench.want(p);
      bench.settle();
      expect(bench.table.isEmpty).toBe(true);
    }),
  );
});
