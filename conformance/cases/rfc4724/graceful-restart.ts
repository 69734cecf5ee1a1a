// RFC 4724: graceful restart, with the target as helper of a peer that restarts.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { CaseFailure, Inconclusive } from '../../engine/verdict.ts';
import { attribute } from '../../wire/attributes.ts';
import { concat, hex, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import {
  bySending,
  comesBack,
  endOfRib4,
  endOfRib6,
  gracefulRestartCode,
  keeps,
  type Loss,
  losesAtOnce,
  losses,
  restartCapability,
  scene,
  untouched,
  withRestart,
} from './restart.ts';

const gr = { profile: 'Pgr', needs: ['graceful-restart'] } as const;

/** Ordinals of the End-of-RIB marks among the UPDATEs, by family. */
function endOfRibs(peer: Peer): { readonly v4: number; readonly v6: number } {
  const { updates } = peer;
  const v4 = updates.findIndex(
    (u) => u.withdrawn.length + u.nlri.length + u.attributes.length === 0 && u.unreach === undefined,
  );
  const v6 = updates.findIndex(
    (u) => u.attributes.length === 1 && u.unreach?.nlri.length === 0 && u.nlri.length === 0,
  );
  return { v4, v6 };
}

async function bothMarks(t: Bench, peer: Peer) {
  await peer.until(() => {
    const { v4, v6 } = endOfRibs(peer);
    return v4 >= 0 && v6 >= 0 ? true : undefined;
  });
  const { v4, v6 } = endOfRibs(peer);
  t.check(v4 >= 0 && v6 >= 0, 'End-of-RIB of both families', `IPv4 ${v4 >= 0}, IPv6 ${v6 >= 0}`);
  return { v4, v6 };
}

/** The routes must survive this loss and be gone once the peer is back and says that it lost them. */
async function goesAfterReturn(t: Bench, back: (before: Peer) => Promise<Peer>): Promise<void> {
  const s = await scene(t);
  losses.fin(s.e1);
  await t.settle(s.e3, [s.e2]);
  t.need(s.e2, s.px);
  await back(s.e1);
  await losesAtOnce(t, s, [s.px, s.py]);
}

const restartOf = (peer: Peer) =>
  peer.remoteOpen?.capabilities.find((c) => c.code === gracefulRestartCode)?.value;

export const gracefulRestartCases: readonly Case[] = [
  {
    id: 'RFC4724-2-01',
    level: 'MUST',
    ...gr,
    title: 'graceful restart on both sides, no routes to send',
    expected: 'End-of-RIB of IPv4 (an empty UPDATE) and of IPv6 (MP_UNREACH_NLRI alone)',
    run: async (t) => void (await bothMarks(t, await t.peer('c1', withRestart()))),
  },
  {
    id: 'RFC4724-2-02',
    level: 'SHOULD',
    title: 'no graceful restart capability from the tester',
    expected: 'End-of-RIB may come; the session is up and carries routes',
    run: async (t) => {
      const e1 = await t.peer('e1');
      await t.proveUp(e1);
      const { v4, v6 } = endOfRibs(e1);
      t.observe(`End-of-RIB: IPv4 ${v4 >= 0 ? 'sent' : 'not sent'}, IPv6 ${v6 >= 0 ? 'sent' : 'not sent'}`);
    },
  },
  {
    id: 'RFC4724-2-03',
    level: 'MUST',
    ...gr,
    title: '100 routes are there when a peer comes up',
    expected: 'End-of-RIB after the last of them',
    run: async (t) => {
      const [e1, e3] = await t.peers('e1', 'e3');
      const all = Array.from({ length: 100 }, () => t.prefix());
      e1.announce(all);
      await e3.sees(all[99] as string);
      const c1 = await t.peer('c1', withRestart());
      const { v4 } = await bothMarks(t, c1);
      const before = new Set(c1.updates.slice(0, v4).flatMap((u) => u.nlri.map((n) => n.prefix)));
      const missing = all.filter((prefix) => !before.has(prefix));
      t.check(missing.length === 0, 'all 100 routes before End-of-RIB', `${missing.length} are missing`);
    },
  },
  {
    id: 'RFC4724-3-01',
    level: 'MUST',
    ...gr,
    title: 'read the OPEN of the target',
    expected: 'capability 64: R clear, restart time up to 4095, its families, reserved bits clear',
    run: async (t) => {
      const value = t.must(restartOf(await t.openSent('c1')), 'capability 64', 'none');
      const [head = 0, time = 0] = value;
      // RFC 8538 §2 gave one of the reserved flags a meaning: N.
      t.check((head & 0xb0) === 0, 'R and the reserved flags clear', `first octet ${head.toString(16)}`);
      t.observe(`restart time ${((head & 0x0f) << 8) | time} s`);
      t.check((value.length - 2) % 4 === 0, 'four octets per family', `${value.length} octets`);
      for (let at = 2; at < value.length; at += 4)
        t.check(
          ((value[at + 3] ?? 0) & 0x7f) === 0,
          'reserved bits of a family clear',
          String(value[at + 3]),
        );
    },
  },
  {
    id: 'RFC4724-3-02',
    level: 'MUST',
    ...gr,
    title: 'capability 64 without any family',
    expected: 'Established: it means that End-of-RIB will be sent, nothing is kept',
    run: async (t) => {
      const s = await scene(t, { families: {} });
      losses.fin(s.e1);
      await losesAtOnce(t, s, [s.px, s.py]);
    },
  },
  {
    id: 'RFC4724-3-03',
    level: 'RECORD',
    title: 'capability 64 with three octets',
    expected: 'NOTIFICATION 2/0, or the capability is ignored',
    run: async (t) => {
      const options = { extra: [m.capability(gracefulRestartCode, hex('000501'))] };
      const e1 = await t.connect('e1', options);
      e1.sendOpen(t.openOf(e1.facts, options));
      await e1.until(() => (e1.established ? true : e1.up ? undefined : false));
      t.observe(e1.state());
    },
  },
  {
    id: 'RFC4724-4.2-01',
    level: 'MUST',
    ...gr,
    title: 'the connection is lost',
    expected: 'the routes are kept: no withdrawal at another peer for 3 s',
    variants: each<Loss>(losses, async (t, loss) => {
      const s = await scene(t);
      const from = s.e2.updates.length;
      loss(s.e1);
      await keeps(t, s, [s.px, s.py], from);
    }),
  },
  {
    id: 'RFC4724-4.2-02',
    level: 'MUST',
    ...gr,
    title: 'the peer is back with R and F, announces one of two routes and sends End-of-RIB',
    expected: 'that one never flaps, the other is withdrawn after End-of-RIB and not before',
    run: async (t) => {
      const s = await scene(t);
      const from = s.e2.updates.length;
      losses.fin(s.e1);
      const e1 = await comesBack(t, s.e1);
      e1.announce(s.px);
      await t.settle(e1, [s.e2]);
      untouched(t, s.e2, [s.px, s.py], from);
      e1.send(endOfRib4, endOfRib6);
      await s.e2.loses(s.py);
      await t.settle(e1, [s.e2]);
      untouched(t, s.e2, [s.px], from);
    },
  },
  {
    id: 'RFC4724-4.2-03',
    level: 'MUST',
    ...gr,
    title: 'the peer is back with the F bit clear',
    expected: 'its stale routes are withdrawn at once',
    run: (t) =>
      goesAfterReturn(t, (before) => comesBack(t, before, { families: { v4: 'lost', v6: 'lost' } })),
  },
  {
    id: 'RFC4724-4.2-04',
    level: 'MUST',
    ...gr,
    title: 'the peer is back without the capability, or without the family in it',
    expected: 'its stale routes are withdrawn at once',
    variants: {
      'no-capability': (t) => goesAfterReturn(t, ({ address }) => t.peer('e1', { address })),
      'no-family': (t) => goesAfterReturn(t, (before) => comesBack(t, before, { families: { v6: 'kept' } })),
    },
  },
  {
    id: 'RFC4724-4.2-05',
    level: 'MUST',
    ...gr,
    title: 'the peer does not come back',
    expected: 'its routes are withdrawn when its restart time of 5 s is over',
    seconds: 20,
    run: async (t) => {
      const s = await scene(t);
      const from = t.now();
      losses.fin(s.e1);
      await s.e2.loses(s.px, 10_000);
      const took = (t.now() - from) / 1000;
      t.check(took > 4 && took < 6.5, 'withdrawn after 5 s', `after ${took.toFixed(1)} s`);
    },
  },
  {
    id: 'RFC4724-4.2-06',
    level: 'MUST',
    ...gr,
    title: 'the connection is lost a second time before End-of-RIB',
    expected: 'what was stale from the first loss is deleted, what came since is kept',
    run: async (t) => {
      const s = await scene(t);
      losses.fin(s.e1);
      const e1 = await comesBack(t, s.e1);
      e1.announce(s.px, { origin: 2 });
      await t.settle(e1, [s.e2]);
      t.need(s.e2, s.py);
      losses.fin(e1);
      await s.e2.loses(s.py, 2000);
      await t.settle(s.e3, [s.e2]);
      t.need(s.e2, s.px);
    },
  },
  {
    id: 'RFC4724-4.2-07',
    level: 'MUST',
    ...gr,
    title: 'NOTIFICATION 6/4 from the peer, without the N bit',
    expected: 'its routes are withdrawn at once',
    run: async (t) => {
      const s = await scene(t);
      bySending(m.notification(6, 4))(s.e1);
      await losesAtOnce(t, s, [s.px, s.py]);
    },
  },
  {
    id: 'RFC4724-4.2-08',
    level: 'MUST',
    ...gr,
    title: 'the hold timer of 3 s expires, without the N bit',
    expected: 'NOTIFICATION 4/0, and the routes are withdrawn with it',
    seconds: 20,
    run: async (t) => {
      const s = await scene(t, {}, { holdSeconds: 3 });
      s.e1.stopKeepalives();
      await t.notifiedWithin(s.e1, 9000);
      t.check(s.e1.notification?.code === 4, 'NOTIFICATION 4/0', s.e1.state());
      await losesAtOnce(t, s, [s.px, s.py]);
    },
  },
  {
    id: 'RFC4724-5-01',
    level: 'MUST',
    ...gr,
    title: 'a new connection with an OPEN while the session is Established',
    expected: 'the old one closed without NOTIFICATION, the routes kept, the new one taken',
    run: async (t) => {
      const s = await scene(t);
      const from = s.e2.updates.length;
      s.e1.stopKeepalives();
      const e1 = await comesBack(t, s.e1).catch((error: unknown) => {
        const seen = error instanceof Inconclusive ? error.message : String(error);
        throw new CaseFailure('the new connection is taken', seen);
      });
      await t.closedSilently(s.e1);
      e1.announce(s.px);
      await t.settle(e1, [s.e2]);
      untouched(t, s.e2, [s.px, s.py], from);
    },
  },
  {
    id: 'RFC4724-4.2-09',
    level: 'MUST',
    ...gr,
    title: 'the OPEN of the target to a peer that is back',
    expected: 'R clear: it is the peer that restarted',
    run: async (t) => {
      const s = await scene(t);
      losses.fin(s.e1);
      const e1 = await comesBack(t, s.e1);
      const [head = 0] = t.must(restartOf(e1), 'capability 64', 'none');
      t.check((head & 0x80) === 0, 'R clear', `first octet ${head.toString(16)}`);
    },
  },
  {
    id: 'RFC4724-4.1-02',
    level: 'MUST',
    ...gr,
    title: 'a peer with R set, which sends no End-of-RIB',
    expected: 'the target sends its routes without waiting for it',
    run: async (t) => {
      const e3 = await t.peer('e3');
      const [px, observer] = [t.prefix(), await t.peer('e2')];
      await t.seed(px, e3, [observer]);
      const e1 = await t.peer('e1', withRestart({ restarting: true }));
      await e1.sees(px);
    },
  },
  {
    id: 'RFC4724-2-04',
    level: 'ROBUST',
    profile: 'Pgr',
    title: 'End-of-RIB twice, of a family that was not negotiated, and with another attribute beside it',
    expected: 'no crash; valid ones harm nothing',
    variants: {
      twice: (t) => unharmed(t, [endOfRib4, endOfRib4, endOfRib6, endOfRib6]),
      'other-family': (t) => unharmed(t, [withUnreach(hex('000180'))]),
      'more-attributes': (t) => unharmed(t, [withUnreach(hex('000201'), hex('40010100'))]),
    },
  },
  {
    id: 'RFC4724-3-04',
    level: 'ROBUST',
    profile: 'Pgr',
    title: 'an UPDATE with an unknown attribute alone',
    expected: 'no crash',
    run: (t) => unharmed(t, [m.message(m.UPDATE, concat(u16(0), u16(4), attribute(0xc0, 250, u8(1))))]),
  },
];

/** MP_UNREACH_NLRI with this value, and what stands before it. */
function withUnreach(value: Uint8Array, before: Uint8Array = new Uint8Array()) {
  const one = attribute(0x80, 15, value);
  return m.message(m.UPDATE, concat(u16(0), u16(before.length + one.length), before, one));
}

/** The target lives on, whatever it thinks of the sender. */
async function unharmed(t: Bench, messages: readonly Uint8Array[]): Promise<void> {
  const e1 = await t.peer('e1', { extra: [restartCapability()] } satisfies {
    extra: readonly m.Capability[];
  });
  const [e2, e3] = await t.peers('e2', 'e3');
  e1.send(...messages);
  await t.trySettle(e1, [e2]);
  t.observe(e1.state());
  await t.settle(e3, [e2]);
}
