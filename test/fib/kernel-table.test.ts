import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelTable, type KernelTableOptions } from '../../src/fib/kernel-table.ts';
import { bgpProtocol, hopsText, type KernelRoute, RouteTable, RouteType } from '../../src/fib/route.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Prefix } from '../../src/net/prefix.ts';
import { hop, kernelRoute, octetsOf } from './kernel.ts';

const plain: KernelTableOptions = {
  tables: new Set([RouteTable.main]),
  mainDevices: undefined,
  defaultRoute: 'does-not-resolve',
};

function tableOf(routes: readonly KernelRoute[], options = plain): KernelTable {
  const table = new KernelTable(options);
  for (const route of routes) table.add(route);
  return table;
}

/** `metric hops`, or the reason. */
function resolved(table: KernelTable, nextHop: string): string {
  const found = table.resolve(octetsOf(nextHop));
  if (found.type === 'unreachable') return found.reason;
  return `${found.cost} ${hopsText(nextHop.includes(':') ? 6 : 4, found.hops)}`;
}

const eth = kernelRoute('10.0.0.0/24', [hop('eth0')]);

describe('a next hop resolves through the kernel', () => {
  const rows: [string, readonly KernelRoute[], string, string][] = [
    ['connected', [eth], '10.0.0.9', '0 via 10.0.0.9 dev eth0'],
    [
      'connected, IPv6',
      [kernelRoute('2001:db8::/64', [hop('eth0')])],
      '2001:db8::9',
      '0 via 2001:db8::9 dev eth0',
    ],
    [
      'behind an IGP',
      [eth, kernelRoute('192.0.2.0/24', [hop('eth0', '10.0.0.2')], { protocol: 188, metric: 20 })],
      '192.0.2.1',
      '20 via 10.0.0.2 dev eth0',
    ],
    [
      'by the longest match',
      [
        kernelRoute('10.0.0.0/8', [hop('eth1')]),
        eth,
        kernelRoute('10.0.0.9/32', [hop('eth2')], { metric: 7 }),
      ],
      '10.0.0.9',
      '7 via 10.0.0.9 dev eth2',
    ],
    [
      'by the lowest metric of equal prefixes',
      [
        kernelRoute('192.0.2.0/24', [hop('eth0', '10.0.0.2')], { metric: 50 }),
        kernelRoute('192.0.2.0/24', [hop('eth0', '10.0.0.3')], { metric: 10 }),
      ],
      '192.0.2.1',
      '10 via 10.0.0.3 dev eth0',
    ],
    [
      'through every way of an ECMP route that is alive',
      [
        kernelRoute('192.0.2.0/24', [
          hop('a', '10.0.0.2'),
          hop('b', '10.0.1.2'),
          hop('c', '10.0.2.2', false),
        ]),
      ],
      '192.0.2.1',
      '0 nexthop via 10.0.0.2 dev a nexthop via 10.0.1.2 dev b',
    ],
    ['no route', [eth], '10.9.0.1', 'there is no route to next hop 10.9.0.1'],
    [
      'no carrier',
      [
        kernelRoute('10.0.0.0/24', [hop('eth0', undefined, false)]),
        kernelRoute('10.0.0.0/8', [hop('eth1', '10.1.0.1')]),
      ],
      '10.0.0.9',
      'the way to next hop 10.0.0.9 is down (eth0)',
    ],
    [
      'routes of BGP do not count',
      [eth, kernelRoute('10.9.0.0/16', [hop('eth0', '10.0.0.2')], { protocol: bgpProtocol })],
      '10.9.0.1',
      'there is no route to next hop 10.9.0.1',
    ],
    [
      'the default route does not count',
      [eth, kernelRoute('0.0.0.0/0', [hop('eth0', '10.0.0.2')])],
      '10.9.0.1',
      'there is no route to next hop 10.9.0.1',
    ],
    [
      'other tables do not count',
      [kernelRoute('10.0.0.0/24', [hop('eth0')], { table: 7 })],
      '10.0.0.9',
      'there is no route to next hop 10.0.0.9',
    ],
    [
      'an address of our own',
      [eth, kernelRoute('10.0.0.1/32', [hop('eth0')], { table: RouteTable.local, type: RouteType.local })],
      '10.0.0.1',
      'next hop 10.0.0.1 is an address of our own',
    ],
    [
      'a blackhole',
      [eth, kernelRoute('10.0.0.8/29', [], { type: 6 })],
      '10.0.0.9',
      'next hop 10.0.0.9 is no host that can be reached (blackhole, unreachable, prohibit or broadcast route)',
    ],
    [
      'link-local on one link',
      [kernelRoute('fe80::/64', [hop('a')], { metric: 256 })],
      'fe80::1',
      '256 via fe80::1 dev a',
    ],
    [
      'link-local on two links',
      [kernelRoute('fe80::/64', [hop('a')]), kernelRoute('fe80::/64', [hop('b')])],
      'fe80::1',
      'next hop fe80::1 is link-local, and there are several links',
    ],
  ];
  it.each(rows)('%s', (_, routes, nextHop, expected) => {
    expect(resolved(tableOf(routes), nextHop)).toBe(expected);
  });

  it('the default route counts where it is asked for', () => {
    const routes = [eth, kernelRoute('0.0.0.0/0', [hop('eth0', '10.0.0.2')])];
    expect(resolved(tableOf(routes, { ...plain, defaultRoute: 'resolves' }), '10.9.0.1')).toBe(
      '0 via 10.0.0.2 dev eth0',
    );
  });

  it('of the main table only what is on the device of the instance, where it has one', () => {
    const table = tableOf([eth, kernelRoute('10.0.1.0/24', [hop('eth1')])], {
      ...plain,
      mainDevices: new Set(['eth1']),
    });
    expect(resolved(table, '10.0.0.9')).toBe('there is no route to next hop 10.0.0.9');
    expect(resolved(table, '10.0.1.9')).toBe('0 via 10.0.1.9 dev eth1');
  });

  it('of a pair (RFC 2545) the global address counts', () => {
    const table = tableOf([kernelRoute('2001:db8::/64', [hop('eth0')])]);
    const pair = new Uint8Array([...octetsOf('2001:db8::9'), ...octetsOf('fe80::9')]);
    expect(table.resolve(pair)).toMatchObject({ hops: [{ gateway: '2001:db8::9', device: 'eth0' }] });
  });
});

