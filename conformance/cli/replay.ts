// `replay`: the execution an evidence directory is about, once more, with the same seed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult } from '../engine/result.ts';
import { playOne } from './run.ts';

export async function replayCommand(args: readonly string[]): Promise<number> {
  const [directory] = args;
  if (directory === undefined) throw new Error('replay wants an evidence directory');
  const text = readFileSync(join(directory, 'result.json'), 'utf8');
  const recorded = JSON.parse(text) as CaseResult & { readonly target: string; readonly version: string };
  const now = await playOne(recorded.target, recorded.execution, recorded.seed);
  process.stdout.write(
    `recorded ${recorded.target} ${recorded.version}: ${recorded.verdict}: ${recorded.observed}\n`,
  );
  process.stdout.write(
    `now      ${now.target} ${now.version}: ${now.result.verdict}: ${now.result.observed}\n`,
  );
  return now.result.verdict === recorded.verdict ? 0 : 1;
}
