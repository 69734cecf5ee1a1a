/**
 * IPv4 and IPv6 unicast NLRI (RFC 4271 §4.3, RFC 4760 §5).
 *
 *      +--------------------+-------------------------------+
 *      | Length in bits (1) | Prefix, as few octets as hold |
 *      +--------------------+-------------------------------+
 */
import { type FamilyKey, formatFamily, ipv4Unicast, ipv6Unicast } from '../../net/family.ts';
import { formatPrefix, Prefix } from '../../net/prefix.ts';
import type { NlriRow } from './row.ts';

/** RFC 7606 §5.3: a length over the family's bits, or a prefix over the end of the field, is malformed. */
function prefixWireLength(bytes: Uint8Array, at: number, end: number, maxBits: number): number {
  if (at >= end) return -1;
  const bits = bytes[at];
  if (bits > maxBits) return -1;
  const length = 1 + ((bits + 7) >> 3);
  return at + length > end ? -1 : length;
}

/** Text of the prefix of so many bits whose octets begin at `at`. */
export function formatPrefixBits(bytes: Uint8Array, at: number, bits: number, octets: number): string {
  const address = new Uint8Array(octets);
  const used = (bits + 7) >> 3;
  for (let i = 0; i < used; i++) address[i] = bytes[at + i];
  // RFC 4271 §4.3: the value of trailing bits is irrelevant.
  if ((bits & 7) !== 0) address[used - 1] &= 0xff << (8 - (bits & 7));
  return formatPrefix(address, 0, octets, bits);
}

/** A prefix in wire form. Bits beyond its length are cleared. */
export function encodePrefix(prefix: Prefix): Uint8Array {
  const used = (prefix.length + 7) >> 3;
  const wire = new Uint8Array(1 + used);
  wire[0] = prefix.length;
  wire.set(prefix.masked().address.bytes.subarray(0, used), 1);
  return wire;
}

function parsePrefix(text: string, version: 4 | 6): Uint8Array | undefined {
  const prefix = Prefix.parse(text);
  if (prefix === undefined || prefix.version !== version || prefix.hasHostBits) return undefined;
  return encodePrefix(prefix);
}

function prefixRow(
  family: FamilyKey,
  version: 4 | 6,
  nextHopLengths: readonly number[],
  extendedNextHopLengths: readonly number[],
): NlriRow {
  const octets = version === 4 ? 4 : 16;
  const maxBits = octets * 8;
  return {
    family,
    name: formatFamily(family),
    octets,
    labelOctets: 0,
    distinguisherOctets: 0,
    addressOctets: octets,
    nextHopLengths,
    extendedNextHopLengths,
    wireLength: (bytes, at, end) => prefixWireLength(bytes, at, end, maxBits),
    format: (bytes, at) => formatPrefixBits(bytes, at + 1, bytes[at], octets),
    parse: (text) => parsePrefix(text, version),
  };
}

/** RFC 8950 §3: an IPv6 next hop of 16 octets, or 32 with a link-local address. */
export const ipv4UnicastRow: NlriRow = prefixRow(ipv4Unicast, 4, [4], [16, 32]);
/** RFC 2545 §3: a global address, or it and a link-local one. */
export const ipv6UnicastRow: NlriRow = prefixRow(ipv6Unicast, 6, [16, 32], []);
