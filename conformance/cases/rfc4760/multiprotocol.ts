// RFC 4760 and RFC 2545: routes in MP_REACH_NLRI and MP_UNREACH_NLRI; RFC 8950: IPv4 routes with IPv6 next hops.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import { type Body, type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import {
  announcement,
  describeRoute,
  type RouteSpec,
  routeAttributes,
  withdrawal,
} from '../../engine/routes.ts';
import { address, ipv6, prefix } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { describe, expectEffect, play, type Trial } from '../rfc7606/outcome.ts';

const hop = ipv6('2001:db8:9::11');

/** An UPDATE with these octets in MP_REACH_NLRI and ordinary other attributes. */
function reach(peer: Peer, value: Bytes, spec: RouteSpec = {}): Bytes {
  const rest = routeAttributes(peer.sender, { origin: 2, ...spec }, 'v6');
  return m.update({ attributes: [pa.attribute(0x80, pa.MP_REACH, value), ...rest] });
}

const trial = (stimulus: Trial['stimulus'], rest: Partial<Trial> = {}): Trial => {
  return { sender: 'e1', family: 'v6', replaces: true, stimulus, ...rest };
};

/** Plays and records; only a crash or a fallen neighbour counts. */
const recorded =
  (stimulus: Trial['stimulus'], rest: Partial<Trial> = {}): Body =>
  async (t) => {
    t.observe(describe(await play(t, trial(stimulus, rest))));
  };

const noSessionLoss = (t: Bench, text: string): void => t.observe(text);

