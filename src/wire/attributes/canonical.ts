/**
 * Writes a scanned block in its one canonical form: by type, minimal headers, 4-octet AS numbers, without
 * NEXT_HOP, MP_REACH_NLRI, MP_UNREACH_NLRI and AS4_*. Equal sets of equal meaning become equal bytes.
 */
import { copyOctets, readU16, readU32, writeU32 } from '../bytes.ts';
import { mergeAs4Path, widenAsPath } from './as-path.ts';
import type { AttributeScan } from './scan.ts';
import { AttributeFlags, asTrans, attributeTypes } from './types.ts';

/** Room that the canonical form of a block of this many octets can need: AS numbers double. */
export function canonicalCapacity(blockLength: number): number {
  return 2 * blockLength + 256;
}

/** The longest value a header can announce. */
const maxValue = 65535;

/** Types that have no place of their own in canonical bytes. */
const left: ReadonlySet<number> = new Set([
  attributeTypes.nextHop,
  attributeTypes.mpReach,
  attributeTypes.mpUnreach,
  attributeTypes.as4Path,
  attributeTypes.as4Aggregator,
]);
const leftMask = Int32Array.from({ length: 8 }, (_, word) => {
  let mask = 0;
  for (const type of left) if (type >> 5 === word) mask |= 1 << (type & 31);
  return mask;
});

/**
 * Writes what `scan` kept of `bytes` to the start of `out`, which has `canonicalCapacity` octets, and returns
 * the length. -1: AS_PATH of a 2-octet speaker is too long to be said with 4-octet numbers.
 */
export function writeCanonical(
  scan: AttributeScan,
  bytes: Uint8Array,
  fourOctetAs: boolean,
  out: Uint8Array,
): number {
  let at = 0;
  for (let word = 0; word < 8; word++) {
    let bits = scan.kept[word] & ~leftMask[word];
    while (bits !== 0) {
      const type = (word << 5) + 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
      at = writeOne(scan, type, bytes, fourOctetAs, out, at);
      if (at < 0) return -1;
    }
  }
  return at;
}

function writeOne(
  scan: AttributeScan,
  type: number,
  bytes: Uint8Array,
  fourOctetAs: boolean,
  out: Uint8Array,
  at: number,
): number {
  if (!fourOctetAs && type === attributeTypes.asPath) return writeWidePath(scan, bytes, out, at);
  if (!fourOctetAs && type === attributeTypes.aggregator) return writeWideAggregator(scan, bytes, out, at);
  const start = scan.valueAt[type];
  const end = scan.valueEnd[type];
  if (type === attributeTypes.largeCommunities && end - start > 12) {
    return writeLargeCommunities(scan.flags[type], bytes, start, end, out, at);
  }
  return copyOctets(bytes, start, end, out, writeHeader(out, at, scan.flags[type], type, end - start));
}

/** Flags, type and length; returns the offset of the value. */
export function writeHeader(
  out: Uint8Array,
  at: number,
  flags: number,
  type: number,
  length: number,
): number {
  out[at + 1] = type;
  if (length <= 255) {
    out[at] = flags;
    out[at + 2] = length;
    return at + 3;
  }
  out[at] = flags | AttributeFlags.extendedLength;
  out[at + 2] = length >>> 8;
  out[at + 3] = length;
  return at + 4;
}

/** Puts a header before a value that was written at `at + 4`; returns the offset after the value. */
function closeValue(out: Uint8Array, at: number, flags: number, type: number, valueEnd: number): number {
  const length = valueEnd - at - 4;
  if (length > maxValue) return -1;
  const valueAt = writeHeader(out, at, flags, type, length);
  if (valueAt !== at + 4) out.copyWithin(valueAt, at + 4, valueEnd);
  return valueAt + length;
}

/** RFC 6793 §4.2.3: AGGREGATOR with a number of its own says that AS4_* are not to be believed. */
function as4Counts(scan: AttributeScan, bytes: Uint8Array): boolean {
  if (!scan.isKept(attributeTypes.aggregator) || !scan.isKept(attributeTypes.as4Aggregator)) return true;
  return readU16(bytes, scan.valueAt[attributeTypes.aggregator]) === asTrans;
}

function writeWidePath(scan: AttributeScan, bytes: Uint8Array, out: Uint8Array, at: number): number {
  const { asPath, as4Path } = attributeTypes;
  const start = scan.valueAt[asPath];
  const end = scan.valueEnd[asPath];
  const valueEnd =
    scan.isKept(as4Path) && as4Counts(scan, bytes)
      ? mergeAs4Path(bytes, start, end, scan.valueAt[as4Path], scan.valueEnd[as4Path], out, at + 4)
      : widenAsPath(bytes, start, end, out, at + 4);
  return closeValue(out, at, scan.flags[asPath], asPath, valueEnd);
}

function writeWideAggregator(scan: AttributeScan, bytes: Uint8Array, out: Uint8Array, at: number): number {
  const { aggregator, as4Aggregator } = attributeTypes;
  const start = scan.valueAt[aggregator];
  const valueAt = writeHeader(out, at, scan.flags[aggregator], aggregator, 8);
  const asn = readU16(bytes, start);
  if (asn === asTrans && scan.isKept(as4Aggregator)) {
    return copyOctets(bytes, scan.valueAt[as4Aggregator], scan.valueEnd[as4Aggregator], out, valueAt);
  }
  writeU32(out, valueAt, asn);
  return copyOctets(bytes, start + 2, start + 6, out, valueAt + 4);
}

/** RFC 8092 §2: redundant large communities are removed; the first of equals stays in its place. */
function writeLargeCommunities(
  flags: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let valueEnd = at + 4;
  const known = end - start > 12 * 32 ? new Set<string>() : undefined;
  for (let from = start; from < end; from += 12) {
    const repeated =
      known === undefined
        ? standsBefore(bytes, start, from)
        : known.size === known.add(largeCommunityKey(bytes, from)).size;
    if (!repeated) valueEnd = copyOctets(bytes, from, from + 12, out, valueEnd);
  }
  return closeValue(out, at, flags, attributeTypes.largeCommunities, valueEnd);
}

function standsBefore(bytes: Uint8Array, start: number, at: number): boolean {
  for (let other = start; other < at; other += 12) {
    let i = 0;
    while (i < 12 && bytes[other + i] === bytes[at + i]) i++;
    if (i === 12) return true;
  }
  return false;
}

function largeCommunityKey(bytes: Uint8Array, at: number): string {
  return `${readU32(bytes, at)}:${readU32(bytes, at + 4)}:${readU32(bytes, at + 8)}`;
}
