// RFC 6793: four-octet AS numbers, between NEW and OLD speakers.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import {
  attributeOf,
  describeRoute,
  hexOf,
  pathOf,
  type RouteSpec,
  type SeenRoute,
} from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { decodePath, formatPath } from '../../wire/decode.ts';

const OLD = { as4: false } as const;

/** The route as an OLD e2 sees it. */
async function towardOld(t: Bench, spec: RouteSpec): Promise<SeenRoute> {
  const e1 = await t.peer('e1');
  const e2 = await t.peer('e2', OLD);
  const px = t.prefix();
  await t.seed(px, e1, [e2], spec);
  return t.need(e2, px);
}

/** The route as a NEW c1 sees it, when an OLD e1 sends it. */
async function fromOld(t: Bench, spec: RouteSpec): Promise<SeenRoute> {
  const e1 = await t.peer('e1', OLD);
  const [c1, e2] = await t.peers('c1', 'e2');
  const px = t.prefix();
  await t.seed(px, e1, [c1, e2], spec);
  const outside = t.need(e2, px);
  t.check(
    attributeOf(outside, pa.AS4_PATH) === undefined,
    'no AS4_PATH to a NEW speaker',
    describeRoute(outside),
  );
  return t.need(c1, px);
}

const as4PathOf = (route: SeenRoute): string | undefined => {
  const value = attributeOf(route, pa.AS4_PATH)?.value;
  return value === undefined ? undefined : formatPath(decodePath(value, 4));
};

function pathIs(t: Bench, route: SeenRoute, wanted: string): void {
  t.check(pathOf(route) === wanted, `AS_PATH [${wanted}]`, describeRoute(route));
}

const merging = (id: string, title: string, expected: string, spec: RouteSpec, wanted: string): Case => ({
  id,
  level: 'MUST',
  title,
  expected,
  run: async (t) => pathIs(t, await fromOld(t, spec), wanted),
});

const old = (path: pa.Path) => pa.asPath(path, 2);

