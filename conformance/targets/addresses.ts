// The addresses an instance's static neighbours have: the same list for the adapter and for the cases.

import type { Profile, Role } from '../engine/profile.ts';

/** Static neighbours per role of a passive profile; a case uses up one per connection it plays. */
export const STATIC_PER_ROLE = 60;

export function roleAddress(role: Role, ordinal: number): string {
  return `127.${role.net}.${Math.floor(ordinal / 250) % 250}.${1 + (ordinal % 250)}`;
}

export function staticAddresses(profile: Profile, role: Role): readonly string[] {
  // An active target dials every neighbour it has, so there is one of each kind only.
  const count = profile.active ? 1 : STATIC_PER_ROLE;
  return Array.from({ length: count }, (_, i) => roleAddress(role, i));
}
