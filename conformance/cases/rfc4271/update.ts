// RFC 4271 §4.3, §6.3, §9: UPDATE handling that is not an error of RFC 7606, and unknown attributes.

import type { Bench } from '../../engine/bench.ts';
import { type Body, type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement, attributeOf, describeRoute, type SeenRoute } from '../../engine/routes.ts';
import { ipv6, prefix, prefixes } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, fill, hex, toHex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { describe, expectEffect, play, type SenderName } from '../rfc7606/outcome.ts';

/** Announces with an extra attribute and checks what each observer has of it. */
function forwarded(
  extra: string,
  inspect: (route: SeenRoute) => string | undefined,
): Readonly<Record<string, Body>> {
  const variants: Record<string, Body> = {};
  for (const sender of ['e1', 'c1', 'n1'] as const satisfies readonly SenderName[])
    for (const family of ['v4', 'v6'] as const)
      variants[`${sender}-${family}`] = async (t) => {
        const stimulus = (peer: Peer, px: string) =>
          announcement(peer.sender, [px], { append: [hex(extra)] });
        const result = await play(t, { sender, family, replaces: true, stimulus });
        expectEffect(t, result, ['accepted']);
        for (const { route } of result.seen) {
          const broken = route === undefined ? undefined : inspect(route);
          t.check(broken === undefined, broken ?? '', describe(result));
        }
      };
  return variants;
}

/** The unknown attribute with these flags (without Extended Length) and value. */
const has = (flags: number, type: number, value: string) => (route: SeenRoute) => {
  const found = attributeOf(route, type);
  const good = found !== undefined && (found.flags & 0xe0) === flags && toHex(found.value) === value;
  return good ? undefined : `attribute ${type} with flags ${flags.toString(16)} and its value intact`;
};

const recordPrefix = async (t: Bench, px: string): Promise<void> => {
  const result = await play(t, {
    sender: 'e1',
    family: 'v4',
    replaces: false,
    prefix: px,
    stimulus: (peer, one) => announcement(peer.sender, [one]),
  });
  t.observe(describe(result));
};

