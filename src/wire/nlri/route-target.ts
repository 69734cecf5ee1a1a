/**
 * Route target membership NLRI (RFC 4684 §4): "AS `origin` wants VPN routes with these route targets". The target may be
 * cut short, and then stands for all that begin so; with no bits at all it is the default: every VPN route.
 *
 *      +------------+---------------+--------------------+
 *      | Length (1) | Origin AS (4) | Route target (0-8) |
 *      +------------+---------------+--------------------+
 *
 * Text: `65000:rt:65000:100`, `default`, and cut short `65000:0x0002fde8/64` (octets of the target, bits of all).
 */
import { formatFamily, routeTargetConstrain } from '../../net/family.ts';
import { readU32, toHex } from '../../net/octets.ts';
import { formatRouteTarget, isRouteTarget, RouteTarget } from '../../net/route-target.ts';
import { fromHex, writeU32 } from '../bytes.ts';
import type { NlriRow } from './row.ts';

const originBits = 32;
const mostBits = 96;

/** RFC 4684 §4: the default has no bits; the origin AS is never cut short. */
function membershipLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const bits = bytes[at];
  if (bits > mostBits || (bits > 0 && bits < originBits)) return -1;
  const length = 1 + ((bits + 7) >> 3);
  return at + length > end ? -1 : length;
}

export const defaultMembership: Uint8Array = Uint8Array.of(0);

export function encodeMembership(originAs: number, target: RouteTarget): Uint8Array {
  const key = new Uint8Array(13);
  key[0] = mostBits;
  writeU32(key, 1, originAs);
  key.set(target.bytes, 5);
  return key;
}

function formatMembership(bytes: Uint8Array, at: number): string {
  const bits = bytes[at];
  if (bits === 0) return 'default';
  const origin = readU32(bytes, at + 1);
  if (bits === mostBits && isRouteTarget(bytes, at + 5))
    return `${origin}:rt:${formatRouteTarget(bytes, at + 5)}`;
  const used = (bits - originBits + 7) >> 3;
  const target = bytes.slice(at + 5, at + 5 + used);
  if (bits & 7) target[used - 1] &= 0xff << (8 - (bits & 7));
  return `${origin}:0x${toHex(target)}/${bits}`;
}

function parseMembership(text: string): Uint8Array | undefined {
  if (text === 'default') return defaultMembership.slice();
  const [, originText, rest] = /^(0|[1-9][0-9]{0,9}):(.+)$/.exec(text) ?? [];
  const origin = Number(originText);
  if (rest === undefined || origin > 0xffffffff) return undefined;
  if (rest.startsWith('rt:')) {
    const target = RouteTarget.parse(rest);
    return target && encodeMembership(origin, target);
  }
  const [, digits, bitsText] = /^0x([0-9a-f]*)\/([1-9][0-9]?)$/.exec(rest) ?? [];
  const bits = Number(bitsText);
  const octets = digits === undefined ? undefined : fromHex(digits);
  if (octets === undefined || bits < originBits || bits > mostBits) return undefined;
  if (octets.length !== (bits - originBits + 7) >> 3) return undefined;
  if (bits & 7 && octets[octets.length - 1] & (0xff >> (bits & 7))) return undefined;
  const key = new Uint8Array(5 + octets.length);
  key[0] = bits;
  writeU32(key, 1, origin);
  key.set(octets, 5);
  return key;
}

/** RFC 4684 §4: the next hop is an IPv4 or an IPv6 address, as its length says. */
export const routeTargetRow: NlriRow = {
  family: routeTargetConstrain,
  name: formatFamily(routeTargetConstrain),
  octets: 12,
  labelOctets: 0,
  distinguisherOctets: 0,
  addressOctets: 0,
  nextHopLengths: [4, 16],
  extendedNextHopLengths: [],
  wireLength: membershipLength,
  format: formatMembership,
  parse: parseMembership,
};
