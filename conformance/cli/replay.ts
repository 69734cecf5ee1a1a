// `replay`: the execution an evidence directory is about, once more, with the same seed.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariants } from '../engine/invariants.ts';
import type { CaseResult } from '../engine/result.ts';
import { playOne } from './run.ts';

type Recorded = CaseResult & { readonly target: string; readonly version: string };

function recordedIn(directory: string): Recorded {
  const file = join(directory, 'result.json');
  if (!existsSync(file)) throw new Error(`${directory} is no evidence directory: it has no result.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded;
}

/** Exit code 1 if the verdict is another one now. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const [directory] = args;
  if (directory === undefined || args.length > 1)
    throw new Error('one evidence directory is wanted: replay evidence/bird/RFC4271-6.1-01');
  const recorded = recordedIn(directory);
  if (recorded.target === 'manual')
    throw new Error(
      `a router is not started from here; the recorded command plays it again:\n${recorded.repeat}`,
    );
  if (invariants.some(({ id }) => id === recorded.execution))
    throw new Error(
      `${recorded.execution} is judged in every case; it was broken in this one first:\n${recorded.repeat}`,
    );
  const now = await playOne(recorded.target, recorded.execution, recorded.seed);
  process.stdout.write(
    `recorded ${recorded.target} ${recorded.version}: ${recorded.verdict}: ${recorded.observed}\n`,
  );
  process.stdout.write(
    `now      ${now.target} ${now.version}: ${now.result.verdict}: ${now.result.observed}\n`,
  );
  return now.result.verdict === recorded.verdict ? 0 : 1;
}
