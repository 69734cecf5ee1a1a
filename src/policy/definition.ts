/**
 * Policies as data: what `config/` compiles text into and `policy/evaluate.ts` compiles into closures.
 * Ordered terms; the first whose `match` holds and whose `then` is final decides; else `default`.
 */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Origin } from '../wire/attributes/path-attributes.ts';

/** `10.0.0.0/8 ge 16 le 24`. Without ge and le: exactly this prefix. */
export interface PrefixRange {
  readonly prefix: Prefix;
  readonly minLength: number;
  readonly maxLength: number;
}

/**
 * One community, or a pattern of them: `65000:100`, `65000:*`, `*:666`, `large:65000:1:*`, `rt:65000:100`,
 * `soo:...`, or a well-known name (`no-export`). A `*` part is `undefined`.
 */
export type CommunityPattern =
  | { readonly kind: 'standard'; readonly parts: readonly (number | undefined)[] } // 2 parts of 16 bits
  | { readonly kind: 'large'; readonly parts: readonly (number | undefined)[] } //    3 parts of 32 bits
  | { readonly kind: 'extended'; readonly hex: string }; //                           16 hex digits

/** All conditions that are given must hold; within a list one is enough. */
export interface PolicyMatch {
  readonly prefixes?: readonly PrefixRange[];
  readonly communities?: readonly CommunityPattern[];
  /** Text of the limited pattern language (`_64500_`, `^65001 .* 65002$`), checked by `compileAsPathPattern`. */
  readonly asPath?: readonly string[];
  readonly nextHops?: readonly Prefix[];
  readonly peers?: readonly IpAddress[];
  readonly origins?: readonly Origin[];
  readonly families?: readonly FamilyKey[];
}

export interface PolicySet {
  readonly localPref?: number;
  /** `null` removes it. */
  readonly med?: number | null;
  readonly addCommunities?: readonly CommunityPattern[];
  readonly removeCommunities?: readonly CommunityPattern[];
  /** Replaces all communities of all kinds. */
  readonly replaceCommunities?: readonly CommunityPattern[];
  /** AS numbers put before the path, first one first. */
  readonly prepend?: readonly number[];
  readonly origin?: Origin;
  readonly nextHop?: IpAddress | 'self' | 'peer';
}

export interface PolicyTerm {
  readonly name: string;
  readonly match: PolicyMatch;
  readonly set: PolicySet;
  /** `next`: apply `set` and go on with the next term. */
  readonly then: 'accept' | 'reject' | 'next';
}

export interface PolicyDefinition {
  readonly name: string;
  readonly terms: readonly PolicyTerm[];
  readonly default: 'accept' | 'reject';
}

export const acceptAll: PolicyDefinition = { name: 'accept-all', terms: [], default: 'accept' };
export const rejectAll: PolicyDefinition = { name: 'reject-all', terms: [], default: 'reject' };
