import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nextIncarnation } from '../../src/runtime/incarnation.ts';

let directory = '';
let socket = '';
const noon = 1_800_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  directory = mkdtempSync(join(tmpdir(), 'heliod-incarnation-'));
  socket = join(directory, 'run', 'heliod.sock');
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

it('is the time of day, and grows with each start', () => {
  expect(nextIncarnation(socket)).toBe(noon);
  expect(nextIncarnation(socket)).toBe(noon + 1);
  vi.setSystemTime(noon + 5000);
  expect(nextIncarnation(socket)).toBe(noon + 5000);
});

it('F16: grows also when the clock was set back by an hour', () => {
  nextIncarnation(socket);
  vi.setSystemTime(noon - 3_600_000);
  expect([nextIncarnation(socket), nextIncarnation(socket)]).toEqual([noon + 1, noon + 2]);
});

it.each(['', 'no number', '-5', '1e300'])('of a file that holds %o is the time of day', (text) => {
  nextIncarnation(socket);
  writeFileSync(`${socket}.incarnation`, text);
  expect(nextIncarnation(socket)).toBe(noon);
  expect(readFileSync(`${socket}.incarnation`, 'utf8')).toBe(`${noon}\n`);
});
