// The options of `run`: read, and refused with what would do instead.

import { parseArgs } from 'node:util';
import type { Level } from '../engine/case.ts';

const settings = {
  target: { type: 'string', default: 'heliod' },
  case: { type: 'string', multiple: true },
  rfc: { type: 'string', multiple: true },
  level: { type: 'string', multiple: true },
  workers: { type: 'string', default: '4' },
  patience: { type: 'string', default: '5' },
  seed: { type: 'string', default: '1' },
  fast: { type: 'boolean', default: false },
  slow: { type: 'boolean', default: false },
  evidence: { type: 'string' },
  'evidence-all': { type: 'boolean', default: false },
  tap: { type: 'string' },
  junit: { type: 'string' },
  json: { type: 'string' },
  address: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '179' },
  profile: { type: 'string', default: 'P0' },
  network: { type: 'string' },
  has: { type: 'string', multiple: true },
  wait: { type: 'string', default: '60' },
  'keep-work': { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  reports: { type: 'string', default: 'reports/conformance' },
  matrix: { type: 'string', default: 'docs/conformance/matrix.md' },
} as const;

const levels: readonly Level[] = ['MUST', 'SHOULD', 'MAY', 'RECORD', 'ROBUST'];

/** What each number may be at least and at most. */
const numbers = {
  workers: [1, 64],
  patience: [0.1, 600],
  seed: [0, 0xffffffff],
  port: [1, 65535],
  wait: [0, 86_400],
} as const;

export function parse(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options: settings, strict: true });
  for (const [name, [least, most]] of Object.entries(numbers)) {
    const word = values[name as keyof typeof numbers];
    const value = Number(word);
    const whole = name === 'patience' || Number.isInteger(value);
    if (word.trim() === '' || !whole || !(value >= least && value <= most))
      throw new Error(`--${name} wants a number from ${least} to ${most}, not ${word}`);
  }
  for (const word of values.level ?? [])
    if (!levels.some((level) => level === word.toUpperCase()))
      throw new Error(`no level ${word}; levels: ${levels.join(', ')}`);
  if (values.fast && values.slow) throw new Error('--fast and --slow exclude each other');
  return values;
}

/** What `run` was asked for. */
export type RunValues = ReturnType<typeof parse>;
