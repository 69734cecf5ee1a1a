// What a station was told about one neighbour: its messages, and the last state of a route in each view.

import type { Bench } from '../../engine/bench.ts';
import type { Peer } from '../../engine/peer.ts';
import type { MonitoredView } from '../../engine/profile.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import {
  LOC_RIB_PEER,
  type MonitoringMessage,
  monitoredUpdate,
  PEER_UP,
  type PeerHeader,
  ROUTE_MONITORING,
} from '../../wire/bmp.ts';
import type { DecodedUpdate } from '../../wire/decode.ts';

/** RFC 7854 §4.2, RFC 8671 §4. */
export const V_FLAG = 0x80;
export const L_FLAG = 0x40;
export const A_FLAG = 0x20;
export const O_FLAG = 0x10;

export type RoutesView = Exclude<MonitoredView, 'mirroring'>;

export function viewOf({ type, flags }: PeerHeader): RoutesView {
  if (type === LOC_RIB_PEER) return 'loc-rib';
  if ((flags & O_FLAG) !== 0) return 'adj-out';
  return (flags & L_FLAG) !== 0 ? 'post-policy' : 'pre-policy';
}

/** Messages of the open connection about the neighbour; those about no neighbour and the Loc-RIB with undefined. */
export const told = (t: Bench, peer: Peer | undefined, type: number): readonly MonitoringMessage[] =>
  (t.collector.feed?.messages ?? []).filter(
    (one) => one.type === type && (peer === undefined || one.peer?.address === peer.address),
  );

/** Route Monitoring of one view, oldest first; the Loc-RIB is about no neighbour. */
export const routesTold = (t: Bench, peer: Peer, view: RoutesView): readonly MonitoringMessage[] =>
  told(t, view === 'loc-rib' ? undefined : peer, ROUTE_MONITORING).filter(
    (one) => one.peer !== undefined && viewOf(one.peer) === view,
  );

const has = (list: readonly { readonly prefix: string }[] | undefined, prefix: string): boolean =>
  list?.some((one) => one.prefix === prefix) ?? false;

export const announces = (update: DecodedUpdate, prefix: string): boolean =>
  has(update.nlri, prefix) || has(update.reach?.nlri, prefix);

export const withdraws = (update: DecodedUpdate, prefix: string): boolean =>
  has(update.withdrawn, prefix) || has(update.unreach?.nlri, prefix);

export interface LastTold {
  readonly message: MonitoringMessage;
  readonly update: DecodedUpdate;
  readonly there: boolean;
}

/** The last that the station was told of the prefix; undefined if it never was. */
export function lastTold(t: Bench, peer: Peer, view: RoutesView, prefix: string): LastTold | undefined {
  for (const message of [...routesTold(t, peer, view)].reverse()) {
    const update = monitoredUpdate(message);
    const there = announces(update, prefix);
    if (there || withdraws(update, prefix)) return { message, update, there };
  }
  return undefined;
}

/** Waits for a message about the neighbour; without one the case fails. */
export async function message(
  t: Bench,
  peer: Peer | undefined,
  type: number,
  words: string,
  wanted: (one: MonitoringMessage) => boolean = () => true,
  withinMs = t.patienceMs,
): Promise<MonitoringMessage> {
  const found = await t.collector.until(() => told(t, peer, type).find(wanted), withinMs);
  return t.must(found, `the station is sent ${words}`, whatCame(t, peer));
}

export function whatCame(t: Bench, peer: Peer | undefined): string {
  const { feed } = t.collector;
  if (feed === undefined) return 'the target is not connected to the station';
  const list = feed.messages.filter((one) => peer === undefined || one.peer?.address === peer.address);
  return `BMP message types ${
    list
      .slice(-12)
      .map((one) => one.type)
      .join(' ') || 'none'
  }`;
}

/** The route is there in the view: the positive control of the rows about what is not told. */
export async function monitored(t: Bench, peer: Peer, view: RoutesView, prefix: string): Promise<LastTold> {
  const probe = () => {
    const last = lastTold(t, peer, view, prefix);
    return last?.there === true ? last : undefined;
  };
  const found = await t.collector.until(probe, t.patienceMs);
  return t.must(found, `the station is told of ${prefix} (${view})`, whatCame(t, peer));
}

/** All that the neighbour sent before has been told, since a route announced after it has. */
export async function settleMonitoring(t: Bench, peer: Peer, view: RoutesView): Promise<void> {
  if ((await trySettleMonitoring(t, peer, view)) !== 'told')
    throw new Inconclusive(`the station was not told of the sentinel (${peer.state()})`);
}

export async function trySettleMonitoring(
  t: Bench,
  peer: Peer,
  view: RoutesView,
): Promise<'told' | 'down' | 'silent'> {
  const sentinel = t.prefix();
  peer.announce(sentinel);
  const seen = () => {
    if (!peer.up) return 'down';
    return lastTold(t, peer, view, sentinel)?.there === true ? 'told' : undefined;
  };
  // Either the station or the session may be the first to say so.
  const how = await Promise.race([t.collector.until(seen, t.patienceMs), peer.until(seen)]);
  return how ?? 'silent';
}

/** A neighbour whose session the station knows of. */
export async function watched(t: Bench, ...options: Parameters<Bench['peer']>): Promise<Peer> {
  const peer = await t.peer(...options);
  await message(t, peer, PEER_UP, 'Peer Up');
  return peer;
}
