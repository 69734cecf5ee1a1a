// The options of `run`.

import { parseArgs } from 'node:util';

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
  'keep-work': { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  reports: { type: 'string', default: 'reports/conformance' },
  matrix: { type: 'string', default: 'docs/conformance/matrix.md' },
} as const;

export const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: settings, strict: true }).values;

/** What `run` was asked for. */
export type RunValues = ReturnType<typeof parse>;
