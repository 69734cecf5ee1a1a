// RFC 4684: VPN routes go only to who asked for their route targets, and how a reflector passes the asking on.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { ROUTER_ID } from '../../engine/profile.ts';
import { describeRoute, hexOf, numberOf } from '../../engine/routes.ts';
import { address } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, fill, toHex, u8 } from '../../wire/bytes.ts';
import { vpnPeer } from '../rfc4364/vpn.ts';
import {
  blue,
  type Crowd,
  constrainedPeer,
  crowd,
  endsMemberships,
  everything,
  foreign,
  joins,
  leaves,
  type Membership,
  member,
  membership,
  offered,
  red,
  settleMembership,
  settleTarget,
} from './membership.ts';

const constrained = { profile: 'Prtc', needs: ['vpn', 'route-target-membership'] } as const;
const families = { v4: 'v4', v6: 'v6' } as const;

const member65000 = (target: Bytes, bits?: number): Membership => membership(65000, target, bits);

/** The observer has routes of all targets in `sent`, and none of those in `kept`; `sent[0]` serves as sentinel. */
async function sorts(
  t: Bench,
  scene: Crowd,
  sent: readonly Bytes[],
  kept: readonly (Bytes | undefined)[],
  family: 'v4' | 'v6' = 'v4',
): Promise<void> {
  const wanted = [];
  const unwanted = [];
  for (const target of kept) unwanted.push(await offered(t, scene, target, family));
  for (const target of sent) wanted.push(await offered(t, scene, target, family));
  for (const route of wanted) await scene.observer.sees(route.key);
  const [sentinel = red] = sent;
  await settleTarget(t, scene, sentinel, family);
  for (const route of unwanted)
    t.absent(route.key, [scene.observer], 'no route of a target it did not ask for');
}

/** The route of the membership as the peer was sent it. */
async function toldMembership(t: Bench, peer: Peer, one: Membership) {
  const route = await peer.sees(one.key, undefined, 'the membership');
  t.observe(`${peer.name}: ${describeRoute(route)} via ${toHex(route.nextHop)}`);
  return route;
}

/** A membership NLRI with an impossible length: the session is reset or the family is not used any more. */
async function broken(t: Bench, bits: number): Promise<void> {
  const scene = await crowd(t, member65000(red));
  await sorts(t, scene, [red], []);
  const nlri = concat(u8(bits), fill(0, Math.ceil(bits / 8)));
  joins(scene.observer, everything, { nlri });
  await scene.observer.until(() => scene.observer.notification ?? scene.observer.connection.ending, 1500);
  if (scene.observer.up) t.observe('the session stays up');
  else {
    // A process that died takes a moment to be gone.
    await t.pause(500);
    t.check(scene.observer.notification?.code === 3, 'NOTIFICATION 3/x', scene.observer.state());
    t.observe(scene.observer.state());
  }
  await offered(t, scene, blue);
  await t.settle(scene.source, [scene.all]);
  if (scene.observer.up) await scene.observer.until(() => scene.observer.notification, 500);
  const odd = scene.observer.routes.filter((r) => hexOf(r, pa.EXTENDED_COMMUNITIES) === toHex(blue));
  t.check(odd.length === 0, 'it is not taken for a membership', odd.map((r) => r.prefix).join(' '));
}

