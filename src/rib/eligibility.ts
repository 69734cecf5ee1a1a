/**
 * What happens to a path between Adj-RIB-In and decision (RFC 4271 §9.1.2, RFC 4456 §8): is it usable at all?
 * Looks at the path only, never at the destination, so that the answer can be kept per path.
 * Import policy comes after this, in `speaker/`.
 */
import { AttributeFlag, type AttributeTable } from './attribute-table.ts';
import { clusterListHas, countAs } from './attribute-walk.ts';
import type { PathId } from './ids.ts';
import type { NextHopTable } from './next-hop-table.ts';
import type { PathTable } from './path-table.ts';
import { type IneligibleReason, ineligibleCode } from './reasons.ts';

/** The subnets an external peer one hop away shares with us. */
export interface Link {
  /** The same for the same subnets. */
  readonly key: string;
  readonly has: (nextHop: Uint8Array) => boolean;
}

export interface EligibilityRules {
  readonly localAs: number;
  /** RFC 4456 §7. */
  readonly clusterId: number;
  readonly routerId: number;
  readonly allowOwnAs: number;
  readonly external: boolean;
  /** The peer's AS when the first AS of the path must be it; 0 otherwise. */
  readonly firstAs: number;
  /** Is this one of our own addresses on the sessions of this instance? */
  readonly isOwnAddress: (bytes: Uint8Array) => boolean;
  /** Where next hops must be (RFC 4271 §6.3); anywhere where undefined. */
  readonly link: Link | undefined;
}

export interface PathTables {
  readonly attributes: AttributeTable;
  readonly nextHops: NextHopTable;
  readonly paths: PathTable;
}

/** 0 when the path may take part in the decision, otherwise the code of the reason. */
export function eligibilityOf(tables: PathTables, path: PathId, rules: EligibilityRules): number {
  const reason = ineligibleReasonOf(tables, path, rules);
  return reason === undefined ? 0 : ineligibleCode(reason);
}

function ineligibleReasonOf(
  { attributes, nextHops, paths }: PathTables,
  path: PathId,
  rules: EligibilityRules,
): IneligibleReason | undefined {
  const set = paths.attributes[path];
  // RFC 4271 §9.1.2: a route whose AS_PATH holds the local AS is excluded.
  if (countAs(attributes, set, rules.localAs) > rules.allowOwnAs) return 'as-loop';
  if (rules.firstAs !== 0 && attributes.neighborAs[set] !== rules.firstAs) return 'first-as';
  const flags = attributes.flags[set];
  // RFC 4456 §8: ignore a route that carries the own BGP Identifier as ORIGINATOR_ID ...
  if (flags & AttributeFlag.hasOriginatorId && attributes.originatorId[set] === rules.routerId)
    return 'own-originator-id';
  // ... or the own CLUSTER_ID in its CLUSTER_LIST.
  if (clusterListHas(attributes, set, rules.clusterId)) return 'own-cluster-id';
  const nextHop = nextHops.get(paths.nextHop[path]);
  if (nextHop === undefined) return undefined;
  if (isMartian(nextHop.bytes)) return 'next-hop-martian';
  // RFC 4271 §5.1.3: a speaker must not use a route whose next hop is itself.
  if (rules.isOwnAddress(nextHop.bytes)) return 'next-hop-self';
  if (rules.link !== undefined && !rules.link.has(nextHop.bytes)) return 'next-hop-off-link';
  return nextHop.reachable ? undefined : 'next-hop-unreachable';
}

/** RFC 4271 §6.3: a next hop must be a valid host address; 0/8, 127/8 and classes D, E are none. */
function isMartian(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 0 || bytes[0] === 127 || bytes[0] >= 224;
  if (bytes[0] === 0xff) return true;
  for (let i = 0; i < 15; i++) if (bytes[i] !== 0) return false;
  return bytes[15] <= 1;
}