export const updateCases: readonly Case[] = [
  {
    id: 'RFC4271-6.3-01',
    level: 'MUST',
    title: 'an unknown attribute marked well-known (40 63)',
    expected: 'NOTIFICATION 3/2 with the attribute; RFC 7606 leaves this rule',
    variants: each({ e1: 'e1', c1: 'c1' } as const, async (t, seat) => {
      const peer = await t.peer(seat);
      peer.announce(t.prefix(), { append: [hex('406303616263')] });
      await t.notified(peer, 3, 2, '406303616263');
    }),
  },
  {
    id: 'RFC4271-6.3-02',
    level: 'MUST',
    title: 'an unknown optional non-transitive attribute',
    expected: 'the route accepted, the attribute not passed on',
    variants: forwarded('80fb02dead', (route) =>
      attributeOf(route, 0xfb) === undefined ? undefined : 'attribute 251 not passed on',
    ),
  },
  {
    id: 'RFC4271-9-01',
    level: 'MUST',
    title: 'an unknown optional transitive attribute',
    expected: 'passed on with the Partial bit set',
    variants: forwarded('c0fa02dead', has(0xe0, 0xfa, 'dead')),
  },
  {
    id: 'RFC4271-9-02',
    level: 'MUST',
    title: 'an unknown optional transitive attribute that is already Partial',
    expected: 'passed on, Partial stays',
    variants: forwarded('e0fa02dead', has(0xe0, 0xfa, 'dead')),
  },
  {
    id: 'RFC4271-9-03',
    level: 'MUST',
    title: 'an unknown optional transitive attribute of 300 octets',
    expected: 'passed on with its value intact',
    variants: forwarded(`d0fa012c${'de'.repeat(300)}`, has(0xe0, 0xfa, 'de'.repeat(300))),
  },
  {
    id: 'RFC4271-9-04',
    level: 'MUST',
    title: 'an unknown optional transitive attribute without value',
    expected: 'passed on, length 0',
    variants: forwarded('c0fa00', has(0xe0, 0xfa, '')),
  },
  {
    id: 'RFC4271-4.3-05',
    level: 'MUST',
    title: 'ORIGIN with all four low flag bits set (4f)',
    expected: 'accepted, sent on as 40',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) =>
        announcement(peer.sender, [px], { med: 7, with: [hex('4f010102')] });
      const result = await play(t, { sender: 'e1', family: 'v4', replaces: true, stimulus });
      expectEffect(t, result, ['accepted']);
      for (const { route } of result.seen) {
        const flags = route === undefined ? undefined : attributeOf(route, pa.ORIGIN)?.flags;
        t.check(flags === 0x40, 'ORIGIN with flags 40', describe(result));
      }
    },
  },
  {
    id: 'RFC4271-4.3-06',
    level: 'SHOULD',
    title: 'one prefix both withdrawn and announced in an UPDATE',
    expected: 'treated as announced',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) => {
        const one = announcement(peer.sender, [px], { origin: 2 });
        const attributes = one.subarray(23, one.length - 4);
        return m.update({ withdrawn: prefix(px), attributes: [attributes], nlri: prefix(px) });
      };
      expectEffect(t, await play(t, { sender: 'e1', family: 'v4', replaces: true, stimulus }), ['accepted']);
    },
  },
  {
    id: 'RFC4271-4.3-07',
    level: 'RECORD',
    title: 'the same IPv6 prefix in MP_REACH_NLRI and MP_UNREACH_NLRI',
    expected: 'undefined by RFC 4760',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) => {
        const reach = pa.mpReach(2, 1, ipv6('2001:db8:9::11'), prefix(px));
        const rest = [pa.origin(2), pa.asPath([65001], peer.width), pa.mpUnreach(2, 1, prefix(px))];
        return m.update({ attributes: [reach, ...rest] });
      };
      t.observe(describe(await play(t, { sender: 'e1', family: 'v6', replaces: true, stimulus })));
    },
  },
  {
    id: 'RFC4271-4.3-08',
    level: 'MUST',
    title: 'NLRI 10.40.31/20: bits set beyond the prefix length',
    expected: 'the route 10.40.16.0/20; the trailing bits are irrelevant',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const attributes = announcement(e1.sender, ['10.40.31.0/20']);
      e1.send(attributes);
      for (const observer of [e2, c1]) {
        const route = await observer.sees('10.40.16.0/20');
        t.observe(describeRoute(route));
      }
      e1.withdraw('10.40.16.0/20');
      for (const observer of [e2, c1]) await observer.loses('10.40.16.0/20');
    },
  },
  {
    id: 'RFC4271-4.3-09',
    level: 'MUST',
    title: 'the default route and a host route',
    expected: 'passed on',
    variants: each(
      { default: '0.0.0.0/0', host: '10.40.0.1/32', default6: '::/0', host6: '2001:db8:40::1/128' },
      async (t, px) => {
        const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
        e1.announce(px);
        for (const observer of [e2, c1]) await observer.sees(px);
        e1.withdraw(px);
        for (const observer of [e2, c1]) await observer.loses(px);
      },
    ),
  },
  {
    id: 'RFC4271-6.3-03',
    level: 'SHOULD',
    title: 'a multicast prefix, 224.5.0.0/16, beside a good one',
    expected: 'the multicast prefix ignored, session up',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const px = t.prefix();
      e1.announce(['224.5.0.0/16', px]);
      await t.settle(e1, [e2, c1]);
      for (const observer of [e2, c1]) t.need(observer, px);
      t.absent('224.5.0.0/16', [e2, c1], 'the multicast prefix ignored');
    },
  },
  {
    id: 'RFC4271-6.3-04',
    level: 'RECORD',
    title: 'prefixes in loopback, reserved and link-local space',
    expected: 'no standard forbids them',
    variants: each(
      { loopback: '127.5.0.0/16', reserved: '240.1.0.0/16', linklocal: '169.254.0.0/16' },
      recordPrefix,
    ),
  },
  {
    id: 'RFC4271-4.3-10',
    level: 'MUST',
    title: 'the withdrawal of a prefix that was never announced',
    expected: 'nothing sent, session up',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const px = t.prefix();
      await t.seed(t.prefix(), e1, [e2, c1]);
      e1.withdraw(px);
      await t.settle(e1, [e2, c1]);
      for (const observer of [e2, c1]) {
        const told = observer.updates.some((u) => u.withdrawn.some((n) => n.prefix === px));
        t.check(!told, 'no withdrawal sent', `${observer.name} was sent a withdrawal of ${px}`);
      }
    },
  },
  {
    id: 'RFC4271-3.1-01',
    level: 'MUST',
    title: 'one prefix announced twice with different attributes',
    expected: 'the second replaces the first',
    variants: each({ v4: 'v4', v6: 'v6' } as const, async (t, family) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const px = t.prefix(family);
      await t.seed(px, e1, [e2, c1], { path: [65001, 64801] });
      e1.announce(px, { path: [65001, 64802] });
      await t.settle(e1, [e2, c1], family);
      for (const observer of [e2, c1]) {
        const text = observer.describe(px);
        t.check(text.includes('64802') && !text.includes('64801'), 'the second route alone', text);
      }
    }),
  },
  {
    id: 'RFC4271-4.3-11',
    level: 'MUST',
    title: '1000 prefixes in one UPDATE',
    expected: 'all passed on',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const list = Array.from({ length: 1000 }, (_, i) => `21.${i >> 8}.${i & 255}.0/24`);
      e1.announce(list);
      for (const observer of [e2, c1]) {
        const all = await observer.until(() =>
          list.every((px) => observer.route(px) !== undefined) ? true : undefined,
        );
        t.check(all === true, '1000 routes', `${observer.routes.length} routes at ${observer.name}`);
      }
    },
  },
];

