// RFC 2918 (route refresh) and RFC 7313 (enhanced route refresh).

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { restartCapability } from '../rfc4724/restart.ts';

const BEGIN = 1;
const END = 2;
const enhanced = { extra: [m.capability(70)] } as const;
const needs = ['enhanced-refresh'] as const;

/** How often `px` was announced to the peer in UPDATEs from the given one on. */
const told = (peer: Peer, px: string, from: number): number =>
  peer.updates.slice(from).filter((u) => [...u.nlri, ...(u.reach?.nlri ?? [])].some((n) => n.prefix === px))
    .length;

/** Asks for a family again and returns how often each prefix came. */
async function refresh(t: Bench, afi: number, safi = 1) {
  const [e1, e2] = await t.peers('e1', 'e2');
  const [p4, p6] = [t.prefix(), t.prefix('v6')];
  await t.seed(p4, e1, [e2]);
  await t.seed(p6, e1, [e2]);
  const from = e2.updates.length;
  e2.send(m.routeRefresh(afi, safi));
  await e2.until(() => (told(e2, p4, from) + told(e2, p6, from) > 0 ? true : undefined), 1500);
  await t.settle(e1, [e2]);
  await t.settle(e1, [e2], 'v6');
  t.check(e2.up, 'the session stays up', e2.state());
  return { v4: told(e2, p4, from), v6: told(e2, p6, from) };
}

