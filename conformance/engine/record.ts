// What the runner hands to the evidence writer, and the invariant rows as results of a run.

import { rfcOf } from './case.ts';
import { type InvariantRecord, invariants } from './invariants.ts';
import type { CaseResult } from './result.ts';
import type { Transcript } from './transcript.ts';

export interface Evidence {
  readonly transcript: Transcript;
  readonly configuration: string;
  readonly log: string;
  readonly result: CaseResult;
  readonly target: string;
  readonly version: string;
}

/** One result per invariant row: inconclusive if no message of the run could be judged by it. */
export function invariantResults(record: InvariantRecord, target: string): CaseResult[] {
  return invariants.map((invariant) => {
    const tally = record.tallies.get(invariant.id) ?? { judged: 0, broken: [] };
    const bad = tally.broken.length > 0;
    const shown = tally.broken.slice(0, 5).join('; ');
    return {
      execution: invariant.id,
      row: invariant.id,
      rfc: rfcOf(invariant.id),
      title: invariant.title,
      level: invariant.level,
      profile: 'all',
      verdict: bad ? 'fail' : tally.judged === 0 ? 'inconclusive' : 'pass',
      expected: `${invariant.title}, in every message`,
      observed: bad
        ? `broken by ${tally.broken.length} of ${tally.judged} messages: ${shown}`
        : `${tally.judged} messages judged`,
      durationMs: 0,
      seed: 0,
      evidence: undefined,
      repeat: `helio-conformance run --target ${target}`,
    };
  });
}
