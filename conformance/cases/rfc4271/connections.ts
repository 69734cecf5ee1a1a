// RFC 4271 §6.8 (connection collision), §8.2.1 (who connects, when), RFC 6286 §2.3.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import * as m from '../../wire/messages.ts';

const active = { profile: 'Pact', needs: ['active'], isolated: true, seconds: 60 } as const;
const DIAL_MS = 20_000;

interface Pair {
  /** The connection the target opened. */
  readonly a: Peer;
  /** The connection the tester opened. */
  readonly b: Peer;
}

/** Both connections of one neighbour, with the target's OPEN read on each. */
async function pair(t: Bench, seat: Seat, options: PeerOptions): Promise<Pair> {
  const listener = await t.listen(seat);
  const a = await t.accepted(seat, listener, DIAL_MS, options);
  // Before its OPEN the target may not know yet that its own connection has come about.
  const open = await a.until(() => a.remoteOpen);
  if (open === undefined) throw new Inconclusive(`no OPEN on the connection the target opened: ${a.state()}`);
  const b = await t.connect(seat, { ...options, address: t.neighbourAddress(seat) });
  await b.until(() => b.remoteOpen ?? b.connection.ending);
  return { a, b };
}

/** Which connection is left, once one has ended. */
async function survivor(t: Bench, { a, b }: Pair): Promise<'a' | 'b'> {
  const ended = await Promise.race([
    a.until(() => (a.up ? undefined : 'a')),
    b.until(() => (b.up ? undefined : 'b')),
    t.pause(t.patienceMs).then(() => undefined),
  ]);
  const dead = t.must(ended, 'one of the two connections ends', `a: ${a.state()}, b: ${b.state()}`);
  return dead === 'a' ? 'b' : 'a';
}

async function finishes(t: Bench, peer: Peer): Promise<void> {
  peer.startKeepalives();
  const up = await peer.until(() => (peer.established ? true : peer.up ? undefined : false));
  t.check(up === true, 'the surviving connection reaches Established', peer.state());
}

function sendOpen(t: Bench, peer: Peer, options: PeerOptions): void {
  peer.sendOpen(t.openOf(peer.facts, options));
}

/** OPENs on B, then on A; then `expected` is left and the other got 6/7. */
async function collide(t: Bench, seat: Seat, options: PeerOptions, expected: 'a' | 'b'): Promise<void> {
  const both = await pair(t, seat, options);
  sendOpen(t, both.b, options);
  sendOpen(t, both.a, options);
  const left = await survivor(t, both);
  t.check(left === expected, `connection ${expected} survives`, `connection ${left} does`);
  const dead = both[left === 'a' ? 'b' : 'a'];
  t.check(dead.notification?.code === 6 && dead.notification.subcode === 7, 'NOTIFICATION 6/7', dead.state());
  await finishes(t, both[left]);
}

