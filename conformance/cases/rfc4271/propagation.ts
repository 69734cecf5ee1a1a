// RFC 4271 §5.1, §9.1.3, §9.2: what happens to attributes and routes on their way out; RFC 8212.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import {
  attributeOf,
  describeRoute,
  hexOf,
  numberOf,
  pathOf,
  type RouteSpec,
  type SeenRoute,
} from '../../engine/routes.ts';
import type { Family } from '../../wire/address.ts';
import { formatAddress } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import * as m from '../../wire/messages.ts';
import { sizedAnnouncement, UNKNOWN } from '../shapes.ts';

const families = { v4: 'v4', v6: 'v6' } as const;

/** Announces from `from`, waits for the observers, hands each route over. */
async function spread(
  t: Bench,
  family: Family,
  from: Peer,
  observers: readonly Peer[],
  spec: RouteSpec,
): Promise<readonly SeenRoute[]> {
  const px = t.prefix(family);
  await t.seed(px, from, observers, spec);
  return observers.map((observer) => t.need(observer, px));
}

const pathIs = (t: Bench, route: SeenRoute | undefined, wanted: string): void => {
  const seen = route === undefined ? 'no route' : pathOf(route);
  t.check(seen === wanted, `AS_PATH [${wanted}]`, `[${seen}]`);
};