const manyUnknown = (count: number): Bytes =>
  concat(...Array.from({ length: count }, (_, i) => hex(`c0${(50 + i).toString(16)}01aa`)));

/** Nothing is asked but that the target and the other sessions live. */
const survives =
  (stimulus: (peer: Peer, px: string, t: Bench) => Bytes): Body =>
  async (t) => {
    const result = await play(t, {
      sender: 'e1',
      family: 'v4',
      replaces: true,
      stimulus: (peer, px) => stimulus(peer, px, t),
    });
    t.observe(describe(result).slice(0, 300));
  };

export const robustUpdateCases: readonly Case[] = [
  {
    id: 'Z-UPD-01',
    level: 'ROBUST',
    title: 'attribute types 0 and 255, optional transitive',
    expected: 'handled as unknown',
    variants: {
      ...forwarded('c00002dead', has(0xe0, 0, 'dead')),
      'type-255': forwarded('c0ff02dead', has(0xe0, 255, 'dead'))['e1-v4'] as Body,
    },
  },
  {
    id: 'Z-UPD-02',
    level: 'ROBUST',
    title: '200 different unknown attributes in one UPDATE',
    expected: 'no crash; passed on or withdrawn',
    run: survives((peer, px) => announcement(peer.sender, [px], { append: [manyUnknown(200)] })),
  },
  {
    id: 'Z-UPD-03',
    level: 'ROBUST',
    title: 'an UPDATE of 4096 octets with one attribute of 4 kB',
    expected: 'no crash',
    run: survives((peer, px) => {
      const bare = announcement(peer.sender, [px], { append: [pa.attribute(0xd0, 250, hex(''))] }).length;
      return announcement(peer.sender, [px], { append: [pa.attribute(0xd0, 250, fill(0x2e, 4096 - bare))] });
    }),
  },
  {
    id: 'Z-UPD-04',
    level: 'ROBUST',
    title: 'one prefix 500 times in an UPDATE',
    expected: 'one route',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) => {
        const one = announcement(peer.sender, [px], { origin: 2 });
        const nlri = prefixes(...Array.from({ length: 500 }, () => px));
        return m.message(m.UPDATE, concat(one.subarray(19, one.length - 4), nlri));
      };
      expectEffect(t, await play(t, { sender: 'e1', family: 'v4', replaces: true, stimulus }), ['accepted']);
    },
  },
];