export const multiprotocolCases: readonly Case[] = [
  {
    id: 'RFC4760-3-02',
    level: 'MUST',
    title: 'an IPv6 route with a 16-octet next hop',
    expected: 'passed on',
    variants: each({ e1: 'e1', c1: 'c1', n1: 'n1' } as const, async (t, sender) => {
      const stimulus = (peer: Peer, px: string) => announcement(peer.sender, [px], { origin: 2 });
      expectEffect(t, await play(t, trial(stimulus, { sender })), ['accepted']);
    }),
  },
  {
    id: 'RFC2545-3-01',
    level: 'MUST',
    title: 'an IPv6 next hop of 32 octets, global and link-local',
    expected: 'accepted; the receiver on another link gets the global one only',
    run: async (t) => {
      const both = concat(hop, ipv6('fe80::11'));
      const stimulus = (peer: Peer, px: string) => reach(peer, pa.mpReachValue(2, 1, both, prefix(px)));
      const result = await play(t, trial(stimulus));
      expectEffect(t, result, ['accepted']);
      t.observe(describe(result));
    },
  },
  {
    id: 'RFC2545-3-02',
    level: 'RECORD',
    title: 'an IPv6 next hop that is link-local only',
    expected: 'undefined by RFC 2545',
    run: recorded((peer, px) => reach(peer, pa.mpReachValue(2, 1, ipv6('fe80::11'), prefix(px)))),
  },
  {
    id: 'RFC4760-3-03',
    level: 'MUST',
    title: 'the reserved octet of MP_REACH_NLRI (once the SNPA count) set to 7',
    expected: 'ignored',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) => reach(peer, pa.mpReachValue(2, 1, hop, prefix(px), 7));
      expectEffect(t, await play(t, trial(stimulus)), ['accepted']);
    },
  },
  {
    id: 'RFC4760-3-04',
    level: 'SHOULD',
    title: 'NEXT_HOP 224.1.1.1 beside MP_REACH_NLRI',
    expected: 'NEXT_HOP ignored, the route passed on',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) =>
        reach(peer, pa.mpReachValue(2, 1, hop, prefix(px)), { with: [pa.nextHop('224.1.1.1')] });
      expectEffect(t, await play(t, trial(stimulus)), ['accepted']);
    },
  },
  {
    id: 'RFC4760-3-05',
    level: 'MUST',
    title: 'an IPv4 unicast route in MP_REACH_NLRI',
    expected: 'the same as in NLRI',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) => announcement(peer.sender, [px], { origin: 2, mp: true });
      expectEffect(t, await play(t, trial(stimulus, { family: 'v4' })), ['accepted']);
    },
  },
  {
    id: 'RFC4760-4-01',
    level: 'MUST',
    title: 'an IPv4 unicast route withdrawn by MP_UNREACH_NLRI',
    expected: 'withdrawn',
    run: async (t) => {
      const result = await play(
        t,
        trial((_peer, px) => withdrawal([px], undefined, true), { family: 'v4' }),
      );
      expectEffect(t, result, ['withdrawn']);
    },
  },
  {
    id: 'RFC4760-4-02',
    level: 'MUST',
    title: 'an IPv6 route withdrawn by MP_UNREACH_NLRI',
    expected: 'withdrawn',
    variants: each({ e1: 'e1', c1: 'c1', n1: 'n1' } as const, async (t, sender) => {
      expectEffect(
        t,
        await play(
          t,
          trial((_peer, px) => withdrawal([px]), { sender }),
        ),
        ['withdrawn'],
      );
    }),
  },
  {
    id: 'RFC4760-3-06',
    level: 'RECORD',
    title: 'an IPv6 route with a next hop of 4 octets',
    expected: 'withdrawn or reset, no crash',
    run: recorded((peer, px) => reach(peer, pa.mpReachValue(2, 1, hex('0a09000b'), prefix(px)))),
  },
  {
    id: 'RFC4760-3-07',
    level: 'SHOULD',
    title: 'an IPv6 next hop that is no host address',
    expected: 'the route is not used; session up',
    variants: each({ unspecified: '::', loopback: '::1', multicast: 'ff02::1' }, async (t, text) => {
      const stimulus = (peer: Peer, px: string) => reach(peer, pa.mpReachValue(2, 1, ipv6(text), prefix(px)));
      expectEffect(t, await play(t, trial(stimulus)), ['withdrawn']);
    }),
  },
  {
    id: 'RFC4760-3-08',
    level: 'RECORD',
    title: 'MP_REACH_NLRI without NLRI',
    expected: 'ignored, or the session reset',
    run: recorded((peer) => reach(peer, pa.mpReachValue(2, 1, hop, hex('')))),
  },
  {
    id: 'RFC4760-8-03',
    level: 'MUST',
    title: 'an IPv6 route on a session that offered IPv4 only',
    expected: 'not accepted: ignored, or NOTIFICATION',
    run: async (t) => {
      const [e2, c1] = await t.peers('e2', 'c1');
      const e1 = await t.peer('e1', { families: ['v4'] });
      const control = await t.peer('e1b');
      const p6 = t.prefix('v6');
      await t.seed(t.prefix('v6'), control, [e2, c1]);
      await t.seed(t.prefix(), e1, [e2, c1]);
      e1.announce(p6);
      const how = await t.trySettle(e1, [e2, c1]);
      await t.settle(control, [e2, c1], 'v6');
      t.absent(p6, [e2, c1], 'no route of a family that was not negotiated');
      t.observe(`${how}: ${e1.state()}`);
    },
  },
  {
    id: 'RFC4760-8-04',
    level: 'MUST',
    title: 'an IPv6 route where one receiver offered IPv4 only',
    expected: 'that receiver is sent nothing of IPv6',
    run: async (t) => {
      const [e1, c1] = await t.peers('e1', 'c1');
      const e2 = await t.peer('e2', { families: ['v4'] });
      const p6 = t.prefix('v6');
      await t.seed(p6, e1, [c1]);
      await t.settle(e1, [e2, c1], 'v4');
      const mp = e2.updates.filter((u) => u.reach?.afi === 2 || u.unreach?.afi === 2).length;
      t.check(mp === 0, 'no IPv6 in UPDATEs to a peer without IPv6', `${mp} UPDATEs with AFI 2`);
    },
  },
  {
    id: 'RFC4760-7-01',
    level: 'RECORD',
    title: 'MP_REACH_NLRI of AFI 99',
    expected: 'ignored, or NOTIFICATION 3/9',
    run: recorded((peer, px) => reach(peer, pa.mpReachValue(99, 1, hop, prefix(px)))),
  },
  {
    id: 'RFC4760-8-05',
    level: 'RECORD',
    title: 'VPNv4 routes that were not negotiated',
    expected: 'ignored, or NOTIFICATION 3/9',
    run: recorded((peer) =>
      reach(
        peer,
        pa.mpReachValue(1, 128, hex('00000000000000000a09000b'), hex('700000110000fde9000000010a4600')),
      ),
    ),
  },
  {
    id: 'RFC4760-3-09',
    level: 'MUST',
    title: 'IPv4 NLRI and IPv6 MP_REACH_NLRI in one UPDATE',
    expected: 'both accepted',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const [p4, p6] = [t.prefix(), t.prefix('v6')];
      const attributes = [pa.mpReach(2, 1, hop, prefix(p6)), ...routeAttributes(e1.sender, {}, 'v4')];
      e1.send(m.update({ attributes, nlri: prefix(p4) }));
      for (const observer of [e2, c1]) {
        await observer.sees(p4);
        await observer.sees(p6);
      }
    },
  },
  {
    id: 'RFC4760-8-06',
    level: 'RECORD',
    title: 'IPv4 NLRI from a peer that offered IPv6 only',
    expected: 'not negotiated, so not accepted; many implementations accept it',
    run: async (t) => {
      const [e2] = await t.peers('e2');
      const e1 = await t.peer('e1', { families: ['v6'] });
      const px = t.prefix();
      await t.seed(t.prefix('v6'), e1, [e2]);
      e1.announce(px);
      noSessionLoss(t, `${await t.trySettle(e1, [e2], 'v6')}; ${e1.state()}; ${e2.describe(px)}`);
    },
  },
];

