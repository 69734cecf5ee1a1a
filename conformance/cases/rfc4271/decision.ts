// RFC 4271 §9.1 and RFC 4456 §9: which of several routes is best.
//
// Each row lists candidates; all orders of arrival are played, then the winner is withdrawn and the rest must still
// order itself. The winner is read from a tag community at an observer that is sent the best route only.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Body, Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { communitiesOf, type RouteSpec } from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';

interface Candidate {
  readonly seat: Seat;
  readonly spec: RouteSpec;
  readonly options?: PeerOptions;
}

interface Row {
  readonly id: string;
  readonly level: Case['level'];
  readonly title: string;
  /** Best first: after the first is withdrawn the second must win, and so on. */
  readonly ranking: readonly Candidate[];
  readonly observer?: Seat;
  readonly profile?: Case['profile'];
  readonly needs?: Case['needs'];
}

const TAG = 64511;

function orders<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((one, i) =>
    orders([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [one, ...rest]),
  );
}

async function winnerIs(t: Bench, observer: Peer, px: string, wanted: number, what: string): Promise<void> {
  const route = t.need(observer, px);
  const tag = communitiesOf(route).find((text) => text.startsWith(`${TAG}:`));
  t.check(
    tag === `${TAG}:${wanted}`,
    `candidate ${wanted} wins ${what}`,
    `${tag ?? 'no tag'}: ${observer.describe(px)}`,
  );
}

function body(row: Row, order: readonly number[]): Body {
  return async (t) => {
    const observer = await t.peer(row.observer ?? 'n2');
    const played: Peer[] = [];
    for (const { seat, options } of row.ranking) played.push(await t.peer(seat, options));
    const px = t.prefix();
    for (const i of order) {
      const { spec } = row.ranking[i] as Candidate;
      (played[i] as Peer).announce(px, { ...spec, communities: [pa.community(TAG, i + 1)] });
      // Nothing but this candidate's sentinel orders the arrivals.
      await t.settle(played[i] as Peer, [observer]);
    }
    await winnerIs(t, observer, px, 1, 'at first');
    for (let i = 0; i + 1 < row.ranking.length; i++) {
      (played[i] as Peer).withdraw(px);
      await t.settle(played[i] as Peer, [observer]);
      await winnerIs(t, observer, px, i + 2, `after ${i + 1} withdrawals`);
    }
  };
}

function caseOf(row: Row): Case {
  const variants: Record<string, Body> = {};
  for (const order of orders(row.ranking.map((_, i) => i)))
    variants[`order-${order.map((i) => i + 1).join('')}`] = body(row, order);
  const { id, level, title, profile, needs } = row;
  return {
    id,
    level,
    title,
    ...(profile === undefined ? {} : { profile }),
    ...(needs === undefined ? {} : { needs }),
    expected: 'the same winner in every order of arrival, and the next best after it',
    variants,
  };
}

const e1Low: PeerOptions = { id: '10.1.9.1' };
const e3High: PeerOptions = { id: '10.3.9.9' };
/** Two internal routes alike but for what a row changes; n1 has the higher identifier. */
const alike = { path: [64999], localPref: 100 } as const;