it('finds what a search through all routes finds', () => {
  const address = fc.integer({ min: 0, max: 255 }).map((low) => IpAddress.fromUint32(0x0a000000 + low));
  const route = fc
    .record({ address, length: fc.integer({ min: 1, max: 32 }), metric: fc.integer({ min: 0, max: 3 }) })
    .map(({ address: network, length, metric }) => ({
      prefix: new Prefix(network, length).masked(),
      metric,
    }));
  const unique = fc.uniqueArray(route, {
    selector: ({ prefix, metric }) => `${prefix} ${metric}`,
    maxLength: 30,
  });
  fc.assert(
    fc.property(unique, address, (routes, nextHop) => {
      const table = tableOf(
        routes.map(({ prefix, metric }) =>
          kernelRoute(`${prefix}`, [hop(`d${prefix.length}-${metric}`)], { metric }),
        ),
      );
      const [best] = routes
        .filter(({ prefix }) => prefix.contains(nextHop))
        .sort((a, b) => b.prefix.length - a.prefix.length || a.metric - b.metric);
      const expected = best
        ? `${best.metric} via ${nextHop} dev d${best.prefix.length}-${best.metric}`
        : `there is no route to next hop ${nextHop}`;
      expect(resolved(table, nextHop.toString())).toBe(expected);
    }),
  );
});
