/**
 * Rules of a RoutePolicy, as the gateways will read them: what heliod would refuse is refused before it is stored. Asks
 * heliod's own configuration room; knows nothing of the language itself.
 */
import { loadTenant } from '../config/load-tenant.ts';
import { policyTerms } from '../controller/policy-terms.ts';

export interface RuleProblem {
  /** Within the rules: `[0, 'match', 'prefixes', 1]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A tenant that has nothing but the policy. */
const bearer = { name: 'tenant', asn: 1, routerId: '0.0.0.1' };

export function ruleProblems(rules: Parameters<typeof policyTerms>[0]): readonly RuleProblem[] {
  const document = { ...bearer, policies: [{ name: 'policy', terms: policyTerms(rules) }] };
  const loaded = loadTenant(JSON.stringify(document), 'policy', { hostName: 'controller' }, []);
  if (loaded.ok) return [];
  return loaded.problems.map(({ path, message }) => ({ path: within(path), message }));
}

/** `policies.0.terms.2.match.asPath.0` is `2.match.asPath.0` of the rules. */
function within(path: string): readonly (string | number)[] {
  const keys = path.split('.').slice(3);
  return keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
