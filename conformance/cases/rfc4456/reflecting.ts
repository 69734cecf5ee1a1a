// What the rows of RFC 4456 have in common: who hears a route, and how it looks there.

import type { Bench } from '../../engine/bench.ts';
import { type Body, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { addressesOf, describeRoute, numberOf, type RouteSpec, type SeenRoute } from '../../engine/routes.ts';
import type { Family } from '../../wire/address.ts';

export const families = { v4: 'v4', v6: 'v6' } as const;

/** Announces from `from` and returns the route as `to` sees it. */
export async function reflected(
  t: Bench,
  from: Peer,
  to: Peer,
  spec: RouteSpec = {},
  family: Family = 'v4',
): Promise<SeenRoute> {
  const px = t.prefix(family);
  await t.seed(px, from, [to], spec);
  return t.need(to, px);
}

export function listIs(t: Bench, route: SeenRoute, type: number, wanted: readonly string[]): void {
  const seen = addressesOf(route, type);
  t.check(
    seen.join(' ') === wanted.join(' '),
    `attribute ${type} = [${wanted.join(' ')}]`,
    describeRoute(route),
  );
}

/** Who hears a route of `from`: all of `to`, none of `notTo`. Both are witnesses of each other. */
export function heard(
  from: Seat,
  to: readonly Seat[],
  notTo: readonly Seat[],
): Readonly<Record<string, Body>> {
  return each(families, async (t, family) => {
    const sender = await t.peer(from);
    const [yes, no] = [await all(t, to), await all(t, notTo)];
    const px = t.prefix(family);
    sender.announce(px);
    for (const observer of yes) await observer.sees(px);
    await t.settle(sender, yes, family);
    if (no.length === 0) return;
    // What reaches those who must not hear `from` comes from e3; it stands behind everything sent before.
    const e3 = await t.peer('e3');
    await t.settle(e3, no, family);
    t.absent(px, no, 'not reflected');
  });
}

export async function all(t: Bench, names: readonly Seat[]): Promise<Peer[]> {
  const out: Peer[] = [];
  for (const name of names) out.push(await t.peer(name));
  return out;
}

/** A route with a loop in its attributes must vanish everywhere and leave the session alone. */
export const loops = (spec: RouteSpec) =>
  each(
    { 'c1-v4': ['c1', 'v4'], 'c1-v6': ['c1', 'v6'], 'n1-v4': ['n1', 'v4'], 'n1-v6': ['n1', 'v6'] } as const,
    async (t, [seat, family]) => {
      const from = await t.peer(seat);
      const observers = await all(t, ['c2', 'e2']);
      const px = t.prefix(family);
      await t.seed(px, from, observers);
      from.announce(px, { origin: 2, ...spec });
      await t.settle(from, observers, family);
      t.absent(px, observers, 'a looped route is not used, the route before it is gone');
    },
  );

/** Cluster id of a reflector that the tester plays. */
export const secondReflector = '10.0.0.98';

/** The route as it was heard, for a speaker that passes it on inside the AS. */
export function relayed(t: Bench, route: SeenRoute): RouteSpec {
  return {
    originatorId: t.must(addressesOf(route, 9)[0], 'an ORIGINATOR_ID', describeRoute(route)),
    clusterList: addressesOf(route, 10),
    path: [],
    localPref: numberOf(route, 5) ?? 100,
  };
}

export const all4 = { localPref: 321, med: 77, path: [64999, 64998] } as const;
