import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decimal } from '../../src/net/decimal.ts';

it.each([0, 9, 9999, 10_000, 10_001, 19_999, 65_535, 99_999_999, 100_000_000, 4_294_967_295])(
  '%d',
  (value) => {
    expect(decimal(value)).toBe(String(value));
  },
);

it('is what everybody else writes, whatever was written before', () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 31 - 1 }), (value) => decimal(value) === String(value)));
});
