/**
 * A policy definition compiled to closures. Terms in order; a term whose conditions all hold applies its `set`
 * and then accepts, rejects or goes on to the next; what no term decided, `default` decides.
 */
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import { type AsPathPattern, compileAsPathPattern } from './as-path-pattern.ts';
import { matchesCommunity } from './community.ts';
import type { CompiledPolicy, PolicyRoute, PolicyVerdict } from './contract.ts';
import type { PolicyDefinition, PolicyMatch, PolicyTerm } from './definition.ts';
import { applySet } from './edits.ts';
import { PrefixSet } from './prefix-set.ts';

/** `attributes` are those that earlier terms made. */
type Condition = (route: PolicyRoute, attributes: PathAttributes) => boolean;

/** Throws for an AS path pattern that `compileAsPathPattern` refuses: config/ has checked them. */
export function compilePolicy(definition: PolicyDefinition): CompiledPolicy {
  const terms = definition.terms.map((term) => ({ term, holds: compileMatch(term.match) }));
  const uses = (field: keyof PolicyMatch) => definition.terms.some((term) => term.match[field] !== undefined);
  return {
    name: definition.name,
    key: JSON.stringify(definition),
    usesPrefix: uses('prefixes'),
    usesNextHop: uses('nextHops'),
    usesPeer: uses('peers'),
    setsPeerNextHop: definition.terms.some((term) => term.set.nextHop === 'peer'),
    constant: constantOf(definition),
    evaluate: (route) => evaluate(definition, terms, route),
  };
}

/** The verdict of a policy that never looks and never touches. */
function constantOf({ terms, default: otherwise }: PolicyDefinition): 'accept' | 'reject' | undefined {
  for (const { match, set, then } of terms) {
    if (Object.values(match).some((condition) => condition !== undefined)) return undefined;
    if (then === 'reject') return 'reject';
    if (Object.values(set).some((edit) => edit !== undefined)) return undefined;
    if (then === 'accept') return 'accept';
  }
  return otherwise;
}

function evaluate(
  definition: PolicyDefinition,
  terms: readonly { readonly term: PolicyTerm; readonly holds: Condition }[],
  route: PolicyRoute,
): PolicyVerdict {
  let attributes = route.attributes;
  let nextHop: PolicyTerm['set']['nextHop'];
  for (const { term, holds } of terms) {
    if (!holds(route, attributes)) continue;
    if (term.then === 'reject') return { accept: false, term: term.name };
    attributes = applySet(attributes, term.set);
    nextHop = term.set.nextHop ?? nextHop;
    if (term.then === 'accept') return { accept: true, term: term.name, attributes, nextHop };
  }
  if (definition.default === 'reject') return { accept: false, term: 'default' };
  return { accept: true, term: 'default', attributes, nextHop };
}

function compileMatch(match: PolicyMatch): Condition {
  const conditions: Condition[] = [];
  const { families, origins, peers, nextHops, prefixes, communities, asPath } = match;
  if (families) conditions.push((route) => families.includes(route.family));
  if (origins) conditions.push((_, attributes) => origins.includes(attributes.origin));
  if (peers) conditions.push(({ peer }) => peer !== undefined && peers.some((p) => p.equals(peer)));
  if (nextHops) conditions.push(({ nextHop }) => nextHops.some((prefix) => prefix.contains(nextHop)));
  if (prefixes) {
    const set = new PrefixSet(prefixes);
    conditions.push(
      ({ prefixBytes, prefixLength }) => prefixBytes.length > 0 && set.has(prefixBytes, prefixLength),
    );
  }
  if (communities) {
    conditions.push((_, attributes) => communities.some((pattern) => matchesCommunity(pattern, attributes)));
  }
  if (asPath) {
    const patterns = asPath.map(compiledPattern);
    conditions.push((_, attributes) => patterns.some((pattern) => pattern.matches(attributes.asPath)));
  }
  return (route, attributes) => conditions.every((condition) => condition(route, attributes));
}

function compiledPattern(text: string): AsPathPattern {
  const pattern = compileAsPathPattern(text);
  if ('error' in pattern) throw new Error(`AS path pattern ${text}: ${pattern.error}`);
  return pattern;
}