export const fourOctetCases: readonly Case[] = [
  {
    id: 'RFC6793-4.2.2-01',
    level: 'MUST',
    title: 'path [65001 70000 64999] toward an OLD speaker',
    expected: 'AS_PATH [65000 65001 23456 64999] and AS4_PATH with the whole path',
    run: async (t) => {
      const route = await towardOld(t, { path: [65001, 70000, 64999] });
      pathIs(t, route, '65000 65001 23456 64999');
      const as4 = as4PathOf(route);
      const good = as4 === '65000 65001 70000 64999' || as4 === '65001 70000 64999';
      t.check(good, 'AS4_PATH [65000 65001 70000 64999]', as4 ?? 'none');
      t.observe(`AS4_PATH [${as4}] flags ${attributeOf(route, pa.AS4_PATH)?.flags.toString(16)}`);
    },
  },
  {
    id: 'RFC6793-4.2.2-02',
    level: 'MUST',
    title: 'a path of two-octet ASes only, toward an OLD speaker',
    expected: 'no AS4_PATH',
    run: async (t) => {
      const route = await towardOld(t, { path: [65001, 64999] });
      pathIs(t, route, '65000 65001 64999');
      t.check(as4PathOf(route) === undefined, 'no AS4_PATH', describeRoute(route));
    },
  },
  {
    id: 'RFC6793-4.2.2-03',
    level: 'MUST',
    title: 'AGGREGATOR in AS 70000 toward an OLD speaker',
    expected: 'AGGREGATOR with AS_TRANS, and AS4_AGGREGATOR',
    run: async (t) => {
      const route = await towardOld(t, { with: [pa.aggregator(70000, '10.7.7.7')] });
      t.check(hexOf(route, 7) === '5ba00a070707', 'AGGREGATOR 23456 10.7.7.7', describeRoute(route));
      t.check(hexOf(route, 18) === '000111700a070707', 'AS4_AGGREGATOR 70000 10.7.7.7', describeRoute(route));
    },
  },
  {
    id: 'RFC6793-4.2.2-04',
    level: 'MUST',
    title: 'AGGREGATOR in AS 65001 toward an OLD speaker',
    expected: 'six octets, no AS4_AGGREGATOR',
    run: async (t) => {
      const route = await towardOld(t, { with: [pa.aggregator(65001, '10.7.7.7')] });
      t.check(
        hexOf(route, 7) === 'fde90a070707',
        'AGGREGATOR 65001 10.7.7.7 in 6 octets',
        describeRoute(route),
      );
      t.check(hexOf(route, 18) === undefined, 'no AS4_AGGREGATOR', describeRoute(route));
    },
  },
  {
    id: 'RFC6793-4.2.2-05',
    level: 'RECORD',
    title: 'flags of the AS4_PATH the target creates',
    expected: 'c0: optional transitive, not Partial',
    run: async (t) => {
      const route = await towardOld(t, { path: [65001, 70000] });
      t.observe(`flags ${attributeOf(route, pa.AS4_PATH)?.flags.toString(16) ?? 'none'}`);
    },
  },
  {
    id: 'RFC6793-4.2.2-06',
    level: 'MUST',
    profile: 'Pas4',
    title: 'a target in AS 70001 toward an OLD speaker',
    expected: 'AS_TRANS in its OPEN and in front of AS_PATH, 70001 in AS4_PATH',
    run: async (t) => {
      const route = await towardOld(t, { path: [65001, 64999] });
      pathIs(t, route, '23456 65001 64999');
      t.check(
        as4PathOf(route) === '70001 65001 64999',
        'AS4_PATH [70001 65001 64999]',
        as4PathOf(route) ?? 'none',
      );
      const open = t.must((await t.openSent('e3')).remoteOpen, 'an OPEN', 'none');
      t.check(open.asn === 23456, 'AS_TRANS in the OPEN', `${open.asn}`);
    },
  },
  merging(
    'RFC6793-4.2.3-01',
    'OLD: AS_PATH and AS4_PATH of equal length',
    'merged',
    { with: [old([65001, 70000, 64999]), pa.as4Path([65001, 70000, 64999])] },
    '65001 70000 64999',
  ),
  merging(
    'RFC6793-4.2.3-02',
    'OLD: AS4_PATH shorter than AS_PATH',
    'the leading ASes of AS_PATH are put in front',
    { with: [old([65001, 64990, 70000, 64999]), pa.as4Path([70000, 64999])] },
    '65001 64990 70000 64999',
  ),
  merging(
    'RFC6793-4.2.3-03',
    'OLD: AS4_PATH longer than AS_PATH',
    'AS4_PATH ignored',
    { with: [old([65001, 64999]), pa.as4Path([65001, 70000, 70002, 64999])] },
    '65001 64999',
  ),
  {
    id: 'RFC6793-4.2.3-04',
    level: 'MUST',
    title: 'OLD: AGGREGATOR that is not AS_TRANS, with AS4_AGGREGATOR and AS4_PATH',
    expected: 'both AS4 attributes ignored',
    run: async (t) => {
      const path = [old([65001, 70000]), pa.as4Path([65001, 70000])];
      const route = await fromOld(t, {
        with: [...path, pa.aggregator(64999, '10.7.7.7', 2), pa.as4Aggregator(70000, '10.8.8.8')],
      });
      pathIs(t, route, '65001 23456');
      t.check(hexOf(route, 7) === '0000fde70a070707', 'AGGREGATOR 64999 10.7.7.7', describeRoute(route));
    },
  },
  {
    id: 'RFC6793-4.2.3-05',
    level: 'MUST',
    title: 'OLD: AGGREGATOR in AS_TRANS with AS4_AGGREGATOR',
    expected: 'AS4_AGGREGATOR used',
    run: async (t) => {
      const route = await fromOld(t, {
        with: [pa.aggregator(70000, '10.7.7.7', 2), pa.as4Aggregator(70000, '10.7.7.7')],
      });
      t.check(hexOf(route, 7) === '000111700a070707', 'AGGREGATOR 70000 10.7.7.7', describeRoute(route));
      t.check(hexOf(route, 18) === undefined, 'no AS4_AGGREGATOR', describeRoute(route));
    },
  },
  merging(
    'RFC6793-4.2.3-06',
    'OLD: an AS_SET in AS_PATH counts as one in the comparison',
    'merged with the right number of leading ASes',
    {
      with: [
        old([pa.sequence(65001, 64990), pa.set(64991, 70000)]),
        pa.as4Path([pa.sequence(64990), pa.set(64991, 70000)]),
      ],
    },
    '65001 64990 {64991 70000}',
  ),
  {
    id: 'RFC6793-4.2.3-07',
    level: 'MUST',
    title: 'OLD: an AS4_PATH that cannot be merged',
    expected: 'not passed on to a NEW speaker',
    run: async (t) => {
      const route = await fromOld(t, { with: [old([65001]), pa.as4Path([70000, 70001, 70002])] });
      t.check(as4PathOf(route) === undefined, 'no AS4_PATH', describeRoute(route));
    },
  },
  {
    id: 'RFC6793-4.2.3-08',
    level: 'MUST',
    profile: 'Pas4',
    title: 'OLD: the target’s AS 70001 is visible only after the merge',
    expected: 'a loop: the route is not used',
    run: async (t) => {
      const [e2, c1] = await t.peers('e2', 'c1');
      const e1 = await t.peer('e1', OLD);
      const px = t.prefix();
      await t.seed(px, e1, [e2, c1]);
      e1.announce(px, { with: [old([65001, 70001, 64999]), pa.as4Path([65001, 70001, 64999])] });
      await t.settle(e1, [e2, c1]);
      t.absent(px, [e2, c1], 'a looped route not used');
    },
  },
  {
    id: 'RFC6793-4.2.2-07',
    level: 'MUST',
    profile: 'Pconf',
    needs: ['confederation'],
    title: 'a path with a segment inside the confederation toward an OLD client',
    expected: 'the segment is in AS_PATH and not in AS4_PATH',
    run: async (t) => {
      const e3 = await t.peer('e3');
      const c1 = await t.peer('c1', OLD);
      const px = t.prefix();
      const path = [pa.confederate(65003, 65010), pa.sequence(70000, 64999)];
      await t.seed(px, e3, [c1], { path, localPref: 100 });
      const route = t.need(c1, px);
      t.check(
        as4PathOf(route) === '70000 64999',
        'AS4_PATH [70000 64999]',
        as4PathOf(route) ?? describeRoute(route),
      );
    },
  },
  {
    id: 'RFC6793-4.2.2-08',
    level: 'MUST',
    title: 'an OLD client reflects to a NEW one, and back',
    expected: 'AS4_PATH is merged for the NEW client and made for the OLD one',
    variants: each({ 'old-new': true, 'new-old': false } as const, async (t, fromOldClient) => {
      const c1: Peer = await t.peer('c1', fromOldClient ? OLD : {});
      const c2: Peer = await t.peer('c2', fromOldClient ? {} : OLD);
      const px = t.prefix();
      const oldPath = [old([64999, 70000]), pa.as4Path([64999, 70000])];
      await t.seed(px, c1, [c2], fromOldClient ? { with: oldPath } : { path: [64999, 70000] });
      const route = t.need(c2, px);
      pathIs(t, route, fromOldClient ? '64999 70000' : '64999 23456');
      const as4 = as4PathOf(route);
      const wanted = fromOldClient ? undefined : '64999 70000';
      t.check(as4 === wanted, `AS4_PATH ${wanted ?? 'absent'}`, as4 ?? 'none');
    }),
  },
];
