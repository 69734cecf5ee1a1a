// Stimuli that several cases share: UPDATEs of an exact size, connection-level patterns.

import type { Peer } from '../engine/peer.ts';
import { announcement, type RouteSpec } from '../engine/routes.ts';
import { attribute } from '../wire/attributes.ts';
import { type Bytes, fill } from '../wire/bytes.ts';

/** Optional transitive type that no standard assigns. */
export const UNKNOWN = 250;

/** An announcement of exactly `octets` octets, filled up with an unknown optional transitive attribute. */
export function sizedAnnouncement(peer: Peer, prefix: string, octets: number, spec: RouteSpec = {}): Bytes {
  const filled = (count: number) =>
    announcement(peer.sender, [prefix], { ...spec, append: [attribute(0xd0, UNKNOWN, fill(0x2e, count))] });
  const bare = filled(0).length;
  if (octets < bare) throw new Error(`an UPDATE for ${prefix} has at least ${bare} octets`);
  return filled(octets - bare);
}
