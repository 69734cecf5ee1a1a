/** Canonical attribute bytes to an object: for policy edits, the API and tests. `encode-attributes.ts` goes back. */
import { readU16, readU32, toHex } from '../bytes.ts';
import type { AsPathSegment, Origin, PathAttributes } from './path-attributes.ts';
import { AttributeFlags, attributeTypes } from './types.ts';

/** By wire value (RFC 4271 §5.1.1). */
export const origins: readonly Origin[] = ['igp', 'egp', 'incomplete'];

/** By wire value; 0 is none. */
export const segmentTypes: readonly (AsPathSegment['type'] | undefined)[] = [
  undefined,
  'set',
  'sequence',
  'confed-sequence',
  'confed-set',
];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Target = Mutable<PathAttributes>;
type ValueDecoder = (into: Target, bytes: Uint8Array, at: number, end: number) => void;

const decoders: readonly (ValueDecoder | undefined)[] = (() => {
  const t = attributeTypes;
  const byType: (ValueDecoder | undefined)[] = new Array(256).fill(undefined);
  byType[t.origin] = (into, bytes, at) => {
    into.origin = origins[bytes[at]] ?? 'incomplete';
  };
  byType[t.asPath] = (into, bytes, at, end) => {
    into.asPath = decodeAsPath(bytes, at, end);
  };
  byType[t.med] = (into, bytes, at) => {
    into.med = readU32(bytes, at);
  };
  byType[t.localPref] = (into, bytes, at) => {
    into.localPref = readU32(bytes, at);
  };
  byType[t.atomicAggregate] = (into) => {
    into.atomicAggregate = true;
  };
  byType[t.aggregator] = (into, bytes, at) => {
    into.aggregator = { asn: readU32(bytes, at), address: readU32(bytes, at + 4) };
  };
  byType[t.communities] = (into, bytes, at, end) => {
    into.communities = readList(bytes, at, end);
  };
  byType[t.originatorId] = (into, bytes, at) => {
    into.originatorId = readU32(bytes, at);
  };
  byType[t.clusterList] = (into, bytes, at, end) => {
    into.clusterList = readList(bytes, at, end);
  };
  byType[t.extendedCommunities] = (into, bytes, at, end) => {
    const communities: string[] = [];
    for (let i = at; i + 8 <= end; i += 8) communities.push(toHex(bytes, i, i + 8));
    into.extendedCommunities = communities;
  };
  byType[t.largeCommunities] = (into, bytes, at, end) => {
    const communities: (readonly [number, number, number])[] = [];
    for (let i = at; i + 12 <= end; i += 12) {
      communities.push([readU32(bytes, i), readU32(bytes, i + 4), readU32(bytes, i + 8)]);
    }
    into.largeCommunities = communities;
  };
  return byType;
})();

/**
 * `[start, end)` is a valid block with 4-octet AS numbers (`UpdateView.canonical`). NEXT_HOP and MP_* are
 * passed over. An absent ORIGIN reads as `incomplete`, an absent AS_PATH as empty.
 */
export function decodePathAttributes(bytes: Uint8Array, start: number, end: number): PathAttributes {
  const into: Target = { origin: 'incomplete', asPath: [] };
  const partial: number[] = [];
  const unknown: { flags: number; type: number; value: Uint8Array }[] = [];
  for (let at = start; at + 3 <= end; ) {
    const flags = bytes[at];
    const type = bytes[at + 1];
    const extended = (flags & AttributeFlags.extendedLength) !== 0;
    const valueAt = at + (extended ? 4 : 3);
    const valueEnd = valueAt + (extended ? readU16(bytes, at + 2) : bytes[at + 2]);
    if (valueEnd > end) break;
    const decode = decoders[type];
    if (decode !== undefined) {
      decode(into, bytes, valueAt, valueEnd);
      if ((flags & AttributeFlags.partial) !== 0) partial.push(type);
    } else if (!elsewhere.has(type)) {
      unknown.push({
        flags: flags & ~AttributeFlags.extendedLength,
        type,
        value: bytes.slice(valueAt, valueEnd),
      });
    }
    at = valueEnd;
  }
  if (partial.length > 0) into.partial = partial;
  if (unknown.length > 0) into.unknown = unknown;
  return into;
}

const elsewhere: ReadonlySet<number> = new Set([
  attributeTypes.nextHop,
  attributeTypes.mpReach,
  attributeTypes.mpUnreach,
]);

/** The value of AS_PATH with 4-octet numbers. */
export function decodeAsPath(bytes: Uint8Array, start: number, end: number): AsPathSegment[] {
  const segments: AsPathSegment[] = [];
  for (let at = start; at + 2 <= end; at += 2 + bytes[at + 1] * 4) {
    const last = Math.min(end, at + 2 + bytes[at + 1] * 4);
    segments.push({ type: segmentTypes[bytes[at]] ?? 'sequence', asns: readList(bytes, at + 2, last) });
  }
  return segments;
}

function readList(bytes: Uint8Array, start: number, end: number): number[] {
  const values: number[] = [];
  for (let at = start; at + 4 <= end; at += 4) values.push(readU32(bytes, at));
  return values;
}
