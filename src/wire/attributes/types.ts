/** Path attribute type codes and flag bits (RFC 4271 §4.3; IANA "BGP Path Attributes"). */

export const attributeTypes = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  largeCommunities: 32,
} as const;

/** The high four bits of the flags octet; the low four are unused and ignored (RFC 4271 §4.3). */
export const AttributeFlags = {
  optional: 0x80,
  transitive: 0x40,
  partial: 0x20,
  extendedLength: 0x10,
} as const;

export const wellKnown: number = AttributeFlags.transitive;
export const optionalTransitive: number = AttributeFlags.optional | AttributeFlags.transitive;
export const optionalNonTransitive: number = AttributeFlags.optional;

/** RFC 6793 §9: stands for a number over 65535 where only two octets are there. */
export const asTrans = 23456;

/** AS_PATH segment types (RFC 4271 §4.3, RFC 5065 §3). */
export const SegmentType = { set: 1, sequence: 2, confedSequence: 3, confedSet: 4 } as const;
