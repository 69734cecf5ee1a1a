// RFC 4271 §6.5, §10 (hold and keepalive timers), §9.2.1.1 (advertisement interval), RFC 9687 (send hold timer).

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { concat, fill, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

/**
 * Fails unless the hold timer fires `seconds` after `from` (milliseconds of the case clock), less 0.4 s or plus 3.5 s:
 * no standard bounds the delay, and an idle daemon was seen to write its NOTIFICATION only when it next woke up.
 */
async function expires(t: Bench, peer: Peer, from: number, seconds: number): Promise<void> {
  await t.notifiedWithin(peer, (seconds + 6) * 1000);
  const got = t.must(peer.notification, 'NOTIFICATION 4/0', peer.state());
  t.check(got.code === 4, 'NOTIFICATION 4/0', peer.state());
  const took = (got.atMs - from) / 1000;
  t.check(
    took > seconds - 0.4 && took < seconds + 3.5,
    `expiry after ${seconds} s`,
    `after ${took.toFixed(1)} s`,
  );
  t.observe(`expiry after ${took.toFixed(1)} s`);
}

async function silentAfterHandshake(t: Bench): Promise<void> {
  const e1 = await t.peer('e1', { holdSeconds: 3, silent: true });
  await expires(t, e1, t.now(), 3);
}

export const timerCases: readonly Case[] = [
  {
    id: 'RFC4271-6.5-01',
    level: 'MUST',
    profile: 'Pst',
    title: 'no KEEPALIVE in OpenConfirm, hold time 3',
    expected: 'NOTIFICATION 4/0 after 3 s',
    run: async (t) => {
      const e1 = await t.openConfirm('e1', { holdSeconds: 3 });
      await expires(t, e1, t.now(), 3);
    },
  },
  {
    id: 'RFC4271-6.5-02',
    level: 'MUST',
    profile: 'Pst',
    title: 'hold time 3, silent after the first KEEPALIVE',
    expected: 'NOTIFICATION 4/0 after 3 s',
    run: silentAfterHandshake,
  },
  {
    id: 'RFC4271-6.5-03',
    level: 'MUST',
    title: 'hold time 3, silent after the first KEEPALIVE, neighbour accepted from a range',
    expected: 'NOTIFICATION 4/0 after 3 s',
    run: silentAfterHandshake,
  },
  {
    id: 'RFC4271-6.5-04',
    level: 'MUST',
    title: 'only UPDATEs, one a second, for 12 s, hold time 3',
    expected: 'the session stays up: an UPDATE restarts the hold timer',
    run: async (t) => {
      const e2 = await t.peer('e2');
      const e1 = await t.peer('e1', { holdSeconds: 3, silent: true });
      for (let second = 0; second < 12; second++) {
        e1.announce(t.prefix());
        await t.pause(1000);
      }
      await t.settle(e1, [e2]);
    },
  },
  {
    id: 'RFC4271-6.5-05',
    level: 'RECORD',
    title: 'only ROUTE-REFRESHes, one a second, hold time 3',
    expected: 'RFC 2918 does not say whether they restart the hold timer',
    run: async (t) => {
      const e1 = await t.peer('e1', { holdSeconds: 3, silent: true });
      for (let second = 0; second < 7 && e1.up; second++) {
        e1.send(m.routeRefresh(1, 1));
        await t.pause(1000);
      }
      t.observe(e1.state());
    },
  },
  {
    id: 'RFC4271-4.4-02',
    level: 'SHOULD',
    title: 'hold time 9, watch the KEEPALIVEs',
    expected: 'one every 3 s, less at most a quarter of jitter',
    run: async (t) => {
      const e1 = await t.peer('e1', { holdSeconds: 9 });
      await e1.until(() => (e1.messages(m.KEEPALIVE).length >= 5 ? true : undefined), 14_000);
      const times = e1.messages(m.KEEPALIVE).map((r) => r.atMs);
      const gaps = times.slice(2).map((at, i) => (at - (times[i + 1] ?? 0)) / 1000);
      const words = gaps.map((gap) => gap.toFixed(1)).join(' ');
      t.check(gaps.length >= 2, 'KEEPALIVEs', `${times.length} in 14 s`);
      t.check(
        gaps.every((gap) => gap > 1.7 && gap < 3.4),
        'gaps between 2.25 and 3 s',
        words,
      );
      t.observe(`gaps ${words} s`);
    },
  },
  {
    id: 'RFC4271-4.4-03',
    level: 'MUST',
    title: 'hold time 3 toward a receiver of a busy stream',
    expected: 'never more than 3 s without a message',
    run: async (t) => {
      const e1 = await t.peer('e1');
      const e2 = await t.peer('e2', { holdSeconds: 3 });
      const until = t.now() + 7000;
      while (t.now() < until) {
        e1.announce([t.prefix(), t.prefix(), t.prefix()], { med: Math.floor(t.now()) });
        await t.pause(20);
      }
      const times = e2.received.map((r) => r.atMs);
      const longest = Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? 0)));
      t.check(
        e2.up && longest < 3000,
        'a message at least every 3 s',
        `${e2.state()}, longest gap ${Math.round(longest)} ms`,
      );
    },
  },
  {
    id: 'Z-FRM-03',
    level: 'MUST',
    profile: 'Pst',
    title: 'a header that announces 4000 octets, then one octet a second',
    expected: 'NOTIFICATION 4/0: half a message is no sign of life',
    run: async (t) => {
      const e1 = await t.peer('e1', { holdSeconds: 3, silent: true });
      const from = t.now();
      e1.send(concat(fill(0xff, 16), u16(4000), u8(m.UPDATE)));
      const drip = setInterval(() => e1.up && e1.send(u8(0)), 700);
      await expires(t, e1, from, 3).finally(() => clearInterval(drip));
    },
  },
  {
    id: 'RFC4271-6.7-01',
    level: 'MUST',
    profile: 'Pmax',
    needs: ['max-prefix'],
    title: 'nine prefixes where three are allowed',
    expected: 'NOTIFICATION 6/1, data empty or AFI, SAFI and limit',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      await t.seed(t.prefix(), e1, [e2]);
      e1.announce(Array.from({ length: 8 }, () => t.prefix()));
      await t.notified(e1, 6, 1, ['', '00010100000003']);
    },
  },
  {
    id: 'RFC9687-3-01',
    level: 'MUST',
    slow: true,
    seconds: 620,
    title: 'the tester stops reading and keeps sending KEEPALIVE and ROUTE-REFRESH',
    expected:
      'the session ends within the send hold time (8 min, or twice the hold time), the others are untouched',
    run: async (t) => {
      const [e2, e3] = await t.peers('e2', 'e3');
      const e1 = await t.peer('e1');
      const list = Array.from({ length: 900 }, () => t.prefix());
      for (const prefix of list)
        e2.announce(prefix, { med: Math.floor(t.random() % 1000), path: [65002, 64900 + (t.random() % 90)] });
      await e1.sees(list[899] ?? '');
      const witness = t.prefix();
      await t.seed(witness, e1, [e3]);
      e1.connection.pause();
      const loop = setInterval(() => e1.connection.backlog === 0 && e1.send(m.routeRefresh(1, 1)), 20);
      try {
        await e3.loses(witness, 600_000);
      } finally {
        clearInterval(loop);
      }
      t.observe(`the session ended ${Math.round(t.now() / 1000)} s after the start`);
    },
  },
  {
    id: 'RFC9687-3-02',
    level: 'MUST',
    title: 'a slow reader that makes progress',
    expected: 'the session stays up',
    run: async (t) => {
      const [e2, e3] = await t.peers('e2', 'e3');
      const e1 = await t.peer('e1', { holdSeconds: 9 });
      for (let i = 0; i < 400; i++)
        e2.announce(t.prefix(), { path: [65002, 64900 + (i % 80), 64800 + (i % 7)] });
      const breathe = setInterval(() => {
        e1.connection.pause();
        setTimeout(() => e1.connection.resume(), 180);
      }, 200);
      const loop = setInterval(() => e1.send(m.routeRefresh(1, 1)), 100);
      await t.pause(12_000);
      clearInterval(loop);
      clearInterval(breathe);
      await t.pause(200);
      e1.connection.resume();
      await t.settle(e1, [e3]);
    },
  },
  ...advertisement(),
];

