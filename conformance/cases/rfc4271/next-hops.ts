// RFC 4271 §5.1.3, §6.3: next hops among neighbours that share one subnet with the target.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { subnetAddresses } from '../../targets/addresses.ts';
import { formatAddress } from '../../wire/address.ts';

const near = { profile: 'Pnear' } as const;

/** An address that no interface of the target leads to. */
const ELSEWHERE = '10.202.0.7';

/** The next hop that an observer is told for a route of e1 with this one. */
async function told(t: Bench, e1: Peer, observer: Peer, nextHop: string): Promise<string> {
  const px = t.prefix();
  await t.seed(px, e1, [observer], { nextHop });
  return formatAddress(t.need(observer, px).nextHop);
}

export const nextHopCases: readonly Case[] = [
  {
    id: 'RFC4271-5.1.3-03',
    level: 'MAY',
    ...near,
    title: 'the next hop of e1’s route is a third router of the subnet that e2 shares',
    expected: 'told to e2 as it is, or as the address of the target; never as that of e2',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const { thirdParty } = subnetAddresses;
      for (const nextHop of [thirdParty, e1.address]) {
        const seen = await told(t, e1, e2, nextHop);
        const allowed = [nextHop, t.instance.address];
        t.check(allowed.includes(seen), `next hop ${allowed.join(' or ')}`, seen);
        t.observe(
          `${nextHop === thirdParty ? 'third router' : 'e1 itself'}: ${seen === nextHop ? 'kept' : 'own address'}`,
        );
      }
    },
  },
  {
    id: 'RFC4271-5.1.3-04',
    level: 'MUST',
    ...near,
    title: 'the next hop of e1’s route is the address of e2',
    expected: 'told to e2 with another next hop, or not at all',
    run: async (t) => {
      const [e1, e2, e3] = await t.peers('e1', 'e2', 'e3');
      const px = t.prefix();
      await t.seed(px, e1, [e3], { nextHop: e2.address });
      await t.settle(e1, [e2]);
      const route = e2.route(px);
      const seen = route === undefined ? 'not told' : formatAddress(route.nextHop);
      t.check(seen !== e2.address, `a next hop other than ${e2.address}`, seen);
      t.observe(seen);
    },
  },
  {
    id: 'RFC4271-6.3-09',
    level: 'MUST',
    ...near,
    needs: ['connected-subnets'],
    title: 'a NEXT_HOP that is the address of the target on the subnet it shares with its neighbours',
    expected: 'treat-as-withdraw, session up',
    run: async (t) => {
      const [e1, e2, c1] = await t.peers('e1', 'e2', 'c1');
      const px = t.prefix();
      await t.seed(px, e1, [e2, c1]);
      e1.announce(px, { nextHop: t.instance.address, origin: 2 });
      await t.settle(e1, [e2, c1]);
      t.absent(px, [e2, c1], 'no route to the target itself');
    },
  },
  {
    id: 'RFC4271-6.3-07',
    level: 'SHOULD',
    ...near,
    needs: ['connected-subnets'],
    title: 'an external peer one hop away, and a next hop outside the subnet that it shares with the target',
    expected: 'the route is not used, and what it replaced is gone; the session stays',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      await t.seed(t.prefix(), e1, [e2], { nextHop: subnetAddresses.thirdParty });
      e1.announce(px, { nextHop: ELSEWHERE, origin: 2 });
      await t.settle(e1, [e2]);
      t.absent(px, [e2], `no route by ${ELSEWHERE}`);
    },
  },
];
