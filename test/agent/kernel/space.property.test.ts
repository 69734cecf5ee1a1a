/** From any space to any other: the lines leave the kernel with what is wanted and nothing else, and destroy no interface. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkAdditions, linkRemovals, linksUp, parseLinks } from '../../../src/agent/kernel/held-links.ts';
import { parseRoutes, routeChanges } from '../../../src/agent/kernel/held-routes.ts';
import { macOf, neighbourChanges, parseNeighbours, type Segment } from '../../../src/agent/kernel/segment.ts';
import type { Link, SpaceRoute } from '../../../src/agent/kernel-contract.ts';
import { ModelKernel } from './model-kernel.ts';

const name = 'gw1+pool-1+contoso';
const interfaces = ['vlan1', 'vlan2', 'vlan3'];
const home = 4711;
const mtus = new Map([
  ['10.255.0.1', 1500],
  ['2001:db8::1', 9000],
]);

const octet = fc.integer({ min: 1, max: 9 });
const neighbour = fc.record({
  address: octet.map((last) => `10.1.254.${last}`),
  underlayAddress: octet.map((last) => `10.255.0.${last}`),
});
const neighbours = fc.uniqueArray(neighbour, { maxLength: 5, selector: ({ address }) => address });
const segment: fc.Arbitrary<Segment> = fc.record({
  type: fc.constant('vxlan' as const),
  name: fc.constant('segment'),
  vni: fc.integer({ min: 4096, max: 4098 }),
  underlayAddress: fc.constantFrom(...mtus.keys()),
  address: octet.map((last) => `10.1.254.${last}/24`),
  neighbours,
});
const l3 = fc.constantFrom(...interfaces).map(
  (known): Link => ({
    type: 'l3',
    name: known,
    interface: known,
    address: '172.16.0.1/32',
  }),
);
const gre = fc.record({
  type: fc.constant('gre' as const),
  name: fc.constant('gre7'),
  key: fc.constantFrom(7, 0xfffffffe),
  local: fc.constant('198.51.100.1'),
  remote: octet.map((last) => `192.0.2.${last}`),
});
const links = fc.uniqueArray(fc.oneof<fc.Arbitrary<Link>[]>(l3, segment, gre), {
  maxLength: 5,
  selector: (link) => link.name,
});

const destination = fc.constantFrom('10.9.0.1/32', '10.9.0.0/16', '0.0.0.0/0', '2001:db8:9::1/128', '::/0');
function routesOver(known: readonly Link[]): fc.Arbitrary<readonly SpaceRoute[]> {
  if (known.length === 0) return fc.constant([]);
  const route = fc
    .record({
      prefix: destination,
      link: fc.constantFrom(...known.map((link) => link.name)),
      metric: fc.integer({ min: 0, max: 2 }),
      via: fc.option(octet, { nil: undefined }),
    })
    .map(({ via, ...rest }): SpaceRoute => {
      const next = rest.prefix.includes(':') ? `fe80::${via}` : `172.16.0.${via}`;
      return via === undefined ? rest : { ...rest, via: next };
    });
  return fc.uniqueArray(route, { maxLength: 6, selector: ({ prefix, metric }) => `${prefix} ${metric}` });
}
const wanted = links.chain((known) => routesOver(known).map((routes) => ({ links: known, routes })));
type Wanted = typeof wanted extends fc.Arbitrary<infer T> ? T : never;

/** As the driver does it. */
function bring(kernel: ModelKernel, { links: want, routes }: Wanted): void {
  kernel.run(linkRemovals(parseLinks(kernel.showLinks()), want, home));
  const held = parseLinks(kernel.showLinks());
  kernel.run(linkAdditions(held, want, name, (address) => mtus.get(address)));
  kernel.run(linksUp(parseLinks(kernel.showLinks()), want));
  const there = [...parseRoutes(kernel.showRoutes(4), 4), ...parseRoutes(kernel.showRoutes(6), 6)];
  kernel.run(routeChanges(there, routes));
}

