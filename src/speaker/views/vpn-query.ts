/**
 * Questions about VPN routes: a destination with its route distinguisher is one key; a prefix alone is asked of every
 * VPN, and a distinguisher alone means all of one. All but the first look at the whole table.
 */
import { formatFamily, isVpn, parseFamily, supportedFamilies } from '../../net/family.ts';
import { Prefix } from '../../net/prefix.ts';
import { RouteDistinguisher } from '../../net/route-distinguisher.ts';
import type { NlriId } from '../../rib/ids.ts';
import { nlriRow } from '../../wire/nlri/table.ts';
import type { FamilyState } from '../family-state.ts';
import { ManagementError, type RouteQuery } from '../views.ts';

const distinguisherOctets = 8;
const scratch = new Uint8Array(64);

/**
 * The key of a text that is no bare prefix, and its family: `65000:100:10.0.0.0/8`, or with the family's name whatever
 * its NLRI look like. `undefined` for anything else: `2001:500:88::/48` is a prefix unless a VPN family is named.
 */
export function vpnKeyOf(
  text: string,
  familyName: string | undefined,
): { readonly family: string; readonly key: Uint8Array } | undefined {
  const named = familyName === undefined ? undefined : parseFamily(familyName);
  if (named === undefined && Prefix.parse(text) !== undefined) return undefined;
  const families = named === undefined ? supportedFamilies.filter(isVpn) : [named];
  for (const family of families) {
    const row = nlriRow(family);
    const key = row?.addressOctets === 0 || isVpn(family) ? row?.parse(text) : undefined;
    if (key !== undefined) return { family: formatFamily(family), key };
  }
  return undefined;
}

/** Is this NLRI of the distinguisher? Without one, any is. */
export function distinguishedBy({ rib }: FamilyState, text: string | undefined): (nlri: NlriId) => boolean {
  if (text === undefined) return () => true;
  const rd = RouteDistinguisher.parse(text);
  if (rd === undefined)
    throw new ManagementError('bad-pattern', `${text} is no route distinguisher: write 65000:100`);
  return (nlri) => {
    rib.nlri.write(nlri, scratch, 0);
    return rd.bytes.every((octet, i) => scratch[1 + i] === octet);
  };
}

/**
 * Does the NLRI fit? `wanted` is a key of the family (its distinguisher must be equal) or a plain prefix in wire form.
 * Longest match is the business of each VPN alone: here it means all that hold the prefix.
 */
export function vpnMatches(
  { rib }: FamilyState,
  wanted: Uint8Array,
  what: 'key' | 'prefix',
  match: NonNullable<RouteQuery['match']>,
): (nlri: NlriId) => boolean {
  const skipped = what === 'key' ? 0 : distinguisherOctets;
  return (nlri) => {
    const bits = rib.nlri.lengthOf(nlri) - skipped * 8;
    if (match === 'exact' ? bits !== wanted[0] : match === 'longer' ? bits < wanted[0] : bits > wanted[0])
      return false;
    rib.nlri.write(nlri, scratch, 0);
    return sameBits(scratch, 1 + skipped, wanted, 1, Math.min(bits, wanted[0]));
  };
}

function sameBits(a: Uint8Array, atA: number, b: Uint8Array, atB: number, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a[atA + i] !== b[atB + i]) return false;
  const rest = bits & 7;
  return rest === 0 || ((a[atA + whole] ^ b[atB + whole]) & (0xff << (8 - rest))) === 0;
}