const rows: readonly Row[] = [
  {
    id: 'RFC4271-9.1.1-01',
    level: 'MUST',
    title: 'LOCAL_PREF 200 with a long path against LOCAL_PREF 100',
    ranking: [
      { seat: 'c2', spec: { localPref: 200, path: [64901, 64902, 64903] } },
      { seat: 'c1', spec: { localPref: 100, path: [64901] } },
    ],
  },
  {
    id: 'RFC4271-9.1.1-02',
    level: 'MUST',
    title: 'LOCAL_PREF 999 from an external peer counts nothing',
    ranking: [
      { seat: 'e3', spec: { path: [65003, 64901] } },
      { seat: 'e1', spec: { path: [65001, 64901, 64902], with: [pa.localPref(999)] } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-01',
    level: 'MUST',
    title: 'path lengths 2, 3 and 4',
    ranking: [
      { seat: 'e3', spec: { path: [65003, 64901] } },
      { seat: 'e1', spec: { path: [65001, 64901, 64902] } },
      { seat: 'e2', spec: { path: [65002, 64901, 64902, 64903] } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-02',
    level: 'MUST',
    title: 'an AS_SET of three counts as one',
    ranking: [
      { seat: 'e3', spec: { path: [pa.sequence(65003), pa.set(64801, 64802, 64803)] } },
      { seat: 'e1', spec: { path: [65001, 64901, 64902] } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-03',
    level: 'MUST',
    title: 'path lengths 2, 3 and 4, with three more ASes inside the confederation on the first',
    profile: 'Pconf',
    needs: ['confederation'],
    ranking: [
      {
        seat: 'e3',
        spec: { path: [pa.confederate(65003, 65010, 65011), pa.sequence(64901, 64902)], localPref: 100 },
      },
      { seat: 'e1', spec: { path: [65001, 64901, 64902] } },
      { seat: 'e2', spec: { path: [65002, 64901, 64902, 64903] } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-04',
    level: 'MUST',
    title: 'ORIGIN IGP, EGP and INCOMPLETE, the better identifier on the worse',
    ranking: [
      { seat: 'e3', spec: { origin: 0, path: [65003, 64901] }, options: { id: '10.3.9.9' } },
      { seat: 'e2', spec: { origin: 1, path: [65002, 64901] }, options: { id: '10.2.9.5' } },
      { seat: 'e1', spec: { origin: 2, path: [65001, 64901] }, options: { id: '10.1.9.1' } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-05',
    level: 'MUST',
    title: 'the same neighbouring AS: MED 10 (higher identifier) against MED 20',
    ranking: [
      { seat: 'e1', spec: { med: 10, path: [65001, 64901] }, options: { id: '10.1.9.9' } },
      { seat: 'e1b', spec: { med: 20, path: [65001, 64901] }, options: { id: '10.1.9.1' } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-06',
    level: 'MUST',
    title: 'different neighbouring ASes: MED is not compared',
    ranking: [
      { seat: 'e1', spec: { med: 100, path: [65001, 64901] }, options: e1Low },
      { seat: 'e3', spec: { med: 50, path: [65003, 64901] }, options: e3High },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-07',
    level: 'MUST',
    title: 'no MED (higher identifier) against MED 5',
    ranking: [
      { seat: 'e1', spec: { path: [65001, 64901] }, options: { id: '10.1.9.9' } },
      { seat: 'e1b', spec: { med: 5, path: [65001, 64901] }, options: { id: '10.1.9.1' } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-08',
    level: 'MUST',
    title: 'MED makes the order intransitive: two routes of one AS, one of another',
    ranking: [
      // Within AS 65001 MED 5 (id .9) beats MED 10 (id .1); between the ASes the identifier decides: e3 (.5) beats .9.
      { seat: 'e3', spec: { path: [65003, 64901] }, options: { id: '10.3.0.5' } },
      { seat: 'e1b', spec: { med: 5, path: [65001, 64901] }, options: { id: '10.9.0.9' } },
      { seat: 'e1', spec: { med: 10, path: [65001, 64901] }, options: { id: '10.1.0.1' } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-09',
    level: 'MUST',
    title: 'an external route (higher identifier) against an internal one',
    ranking: [
      { seat: 'e3', spec: { path: [65003, 64901] }, options: { id: '10.99.9.9' } },
      { seat: 'c1', spec: { path: [65001, 64901], localPref: 100 } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-10',
    level: 'MUST',
    title: 'interior cost 10 (higher identifier) against 20',
    profile: 'Pint',
    needs: ['interior-costs'],
    ranking: [
      { seat: 'c2', spec: { ...alike, nextHop: '10.200.10.1' }, options: { id: '10.11.9.9' } },
      { seat: 'c1', spec: { ...alike, nextHop: '10.200.20.1' }, options: { id: '10.11.9.1' } },
    ],
    observer: 'c3',
  },
  {
    id: 'RFC7311-4-01',
    level: 'MAY',
    title: 'AIGP 10 with a long path against AIGP 20',
    needs: ['aigp'],
    ranking: [
      { seat: 'c2', spec: { localPref: 100, path: [64901, 64902, 64903], with: [pa.aigp(10)] } },
      { seat: 'c1', spec: { localPref: 100, path: [64901], with: [pa.aigp(20)] } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-11',
    level: 'MUST',
    title: 'all equal but the BGP Identifier',
    ranking: [
      { seat: 'e3', spec: { path: [65003, 64901] }, options: { id: '10.1.9.1' } },
      { seat: 'e1', spec: { path: [65001, 64901] }, options: { id: '10.1.9.9' } },
    ],
  },
  {
    id: 'RFC4271-9.1.2.2-12',
    level: 'MUST',
    title: 'the same identifier: the lower peer address wins',
    ranking: [
      { seat: 'e1', spec: { path: [65001, 64901] }, options: { id: '10.1.9.9' } },
      { seat: 'e3', spec: { path: [65003, 64901] }, options: { id: '10.1.9.9' } },
    ],
  },
  {
    id: 'RFC4456-9-01',
    level: 'SHOULD',
    title: 'ORIGINATOR_ID stands in for the identifier of the peer',
    ranking: [
      { seat: 'n1', spec: { ...alike, originatorId: '10.0.5.1' } },
      { seat: 'c1', spec: { ...alike, originatorId: '10.0.5.9' } },
    ],
    observer: 'c3',
  },
  {
    id: 'RFC4456-9-02',
    level: 'SHOULD',
    title: 'the same ORIGINATOR_ID: the shorter CLUSTER_LIST wins',
    ranking: [
      { seat: 'n1', spec: { ...alike, originatorId: '10.0.5.1', clusterList: ['10.0.0.51'] } },
      { seat: 'c1', spec: { ...alike, originatorId: '10.0.5.1', clusterList: ['10.0.0.51', '10.0.0.52'] } },
    ],
    observer: 'c3',
  },
  {
    id: 'RFC4456-9-03',
    level: 'MUST',
    title: 'an external route against a reflected one with a lower ORIGINATOR_ID',
    ranking: [
      { seat: 'e3', spec: { path: [65003] } },
      { seat: 'c1', spec: { ...alike, originatorId: '1.0.0.1', clusterList: ['10.0.0.51'] } },
    ],
  },
];

/** RFC 4271 §9.1.2: a route whose NEXT_HOP cannot be resolved is left out, whatever its preference. */
const unresolvable: Case = {
  id: 'RFC4271-9.1.2-04',
  level: 'MUST',
  title: 'LOCAL_PREF 999 with a next hop that no route leads to, against 100 with one that can be reached',
  expected: 'the route that can be reached, and none when it is gone',
  profile: 'Pint',
  needs: ['interior-costs'],
  variants: Object.fromEntries(
    [
      [0, 1],
      [1, 0],
    ].map((order) => [
      order[0] === 0 ? 'unresolvable-first' : 'unresolvable-last',
      async (t: Bench) => {
        const [far, near, observer] = await t.peers('c1', 'c2', 'c3');
        const px = t.prefix();
        const says = [
          () =>
            far.announce(px, {
              ...alike,
              localPref: 999,
              nextHop: '10.201.0.1',
              communities: [pa.community(TAG, 2)],
            }),
          () => near.announce(px, { ...alike, nextHop: '10.200.20.1', communities: [pa.community(TAG, 1)] }),
        ];
        for (const n of order) {
          says[n]?.();
          await t.settle(n === 0 ? far : near, [observer]);
        }
        await winnerIs(t, observer, px, 1, 'over one that cannot be resolved');
        near.withdraw(px);
        await t.settle(near, [observer]);
        t.absent(px, [observer], 'no route through a next hop that cannot be resolved');
      },
    ]),
  ),
};

export const decisionCases: readonly Case[] = [...rows.map(caseOf), unresolvable];
