/** A RoutePolicy in the language of heliod's policies: each rule a term that decides. Pure. */
import type { RoutePolicyRule } from './resources.ts';

/** As it is stored, or as it comes in. */
type Rule = Pick<RoutePolicyRule, 'match' | 'action'> & { readonly set?: object | undefined };

/** Not written in place: an object literal with a `then` looks like a promise to tools. */
const verdict = 'then';

export function policyTerms(rules: readonly Rule[]): readonly object[] {
  return rules.map(({ match, set, action }) => ({
    match,
    ...(set === undefined ? {} : { set }),
    [verdict]: action === 'allow' ? 'accept' : 'reject',
  }));
}
