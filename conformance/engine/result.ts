// What a run leaves behind: one record per execution, and the run's own facts. Written as JSON, read by diff and matrix.

import type { Level } from './case.ts';
import { harmless, type Verdict } from './verdict.ts';

export interface CaseResult {
  /** `RFC7606-7.8-02/e1-v4-repl` */
  readonly execution: string;
  readonly row: string;
  readonly rfc: string;
  readonly title: string;
  readonly level: Level;
  readonly profile: string;
  readonly verdict: Verdict;
  readonly expected: string;
  readonly observed: string;
  /** A crash that the list of known deviations has. */
  readonly listed?: true;
  readonly durationMs: number;
  readonly seed: number;
  /** Directory with the transcript and the rest, if one was written. */
  readonly evidence: string | undefined;
  /** The command that repeats this one execution. */
  readonly repeat: string;
}

export interface RunReport {
  readonly format: 1;
  readonly target: string;
  readonly version: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly results: readonly CaseResult[];
}

export function countVerdicts(results: readonly CaseResult[]): Readonly<Partial<Record<Verdict, number>>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

/** Nothing of this fails a run. */
export const isExpected = (result: CaseResult): boolean =>
  harmless.has(result.verdict) || (result.verdict === 'crash' && result.listed === true);
