import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capacityModel, ceilings, countedKbps, freeKbps } from '../../src/controller/capacity.ts';
import type { GatewayPoolSpec } from '../../src/controller/resources.ts';
import { pool } from './builders.ts';

const model = (spec: Partial<GatewayPoolSpec>) => capacityModel(pool('a', spec).spec) ?? expect.fail();

test('25 Gbit/s: the documented example', () => {
  const share = model({ gatewayCapacityKbps: 25_000_000 });
  expect(share).toEqual({ units: 15_000_000, weight: { IPSEC: 3, GRE: 1, L3: 3 } });
  const load = 2_000_000 * share.weight.IPSEC;
  expect(freeKbps(share, load, 'IPSEC')).toBe(3_000_000);
  expect(freeKbps(share, load, 'GRE')).toBe(9_000_000);
});

test('4 Gbit/s: every ceiling is the total, every weight one', () => {
  expect(model({ gatewayCapacityKbps: 4_000_000 })).toEqual({
    units: 4_000_000,
    weight: { IPSEC: 1, GRE: 1, L3: 1 },
  });
});

test('the profile of 2016 takes shares of the total', () => {
  const { spec } = pool('a', { gatewayCapacityKbps: 10_000_000, capacityProfile: 'ratio2016' });
  expect(ceilings(spec)).toEqual({ IPSEC: 1_500_000, GRE: 2_000_000, L3: 5_000_000 });
});

test('both directions count, or the greater', () => {
  const rates = { inKbps: 300, outKbps: 200 };
  expect(countedKbps(pool('a').spec, rates)).toBe(500);
  expect(countedKbps(pool('a', { accounting: 'max' }).spec, rates)).toBe(300);
});

test('ceilings without a usable common multiple have no model', () => {
  const capacityProfile = { IPSEC: 9_999_991_000, GRE: 9_999_973_000, L3: 9_999_971_000 };
  const { spec } = pool('a', { gatewayCapacityKbps: 10_000_000_000, capacityProfile });
  expect(capacityModel(spec)).toBeUndefined();
});

test('what is said to be free fits, and one more kilobit does not', () => {
  const megabits = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(megabits, megabits, megabits, fc.nat(1000), (ipsec, gre, l3, permille) => {
      const capacityProfile = { IPSEC: ipsec * 1000, GRE: gre * 1000, L3: l3 * 1000 };
      const share = model({ gatewayCapacityKbps: 400_000, capacityProfile });
      const load = Math.floor((share.units * permille) / 1000);
      for (const type of ['IPSEC', 'GRE', 'L3'] as const) {
        expect(Number.isInteger(share.weight[type])).toBe(true);
        const free = freeKbps(share, load, type);
        expect(load + free * share.weight[type]).toBeLessThanOrEqual(share.units);
        expect(load + (free + 1) * share.weight[type]).toBeGreaterThan(share.units);
      }
    }),
  );
});
