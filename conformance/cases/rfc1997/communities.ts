// RFC 1997, 4360, 5701, 7999, 8092 and 8326: communities.

import type { Bench } from '../../engine/bench.ts';
import { type Body, type Case, each } from '../../engine/case.ts';
import { communitiesOf, describeRoute, hexOf, numberOf, type RouteSpec } from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { concat, hex, toHex, u32 } from '../../wire/bytes.ts';

const families = { v4: 'v4', v6: 'v6' } as const;

/** With the community the route is hidden from `hidden` and reaches `open`; without it, all have it before. */
function hides(value: number): Readonly<Record<string, Body>> {
  return each(families, async (t, family) => {
    const [e1, c1, e2, n1] = await t.peers('e1', 'c1', 'e2', 'n1');
    const px = t.prefix(family);
    const py = t.prefix(family);
    await t.seed(py, e1, [c1, e2, n1]);
    e1.announce(px, { communities: [value] });
    if (value !== pa.NO_ADVERTISE) for (const inside of [c1, n1]) await inside.sees(px);
    await t.settle(e1, [c1, e2, n1], family);
    t.absent(px, value === pa.NO_ADVERTISE ? [c1, e2, n1] : [e2], 'not advertised');
  });
}

/** The attribute arrives with these octets at every observer. */
function intact(type: number, value: string, flags = 0xc0): Body {
  return async (t) => {
    const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
    for (const family of ['v4', 'v6'] as const) {
      const px = t.prefix(family);
      await t.seed(px, e1, [e2, c1]);
      e1.announce(px, { origin: 2, with: [pa.attribute(flags, type, hex(value))] });
      await t.settle(e1, [e2, c1], family);
      for (const observer of [e2, c1]) {
        const route = t.need(observer, px);
        t.check(
          sorted(hexOf(route, type), type) === sorted(value, type),
          `attribute ${type} = ${value}`,
          `${observer.name}: ${describeRoute(route)}`,
        );
      }
    }
  };
}

/** Communities are a set: compared without order. */
function sorted(value: string | undefined, type: number): string {
  const size = { 8: 8, 16: 16, 32: 24, 25: 40 }[type] ?? 1;
  return (
    (value ?? 'absent')
      .match(new RegExp(`.{1,${size}}`, 'g'))
      ?.sort()
      .join(' ') ?? ''
  );
}

async function toClient(t: Bench, spec: RouteSpec) {
  const [e1, c1] = await t.peers('e1', 'c1');
  const px = t.prefix();
  await t.seed(px, e1, [c1], spec);
  return t.need(c1, px);
}

const hundreds = Array.from({ length: 900 }, (_, i) => pa.community(64999, i));

