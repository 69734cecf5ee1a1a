import { describe, expect, test } from 'vitest';
import {
  Afi,
  afiOf,
  familyKey,
  formatFamily,
  ipv4Unicast,
  ipv6Unicast,
  parseFamily,
  Safi,
  safiOf,
  supportedFamilies,
} from '../../src/net/family.ts';

describe('families', () => {
  test.each([
    [Afi.ipv4, Safi.unicast, ipv4Unicast, 'ipv4-unicast'],
    [Afi.ipv6, Safi.unicast, ipv6Unicast, 'ipv6-unicast'],
  ])('AFI %i SAFI %i', (afi, safi, key, name) => {
    expect(familyKey(afi, safi)).toBe(key);
    expect(formatFamily(key)).toBe(name);
    expect(parseFamily(name)).toBe(key);
  });

  test('every pair the wire can carry has a key of its own that gives it back', () => {
    for (const [afi, safi] of [
      [0, 0],
      [1, 255],
      [2, 0],
      [25, 70],
      [16388, 71],
      [65535, 255],
    ]) {
      const key = familyKey(afi, safi);
      expect([afiOf(key), safiOf(key)]).toEqual([afi, safi]);
    }
  });

  test('a pair without a name is shown by its numbers; a name without a pair is none', () => {
    expect(formatFamily(familyKey(16388, 71))).toBe('afi 16388 safi 71');
    expect(parseFamily('ipv5-unicast')).toBeUndefined();
    expect(parseFamily('')).toBeUndefined();
  });

  test('the supported ones have names', () => {
    expect(supportedFamilies.map(formatFamily)).toEqual([
      'ipv4-unicast',
      'ipv6-unicast',
      'vpnv4-unicast',
      'vpnv6-unicast',
      'route-target',
    ]);
  });
});