export const constrainCases: readonly Case[] = [
  {
    id: 'RFC4684-5-01',
    level: 'MUST',
    ...constrained,
    title: 'read the OPEN of the target',
    expected: 'the multiprotocol capability for 1/132',
    run: async (t) => {
      const c1 = await t.openSent('c1');
      const offers = c1.remoteOpen?.capabilities.filter((c) => c.code === 1).map((c) => toHex(c.value)) ?? [];
      t.check(offers.includes('00010084'), '1/132 among the families', offers.join(' '));
    },
  },
  {
    id: 'RFC4684-4-01',
    level: 'MUST',
    ...constrained,
    title: 'membership of one route target',
    expected: 'only VPN routes with that target are sent',
    variants: each(families, async (t, family) =>
      sorts(t, await crowd(t, member65000(red)), [red], [blue, foreign], family),
    ),
  },
  {
    id: 'RFC4684-4-02',
    level: 'MUST',
    ...constrained,
    title: 'the default membership, of length 0',
    expected: 'all VPN routes are sent, also one without a route target',
    variants: each(families, async (t, family) => {
      const scene = await crowd(t, everything);
      await sorts(t, scene, [red, blue, foreign], [], family);
      const bare = await offered(t, scene, undefined, family);
      await scene.observer.sees(bare.key);
    }),
  },
  {
    id: 'RFC4684-4-03',
    level: 'MUST',
    ...constrained,
    title: 'memberships that are prefixes: the origin AS alone, the first half of a target, 95 bits of one',
    expected: 'the VPN routes are sent whose targets begin so',
    variants: {
      'bits-32': async (t) => sorts(t, await crowd(t, member65000(red, 32)), [red, blue, foreign], []),
      'bits-64': async (t) => sorts(t, await crowd(t, member65000(red, 64)), [red, blue], [foreign]),
      // Targets 65000:2 and 65000:3 share 95 bits with the membership, 65000:1 does not.
      'bits-95': async (t) => sorts(t, await crowd(t, member65000(blue, 95)), [blue], [red, foreign]),
    },
  },
  {
    id: 'RFC4684-4-04',
    level: 'MUST',
    ...constrained,
    title: 'one of two memberships is withdrawn',
    expected: 'its VPN routes are withdrawn, those of the other stay',
    run: async (t) => {
      const scene = await crowd(t, member65000(red), member65000(blue));
      const [one, two] = [await offered(t, scene, red), await offered(t, scene, blue)];
      for (const route of [one, two]) await scene.observer.sees(route.key);
      leaves(scene.observer, member65000(red));
      await scene.observer.loses(one.key);
      await settleTarget(t, scene, blue);
      t.need(scene.observer, two.key);
      joins(scene.observer, member65000(red));
      await scene.observer.sees(one.key, undefined, 'again, as it joined again');
    },
  },
  {
    id: 'RFC4684-4-05',
    level: 'ROBUST',
    ...constrained,
    isolated: true,
    title: 'membership NLRI of 97, 31, 1 and 255 bits',
    expected: 'session reset with 3/x, or ignored: never taken for a membership, no crash',
    variants: each({ 'bits-97': 97, 'bits-31': 31, 'bits-1': 1, 'bits-255': 255 }, broken),
  },
  {
    id: 'RFC4684-6-01',
    level: 'MUST',
    ...constrained,
    title: 'a peer that is a member of nothing, End-of-RIB sent',
    expected: 'no VPN routes until it joins',
    run: async (t) => {
      const scene = await crowd(t);
      const route = await offered(t, scene, red);
      await settleMembership(t, scene.source, [scene.observer]);
      t.absent(route.key, [scene.observer], 'no VPN route for a member of nothing');
      joins(scene.observer, member65000(red));
      await scene.observer.sees(route.key, undefined, 'once it has joined');
    },
  },
  {
    id: 'RFC4684-6-02',
    level: 'SHOULD',
    ...constrained,
    title: 'a membership, and End-of-RIB of the family only later',
    expected: 'VPN routes are held back until End-of-RIB, 60 s at most',
    run: async (t) => {
      const source = await member(t, 'c1');
      const all = await vpnPeer(t, 'c3');
      const observer = await constrainedPeer(t, 'c2');
      joins(observer, member65000(red));
      const route = await offered(t, { source, all }, red);
      await settleMembership(t, source, [observer]);
      t.absent(route.key, [observer], 'no VPN route before End-of-RIB');
      endsMemberships(observer);
      await observer.sees(route.key, undefined, 'after End-of-RIB');
    },
  },
  {
    id: 'RFC4684-3.2-01',
    level: 'MUST',
    ...constrained,
    title: 'a membership from a client',
    expected:
      'told to another client with the identifier of the target as ORIGINATOR_ID and its address as next hop',
    run: async (t) => {
      const wanted = member65000(red);
      const c2 = await member(t, 'c2');
      await member(t, 'c1', wanted);
      const route = await toldMembership(t, c2, wanted);
      const originator = toHex(address(ROUTER_ID));
      t.check(
        hexOf(route, pa.ORIGINATOR_ID) === originator,
        `ORIGINATOR_ID ${originator}`,
        hexOf(route, pa.ORIGINATOR_ID) ?? 'none',
      );
      const own = toHex(address(t.instance.address));
      t.check(toHex(route.nextHop) === own, `next hop ${own}`, toHex(route.nextHop));
    },
  },
  {
    id: 'RFC4684-3.2-02',
    level: 'MUST',
    ...constrained,
    title: 'a membership from a non-client, which is the best path, and from a client',
    expected: 'another non-client is told the path of the client',
    run: async (t) => {
      const wanted = member65000(blue);
      const n2 = await member(t, 'n2');
      const n1 = await member(t, 'n1');
      const c1 = await member(t, 'c1');
      joins(c1, wanted, { localPref: 100, med: 7 });
      await n2.sees(wanted.key, (route) => numberOf(route, pa.MED) === 7, 'the path of the client');
      joins(n1, wanted, { localPref: 200 });
      await settleMembership(t, n1, [c1]);
      await settleMembership(t, c1, [n2]);
      const route = await toldMembership(t, n2, wanted);
      t.check(
        numberOf(route, pa.LOCAL_PREF) === 100,
        'LOCAL_PREF 100 of the client’s path',
        describeRoute(route),
      );
    },
  },
  {
    id: 'RFC4684-6-03',
    level: 'MUST',
    ...constrained,
    title: 'a VPN route without any route target, for a member of one',
    expected: 'not sent',
    variants: each(families, async (t, family) =>
      sorts(t, await crowd(t, member65000(red)), [red], [undefined], family),
    ),
  },
];
