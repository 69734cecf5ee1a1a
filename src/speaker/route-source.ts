/**
 * A peer as the RIB sees it: where its routes come from, how they are judged, how many there may be.
 * Lives as long as the peer is configured; `context` changes with each session.
 */
import type { FamilyKey } from '../net/family.ts';
import type { CompiledPolicy } from '../policy/contract.ts';
import type { EligibilityRules } from '../rib/eligibility.ts';
import type { PeerId } from '../rib/ids.ts';
import type { AttributeFault } from '../wire/errors.ts';
import type { AttributeContext } from '../wire/update.ts';
import type { MaxPrefixesSettings } from './settings.ts';

export interface ImportRules {
  readonly eligibility: EligibilityRules;
  /** `undefined` on an external peer: nothing is accepted (RFC 8212). */
  readonly policy: CompiledPolicy | undefined;
  /** RFC 8326: GRACEFUL_SHUTDOWN lowers LOCAL_PREF to 0. */
  readonly gracefulShutdown: boolean;
}

/** Counters of one family of one peer. */
export interface SourceFamily {
  readonly family: FamilyKey;
  maxPrefixes: MaxPrefixesSettings | undefined;
  /** The warning at `warnPercent` (or at the limit) was given for this session. */
  warned: boolean;
  /** The limit was reported for this session. */
  limitReported: boolean;
  endOfRibReceived: boolean;
  endOfRibSent: boolean;
  /** Between BoRR and EoRR of the peer (RFC 7313), until this time; Infinity when no refresh is under way. */
  refreshUntil: number;
  /** RFC 7606 §2 "AFI/SAFI disable": ignored until the session ends. */
  disabled: boolean;
  /** Stale routes are removed at this time unless End-of-RIB came first; Infinity when there are none. */
  staleUntil: number;
}

/** What the RIB tells the owner of a source. */
export interface SourceListener {
  malformed(fault: AttributeFault, action: string): void;
  /** The limit (or the warning mark) was passed. Called once per session and mark. */
  maxPrefixes(family: SourceFamily, count: number, mark: 'warning' | 'limit'): void;
  endOfRib(family: FamilyKey): void;
}

export interface RouteSource {
  readonly id: PeerId;
  rules: ImportRules;
  /** Of the present session. */
  context: AttributeContext;
  readonly families: Map<FamilyKey, SourceFamily>;
  readonly listener: SourceListener;
}

/** From the next route on. What was said of the former limit was not said of this one. */
export function limitTo(state: SourceFamily, limits: MaxPrefixesSettings | undefined): void {
  const before = state.maxPrefixes;
  state.maxPrefixes = limits;
  if (limits?.limit === before?.limit && limits?.action === before?.action) return;
  state.warned = false;
  state.limitReported = false;
}

export function sourceFamily(family: FamilyKey, maxPrefixes: MaxPrefixesSettings | undefined): SourceFamily {
  return {
    family,
    maxPrefixes,
    warned: false,
    limitReported: false,
    endOfRibReceived: false,
    endOfRibSent: false,
    refreshUntil: Number.POSITIVE_INFINITY,
    disabled: false,
    staleUntil: Number.POSITIVE_INFINITY,
  };
}
