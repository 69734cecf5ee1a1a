// RFC 9234: roles in the OPEN, and the Only-to-Customer attribute on the way in and out.
//
// Profile Prole has the target as provider of e1, customer of e2, peer of e3, route server of b, and route-server client of
// the neighbour called canary.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import { type Body, type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { LocalRole, ProfileName, Seat } from '../../engine/profile.ts';
import { describeRoute, numberOf } from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { hex, toHex, u8, u32 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { announceVpn, vpnPeer, vpnRoute } from '../rfc4364/vpn.ts';

const OTC = 35;
const roleCode = 9;
/** RFC 9234 §4.1, table 1. */
const roleNumbers: Readonly<Record<LocalRole, number>> = {
  provider: 0,
  rs: 1,
  'rs-client': 2,
  customer: 3,
  peer: 4,
};
/** RFC 9234 §4.2, table 2: the role a neighbour must have. */
const counterpart: Readonly<Record<LocalRole, LocalRole>> = {
  provider: 'customer',
  customer: 'provider',
  rs: 'rs-client',
  'rs-client': 'rs',
  peer: 'peer',
};

const otc = (asn: number) => pa.attribute(0xc0, OTC, u32(asn));
const role = (value: number) => m.capability(roleCode, u8(value));
const withRoles = (...values: readonly number[]): PeerOptions => ({ extra: values.map(role) });
const needs = ['roles'] as const;

/** A session whose tester claims the role that fits the target's. */
async function fitting(t: Bench, seat: Seat, more: PeerOptions = {}): Promise<Peer> {
  const own = t.profile.localRoles[seat as keyof typeof t.profile.localRoles];
  const extra = own === undefined ? [] : [role(roleNumbers[counterpart[own]])];
  return t.peer(seat, { ...more, extra: [...(more.extra ?? []), ...extra] });
}

/** One of the five rows of table 2: every role a neighbour may claim against one of the target's. */
function pairs(seat: Seat, own: LocalRole): Readonly<Record<string, Body>> {
  const rows = Object.fromEntries(
    Object.entries(roleNumbers).map(([name, value]) => [`${own}-${name}`, { name, value }]),
  );
  return each(rows, async (t, { name, value }) => {
    if (counterpart[own] === name) await opens(t, seat, withRoles(value));
    else await refused(t, seat, withRoles(value));
  });
}

async function opens(t: Bench, seat: Seat, options: PeerOptions): Promise<Peer> {
  const peer = await t.connect(seat, options);
  peer.sendOpen(t.openOf(peer.facts, options));
  const up = await peer.until(() => (peer.established ? true : peer.up ? undefined : false));
  t.check(up === true, 'the session reaches Established', peer.state());
  peer.startKeepalives();
  return peer;
}

async function refused(t: Bench, seat: Seat, options: PeerOptions): Promise<void> {
  const peer = await t.connect(seat, options);
  peer.sendOpen(t.openOf(peer.facts, options));
  await t.notified(peer, 2, 11);
}

const families = { v4: 'v4', v6: 'v6' } as const;

/** A route with OTC is not used: neither c1 nor a customer sees it; without OTC (control) c1 has it. */
function ineligible(seat: Seat, asn: number): Readonly<Record<string, Body>> {
  return each(families, async (t, family) => {
    const from = await fitting(t, seat);
    const [c1] = await t.peers('c1');
    const [px, py] = [t.prefix(family), t.prefix(family)];
    await t.seed(py, from, [c1]);
    await t.seed(px, from, [c1]);
    from.announce(py, { with: [otc(asn)], origin: 2 });
    from.announce(t.prefix(family), { with: [otc(asn)] });
    await c1.loses(py);
    await t.settle(from, [c1], family);
    t.absent(py, [c1], `a route with OTC ${asn} is a leak`);
    t.check(c1.route(px) !== undefined, 'other routes of the neighbour stay', c1.describe(px));
  });
}

/** The value of OTC that `to` sees for a route `from` announces. */
async function otcSeen(
  t: Bench,
  seats: { readonly from: Seat; readonly to: Seat },
  family: 'v4' | 'v6',
  sent: number | undefined,
) {
  const from = await fitting(t, seats.from);
  const to = await fitting(t, seats.to);
  const px = t.prefix(family);
  from.announce(px, sent === undefined ? {} : { with: [otc(sent)] });
  const route = await to.sees(px);
  return { route, value: numberOf(route, OTC) };
}

function seenAs(from: Seat, to: Seat, sent: number | undefined, wanted: number) {
  return async (t: Bench, family: 'v4' | 'v6') => {
    const { route, value } = await otcSeen(t, { from, to }, family, sent);
    t.check(value === wanted, `OTC ${wanted} at ${to}`, describeRoute(route));
    const flags = route.attributes.find((a) => a.type === OTC)?.flags ?? 0;
    t.check((flags & 0xc0) === 0xc0, 'OTC is optional transitive', `flags ${flags.toString(16)}`);
  };
}

const perFamily = (name: string, body: (t: Bench, family: 'v4' | 'v6') => Promise<void>) =>
  Object.fromEntries(
    Object.entries(families).map(([key, family]) => [`${name}-${key}`, (t: Bench) => body(t, family)]),
  );

/** With OTC the route stays away from `to`; without it (control) it gets there. */
function keptFrom(to: Seat) {
  return async (t: Bench, family: 'v4' | 'v6') => {
    const [c1, c2] = await t.peers('c1', 'c2');
    const target = await fitting(t, to);
    const [px, py] = [t.prefix(family), t.prefix(family)];
    await t.seed(py, c1, [c2, target]);
    c1.announce(px, { with: [otc(65098)] });
    await c2.sees(px);
    c1.announce(py, { with: [otc(65098)], origin: 2 });
    await target.loses(py);
    await t.settle(c1, [c2, target], family);
    t.absent(px, [target], 'a route with OTC goes to customers and route-server clients only');
  };
}

const prole: ProfileName = 'Prole';

export const roleCases: readonly Case[] = [
  {
    id: 'RFC9234-4.1-01',
    level: 'MUST',
    title: 'the OPEN of a target with roles',
    expected: 'capability 9 of length 1 with the configured role to external peers, none to internal ones',
    profile: prole,
    needs,
    run: async (t) => {
      for (const [seat, value] of [
        ['e1', 0],
        ['e2', 3],
        ['e3', 4],
        ['b', 1],
      ] as const) {
        const peer = await t.openSent(seat);
        const found = (peer.remoteOpen?.capabilities ?? []).filter((c) => c.code === roleCode);
        const text = found.map((c) => toHex(c.value) || 'empty').join(', ') || 'none';
        t.check(text === toHex(u8(value)), `${seat}: one role capability ${toHex(u8(value))}`, text);
      }
      const inside = await t.openSent('c1');
      const has = inside.remoteOpen?.capabilities.some((c) => c.code === roleCode);
      t.check(has === false, 'no role capability on an internal session', 'there is one');
    },
  },
  {
    id: 'RFC9234-4.2-01',
    level: 'MUST',
    title: 'each pair of roles',
    expected: 'Established for the five pairs that fit; else NOTIFICATION 2/11',
    profile: prole,
    needs,
    variants: {
      ...pairs('e1', 'provider'),
      ...pairs('e2', 'customer'),
      ...pairs('e3', 'peer'),
      ...pairs('b', 'rs'),
      ...pairs('canary', 'rs-client'),
    },
  },
  {
    id: 'RFC9234-4.2-02',
    level: 'SHOULD',
    title: 'a neighbour without the role capability',
    expected: 'Established, and the local role still applies: OTC from a customer is a leak',
    profile: prole,
    needs,
    run: async (t) => {
      const e1 = await opens(t, 'e1', {});
      const [c1] = await t.peers('c1');
      const [px, py] = [t.prefix(), t.prefix()];
      await t.seed(py, e1, [c1]);
      e1.announce(px, { with: [otc(65098)] });
      await t.settle(e1, [c1]);
      t.absent(px, [c1], 'a route with OTC from a customer');
    },
  },
  {
    id: 'RFC9234-4.2-03',
    level: 'MUST',
    title: 'strict mode and a neighbour without the role capability',
    expected: 'NOTIFICATION 2/11',
    profile: 'Pstrict',
    needs,
    run: async (t) => {
      await opens(t, 'e1', withRoles(roleNumbers.customer));
      await refused(t, 'e1', {});
    },
  },
  {
    id: 'RFC9234-4.2-04',
    level: 'MUST',
    title: 'the role capability twice, with one value',
    expected: 'Established',
    profile: prole,
    needs,
    run: async (t) => {
      await opens(t, 'e1', withRoles(3, 3));
    },
  },
  {
    id: 'RFC9234-4.2-05',
    level: 'MUST',
    title: 'the role capability twice, with two values',
    expected: 'NOTIFICATION 2/11',
    profile: prole,
    needs,
    variants: {
      'fitting-first': (t) => refused(t, 'e1', withRoles(3, 4)),
      'fitting-last': (t) => refused(t, 'e1', withRoles(4, 3)),
    },
  },
  {
    id: 'RFC9234-4.2-06',
    level: 'RECORD',
    title: 'a role that no standard assigns',
    expected: 'NOTIFICATION 2/11',
    profile: prole,
    needs,
    run: (t) => refused(t, 'e1', withRoles(7)),
  },
  {
    id: 'RFC9234-4.1-02',
    level: 'RECORD',
    title: 'a role capability of two octets',
    expected: 'NOTIFICATION 2/0, or ignored',
    run: async (t) => {
      const options = { extra: [m.capability(roleCode, hex('0303'))] };
      const peer = await t.connect('e1', options);
      peer.sendOpen(t.openOf(peer.facts, options));
      await peer.until(() => peer.established || peer.notification || peer.connection.ending || undefined);
      t.observe(peer.state());
    },
  },
  {
    id: 'RFC9234-5-03',
    level: 'MUST',
    title: 'OTC from a customer',
    expected: 'the route is not used, an earlier one goes',
    profile: prole,
    needs,
    variants: ineligible('e1', 65098),
  },
  {
    id: 'RFC9234-5-04',
    level: 'MUST',
    title: 'OTC from a route-server client',
    expected: 'the route is not used, an earlier one goes',
    profile: prole,
    needs,
    variants: ineligible('b', 65098),
  },
  {
    id: 'RFC9234-5-05',
    level: 'MUST',
    title: "OTC from a peer, with another AS than the peer's",
    expected: 'the route is not used, an earlier one goes',
    profile: prole,
    needs,
    variants: ineligible('e3', 65098),
  },
  {
    id: 'RFC9234-5-06',
    level: 'MUST',
    title: "OTC from a peer, with the peer's AS",
    expected: 'the route is used, OTC unchanged',
    profile: prole,
    needs,
    variants: perFamily('peer', seenAs('e3', 'c1', 65003, 65003)),
  },
  {
    id: 'RFC9234-5-07',
    level: 'MUST',
    title: 'no OTC from a provider, a peer or a route server',
    expected: "OTC with the neighbour's AS is added",
    profile: prole,
    needs,
    variants: {
      ...perFamily('provider', seenAs('e2', 'c1', undefined, 65002)),
      ...perFamily('peer', seenAs('e3', 'c1', undefined, 65003)),
      ...perFamily('rs', seenAs('canary', 'c1', undefined, 65099)),
      ...perFamily('kept', seenAs('e2', 'c1', 65098, 65098)),
    },
  },
  {
    id: 'RFC9234-5-08',
    level: 'MUST',
    title: 'a route without OTC to a customer, a peer or a route-server client',
    expected: "OTC with the target's AS",
    profile: prole,
    needs,
    variants: {
      ...perFamily('customer', seenAs('c1', 'e1', undefined, 65000)),
      ...perFamily('peer', seenAs('c1', 'e3', undefined, 65000)),
      ...perFamily('rs-client', seenAs('c1', 'b', undefined, 65000)),
    },
  },
  {
    id: 'RFC9234-5-09',
    level: 'MUST',
    title: 'a route with OTC to a provider, a peer or a route server',
    expected: 'not sent, an earlier one withdrawn',
    profile: prole,
    needs,
    variants: {
      ...perFamily('provider', keptFrom('e2')),
      ...perFamily('peer', keptFrom('e3')),
      ...perFamily('rs', keptFrom('canary')),
    },
  },
  {
    id: 'RFC9234-5-10',
    level: 'MUST',
    title: 'OTC of a route between internal peers',
    expected: 'unchanged',
    variants: {
      ...perFamily('client', seenAs('c1', 'n1', 65098, 65098)),
      ...perFamily('nonclient', seenAs('n1', 'c1', 65098, 65098)),
    },
  },
  {
    id: 'RFC9234-5-11',
    level: 'MUST',
    title: 'VPN routes on sessions with roles',
    expected: 'no OTC is added, none makes a route a leak',
    profile: 'Prolevpn',
    needs: ['roles', 'vpn'],
    run: async (t) => {
      const e2 = await vpnPeer(t, 'e2', { extra: [role(roleNumbers.provider)] });
      const e1 = await vpnPeer(t, 'e1', { extra: [role(roleNumbers.customer)] });
      const c1 = await vpnPeer(t, 'c1');
      const [plain, leak] = [vpnRoute(t), vpnRoute(t)];
      announceVpn(e2, plain);
      const route = await c1.sees(plain.key);
      t.check(numberOf(route, OTC) === undefined, 'no OTC on a VPN route', describeRoute(route));
      announceVpn(e1, leak, { with: [otc(65098)] });
      await c1.sees(leak.key, undefined, 'the VPN route with OTC, from a customer');
    },
  },
];
