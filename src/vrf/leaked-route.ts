/**
 * A route on its way from one instance to another: octets, since ids mean nothing outside their instance. Attributes
 * leave behind what belongs to the routing domain they come from.
 */
import type { FamilyKey } from '../net/family.ts';
import type { AttributesId, PathId } from '../rib/ids.ts';
import { decodePathAttributes } from '../wire/attributes/decode-attributes.ts';
import { encodePathAttributes } from '../wire/attributes/encode-attributes.ts';
import type { LeakingInstance } from './leaking-instance.ts';

export interface LeakedRoute {
  /** Of the RIB it goes to. */
  readonly family: FamilyKey;
  /** NLRI key. */
  readonly key: Uint8Array;
  /** Tells apart several routes of one key and source: equal prefixes with several route distinguishers. */
  readonly pathId: number;
  /** `undefined`: it is withdrawn. */
  readonly path: LeakedPath | undefined;
}

export interface LeakedPath {
  /** Canonical. */
  readonly attributes: Uint8Array;
  /** 4 or 16 octets; none for a route that the other instance originates itself. */
  readonly nextHop: Uint8Array;
  /** A label field, 0 for none. */
  readonly label: number;
}

/** Is it a route target? RFC 4360 §4, as extended communities are kept in attributes. */
function isTarget(hex: string): boolean {
  return /^0[0-2]02/.test(hex);
}

export function targetsOf(extendedCommunities: readonly string[] | undefined): readonly string[] {
  return (extendedCommunities ?? []).filter(isTarget);
}

/** Extended communities of a set, 16 hexadecimal digits each. */
export function extendedCommunitiesOf(instance: LeakingInstance, set: AttributesId): readonly string[] {
  return decode(instance, set).extendedCommunities ?? [];
}

/**
 * The attributes of a set with these route targets and no others: what a customer puts on his routes must not carry
 * them into the VPN of somebody else. RFC 4456 §8: ORIGINATOR_ID and CLUSTER_LIST mean nothing outside their AS.
 */
export function attributesWithTargets(
  instance: LeakingInstance,
  set: AttributesId,
  targets: readonly string[],
): Uint8Array {
  const { originatorId: _o, clusterList: _c, extendedCommunities, ...rest } = decode(instance, set);
  const kept = [...(extendedCommunities ?? []).filter((each) => !isTarget(each)), ...targets];
  return encodePathAttributes(kept.length === 0 ? rest : { ...rest, extendedCommunities: kept });
}

/** The next hop of a path; RFC 2545 §3: a link-local address stays on its link. */
export function nextHopOf({ tables }: LeakingInstance, path: PathId): Uint8Array {
  const bytes = tables.nextHops.get(tables.paths.nextHop[path])?.bytes;
  return bytes === undefined ? new Uint8Array(0) : bytes.slice(0, Math.min(bytes.length, 16));
}

function decode({ tables: { attributes } }: LeakingInstance, set: AttributesId) {
  const at = attributes.offsetOf(set);
  return decodePathAttributes(attributes.chunkOf(set), at, at + attributes.lengthOf(set));
}
