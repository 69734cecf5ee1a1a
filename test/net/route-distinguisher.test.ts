import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/net/octets.ts';
import { RouteDistinguisher } from '../../src/net/route-distinguisher.ts';
import { formatRouteTarget, isRouteTarget, RouteTarget } from '../../src/net/route-target.ts';

/** Text, RD octets, route target octets (RFC 4364 §4.2, RFC 4360 §3, RFC 5668 §2). */
const table = [
  ['65000:100', '0000fde800000064', '0002fde800000064'],
  ['0:0', '0000000000000000', '0002000000000000'],
  ['65535:4294967295', '0000ffffffffffff', '0002ffffffffffff'],
  ['192.0.2.1:7', '0001c00002010007', '0102c00002010007'],
  ['0.0.0.0:65535', '000100000000ffff', '010200000000ffff'],
  ['4200000000:7', '0002fa56ea000007', '0202fa56ea000007'],
  ['65536:1', '0002000100000001', '0202000100000001'],
  ['65000L:7', '00020000fde80007', '02020000fde80007'],
] as const;

describe('route distinguishers and route targets', () => {
  it.each(table)('%s', (text, rd, target) => {
    const distinguisher = RouteDistinguisher.parse(text);
    expect(distinguisher && toHex(distinguisher.bytes)).toBe(rd);
    expect(String(distinguisher)).toBe(text);
    const routeTarget = RouteTarget.parse(text);
    expect(routeTarget?.hex).toBe(target);
    expect(String(routeTarget)).toBe(text);
    expect(RouteTarget.parse(`rt:${text}`)?.equals(routeTarget as RouteTarget)).toBe(true);
    expect(JSON.stringify([distinguisher, routeTarget])).toBe(JSON.stringify([text, text]));
  });

  it.each([
    '',
    ':',
    '65000',
    '65000:',
    ':1',
    '65000:4294967296',
    '65536:65536',
    '65000L:65536',
    '4294967296:1',
    '192.0.2.1:65536',
    '192.0.2:1',
    '2001:db8::1:1',
    '01:1',
    '1:01',
    '-1:1',
    '1:1:1',
    ' 1:1',
    '0x00',
  ])('%j is neither', (text) => {
    expect(RouteDistinguisher.parse(text)).toBeUndefined();
    expect(RouteTarget.parse(text)).toBeUndefined();
  });

  it('every eight octets have a text that is read back', () => {
    const octets = fc.uint8Array({ minLength: 8, maxLength: 8 });
    const known = fc
      .tuple(octets, fc.integer({ min: 0, max: 3 }))
      .map(([bytes, type]) => Uint8Array.of(0, type, ...bytes.subarray(2)));
    fc.assert(
      fc.property(fc.oneof(octets, known), (bytes) => {
        const rd = RouteDistinguisher.fromBytes(bytes);
        const again = RouteDistinguisher.parse(String(rd));
        expect(again && toHex(again.bytes)).toBe(toHex(bytes));
        expect(again?.equals(rd)).toBe(true);
      }),
    );
  });

  it('a community of another kind is no route target, and is shown as octets', () => {
    expect(isRouteTarget(Uint8Array.of(0, 3, 0, 1, 0, 0, 0, 1), 0)).toBe(false);
    expect(isRouteTarget(Uint8Array.of(3, 2, 0, 1, 0, 0, 0, 1), 0)).toBe(false);
    expect(formatRouteTarget(Uint8Array.of(9, 0, 3, 0, 1, 0, 0, 0, 1), 1)).toBe('0x0003000100000001');
    expect(formatRouteTarget(Uint8Array.of(9, 0, 2, 0, 1, 0, 0, 0, 1), 1)).toBe('1:1');
  });

  it('refuses what is too short', () => {
    expect(() => RouteDistinguisher.fromBytes(new Uint8Array(9), 2)).toThrow(RangeError);
  });
});
