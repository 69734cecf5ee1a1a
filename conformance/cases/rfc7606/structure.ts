// RFC 7606 §3–§5 and RFC 4271 §4.3, §6.3: UPDATE messages whose structure or set of attributes is wrong.

import { type Body, type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement, numberOf, type RouteSpec, routeAttributes } from '../../engine/routes.ts';
import type { Family } from '../../wire/address.ts';
import { ipv6, prefix } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { type Effect, expectEffect, play, type Result, type SenderName, wordsFor } from './outcome.ts';

type Build = (peer: Peer, px: string) => Bytes;

const senders = ['e1', 'c1', 'n1'] as const;

/** A new route with a mark that tells it from the control route. */
const fresh = (peer: Peer, px: string, spec: RouteSpec = {}): Bytes =>
  announcement(peer.sender, [px], {
    origin: 2,
    path: peer.facts.internal ? [64999] : [peer.facts.asn, 64999],
    ...spec,
  });

interface Row {
  readonly id: string;
  readonly level?: Case['level'];
  readonly title: string;
  readonly effects: readonly Effect[];
  readonly build: Build;
  readonly families?: readonly Family[];
  readonly histories?: readonly ('repl' | 'new')[];
  readonly senders?: readonly SenderName[];
  readonly more?: (result: Result) => string | undefined;
}

/** Expands a row over senders, carriers and route history. */
function expand(row: Row): Case {
  const variants: Record<string, Body> = {};
  for (const sender of row.senders ?? senders)
    for (const family of row.families ?? (['v4'] as const))
      for (const history of row.histories ?? (['repl', 'new'] as const))
        variants[`${sender}-${family}-${history}`] = async (t) => {
          const result = await play(t, { sender, family, replaces: history === 'repl', stimulus: row.build });
          expectEffect(t, result, row.effects);
          const broken = row.more?.(result);
          t.check(
            broken === undefined,
            broken ?? '',
            result.seen.map((s) => s.observer.describe(result.prefix)).join('; '),
          );
        };
  const { id, title, effects } = row;
  return { id, level: row.level ?? 'MUST', title, expected: wordsFor(effects), variants };
}

const subcode = (wanted: number) => (result: Result) =>
  result.effect === 'reset' && result.sender.notification?.subcode !== wanted
    ? `subcode ${wanted}`
    : undefined;

const tailed =
  (tail: string): Build =>
  (peer, px) =>
    fresh(peer, px, { append: [hex(tail)] });
const body = (text: string) => m.message(m.UPDATE, hex(text));

const framing: readonly Row[] = [
  {
    id: 'RFC7606-3b-01',
    title: 'Withdrawn Routes Length 60 in a body of 4 octets',
    effects: ['reset'],
    histories: ['repl'],
    build: () => body('003c0000'),
    more: subcode(1),
  },
  {
    id: 'RFC7606-3b-02',
    title: 'Total Path Attribute Length beyond the message',
    effects: ['reset'],
    histories: ['repl'],
    build: (peer, px) =>
      m.update({
        attributes: routeAttributes(peer.sender, {}, 'v4'),
        attributesLength: 200,
        nlri: prefix(px),
      }),
    more: subcode(1),
  },
  {
    id: 'RFC7606-5.3-01',
    title: 'NLRI with a prefix length of 33',
    effects: ['reset'],
    build: (peer) =>
      m.update({ attributes: routeAttributes(peer.sender, {}, 'v4'), nlri: hex('2114000001ff') }),
  },
  {
    id: 'RFC7606-5.3-02',
    title: 'NLRI that is cut off: /24 with two octets',
    effects: ['reset'],
    build: (peer) => m.update({ attributes: routeAttributes(peer.sender, {}, 'v4'), nlri: hex('181400') }),
  },
  {
    id: 'RFC7606-3i-01',
    title: 'a withdrawn prefix with a length of 33',
    effects: ['reset'],
    histories: ['repl'],
    build: () => m.update({ withdrawn: hex('2114000001ff') }),
  },
  {
    id: 'RFC7606-3i-02',
    title: 'a withdrawn prefix that is cut off',
    effects: ['reset'],
    histories: ['repl'],
    build: () => m.update({ withdrawn: hex('181400') }),
  },
  {
    id: 'RFC7606-4-01',
    title: 'the last attribute announces 64 octets and has two',
    effects: ['withdrawn'],
    build: tailed('c008400001'),
  },
  {
    id: 'RFC7606-4-02',
    title: 'one stray octet behind the last attribute',
    effects: ['withdrawn'],
    build: tailed('c0'),
  },
  {
    id: 'RFC7606-4-03',
    title: 'an attribute with extended length of which one octet is there',
    effects: ['withdrawn'],
    build: tailed('d00800'),
  },
];

