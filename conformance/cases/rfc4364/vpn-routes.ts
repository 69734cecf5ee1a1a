// RFC 4364 and RFC 4659: VPN routes through a route reflector. Labels, distinguishers and next hops stay as they came.

import type { Bench } from '../../engine/bench.ts';
import { type Body, type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { describeRoute, hexOf } from '../../engine/routes.ts';
import { CaseFailure } from '../../engine/verdict.ts';
import { address } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, fill, hex, toHex } from '../../wire/bytes.ts';

import {
  announceVpn,
  defaultTarget,
  distinguishers,
  hopHex,
  labelOf,
  seedVpn,
  settleVpn,
  targetOf,
  type VpnRoute,
  vpnAnnouncement,
  vpnNextHop,
  vpnNlri,
  vpnPeers,
  vpnRoute,
  withdrawVpn,
} from './vpn.ts';

const profile = 'Pvpn';
const needs = ['vpn'] as const;
const families = { v4: 'v4', v6: 'v6' } as const;

/** 20 bits of label and the S bit. */
const labelValue = (label = '000000'): number => Number.parseInt(label, 16) & 0xfffff1;

/** The observer has the route with the same label, next hop and route targets. */
async function asSent(t: Bench, observer: Peer, route: VpnRoute, hop: Bytes, targets = toHex(defaultTarget)) {
  const seen = await observer.sees(route.key);
  const text = `label ${seen.label}, next hop ${toHex(seen.nextHop)}, ${describeRoute(seen)}`;
  t.check(labelValue(seen.label) === labelValue(route.label), `label ${route.label} unchanged`, text);
  // RFC 8277 §2.2: the three reserved bits are ignored by who receives them.
  if (seen.label !== route.label) t.observe(`${observer.name}: label ${seen.label} for ${route.label}`);
  t.check(toHex(seen.nextHop) === toHex(hop), `next hop ${toHex(hop)} unchanged`, text);
  t.check(hexOf(seen, pa.EXTENDED_COMMUNITIES) === targets, `route targets ${targets}`, text);
}

/** c1 announces, c2 and n1 have it unchanged. */
function reflected(family: 'v4' | 'v6', hop: Bytes): Body {
  return async (t) => {
    const [c1, c2, n1] = await vpnPeers(t, 'c1', 'c2', 'n1');
    const route = vpnRoute(t, { family });
    announceVpn(c1, route, { hop });
    for (const observer of [c2, n1]) await asSent(t, observer, route, hop);
    const seen = t.need(c2, route.key);
    t.check(
      hexOf(seen, pa.ORIGINATOR_ID) !== undefined,
      'ORIGINATOR_ID, as it is reflected',
      describeRoute(seen),
    );
  };
}

/**
 * After a route that was good, one whose next hop has an impossible length. RFC 7606 §7.11: its NLRI cannot be located,
 * so the session is reset or the family is disabled, and either takes the good route away.
 */
async function resetOrDisabled(
  t: Bench,
  make: (from: Peer, route: VpnRoute) => Bytes,
  family: 'v4' | 'v6' = 'v4',
) {
  const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
  const route = vpnRoute(t, { family });
  await seedVpn(c1, [c2], route);
  c1.send(make(c1, route));
  const how = await settleVpn(t, c1, [c2], {}, family);
  t.observe(
    how === 'down' ? c1.state() : how === 'family' ? 'the family no longer used' : 'session stays up',
  );
  if (how === 'up') {
    t.absent(route.key, [c2], 'the route is withdrawn');
    throw new CaseFailure(
      'NOTIFICATION 3/x, or the family no longer used',
      'treat-as-withdraw, family still used',
    );
  }
  if (how === 'down') t.check(c1.notification?.code === 3, 'NOTIFICATION 3/x', c1.state());
  await c2.loses(route.key);
}

const mapped = hex('00000000000000000000ffff0a09000b');