export const connectionCases: readonly Case[] = [
  {
    id: 'RFC4271-6.8-01',
    level: 'MUST',
    ...active,
    title: 'two connections, the tester has the lower identifier',
    expected: 'the connection the target opened survives, the other gets NOTIFICATION 6/7',
    run: (t) => collide(t, 'e1', { id: '1.1.1.1' }, 'a'),
  },
  {
    id: 'RFC4271-6.8-02',
    level: 'MUST',
    ...active,
    title: 'two connections, the tester has the higher identifier',
    expected: 'the connection the tester opened survives, the other gets NOTIFICATION 6/7',
    run: (t) => collide(t, 'e1', { id: '200.1.1.1' }, 'b'),
  },
  {
    id: 'RFC4271-6.8-03',
    level: 'MUST',
    ...active,
    title: 'a second connection while one is Established',
    expected: 'the new one is closed, the old one is untouched',
    run: async (t) => {
      const listener = await t.listen('e1');
      const a = await t.accepted('e1', listener, DIAL_MS, { id: '200.1.1.1' });
      sendOpen(t, a, { id: '200.1.1.1' });
      await finishes(t, a);
      const b = await t.connect('e1', { address: t.neighbourAddress('e1'), id: '200.1.1.1' });
      if (b.up) sendOpen(t, b, { id: '200.1.1.1' });
      t.check(await b.ended(), 'the second connection closed', b.state());
      t.check(a.up, 'the first connection untouched', a.state());
    },
  },
  {
    id: 'RFC6286-2.3-01',
    level: 'MUST',
    ...active,
    title: 'two connections, equal identifiers',
    expected: 'the connection opened by the speaker with the larger AS number survives',
    variants: {
      'tester-higher-as': (t) => collide(t, 'e1', { id: '10.0.0.1' }, 'b'),
    },
  },
  {
    id: 'RFC4271-6.8-04',
    level: 'MUST',
    ...active,
    title: 'OPEN on both connections at the same instant',
    expected: 'exactly one survives',
    run: async (t) => {
      const options = { id: '200.1.1.1' };
      const both = await pair(t, 'e1', options);
      sendOpen(t, both.a, options);
      sendOpen(t, both.b, options);
      const left = await survivor(t, both);
      await finishes(t, both[left]);
      t.observe(`connection ${left} survived`);
    },
  },
  {
    id: 'RFC4486-4-07',
    level: 'SHOULD',
    ...active,
    title: 'two connections, OPEN on both: whichever the target closes',
    expected: 'is told 6/7',
    run: async (t) => {
      const options = { id: '9.9.9.9' };
      const both = await pair(t, 'e1', options);
      sendOpen(t, both.a, options);
      sendOpen(t, both.b, options);
      const left = await survivor(t, both);
      await t.notified(both[left === 'a' ? 'b' : 'a'], 6, 7);
      await finishes(t, both[left]);
    },
  },
  {
    id: 'RFC4271-6.8-05',
    level: 'MAY',
    ...active,
    title: 'the OPEN on the tester’s connection comes first, the other waits in OpenSent',
    expected: 'one connection is left in the end',
    run: async (t) => {
      const options = { id: '200.1.1.1' };
      const both = await pair(t, 'e1', options);
      sendOpen(t, both.b, options);
      await both.b.until(() => (both.b.established || !both.b.up ? true : undefined));
      sendOpen(t, both.a, options);
      const left = await survivor(t, both);
      await finishes(t, both[left]);
      t.observe(`connection ${left} survived`);
    },
  },
  {
    id: 'RFC4271-8.2.1-01',
    level: 'MUST',
    ...active,
    slow: true,
    seconds: 120,
    title: 'the tester resets five connections',
    expected: 'the target tries again, no sooner than a second later and within 60 s',
    run: async (t) => {
      const listener = await t.listen('e1');
      listener.reception = 'reset';
      const until = t.now() + 100_000;
      while (listener.attempts.length < 5 && t.now() < until) await t.pause(200);
      const times = listener.attempts;
      const gaps = times.slice(1).map((at, i) => (at - (times[i] ?? 0)) / 1000);
      const words = gaps.map((gap) => gap.toFixed(1)).join(' ');
      t.check(gaps.length >= 2, 'three attempts within 100 s', `${times.length}`);
      t.check(
        gaps.every((gap) => gap >= 0.9 && gap < 60),
        'gaps between 1 and 60 s',
        words,
      );
      t.observe(`gaps ${words} s`);
    },
  },
  {
    id: 'RFC4271-8.2.1-02',
    level: 'MUST',
    slow: true,
    profile: 'Pst',
    seconds: 60,
    title: 'the tester listens where a passive neighbour is configured',
    expected: 'no connection from the target in 20 s; one from the tester works',
    run: async (t) => {
      const listener = await t.listen('e1');
      const socket = await listener.take(20_000);
      t.check(socket === undefined, 'no connection', 'the target connected');
      await t.peer('e1', { address: t.neighbourAddress('e1') });
    },
  },
  {
    id: 'RFC4271-8.1.1-01',
    level: 'MAY',
    ...active,
    slow: true,
    seconds: 150,
    title: 'NOTIFICATION 6/2 three times from the tester',
    expected: 'the gaps between attempts grow (DampPeerOscillations)',
    run: async (t) => {
      const listener = await t.listen('e1');
      for (let i = 0; i < 3; i++) {
        const peer = await t.accepted('e1', listener, 40_000);
        await peer.until(() => peer.remoteOpen);
        peer.send(m.notification(6, 2));
        peer.connection.finish();
      }
      const times = listener.attempts;
      t.observe(
        `gaps ${times
          .slice(1)
          .map((at, i) => ((at - (times[i] ?? 0)) / 1000).toFixed(1))
          .join(' ')} s`,
      );
    },
  },
];
