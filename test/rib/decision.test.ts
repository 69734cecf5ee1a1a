/** The decision process: each step decides once, the order of arrival never matters, the order is total. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecisionOptions } from '../../src/rib/decision.ts';
import { PeerRole, type PeerRoleCode } from '../../src/rib/peer-columns.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { RibWorld, type TestPeer, type TestRoute, usual } from './rib-world.ts';

const client: PeerRoleCode = PeerRole.client;
const external: PeerRoleCode = PeerRole.external;
const path = (...asns: readonly number[]): Partial<PathAttributes> => ({
  asPath: [{ type: 'sequence', asns }],
});
const peer = (role: PeerRoleCode, bgpIdentifier: number, address: number): TestPeer => ({
  role,
  bgpIdentifier,
  address,
});
/** The winner's peer has the higher identifier and address wherever neither is what decides. */
const usualPeers = [peer(client, 9, 9), peer(client, 1, 1)];

/** The first of the two routes wins, by this step. */
const rows: readonly [
  string,
  TestRoute,
  TestRoute,
  { readonly peers?: readonly TestPeer[]; readonly options?: Partial<DecisionOptions> }?,
][] = [
  ['llgr-stale', { peer: 0 }, { peer: 1, attributes: { localPref: 500, communities: [0xffff0006] } }],
  ['local-pref', { peer: 0, attributes: { localPref: 101, ...path(1, 2) } }, { peer: 1 }],
  ['local-pref', { peer: 0 }, { peer: 1, attributes: { localPref: 99 } }],
  ['locally-originated', { peer: -1, attributes: path(1, 2) }, { peer: 1 }],
  [
    'as-path-length',
    { peer: 0, attributes: { ...path(1), origin: 'incomplete' } },
    { peer: 1, attributes: path(1, 2) },
  ],
  [
    'as-path-length',
    { peer: 0, attributes: { asPath: [{ type: 'set', asns: [1, 2, 3] }], origin: 'egp' } },
    { peer: 1, attributes: path(1, 2) },
  ],
  ['origin', { peer: 0, attributes: { origin: 'igp', med: 5 } }, { peer: 1, attributes: { origin: 'egp' } }],
  ['origin', { peer: 0, attributes: { origin: 'egp' } }, { peer: 1, attributes: { origin: 'incomplete' } }],
  ['med', { peer: 0, attributes: { ...path(7), med: 1 } }, { peer: 1, attributes: { ...path(7), med: 2 } }],
  ['med', { peer: 0, attributes: path(7) }, { peer: 1, attributes: { ...path(7), med: 1 } }],
  [
    'med',
    { peer: 0, attributes: { ...path(7), med: 4_000_000_000 } },
    { peer: 1, attributes: path(7) },
    { options: { medMissing: 'worst' } },
  ],
  [
    'med',
    { peer: 0, attributes: { ...path(7), med: 1 } },
    { peer: 1, attributes: { ...path(8), med: 2 } },
    { options: { alwaysCompareMed: true } },
  ],
  ['external', { peer: 0, cost: 9 }, { peer: 1 }, { peers: [peer(external, 9, 9), peer(client, 1, 1)] }],
  ['igp-cost', { peer: 0, cost: 3 }, { peer: 1, cost: 4 }],
  [
    'oldest-external',
    { peer: 0 },
    { peer: 1 },
    { peers: [peer(external, 9, 9), peer(external, 1, 1)], options: { preferOldestExternal: true } },
  ],
  [
    'router-id',
    { peer: 0, attributes: { clusterList: [1] } },
    { peer: 1 },
    { peers: [peer(client, 1, 9), peer(client, 2, 1)] },
  ],
  ['router-id', { peer: 0, attributes: { originatorId: 0, clusterList: [1] } }, { peer: 1 }],
  [
    'cluster-list-length',
    { peer: 0, attributes: { originatorId: 5, clusterList: [1] } },
    { peer: 1, attributes: { originatorId: 5, clusterList: [1, 2] } },
  ],
  [
    'peer-address',
    { peer: 0, attributes: { originatorId: 5 } },
    { peer: 1, attributes: { originatorId: 5 } },
    { peers: [peer(client, 9, 0x7fffffff), peer(client, 1, 0x80000000)] },
  ],
  ['path-id', { peer: 0, pathId: 1 }, { peer: 0, pathId: 2 }],
];

