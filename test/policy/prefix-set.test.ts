import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Prefix } from '../../src/net/prefix.ts';
import type { PrefixRange } from '../../src/policy/definition.ts';
import { PrefixSet } from '../../src/policy/prefix-set.ts';
import { prefix, range } from './samples.ts';

/** What a range means, one after the other. */
function naive(ranges: readonly PrefixRange[], asked: Prefix): boolean {
  return ranges.some(
    ({ prefix: own, minLength, maxLength }) =>
      own.contains(asked) && asked.length >= minLength && asked.length <= maxLength,
  );
}

const holds = (set: PrefixSet, asked: Prefix) => set.has(asked.address.bytes, asked.length);

/** Few distinct bits, so that prefixes meet, nest and repeat. */
const anyPrefix = fc
  .record({
    octets: fc.constantFrom(4 as const, 16 as const),
    bits: fc.array(fc.constantFrom(0, 0x80, 0xc0, 0x01, 0xff), { minLength: 16, maxLength: 16 }),
    length: fc.nat(128),
  })
  .map(({ octets, bits, length }) => {
    const bytes = Uint8Array.from(bits.slice(0, octets));
    return new Prefix(IpAddress.fromBytes(bytes), length % (octets * 8 + 1));
  });

const anyRange = fc
  .tuple(anyPrefix, fc.nat(128), fc.nat(128), fc.boolean())
  .map(([own, a, b, keepsHostBits]): PrefixRange => {
    const room = own.address.bytes.length * 8 - own.length + 1;
    const minLength = own.length + (a % room);
    const maxLength = minLength + (b % (own.address.bytes.length * 8 - minLength + 1));
    return { prefix: keepsHostBits ? own : own.masked(), minLength, maxLength };
  });

/** Asks near the ranges: inside and beside each of them, one bit shorter and longer. */
function questions(ranges: readonly PrefixRange[]): readonly Prefix[] {
  return ranges.flatMap(({ prefix: own, minLength, maxLength }) => {
    const most = own.address.bytes.length * 8;
    const lengths = [own.length, minLength - 1, minLength, maxLength, maxLength + 1, most];
    return lengths.filter((n) => n >= 0 && n <= most).map((n) => new Prefix(own.address, n).masked());
  });
}

describe('a prefix set', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.1.0.0/16', false],
    ['10.0.0.0/8 8 24', '10.1.0.0/16', true],
    ['10.0.0.0/8 8 24', '10.1.1.0/25', false],
    ['10.0.0.0/8 16 24', '10.0.0.0/8', false],
    ['10.0.0.0/8 16 24', '11.0.0.0/16', false],
    // A range whose lengths begin below its own prefix holds nothing outside it.
    ['10.0.0.0/16 8 24', '10.0.0.0/8', false],
    ['0.0.0.0/0 0 32', '255.255.255.255/32', true],
    ['0.0.0.0/0 0 0', '0.0.0.0/0', true],
    ['0.0.0.0/0 0 32', '::/0', false],
    ['::/0 0 128', '0.0.0.0/0', false],
    ['2001:db8::/32 32 48', '2001:db8:ffff::/48', true],
    ['2001:db8::/32 32 48', '2001:db9::/48', false],
    ['2001:db8:0:0:8000::/65 65 128', '2001:db8::8000:0:0:1/128', true],
    ['2001:db8:0:0:8000::/65 65 128', '2001:db8::7000:0:0:1/128', false],
  ])('%s holds %s: %s', (own, asked, held) => {
    expect(holds(new PrefixSet([range(own)]), prefix(asked))).toBe(held);
  });

  test('without ranges holds nothing, and families without prefixes are in none', () => {
    expect(holds(new PrefixSet([]), prefix('10.0.0.0/8'))).toBe(false);
    expect(new PrefixSet([range('0.0.0.0/0 0 32'), range('::/0 0 128')]).has(new Uint8Array(0), 0)).toBe(
      false,
    );
  });

  test('answers as looking at each range would', () => {
    fc.assert(
      fc.property(
        fc.array(anyRange, { maxLength: 40 }),
        fc.array(anyPrefix, { maxLength: 20 }),
        (ranges, any) => {
          const set = new PrefixSet(ranges);
          for (const asked of [...any, ...questions(ranges)]) {
            expect(holds(set, asked), String(asked)).toBe(naive(ranges, asked));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of 100,000 ranges answers a million questions while a naive list would answer a few', () => {
    const own = (i: number) =>
      new Prefix(IpAddress.fromUint32(Math.imul(i, 0x9e3779b1) >>> 0), 12 + (i % 13)).masked();
    const ranges = Array.from({ length: 100_000 }, (_, i): PrefixRange => {
      const { length } = own(i);
      return { prefix: own(i), minLength: length, maxLength: Math.min(32, length + 2) };
    });
    const set = new PrefixSet(ranges);
    const sampled = Array.from({ length: 40 }, (_, i) => new Prefix(own(i * 2503).address, 24));
    for (const asked of sampled) expect(holds(set, asked)).toBe(naive(ranges, asked));
    let held = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const { prefix: asked, maxLength } = ranges[i % ranges.length];
      if (set.has(asked.address.bytes, maxLength)) held++;
    }
    expect(held).toBe(1_000_000);
  });
});