export const propagationCases: readonly Case[] = [
  {
    id: 'RFC4271-5.1.2-02',
    level: 'MUST',
    title: 'path [65001 64999] from e1',
    expected: '[65000 65001 64999] to external peers, unchanged to internal ones',
    variants: each(families, async (t, family) => {
      const [e1, e2, c1, n1] = await t.peers('e1', 'e2', 'c1', 'n1');
      const [toE2, toC1, toN1] = await spread(t, family, e1, [e2, c1, n1], { path: [65001, 64999] });
      pathIs(t, toE2, '65000 65001 64999');
      pathIs(t, toC1, '65001 64999');
      pathIs(t, toN1, '65001 64999');
    }),
  },
  {
    id: 'RFC4271-5.1.2-03',
    level: 'MUST',
    title: 'a path that begins with an AS_SET, from a client',
    expected: 'a new AS_SEQUENCE with the target’s AS in front of the set',
    variants: each(families, async (t, family) => {
      const [c1, e2] = await t.peers('c1', 'e2');
      const [route] = await spread(t, family, c1, [e2], { path: [pa.set(64990, 64991), pa.sequence(64992)] });
      pathIs(t, route, '65000 {64990 64991} 64992');
    }),
  },
  {
    id: 'RFC4271-5.1.2-04',
    level: 'MUST',
    title: 'an empty path from a client',
    expected: '[65000] to external peers, empty to internal ones',
    variants: each(families, async (t, family) => {
      const [c1, e2, n1] = await t.peers('c1', 'e2', 'n1');
      const [toE2, toN1] = await spread(t, family, c1, [e2, n1], { path: [] });
      pathIs(t, toE2, '65000');
      pathIs(t, toN1, '');
    }),
  },
  {
    id: 'RFC4271-5.1.2-05',
    level: 'SHOULD',
    title: 'a first segment that already has 255 ASes',
    expected: 'a new segment in front of it',
    run: async (t) => {
      const [c1, e2] = await t.peers('c1', 'e2');
      const asns = Array.from({ length: 255 }, (_, i) => 64000 + i);
      const [route] = await spread(t, 'v4', c1, [e2], { path: asns });
      const value = (route && hexOf(route, pa.AS_PATH)) ?? '';
      t.check(value.startsWith('02010000fde802ff0000fa00'), 'segments of 1 and 255 ASes', value.slice(0, 40));
      t.check(value.length === 2 * (6 + 2 + 4 * 255), 'all 256 ASes', `${value.length / 2} octets`);
    },
  },
  {
    id: 'RFC4271-5.1.2-06',
    level: 'MUST',
    profile: 'Porig',
    needs: ['origination'],
    title: 'a route the target originates',
    expected: '[65000] to external peers, an empty path to internal ones',
    variants: each({ v4: '10.99.0.0/24', v6: '2001:db8:99::/48' }, async (t, px) => {
      const [e2, c1] = await t.peers('e2', 'c1');
      pathIs(t, await e2.sees(px), '65000');
      pathIs(t, await c1.sees(px), '');
    }),
  },
  {
    id: 'RFC4271-5.1.1-01',
    level: 'MUST',
    title: 'ORIGIN IGP, EGP and INCOMPLETE',
    expected: 'unchanged to everybody',
    variants: each({ igp: 0, egp: 1, incomplete: 2 }, async (t, origin) => {
      const [e1, e2, c1, n1] = await t.peers('e1', 'e2', 'c1', 'n1');
      for (const family of ['v4', 'v6'] as const)
        for (const route of await spread(t, family, e1, [e2, c1, n1], { origin }))
          t.check(numberOf(route, pa.ORIGIN) === origin, `ORIGIN ${origin}`, describeRoute(route));
    }),
  },
  {
    id: 'RFC4271-5.1.3-01',
    level: 'SHOULD',
    title: 'the next hop of an external route toward internal peers',
    expected: 'unchanged',
    variants: each(families, async (t, family) => {
      const [e1, c1, n1] = await t.peers('e1', 'c1', 'n1');
      for (const route of await spread(t, family, e1, [c1, n1], {})) {
        const seen = formatAddress(route.nextHop.subarray(0, family === 'v4' ? 4 : 16));
        t.check(seen === pa.defaultNextHop(family), `next hop ${pa.defaultNextHop(family)}`, seen);
      }
    }),
  },
  {
    id: 'RFC4271-5.1.3-02',
    level: 'SHOULD',
    title: 'the next hop toward an external peer several hops away',
    expected: 'the address of the target on that session',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const [route] = await spread(t, 'v4', e1, [e2], {});
      const seen = route === undefined ? '' : formatAddress(route.nextHop);
      t.check(seen === t.instance.address, `next hop ${t.instance.address}`, seen);
    },
  },
  {
    id: 'RFC4271-5.1.4-01',
    level: 'MUST',
    title: 'MED 5 from e1',
    expected: 'not passed to another neighbouring AS; internal peers see 5 if anything',
    variants: each(families, async (t, family) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const [toE2, toC1] = await spread(t, family, e1, [e2, c1], { med: 5 });
      t.check(
        toE2 !== undefined && numberOf(toE2, pa.MED) === undefined,
        'no MED to e2',
        describeRoute(toE2),
      );
      const inside = toC1 === undefined ? undefined : numberOf(toC1, pa.MED);
      t.check(inside === undefined || inside === 5, 'MED 5 or none to c1', describeRoute(toC1));
    }),
  },
  {
    id: 'RFC4271-5.1.4-02',
    level: 'MUST',
    title: 'MED 7 on a route from a client that came from another AS',
    expected: 'not passed to an external peer',
    run: async (t) => {
      const [c1, e2] = await t.peers('c1', 'e2');
      const [route] = await spread(t, 'v4', c1, [e2], { med: 7, path: [64999] });
      t.check(
        route !== undefined && numberOf(route, pa.MED) === undefined,
        'no MED to e2',
        describeRoute(route),
      );
    },
  },
  {
    id: 'RFC4271-5.1.6-01',
    level: 'SHOULD',
    title: 'ATOMIC_AGGREGATE',
    expected: 'kept',
    variants: each(families, async (t, family) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      for (const route of await spread(t, family, e1, [e2, c1], { with: [pa.atomicAggregate()] }))
        t.check(hexOf(route, pa.ATOMIC_AGGREGATE) === '', 'ATOMIC_AGGREGATE', describeRoute(route));
    }),
  },
  {
    id: 'RFC4271-5.1.7-01',
    level: 'SHOULD',
    title: 'AGGREGATOR 65001 10.0.0.7',
    expected: 'kept with its value',
    variants: each(families, async (t, family) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const spec = { with: [pa.aggregator(65001, '10.0.0.7')] };
      for (const route of await spread(t, family, e1, [e2, c1], spec))
        t.check(
          hexOf(route, pa.AGGREGATOR) === '0000fde90a000007',
          'AGGREGATOR intact',
          describeRoute(route),
        );
    }),
  },
  {
    id: 'RFC4271-9.2-02',
    level: 'MUST',
    profile: 'Pnr',
    title: 'a route from an internal peer, no reflection configured',
    expected: 'not passed to other internal peers; passed to external ones',
    variants: each(families, async (t, family) => {
      const [n1, n2, c1, e2] = await t.peers('n1', 'n2', 'c1', 'e2');
      const e1 = await t.peer('e1');
      const px = t.prefix(family);
      await t.seed(px, n1, [e2]);
      await t.settle(n1, [e2], family);
      await t.settle(e1, [n2, c1], family);
      t.absent(px, [n2, c1], 'an internal route not passed on');
    }),
  },
  ...changes(),
];

