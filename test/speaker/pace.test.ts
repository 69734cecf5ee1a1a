import { expect, test } from 'vitest';
import { batchSize } from '../../src/export/outbound-batch.ts';
import { Pace } from '../../src/speaker/pace.ts';

const budget = 8;

test('turns grow while they are short and there is more to do', () => {
  const pace = new Pace();
  const first = pace.items;
  pace.took(1, { budget, cut: true });
  expect(pace.items).toBe(first * 2);
  for (let i = 0; i < 20; i++) pace.took(1, { budget, cut: true });
  expect(pace.items).toBe(batchSize);
});

test('a turn that ended for want of work says nothing about a longer one', () => {
  const pace = new Pace();
  const first = pace.items;
  for (let i = 0; i < 20; i++) pace.took(0.01, { budget, cut: false });
  expect(pace.items).toBe(first);
});

test('a turn over its budget halves the next, and one item is never too many', () => {
  const pace = new Pace();
  const first = pace.items;
  pace.took(budget + 1, { budget, cut: false });
  expect(pace.items).toBe(first / 2);
  for (let i = 0; i < 20; i++) pace.took(1000, { budget, cut: true });
  expect(pace.items).toBeGreaterThan(0);
  expect(pace.items).toBeLessThan(first);
});

test('a turn between a third and the whole of its budget is left alone', () => {
  const pace = new Pace();
  const first = pace.items;
  for (let i = 0; i < 20; i++) pace.took(budget / 2, { budget, cut: true });
  expect(pace.items).toBe(first);
});