export const communityCases: readonly Case[] = [
  {
    id: 'RFC1997-WK-01',
    level: 'MUST',
    title: 'NO_EXPORT',
    expected: 'not to external peers; to internal ones',
    variants: hides(pa.NO_EXPORT),
  },
  {
    id: 'RFC1997-WK-02',
    level: 'MUST',
    title: 'NO_ADVERTISE',
    expected: 'to nobody',
    variants: hides(pa.NO_ADVERTISE),
  },
  {
    id: 'RFC1997-WK-03',
    level: 'MUST',
    title: 'NO_EXPORT_SUBCONFED',
    expected: 'not to external peers',
    variants: hides(pa.NO_EXPORT_SUBCONFED),
  },
  {
    id: 'RFC1997-WK-04',
    level: 'MUST',
    title: 'a route, then the same with NO_EXPORT',
    expected: 'the earlier one is withdrawn from external peers',
    variants: each(families, async (t, family) => {
      const [e1, c1, e2] = await t.peers('e1', 'c1', 'e2');
      const px = t.prefix(family);
      await t.seed(px, e1, [c1, e2]);
      e1.announce(px, { communities: [pa.NO_EXPORT] });
      await e2.loses(px);
      await c1.sees(px, (r) => communitiesOf(r).includes('65535:65281'), 'the route with NO_EXPORT');
    }),
  },
  {
    id: 'RFC1997-OP-01',
    level: 'MUST',
    title: 'three communities',
    expected: 'passed on complete',
    run: intact(8, 'fde70001fde70002fde80003'),
  },
  {
    id: 'RFC1997-OP-02',
    level: 'RECORD',
    title: 'the same community twice',
    expected: 'kept twice, or once',
    run: async (t) => {
      const route = await toClient(t, { communities: [pa.community(64999, 1), pa.community(64999, 1)] });
      t.observe(`${communitiesOf(route).length} communities`);
    },
  },
  {
    id: 'RFC1997-OP-03',
    level: 'ROBUST',
    title: '900 communities',
    expected: 'extended length, none lost',
    run: intact(8, toHex(concat(...hundreds.map(u32)))),
  },
  {
    id: 'RFC8326-4-01',
    level: 'SHOULD',
    profile: 'Pgsh',
    needs: ['graceful-shutdown'],
    title: 'GRACEFUL_SHUTDOWN from an external peer',
    expected: 'LOCAL_PREF 0 toward internal peers',
    run: async (t) => {
      const control = await toClient(t, {});
      t.check(numberOf(control, 5) !== 0, 'LOCAL_PREF above 0 without the community', describeRoute(control));
      const route = await toClient(t, { communities: [pa.GRACEFUL_SHUTDOWN] });
      t.check(numberOf(route, 5) === 0, 'LOCAL_PREF 0', describeRoute(route));
    },
  },
  {
    id: 'RFC7999-3-01',
    level: 'RECORD',
    title: 'BLACKHOLE from an external peer',
    expected: 'not leaked to other external peers without agreement (a matter of policy)',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const px = t.prefix();
      await t.seed(px, e1, [c1], { communities: [pa.BLACKHOLE] });
      await t.settle(e1, [e2, c1]);
      t.observe(e2.route(px) === undefined ? 'not sent to e2' : 'sent to e2');
    },
  },
  {
    id: 'RFC4360-6-01',
    level: 'SHOULD',
    title: 'a non-transitive extended community (type 40) beside a transitive one',
    expected: 'removed toward external peers, the other kept',
    variants: each({ c1: 'c1', n1: 'n1' } as const, async (t, seat) => {
      const [from, e2, c2] = [await t.peer(seat), await t.peer('e2'), await t.peer('c2')];
      const px = t.prefix();
      await t.seed(px, from, [e2, c2], {
        with: [pa.extendedCommunities(hex('0002fde700000001'), hex('4004fde700000002'))],
      });
      const [outside, inside] = [t.need(e2, px), t.need(c2, px)];
      t.check(
        hexOf(inside, 16)?.includes('4004fde700000002') === true,
        'kept toward an internal peer',
        describeRoute(inside),
      );
      t.check(
        hexOf(outside, 16) === '0002fde700000001',
        'only the transitive one toward e2',
        describeRoute(outside),
      );
    }),
  },
  {
    id: 'RFC4360-2-01',
    level: 'MUST',
    title: 'extended communities of several types',
    expected: 'values intact',
    variants: each(
      {
        'two-octet-as': '0002fde700000001',
        ipv4: '01020a0000010007',
        'four-octet-as': '0202000111700007',
        opaque: '030b000000000064',
        unknown: '3f77010203040506',
      },
      (t, value) => intact(16, value)(t),
    ),
  },
  {
    id: 'RFC4360-6-02',
    level: 'MUST',
    title: 'route targets through reflection',
    expected: 'unchanged',
    run: async (t) => {
      const [c1, c2] = await t.peers('c1', 'c2');
      const px = t.prefix();
      await t.seed(px, c1, [c2], {
        with: [pa.extendedCommunities(hex('0002fde800000001'), hex('0002fde800000002'))],
      });
      const value = hexOf(t.need(c2, px), 16);
      t.check(value === '0002fde8000000010002fde800000002', 'both route targets', value ?? 'none');
    },
  },
  {
    id: 'RFC8092-3-02',
    level: 'MUST',
    title: 'three large communities',
    expected: 'passed on as a set',
    run: intact(32, '0000fde700000001000000020000fde700000003000000040001117000000005000000ff'),
  },
  {
    id: 'RFC8092-3-03',
    level: 'MUST',
    title: 'the same large community twice',
    expected: 'once on the way out',
    run: async (t) => {
      const route = await toClient(t, { with: [pa.largeCommunities([65001, 1, 2], [65001, 1, 2])] });
      t.check(hexOf(route, 32) === '0000fde90000000100000002', 'one large community', describeRoute(route));
    },
  },
  {
    id: 'RFC5701-2-01',
    level: 'MUST',
    title: 'an IPv6 address specific extended community',
    expected: 'passed on',
    run: intact(25, '000220010db8000000000000000000000001000a'),
  },
];