describe('a space', () => {
  it('comes from whatever it is to what it is to be, and asks for nothing when it is there', () => {
    fc.assert(
      fc.property(fc.array(wanted, { minLength: 1, maxLength: 5 }), (steps) => {
        const kernel = new ModelKernel(name, interfaces);
        for (const step of steps) bring(kernel, step);
        const last = steps.at(-1) ?? expect.fail();
        expect([...kernel.links.keys()].sort()).toEqual(last.links.map((link) => link.name).sort());
        expect([...kernel.links.values()].every(({ up }) => up)).toBe(true);
        // Every interface is in the space or at home, none is gone.
        const taken = last.links.filter(({ type }) => type === 'l3').map((link) => link.name);
        expect([...kernel.home, ...taken].sort()).toEqual(interfaces);
        expect(kernel.lost).toEqual([]);
        for (const link of last.links) {
          const made = kernel.links.get(link.name);
          if (link.type === 'vxlan') {
            expect(made?.data).toEqual({ id: link.vni, local: link.underlayAddress });
            expect(made?.mac).toBe(macOf(link.address));
            expect(made?.mtu).toBe(link.underlayAddress.includes(':') ? 8930 : 1450);
          }
          if (link.type === 'gre') expect(made?.data.remote).toBe(link.remote);
        }
        const inKernel = ({ metric, ...rest }: SpaceRoute) => ({
          ...rest,
          via: rest.via,
          metric: rest.prefix.includes(':') ? metric + 1 : metric,
        });
        expect(new Set(kernel.routes.values())).toEqual(new Set(last.routes.map(inKernel)));

        const held = parseLinks(kernel.showLinks());
        const routes = [...parseRoutes(kernel.showRoutes(4), 4), ...parseRoutes(kernel.showRoutes(6), 6)];
        expect([
          ...linkRemovals(held, last.links, home),
          ...linkAdditions(held, last.links, name, () => undefined),
          ...linksUp(held, last.links),
          ...routeChanges(routes, last.routes),
        ]).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('a segment knows exactly its neighbours', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (steps) => {
        const kernel = new ModelKernel(name, interfaces);
        const seen = () => parseNeighbours(kernel.showNeighbours(), kernel.showForwarding());
        for (const step of steps) {
          const { ip, bridge } = neighbourChanges(seen(), step);
          kernel.run(bridge);
          kernel.run(ip);
          expect(kernel.neighbours).toEqual(
            new Map(step.neighbours.map(({ address }) => [address, macOf(address)])),
          );
          expect(kernel.forwarding).toEqual(
            new Map(step.neighbours.map((known) => [macOf(known.address), known.underlayAddress])),
          );
          expect(neighbourChanges(seen(), step)).toEqual({ ip: [], bridge: [] });
        }
      }),
    );
  });

  it('a neighbour is reached before it is a next hop, and left after it', () => {
    const direct: SpaceRoute = { prefix: '172.16.0.2/32', link: 'vlan1', metric: 0 };
    const over: SpaceRoute = { prefix: '10.0.0.0/8', via: '172.16.0.2', link: 'vlan1', metric: 0 };
    expect(routeChanges([], [over, direct]).map(({ text }) => text)).toEqual([
      'route replace 172.16.0.2/32 dev vlan1 proto static metric 0',
      'route replace 10.0.0.0/8 via 172.16.0.2 dev vlan1 onlink proto static metric 0',
    ]);
    expect(routeChanges([direct, over], []).map(({ text }) => text)).toEqual([
      'route del 10.0.0.0/8 proto static metric 0',
      'route del 172.16.0.2/32 proto static metric 0',
    ]);
  });
});

describe('the MAC address of an instance', () => {
  it('is unicast and locally administered, and differs where addresses differ', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (a, b) => {
        for (const address of [a, b]) expect(Number.parseInt(macOf(address).slice(0, 2), 16) & 3).toBe(2);
        expect(macOf(a) === macOf(b)).toBe(a === b);
        expect(macOf(`${a}/24`)).toBe(macOf(a));
      }),
    );
  });

  it.each([
    ['10.1.254.2', '02:00:0a:01:fe:02'],
    ['10.1.254.2/24', '02:00:0a:01:fe:02'],
  ])('%s: %s', (address, mac) => expect(macOf(address)).toBe(mac));

  it('counts every octet of an IPv6 address', () => {
    const macs = new Set(
      Array.from({ length: 8 }, (_, at) => {
        const groups = Array.from({ length: 8 }, (_group, i) => (i === at ? '1' : '0'));
        return macOf(groups.join(':'));
      }),
    );
    expect(macs.size).toBe(8);
    for (const mac of macs) expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
  });
});
