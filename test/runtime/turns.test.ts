import { expect, test } from 'vitest';
import { ReadBuffer } from '../../src/runtime/read-buffer.ts';
import { type Turn, Turns } from '../../src/runtime/turns.ts';

class Recorder implements Turn {
  readonly budgets: number[] = [];
  wantsWork = true;
  onRun: () => void = () => {};

  run(budgetMilliseconds: number): void {
    this.budgets.push(budgetMilliseconds);
    this.onRun();
  }
}

/** The round that was asked for before this call is over. */
const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('those with route work share one round', async () => {
  const turns = new Turns();
  const [alone, ...others] = Array.from({ length: 5 }, () => new Recorder());
  turns.ask(alone);
  await round();
  for (const each of [alone, ...others]) turns.ask(each);
  await round();
  expect(alone.budgets[1]).toBeCloseTo(alone.budgets[0] / 5);
  expect(others.map(({ budgets }) => budgets)).toEqual(others.map(() => [alone.budgets[1]]));
});

test('those without take nothing away', async () => {
  const turns = new Turns();
  const busy = new Recorder();
  const quiet = Object.assign(new Recorder(), { wantsWork: false });
  turns.ask(busy);
  await round();
  turns.ask(busy);
  turns.ask(quiet);
  await round();
  expect(busy.budgets[1]).toBe(busy.budgets[0]);
  expect(quiet.budgets).toHaveLength(1);
});

test('asked twice it runs once; asked while it runs, it runs again in the next round', async () => {
  const turns = new Turns();
  const recorder = new Recorder();
  turns.ask(recorder);
  turns.ask(recorder);
  recorder.onRun = () => {
    if (recorder.budgets.length < 3) turns.ask(recorder);
  };
  await round();
  expect(recorder.budgets).toHaveLength(1);
  await round();
  await round();
  expect(recorder.budgets).toHaveLength(3);
});

test('while somebody waits, the rounds are short and reads end early', async () => {
  const turns = new Turns();
  const recorder = new Recorder();
  const budgetOf = async (): Promise<number> => {
    turns.ask(recorder);
    await round();
    return recorder.budgets.at(-1) ?? 0;
  };
  const usual = await budgetOf();
  turns.reads(1000);
  expect(turns.hasReadEnough(1004)).toBe(false);
  turns.hurry();
  expect(turns.hasReadEnough(1004)).toBe(true);
  const hurried = [await budgetOf(), await budgetOf(), await budgetOf()];
  expect(Math.max(...hurried)).toBeLessThan(usual / 2);
  expect(await budgetOf()).toBe(usual);
});

test('cancelled it does not run', async () => {
  const turns = new Turns();
  const recorder = new Recorder();
  turns.ask(recorder);
  turns.cancel(recorder);
  await round();
  expect(recorder.budgets).toEqual([]);
});

test('the time of a poll counts from its first read, whoever reads', async () => {
  const turns = new Turns();
  turns.reads(100);
  expect(turns.hasReadEnough(107)).toBe(false);
  turns.reads(107);
  expect(turns.hasReadEnough(109)).toBe(true);
  turns.ask(new Recorder());
  await round();
  turns.reads(120);
  expect(turns.hasReadEnough(127)).toBe(false);
});

test('reads grow while they are full and quick, and shrink when one took long', () => {
  const buffer = new ReadBuffer();
  const first = buffer.next().length;
  buffer.took(0.1, { filled: false });
  expect(buffer.next()).toHaveLength(first);
  for (let i = 0; i < 20; i++) buffer.took(0.1, { filled: true });
  expect(buffer.next()).toHaveLength(64 * 1024);
  buffer.took(50, { filled: false });
  expect(buffer.next()).toHaveLength(32 * 1024);
  for (let i = 0; i < 20; i++) buffer.took(50, { filled: true });
  expect(buffer.next()).toHaveLength(4 * 1024);
});
