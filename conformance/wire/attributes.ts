// Path attributes as octets (RFC 4271 §4.3 and the RFCs named below), each flag, type and length open to falsification.
//
// Owns no rule of which attribute goes where: the case decides.

import { address, type Family, ipv4 } from './address.ts';
import { type Bytes, concat, u8, u16, u32 } from './bytes.ts';

export const ORIGIN = 1;
export const AS_PATH = 2;
export const NEXT_HOP = 3;
export const MED = 4;
export const LOCAL_PREF = 5;
export const ATOMIC_AGGREGATE = 6;
export const AGGREGATOR = 7;
export const COMMUNITIES = 8;
export const ORIGINATOR_ID = 9;
export const CLUSTER_LIST = 10;
export const MP_REACH = 14;
export const MP_UNREACH = 15;
export const EXTENDED_COMMUNITIES = 16;
export const AS4_PATH = 17;
export const AS4_AGGREGATOR = 18;
export const LARGE_COMMUNITIES = 32;

export interface AttributeOverride {
  readonly length?: number;
  readonly flags?: number;
}

/** One attribute; the Extended Length bit of `flags` decides how wide its length is written. */
export function attribute(
  flags: number,
  type: number,
  value: Bytes,
  override: AttributeOverride = {},
): Bytes {
  const wanted = override.flags ?? flags;
  const bits = value.length > 255 ? wanted | 0x10 : wanted;
  const length = override.length ?? value.length;
  return concat(u8(bits), u8(type), bits & 0x10 ? u16(length) : u8(length), value);
}

export const AS_SET = 1;
export const AS_SEQUENCE = 2;
export const CONFED_SEQUENCE = 3;
export const CONFED_SET = 4;

export interface Segment {
  readonly type: number;
  readonly asns: readonly number[];
}

/** A path as cases write it: a plain list is one AS_SEQUENCE, an empty list an empty path. */
export type Path = readonly number[] | readonly Segment[];

export const sequence = (...asns: readonly number[]): Segment => ({ type: AS_SEQUENCE, asns });
/** Inside a confederation (RFC 5065 §3). */
export const confederate = (...asns: readonly number[]): Segment => ({ type: CONFED_SEQUENCE, asns });
export const set = (...asns: readonly number[]): Segment => ({ type: AS_SET, asns });

export function segmentsOf(path: Path): readonly Segment[] {
  if (path.length === 0) return [];
  const isSegments = (p: Path): p is readonly Segment[] => typeof p[0] === 'object';
  return isSegments(path) ? path : [{ type: AS_SEQUENCE, asns: path }];
}

export function pathBytes(path: Path, width: 2 | 4): Bytes {
  const number = width === 4 ? u32 : (asn: number) => u16(asn > 0xffff ? 23456 : asn);
  return concat(
    ...segmentsOf(path).map((s) =>
      concat(u8(s.type), u8(s.asns.length), ...s.asns.map((asn) => number(asn))),
    ),
  );
}

export const origin = (value: number): Bytes => attribute(0x40, ORIGIN, u8(value));
export const asPath = (path: Path, width: 2 | 4 = 4): Bytes =>
  attribute(0x40, AS_PATH, pathBytes(path, width));
export const as4Path = (path: Path): Bytes => attribute(0xc0, AS4_PATH, pathBytes(path, 4));
export const nextHop = (text: string): Bytes => attribute(0x40, NEXT_HOP, address(text));
export const med = (value: number): Bytes => attribute(0x80, MED, u32(value));
export const localPref = (value: number): Bytes => attribute(0x40, LOCAL_PREF, u32(value));
export const atomicAggregate = (): Bytes => attribute(0x40, ATOMIC_AGGREGATE, new Uint8Array());
export const aggregator = (asn: number, id: string, width: 2 | 4 = 4): Bytes =>
  attribute(0xc0, AGGREGATOR, concat(width === 4 ? u32(asn) : u16(asn > 0xffff ? 23456 : asn), ipv4(id)));
export const as4Aggregator = (asn: number, id: string): Bytes =>
  attribute(0xc0, AS4_AGGREGATOR, concat(u32(asn), ipv4(id)));

/** RFC 1997 communities as 32-bit numbers. */
export const communities = (...values: readonly number[]): Bytes =>
  attribute(0xc0, COMMUNITIES, concat(...values.map(u32)));
/** `community(65001, 7)` is 65001:7. */
export const community = (asn: number, value: number): number => asn * 0x10000 + value;
export const NO_EXPORT = 0xffffff01;
export const NO_ADVERTISE = 0xffffff02;
export const NO_EXPORT_SUBCONFED = 0xffffff03;
export const GRACEFUL_SHUTDOWN = 0xffff0000;
export const BLACKHOLE = 0xffff029a;

export const originatorId = (id: string): Bytes => attribute(0x80, ORIGINATOR_ID, ipv4(id));
export const clusterList = (...ids: readonly string[]): Bytes =>
  attribute(0x80, CLUSTER_LIST, concat(...ids.map(ipv4)));
export const extendedCommunities = (...values: readonly Bytes[]): Bytes =>
  attribute(0xc0, EXTENDED_COMMUNITIES, concat(...values));
export const largeCommunities = (...values: readonly (readonly [number, number, number])[]): Bytes =>
  attribute(0xc0, LARGE_COMMUNITIES, concat(...values.map(([a, b, c]) => concat(u32(a), u32(b), u32(c)))));

/** RFC 4760 §3: AFI, SAFI, next hop with its length octet, one reserved octet, NLRI. */
export function mpReachValue(afi: number, safi: number, hop: Bytes, nlri: Bytes, reserved = 0): Bytes {
  return concat(u16(afi), u8(safi), u8(hop.length), hop, u8(reserved), nlri);
}
export const mpReach = (afi: number, safi: number, hop: Bytes, nlri: Bytes): Bytes =>
  attribute(0x80, MP_REACH, mpReachValue(afi, safi, hop, nlri));
export const mpUnreach = (afi: number, safi: number, nlri: Bytes): Bytes =>
  attribute(0x80, MP_UNREACH, concat(u16(afi), u8(safi), nlri));

export const safiUnicast = 1;
export const defaultNextHop = (family: Family): string => (family === 'v4' ? '10.9.0.11' : '2001:db8:9::11');

/** RFC 7311 §3: one TLV of type 1 with the metric in 8 octets. */
export const aigp = (metric: number): Bytes =>
  attribute(0x80, 26, concat(u8(1), u16(11), new Uint8Array(4), u32(metric)));