function advertisement(): Case[] {
  return [
    {
      id: 'RFC4271-9.2.1.1-01',
      level: 'SHOULD',
      profile: 'Pmrai',
      needs: ['mrai'],
      title: 'one prefix changes ten times within a second, advertisement interval 5 s',
      expected: 'at most two announcements within 4 s, and in the end the last state',
      run: async (t) => {
        const [e1, e2] = await t.peers('e1', 'e2');
        const px = t.prefix();
        await t.seed(px, e1, [e2], { path: [65001, 64700] });
        const before = e2.updates.length;
        for (let i = 1; i <= 10; i++) {
          e1.announce(px, { path: [65001, 64700 + i] });
          await t.pause(100);
        }
        await t.pause(3000);
        const count = e2.updates.slice(before).filter((u) => u.nlri.some((n) => n.prefix === px)).length;
        t.check(count <= 2, 'at most two announcements in 4 s', `${count}`);
        const last = await e2.until(() => (e2.describe(px).includes('64710') ? true : undefined), 8000);
        t.check(last === true, 'the last state', e2.describe(px));
      },
    },
    {
      id: 'RFC4271-9.2.1.1-02',
      level: 'SHOULD',
      profile: 'Pmrai',
      needs: ['mrai'],
      title: 'a withdrawal inside the advertisement interval',
      expected: 'withdrawn within the interval',
      variants: each({ single: 1, flap: 3 }, async (t, flaps) => {
        const [e1, e2] = await t.peers('e1', 'e2');
        const px = t.prefix();
        await t.seed(px, e1, [e2]);
        for (let i = 0; i < flaps; i++) {
          e1.announce(px, { path: [65001, 64700 + i] });
          e1.withdraw(px);
        }
        await e2.loses(px, 6500);
      }),
    },
  ];
}
