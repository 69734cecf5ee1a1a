/**
 * How long one prefix takes from socket to socket: who announces it, who waits for it, and a neighbour whose prefixes
 * change meanwhile. Messages are looked at whole, as they come.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { makeAnnouncement, makePrefixTable, makeWithdrawal } from './full-table.ts';
import { Inbox } from './inbox.ts';
import { identifierOf, type networkOf } from './play.ts';
import { clock, Session } from './session.ts';
import { WholeMessages } from './whole-messages.ts';

const probes = 300;
/** Changes of the neighbour: this many prefixes each time. */
export const backgroundPrefixes = 200;
const backgroundEveryMs = 10;

export interface Side {
  readonly session: Session;
  /** Resolves with the time when an UPDATE has come that says this of the prefix. */
  heard(what: 'announced' | 'withdrawn'): Promise<number>;
  /** When it received something last. */
  lastAt(): number;
}

/** 10.99.98.0/24, which is looked for in what comes: tables have nothing in 10.0.0.0/8. */
const prefix = Buffer.from([24, 10, 99, 98]);
const own = { count: 1, address: Uint32Array.of(0x0a636200), length: Uint8Array.of(24) };

export function connected(network: ReturnType<typeof networkOf>, peer: number): Promise<Side> {
  let waiting: { readonly what: string; readonly done: (at: number) => void } | undefined;
  return new Promise((up, failed) => {
    const inbox = new Inbox(1 << 16, () => up(side));
    const messages = new WholeMessages();
    let lastAt = clock();
    const session = new Session({
      target: network,
      localAddress: network.clients[peer],
      identifier: identifierOf(peer),
      asn: network.asn,
      holdTime: 6,
      onBytes: (bytes) => {
        lastAt = clock();
        if (inbox.end < 1 << 12) inbox.add(bytes);
        messages.push(bytes, look);
      },
      onClosed: (why) => failed(new Error(`peer ${peer}: ${why}`)),
    });
    const look = (message: Buffer): void => {
      if (message[18] !== 2 || message.indexOf(prefix) < 0) return;
      const what = message.readUInt16BE(19) > 0 ? 'withdrawn' : 'announced';
      if (waiting?.what !== what) return;
      const { done } = waiting;
      waiting = undefined;
      done(clock());
    };
    const side: Side = {
      session,
      lastAt: () => lastAt,
      heard: (what) =>
        new Promise((done) => {
          waiting = { what, done };
        }),
    };
  });
}

/** Sorted milliseconds of announcements and withdrawals. */
export async function measure(
  speaker: Side,
  listener: Side,
  { seed }: { readonly seed: number },
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let probe = 0; probe < probes; probe++) {
    const said = [
      ['announced', makeAnnouncement(own, { seed: seed + probe, first: 0, end: 1 }).bytes],
      ['withdrawn', makeWithdrawal(own, 0, 1)],
    ] as const;
    for (const [what, bytes] of said) {
      await pause(5 + ((probe * 7) % 20));
      const heard = listener.heard(what);
      const began = clock();
      speaker.session.write(bytes);
      times.push((await within(heard, what)) - began);
    }
  }
  return times.sort((a, b) => a - b);
}

async function within(heard: Promise<number>, what: string): Promise<number> {
  const giveUp = new AbortController();
  const late = pause(10_000, undefined, { signal: giveUp.signal }).then(() => {
    throw new Error(`not ${what} within 10 s`);
  });
  try {
    return await Promise.race([heard, late]);
  } finally {
    giveUp.abort();
    late.catch(() => undefined);
  }
}

/** Announces a part of the table with other attributes every few milliseconds; returns how to stop it. */
export function background(
  session: Session,
  { prefixes, seed }: { readonly prefixes: number; readonly seed: number },
): () => void {
  const table = makePrefixTable(prefixes, seed);
  const parts = Array.from({ length: 100 }, (_, n) => {
    const first = (n * backgroundPrefixes) % Math.max(1, prefixes - backgroundPrefixes);
    const end = Math.min(prefixes, first + backgroundPrefixes);
    return makeAnnouncement(table, { seed: seed + n, first, end }).bytes;
  });
  let next = 0;
  const timer = setInterval(() => session.write(parts[next++ % parts.length]), backgroundEveryMs);
  return () => clearInterval(timer);
}
