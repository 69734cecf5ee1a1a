/**
 * AS_PATH in wire form: its syntax, and its two widths (RFC 4271 §4.3, RFC 5065, RFC 6793).
 *
 *      +------------------+---------------------+----------------------------------+
 *      | Segment type (1) | Count of ASes (1)   | AS numbers, 2 or 4 octets each   |
 *      +------------------+---------------------+----------------------------------+
 */
import { readU16, readU32, writeU16, writeU32 } from '../bytes.ts';
import { asTrans, SegmentType } from './types.ts';

/** What is wrong with `[start, end)` (RFC 7606 §7.2), `undefined` for nothing. */
export function checkAsPath(
  bytes: Uint8Array,
  start: number,
  end: number,
  fourOctetAs: boolean,
  external: boolean,
): string | undefined {
  const width = fourOctetAs ? 4 : 2;
  let at = start;
  while (at < end) {
    if (at + 2 > end) return 'segment header cut short';
    const type = bytes[at];
    if (type < SegmentType.set || type > SegmentType.confedSet) return 'unknown segment type';
    // RFC 5065 §5: confederation segments from outside the confederation are malformed.
    if (external && type >= SegmentType.confedSequence) return 'confederation segment from an external peer';
    const count = bytes[at + 1];
    if (count === 0) return 'segment without AS numbers';
    const next = at + 2 + count * width;
    if (next > end) return 'segment longer than the attribute';
    for (let asn = at + 2; asn < next; asn += width) {
      // RFC 7607 §2: AS 0 is malformed.
      if ((width === 4 ? readU32(bytes, asn) : readU16(bytes, asn)) === 0) return 'AS number 0';
    }
    at = next;
  }
  return undefined;
}

/** RFC 4271 §9.1.2.2, RFC 5065 §5.3: an AS_SET counts one, confederation segments nothing. Checked bytes. */
export function asPathLength(bytes: Uint8Array, start: number, end: number, width: 2 | 4): number {
  let length = 0;
  for (let at = start; at < end; at += 2 + bytes[at + 1] * width) {
    if (bytes[at] === SegmentType.sequence) length += bytes[at + 1];
    else if (bytes[at] === SegmentType.set) length += 1;
  }
  return length;
}

/** Copies AS numbers from two octets to four; returns the offset after them. */
function widenAsns(from: Uint8Array, start: number, count: number, to: Uint8Array, at: number): number {
  for (let i = 0; i < count; i++) writeU32(to, at + 4 * i, readU16(from, start + 2 * i));
  return at + 4 * count;
}

/** The path with 4-octet numbers; returns the offset in `to` after it. */
export function widenAsPath(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): number {
  let out = at;
  for (let i = start; i < end; i += 2 + from[i + 1] * 2) {
    to[out] = from[i];
    to[out + 1] = from[i + 1];
    out = widenAsns(from, i + 2, from[i + 1], to, out + 2);
  }
  return out;
}

/**
 * RFC 6793 §4.2.3: the true path of a 2-octet speaker's AS_PATH `[start, end)` and AS4_PATH
 * `[start4, end4)`, written to `to` at `at` with 4-octet numbers. Both were checked.
 */
export function mergeAs4Path(
  bytes: Uint8Array,
  start: number,
  end: number,
  start4: number,
  end4: number,
  to: Uint8Array,
  at: number,
): number {
  const lead = asPathLength(bytes, start, end, 2) - asPathLength(bytes, start4, end4, 4);
  // RFC 6793 §4.2.3: an AS4_PATH longer than the AS_PATH is ignored.
  if (lead < 0) return widenAsPath(bytes, start, end, to, at);
  const leadEnd = widenLead(bytes, start, end, lead, to, at);
  return appendAs4Path(bytes, start4, end4, to, at, leadEnd);
}

/** The leading `lead` ASes, with the confederation segments before or beside them. */
function widenLead(
  from: Uint8Array,
  start: number,
  end: number,
  lead: number,
  to: Uint8Array,
  at: number,
): number {
  let left = lead;
  let out = at;
  for (let i = start; i < end; i += 2 + from[i + 1] * 2) {
    const type = from[i];
    let count = from[i + 1];
    if (type === SegmentType.sequence || type === SegmentType.set) {
      if (left === 0) break;
      if (type === SegmentType.sequence) count = Math.min(count, left);
      left -= type === SegmentType.set ? 1 : count;
    }
    to[out] = type;
    to[out + 1] = count;
    out = widenAsns(from, i + 2, count, to, out + 2);
    if (count < from[i + 1]) break;
  }
  return out;
}

/** Adds AS4_PATH after the lead `[leadStart, leadEnd)` of `to`; two sequences that meet become one. */
function appendAs4Path(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  leadStart: number,
  leadEnd: number,
): number {
  let last = lastSegment(to, leadStart, leadEnd);
  let out = leadEnd;
  for (let i = start; i < end; i += 2 + from[i + 1] * 4) {
    const type = from[i];
    const count = from[i + 1];
    // RFC 6793 §3: confederation segments do not belong in AS4_PATH and are dropped.
    if (type >= SegmentType.confedSequence) continue;
    const joins =
      last >= 0 && type === SegmentType.sequence && to[last] === type && to[last + 1] + count <= 255;
    if (joins) {
      to[last + 1] += count;
    } else {
      to[out++] = type;
      to[out++] = count;
    }
    last = -1;
    for (let k = 0; k < count * 4; k++) to[out++] = from[i + 2 + k];
  }
  return out;
}

/** Offset of the last segment of a 4-octet path, -1 when it is empty. */
function lastSegment(bytes: Uint8Array, start: number, end: number): number {
  let last = -1;
  for (let at = start; at < end; at += 2 + bytes[at + 1] * 4) last = at;
  return last;
}

/** Does a 4-octet path hold a number that two octets cannot? */
export function hasLargeAsn(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 2 + bytes[at + 1] * 4) {
    const next = at + 2 + bytes[at + 1] * 4;
    for (let asn = at + 2; asn < next; asn += 4) if (bytes[asn] !== 0 || bytes[asn + 1] !== 0) return true;
  }
  return false;
}

/** RFC 6793 §4.2.2: the path with 2-octet numbers, AS_TRANS for those that do not fit. */
export function narrowAsPath(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const narrow = new Uint8Array(end - start);
  let out = 0;
  for (let at = start; at < end; at += 2 + bytes[at + 1] * 4) {
    narrow[out++] = bytes[at];
    narrow[out++] = bytes[at + 1];
    for (let i = 0; i < bytes[at + 1]; i++, out += 2) {
      const asn = readU32(bytes, at + 2 + 4 * i);
      writeU16(narrow, out, asn > 0xffff ? asTrans : asn);
    }
  }
  return narrow.slice(0, out);
}

/** RFC 6793 §4.2.2: AS4_PATH is the path without confederation segments. */
export function withoutConfederation(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const path = new Uint8Array(end - start);
  let out = 0;
  for (let at = start; at < end; at += 2 + bytes[at + 1] * 4) {
    const next = at + 2 + bytes[at + 1] * 4;
    if (bytes[at] >= SegmentType.confedSequence) continue;
    path.set(bytes.subarray(at, next), out);
    out += next - at;
  }
  return path.slice(0, out);
}
