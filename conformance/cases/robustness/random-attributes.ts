// Attributes of every type, flags and length, and attributes whose lengths lie: the target lives through all of them.

import type { Bench } from '../../engine/bench.ts';
import type { Body, Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { prefixes } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, seeded, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

/** The seed is in the name of the execution. */
function octetsOf(seed: number): (count: number) => Bytes {
  const random = seeded(seed);
  return (count) => Uint8Array.from({ length: count }, random);
}

/** Flags, type and length as given, whatever the value is. */
function raw(flags: number, type: number, length: number, value: Bytes): Bytes {
  const extended = (flags & 0x10) !== 0;
  return concat(u8(flags), u8(type), extended ? u16(length) : u8(length), value);
}

/** Every time from another address: a back-off of the target must not stand between two messages. */
const up = (t: Bench): Promise<Peer> => t.peer('e1');

const lengths = [0, 1, 2, 3, 255];
const flagSets = { '40': 0x40, '80': 0x80, c0: 0xc0, e0: 0xe0 };

/** Types that may end the session: MP_REACH_NLRI, MP_UNREACH_NLRI (RFC 7606 §3 j) and well-known ones nobody knows. */
const mayReset = (type: number, flags: number): boolean =>
  type === pa.MP_REACH || type === pa.MP_UNREACH || (flags & 0x80) === 0;

function everyType(flags: number): Body {
  return async (t) => {
    const [e3, e2] = await t.peers('e3', 'e2');
    const random = octetsOf(flags);
    let peer = await up(t);
    let resets = 0;
    for (let type = 0; type <= 255; type++) {
      for (const length of lengths) {
        const bad = raw(flags, type, length, random(length));
        // In place of the good one where it has the type of a mandatory attribute.
        const good = [
          pa.origin(0),
          pa.asPath([peer.sender.asn], peer.sender.width),
          pa.nextHop(pa.defaultNextHop('v4')),
        ];
        const kept = good.filter((attribute) => attribute[1] !== type);
        peer.send(m.update({ attributes: [...kept, bad], nlri: prefixes(t.prefix()) }));
        const how = await t.trySettle(peer, [e2]);
        if (how === 'down') {
          resets++;
          t.check(
            mayReset(type, flags),
            'no reset',
            `flags ${flags.toString(16)} type ${type} length ${length}: ${peer.state()}`,
          );
          peer = await up(t);
        } else t.check(how === 'up', 'the session goes on', `type ${type} length ${length}: ${peer.state()}`);
      }
    }
    t.observe(`${resets} resets`);
    await t.settle(e3, [e2]);
  };
}

/** The attribute says that it goes on beyond the attributes, by so many octets, into the NLRI or past the message. */
function lyingLengths(firstSeed: number): Body {
  return async (t) => {
    const [e3, e2] = await t.peers('e3', 'e2');
    let peer = await up(t);
    for (let seed = firstSeed; seed < firstSeed + 50; seed++) {
      const random = octetsOf(seed);
      const [kind = 0, beyond = 0, pick = 0] = random(3);
      const type = [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 99][pick % 11] ?? 99;
      const flags = type <= 3 || type === 5 || type === 6 ? 0x40 : 0xc0;
      const value = random(kind % 12);
      const bad = raw(flags | (kind & 0x10), type, value.length + 1 + (beyond % 40), value);
      const good = [
        pa.origin(0),
        pa.asPath([peer.sender.asn], peer.sender.width),
        pa.nextHop(pa.defaultNextHop('v4')),
      ];
      const kept = good.filter((attribute) => attribute[1] !== type);
      peer.send(m.update({ attributes: [...kept, bad], nlri: prefixes(t.prefix(), t.prefix()) }));
      const how = await t.trySettle(peer, [e2]);
      if (how === 'down') {
        t.check(peer.notification?.code === 3, 'NOTIFICATION 3/x', `seed ${seed}: ${peer.state()}`);
        peer = await up(t);
      }
    }
    await t.settle(e3, [e2]);
  };
}

export const randomAttributeCases: readonly Case[] = [
  {
    id: 'Z-ATT-01',
    level: 'ROBUST',
    title: 'every attribute type with four sets of flags and five lengths, random values',
    expected: 'no crash; a reset for types 14 and 15 and for unknown well-known ones alone',
    isolated: true,
    slow: true,
    seconds: 600,
    variants: Object.fromEntries(
      Object.entries(flagSets).map(([name, flags]) => [`flags-${name}`, everyType(flags)]),
    ),
  },
  {
    id: 'Z-ATT-02',
    level: 'ROBUST',
    title: 'attributes that are longer than the attributes are, 200 times',
    expected: 'no crash; at most one reset with 3/x per message',
    isolated: true,
    seconds: 400,
    variants: Object.fromEntries(
      [1, 51, 101, 151].map((first) => [`seeds-${first}-${first + 49}`, lyingLengths(first)]),
    ),
  },
];
