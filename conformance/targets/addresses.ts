// The addresses of a target and its neighbours: the same for the adapters and for the cases.

import { type Profile, type Role, roles } from '../engine/profile.ts';

/** Static neighbours per role of a passive profile; a case uses up one per connection it plays. */
export const STATIC_PER_ROLE = 60;

/** Where target and neighbours share a subnet: 32 addresses for each role, the first 32 for the target and others. */
const SUBNET = '10.201.0';
const PER_ROLE = 32;

export const targetAddress = (profile: Profile): string => (profile.subnet ? `${SUBNET}.1` : '127.0.0.1');

/** Addresses of the subnet that no neighbour has. */
export const subnetAddresses = { tester: `${SUBNET}.2`, thirdParty: `${SUBNET}.20` } as const;

/** Makes the subnet in a namespace that has nothing yet: an interface of the target, and the tester behind all of it. */
export const subnetCommands: readonly string[] = [
  'ip link set lo up',
  'ip link add near type veth peer name far',
  'ip link set near up',
  'ip link set far up',
  `ip address add ${SUBNET}.1/24 dev near`,
  `ip route add local ${SUBNET}.0/24 dev lo`,
];

const firstInSubnet = (role: Role): number => PER_ROLE * (1 + roles.indexOf(role));

/** The neighbours of a role, in a profile that takes them by range. */
export const rangeOf = (profile: Profile, role: Role): string =>
  profile.subnet ? `${SUBNET}.${firstInSubnet(role)}/27` : `127.${role.net}.0.0/16`;

export function roleAddress(role: Role, ordinal: number): string {
  return `127.${role.net}.${Math.floor(ordinal / 250) % 250}.${1 + (ordinal % 250)}`;
}

/** The address of the next connection of a role. */
export function neighbourAddress(profile: Profile, role: Role, ordinal: number): string {
  if (profile.subnet) return `${SUBNET}.${firstInSubnet(role) + 1 + (ordinal % (PER_ROLE - 2))}`;
  return roleAddress(role, profile.active ? 0 : ordinal);
}

export function staticAddresses(profile: Profile, role: Role): readonly string[] {
  // An active target dials every neighbour it has, so there is one of each kind only.
  const count = profile.active ? 1 : STATIC_PER_ROLE;
  return Array.from({ length: count }, (_, i) => roleAddress(role, i));
}