/** RFC 4271 §9.1.3: what the others are told when the best route changes. */
function changes(): Case[] {
  return [
    {
      id: 'RFC4271-9.1.3-01',
      level: 'MUST',
      title: 'the best route is replaced by one of another peer',
      expected: 'one announcement with the new attributes, no withdrawal before it',
      variants: each(families, async (t, family) => {
        const [e1, e3, e2, c1] = await t.peers('e1', 'e3', 'e2', 'c1');
        const px = t.prefix(family);
        await t.seed(px, e1, [e2, c1], { path: [65001, 64811, 64812, 64813] });
        const from = [e2, c1].map((observer) => observer.updates.length);
        e3.announce(px, { path: [65003] });
        await t.settle(e3, [e2, c1], family);
        [e2, c1].forEach((observer, i) => {
          const later = observer.updates.slice(from[i]);
          const gone = later.some((u) =>
            [...u.withdrawn, ...(u.unreach?.nlri ?? [])].some((n) => n.prefix === px),
          );
          const text = observer.describe(px);
          t.check(!gone, 'no withdrawal on the way', `${observer.name} was sent a withdrawal`);
          t.check(text.includes('65003') && !text.includes('64811'), 'the new best route', text);
        });
      }),
    },
    {
      id: 'RFC4271-9.1.3-02',
      level: 'MUST',
      title: 'the best route is withdrawn and a second one exists',
      expected: 'the second one is announced',
      variants: each(families, async (t, family) => {
        const [e1, e3, e2, c1] = await t.peers('e1', 'e3', 'e2', 'c1');
        const px = t.prefix(family);
        await t.seed(px, e1, [e2, c1], { path: [65001, 64811] });
        e3.announce(px, { path: [65003, 64821, 64822] });
        await t.settle(e3, [e2, c1], family);
        e1.withdraw(px);
        for (const observer of [e2, c1])
          await observer.sees(px, (r) => pathOf(r).includes('64821'), 'the second route');
      }),
    },
    {
      id: 'RFC4271-9.1.3-03',
      level: 'MUST',
      title: 'the last route is withdrawn',
      expected: 'withdrawn from everybody who had it',
      variants: each(families, async (t, family) => {
        const [e1, e2, c1, n1] = await t.peers('e1', 'e2', 'c1', 'n1');
        const px = t.prefix(family);
        await t.seed(px, e1, [e2, c1, n1]);
        e1.withdraw(px);
        for (const observer of [e2, c1, n1]) await observer.loses(px);
      }),
    },
    {
      id: 'RFC4271-9.1.2-03',
      level: 'RECORD',
      title: 'is a route sent back to the peer it came from?',
      expected: 'loop detection makes it harmless',
      run: async (t) => {
        const [e1, e2] = await t.peers('e1', 'e2');
        const px = t.prefix();
        await t.seed(px, e1, [e2]);
        await t.settle(e1, [e2]);
        t.observe(e1.route(px) === undefined ? 'not sent back' : 'sent back');
      },
    },
    {
      id: 'RFC4271-9.1.3-04',
      level: 'RECORD',
      title: 'a path that contains the AS of the receiver',
      expected: 'sent or suppressed',
      run: async (t) => {
        const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
        const px = t.prefix();
        await t.seed(px, e1, [c1], { path: [65001, 65002] });
        await t.settle(e1, [e2, c1]);
        t.observe(e2.route(px) === undefined ? 'suppressed' : 'sent');
      },
    },
    {
      id: 'RFC4271-9.2-03',
      level: 'MUST',
      isolated: true,
      title: 'a route that fits 4096 octets as received and not as sent',
      expected: 'not sent; an earlier one withdrawn from that peer; session up',
      run: async (t) => {
        const [c1, e2, n1] = await t.peers('c1', 'e2', 'n1');
        const px = t.prefix();
        await t.seed(px, c1, [e2, n1]);
        // Toward e2 the path grows by six octets and LOCAL_PREF goes (seven); toward n1 fourteen octets are added.
        c1.send(sizedAnnouncement(c1, px, 4094));
        await t.settle(c1, [e2, n1]);
        t.check(n1.up && e2.up, 'all sessions up', `${n1.state()}, ${e2.state()}`);
        const stale = (n1.route(px) && attributeOf(n1.route(px) as SeenRoute, UNKNOWN)) ?? undefined;
        t.check(
          n1.route(px) === undefined,
          'the route withdrawn from n1',
          `${n1.describe(px).slice(0, 80)} ${stale === undefined ? 'stale' : ''}`,
        );
      },
    },
    {
      id: 'RFC4271-9.2-04',
      level: 'SHOULD',
      title: '2000 routes with equal attributes',
      expected: 'packed into few UPDATEs',
      run: async (t) => {
        const [e1, e2] = await t.peers('e1', 'e2');
        const list = Array.from({ length: 2000 }, (_, i) => `22.${i >> 8}.${i & 255}.0/24`);
        e1.announce(list.slice(0, 1000));
        e1.announce(list.slice(1000));
        const all = await e2.until(
          () => (list.every((px) => e2.route(px) !== undefined) ? true : undefined),
          15_000,
        );
        t.check(all === true, '2000 routes', `${e2.routes.length} routes`);
        const count = e2.updates.filter((u) => u.nlri.length > 0).length;
        t.observe(`${count} UPDATEs`);
        t.check(count <= 40, 'at most 40 UPDATEs', `${count}`);
      },
    },
    ...policyless(),
  ];
}

