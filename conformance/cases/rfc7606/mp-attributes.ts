// RFC 7606 §3g, §5.3, §7.11, §7.12: MP_REACH_NLRI and MP_UNREACH_NLRI that cannot be trusted.

import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement } from '../../engine/routes.ts';
import { ipv6, prefix } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, fill, hex, u8 } from '../../wire/bytes.ts';
import { update } from '../../wire/messages.ts';
import { type Effect, expectEffect, play, type SenderName, wordsFor } from './outcome.ts';

const hop = ipv6('2001:db8:9::11');
const RST: readonly Effect[] = ['reset', 'family'];

/** An UPDATE whose first attribute is `mp`, followed by valid ones. */
function withMp(peer: Peer, mp: Bytes): Bytes {
  const path = peer.facts.internal ? [64999] : [peer.facts.asn, 64999];
  const local = peer.facts.internal ? [pa.localPref(100)] : [];
  return update({ attributes: [mp, pa.origin(2), pa.asPath(path, peer.width), ...local] });
}

interface MpRow {
  readonly id: string;
  readonly title: string;
  readonly effects: readonly Effect[];
  readonly mp: Readonly<Record<string, (px: string) => Bytes>>;
  readonly senders?: readonly SenderName[];
}

const rows: readonly MpRow[] = [
  {
    id: 'RFC7606-3c-13',
    title: 'MP_REACH_NLRI with wrong category bits',
    effects: ['withdrawn', ...RST],
    mp: {
      '40': (px) => pa.attribute(0x40, 14, pa.mpReachValue(2, 1, hop, prefix(px))),
      c0: (px) => pa.attribute(0xc0, 14, pa.mpReachValue(2, 1, hop, prefix(px))),
    },
  },
  {
    id: 'RFC7606-7.11-01',
    title: 'MP_REACH_NLRI whose next hop has an impossible length',
    effects: RST,
    mp: Object.fromEntries(
      [0, 5, 33].map((n) => [`len-${n}`, (px: string) => pa.mpReach(2, 1, fill(0x20, n), prefix(px))]),
    ),
  },
  {
    id: 'RFC7606-7.11-02',
    title: 'MP_REACH_NLRI of length 4',
    effects: RST,
    mp: { '': () => pa.attribute(0x80, 14, hex('00020110')) },
  },
  {
    id: 'RFC7606-7.11-03',
    title: 'MP_REACH_NLRI whose next hop reaches beyond the attribute',
    effects: RST,
    mp: { '': (px) => pa.attribute(0x80, 14, concat(hex('00020140'), hop, u8(0), prefix(px))) },
  },
  {
    id: 'RFC7606-5.3-03',
    title: 'MP_REACH_NLRI with a prefix of 129 bits',
    effects: RST,
    mp: { '': () => pa.mpReach(2, 1, hop, concat(u8(129), fill(0x20, 17))) },
  },
  {
    id: 'RFC7606-5.3-04',
    title: 'MP_UNREACH_NLRI with a prefix that is cut off',
    effects: RST,
    mp: { '': () => pa.mpUnreach(2, 1, hex('4020010db8')) },
  },
  {
    id: 'RFC7606-7.12-01',
    title: 'MP_UNREACH_NLRI of length 2',
    effects: RST,
    mp: { '': () => pa.attribute(0x80, 15, hex('0002')) },
  },
];

function caseOf(row: MpRow): Case {
  const variants: Record<string, NonNullable<Case['run']>> = {};
  for (const [name, mp] of Object.entries(row.mp))
    for (const sender of row.senders ?? (['e1', 'c1', 'n1'] as const))
      for (const replaces of [true, false]) {
        const suffix = [sender, 'v6', replaces ? 'repl' : 'new', ...(name === '' ? [] : [name])].join('-');
        variants[suffix] = async (t) => {
          const stimulus = (peer: Peer, px: string) => withMp(peer, mp(px));
          expectEffect(t, await play(t, { sender, family: 'v6', replaces, stimulus }), row.effects);
        };
      }
  const { id, title, effects } = row;
  return { id, level: 'MUST', title, expected: wordsFor(effects), variants };
}

const twice = (id: string, title: string, build: (peer: Peer, px: string) => Bytes): Case => ({
  id,
  level: 'MUST',
  title,
  expected: 'NOTIFICATION 3/1',
  variants: each({ e1: 'e1', c1: 'c1', n1: 'n1' } as const, async (t, sender) => {
    const result = await play(t, { sender, family: 'v6', replaces: true, stimulus: build });
    expectEffect(t, result, ['reset']);
    t.check(result.sender.notification?.subcode === 1, 'NOTIFICATION 3/1', result.sender.state());
  }),
});

export const mpCases: readonly Case[] = [
  ...rows.map(caseOf),
  twice('RFC7606-3g-04', 'MP_REACH_NLRI twice in one UPDATE', (peer, px) =>
    announcement(peer.sender, [px], { append: [pa.mpReach(2, 1, hop, prefix(px))] }),
  ),
  twice('RFC7606-3g-05', 'MP_UNREACH_NLRI twice in one UPDATE', (_peer, px) =>
    update({ attributes: [pa.mpUnreach(2, 1, prefix(px)), pa.mpUnreach(2, 1, prefix(px))] }),
  ),
];
