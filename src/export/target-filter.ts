/**
 * What of the VPN routes a peer wants, as its route target memberships say (RFC 4684 §3): those with any of so many route
 * targets, or that begin like one. Peers with equal filters share an update group; one that changes its memberships is
 * moved to another and told the difference.
 */
import { isRouteTarget } from '../net/route-target.ts';
import type { AttributeTable } from '../rib/attribute-table.ts';
import { AttributeWalk } from '../rib/attribute-walk.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { AttributesId, PeerId } from '../rib/ids.ts';
import { toHex } from '../wire/bytes.ts';

const originBits = 32;
const wholeTarget = 96;
const walk = new AttributeWalk();

export class TargetFilter {
  /** Equal filters, equal keys. */
  readonly key: string;
  readonly #whole = new Set<string>();
  readonly #begins: { readonly octets: Uint8Array; readonly bits: number }[] = [];

  /** Of membership NLRI keys; with one of no bits every VPN route is wanted. */
  constructor(memberships: Iterable<Uint8Array>) {
    const seen = new Set<string>();
    for (const key of memberships) {
      // RFC 4684 §4: who wants it says the origin AS, what is wanted the rest.
      const bits = Math.max(0, key[0] - originBits);
      const octets = key.slice(5, 5 + ((bits + 7) >> 3));
      const text = `${toHex(octets)}/${bits}`;
      if (seen.has(text)) continue;
      seen.add(text);
      if (key[0] === wholeTarget) this.#whole.add(toHex(octets));
      else this.#begins.push({ octets, bits });
    }
    this.key = [...seen].sort().join(' ');
  }

  admits(table: AttributeTable, set: AttributesId): boolean {
    if (this.#begins.some(({ bits }) => bits === 0)) return true;
    if (!walk.start(table, set).find(16)) return false;
    for (let at = walk.value; at < walk.valueEnd; at += 8)
      if (isRouteTarget(walk.bytes, at) && this.#wants(walk.bytes, at)) return true;
    return false;
  }

  #wants(bytes: Uint8Array, at: number): boolean {
    if (this.#whole.size > 0 && this.#whole.has(toHex(bytes, at, at + 8))) return true;
    return this.#begins.some(({ octets, bits }) => beginsLike(bytes, at, octets, bits));
  }
}

function beginsLike(bytes: Uint8Array, at: number, octets: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[at + i] !== octets[i]) return false;
  const rest = bits & 7;
  return rest === 0 || ((bytes[at + whole] ^ octets[whole]) & (0xff << (8 - rest))) === 0;
}

/** RFC 4684 §3.2: all memberships that the peer announced count, best or not. */
export function targetFilterOf(rib: FamilyRib, peer: PeerId): TargetFilter {
  const keys: Uint8Array[] = [];
  for (let route = 1; route < rib.routeTop; route++) {
    if (rib.routeNlri[route] === 0 || rib.peer[route] !== peer || rib.acceptedOf(route) === 0) continue;
    const key = new Uint8Array(13);
    keys.push(key.subarray(0, rib.nlri.write(rib.routeNlri[route], key, 0)));
  }
  return new TargetFilter(keys);
}
