/** A policy ready to run, and what it is asked. `compilePolicy(definition)` in `evaluate.ts` makes it. */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';

/** One route, as the policy sees it. `prefix*` are read only where `usesPrefix`. */
export interface PolicyRoute {
  readonly family: FamilyKey;
  readonly attributes: PathAttributes;
  /** Address octets (4 or 16, zero filled) and length; empty for families that are no prefixes. */
  readonly prefixBytes: Uint8Array;
  readonly prefixLength: number;
  readonly nextHop: IpAddress;
  /** The peer the route came from; `undefined` for routes of our own. */
  readonly peer: IpAddress | undefined;
}

export type PolicyVerdict =
  | { readonly accept: false; readonly term: string }
  | {
      readonly accept: true;
      readonly term: string;
      /** The very same object as came in when nothing was changed. */
      readonly attributes: PathAttributes;
      /** `undefined`: left as it is. */
      readonly nextHop: IpAddress | 'self' | 'peer' | undefined;
    };

export interface CompiledPolicy {
  readonly name: string;
  /** Same definition, same key: decides whether two peers may share an update group. */
  readonly key: string;
  /** The verdict depends on more than the attribute set; where all are false it is remembered per set. */
  readonly usesPrefix: boolean;
  readonly usesFamily: boolean;
  readonly usesNextHop: boolean;
  readonly usesPeer: boolean;
  /** Some term sets the next hop to the peer's own address: then no two peers get the same bytes. */
  readonly setsPeerNextHop: boolean;
  /** `accept-all` and its like: never evaluated at all. */
  readonly constant: 'accept' | 'reject' | undefined;
  evaluate(route: PolicyRoute): PolicyVerdict;
}
