import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import { formatPrefix, Prefix } from '../../src/net/prefix.ts';

const prefixOf = (octets: 4 | 16) =>
  fc
    .tuple(fc.uint8Array({ minLength: octets, maxLength: octets }), fc.nat(octets * 8))
    .map(([bytes, length]) => new Prefix(IpAddress.fromBytes(bytes), length));
const anyPrefix = fc.oneof(prefixOf(4), prefixOf(16));

/** The bits of an address as text: what all of this is about, without a mask in sight. */
function bits(address: IpAddress): string {
  return [...address.bytes].map((octet) => octet.toString(2).padStart(8, '0')).join('');
}

const read = (text: string) => Prefix.parse(text) ?? expect.fail(text);

describe('text', () => {
  test.each(['0.0.0.0/0', '10.0.0.0/8', '192.0.2.1/32', '10.0.0.1/8', '::/0', '2001:db8::/32', '::1/128'])(
    '%s',
    (text) => {
      expect(String(Prefix.parse(text))).toBe(text);
      expect(JSON.stringify([Prefix.parse(text)])).toBe(JSON.stringify([text]));
    },
  );

  test.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    '10.0.0.0/1e1',
    '10.0.0/8',
    '/8',
    '::/129',
    '::/1000',
    '',
  ])('%j is no prefix', (text) => {
    expect(Prefix.parse(text)).toBeUndefined();
  });

  test('of octets is the text of the value', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const { bytes } = prefix.address;
        expect(formatPrefix(bytes, 0, bytes.length, prefix.length)).toBe(String(prefix));
        expect(read(String(prefix)).equals(prefix)).toBe(true);
      }),
    );
  });
});

test.each([-1, 33, 1.5, Number.NaN])('%s is no length', (length) => {
  expect(() => new Prefix(IpAddress.fromUint32(0), length)).toThrow(RangeError);
});

describe('bits', () => {
  test('masking clears those behind the length and no others', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const before = bits(prefix.address);
        const cleared = before.slice(0, prefix.length).padEnd(before.length, '0');
        expect(bits(prefix.masked().address)).toBe(cleared);
        expect(prefix.masked().length).toBe(prefix.length);
        expect(prefix.hasHostBits).toBe(before !== cleared);
        expect(prefix.masked().hasHostBits).toBe(false);
      }),
    );
  });

  test('a prefix holds what begins with its bits', () => {
    const near = anyPrefix.chain((prefix) => {
      const { bytes } = prefix.address;
      // A neighbour that differs in one bit, close to the end of the prefix.
      const other = fc.tuple(fc.nat(bytes.length * 8 - 1), fc.nat(bytes.length * 8)).map(([bit, length]) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] ^= 0x80 >> (bit & 7);
        return new Prefix(IpAddress.fromBytes(flipped), length);
      });
      return fc.tuple(fc.constant(prefix), fc.oneof(other, anyPrefix));
    });
    fc.assert(
      fc.property(near, ([prefix, other]) => {
        const same =
          prefix.version === other.version &&
          bits(other.address).startsWith(bits(prefix.address).slice(0, prefix.length));
        expect(prefix.contains(other.address)).toBe(same);
        expect(prefix.contains(other)).toBe(same && other.length >= prefix.length);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.255.0.0/16', true],
    ['10.0.0.0/8', '10.0.0.0/7', false],
    ['0.0.0.0/0', '::/0', false],
    ['::/0', '2001:db8::/32', true],
    ['192.0.2.128/25', '192.0.2.0/25', false],
  ])('%s holds %s: %s', (outer, inner, held) => {
    expect(read(outer).contains(read(inner))).toBe(held);
  });
});

test('equal prefixes have the same bits and length', () => {
  expect(read('10.0.0.0/8').equals(read('10.0.0.0/8'))).toBe(true);
  expect(read('10.0.0.0/8').equals(read('10.0.0.0/9'))).toBe(false);
  expect(read('0.0.0.0/0').equals(read('::/0'))).toBe(false);
});
