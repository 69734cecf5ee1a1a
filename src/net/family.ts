/**
 * Address families: the (AFI, SAFI) pairs of RFC 4760 as one small number, and their names.
 * Owns the numbers and names only; how the NLRI of a family look on the wire is `wire/nlri/`.
 */

declare const familyBrand: unique symbol;

/** AFI * 256 + SAFI (RFC 4760 §6). A number, so that it can key maps and typed columns cheaply. */
export type FamilyKey = number & { readonly [familyBrand]: true };

/** IANA Address Family Numbers, the ones BGP carries here. */
export const Afi = { ipv4: 1, ipv6: 2, l2vpn: 25 } as const;

/** IANA SAFI values. */
export const Safi = {
  unicast: 1,
  multicast: 2,
  labeledUnicast: 4,
  evpn: 70,
  mplsVpn: 128,
  routeTargetConstrain: 132,
  flowspec: 133,
} as const;

export function familyKey(afi: number, safi: number): FamilyKey {
  return (afi * 256 + safi) as FamilyKey;
}

export function afiOf(family: FamilyKey): number {
  return family >>> 8;
}

export function safiOf(family: FamilyKey): number {
  return family & 0xff;
}

export const ipv4Unicast = familyKey(Afi.ipv4, Safi.unicast);
export const ipv6Unicast = familyKey(Afi.ipv6, Safi.unicast);
/** RFC 4364 §4.3.4. */
export const vpnIpv4Unicast = familyKey(Afi.ipv4, Safi.mplsVpn);
/** RFC 4659 §3.2. */
export const vpnIpv6Unicast = familyKey(Afi.ipv6, Safi.mplsVpn);
/** RFC 4684 §4. */
export const routeTargetConstrain = familyKey(Afi.ipv4, Safi.routeTargetConstrain);

/** The names used in configuration, CLI, API and metrics. */
const names: ReadonlyArray<readonly [FamilyKey, string]> = [
  [ipv4Unicast, 'ipv4-unicast'],
  [ipv6Unicast, 'ipv6-unicast'],
  [vpnIpv4Unicast, 'vpnv4-unicast'],
  [vpnIpv6Unicast, 'vpnv6-unicast'],
  [routeTargetConstrain, 'route-target'],
];

const nameByKey = new Map(names);
const keyByName = new Map(names.map(([key, name]) => [name, key] as const));

/** VPN routes: labels, route distinguishers and route targets (RFC 4364). */
export function isVpn(family: FamilyKey): boolean {
  return safiOf(family) === Safi.mplsVpn;
}

/** `ipv4-unicast`, or `afi 25 safi 70` where this build has no name for the pair. */
export function formatFamily(family: FamilyKey): string {
  return nameByKey.get(family) ?? `afi ${afiOf(family)} safi ${safiOf(family)}`;
}

/** The family of a name, `undefined` when there is none. */
export function parseFamily(name: string): FamilyKey | undefined {
  return keyByName.get(name);
}

/** Every family this build can be configured to carry, in the order in which it is shown. */
export const supportedFamilies: readonly FamilyKey[] = names.map(([key]) => key);
