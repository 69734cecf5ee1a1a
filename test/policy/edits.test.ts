import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PolicySet } from '../../src/policy/definition.ts';
import { compileEdit, prependAsPath } from '../../src/policy/edits.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { community, path, plainAttributes } from './samples.ts';

const edited = (set: PolicySet, before: PathAttributes = plainAttributes) => compileEdit(set)?.(before);
const communities = (...texts: readonly string[]) => texts.map(community);
const standard = (high: number, low: number) => high * 65536 + low;

const rich: PathAttributes = {
  ...plainAttributes,
  med: 5,
  communities: [standard(65001, 2), standard(65000, 100)],
  extendedCommunities: ['0003fde800000001', '0002fde800000064'],
  largeCommunities: [
    [65000, 2, 1],
    [65000, 1, 2],
  ],
};

describe('a set changes', () => {
  test.each<[string, PolicySet, Partial<PathAttributes>]>([
    ['LOCAL_PREF', { localPref: 200 }, { localPref: 200 }],
    ['LOCAL_PREF to 0', { localPref: 0 }, { localPref: 0 }],
    ['MED', { med: 0 }, { med: 0 }],
    ['ORIGIN', { origin: 'incomplete' }, { origin: 'incomplete' }],
    ['AS_PATH', { prepend: [65000, 65009] }, { asPath: path('65000 65009 65001 65002') }],
    [
      'several',
      { localPref: 1, med: 2, prepend: [3] },
      { localPref: 1, med: 2, asPath: path('3 65001 65002') },
    ],
    [
      'standard communities, sorted from then on',
      { addCommunities: communities('65000:200', 'no-export') },
      { communities: [standard(65000, 100), standard(65000, 200), standard(65001, 2), 0xffffff01] },
    ],
    [
      'large communities alone',
      { addCommunities: communities('65000:1:1', '65000:1:2') },
      {
        largeCommunities: [
          [65000, 1, 1],
          [65000, 1, 2],
          [65000, 2, 1],
        ],
      },
    ],
    [
      'extended communities alone',
      { addCommunities: communities('rt:1:1') },
      { extendedCommunities: ['0002000100000001', '0002fde800000064', '0003fde800000001'] },
    ],
    [
      'communities that fit',
      { removeCommunities: communities('65000:*', '*:*:1', 'soo:65000:1') },
      {
        communities: [standard(65001, 2)],
        largeCommunities: [[65000, 1, 2]],
        extendedCommunities: ['0002fde800000064'],
      },
    ],
    [
      'first what is removed, then what is added',
      { removeCommunities: communities('*:*'), addCommunities: communities('65000:1') },
      { communities: [standard(65000, 1)] },
    ],
  ])('%s', (_, set, changes) => {
    expect(edited(set, rich)).toEqual({ ...rich, ...changes });
  });

  test('all communities of all kinds by replacing them', () => {
    const { communities: _c, extendedCommunities: _e, largeCommunities: _l, ...bare } = rich;
    expect(edited({ replaceCommunities: communities('2:2', '1:1', '2:2') }, rich)).toStrictEqual({
      ...bare,
      communities: [standard(1, 1), standard(2, 2)],
    });
    expect(edited({ replaceCommunities: [] }, rich)).toStrictEqual(bare);
  });

  test('attributes that become empty are gone', () => {
    const { med: _, ...withoutMed } = rich;
    expect(edited({ med: null }, rich)).toStrictEqual(withoutMed);
    const { communities: _c, ...withoutCommunities } = rich;
    expect(edited({ removeCommunities: communities('*:*') }, rich)).toStrictEqual(withoutCommunities);
  });
});

