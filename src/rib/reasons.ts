/**
 * Reasons, never booleans: why a route takes no part in the decision, and which step decided.
 * Each has a small code for the columns and words for the operator.
 */

/** Codes of `FamilyRib.reason`; 0 means eligible. */
export const ineligibleReasons = [
  'eligible',
  'as-loop', //                   RFC 4271 §9.1.2: our AS is in the AS_PATH
  'own-originator-id', //         RFC 4456 §8
  'own-cluster-id', //            RFC 4456 §8
  'next-hop-unreachable', //      RFC 4271 §9.1.2.1
  'next-hop-self', //             RFC 4271 §5.1.3: the next hop is one of our own addresses
  'next-hop-martian', //          not a host address
  'import-policy', //             rejected by the peer's import policy
  'no-import-policy', //          RFC 8212: external peer without one
  'first-as', //                  RFC 4271 §6.3: leftmost AS is not the peer's
  'missing-next-hop',
  'next-hop-off-link', //         RFC 4271 §6.3: not in a subnet we share with an external peer one hop away
] as const;

export type IneligibleReason = Exclude<(typeof ineligibleReasons)[number], 'eligible'>;

export function ineligibleCode(reason: IneligibleReason): number {
  return ineligibleReasons.indexOf(reason);
}

/** RFC 4271 §9.1.2.2 with RFC 4456 §9, in order; the index is the code in `FamilyRib.decidedBy`. */
export const decisionReasons = [
  'none', //                 no candidate
  'only-path',
  'llgr-stale', //           RFC 9494 §4.3: least preferred
  'local-pref',
  'locally-originated',
  'as-path-length',
  'origin',
  'med',
  'external',
  'igp-cost',
  'oldest-external',
  'router-id',
  'cluster-list-length',
  'peer-address',
  'path-id',
] as const;

export type DecisionReason = (typeof decisionReasons)[number];