export const refreshCases: readonly Case[] = [
  {
    id: 'RFC2918-2-01',
    level: 'SHOULD',
    title: 'read the OPEN of the target',
    expected: 'capability 2 of length 0',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const found = e1.remoteOpen?.capabilities.find((c) => c.code === 2);
      t.check(
        found?.value.length === 0,
        'capability 2 of length 0',
        found === undefined ? 'absent' : 'another length',
      );
    },
  },
  {
    id: 'RFC2918-4-01',
    level: 'MUST',
    title: 'ROUTE-REFRESH for IPv4',
    expected: 'the IPv4 routes again, although unchanged, and no IPv6 ones',
    run: async (t) => {
      const seen = await refresh(t, 1);
      t.check(seen.v4 === 1 && seen.v6 === 0, 'IPv4 once, IPv6 not', `IPv4 ${seen.v4}, IPv6 ${seen.v6}`);
    },
  },
  {
    id: 'RFC2918-4-02',
    level: 'MUST',
    title: 'ROUTE-REFRESH for IPv6',
    expected: 'the IPv6 routes again, and no IPv4 ones',
    run: async (t) => {
      const seen = await refresh(t, 2);
      t.check(seen.v4 === 0 && seen.v6 === 1, 'IPv6 once, IPv4 not', `IPv4 ${seen.v4}, IPv6 ${seen.v6}`);
    },
  },
  {
    id: 'RFC2918-4-03',
    level: 'MUST',
    title: 'ROUTE-REFRESH for a family that was not negotiated',
    expected: 'ignored',
    variants: {
      unknown: async (t) => {
        const seen = await refresh(t, 99);
        t.check(seen.v4 + seen.v6 === 0, 'nothing sent again', `IPv4 ${seen.v4}, IPv6 ${seen.v6}`);
      },
      vpn: async (t) => {
        const seen = await refresh(t, 1, 128);
        t.check(seen.v4 + seen.v6 === 0, 'nothing sent again', `IPv4 ${seen.v4}, IPv6 ${seen.v6}`);
      },
    },
  },
  {
    id: 'RFC7313-3.2-01',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'ROUTE-REFRESH with the unknown subtype 77',
    expected: 'ignored, the session stays up',
    run: async (t) => {
      const e2 = await t.peer('e2', enhanced);
      const c1 = await t.peer('c1');
      e2.send(m.routeRefresh(1, 1, 77));
      await t.settle(e2, [c1]);
    },
  },
  {
    id: 'RFC7313-5-01',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'BoRR with a length of 24',
    expected: 'NOTIFICATION 7/1 with the message',
    run: async (t) => {
      const e2 = await t.peer('e2', enhanced);
      const bad = m.message(m.ROUTE_REFRESH, hex('0001010100'));
      e2.send(bad);
      await t.notified(e2, 7, 1, Buffer.from(bad).toString('hex'));
    },
  },
  {
    id: 'RFC7313-4-01',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'ROUTE-REFRESH where both sides have capability 70',
    expected: 'BoRR, all routes, EoRR',
    run: async (t) => {
      const e1 = await t.peer('e1');
      const e2 = await t.peer('e2', enhanced);
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      const from = e2.received.length;
      e2.send(m.routeRefresh(1, 1));
      const done = () => e2.messages(m.ROUTE_REFRESH, from).some((r) => r.frame.body[2] === END);
      const ended = await e2.until(() => (done() ? true : undefined));
      const order = e2.received.slice(from).flatMap((r) => {
        if (r.frame.type === m.ROUTE_REFRESH) return [r.frame.body[2] === BEGIN ? 'BoRR' : 'EoRR'];
        return r.update?.nlri.some((n) => n.prefix === px) === true ? ['route'] : [];
      });
      t.check(
        ended === true && order.join(' ') === 'BoRR route EoRR',
        'BoRR, the route, EoRR',
        order.join(' ') || 'nothing',
      );
    },
  },
  {
    id: 'RFC7313-4-02',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'BoRR, one of two routes again, EoRR',
    expected: 'the other one is withdrawn, the first is not touched',
    run: async (t) => {
      const e1 = await t.peer('e1', enhanced);
      const [e2] = await t.peers('e2');
      const [px, py] = [t.prefix(), t.prefix()];
      await t.seed(px, e1, [e2]);
      await t.seed(py, e1, [e2]);
      const from = e2.updates.length;
      e1.send(m.routeRefresh(1, 1, BEGIN));
      e1.announce(px);
      e1.send(m.routeRefresh(1, 1, END));
      await e2.loses(py);
      await t.settle(e1, [e2]);
      const gone = e2.updates.slice(from).some((u) => u.withdrawn.some((n) => n.prefix === px));
      t.check(e2.route(px) !== undefined && !gone, 'px not withdrawn', e2.describe(px));
    },
  },
  {
    id: 'RFC7313-4-04',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'EoRR without BoRR',
    expected: 'ignored, no route is lost',
    run: async (t) => {
      const e1 = await t.peer('e1', enhanced);
      const [e2] = await t.peers('e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      e1.send(m.routeRefresh(1, 1, END));
      await t.settle(e1, [e2]);
      t.need(e2, px);
    },
  },
  {
    id: 'RFC7313-4-07',
    level: 'MUST',
    title: 'capability 70 from the tester only, then ROUTE-REFRESH',
    expected: 'plain refresh: routes without BoRR and EoRR, if the target has no capability 70',
    run: async (t) => {
      const e1 = await t.peer('e1');
      const e2 = await t.peer('e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      const from = e2.updates.length;
      const frames = e2.received.length;
      e2.send(m.routeRefresh(1, 1));
      await e2.until(() => (told(e2, px, from) > 0 ? true : undefined));
      await t.settle(e1, [e2]);
      t.check(told(e2, px, from) > 0, 'the route again', 'nothing');
      const marks = e2.messages(m.ROUTE_REFRESH, frames).length;
      t.check(marks === 0, 'no BoRR or EoRR', `${marks} ROUTE-REFRESH messages`);
    },
  },
  {
    id: 'RFC2918-4-04',
    level: 'RECORD',
    title: 'ROUTE-REFRESH from a tester that did not advertise capability 2',
    expected: 'answered or ignored',
    run: async (t) => {
      const e1 = await t.peer('e1');
      const capabilities = [m.multiprotocol(1), m.multiprotocol(2), m.fourOctetAs(65002)];
      const e2 = await t.peer('e2', { capabilities });
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      const from = e2.updates.length;
      e2.send(m.routeRefresh(1, 1));
      await t.trySettle(e1, [e2]);
      t.observe(e2.up ? (told(e2, px, from) > 0 ? 'answered' : 'ignored') : e2.state());
    },
  },
  {
    id: 'RFC2918-3-01',
    level: 'MUST',
    title: 'ROUTE-REFRESH with a reserved octet of 5, no capability 70',
    expected: 'a plain refresh: the routes come again',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      const from = e2.updates.length;
      e2.send(m.routeRefresh(1, 1, 5));
      await e2.until(() => (told(e2, px, from) > 0 ? true : undefined));
      t.check(told(e2, px, from) > 0, 'the route again', e2.state());
    },
  },
  {
    id: 'RFC7313-4-03',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'BoRR, a route, BoRR again, the other route, EoRR',
    expected: 'the second BoRR marks everything stale again: the first route is withdrawn, the other is not',
    run: async (t) => {
      const e1 = await t.peer('e1', enhanced);
      const [e2] = await t.peers('e2');
      const [px, py] = [t.prefix(), t.prefix()];
      await t.seed(px, e1, [e2]);
      await t.seed(py, e1, [e2]);
      e1.send(m.routeRefresh(1, 1, BEGIN));
      e1.announce(px);
      e1.send(m.routeRefresh(1, 1, BEGIN));
      e1.announce(py);
      e1.send(m.routeRefresh(1, 1, END));
      await e2.loses(px);
      await t.settle(e1, [e2]);
      t.need(e2, py);
    },
  },
  {
    id: 'RFC7313-4-05',
    level: 'MUST',
    profile: 'Perrgr',
    needs: ['enhanced-refresh', 'graceful-restart'],
    title: 'BoRR and EoRR before End-of-RIB of a peer with graceful restart',
    expected: 'ignored: no route is lost',
    run: async (t) => {
      const e1 = await t.peer('e1', { extra: [m.capability(70), restartCapability()] });
      const [e2] = await t.peers('e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      e1.send(m.routeRefresh(1, 1, BEGIN), m.routeRefresh(1, 1, END));
      await t.settle(e1, [e2]);
      t.need(e2, px);
    },
  },
  {
    id: 'RFC7313-4-08',
    level: 'MUST',
    profile: 'Perr',
    needs,
    title: 'BoRR and EoRR of a family that was not negotiated',
    expected: 'ignored: no route is lost',
    run: async (t) => {
      const e1 = await t.peer('e1', enhanced);
      const [e2] = await t.peers('e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      e1.send(m.routeRefresh(1, 128, BEGIN), m.routeRefresh(1, 128, END));
      await t.settle(e1, [e2]);
      t.need(e2, px);
    },
  },
  {
    id: 'RFC5291-6-04',
    level: 'MAY',
    title: 'ROUTE-REFRESH with ORF entries, no ORF capability',
    expected: 'the entries are ignored: routes outside them are still sent',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      // When-to-refresh IMMEDIATE, ORF type 64: permit 172.31.0.0/16 and nothing else.
      e2.send(m.message(m.ROUTE_REFRESH, hex('000100010140000a0000000001000010ac1f')));
      await t.trySettle(e1, [e2]);
      t.check(e2.up, 'the session stays up', e2.state());
      await t.seed(px, e1, [e2]);
    },
  },
];
