// RFC 4271 §8 (finite state machine), RFC 6608 (its error subcodes), RFC 8654 apart.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement } from '../../engine/routes.ts';
import { fill } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

type Stage = 'OpenSent' | 'OpenConfirm' | 'Established';

/** RFC 6608 §3: subcode 1, 2 or 3 by state, and the type of the unexpected message as data. */
function unexpected(
  id: string,
  stage: Stage,
  name: string,
  bytes: (peer: Peer, t: Bench) => Uint8Array,
  data: string,
): Case {
  const subcode = { OpenSent: 1, OpenConfirm: 2, Established: 3 }[stage];
  return {
    id,
    level: 'MUST',
    title: `${name} in ${stage}`,
    expected: `NOTIFICATION 5/${subcode} with the message type`,
    run: async (t) => {
      const peer = await (stage === 'OpenSent'
        ? t.openSent('e1')
        : stage === 'OpenConfirm'
          ? t.openConfirm('e1')
          : t.peer('e1'));
      peer.send(bytes(peer, t));
      await t.notified(peer, 5, subcode, data);
    },
  };
}

const anUpdate = (peer: Peer, t: Bench) => announcement({ ...peer.sender, width: 4 }, [t.prefix()]);

/** Seeds a route from e1 and returns the watchers that must lose it. */
async function seeded(
  t: Bench,
): Promise<{ readonly e1: Peer; readonly watchers: readonly Peer[]; readonly px: string }> {
  const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
  const px = t.prefix();
  await t.seed(px, e1, [e2, c1]);
  return { e1, watchers: [e2, c1], px };
}

