import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/wire/bytes.ts';
import { Cursor } from '../../src/wire/cursor.ts';
import { Writer } from '../../src/wire/writer.ts';
import { thrown } from './support/messages.ts';

type Item = { readonly width: 1 | 2 | 4; readonly value: number } | { readonly octets: Uint8Array };

const anyItem: fc.Arbitrary<Item> = fc.oneof(
  fc.nat(0xff).map((value) => ({ width: 1 as const, value })),
  fc.nat(0xffff).map((value) => ({ width: 2 as const, value })),
  fc.nat(0xffffffff).map((value) => ({ width: 4 as const, value })),
  fc.uint8Array({ maxLength: 40 }).map((octets) => ({ octets })),
);

describe('Writer and Cursor', () => {
  it('read back what was written, from any first capacity', () => {
    fc.assert(
      fc.property(fc.array(anyItem), fc.integer({ min: 1, max: 9 }), (items, capacity) => {
        const writer = new Writer(capacity);
        for (const item of items) {
          if ('octets' in item) writer.append(item.octets);
          else
            ({
              1: () => writer.u8(item.value),
              2: () => writer.u16(item.value),
              4: () => writer.u32(item.value),
            })[item.width]();
        }
        const bytes = writer.finish();
        const cursor = new Cursor(bytes, 0, bytes.length, 2, 0);
        for (const item of items) {
          if ('octets' in item) expect(cursor.take(item.octets.length)).toEqual(item.octets);
          else
            expect({ 1: () => cursor.u8(), 2: () => cursor.u16(), 4: () => cursor.u32() }[item.width]()).toBe(
              item.value,
            );
        }
        expect(cursor.remaining).toBe(0);
      }),
    );
  });

  it('patches only what was written', () => {
    const writer = new Writer();
    writer.u32(0);
    writer.patchU16(1, 0xabcd);
    expect(toHex(writer.finish())).toBe('00abcd00');
    expect(() => writer.patchU16(3, 1)).toThrow(RangeError);
  });

  it('reads inside its bounds only, a part of a larger buffer too', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6).subarray(1, 5);
    const cursor = new Cursor(bytes, 1, 3, 2, 4);
    expect(cursor.u16()).toBe(0x0304);
    expect(thrown(() => cursor.u8())).toBe('2/4');
    expect(thrown(() => new Cursor(bytes, 0, 99, 1, 2).take(5))).toBe('1/2');
    const parent = new Cursor(bytes, 0, 4, 2, 0);
    const child = parent.sub(2);
    expect([child.remaining, parent.remaining]).toEqual([2, 2]);
    expect(thrown(() => child.u32())).toBe('2/0');
  });
});

describe('hexadecimal', () => {
  it('round-trips', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });
  it.each(['0', '0g', ' 00'])('%j is none', (text) => {
    expect(fromHex(text)).toBeUndefined();
  });
});
