/**
 * A policy definition compiled to closures. Terms in order; a term whose conditions all hold applies its `set`
 * and then accepts, rejects or goes on to the next; what no term decided, `default` decides. Conditions see the
 * attributes as earlier terms left them, but always the next hop that came.
 */
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import { type AsPathPattern, compileAsPathPattern } from './as-path-pattern.ts';
import { matchesCommunity } from './community.ts';
import type { CompiledPolicy, PolicyRoute, PolicyVerdict } from './contract.ts';
import type { PolicyDefinition, PolicyMatch, PolicyTerm, PrefixRange } from './definition.ts';
import { compileEdit, type Edit } from './edits.ts';
import { policyKey } from './policy-key.ts';
import { PrefixSet } from './prefix-set.ts';

/** `attributes` are those that earlier terms made. */
type Condition = (route: PolicyRoute, attributes: PathAttributes) => boolean;

interface CompiledTerm {
  readonly term: PolicyTerm;
  readonly conditions: readonly Condition[];
  readonly edit: Edit | undefined;
}

/** Throws for an AS path pattern that is none and a `*` in communities to be put on: config/ has checked them. */
export function compilePolicy(definition: PolicyDefinition): CompiledPolicy {
  // All are compiled, so that an error in a term that is never reached is an error too.
  const terms = reachable(definition.terms.map(compileTerm));
  const constant = constantOf(terms, definition.default);
  const uses = (field: keyof PolicyMatch) =>
    constant === undefined && terms.some(({ term }) => term.match[field] !== undefined);
  return {
    name: definition.name,
    key:
      constant ??
      policyKey(
        terms.map(({ term }) => term),
        definition.default,
      ),
    usesPrefix: uses('prefixes'),
    usesFamily: uses('families'),
    usesNextHop: uses('nextHops'),
    usesPeer: uses('peers'),
    setsPeerNextHop: constant === undefined && terms.some(({ term }) => setsPeer(term)),
    constant,
    evaluate: (route) => evaluate(terms, definition.default, route),
  };
}

function compileTerm(term: PolicyTerm): CompiledTerm {
  return { term, conditions: compileMatch(term.match), edit: compileEdit(term.set) };
}

function setsPeer({ set, then: verdict }: PolicyTerm): boolean {
  return set.nextHop === 'peer' && verdict !== 'reject';
}

/** Without terms that cannot fit or do nothing, and without all behind the first that decides every route. */
function reachable(terms: readonly CompiledTerm[]): readonly CompiledTerm[] {
  const live = terms.filter(
    (each) => canFit(each.term.match) && (each.term.then !== 'next' || changes(each)),
  );
  const last = live.findIndex(({ term, conditions }) => conditions.length === 0 && term.then !== 'next');
  return last < 0 ? live : live.slice(0, last + 1);
}

/** One element of a list has to fit: of an empty list none does. */
function canFit(match: PolicyMatch): boolean {
  return Object.values(match).every((list: readonly unknown[] | undefined) => list?.length !== 0);
}

function changes({ term, edit }: CompiledTerm): boolean {
  return edit !== undefined || term.set.nextHop !== undefined;
}

/** The verdict of a policy that has only one and never touches what it accepts. */
function constantOf(
  terms: readonly CompiledTerm[],
  otherwise: 'accept' | 'reject',
): 'accept' | 'reject' | undefined {
  const last = terms.at(-1);
  const decidesAll = last !== undefined && last.conditions.length === 0;
  const verdicts = new Set(terms.map(({ term }) => term.then).filter((verdict) => verdict !== 'next'));
  if (!decidesAll || last.term.then === 'next') verdicts.add(otherwise);
  if (!verdicts.has('accept')) return 'reject';
  return verdicts.has('reject') || terms.some(changes) ? undefined : 'accept';
}

function evaluate(
  terms: readonly CompiledTerm[],
  otherwise: 'accept' | 'reject',
  route: PolicyRoute,
): PolicyVerdict {
  let attributes = route.attributes;
  let nextHop: PolicyTerm['set']['nextHop'];
  for (const { term, conditions, edit } of terms) {
    if (!holdAll(conditions, route, attributes)) continue;
    if (term.then === 'reject') return { accept: false, term: term.name };
    if (edit !== undefined) attributes = edit(attributes);
    nextHop = term.set.nextHop ?? nextHop;
    if (term.then === 'accept') return { accept: true, term: term.name, attributes, nextHop };
  }
  if (otherwise === 'reject') return { accept: false, term: 'default' };
  return { accept: true, term: 'default', attributes, nextHop };
}

function holdAll(conditions: readonly Condition[], route: PolicyRoute, attributes: PathAttributes): boolean {
  for (const condition of conditions) if (!condition(route, attributes)) return false;
  return true;
}

/** The cheap ones first. */
function compileMatch(match: PolicyMatch): readonly Condition[] {
  const conditions: Condition[] = [];
  const { families, origins, peers, nextHops, prefixes, communities, asPath } = match;
  if (families) conditions.push((route) => families.includes(route.family));
  if (origins) conditions.push((_, attributes) => origins.includes(attributes.origin));
  if (peers) conditions.push(({ peer }) => peer !== undefined && peers.some((each) => each.equals(peer)));
  if (nextHops) {
    const set = new PrefixSet(nextHops.map(anywhereIn));
    conditions.push(({ nextHop: { bytes } }) => set.has(bytes, bytes.length * 8));
  }
  if (prefixes) {
    const set = new PrefixSet(prefixes);
    conditions.push(({ prefixBytes, prefixLength }) => set.has(prefixBytes, prefixLength));
  }
  if (communities) {
    conditions.push((_, attributes) => communities.some((pattern) => matchesCommunity(pattern, attributes)));
  }
  if (asPath) {
    const patterns = asPath.map(compiledPattern);
    conditions.push((_, attributes) => patterns.some((pattern) => pattern.matches(attributes.asPath)));
  }
  return conditions;
}

function anywhereIn(prefix: PrefixRange['prefix']): PrefixRange {
  return { prefix, minLength: prefix.length, maxLength: prefix.address.bytes.length * 8 };
}

function compiledPattern(text: string): AsPathPattern {
  const pattern = compileAsPathPattern(text);
  if ('error' in pattern) throw new Error(`AS path pattern ${text}: ${pattern.error}`);
  return pattern;
}
