/**
 * VPN-IPv4 and VPN-IPv6 NLRI (RFC 4364 §4.3.4, RFC 4659 §3.2): a label, a route distinguisher and a prefix. The key is
 * distinguisher and prefix; its length octet counts the bits of both. Text: `65000:100:10.0.0.0/8`.
 *
 *      +------------+-----------+-------------------------+--------+
 *      | Length (1) | Label (3) | Route distinguisher (8) | Prefix |
 *      +------------+-----------+-------------------------+--------+
 */
import { type FamilyKey, formatFamily, vpnIpv4Unicast, vpnIpv6Unicast } from '../../net/family.ts';
import { Prefix } from '../../net/prefix.ts';
import { formatRouteDistinguisher, RouteDistinguisher } from '../../net/route-distinguisher.ts';
import { formatPrefixBits } from './ip-prefix.ts';
import type { NlriRow } from './row.ts';

export const distinguisherBits = 64;
const leastBits = 24 + distinguisherBits;

/** RFC 7606 §5.3. */
function vpnWireLength(bytes: Uint8Array, at: number, end: number, maxBits: number): number {
  if (at >= end) return -1;
  const bits = bytes[at];
  if (bits < leastBits || bits > leastBits + maxBits) return -1;
  const length = 1 + ((bits + 7) >> 3);
  return at + length > end ? -1 : length;
}

/** The key of a prefix in a VPN. Bits beyond its length are cleared. */
export function encodeVpnKey(rd: RouteDistinguisher, prefix: Prefix): Uint8Array {
  const used = (prefix.length + 7) >> 3;
  const key = new Uint8Array(9 + used);
  key[0] = distinguisherBits + prefix.length;
  key.set(rd.bytes, 1);
  key.set(prefix.masked().address.bytes.subarray(0, used), 9);
  return key;
}

/** A route distinguisher has one colon, or none as `0x...`; what is behind it is the prefix. */
const vpnText = /^(0x[0-9a-fA-F]{16}|[^:]+:[^:]+):(.+)$/;

function parseVpn(text: string, version: 4 | 6): Uint8Array | undefined {
  const [, rdText, prefixText] = vpnText.exec(text) ?? [];
  if (rdText === undefined || prefixText === undefined) return undefined;
  const rd = RouteDistinguisher.parse(rdText);
  const prefix = Prefix.parse(prefixText);
  if (rd === undefined || prefix?.version !== version || prefix.hasHostBits) return undefined;
  return encodeVpnKey(rd, prefix);
}

function vpnRow(
  family: FamilyKey,
  version: 4 | 6,
  nextHopLengths: readonly number[],
  extendedNextHopLengths: readonly number[],
): NlriRow {
  const addressOctets = version === 4 ? 4 : 16;
  return {
    family,
    name: formatFamily(family),
    octets: 8 + addressOctets,
    labelOctets: 3,
    distinguisherOctets: 8,
    addressOctets,
    nextHopLengths,
    extendedNextHopLengths,
    wireLength: (bytes, at, end) => vpnWireLength(bytes, at, end, addressOctets * 8),
    format: (bytes, at) => {
      const prefix = formatPrefixBits(bytes, at + 9, bytes[at] - distinguisherBits, addressOctets);
      return `${formatRouteDistinguisher(bytes, at + 1)}:${prefix}`;
    },
    parse: (text) => parseVpn(text, version),
  };
}

/** RFC 4364 §4.3.2: distinguisher 0 and an IPv4 address. RFC 8950 §3: IPv6, and one with a link-local address. */
export const vpnIpv4Row: NlriRow = vpnRow(vpnIpv4Unicast, 4, [12], [24, 48]);
/** RFC 4659 §3.2.1: distinguisher 0 and an IPv6 address, which may be IPv4-mapped, or it and a link-local one. */
export const vpnIpv6Row: NlriRow = vpnRow(vpnIpv6Unicast, 6, [24, 48], []);