const empties: Readonly<Record<string, readonly [number, number]>> = {
  med: [0x80, 4],
  communities: [0xc0, 8],
  extended: [0xc0, 16],
  large: [0xc0, 32],
};

const missing = (type: number, families: readonly Family[], id: string, title: string): Row => ({
  id,
  title,
  effects: ['withdrawn'],
  families,
  build: (peer, px) => fresh(peer, px, { without: [type] }),
});

const sets: readonly Row[] = [
  missing(pa.ORIGIN, ['v4'], 'RFC7606-3d-01', 'no ORIGIN'),
  missing(pa.AS_PATH, ['v4', 'v6'], 'RFC7606-3d-02', 'no AS_PATH'),
  missing(pa.NEXT_HOP, ['v4'], 'RFC7606-3d-03', 'NLRI without NEXT_HOP'),
  {
    id: 'RFC7606-3d-04',
    title: 'NLRI without any attribute',
    effects: ['withdrawn'],
    build: (_peer, px) => m.update({ nlri: prefix(px) }),
  },
  missing(pa.ORIGIN, ['v6'], 'RFC7606-3d-05', 'MP_REACH_NLRI without ORIGIN'),
  {
    id: 'RFC7606-3d-07',
    level: 'RECORD',
    title: 'an internal route without LOCAL_PREF',
    effects: ['withdrawn', 'accepted'],
    senders: ['c1', 'n1'],
    families: ['v4', 'v6'],
    build: (peer, px) => fresh(peer, px, { without: [pa.LOCAL_PREF] }),
  },
  {
    id: 'RFC7606-3g-01',
    title: 'MULTI_EXIT_DISC 5, then MULTI_EXIT_DISC 9',
    effects: ['accepted'],
    families: ['v4', 'v6'],
    build: (peer, px) => fresh(peer, px, { med: 5, append: [pa.med(9)] }),
    more: ({ seen }) => {
      const internal = seen.filter((s) => s.observer.facts.internal);
      return internal.some((s) => s.route !== undefined && (numberOf(s.route, pa.MED) ?? 5) !== 5)
        ? 'the first MED, 5, kept'
        : undefined;
    },
  },
  {
    id: 'RFC7606-3g-02',
    title: 'ORIGIN EGP, then ORIGIN INCOMPLETE',
    effects: ['accepted'],
    families: ['v4', 'v6'],
    build: (peer, px) => fresh(peer, px, { origin: 1, append: [pa.origin(2)] }),
    more: ({ seen }) =>
      seen.some((s) => s.route !== undefined && numberOf(s.route, pa.ORIGIN) !== 1)
        ? 'the first ORIGIN, EGP, kept'
        : undefined,
  },
  {
    id: 'RFC7606-3g-03',
    title: 'an unknown transitive attribute twice',
    effects: ['accepted'],
    families: ['v4', 'v6'],
    build: (peer, px) => fresh(peer, px, { append: [hex('c0fa02dead'), hex('c0fa02beef')] }),
    more: ({ seen }) => {
      const values = seen.map(
        (s) =>
          s.route?.attributes
            .filter((a) => a.type === 250)
            .map((a) => Buffer.from(a.value).toString('hex')) ?? [],
      );
      return values.every((list) => list.length === 1 && list[0] === 'dead')
        ? undefined
        : 'the first one, forwarded once';
    },
  },
  {
    id: 'RFC7606-3h-01',
    title: 'a bad ORIGIN and MP_REACH_NLRI twice: the strongest reaction counts',
    effects: ['reset'],
    families: ['v6'],
    histories: ['repl'],
    build: (peer, px) =>
      fresh(peer, px, {
        with: [hex('40010103')],
        append: [pa.mpReach(2, 1, ipv6('2001:db8:9::11'), prefix(px))],
      }),
  },
  {
    id: 'RFC7606-3h-02',
    title: 'a bad AGGREGATOR (discard) and a bad MULTI_EXIT_DISC (withdraw)',
    effects: ['withdrawn'],
    families: ['v4', 'v6'],
    build: (peer, px) => fresh(peer, px, { with: [hex('c00703fde90a'), hex('800403000005')] }),
  },
  {
    id: 'RFC7606-3j-01',
    title: 'a bad ORIGIN in front of MP_REACH_NLRI: the parser must go on',
    effects: ['withdrawn'],
    families: ['v6'],
    build: (peer, px) => {
      const path = peer.facts.internal ? [] : [peer.facts.asn];
      const preference = peer.facts.internal ? [pa.localPref(100)] : [];
      const attributes = [hex('40010103'), pa.asPath(path, peer.width), ...preference];
      return m.update({ attributes: [...attributes, pa.mpReach(2, 1, ipv6('2001:db8:9::11'), prefix(px))] });
    },
  },
  {
    id: 'RFC7606-3j-02',
    title: 'MP_REACH_NLRI first, a bad ORIGIN behind it',
    effects: ['withdrawn'],
    families: ['v6'],
    build: (peer, px) => fresh(peer, px, { with: [hex('40010103')] }),
  },
  {
    id: 'RFC7606-5.2-01',
    title: 'valid attributes without any route',
    effects: ['kept'],
    histories: ['repl'],
    build: (peer) => m.update({ attributes: routeAttributes(peer.sender, {}, 'v4') }),
  },
  {
    id: 'RFC7606-5.2-02',
    title: 'attributes without any route, ORIGIN 3',
    effects: ['reset'],
    histories: ['repl'],
    build: (peer) =>
      m.update({ attributes: routeAttributes(peer.sender, { with: [hex('40010103')] }, 'v4') }),
  },
  {
    id: 'RFC7606-5.2-03',
    title: 'attributes without any route, AGGREGATOR of length 7',
    effects: ['kept'],
    histories: ['repl'],
    build: (peer) =>
      m.update({ attributes: routeAttributes(peer.sender, { with: [hex('c00707fde90a00000100')] }, 'v4') }),
  },
  {
    id: 'RFC7606-5.2-04',
    title: 'a withdrawal beside ORIGIN 3, no route announced',
    effects: ['reset'],
    histories: ['repl'],
    build: (peer, px) =>
      m.update({
        withdrawn: prefix(px),
        attributes: routeAttributes(peer.sender, { with: [hex('40010103')] }, 'v4'),
      }),
  },
];

