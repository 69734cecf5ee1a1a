import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileAsPathPattern } from '../../src/policy/as-path-pattern.ts';
import type { AsPathSegment } from '../../src/wire/attributes/path-attributes.ts';
import { path } from './samples.ts';

function fits(text: string, asPath: readonly AsPathSegment[]): boolean {
  const pattern = compileAsPathPattern(text);
  if ('error' in pattern) throw new Error(`${text}: ${pattern.error} at ${pattern.at}`);
  return pattern.matches(asPath);
}

describe('the language', () => {
  test.each([
    ['_64500_', '64500', true],
    ['_64500_', '65001 64500 65002', true],
    ['_64500_', '65001 645001', false],
    ['64500', '1 64500 2', true],
    ['645', '64500', false],
    ['^65001_65002$', '65001 65002', true],
    ['^65001_65002$', '65001 65002 65003', false],
    ['^65001_65002$', '65000 65001 65002', false],
    ['^65001 .* 65002$', '65001 65002', true],
    ['^65001 .* 65002$', '65001 1 2 3 65002', true],
    ['^65001_._65002$', '65001 65002', false],
    ['^$', '', true],
    ['^$', '65001', false],
    ['$^', '', true],
    ['.', '', false],
    ['.*', '', true],
    ['_', '', true],
    ['^65001(_65001)*$', '65001', true],
    ['^65001(_65001)*$', '65001 65001 65001', true],
    ['^65001(_65001)*$', '65001 65002', false],
    ['^65001+$', '65001 65001', true],
    ['^65001?$', '', true],
    ['^65001?$', '65001 65001', false],
    ['_(65001|65002)$', '1 65002', true],
    ['_(65001|65002)$', '65001 1', false],
    ['^(|65001)$', '', true],
    ['(^|_)65001', '1 65001', true],
    ['65001(_|$)', '65001', true],
    ['65001|65002_65003', '65002 65003', true],
    ['65001|65002_65003', '65003', false],
    ['[64512-65534]', '1 64512', true],
    ['[64512-65534]', '65534', true],
    ['[64512-65534]', '65535 64511', false],
    ['^[64512-65534]+$', '64512 65000 65534', true],
    ['^[65001]$', '65001', true],
    ['[4200000000-4294967294]', '4294967294', true],
    ['65001^', '65001', false],
    ['$65001', '65001', false],
    ['^(_)*(^)*65001', '65001', true],
    ['65001**', '1', true],
    ['^65001+?$', '', true],
  ])('%s on "%s": %s', (pattern, asPath, expected) => {
    expect(fits(pattern, path(asPath))).toBe(expected);
  });

  test.each([
    ['_65003_', '65001 {65002,65003}', true],
    ['^65001_65003$', '65001 {65002,65003}', true],
    ['^65001_65002_65003$', '65001 {65002,65003}', false],
    ['^65001_._.$', '65001 {65002,65003} 65004', true],
    ['65004', '65001 {65002,65003}', false],
    ['^65100_65101_65001$', '(65100 65101) 65001', true],
    ['^65102_65001$', '[65101,65102] 65001', true],
    ['[65003-65009]$', '65001 {65002,65003}', true],
  ])('a set is one place, any member fits it: %s on "%s": %s', (pattern, asPath, expected) => {
    expect(fits(pattern, path(asPath))).toBe(expected);
  });

  test('does not care how a sequence was cut into segments', () => {
    expect(fits('^1_2_3$', [...path('1 2'), ...path('3')])).toBe(true);
    expect(fits('^$', [{ type: 'set', asns: [] }])).toBe(true);
  });
});

test.each([
  ['', 0],
  ['   ', 0],
  ['(65001', 0],
  ['_(65001|(65002)', 1],
  ['65001)', 5],
  ['*', 0],
  ['65001|+', 6],
  ['(*)', 1],
  ['65a', 2],
  ['65001,65002', 5],
  ['\\d+', 0],
  ['{3}', 0],
  ['4294967296', 0],
  ['1_99999999999999999999', 2],
  ['[65534-64512]', 0],
  ['[64512-]', 7],
  ['[a-b]', 1],
  ['[^65001]', 1],
  ['[1-2', 0],
  ['[', 1],
  [`${'('.repeat(51)}1${')'.repeat(51)}`, 50],
  ['1 '.repeat(2049), 4096],
  ['('.repeat(100_000), 4096],
])('%j is refused at %i', (text, at) => {
  expect(compileAsPathPattern(text)).toEqual({ error: expect.stringMatching(/./), at });
});

/** A pattern as a tree, its text, and what it means by trying everything. */
type Tree =
  | { readonly is: 'word'; readonly text: '^' | '$' | '_' | '.' }
  | { readonly is: 'range'; readonly low: number; readonly high: number }
  | { readonly is: 'row' | 'choice'; readonly of: readonly Tree[] }
  | { readonly is: 'many'; readonly of: Tree; readonly mark: '*' | '+' | '?' };