export const fsmCases: readonly Case[] = [
  unexpected('RFC6608-4-01', 'OpenSent', 'KEEPALIVE', () => m.keepalive(), '04'),
  unexpected('RFC6608-4-02', 'OpenSent', 'UPDATE', anUpdate, '02'),
  unexpected('RFC6608-4-03', 'OpenSent', 'ROUTE-REFRESH', () => m.routeRefresh(1, 1), '05'),
  unexpected('RFC6608-4-04', 'OpenConfirm', 'UPDATE', anUpdate, '02'),
  unexpected('RFC6608-4-05', 'OpenConfirm', 'OPEN', (peer, t) => t.openOf(peer.facts), '01'),
  unexpected('RFC6608-4-06', 'OpenConfirm', 'ROUTE-REFRESH', () => m.routeRefresh(1, 1), '05'),
  unexpected('RFC6608-4-07', 'Established', 'OPEN', (peer, t) => t.openOf(peer.facts), '01'),
  {
    id: 'RFC4271-8.2.2-01',
    level: 'MUST',
    title: 'NOTIFICATION in OpenSent',
    expected: 'the connection closes without an answer',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      e1.send(m.notification(6, 2));
      await t.closedSilently(e1);
    },
  },
  {
    id: 'RFC4271-8.2.2-02',
    level: 'MUST',
    title: 'NOTIFICATION 6/2 in OpenConfirm',
    expected: 'the connection closes without an answer',
    run: async (t) => {
      const e1 = await t.openConfirm('e1');
      e1.send(m.notification(6, 2));
      await t.closedSilently(e1);
    },
  },
  {
    id: 'RFC4271-8.2.2-03',
    level: 'RECORD',
    title: 'connect and wait',
    expected: 'an OPEN from the target; one with DelayOpen may wait for ours',
    run: async (t) => {
      const e1 = await t.connect('e1');
      const open = await e1.until(() => e1.remoteOpen);
      t.observe(open === undefined ? 'no OPEN' : `OPEN after ${Math.round(e1.received[0]?.atMs ?? 0)} ms`);
    },
  },
  {
    id: 'RFC4271-8.2.2-04',
    level: 'MUST',
    title: 'send OPEN, hold the KEEPALIVE back',
    expected: 'OPEN, then KEEPALIVE; no UPDATE before ours',
    run: async (t) => {
      const [e2] = await t.peers('e2');
      const px = t.prefix();
      const [c1] = await t.peers('c1');
      await t.seed(px, e2, [c1]);
      const e1 = await t.openConfirm('e1');
      // A route that moves while e1 waits, seen by c1: whatever e1 should have got it would have by then.
      await t.settle(e2, [c1]);
      const types = e1.received.map((r) => r.frame.type);
      t.check(
        types[0] === m.OPEN && types[1] === m.KEEPALIVE,
        'OPEN then KEEPALIVE',
        `types ${types.join(' ')}`,
      );
      t.check(!types.includes(m.UPDATE), 'no UPDATE before the session is up', `types ${types.join(' ')}`);
      e1.startKeepalives();
      await e1.sees(px);
    },
  },
  {
    id: 'RFC4271-8.2.2-05',
    level: 'SHOULD',
    slow: true,
    seconds: 330,
    title: 'say nothing in OpenSent',
    expected: 'no expiry within 60 s, then NOTIFICATION 4/0 at about four minutes',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const from = t.now();
      await t.notifiedWithin(e1, 310_000);
      const took = Math.round((t.now() - from) / 1000);
      t.check(!e1.up, 'an end within 310 s', e1.state());
      t.check(took > 60, 'a large hold time in OpenSent', `the end came after ${took} s: ${e1.state()}`);
      t.check(e1.notification?.code === 4, 'NOTIFICATION 4/0', e1.state());
      t.observe(`after ${took} s`);
    },
  },
  {
    id: 'RFC4271-8.2.2-06',
    level: 'MUST',
    title: 'the TCP connection of an Established session closes or is reset',
    expected: 'all routes of the peer are withdrawn from the others',
    variants: each({ fin: 'fin', rst: 'rst' } as const, async (t, how) => {
      const { e1, watchers, px } = await seeded(t);
      e1.stopKeepalives();
      if (how === 'fin') e1.connection.finish();
      else e1.connection.reset();
      for (const watcher of watchers) await watcher.loses(px);
    }),
  },
  {
    id: 'RFC4271-8.2.2-07',
    level: 'MUST',
    title: 'NOTIFICATION 6/2 in Established',
    expected: 'routes withdrawn from the others, no NOTIFICATION in answer',
    run: async (t) => {
      const { e1, watchers, px } = await seeded(t);
      e1.send(m.notification(6, 2));
      for (const watcher of watchers) await watcher.loses(px);
      await t.closedSilently(e1);
    },
  },
  {
    id: 'RFC4271-6.4-01',
    level: 'SHOULD',
    title: 'NOTIFICATION with the unknown code 99',
    expected: 'the connection closes without an answer',
    run: async (t) => {
      const { e1, watchers, px } = await seeded(t);
      e1.send(m.notification(99, 1, fill(0xaa, 40)));
      for (const watcher of watchers) await watcher.loses(px);
      await t.closedSilently(e1);
    },
  },
  {
    id: 'RFC4271-8.2.2-08',
    level: 'MUST',
    title: 'the same neighbour comes back right after a reset, without its old route',
    expected: 'the old route is gone and the whole table is sent again',
    run: async (t) => {
      const { e1, watchers, px } = await seeded(t);
      const [c2] = await t.peers('c2');
      const py = t.prefix();
      await t.seed(py, c2, [...watchers, e1]);
      const address = e1.address;
      e1.stopKeepalives();
      e1.connection.finish();
      for (const watcher of watchers) await watcher.loses(px);
      const again = await reconnect(t, address);
      await again.sees(py);
      await t.settle(again, watchers);
      t.absent(px, watchers, 'the old route stays gone');
    },
  },
];

/** Connects from an address the target may still hold back, for as long as one idle hold may last. */
async function reconnect(t: Bench, address: string): Promise<Peer> {
  const until = t.now() + 40_000;
  for (;;) {
    try {
      return await t.peer('e1', { address });
    } catch (error) {
      if (t.now() > until) throw error;
      await t.pause(500);
    }
  }
}
