// What the RT-constrain cases share: membership NLRI as octets, sessions with the family, and who is sent what.

import type { Bench } from '../../engine/bench.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { type RouteSpec, routeAttributes } from '../../engine/routes.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import { address } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, toHex, u8, u16, u32 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { announceVpn, routeTargetSafi, targetOf, type VpnRoute, vpnPeer, vpnRoute } from '../rfc4364/vpn.ts';

export interface Membership {
  /** Length in bits of origin AS and route target: 0, or 32 to 96. */
  readonly bits: number;
  readonly octets: Bytes;
  /** What an observer's table calls it. */
  readonly key: string;
}

/** RFC 4684 §4: origin AS (4 octets), route target (8 octets), cut after `bits`. */
export function membership(originAsn: number, target: Bytes, bits = 96): Membership {
  const octets = concat(u32(originAsn), target).slice(0, Math.ceil(bits / 8));
  return { bits, octets, key: `rt:${toHex(octets)}/${bits}` };
}

export const everything: Membership = { bits: 0, octets: new Uint8Array(), key: 'rt:/0' };

export const membershipNlri = (one: Membership): Bytes => concat(u8(one.bits), one.octets);

export interface MemberSpec extends RouteSpec {
  readonly hop?: string;
  readonly nlri?: Bytes;
}

export function joins(peer: Peer, one: Membership, spec: MemberSpec = {}): void {
  const hop = address(spec.hop ?? pa.defaultNextHop('v4'));
  const reach = pa.mpReach(1, routeTargetSafi, hop, spec.nlri ?? membershipNlri(one));
  peer.send(m.update({ attributes: [reach, ...routeAttributes(peer.sender, { ...spec, mp: true }, 'v4')] }));
}

export function leaves(peer: Peer, one: Membership): void {
  peer.send(m.update({ attributes: [pa.mpUnreach(1, routeTargetSafi, membershipNlri(one))] }));
}

/** RFC 4684 §6: End-of-RIB of the family says that all memberships are told. */
export function endsMemberships(peer: Peer): void {
  peer.send(
    m.message(m.UPDATE, concat(u16(0), u16(6), u8(0x80), u8(15), u8(3), u16(1), u8(routeTargetSafi))),
  );
}

/** A session with unicast, VPN and membership routes, on which nothing has been said yet. */
export const constrainedPeer = (t: Bench, seat: Seat): Promise<Peer> =>
  vpnPeer(t, seat, { extra: [m.multiprotocol(1, routeTargetSafi)] });

/** A session whose memberships are told, to the End-of-RIB. */
export async function member(t: Bench, seat: Seat, ...list: readonly Membership[]): Promise<Peer> {
  const peer = await constrainedPeer(t, seat);
  for (const one of list) joins(peer, one);
  endsMemberships(peer);
  return peer;
}

export interface Crowd {
  /** Announces VPN routes; is a member of nothing. */
  readonly source: Peer;
  /** A VPN peer without the family, which is sent everything: the control. */
  readonly all: Peer;
  /** The one that is looked at. */
  readonly observer: Peer;
}

export async function crowd(t: Bench, ...list: readonly Membership[]): Promise<Crowd> {
  const source = await member(t, 'c1');
  const all = await vpnPeer(t, 'c3');
  const observer = await member(t, 'c2', ...list);
  return { source, all, observer };
}

/** A VPN route from the source, which the control has. */
export async function offered(
  t: Bench,
  { source, all }: Pick<Crowd, 'source' | 'all'>,
  target: Bytes | undefined,
  family: 'v4' | 'v6' = 'v4',
): Promise<VpnRoute> {
  const route = vpnRoute(t, { family });
  announceVpn(source, route, { targets: target === undefined ? [] : [target] });
  if ((await all.until(() => all.route(route.key))) === undefined)
    throw new Inconclusive(`control: a peer without RT-constrain was not sent ${route.key}`);
  return route;
}

/** Two routes of a target the observer is a member of, behind the stimulus: the sentinels. */
export async function settleTarget(
  t: Bench,
  { source, observer }: Crowd,
  target: Bytes,
  family: 'v4' | 'v6' = 'v4',
): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const sentinel = vpnRoute(t, { family });
    announceVpn(source, sentinel, { targets: [target], path: [64512 + round] });
    if ((await observer.until(() => observer.route(sentinel.key))) === undefined)
      throw new Inconclusive(`VPN sentinel from ${source.name} was not seen (${source.state()})`);
  }
}

/** Two memberships of another client, behind the stimulus, told to every observer: sentinels of their own family. */
export async function settleMembership(t: Bench, from: Peer, observers: readonly Peer[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const sentinel = membership(64998, targetOf(64998, Math.floor(t.random() * 0x7fffffff)));
    joins(from, sentinel, { path: [64512 + round] });
    for (const observer of observers)
      if ((await observer.until(() => observer.route(sentinel.key))) === undefined)
        throw new Inconclusive(`membership sentinel from ${from.name} was not seen at ${observer.name}`);
  }
}

export const red = targetOf(65000, 1);
export const blue = targetOf(65000, 2);
export const foreign = targetOf(64999, 1);
