// Known deviations of a target: rows that are expected to fail, strict both ways.
//
// A listed row that passes is `xpass`, a listed row that fails in another way than recorded stays `fail`; both fail the
// run, so that the list stays true.

import type { Outcome } from './verdict.ts';

export interface KnownDeviation {
  /** Execution name; a trailing `*` matches any rest. */
  readonly execution: string;
  /** Version prefix the entry is about, `8.4` for instance. */
  readonly versions: string;
  readonly kind: 'bug' | 'choice' | 'unsupported' | 'config';
  /** A part of the observed sentence. */
  readonly observed: string;
  readonly why: string;
  /** Where it was reported; empty if it was not yet. */
  readonly reference: string;
}

export function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name || name.startsWith(`${pattern}/`);
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}

export function applyKnown(
  outcome: Outcome,
  execution: string,
  version: string,
  list: readonly KnownDeviation[],
): Outcome {
  const entry = list.find((one) => matches(one.execution, execution) && version.startsWith(one.versions));
  if (entry === undefined) return outcome;
  if (outcome.verdict === 'pass')
    return {
      ...outcome,
      verdict: 'xpass',
      observed: `${outcome.observed}; listed as a known deviation: ${entry.why}`,
    };
  if (outcome.verdict !== 'fail') return outcome;
  if (!outcome.observed.includes(entry.observed)) return outcome;
  return { ...outcome, verdict: 'xfail', observed: `${outcome.observed} (known: ${entry.why})` };
}
