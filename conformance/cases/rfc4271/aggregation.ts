// RFC 4271 §9.2.2.2: one route that stands for more specific ones. The target aggregates 10.60.0.0/16.
//
// Each case is an instance of its own, since all speak of the same aggregate. Only its final state is judged: what is
// told on the way depends on how the contributors arrive.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import {
  attributeOf,
  describeRoute,
  hexOf,
  numberOf,
  pathOf,
  type RouteSpec,
  type SeenRoute,
} from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { decodePath } from '../../wire/decode.ts';

const AGGREGATE = '10.60.0.0/16';
const prefixOf = (n: number): string => `10.60.${n}.0/24`;

interface World {
  readonly from: Peer;
  readonly observer: Peer;
}

async function world(t: Bench): Promise<World> {
  const [from, observer] = await t.peers('e1', 'e2');
  return { from, observer };
}

/** Announces the contributors one by one and waits until what the observer holds of the aggregate satisfies `holds`. */
async function aggregateOf(
  t: Bench,
  { from, observer }: World,
  specs: readonly RouteSpec[],
  holds: (route: SeenRoute) => boolean,
): Promise<SeenRoute> {
  for (const [n, spec] of specs.entries()) {
    from.announce(prefixOf(n + 1), spec);
    await t.settle(from, [observer]);
  }
  const seen = await observer.until(() => {
    const route = observer.route(AGGREGATE);
    return route !== undefined && holds(route) ? route : undefined;
  });
  // What was there last is the answer, whether it is the right one or not.
  return seen === undefined ? t.need(observer, AGGREGATE) : seen;
}

const originIs = (value: number) => (route: SeenRoute) => numberOf(route, pa.ORIGIN) === value;

const segmentsOf = (route: SeenRoute) =>
  decodePath(attributeOf(route, pa.AS_PATH)?.value ?? new Uint8Array(), route.width);

const common = {
  level: 'MUST',
  profile: 'Pagg',
  needs: ['aggregation'],
  isolated: true,
} as const;

export const aggregationCases: readonly Case[] = [
  {
    ...common,
    id: 'RFC4271-9.2.2.2-01',
    title: 'contributors with different ORIGINs',
    expected: 'INCOMPLETE if one of them has it, else EGP if one has it, else IGP',
    variants: each(
      { 'igp-egp-incomplete': [0, 1, 2, 2], 'igp-egp': [0, 1, 1], 'igp-igp': [0, 0, 0] },
      async (t, row) => {
        const wanted = row.at(-1) ?? 0;
        const specs = row.slice(0, -1).map((origin) => ({ origin, path: [65001, 64901] }));
        const route = await aggregateOf(t, await world(t), specs, originIs(wanted));
        t.check(originIs(wanted)(route), `ORIGIN ${wanted}`, describeRoute(route));
      },
    ),
  },
  {
    ...common,
    id: 'RFC4271-9.2.2.2-02',
    title: 'contributors with paths [65001 1001 1002] and [65001 1001 1003]',
    expected: 'no AS is lost: what is common first and the rest in an AS_SET, or ATOMIC_AGGREGATE',
    run: async (t) => {
      const paths = [
        [65001, 1001, 1002],
        [65001, 1001, 1003],
      ];
      const isWhole = (route: SeenRoute): boolean => {
        if (attributeOf(route, pa.ATOMIC_AGGREGATE) !== undefined) return true;
        const listed = new Set(segmentsOf(route).flatMap(({ asns }) => asns));
        return [65001, 1001, 1002, 1003].every((asn) => listed.has(asn));
      };
      const route = await aggregateOf(
        t,
        await world(t),
        paths.map((path) => ({ path })),
        isWhole,
      );
      t.observe(pathOf(route));
      t.check(isWhole(route), 'every AS of the contributors, or ATOMIC_AGGREGATE', describeRoute(route));
    },
  },
  {
    ...common,
    id: 'RFC4271-9.2.2.2-03',
    level: 'SHOULD',
    title: 'who has formed the aggregate',
    expected: 'AGGREGATOR with the AS and the identifier of the target',
    run: async (t) => {
      const said = (route: SeenRoute): boolean => hexOf(route, pa.AGGREGATOR) === '0000fde80a000001';
      const route = await aggregateOf(t, await world(t), [{}, {}], said);
      t.check(said(route), 'AGGREGATOR 65000 10.0.0.1', describeRoute(route));
    },
  },
  {
    ...common,
    id: 'RFC4271-9.2.2.2-04',
    title: 'contributors with different MULTI_EXIT_DISC values',
    expected: 'they are not aggregated',
    run: async (t) => {
      const { from, observer } = await world(t);
      // The control: with one value the aggregate is there.
      await aggregateOf(t, { from, observer }, [{ med: 10 }, { med: 10 }], () => true);
      from.announce(prefixOf(2), { med: 20 });
      await t.settle(from, [observer]);
      await observer.loses(AGGREGATE);
    },
  },
  {
    ...common,
    id: 'RFC4271-9.2.2.2-05',
    title: 'the contributors go, one after the other',
    expected: 'the aggregate stays while there is one, and is withdrawn with the last',
    run: async (t) => {
      const { from, observer } = await world(t);
      await aggregateOf(t, { from, observer }, [{}, {}], () => true);
      from.withdraw(prefixOf(1));
      await t.settle(from, [observer]);
      t.need(observer, AGGREGATE);
      from.withdraw(prefixOf(2));
      await observer.loses(AGGREGATE);
    },
  },
];
