/** Path attributes as an object to canonical bytes; `decode-attributes.ts` goes the other way. */
import { fromHex } from '../bytes.ts';
import { Writer } from '../writer.ts';
import { writeHeader } from './canonical.ts';
import { origins, segmentTypes } from './decode-attributes.ts';
import type { AsPathSegment, PathAttributes } from './path-attributes.ts';
import {
  AttributeFlags,
  attributeTypes,
  optionalNonTransitive,
  optionalTransitive,
  wellKnown,
} from './types.ts';

interface ValueEncoder {
  readonly type: number;
  readonly flags: number;
  /** False: the attribute is absent. */
  readonly encode: (attributes: PathAttributes, out: Writer) => boolean;
}

const t = attributeTypes;

/** In type order. */
const encoders: readonly ValueEncoder[] = [
  {
    type: t.origin,
    flags: wellKnown,
    encode: (attributes, out) => {
      out.u8(origins.indexOf(attributes.origin));
      return true;
    },
  },
  {
    type: t.asPath,
    flags: wellKnown,
    encode: (attributes, out) => {
      for (const segment of attributes.asPath) encodeSegment(segment, out);
      return true;
    },
  },
  number(t.med, optionalNonTransitive, (attributes) => attributes.med),
  number(t.localPref, wellKnown, (attributes) => attributes.localPref),
  { type: t.atomicAggregate, flags: wellKnown, encode: (attributes) => attributes.atomicAggregate === true },
  {
    type: t.aggregator,
    flags: optionalTransitive,
    encode: ({ aggregator }, out) => {
      if (aggregator === undefined) return false;
      out.u32(aggregator.asn);
      out.u32(aggregator.address);
      return true;
    },
  },
  list(t.communities, optionalTransitive, (attributes) => attributes.communities),
  number(t.originatorId, optionalNonTransitive, (attributes) => attributes.originatorId),
  list(t.clusterList, optionalNonTransitive, (attributes) => attributes.clusterList),
  {
    type: t.extendedCommunities,
    flags: optionalTransitive,
    encode: ({ extendedCommunities }, out) => {
      for (const community of extendedCommunities ?? []) out.append(extendedCommunityBytes(community));
      return out.length > 0;
    },
  },
  list(t.largeCommunities, optionalTransitive, (attributes) => attributes.largeCommunities?.flat()),
];

function number(
  type: number,
  flags: number,
  read: (attributes: PathAttributes) => number | undefined,
): ValueEncoder {
  return {
    type,
    flags,
    encode: (attributes, out) => {
      const value = read(attributes);
      if (value !== undefined) out.u32(value);
      return value !== undefined;
    },
  };
}

/** An empty list is an absent attribute: zero length would be malformed (RFC 7606 §4). */
function list(
  type: number,
  flags: number,
  read: (attributes: PathAttributes) => readonly number[] | undefined,
): ValueEncoder {
  return {
    type,
    flags,
    encode: (attributes, out) => {
      for (const value of read(attributes) ?? []) out.u32(value);
      return out.length > 0;
    },
  };
}

function extendedCommunityBytes(community: string): Uint8Array {
  const bytes = fromHex(community);
  if (bytes === undefined || bytes.length !== 8) throw new RangeError(`extended community ${community}`);
  return bytes;
}

/** A segment holds 255 numbers at most (RFC 4271 §4.3): longer sequences become several, none becomes nothing. */
function encodeSegment(segment: AsPathSegment, out: Writer): void {
  for (let from = 0; from < segment.asns.length; from += 255) {
    const asns = segment.asns.slice(from, from + 255);
    out.u8(segmentTypes.indexOf(segment.type));
    out.u8(asns.length);
    for (const asn of asns) out.u32(asn);
  }
}

/** Canonical bytes: by type, minimal headers, 4-octet AS numbers, no NEXT_HOP, no MP_*. */
export function encodePathAttributes(attributes: PathAttributes): Uint8Array {
  const out = new Writer();
  const unknown = [...(attributes.unknown ?? [])].sort((a, b) => a.type - b.type);
  let next = 0;
  for (const { type, flags, encode } of encoders) {
    while (next < unknown.length && unknown[next].type < type) {
      appendAttribute(out, unknown[next].flags, unknown[next].type, unknown[next++].value);
    }
    const value = new Writer(64);
    if (!encode(attributes, value)) continue;
    const partial = attributes.partial?.includes(type) ? AttributeFlags.partial : 0;
    appendAttribute(out, flags | partial, type, value.finish());
  }
  for (const each of unknown.slice(next)) appendAttribute(out, each.flags, each.type, each.value);
  return out.finish();
}

/** One attribute with its header. Throws RangeError for values over 65,535 octets. */
export function appendAttribute(out: Writer, flags: number, type: number, value: Uint8Array): void {
  if (value.length > 65535) throw new RangeError(`attribute ${type} of ${value.length} octets`);
  const header = new Uint8Array(4);
  const length = writeHeader(header, 0, flags, type, value.length);
  out.append(header.subarray(0, length));
  out.append(value);
}
