// What the cases about graceful restart share: the capability, a drop, what is kept meanwhile, and the return.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import { type Bytes, concat, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

export const gracefulRestartCode = 64;
const restarting = 0x8;
const notifications = 0x4;
const forwarding = 0x80;

export interface RestartFacts {
  /** Seconds; the profiles have 5. */
  readonly time?: number;
  readonly restarting?: boolean;
  /** RFC 8538 §2. */
  readonly notification?: boolean;
  /** Families with their F bit; both kept by default. */
  readonly families?: Partial<Record<'v4' | 'v6', 'kept' | 'lost'>>;
}

/** RFC 4724 §3: Restart Flags (4 bits), Restart Time (12 bits), then AFI, SAFI and flags per family. */
export function restartCapability(facts: RestartFacts = {}): m.Capability {
  const { time = 5, families = { v4: 'kept', v6: 'kept' } } = facts;
  const flags =
    (facts.restarting === true ? restarting : 0) | (facts.notification === true ? notifications : 0);
  const parts: Bytes[] = [u16((flags << 12) | time)];
  if (families.v4 !== undefined) parts.push(u16(1), u8(1), u8(families.v4 === 'kept' ? forwarding : 0));
  if (families.v6 !== undefined) parts.push(u16(2), u8(1), u8(families.v6 === 'kept' ? forwarding : 0));
  return m.capability(gracefulRestartCode, concat(...parts));
}

export const withRestart = (facts: RestartFacts = {}): PeerOptions => ({ extra: [restartCapability(facts)] });

/** End-of-RIB (RFC 4724 §2): an empty UPDATE, or an MP_UNREACH_NLRI of the family and nothing else. */
export const endOfRib4 = m.message(m.UPDATE, concat(u16(0), u16(0)));
export const endOfRib6 = m.message(m.UPDATE, concat(u16(0), u16(6), u8(0x80), u8(15), u8(3), u16(2), u8(1)));

export interface Scene {
  readonly e1: Peer;
  readonly e2: Peer;
  readonly e3: Peer;
  readonly px: string;
  readonly py: string;
}

/** e1 can restart and has announced px and py, which e2 has; e3 is there for sentinels. */
export async function scene(t: Bench, facts: RestartFacts = {}, options: PeerOptions = {}): Promise<Scene> {
  const e1 = await t.peer('e1', { ...withRestart(facts), ...options });
  const [e2, e3] = await t.peers('e2', 'e3');
  e1.send(endOfRib4, endOfRib6);
  const [px, py] = [t.prefix(), t.prefix()];
  await t.seed(px, e1, [e2]);
  await t.seed(py, e1, [e2]);
  return { e1, e2, e3, px, py };
}

export type Loss = (peer: Peer) => void;

export const losses: Readonly<Record<string, Loss>> = {
  fin: (peer) => {
    peer.stopKeepalives();
    peer.connection.finish();
  },
  reset: (peer) => {
    peer.stopKeepalives();
    peer.connection.reset();
  },
};

export const bySending =
  (bytes: Bytes): Loss =>
  (peer) => {
    peer.stopKeepalives();
    peer.send(bytes);
    peer.connection.finish();
  };

/** Connects again from the same address, as soon as it is let: some targets rest after a lost session. */
export async function again(t: Bench, seat: Seat, before: Peer, options: PeerOptions): Promise<Peer> {
  for (let left = 15; ; left--) {
    try {
      return await t.peer(seat, { ...options, address: before.address });
    } catch (error) {
      if (!(error instanceof Inconclusive) || left === 0) throw error;
      await t.pause(500);
    }
  }
}

/** The restarting speaker connects again from the same address. */
export const comesBack = (t: Bench, before: Peer, facts: RestartFacts = {}): Promise<Peer> =>
  again(t, 'e1', before, withRestart({ restarting: true, ...facts }));

/** Seconds that stale routes are watched for: less than the restart time of 5 s. */
const watchedMs = 3000;

/**
 * Fails if a route was withdrawn or announced anew within three seconds of the loss. Time is what this is about, so
 * it passes; then sentinels show that whatever was caused by the loss has arrived.
 */
export async function keeps(t: Bench, { e2, e3 }: Scene, prefixes: readonly string[], from: number) {
  await t.pause(watchedMs);
  await t.settle(e3, [e2]);
  untouched(t, e2, prefixes, from);
}

/** Fails if an UPDATE from number `from` on says anything about one of the prefixes. */
export function untouched(t: Bench, observer: Peer, prefixes: readonly string[], from: number): void {
  for (const prefix of prefixes) {
    const told = observer.updates
      .slice(from)
      .some((u) => [...u.withdrawn, ...u.nlri].some((n) => n.prefix === prefix));
    t.check(!told, `${prefix} not touched at ${observer.name}`, observer.describe(prefix));
    t.need(observer, prefix);
  }
}

/** Fails unless all are withdrawn well before the restart time is over. */
export async function losesAtOnce(t: Bench, { e2 }: Scene, prefixes: readonly string[]): Promise<void> {
  const from = t.now();
  for (const prefix of prefixes) await e2.loses(prefix);
  const took = t.now() - from;
  t.check(took < 2000, 'withdrawn at once', `after ${(took / 1000).toFixed(1)} s`);
}