function policyless(): Case[] {
  return [
    {
      id: 'RFC8212-2-01',
      level: 'MUST',
      profile: 'Ppol0',
      title: 'a route from an external peer without import policy',
      expected: 'the session is up, the route is not used',
      run: async (t) => {
        const [e1, e3, e2, c1] = await t.peers('e1', 'e3', 'e2', 'c1');
        const px = t.prefix();
        e1.announce(px);
        await t.settle(e3, [e2, c1]);
        t.check(e1.established, 'e1 is up', e1.state());
        // No sentinel of e1 can be seen, so a message that must be answered proves that the UPDATE before it was read.
        e1.send(m.message(255));
        await t.notified(e1, 1, 3);
        await t.settle(e3, [e2, c1]);
        for (const observer of [e2, c1]) {
          const told = observer.updates.some((u) => u.nlri.some((n) => n.prefix === px));
          t.check(!told, 'a route without import policy is not used', `${observer.name} was sent ${px}`);
        }
      },
    },
    {
      id: 'RFC8212-2-02',
      level: 'MUST',
      profile: 'Ppol0',
      title: 'a route of another peer toward an external peer without export policy',
      expected: 'nothing is sent to it',
      run: async (t) => {
        const [e1, e3, e2] = await t.peers('e1', 'e3', 'e2');
        const px = t.prefix();
        await t.seed(px, e3, [e2]);
        await t.settle(e3, [e2]);
        t.absent(px, [e1], 'nothing without export policy');
      },
    },
  ];
}
