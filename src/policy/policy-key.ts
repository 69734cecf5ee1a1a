/**
 * The key of a policy: equal for policies that do the same to every route, whatever their names and the order in
 * which their conditions are listed. Two peers may then share an update group, and a reload that only renames or
 * reformats moves nobody. A digest of 128 bits, since a policy may hold 100,000 prefixes and keys are compared often;
 * it guards against accidents, not against an operator who wants two of his own policies confused.
 */
import { formatCommunityPattern } from './community.ts';
import type { PolicyMatch, PolicySet, PolicyTerm, PrefixRange } from './definition.ts';

export function policyKey(terms: readonly PolicyTerm[], otherwise: 'accept' | 'reject'): string {
  return digest(JSON.stringify([terms.map(termText), otherwise]));
}

/** The term's name belongs to it: it is what `explain` shows. */
function termText({ name, match, set, then: verdict }: PolicyTerm): readonly unknown[] {
  return [name, matchText(match), setText(set), verdict];
}

function matchText(match: PolicyMatch): readonly unknown[] {
  return [
    anyOrder(match.prefixes, rangeText),
    anyOrder(match.communities, formatCommunityPattern),
    anyOrder(match.asPath, String),
    anyOrder(match.nextHops, String),
    anyOrder(match.peers, String),
    anyOrder(match.origins, String),
    anyOrder(match.families, String),
  ];
}

/** `null` for what is absent, which is not the same as an empty list. */
function setText(set: PolicySet): readonly unknown[] {
  return [
    set.localPref ?? null,
    set.med === null ? 'none' : (set.med ?? null),
    anyOrder(set.addCommunities, formatCommunityPattern),
    anyOrder(set.removeCommunities, formatCommunityPattern),
    anyOrder(set.replaceCommunities, formatCommunityPattern),
    set.prepend ?? [],
    set.origin ?? null,
    set.nextHop === undefined ? null : String(set.nextHop),
  ];
}

function rangeText({ prefix, minLength, maxLength }: PrefixRange): string {
  return `${prefix} ${minLength} ${maxLength}`;
}

function anyOrder<Item>(
  items: readonly Item[] | undefined,
  text: (item: Item) => string,
): readonly string[] | null {
  return items === undefined ? null : [...new Set(items.map(text))].sort();
}

/** Four multiplicative lanes of 32 bits over the UTF-16 units, stirred together at the end. */
function digest(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x7f4a7c15;
  let c = 0xf39cc060;
  let d = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995) ^ (a >>> 15);
    c = Math.imul(c + unit, 0x2c1b3c6d) ^ (b >>> 13);
    d = Math.imul(d ^ unit, 0x297a2d39) + (c >>> 16);
  }
  return [a ^ d, b ^ (d >>> 7), c ^ (a << 5), d ^ b].map(stir).join('');
}

function stir(word: number): string {
  const once = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b);
  return ((twice ^ (twice >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
