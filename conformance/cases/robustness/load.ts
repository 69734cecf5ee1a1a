// Many sessions at once, many one after the other, and one reader that does not read: the others do not notice.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { attribute } from '../../wire/attributes.ts';
import { fill } from '../../wire/bytes.ts';

const SESSIONS = 500;
const EACH = 20;
const RECONNECTS = 1000;
const LONG_MS = 60_000;
const MEGABYTE = 1_000_000;

/** How many routes of `prefixes` the observer has. */
const held = (observer: Peer, prefixes: ReadonlySet<string>): number =>
  observer.routes.reduce((sum, { prefix }) => sum + (prefixes.has(prefix) ? 1 : 0), 0);

async function allAtOnce(t: Bench): Promise<void> {
  const [e3, e2] = await t.peers('e3', 'e2');
  const all = new Set<string>();
  const peers: Peer[] = [];
  for (let i = 0; i < SESSIONS; i++) {
    const peer = await t.peer('e1');
    const own = Array.from({ length: EACH }, () => t.prefix());
    for (const prefix of own) all.add(prefix);
    peer.announce(own);
    // What the others are told is of no interest, and is little enough to wait in the kernel.
    peer.connection.pause();
    peers.push(peer);
  }
  for (const peer of peers.slice(-3)) await t.settle(peer, [e2]);
  const there = await e2.until(() => (held(e2, all) === all.size ? true : undefined), LONG_MS);
  t.check(there === true, `${all.size} routes`, `${held(e2, all)} routes`);
  for (const peer of peers) peer.connection.reset();
  const gone = await e2.until(() => (held(e2, all) === 0 ? true : undefined), LONG_MS);
  t.check(gone === true, 'no route is left', `${held(e2, all)} routes are left`);
  await t.settle(e3, [e2]);
}

/** One session after the other, each with a route, ended by FIN and RST in turn. */
async function cycle(t: Bench, observer: Peer, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const e1 = await t.peer('e1');
    const px = t.prefix();
    await t.seed(px, e1, [observer]);
    if (i % 2 === 0) e1.connection.finish();
    else e1.connection.reset();
    await observer.loses(px);
    e1.dispose();
  }
}

async function oneAfterTheOther(t: Bench): Promise<void> {
  const e2 = await t.peer('e2');
  await cycle(t, e2, RECONNECTS / 4);
  const before = t.instance.residentOctets();
  await cycle(t, e2, (3 * RECONNECTS) / 4);
  const after = t.instance.residentOctets();
  if (before === undefined || after === undefined) {
    t.observe('the memory of the target cannot be read');
    return;
  }
  const words = `${Math.round(before / MEGABYTE)} MB, then ${Math.round(after / MEGABYTE)} MB`;
  t.observe(words);
  // Room for what an allocator or a collector holds back: 40 kB a session would be seen.
  t.check(after < before * 1.25 + 30 * MEGABYTE, 'the memory does not grow with the sessions', words);
}

/** Milliseconds until 500 routes of one peer are at another. */
async function roundTrip(t: Bench, from: Peer, to: Peer): Promise<number> {
  const began = t.now();
  for (let i = 0; i < 500; i++) from.announce(t.prefix(), { path: [from.facts.asn, 64600 + (i % 80)] });
  await t.settle(from, [to]);
  return t.now() - began;
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function threeTimes(t: Bench, from: Peer, to: Peer): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < 3; i++) took.push(await roundTrip(t, from, to));
  return middle(took);
}

async function slowReader(t: Bench): Promise<void> {
  const [e1, e2, b] = await t.peers('e1', 'e2', 'b');
  const before = await threeTimes(t, e1, e2);
  b.connection.pause();
  // Far more than the kernel holds for a connection, and each with attributes of its own.
  const list = Array.from({ length: 3000 }, () => t.prefix());
  for (const [i, prefix] of list.entries())
    e1.announce(prefix, {
      path: [e1.facts.asn, 60000 + i],
      append: [attribute(0xd0, 250, fill(i & 0xff, 2500))],
    });
  await t.settle(e1, [e2]);
  for (const prefix of list) e1.withdraw(prefix);
  await t.settle(e1, [e2]);
  const beside = await threeTimes(t, e1, e2);
  b.connection.resume();
  const words = `${Math.round(before)} ms, beside the slow reader ${Math.round(beside)} ms`;
  t.observe(words);
  t.check(beside < 2 * before + 300, 'less than twice the time (and 300 ms)', words);
}

export const loadCases: readonly Case[] = [
  {
    id: 'Z-LOAD-01',
    level: 'ROBUST',
    title: `${SESSIONS} neighbours with ${EACH} routes each, all reset at once`,
    expected: 'all their routes go, and the others carry on',
    isolated: true,
    slow: true,
    seconds: 240,
    run: allAtOnce,
  },
  {
    id: 'Z-LOAD-02',
    level: 'ROBUST',
    title: `${RECONNECTS} sessions one after the other`,
    expected: 'every one is taken, its route goes with it, and the memory does not grow',
    isolated: true,
    slow: true,
    seconds: 300,
    run: oneAfterTheOther,
  },
  {
    id: 'Z-LOAD-03',
    level: 'ROBUST',
    title: 'one neighbour stops reading while 3000 large routes come and go',
    expected: 'other neighbours get routes in less than twice the time',
    isolated: true,
    slow: true,
    seconds: 120,
    run: slowReader,
  },
];
