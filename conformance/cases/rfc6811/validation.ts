// RFC 6811: the state of a route under the payloads of a cache, when they come, go, and when the cache is gone.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { RouteSpec } from '../../engine/routes.ts';
import type { Payload } from '../../wire/rtr.ts';
import { asked, becomes, judged, type State, stateOf, taken } from './validating.ts';

const needs = ['origin-validation'] as const;
const REFRESH = 5;

interface Row {
  readonly id: string;
  readonly title: string;
  readonly state: State;
  readonly path: NonNullable<RouteSpec['path']>;
  /** The payloads for the prefix of the route, a /24. */
  readonly payloads: (px: string) => readonly Payload[];
}

/** The /23 around a /24. */
function around(px: string): string {
  const [a = '0', b = '0', c = '0'] = px.split('.');
  return `${a}.${b}.${Number(c) & 0xfe}.0/23`;
}

const exact = (asn: number) => (px: string) => [{ prefix: px, maxLength: 24, asn }];

const rows: readonly Row[] = [
  {
    id: 'RFC6811-2-01',
    title: 'no payload covers the prefix',
    state: 'not-found',
    path: [65001],
    payloads: () => [],
  },
  {
    id: 'RFC6811-2-02',
    title: 'a payload covers the prefix, allows its length and has its origin',
    state: 'valid',
    path: [65001, 64999],
    payloads: (px) => [{ prefix: around(px), maxLength: 24, asn: 64999 }],
  },
  {
    id: 'RFC6811-2-03',
    title: 'a payload with the origin covers the prefix, which is longer than it allows',
    state: 'invalid',
    path: [65001, 64999],
    payloads: (px) => [{ prefix: around(px), maxLength: 23, asn: 64999 }],
  },
  {
    id: 'RFC6811-2-04',
    title: 'a payload covers the prefix and has another origin',
    state: 'invalid',
    path: [65001, 64999],
    payloads: exact(65001),
  },
  {
    id: 'RFC6811-2-05',
    title: 'two payloads cover the prefix, one has its origin',
    state: 'valid',
    path: [65001, 64999],
    payloads: (px) => [...exact(64998)(px), ...exact(64999)(px)],
  },
  {
    id: 'RFC6811-2-06',
    title: 'the path ends in an AS_SET that has the AS of the payload',
    state: 'invalid',
    path: [
      { type: 2, asns: [65001] },
      { type: 1, asns: [64999] },
    ],
    payloads: exact(64999),
  },
  {
    id: 'RFC6811-2-07',
    title: 'the payload says AS 0',
    state: 'invalid',
    path: [65001],
    payloads: exact(0),
  },
];

async function ownOrigin(t: Bench): Promise<void> {
  const [e1, n1, c1] = await t.peers('e1', 'n1', 'c1');
  const px = t.prefix();
  await taken(t, e1, n1, exact(t.profile.asn)(px));
  c1.announce(px, { path: [] });
  await becomes(t, n1, px, 'valid');
}

/** A payload comes or goes after the route; the neighbour announces it anew only if it is asked to. */
async function later(t: Bench, payload: number, before: State, after: State, add: boolean): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  const px = t.prefix();
  const one = { prefix: px, maxLength: 24, asn: payload };
  const spec = { path: [65001, 64999] };
  await taken(t, e1, n1, add ? [] : [one]);
  e1.announce(px, spec);
  await becomes(t, n1, px, before);
  const from = e1.received.length;
  if (add) t.cache.add(one);
  else t.cache.remove(one);
  // A target that keeps no copy of what came in asks for it again (RFC 2918 §4).
  const done = () => stateOf(n1, px) === after || e1.messages(REFRESH, from).length > 0;
  await Promise.race([e1.until(() => done() || undefined), n1.until(() => done() || undefined)]);
  if (e1.messages(REFRESH, from).length > 0) {
    t.observe('it asks with ROUTE-REFRESH');
    e1.announce(px, spec);
  }
  await becomes(t, n1, px, after);
  await t.settle(e1, [n1]);
}

async function cacheLost(t: Bench): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  const px = t.prefix();
  const other = t.prefix();
  await taken(t, e1, n1, [...exact(64999)(px), ...exact(64999)(other)]);
  e1.announce(px, { path: [65001, 64999] });
  await becomes(t, n1, px, 'valid');
  t.cache.away = true;
  t.cache.drop();
  await t.pause(3000);
  e1.announce(other, { path: [65001, 64999] });
  await becomes(t, n1, other, 'valid');
  t.check(stateOf(n1, px) === 'valid', 'the earlier route is still valid', n1.describe(px));
  t.observe('the expiry, 600 s at least, was not awaited');
}

async function stateAlone(t: Bench): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  const px = t.prefix();
  await asked(t);
  t.cache.add(...exact(64998)(px));
  await t.pause(2000);
  await t.seed(px, e1, [n1], { path: [65001, 64999] });
  await t.settle(e1, [n1]);
  t.need(n1, px);
}

export const validationCases: readonly Case[] = [
  ...rows.map(
    ({ id, title, state, path, payloads }): Case => ({
      id,
      level: 'MUST',
      profile: 'Prov',
      needs,
      title,
      expected: `the route is ${state}`,
      run: (t) => judged(t, state, { path }, payloads),
    }),
  ),
  {
    id: 'RFC6811-2-08',
    level: 'MUST',
    profile: 'Prov',
    needs,
    title: 'an internal neighbour announces with an empty path; the payload has the AS of the target',
    expected: 'the route is valid: the origin is the own AS',
    run: ownOrigin,
  },
  {
    id: 'RFC6811-5-01',
    level: 'MUST',
    profile: 'Prov',
    needs,
    title: 'a payload comes or goes after the route',
    expected:
      'the route gets its new state, announced anew only where the target asks for it, and the session stays up',
    variants: each(
      {
        'comes-valid': [64999, 'not-found', 'valid', true],
        'comes-invalid': [64998, 'not-found', 'invalid', true],
        'goes-valid': [64999, 'valid', 'not-found', false],
        'goes-invalid': [64998, 'invalid', 'not-found', false],
      } as const,
      (t, [payload, before, after, add]) => later(t, payload, before, after, add),
    ),
  },
  {
    id: 'RFC6811-5-02',
    level: 'MUST',
    profile: 'Prov',
    needs,
    isolated: true,
    title: 'the cache closes the connection and takes none',
    expected: 'what it told is used on, for old routes and for new ones',
    run: cacheLost,
  },
  {
    id: 'RFC6811-3-01',
    level: 'SHOULD',
    profile: 'Provno',
    needs,
    title: 'an invalid route, where no policy looks at the state',
    expected: 'the route is used and passed on',
    run: stateAlone,
  },
];