export const structureCases: readonly Case[] = [
  ...framing.map(expand),
  {
    id: 'RFC7606-4-04',
    level: 'MUST',
    title: 'an attribute of length 0 that may not be empty',
    expected: 'treat-as-withdraw, session up',
    variants: each(empties, async (t, [flags, type]) => {
      const stimulus: Build = (peer, px) => fresh(peer, px, { with: [pa.attribute(flags, type, hex(''))] });
      expectEffect(t, await play(t, { sender: 'e1', family: 'v4', replaces: true, stimulus }), ['withdrawn']);
    }),
  },
  ...sets.map(expand),
  {
    id: 'RFC7606-3d-06',
    level: 'MUST',
    title: 'IPv4 NLRI and MP_REACH_NLRI in one UPDATE, no NEXT_HOP',
    expected: 'the IPv4 route withdrawn, session up',
    run: async (t) => {
      const p6 = t.prefix('v6');
      const reach = pa.mpReach(2, 1, ipv6('2001:db8:9::11'), prefix(p6));
      const stimulus: Build = (peer, px) =>
        m.update({
          attributes: [reach, pa.origin(2), pa.asPath([65001, 64999], peer.width)],
          nlri: prefix(px),
        });
      const result = await play(t, { sender: 'e1', family: 'v4', replaces: true, stimulus });
      expectEffect(t, result, ['withdrawn']);
    },
  },
  {
    id: 'RFC7606-3j-03',
    level: 'MUST',
    title: 'a bad ORIGIN with one route announced and another withdrawn',
    expected: 'both withdrawn, session up',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const [px, py] = [t.prefix(), t.prefix()];
      await t.seed(px, e1, [e2, c1]);
      await t.seed(py, e1, [e2, c1]);
      const attributes = routeAttributes(e1.sender, { with: [hex('40010103')] }, 'v4');
      e1.send(m.update({ withdrawn: prefix(py), attributes, nlri: prefix(px) }));
      await t.settle(e1, [e2, c1]);
      t.absent(px, [e2, c1], 'the announced route withdrawn');
      t.absent(py, [e2, c1], 'the withdrawn route withdrawn');
    },
  },
  {
    id: 'RFC7606-5.2-05',
    level: 'MUST',
    title: 'an UPDATE with MP_UNREACH_NLRI only: a withdrawal, then End-of-RIB',
    expected: 'valid; no other attribute is asked for',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const p6 = t.prefix('v6');
      await t.seed(p6, e1, [e2, c1]);
      e1.withdraw(p6);
      e1.send(m.update({ attributes: [pa.mpUnreach(2, 1, hex(''))] }));
      await t.settle(e1, [e2, c1], 'v6');
      t.absent(p6, [e2, c1], 'withdrawn');
    },
  },
];