const enhCapability = m.capability(5, hex('000100010002'));
const enh: PeerOptions = { extra: [enhCapability] };
const needs = ['extended-next-hop'] as const;

/** IPv4 routes with a next hop of these octets. */
const v4over = (next: Bytes) => (peer: Peer, px: string) =>
  m.update({
    attributes: [
      pa.mpReach(1, 1, next, prefix(px)),
      ...routeAttributes(peer.sender, { origin: 2, mp: true }, 'v4'),
    ],
  });

const withEnh = (title: string, id: string, level: Case['level'], next: Bytes): Case => ({
  id,
  level,
  profile: 'Penh',
  needs,
  title,
  expected: 'accepted and passed on',
  run: async (t) => {
    const result = await play(t, trial(v4over(next), { family: 'v4', options: enh, observerOptions: enh }));
    t.check(result.sender.has(5), 'capability 5 from the target', 'it is absent');
    expectEffect(t, result, ['accepted']);
  },
});

export const extendedNextHopCases: readonly Case[] = [
  withEnh('an IPv4 route with an IPv6 next hop of 16 octets', 'RFC8950-4-01', 'MUST', hop),
  withEnh(
    'an IPv4 route with an IPv6 next hop of 32 octets',
    'RFC8950-4-02',
    'MUST',
    concat(hop, ipv6('fe80::11')),
  ),
  {
    id: 'RFC8950-4-03',
    level: 'MUST',
    title: 'an IPv4 route with an IPv6 next hop where the capability was not exchanged',
    expected: 'not accepted: withdrawn, or NOTIFICATION 3',
    run: async (t) => {
      const result = await play(t, trial(v4over(hop), { family: 'v4' }));
      expectEffect(t, result, ['withdrawn', 'reset', 'family']);
    },
  },
  {
    id: 'RFC8950-4-04',
    level: 'MUST',
    profile: 'Penh',
    needs,
    title: 'an IPv4 route with an IPv6 next hop toward a peer without capability 5',
    expected: 'an IPv4 next hop, or nothing',
    run: async (t) => {
      const [e2] = await t.peers('e2');
      const c1 = await t.peer('c1', enh);
      const e1 = await t.peer('e1', enh);
      const px = t.prefix();
      await t.seed(t.prefix(), e1, [e2, c1]);
      e1.send(v4over(hop)(e1, px));
      await c1.sees(px);
      await t.settle(e1, [e2]);
      const route = e2.route(px);
      const good = route === undefined || route.nextHop.length === 4;
      t.check(good, 'an IPv4 next hop or no route', describeRoute(route));
    },
  },
  {
    ...withEnh(
      'an IPv4 route with an IPv4 next hop on such a session',
      'RFC8950-4-05',
      'SHOULD',
      address('10.9.0.11'),
    ),
  },
  {
    id: 'RFC8950-3-01',
    level: 'RECORD',
    profile: 'Penh',
    needs,
    title: 'capability 5 of length 5',
    expected: 'NOTIFICATION 2/0, or ignored',
    run: async (t) => {
      const peer = await t.connect('e1', { extra: [m.capability(5, hex('0001000100'))] });
      peer.sendOpen(t.openOf(peer.facts));
      await peer.until(() => (peer.established || !peer.up ? true : undefined));
      t.observe(peer.state());
    },
  },
];
