// Known deviations of a target: rows that are expected to fail, strict both ways.
//
// A listed row that passes is `xpass`, a listed row that fails in another way than recorded stays `fail`; both fail the
// run, so that the list stays true. Only an entry that says `sometimes` lets a pass pass.

import type { Outcome } from './verdict.ts';

export interface KnownDeviation {
  /** Execution name; a trailing `*` matches any rest. */
  readonly execution: string;
  /** Version prefix the entry is about, `8.4` for instance. */
  readonly versions: string;
  readonly kind: 'bug' | 'choice' | 'unsupported' | 'config' | 'crash';
  /** A part of the observed sentence. */
  readonly observed: string;
  readonly why: string;
  /** Where it was reported; empty if it was not yet. */
  readonly reference: string;
  /** It depends on the moment: a pass is no surprise. */
  readonly sometimes?: true;
}

/** Ids take their variants in; `*` stands for anything, `[3-9]` for one character. */
export const matches = (pattern: string, name: string): boolean => patternOf(pattern).test(name);

const patterns = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.split(/(\*|\[[^\]]+\])/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith('[') ? part : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  const variants = pattern.includes('*') ? '' : '(/.*)?';
  const fresh = new RegExp(`^${source.join('')}${variants}$`);
  patterns.set(pattern, fresh);
  return fresh;
}

/**
 * The outcome in the light of the list. Several entries may be about one execution: a failure must look like one of
 * them. A crash stays a crash; one that is listed only does not fail the run a second time.
 */
export function applyKnown(
  outcome: Outcome,
  execution: string,
  version: string,
  list: readonly KnownDeviation[],
): Outcome {
  const entries = list.filter((one) => matches(one.execution, execution) && version.startsWith(one.versions));
  const [first] = entries;
  if (first === undefined) return outcome;
  if (outcome.verdict === 'pass') {
    if (entries.some((one) => one.sometimes === true)) return outcome;
    const observed = `${outcome.observed}; listed as a known deviation: ${first.why}`;
    return { ...outcome, verdict: 'xpass', observed };
  }
  const seen = entries.find((one) => outcome.observed.includes(one.observed));
  if (seen === undefined) return outcome;
  if (outcome.verdict === 'crash' && seen.kind === 'crash') return { ...outcome, listed: true };
  if (outcome.verdict !== 'fail' || seen.kind === 'crash') return outcome;
  return { ...outcome, verdict: 'xfail', observed: `${outcome.observed} (known: ${seen.why})` };
}