function textOf(tree: Tree): string {
  switch (tree.is) {
    case 'word':
      return tree.text;
    case 'range':
      return tree.low === tree.high ? `_${tree.low}` : `[${tree.low}-${tree.high}]`;
    case 'row':
      return tree.of.map(textOf).join('');
    case 'choice':
      return `(${tree.of.map(textOf).join('|')})`;
    case 'many':
      return `(${textOf(tree.of)})${tree.mark}`;
  }
}

type Places = readonly (readonly number[])[];

/** All places where a match of the tree that begins at `at` can end. Slow, and plainly what is meant. */
function endsOf(tree: Tree, places: Places, at: number): ReadonlySet<number> {
  switch (tree.is) {
    case 'word':
      if (tree.text === '^') return new Set(at === 0 ? [at] : []);
      if (tree.text === '$') return new Set(at === places.length ? [at] : []);
      if (tree.text === '_') return new Set([at]);
      return new Set(at < places.length ? [at + 1] : []);
    case 'range':
      return new Set(places[at]?.some((asn) => asn >= tree.low && asn <= tree.high) ? [at + 1] : []);
    case 'row':
      return tree.of.reduce<ReadonlySet<number>>(
        (ends, part) => endsOfAll(part, places, ends),
        new Set([at]),
      );
    case 'choice':
      return new Set(tree.of.flatMap((part) => [...endsOf(part, places, at)]));
    case 'many': {
      const once = endsOf(tree.of, places, at);
      if (tree.mark === '?') return new Set([at, ...once]);
      const all = new Set(once);
      for (const end of all) for (const next of endsOf(tree.of, places, end)) all.add(next);
      return tree.mark === '*' ? new Set([at, ...all]) : all;
    }
  }
}

function endsOfAll(tree: Tree, places: Places, from: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...from].flatMap((at) => [...endsOf(tree, places, at)]));
}

function naive(tree: Tree, asPath: readonly AsPathSegment[]): boolean {
  const places = asPath.flatMap(({ type, asns }) =>
    type.endsWith('set') ? [asns] : asns.map((asn) => [asn]),
  );
  return [...places, []].some((_, at) => endsOf(tree, places, at).size > 0);
}

const asn = fc.integer({ min: 1, max: 4 });
const { tree: anyTree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ is: fc.constant('word' as const), text: fc.constantFrom('^', '$', '_', '.', '.') }),
    fc.tuple(asn, asn).map(([a, b]): Tree => ({ is: 'range', low: Math.min(a, b), high: Math.max(a, b) })),
    fc.record({ is: fc.constant('row' as const), of: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
    fc.record({
      is: fc.constant('choice' as const),
      of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ is: fc.constant('many' as const), of: tie('tree'), mark: fc.constantFrom('*', '+', '?') }),
  ),
}));
const anyPath: fc.Arbitrary<readonly AsPathSegment[]> = fc.array(
  fc.record({
    type: fc.constantFrom('sequence', 'sequence', 'set', 'confed-sequence', 'confed-set'),
    asns: fc.array(asn, { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 3 },
);

describe('any pattern', () => {
  test('fits where trying everything finds a fit', () => {
    fc.assert(
      fc.property(anyTree, fc.array(anyPath, { minLength: 1, maxLength: 5 }), (tree, paths) => {
        const pattern = compileAsPathPattern(textOf(tree));
        if ('error' in pattern) throw new Error(`${textOf(tree)}: ${pattern.error}`);
        // The same matcher again and again: nothing of one path may be left in the next.
        for (const asPath of paths) {
          expect([textOf(tree), asPath, pattern.matches(asPath)]).toEqual([
            textOf(tree),
            asPath,
            naive(tree, asPath),
          ]);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('any text is a pattern or is refused at a place in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789_^$.*+?[]-(|) a') }),
        anyPath,
        (text, asPath) => {
          const pattern = compileAsPathPattern(text);
          if ('error' in pattern) {
            expect(pattern.at).toBeLessThanOrEqual(text.length);
          } else expect(typeof pattern.matches(asPath)).toBe('boolean');
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('the cost', () => {
  const nested = (depth: number) => `^${'('.repeat(depth)}1*${')*'.repeat(depth)}2$`;
  test.each([
    ['(1?){n}1{n}', `^${'1?'.repeat(200)}${'_1'.repeat(200)}$`],
    ['stars in stars', nested(40)],
    ['choices of the same', `^(${Array(200).fill('1').join('|')})*2$`],
    ['anything between anythings', `^${'.*_1_'.repeat(100)}2$`],
  ])('of %s grows with path times pattern, whatever the two are', (_, text) => {
    const pattern = compileAsPathPattern(text);
    if ('error' in pattern) throw new Error(pattern.error);
    for (const places of [10, 100, 1000]) {
      expect(pattern.matches([{ type: 'sequence', asns: Array(places).fill(1) }])).toBe(false);
      expect(pattern.steps).toBeGreaterThan(places);
      expect(pattern.steps).toBeLessThanOrEqual(2 * pattern.size * (places + 1));
      expect(pattern.size).toBeLessThanOrEqual(2 * text.length);
    }
  });
});