describe('each step', () => {
  it.each(rows)('%s decides for %o against %o', (reason, better, worse, changes = {}) => {
    const orders =
      reason === 'oldest-external'
        ? [[better, worse]]
        : [
            [better, worse],
            [worse, better],
          ];
    for (const order of orders) {
      const world = new RibWorld(changes.peers ?? usualPeers, { ...usual, ...changes.options });
      const nlri = world.nlri(1);
      const routes = order.map((route) => {
        const id = world.announce(nlri, route);
        world.decide();
        return id;
      });
      const winner = routes[order.indexOf(better)];
      expect(world.rib.best[nlri]).toBe(winner);
      expect(world.reasonOf(nlri)).toBe(reason);
      const explained = world.decision.explain(world.rib, nlri);
      expect(explained.map(({ route }) => route)).toEqual([winner, routes[order.indexOf(worse)]]);
      expect(explained.map((each) => each.reason)).toEqual([reason, reason]);
    }
  });

  it('MED is not compared between different neighbours', () => {
    const world = new RibWorld(usualPeers);
    const nlri = world.nlri(1);
    world.announce(nlri, { peer: 0, attributes: { ...path(7), med: 1 } });
    const lower = world.announce(nlri, { peer: 1, attributes: { ...path(8), med: 2 } });
    world.decide();
    expect([world.rib.best[nlri], world.reasonOf(nlri)]).toEqual([lower, 'router-id']);
  });

  it('only an eligible route is a candidate', () => {
    const world = new RibWorld(usualPeers);
    const nlri = world.nlri(1);
    world.announce(nlri, { peer: 0, attributes: { localPref: 900 } }, 6);
    expect(world.decision.select(world.rib, nlri)).toBe(0);
    const other = world.announce(nlri, { peer: 1 });
    world.decide();
    expect([world.rib.best[nlri], world.reasonOf(nlri)]).toEqual([other, 'only-path']);
  });
});

// A < B by router id, B < C by router id, C < A by MED: pairwise comparison goes round in circles.
it('the three routes that make pairwise comparison depend on the order of arrival', () => {
  const routes: readonly TestRoute[] = [
    { peer: 0, attributes: { ...path(1), med: 20 } },
    { peer: 1, attributes: { ...path(2), med: 5 } },
    { peer: 2, attributes: { ...path(1), med: 10 } },
  ];
  for (const order of permutations(routes)) {
    const world = new RibWorld([peer(external, 1, 1), peer(external, 2, 2), peer(external, 3, 3)]);
    const nlri = world.nlri(1);
    for (const route of order) {
      world.announce(nlri, route);
      world.decide();
    }
    expect(world.rib.peer[world.rib.best[nlri]]).toBe(world.peerIds[1]);
  }
});

const few = fc.nat(2);
const anyRoute: fc.Arbitrary<
  Omit<TestRoute, 'peer'> & { readonly role: PeerRoleCode; readonly identifier: number }