export const vpnCases: readonly Case[] = [
  {
    id: 'RFC4364-4.3.2-01',
    level: 'MUST',
    title: 'a VPN-IPv4 route from a client',
    expected: 'reflected with label, distinguisher, next hop and route target unchanged',
    profile,
    needs,
    run: reflected('v4', vpnNextHop('v4')),
  },
  {
    id: 'RFC4364-4.3.2-02',
    level: 'MUST',
    title: 'one prefix under two distinguishers',
    expected: 'two routes: one is withdrawn, the other stays',
    profile,
    needs,
    variants: each(families, async (t, family) => {
      const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
      const one = vpnRoute(t, { family });
      const two = vpnRoute(t, { family, prefix: one.prefix, rd: '0000fde800000002', label: '000c81' });
      await seedVpn(c1, [c2], one);
      await seedVpn(c1, [c2], two);
      t.check(
        labelValue(labelOf(c2, one)) === labelValue(one.label),
        `label ${one.label}`,
        c2.describe(one.key),
      );
      t.check(
        labelValue(labelOf(c2, two)) === labelValue(two.label),
        `label ${two.label}`,
        c2.describe(two.key),
      );
      withdrawVpn(c1, one);
      await c2.loses(one.key);
      t.check((await settleVpn(t, c1, [c2], {}, family)) === 'up', 'the session stays up', c1.state());
      t.check(c2.route(two.key) !== undefined, 'the other distinguisher stays', c2.describe(two.key));
    }),
  },
  {
    id: 'RFC4364-4.3.2-03',
    level: 'MUST',
    title: 'withdrawals with the label of the route, another, 0x800000 and 0x000000',
    expected: 'withdrawn each time',
    profile,
    needs,
    variants: each(
      { same: '000641', other: '0f4241', withdraw: '800000', zero: '000000' },
      async (t, label) => {
        const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
        for (const family of ['v4', 'v6'] as const) {
          const route = vpnRoute(t, { family });
          await seedVpn(c1, [c2], route);
          withdrawVpn(c1, route, label);
          await c2.loses(route.key);
        }
      },
    ),
  },
  {
    id: 'RFC4364-4.3.2-04',
    level: 'MUST',
    title: 'a VPN-IPv4 next hop of 4 octets in place of 12',
    expected: 'session reset with 3/x, or the family no longer used (RFC 7606 §7.11)',
    profile,
    needs,
    run: (t) =>
      resetOrDisabled(t, (c1, route) => vpnAnnouncement(c1, [route], { hop: address('10.9.0.11') })),
  },
  {
    id: 'RFC4364-4.3.1-01',
    level: 'MUST',
    title: 'a route target that the reflector does not import',
    expected: 'reflected: a reflector keeps all VPN routes',
    profile,
    needs,
    run: async (t) => {
      const [c1, c2, n1] = await vpnPeers(t, 'c1', 'c2', 'n1');
      const foreign = targetOf(64999, 4242);
      const route = vpnRoute(t);
      announceVpn(c1, route, { targets: [foreign] });
      for (const observer of [c2, n1]) await asSent(t, observer, route, vpnNextHop('v4'), toHex(foreign));
    },
  },
  {
    id: 'RFC4364-4.3.1-02',
    level: 'RECORD',
    title: 'a route target nobody imports, at a target that does not reflect',
    expected: 'may be dropped; external peers may get it',
    profile: 'Pvpnpe',
    needs,
    run: async (t) => {
      const [c1, e1] = await vpnPeers(t, 'c1', 'e1');
      const route = vpnRoute(t);
      announceVpn(c1, route, { targets: [targetOf(64999, 4242)] });
      await t.settle(c1, [e1]);
      t.observe(e1.route(route.key) === undefined ? 'not passed on' : 'passed on');
    },
  },
  {
    id: 'RFC4364-4.3.2-05',
    level: 'RECORD',
    title: 'two labels, bottom of stack on the second',
    expected: 'parsed by the S bit, or refused as more labels than negotiated (RFC 8277 §2.1)',
    profile,
    needs,
    run: async (t) => {
      const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
      const route = vpnRoute(t, { label: '000640000c81' });
      announceVpn(c1, route);
      const how = await settleVpn(t, c1, [c2]);
      if (how === 'up') t.observe(c2.route(route.key)?.label ?? 'not passed on');
      else t.observe(how === 'down' ? c1.state() : 'the family no longer used');
      for (const seen of c2.routes)
        t.check(seen.prefix.startsWith('vpn:0000fde8'), 'no invented distinguisher', seen.prefix);
    },
  },
  {
    id: 'RFC4364-4.3.2-06',
    level: 'MUST',
    title: 'VPN routes too short for a label and a distinguisher',
    expected: 'session reset with 3/x, or the family ignored',
    profile,
    needs,
    variants: each({ '80-bits': 80, '24-bits': 24, '0-bits': 0, '87-bits': 87 }, async (t, bits) => {
      const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
      const before = vpnRoute(t);
      await seedVpn(c1, [c2], before);
      const short = vpnNlri(vpnRoute(t, { prefix: '0.0.0.0/0' })).slice(1, 1 + Math.ceil(bits / 8));
      const nlri = concat(Uint8Array.of(bits), short);
      c1.send(vpnAnnouncement(c1, [before], { nlri }));
      await c1.until(() => c1.notification ?? c1.connection.ending, 1500);
      if (c1.up) {
        // RFC 7606 §5.3: a family that is ignored from now on is the milder answer.
        announceVpn(c1, vpnRoute(t));
        await t.settle(c1, [c2]);
        t.observe('session stays up');
      } else {
        t.check(c1.notification?.code === 3, 'NOTIFICATION 3/x', c1.state());
        await c2.loses(before.key);
        t.observe(c1.state());
      }
      const odd = c2.routes.filter((r) => r.prefix.endsWith('/0') || r.prefix.includes('NaN'));
      t.check(odd.length === 0, 'no route made of the broken one', odd.map((r) => r.prefix).join(' '));
    }),
  },
  {
    id: 'RFC4364-4.2-01',
    level: 'MUST',
    title: 'distinguishers of types 0, 1 and 2',
    expected: 'kept octet by octet',
    profile,
    needs,
    variants: each(distinguishers, async (t, rd) => {
      const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
      for (const family of ['v4', 'v6'] as const) {
        const route = vpnRoute(t, { family, rd });
        announceVpn(c1, route);
        await c2.sees(route.key);
      }
    }),
  },
  {
    id: 'RFC4364-10-01',
    level: 'RECORD',
    title: 'a VPN route from an external peer (option B)',
    expected: 'next hop self with a label of the target, or unchanged',
    profile,
    needs,
    run: async (t) => {
      const [e1, c1] = await vpnPeers(t, 'e1', 'c1');
      const route = vpnRoute(t);
      announceVpn(e1, route);
      await t.settle(e1, [c1]);
      const seen = c1.route(route.key);
      t.observe(seen === undefined ? 'not passed on' : `label ${seen.label}, next hop ${hopHex(c1, route)}`);
    },
  },
  {
    id: 'RFC4659-3.2-01',
    level: 'MUST',
    title: 'a VPN-IPv6 route with a next hop of 24 octets',
    expected: 'reflected unchanged',
    profile,
    needs,
    run: reflected('v6', vpnNextHop('v6')),
  },
  {
    id: 'RFC4659-3.2.1-01',
    level: 'MUST',
    title: 'a VPN-IPv6 next hop of 48 octets: global and link-local',
    expected: 'accepted; passed on whole or with the global address only',
    profile,
    needs,
    run: async (t) => {
      const [c1, c2] = await vpnPeers(t, 'c1', 'c2');
      const route = vpnRoute(t, { family: 'v6' });
      announceVpn(c1, route, { hop: concat(vpnNextHop('v6'), fill(0, 8), address('fe80::11')) });
      await c2.sees(route.key);
      const start = toHex(vpnNextHop('v6'));
      t.check(hopHex(c2, route).startsWith(start), `next hop begins ${start}`, hopHex(c2, route));
    },
  },
  {
    id: 'RFC4659-3.2.1-02',
    level: 'MUST',
    title: 'a VPN-IPv6 next hop that is an IPv4-mapped address',
    expected: 'reflected unchanged',
    profile,
    needs,
    run: reflected('v6', concat(fill(0, 8), mapped)),
  },
  {
    id: 'RFC4659-3.2-02',
    level: 'MUST',
    title: 'a VPN-IPv6 next hop of 16 octets',
    expected: 'session reset with 3/x, or the family no longer used (RFC 7606 §7.11)',
    profile,
    needs,
    run: (t) =>
      resetOrDisabled(
        t,
        (c1, route) => vpnAnnouncement(c1, [route], { hop: address('2001:db8:9::11') }),
        'v6',
      ),
  },
];