describe('the same object comes back', () => {
  test.each<[string, PolicySet]>([
    ['LOCAL_PREF has the value', { localPref: 100 }],
    ['MED has the value', { med: 5 }],
    ['ORIGIN has the value', { origin: 'igp' }],
    [
      'the communities are there, in whatever order',
      { addCommunities: communities('65000:100', '65000:1:2', 'rt:65000:100') },
    ],
    ['none fits', { removeCommunities: communities('65002:*', '1:*:*', 'rt:1:1') }],
  ])('where %s', (_, set) => {
    expect(edited(set, rich)).toBe(rich);
  });

  test('where there is nothing to remove', () => {
    expect(edited({ med: null, removeCommunities: communities('*:*'), replaceCommunities: [] })).toBe(
      plainAttributes,
    );
  });

  test('where the replacement is what there was', () => {
    const sorted: PathAttributes = { ...plainAttributes, communities: [1, 2] };
    expect(edited({ replaceCommunities: communities('0:2', '0:1') }, sorted)).toBe(sorted);
  });

  test.each<[PolicySet]>([
    [{}],
    [{ nextHop: 'self' }],
    [{ prepend: [], addCommunities: [], removeCommunities: [] }],
  ])('and %j is no edit at all', (set) => {
    expect(compileEdit(set)).toBeUndefined();
  });
});

test('the route it was given stays as it was', () => {
  const frozen = Object.freeze({ ...rich, communities: Object.freeze([...(rich.communities ?? [])]) });
  const before = structuredClone(frozen);
  edited(
    { addCommunities: communities('1:1'), removeCommunities: communities('65000:*'), prepend: [1] },
    frozen,
  );
  expect(frozen).toEqual(before);
});

test.each(['65000:*', '65000:*:1'])('%s cannot be put on a route', (text) => {
  expect(() => compileEdit({ addCommunities: [community(text)] })).toThrow(text);
  expect(() => compileEdit({ replaceCommunities: [community(text)] })).toThrow(text);
});

test('lists of communities behave as sets do', () => {
  const few = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 6 });
  const patterns = (pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([a, b]) => community(`${a}:${b}`));
  fc.assert(
    fc.property(few, few, few, (own, remove, add) => {
      const list = own.map(([a, b]) => standard(a, b));
      const before: PathAttributes =
        list.length === 0 ? plainAttributes : { ...plainAttributes, communities: list };
      const set = { removeCommunities: patterns(remove), addCommunities: patterns(add) };
      const after = edited(set, before) ?? before;
      const removed = new Set(remove.map(([a, b]) => standard(a, b)));
      const expected = new Set([
        ...list.filter((c) => !removed.has(c)),
        ...add.map(([a, b]) => standard(a, b)),
      ]);
      expect(new Set(after.communities ?? [])).toEqual(expected);
      if (after !== before) {
        expect(after.communities ?? []).toEqual([...expected].sort((a, b) => a - b));
        expect(after.communities).not.toEqual([]);
      }
    }),
    { numRuns: 1000 },
  );
});

describe('prepending', () => {
  test.each([
    ['', [1], '1'],
    ['65001', [1, 2], '1 2 65001'],
    ['{65001,65002} 65003', [1], '1 {65001,65002} 65003'],
    ['(65100) 65003', [1], '1 (65100) 65003'],
  ])('to "%s" %j gives "%s"', (before, asns, after) => {
    expect(prependAsPath(path(before), asns)).toEqual(path(after));
  });

  test('is what prepending one by one is; no segment passes 255 and the full one is not cut', () => {
    const anyPath = fc.tuple(fc.nat(300), fc.boolean()).map(([length, ledBySet]) => [
      ...(ledBySet ? path('{65001,65002}') : []),
      ...(length > 0
        ? [
            {
              type: 'sequence' as const,
              asns: Array.from({ length: Math.min(255, length) }, (_, i) => i + 1),
            },
          ]
        : []),
    ]);
    fc.assert(
      fc.property(
        anyPath,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 600 }),
        (before, asns) => {
          const oneByOne = asns.reduceRight<ReturnType<typeof prependAsPath>>(
            (all, asn) => prependAsPath(all, [asn]),
            before,
          );
          const after = prependAsPath(before, asns);
          expect(after).toEqual(oneByOne);
          expect(after.every((segment) => segment.asns.length <= 255)).toBe(true);
          expect(after.flatMap((segment) => segment.asns)).toEqual([
            ...asns,
            ...before.flatMap((s) => s.asns),
          ]);
        },
      ),
    );
  });
});
