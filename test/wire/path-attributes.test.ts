import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { FastWalk } from '../../src/wire/attributes/fast-walk.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { anyAttributes } from './support/arbitraries.ts';
import { canonicalHex, decode, good, hex, update } from './support/messages.ts';

/** Attributes cut apart, the naive way. */
function pieces(block: Uint8Array): { type: number; flags: number; wire: string; value: string }[] {
  const out = [];
  for (let at = 0; at < block.length; ) {
    const extended = (block[at] & 0x10) !== 0;
    const valueAt = at + (extended ? 4 : 3);
    const end = valueAt + (extended ? block[at + 2] * 256 + block[at + 3] : block[at + 2]);
    out.push({
      type: block[at + 1],
      flags: block[at],
      wire: toHex(block, at, end),
      value: toHex(block, valueAt, end),
    });
    at = end;
  }
  return out;
}

describe('PathAttributes', () => {
  it('round-trip through canonical bytes, which decodeUpdate leaves as they are in any order', () => {
    fc.assert(
      fc.property(anyAttributes, fc.infiniteStream(fc.nat()), (attributes, order) => {
        const bytes = encodePathAttributes(attributes);
        expect(decodePathAttributes(bytes, 0, bytes.length)).toEqual(attributes);
        const shuffled = pieces(bytes)
          .map((piece) => ({ piece, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ piece }) => piece.wire);
        const view = decode(update('', good.nextHop + shuffled.join(''), '00'));
        expect(view.faults).toEqual([]);
        expect(canonicalHex(view)).toBe(toHex(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('offsets into a larger buffer count', () => {
    const bytes = hex(`ffff${good.origin}${good.asPath}ffff`);
    expect(decodePathAttributes(bytes, 2, bytes.length - 2)).toEqual({
      origin: 'igp',
      asPath: [{ type: 'sequence', asns: [65001] }],
    });
  });

  it('empty lists are absent, long sequences become several segments', () => {
    const attributes = {
      origin: 'egp',
      asPath: [],
      communities: [],
      largeCommunities: [],
      extendedCommunities: [],
    } as const;
    expect(toHex(encodePathAttributes(attributes))).toBe('40010101400200');
    const asns = Array.from({ length: 600 }, (_, i) => i + 1);
    const long = encodePathAttributes({ origin: 'igp', asPath: [{ type: 'sequence', asns }] });
    const back = decodePathAttributes(long, 0, long.length).asPath;
    expect(back.map((segment) => segment.asns.length)).toEqual([255, 255, 90]);
    expect(back.flatMap((segment) => segment.asns)).toEqual(asns);
  });

  it('unknown attributes take their place by type', () => {
    const unknown = [200, 30, 11].map((type) => ({ flags: 0xc0, type, value: Uint8Array.of(type) }));
    const bytes = encodePathAttributes({ origin: 'igp', asPath: [], largeCommunities: [[1, 2, 3]], unknown });
    expect(pieces(bytes).map((piece) => piece.type)).toEqual([1, 2, 11, 30, 32, 200]);
  });

  it('refuses an extended community that is none, and values too long for a header', () => {
    const plain = { origin: 'igp', asPath: [] } as const;
    expect(() => encodePathAttributes({ ...plain, extendedCommunities: ['00'] })).toThrow(RangeError);
    const value = new Uint8Array(65536);
    expect(() => encodePathAttributes({ ...plain, unknown: [{ flags: 0xc0, type: 99, value }] })).toThrow(
      RangeError,
    );
  });
});

describe('FastWalk', () => {
  /** The same question, asked slowly. */
  function naive(block: Uint8Array): number {
    let all: ReturnType<typeof pieces>;
    try {
      all = pieces(block);
    } catch {
      return -1;
    }
    const length = all.reduce((sum, piece) => sum + piece.wire.length / 2, 0);
    const whole = length === block.length && all.every((piece) => /^([0-9a-f]{2})*$/.test(piece.wire));
    const minimal = all.every((piece) => ((piece.flags & 0x10) !== 0) === piece.value.length / 2 > 255);
    const ascending = all.every((piece, i) => i === 0 || all[i - 1].type < piece.type);
    const foreign = all.some((piece) => [14, 15, 17, 18].includes(piece.type));
    const hops = all.filter((piece) => piece.type === 3);
    const hop = hops.length === 1 && hops[0].wire.startsWith('400304');
    if (!whole || !minimal || !ascending || foreign || !hop) return -1;
    return all.slice(0, all.indexOf(hops[0])).reduce((sum, piece) => sum + piece.wire.length / 2, 3);
  }

  type Header = { readonly flags: number; readonly type: number; readonly length: number };
  const header: fc.Arbitrary<Header> = fc
    .tuple(fc.constantFrom(0x40, 0x80, 0xc0), fc.constantFrom(1, 2, 4, 8, 16, 32, 200), fc.nat(400))
    .map(([flags, type, length]) => ({ flags: flags | (length > 255 ? 0x10 : 0), type, length }));
  const hop: Header = { flags: 0x40, type: 3, length: 4 };

  /** What can be wrong with a sorted block; each makes it other than canonical, or does not matter. */
  const spoils: Record<string, (all: Header[]) => Header[]> = {
    nothing: (all) => all,
    reverse: (all) => all.toReversed(),
    twice: (all) => [...all, all[all.length - 1]],
    withoutHop: (all) => all.filter((each) => each.type !== 3),
    foreign: (all) =>
      [...all, { flags: 0x80, type: 14 + all.length, length: 3 }].sort((a, b) => a.type - b.type),
    longHeader: (all) => all.map((each) => ({ ...each, flags: each.flags | 0x10 })),
    hopOfFive: (all) => all.map((each) => (each.type === 3 ? { ...each, length: 5 } : each)),
  };

  const block = fc
    .tuple(
      fc.uniqueArray(header, { maxLength: 5, selector: (each) => each.type }),
      fc.constantFrom('nothing', 'nothing', ...Object.keys(spoils)),
      fc.constantFrom(0, 0, 0, 1, 3),
    )
    .map(([headers, spoil, cut]) => {
      const sorted = [...headers, hop].sort((a, b) => a.type - b.type);
      const wire = spoils[spoil](sorted).map(({ flags, type, length }) => {
        const text = length.toString(16).padStart((flags & 0x10) !== 0 ? 4 : 2, '0');
        return toHex(Uint8Array.of(flags, type)) + text + 'ab'.repeat(length);
      });
      const bytes = hex(wire.join(''));
      return bytes.slice(0, Math.max(0, bytes.length - cut));
    });

  it('agrees with a slow walk over anything', () => {
    const walk = new FastWalk();
    let found = 0;
    fc.assert(
      fc.property(block, (bytes) => {
        const expected = naive(bytes);
        expect(walk.locate(bytes, 0, bytes.length)).toBe(expected >= 0);
        if (expected >= 0) expect(walk.nextHopAt).toBe(expected);
        if (expected >= 0) found++;
      }),
      { numRuns: 5000 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('the two pieces around NEXT_HOP are the canonical form', () => {
    const walk = new FastWalk();
    fc.assert(
      fc.property(anyAttributes, (attributes) => {
        const canonical = toHex(encodePathAttributes(attributes));
        const all = pieces(hex(canonical));
        const at = all.filter((piece) => piece.type < 3).reduce((sum, piece) => sum + piece.wire.length, 0);
        const block = `ffff${canonical.slice(0, at)}${good.nextHop}${canonical.slice(at)}`;
        const bytes = hex(block);
        expect(walk.locate(bytes, 2, bytes.length)).toBe(true);
        expect(toHex(bytes, 2, walk.nextHopAt - 3) + toHex(bytes, walk.nextHopAt + 4)).toBe(canonical);
        expect(toHex(bytes, walk.nextHopAt, walk.nextHopAt + 4)).toBe('0a000001');
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no NEXT_HOP', good.origin],
    ['NEXT_HOP twice', good.nextHop + good.nextHop],
    ['NEXT_HOP of 5', '4003050a00000100'],
    ['NEXT_HOP as c0', 'c003040a000001'],
    ['out of order', good.nextHop + good.origin],
    ['a long header for a short value', `${good.nextHop}d00800 0400010002`],
    ['MP_REACH_NLRI', good.nextHop + good.mpReach],
    ['AS4_PATH', `${good.nextHop}c01100`],
    ['cut short', `${good.nextHop}c0080400`],
  ])('%s is not canonical', (_name, wire) => {
    const bytes = hex(wire);
    expect(new FastWalk().locate(bytes, 0, bytes.length)).toBe(false);
  });
});
