// What a case can come to, and the three ways its body says so (CaseFailure, Inconclusive, Unsupported).
//
// Any other exception is a fault of the harness (`error`); the death of the target (`crash`) outranks every verdict.

export type Verdict =
  | 'pass'
  | 'fail'
  | 'xfail'
  | 'xpass'
  | 'skip-unsupported'
  | 'skip-unconfigurable'
  | 'inconclusive'
  | 'error'
  | 'crash';

export const verdicts: readonly Verdict[] = [
  'pass',
  'fail',
  'xfail',
  'xpass',
  'skip-unsupported',
  'skip-unconfigurable',
  'inconclusive',
  'error',
  'crash',
];

/** Verdicts after which a run may still exit 0. */
export const harmless: ReadonlySet<Verdict> = new Set([
  'pass',
  'xfail',
  'skip-unsupported',
  'skip-unconfigurable',
]);

/** The target did something else than the standard asks. */
export class CaseFailure extends Error {
  readonly expected: string;
  readonly observed: string;
  constructor(expected: string, observed: string) {
    super(`expected ${expected}; observed ${observed}`);
    this.expected = expected;
    this.observed = observed;
  }
}

/** A precondition or a positive control did not hold, so the case proves nothing either way. */
export class Inconclusive extends Error {}

/** The target does not have the feature, as it showed on the wire. */
export class Unsupported extends Error {}

export interface Outcome {
  readonly verdict: Verdict;
  readonly expected: string;
  readonly observed: string;
  /** A crash that the list of known deviations has. */
  readonly listed?: true;
}
