import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, formatUint32, IpAddress } from '../../src/net/ip-address.ts';

const octets = (length: 4 | 16) => fc.uint8Array({ minLength: length, maxLength: length });
/** Mostly zeros, so that runs of zero groups of every length and place come up. */
const sparse = fc
  .array(fc.constantFrom(0, 0, 0, 1, 0xff, 0x1000, 0xabcd), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])));
const anyIpv6 = fc.oneof(octets(16), sparse);
const anyAddress = fc.oneof(octets(4), anyIpv6).map((bytes) => IpAddress.fromBytes(bytes));

/** RFC 5952 by another hand: the platform's URL serialiser, which knows no dotted quads. */
function urlText(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

describe('text', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['8000::', '8000::'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001:0000', '2001:db8::1:0'],
    // RFC 5952 §4.2.2: one zero group is not shortened.
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    // RFC 5952 §4.2.3: the longest run, the first of equals.
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:1::', '0:0:1::'],
    // RFC 5952 §5
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
  ])('%s is shown as %s', (text, canonical) => {
    expect(String(IpAddress.parse(text))).toBe(canonical);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '010.0.0.1',
    '0x1.2.3.4',
    '1.2.3.256',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.4/32',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    '00001::',
    '::g',
    '[::1]',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1/128',
  ])('%j is no address', (text) => {
    expect(IpAddress.parse(text)).toBeUndefined();
  });

  test('IPv6 is shown as RFC 5952 wants it', () => {
    fc.assert(
      fc.property(anyIpv6, (bytes) => {
        const mapped = bytes.subarray(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
        fc.pre(!mapped);
        expect(formatAddress(bytes, 0, 16)).toBe(urlText(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('what is shown is read back as the same octets, wherever they lay', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(5), ({ bytes }, at) => {
        const around = new Uint8Array(at + bytes.length + 3).fill(0xee);
        around.set(bytes, at);
        const text = formatAddress(around, at, bytes.length);
        expect(IpAddress.parse(text)?.bytes).toEqual(bytes);
        const address = IpAddress.fromBytes(around, at, bytes.length);
        expect(JSON.stringify({ address })).toBe(JSON.stringify({ address: text }));
      }),
    );
  });

  test('any text is an address or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcf.:/% ') }), (text) => {
        const address = IpAddress.parse(text);
        if (address !== undefined) expect(IpAddress.parse(String(address))?.equals(address)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('32-bit numbers', () => {
  test('become dotted quads and come back', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (value) => {
        const address = IpAddress.fromUint32(value);
        expect(address.toUint32()).toBe(value);
        expect(formatUint32(value)).toBe(String(address));
      }),
    );
  });

  test('of an IPv6 address are its first four octets', () => {
    expect(IpAddress.parse('ffff:fffe::')?.toUint32()).toBe(0xfffffffe);
  });
});

describe('order', () => {
  test('is total, IPv4 first, and equals only where the octets are equal', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, anyAddress, (a, b, c) => {
        const sorted = [a, b, c].sort((x, y) => x.compare(y));
        expect(sorted[0].compare(sorted[2])).toBeLessThanOrEqual(0);
        expect(Math.sign(a.compare(b))).toBe(0 - Math.sign(b.compare(a)));
        expect(a.equals(b)).toBe(String(a) === String(b));
        if (a.version < b.version) expect(a.compare(b)).toBeLessThan(0);
      }),
    );
  });

  test.each([
    ['9.255.255.255', '10.0.0.0'],
    ['255.255.255.255', '::'],
    ['::ffff', '::1:0'],
  ])('%s before %s', (first, second) => {
    const [a, b] = [first, second].map((text) => IpAddress.parse(text) ?? expect.fail(text));
    expect(a.compare(b)).toBeLessThan(0);
  });
});

describe('octets', () => {
  test('are copied', () => {
    const bytes = Uint8Array.of(9, 10, 0, 0, 1);
    const address = IpAddress.fromBytes(bytes, 1);
    bytes.fill(0);
    expect(String(address)).toBe('10.0.0.1');
  });

  test.each([
    [3, 0, 3],
    [8, 0, undefined],
    [4, 2, 4],
    [16, 1, undefined],
    [20, -1, 4],
  ])('%i octets hold no address at %i of length %s', (size, at, length) => {
    expect(() => IpAddress.fromBytes(new Uint8Array(size), at, length)).toThrow(RangeError);
  });
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::fffe:192.0.2.1', '::fffe:c000:201'],
  ['1::ffff:192.0.2.1', '1::ffff:c000:201'],
  ['10.0.0.1', '10.0.0.1'],
])('%s unmapped is %s', (text, unmapped) => {
  expect(String(IpAddress.parse(text)?.unmapped())).toBe(unmapped);
});
