import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatCommunity,
  formatCommunityPattern,
  formatExtendedCommunity,
  formatLargeCommunity,
  matchesCommunity,
  parseCommunityPattern,
  wellKnownCommunityNames,
} from '../../src/policy/community.ts';
import type { CommunityPattern } from '../../src/policy/definition.ts';
import { community, plainAttributes } from './samples.ts';

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const eightOctets = fc
  .oneof(
    fc.uint8Array({ minLength: 8, maxLength: 8 }),
    // Route targets and origins of every administrator, small AS numbers in four octets included.
    fc
      .tuple(fc.constantFrom(0, 1, 2, 3, 0x40), fc.constantFrom(2, 3, 4), u16, u16, u16)
      .map(([type, sub, ...words]) => Uint8Array.of(type, sub, ...words.flatMap((w) => [w >> 8, w & 255]))),
    fc
      .tuple(fc.constantFrom(2, 3), u16, u16)
      .map(([sub, a, b]) => Uint8Array.of(2, sub, 0, 0, a >> 8, a & 255, b >> 8, b & 255)),
  )
  .map((bytes) => [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join(''));

describe('what is read', () => {
  test.each<[string, CommunityPattern]>([
    ['65000:100', { kind: 'standard', parts: [65000, 100] }],
    ['0:0', { kind: 'standard', parts: [0, 0] }],
    ['65000:*', { kind: 'standard', parts: [65000, undefined] }],
    ['*:666', { kind: 'standard', parts: [undefined, 666] }],
    ['*:*', { kind: 'standard', parts: [undefined, undefined] }],
    ['65000:1:2', { kind: 'large', parts: [65000, 1, 2] }],
    ['large:4294967295:1:*', { kind: 'large', parts: [4294967295, 1, undefined] }],
    // RFC 4360 §3.1, RFC 5668 §2, RFC 4360 §3.2
    ['rt:65000:100', { kind: 'extended', hex: '0002fde800000064' }],
    ['RT:65000:4294967295', { kind: 'extended', hex: '0002fde8ffffffff' }],
    ['rt:65536:100', { kind: 'extended', hex: '0202000100000064' }],
    ['rt:65000L:100', { kind: 'extended', hex: '02020000fde80064' }],
    ['rt:192.0.2.1:7', { kind: 'extended', hex: '0102c00002010007' }],
    ['soo:65000:1', { kind: 'extended', hex: '0003fde800000001' }],
    ['0x030B000000000064', { kind: 'extended', hex: '030b000000000064' }],
    ['no-export', { kind: 'standard', parts: [65535, 0xff01] }],
    ['NO_EXPORT', { kind: 'standard', parts: [65535, 0xff01] }],
  ])('%s', (text, pattern) => {
    expect(parseCommunityPattern(text)).toEqual(pattern);
  });

  test.each([
    '',
    '65000',
    '65536:1',
    '1:65536',
    '01:1',
    '-1:1',
    '1:2:3:4',
    '1:2:4294967296',
    'large:1:2',
    'large:1:2:3:4',
    'rt:65000',
    'rt:65000:*',
    'rt:65536:65536',
    'rt:4294967296:1',
    'rt:192.0.2.1:65536',
    'rt:192.0.2.256:1',
    'rt:192.0.2:1',
    'rt:1:2:3',
    '0x030b',
    '0x030b00000000006g',
    'no export',
    'no-exports',
    ' 65000:1',
    '65000:1 ',
    'constructor',
  ])('%j is no community', (text) => {
    expect(parseCommunityPattern(text)).toBeUndefined();
  });
});

/** IANA "BGP Well-known Communities", written down again. */
test.each([
  ['graceful-shutdown', '65535:0'],
  ['accept-own', '65535:1'],
  ['llgr-stale', '65535:6'],
  ['no-llgr', '65535:7'],
  ['blackhole', '65535:666'],
  ['no-export', '65535:65281'],
  ['no-advertise', '65535:65282'],
  ['no-export-subconfed', '65535:65283'],
  ['no-peer', '65535:65284'],
])('%s is %s', (name, numbers) => {
  expect(community(name)).toEqual(community(numbers));
  const [high, low] = numbers.split(':').map(Number);
  expect(formatCommunity(high * 65536 + low)).toBe(name);
  expect(wellKnownCommunityNames).toContain(name);
});

describe('what is shown is read as the same', () => {
  test('standard', () => {
    fc.assert(
      fc.property(fc.oneof(u32, fc.integer({ min: 0xffff0000, max: 0xffffffff })), (value) => {
        expect(community(formatCommunity(value))).toEqual({
          kind: 'standard',
          parts: [value >>> 16, value & 0xffff],
        });
      }),
    );
  });

  test('large', () => {
    fc.assert(
      fc.property(fc.tuple(u32, u32, u32), (parts) => {
        expect(community(formatLargeCommunity(parts))).toEqual({ kind: 'large', parts });
      }),
    );
  });

  test('extended', () => {
    fc.assert(
      fc.property(eightOctets, (hex) => {
        expect(community(formatExtendedCommunity(hex))).toEqual({ kind: 'extended', hex });
      }),
      { numRuns: 2000 },
    );
  });

  test('patterns', () => {
    const part = (number: fc.Arbitrary<number>) => fc.option(number, { nil: undefined });
    const anyPattern: fc.Arbitrary<CommunityPattern> = fc.oneof(
      fc.record({ kind: fc.constant('standard' as const), parts: fc.tuple(part(u16), part(u16)) }),
      fc.record({ kind: fc.constant('large' as const), parts: fc.tuple(part(u32), part(u32), part(u32)) }),
      fc.record({ kind: fc.constant('extended' as const), hex: eightOctets }),
    );
    fc.assert(
      fc.property(anyPattern, (pattern) => {
        expect(community(formatCommunityPattern(pattern))).toEqual(pattern);
      }),
      { numRuns: 1000 },
    );
  });

  test('octets without a name stay octets', () => {
    expect(formatExtendedCommunity('030c000000000008')).toBe('0x030c000000000008');
    expect(formatExtendedCommunity('4002fde800000064')).toBe('0x4002fde800000064');
  });
});

describe('a pattern fits', () => {
  const attributes = {
    ...plainAttributes,
    communities: [65000 * 65536 + 100, 0xffffff01],
    largeCommunities: [[65000, 1, 2]] as const,
    extendedCommunities: ['0002fde800000064'],
  };

  test.each([
    ['65000:100', true],
    ['65000:101', false],
    ['65000:*', true],
    ['*:100', true],
    ['*:101', false],
    ['65001:*', false],
    ['*:*', true],
    ['no-export', true],
    ['no-advertise', false],
    ['65000:1:2', true],
    ['65000:*:2', true],
    ['65000:*:3', false],
    ['*:*:*', true],
    ['rt:65000:100', true],
    ['rt:65000L:100', false],
    ['soo:65000:100', false],
  ])('%s: %s', (text, fits) => {
    expect(matchesCommunity(community(text), attributes)).toBe(fits);
    expect(matchesCommunity(community(text), plainAttributes)).toBe(false);
  });
});
