import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyKey, ipv4Unicast, ipv6Unicast, supportedFamilies } from '../../src/net/family.ts';
import { Prefix } from '../../src/net/prefix.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { encodePrefix } from '../../src/wire/nlri/ip-prefix.ts';
import type { NlriRow } from '../../src/wire/nlri/row.ts';
import { checkNlriRun, forEachNlri } from '../../src/wire/nlri/run.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import { ipv4Text, ipv6Text } from './support/arbitraries.ts';
import { hex } from './support/messages.ts';

const ipv4 = nlriRow(ipv4Unicast) as NlriRow;
const ipv6 = nlriRow(ipv6Unicast) as NlriRow;

it('every family that can be configured has a row, others have none', () => {
  expect(supportedFamilies.map((family) => nlriRow(family)?.family)).toEqual(supportedFamilies);
  expect(nlriRow(familyKey(25, 70))).toBeUndefined();
});

describe('vectors', () => {
  it.each([
    [ipv4, '0.0.0.0/0', '00'],
    [ipv4, '10.0.0.0/8', '080a'],
    [ipv4, '10.128.0.0/9', '090a80'],
    [ipv4, '192.0.2.0/24', '18c00002'],
    [ipv4, '10.40.0.1/32', '200a280001'],
    [ipv6, '::/0', '00'],
    [ipv6, '2001:db8::/32', '2020010db8'],
    [ipv6, '2001:db8::1/128', '8020010db8000000000000000000000001'],
  ])('$0.name %s', (row, text, wire) => {
    const bytes = hex(`ff${wire}ff`);
    expect(toHex(row.parse(text) as Uint8Array)).toBe(wire);
    expect(row.format(bytes, 1)).toBe(text);
    expect(row.wireLength(bytes, 1, bytes.length)).toBe(wire.length / 2);
  });

  it('bits beyond the length are shown as zero, never read from the next octets', () => {
    expect(ipv4.format(hex('14 0a281f ff'), 0)).toBe('10.40.16.0/20');
    expect(ipv6.format(hex('01 ff ff'), 0)).toBe('8000::/1');
    expect(toHex(encodePrefix(Prefix.parse('10.40.31.0/20') as Prefix))).toBe('140a2810');
  });

  it.each([
    [ipv4, '10.0.0.1/8'],
    [ipv4, '10.0.0.0/33'],
    [ipv4, '2001:db8::/32'],
    [ipv4, '10.0.0.0'],
    [ipv4, ''],
    [ipv6, '10.0.0.0/8'],
    [ipv6, '2001:db8::1/64'],
    [ipv6, '2001:db8::/129'],
  ])('$0.name refuses %j', (row, text) => {
    expect(row.parse(text)).toBeUndefined();
  });
});

describe('a field of NLRI (RFC 7606 §5.3, RFC 7911 §3)', () => {
  it.each([
    ['nothing', ipv4, '', false, 0],
    ['two', ipv4, '080a 18c00002', false, 2],
    ['/33', ipv4, '2100000000 00', false, -1],
    ['/129', ipv6, `81${'00'.repeat(17)}`, false, -1],
    ['cut short', ipv4, '18c000', false, -1],
    ['path identifiers', ipv4, '00000001 080a 00000001 00', true, 2],
    ['path identifier cut short', ipv4, '000001', true, -1],
    ['path identifier alone', ipv4, '00000001', true, -1],
    ['no path identifier where there should be', ipv4, '18c00002', true, -1],
  ])('%s', (_name, row, wire, addPath, count) => {
    const bytes = hex(`${wire}ffffffffff`);
    expect(checkNlriRun(bytes, 0, bytes.length - 5, row, addPath)).toBe(count);
  });

  /** The same count through slices and no offsets. */
  function naive(bytes: Uint8Array, bits: number, addPath: boolean): number {
    let rest = [...bytes];
    let count = 0;
    while (rest.length > 0) {
      if (addPath) {
        if (rest.length < 4) return -1;
        rest = rest.slice(4);
      }
      if (rest.length === 0 || rest[0] > bits) return -1;
      const octets = Math.ceil(rest[0] / 8);
      if (rest.length < 1 + octets) return -1;
      rest = rest.slice(1 + octets);
      count++;
    }
    return count;
  }

  it('is counted as a naive reader counts it', () => {
    const octets = fc.array(fc.oneof(fc.nat(40), fc.nat(255)), { maxLength: 60 });
    let good = 0;
    fc.assert(
      fc.property(octets, fc.boolean(), fc.constantFrom(ipv4, ipv6), (values, addPath, row) => {
        const bytes = Uint8Array.from(values);
        const count = naive(bytes, row.octets * 8, addPath);
        expect(checkNlriRun(bytes, 0, bytes.length, row, addPath)).toBe(count);
        if (count > 1) good++;
        if (count >= 0) {
          let visited = 0;
          forEachNlri(bytes, 0, bytes.length, row, addPath, () => visited++);
          expect(visited).toBe(count);
        }
      }),
      { numRuns: 5000 },
    );
    expect(good).toBeGreaterThan(50);
  });

  it('is visited in order, with path identifiers', () => {
    const bytes = hex('ff fffffffe 080a 00000001 18c00002');
    const seen: unknown[] = [];
    forEachNlri(bytes, 1, bytes.length, ipv4, true, (at, length, pathId) => {
      seen.push([pathId, ipv4.format(bytes, at), length]);
    });
    expect(seen).toEqual([
      [0xfffffffe, '10.0.0.0/8', 2],
      [1, '192.0.2.0/24', 4],
    ]);
    expect(() => forEachNlri(hex('21'), 0, 1, ipv4, false, () => {})).toThrow(RangeError);
  });

  it('any prefix round-trips', () => {
    const each = fc.oneof(fc.tuple(fc.constant(ipv4), ipv4Text), fc.tuple(fc.constant(ipv6), ipv6Text));
    fc.assert(
      fc.property(each, ([row, text]) => {
        const wire = row.parse(text) as Uint8Array;
        expect(row.parse(row.format(wire, 0))).toEqual(wire);
        expect(row.wireLength(wire, 0, wire.length)).toBe(wire.length);
      }),
      { numRuns: 1000 },
    );
  });
});