> = fc.record({
  attributes: fc.record(
    {
      localPref: few.map((n) => 100 + n),
      asPath: fc
        .array(few, { minLength: 1, maxLength: 2 })
        .map((asns) => [{ type: 'sequence' as const, asns: asns.map((n) => 65001 + n) }]),
      origin: fc.constantFrom('igp' as const, 'egp' as const),
      med: few,
      originatorId: few,
      clusterList: fc.array(few, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
  cost: few.map((n) => 1 + n),
  role: fc.constantFrom(PeerRole.external, PeerRole.client, PeerRole.nonClient),
  identifier: few,
});

describe('the order', () => {
  const options = fc.record({
    medMissing: fc.constantFrom('best' as const, 'worst' as const),
    alwaysCompareMed: fc.boolean(),
    preferOldestExternal: fc.constant(false),
    multipath: fc.constantFrom(1, 4),
  });

  it('of arrival, of changes and of withdrawals never matters, and is total', () => {
    fc.assert(
      fc.property(fc.array(anyRoute, { minLength: 1, maxLength: 5 }), options, (routes, options) => {
        const peers = routes.map(({ role, identifier }, i) => peer(role, identifier, i));
        const results = permutations(routes.map((route, i): TestRoute => ({ ...route, peer: i }))).map(
          (order) => {
            const world = new RibWorld(peers, options);
            const nlri = world.nlri(1);
            for (const route of order) {
              world.announce(nlri, route);
              world.decide();
            }
            const ranked: number[] = [];
            world.decision.rank(world.rib, nlri, 99, ranked);
            expect(new Set(ranked).size).toBe(routes.length);
            expect(ranked[0]).toBe(world.rib.best[nlri]);
            expect(world.decision.explain(world.rib, nlri).map(({ route }) => route)).toEqual(ranked);
            return JSON.stringify([world.reasonOf(nlri), ranked.map((route) => world.rib.peer[route])]);
          },
        );
        expect(new Set(results).size).toBe(1);
      }),
      { numRuns: 150 },
    );
  });

  it('of the first N is the beginning of the whole', () => {
    fc.assert(
      fc.property(
        fc.array(anyRoute, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 8 }),
        (routes, n) => {
          const world = new RibWorld(routes.map(({ role, identifier }, i) => peer(role, identifier, i)));
          const nlri = world.nlri(1);
          for (const [i, route] of routes.entries()) world.announce(nlri, { ...route, peer: i });
          const all: number[] = [];
          const first: number[] = [];
          world.decision.rank(world.rib, nlri, 99, all);
          expect(world.decision.rank(world.rib, nlri, n, first)).toBe(Math.min(n, routes.length));
          expect(first).toEqual(all.slice(0, n));
        },
      ),
    );
  });

  it('holds for more candidates than the scratch was made for', () => {
    const peers = Array.from({ length: 300 }, (_, i) => peer(client, 300 - i, i));
    const world = new RibWorld(peers);
    const nlri = world.nlri(1);
    for (const i of peers.keys()) world.announce(nlri, { peer: i, attributes: { ...path(1), med: i % 2 } });
    world.decide();
    expect(world.rib.peer[world.rib.best[nlri]]).toBe(world.peerIds[298]);
  });
});

describe('multipath', () => {
  const three = [peer(external, 9, 9), peer(external, 1, 1), peer(client, 2, 2)];
  const equalsOf = (routes: readonly TestRoute[], multipath: number) => {
    const world = new RibWorld(three, { ...usual, multipath });
    const nlri = world.nlri(1);
    world.announce(nlri, { peer: 2 }, 6);
    for (const route of routes) world.announce(nlri, route);
    const best = world.decision.select(world.rib, nlri);
    const equals = world.decision.equals.map((route) => world.rib.peer[route]).toSorted();
    return { best: world.rib.peer[best], equals: equals.map((id) => world.peerIds.indexOf(id)) };
  };
  const one = { peer: 0, attributes: path(7) };
  const other = { peer: 1, attributes: path(8) };

  it.each<[string, readonly TestRoute[], number, readonly number[]]>([
    ['routes equal up to the IGP cost are used together', [one, other], 2, [0, 1]],
    ['not without being asked for', [one, other], 1, []],
    ['not where one has a longer AS_PATH', [one, { ...other, attributes: path(8, 9) }], 2, []],
    ['not where one is further away', [one, { ...other, cost: 5 }], 2, []],
    ['not external and internal ones', [one, { peer: 2, attributes: path(8) }], 2, []],
    [
      'not where one has a lower MED of the same AS',
      [one, { peer: 1, attributes: { ...path(7), med: 1 } }],
      2,
      [],
    ],
    ['none where no route is eligible', [], 2, []],
    ['one alone', [one], 2, []],
  ])('%s', (_, routes, multipath, expected) => {
    expect(equalsOf(routes, multipath).equals).toEqual(expected);
  });

  it('the best is among them, the order of arrival does not matter, and the best is the same without', () => {
    const routes = fc.array(anyRoute, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(routes, (given) => {
        const peers = given.map(({ role, identifier }, i) => peer(role, identifier, i));
        const results = permutations(given.map((route, i): TestRoute => ({ ...route, peer: i }))).flatMap(
          (order) =>
            [1, 4].map((multipath) => {
              const world = new RibWorld(peers, { ...usual, multipath });
              const nlri = world.nlri(1);
              for (const route of order) world.announce(nlri, route);
              const best = world.decision.select(world.rib, nlri);
              const { equals } = world.decision;
              if (equals.length > 0) expect(equals).toContain(best);
              if (multipath === 1) expect(equals).toEqual([]);
              return {
                best: world.rib.peer[best],
                multipath,
                equals: equals.map((r) => world.rib.peer[r]).sort(),
              };
            }),
        );
        expect(new Set(results.map(({ best }) => best)).size).toBe(1);
        const sets = results.filter(({ multipath }) => multipath > 1).map(({ equals }) => equals.join());
        expect(new Set(sets).size).toBe(1);
      }),
    );
  });
});

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
  );
}
