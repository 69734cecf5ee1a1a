// What the VPN cases share: VPN NLRI as octets, sessions with the families, routes with a fresh prefix each.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { type RouteSpec, routeAttributes } from '../../engine/routes.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import { address, afiOf, type Family, prefix as prefixBytes } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, fill, hex, toHex, u8, u16, u32 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

export const vpnSafi = 128;
export const routeTargetSafi = 132;

/** Route distinguishers in hex: type 0 (2-octet AS), type 1 (IPv4), type 2 (4-octet AS). */
export const distinguishers = {
  'type-0': '0000fde800000001',
  'type-1': '00010a0000630007',
  'type-2': '000200011170000c',
} as const;

export const targetOf = (asn: number, value: number): Bytes => concat(hex('0002'), u16(asn), u32(value));
/** The route target of routes that say nothing else. */
export const defaultTarget = targetOf(65000, 1);
export const targets = (...values: readonly Bytes[]): Bytes => pa.extendedCommunities(...values);

export interface VpnRoute {
  readonly family: Family;
  readonly prefix: string;
  readonly rd: string;
  /** Label stack in hex. */
  readonly label: string;
  /** What an observer's table calls it. */
  readonly key: string;
}

export interface VpnRouteOptions {
  readonly family?: Family;
  readonly rd?: string;
  readonly label?: string;
  readonly prefix?: string;
}

export function vpnRoute(t: Bench, options: VpnRouteOptions = {}): VpnRoute {
  const family = options.family ?? 'v4';
  const prefix = options.prefix ?? t.prefix(family);
  const rd = options.rd ?? distinguishers['type-0'];
  return { family, prefix, rd, label: options.label ?? '000641', key: `vpn:${rd}:${prefix}` };
}

/** RFC 8277 §2: length in bits over label, route distinguisher and prefix. `bits` lies about it. */
export function vpnNlri(route: VpnRoute, bits?: number): Bytes {
  const octets = prefixBytes(route.prefix);
  const body = concat(hex(route.label), hex(route.rd), octets.subarray(1));
  const whole = (hex(route.label).length + 8) * 8 + (octets[0] ?? 0);
  return concat(u8(bits ?? whole), body);
}

/** RFC 4364 §4.3.2, RFC 4659 §3.2: a next hop is preceded by a distinguisher of zero. */
export function vpnNextHop(family: Family, text?: string): Bytes {
  return concat(fill(0, 8), address(text ?? pa.defaultNextHop(family)));
}

export interface VpnSpec extends RouteSpec {
  readonly hop?: Bytes;
  readonly nlri?: Bytes;
  /** Route targets; the default one when not given, none when empty. */
  readonly targets?: readonly Bytes[];
}

export function vpnAnnouncement(peer: Peer, list: readonly VpnRoute[], spec: VpnSpec = {}): Bytes {
  const family = list[0]?.family ?? 'v4';
  const nlri = spec.nlri ?? concat(...list.map((route) => vpnNlri(route)));
  const hop = spec.hop ?? vpnNextHop(family);
  const communities = spec.targets ?? [defaultTarget];
  const extra = communities.length === 0 ? [] : [targets(...communities)];
  const inside: RouteSpec = { ...spec, mp: true, with: [...(spec.with ?? []), ...extra] };
  const attributes = routeAttributes(peer.sender, inside, family);
  return m.update({ attributes: [pa.mpReach(afiOf(family), vpnSafi, hop, nlri), ...attributes] });
}

export function announceVpn(peer: Peer, route: VpnRoute, spec: VpnSpec = {}): void {
  peer.send(vpnAnnouncement(peer, [route], spec));
}

export function withdrawVpn(peer: Peer, route: VpnRoute, label = route.label): void {
  const nlri = vpnNlri({ ...route, label });
  peer.send(m.update({ attributes: [pa.mpUnreach(afiOf(route.family), vpnSafi, nlri)] }));
}

const vpnFamilies = [m.multiprotocol(1, vpnSafi), m.multiprotocol(2, vpnSafi)];

/** A session with both unicast and both VPN families. */
export function vpnPeer(t: Bench, seat: Seat, options: PeerOptions = {}): Promise<Peer> {
  return t.peer(seat, { ...options, extra: [...vpnFamilies, ...(options.extra ?? [])] });
}

export async function vpnPeers<const S extends readonly Seat[]>(
  t: Bench,
  ...seats: S
): Promise<{ [K in keyof S]: Peer }> {
  const all: Peer[] = [];
  for (const seat of seats) all.push(await vpnPeer(t, seat));
  return all as unknown as { [K in keyof S]: Peer };
}

/** The positive control of a VPN case: announced and seen by all. */
export async function seedVpn(
  from: Peer,
  observers: readonly Peer[],
  route: VpnRoute,
  spec: VpnSpec = {},
): Promise<void> {
  announceVpn(from, route, spec);
  for (const observer of observers) {
    const seen = await observer.until(() => observer.route(route.key) ?? (from.up ? undefined : 'down'));
    if (typeof seen !== 'object')
      throw new Inconclusive(`control: ${observer.name} did not receive ${route.key} (${from.state()})`);
  }
}

/**
 * Two VPN sentinels behind the stimulus. 'down' if the session of `from` ended before; 'family' if a unicast sentinel
 * gets through where the VPN one does not: the family is not used any more (RFC 7606 §2, AFI/SAFI disable).
 */
export async function settleVpn(
  t: Bench,
  from: Peer,
  observers: readonly Peer[],
  spec: VpnSpec = {},
  family: Family = 'v4',
): Promise<'up' | 'down' | 'family'> {
  for (let round = 0; round < 2; round++) {
    const sentinel = vpnRoute(t, { family });
    const path = from.facts.internal ? [64512 + round] : [from.facts.asn, 64512 + round];
    announceVpn(from, sentinel, { ...spec, path });
    for (const observer of observers) {
      const seen = await observer.until(() =>
        observer.route(sentinel.key) !== undefined ? 'up' : from.up ? undefined : 'down',
      );
      if (seen === 'down') return 'down';
      if (seen === undefined && (await t.trySettle(from, observers)) === 'up') return 'family';
      if (seen === undefined) throw new Inconclusive(`VPN sentinel from ${from.name} was not seen`);
    }
  }
  return 'up';
}

export const labelOf = (peer: Peer, route: VpnRoute): string | undefined => peer.route(route.key)?.label;
export const hopHex = (peer: Peer, route: VpnRoute): string =>
  toHex(peer.route(route.key)?.nextHop ?? new Uint8Array());
