import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import type { PolicyRoute, PolicyVerdict } from '../../src/policy/contract.ts';
import {
  acceptAll,
  type PolicyDefinition,
  type PolicyMatch,
  type PolicySet,
  type PolicyTerm,
  rejectAll,
} from '../../src/policy/definition.ts';
import { compilePolicy } from '../../src/policy/evaluate.ts';
import { address, community, path, plainAttributes, prefix, range, route } from './samples.ts';

type Verdict = PolicyTerm['then'];

function term(name: string, match: PolicyMatch, set: PolicySet, verdict: Verdict): PolicyTerm {
  return { name, match, set, ['then' as const]: verdict };
}

function policy(terms: readonly PolicyTerm[], otherwise: 'accept' | 'reject' = 'reject'): PolicyDefinition {
  return { name: 'under-test', terms, default: otherwise };
}

const evaluate = (definition: PolicyDefinition, of: PolicyRoute = route()): PolicyVerdict =>
  compilePolicy(definition).evaluate(of);

describe('a condition', () => {
  const tagged = { ...plainAttributes, communities: [65000 * 65536 + 100] };
  test.each<[string, PolicyMatch, PolicyRoute, boolean]>([
    ['none', {}, route(), true],
    ['prefixes', { prefixes: [range('10.0.0.0/8'), range('203.0.113.0/24')] }, route(), true],
    ['prefixes', { prefixes: [range('203.0.0.0/8')] }, route(), false],
    ['prefixes', { prefixes: [range('203.0.0.0/8 8 24')] }, route(), true],
    [
      'prefixes',
      { prefixes: [range('0.0.0.0/0 0 32')] },
      route({ prefixBytes: new Uint8Array(0), prefixLength: 0 }),
      false,
    ],
    ['prefixes', { prefixes: [range('2001:db8::/32 32 128')] }, route({ prefix: '2001:db8::/48' }), true],
    ['communities', { communities: [community('65000:*')] }, route({ attributes: tagged }), true],
    [
      'communities',
      { communities: [community('65001:*'), community('*:100')] },
      route({ attributes: tagged }),
      true,
    ],
    ['communities', { communities: [community('65000:*')] }, route(), false],
    ['asPath', { asPath: ['^65009', '_65002$'] }, route(), true],
    ['asPath', { asPath: ['^65009'] }, route(), false],
    ['nextHops', { nextHops: [prefix('192.0.2.1/32')] }, route(), true],
    ['nextHops', { nextHops: [prefix('192.0.2.0/24')] }, route(), true],
    ['nextHops', { nextHops: [prefix('192.0.2.2/32'), prefix('::/0')] }, route(), false],
    ['nextHops', { nextHops: [prefix('2001:db8::/32')] }, route({ nextHop: address('2001:db8::1') }), true],
    ['peers', { peers: [address('192.0.2.8'), address('192.0.2.9')] }, route(), true],
    ['peers', { peers: [address('192.0.2.8')] }, route(), false],
    ['peers', { peers: [address('192.0.2.9')] }, route({ peer: undefined }), false],
    ['origins', { origins: ['egp', 'igp'] }, route(), true],
    ['origins', { origins: ['egp'] }, route(), false],
    ['families', { families: [ipv6Unicast, ipv4Unicast] }, route(), true],
    ['families', { families: [ipv6Unicast] }, route(), false],
    ['all of several', { origins: ['igp'], asPath: ['65002$'] }, route(), true],
    ['one of several that fails', { origins: ['igp'], asPath: ['65001$'] }, route(), false],
    ['of an empty list', { communities: [] }, route({ attributes: tagged }), false],
  ])('%s: %j', (_, match, of, holds) => {
    expect(evaluate(policy([term('one', match, {}, 'accept')]), of).accept).toBe(holds);
    // And in a policy that does the opposite, so that a condition that is ignored shows.
    expect(evaluate(policy([term('one', match, {}, 'reject')], 'accept'), of).accept).toBe(!holds);
  });
});

describe('terms', () => {
  const fits: PolicyMatch = { origins: ['igp'] };
  const fails: PolicyMatch = { origins: ['egp'] };

  test.each<[string, readonly PolicyTerm[], PolicyVerdict['accept'], string]>([
    [
      'the first that fits decides',
      [term('a', fits, {}, 'reject'), term('b', fits, {}, 'accept')],
      false,
      'a',
    ],
    ['one that fails is passed', [term('a', fails, {}, 'reject'), term('b', fits, {}, 'accept')], true, 'b'],
    ['next passes on', [term('a', fits, { med: 1 }, 'next'), term('b', {}, {}, 'accept')], true, 'b'],
    [
      'nothing behind a term for all counts',
      [term('a', {}, {}, 'accept'), term('b', {}, {}, 'reject')],
      true,
      'a',
    ],
    ['none: the default', [term('a', fails, {}, 'accept')], false, 'default'],
  ])('%s', (_, terms, accept, name) => {
    expect(evaluate(policy(terms))).toMatchObject({ accept, term: name });
  });

  test('edits of "next" terms add up, and later conditions see them', () => {
    const terms = [
      term('mark', {}, { addCommunities: [community('65000:1')], localPref: 50, nextHop: 'self' }, 'next'),
      term('raise', { communities: [community('65000:1')] }, { localPref: 200 }, 'next'),
      term('elsewhere', { communities: [community('65000:2')] }, { localPref: 1 }, 'accept'),
    ];
    expect(evaluate(policy(terms, 'accept'))).toEqual({
      accept: true,
      term: 'default',
      attributes: { ...plainAttributes, localPref: 200, communities: [65000 * 65536 + 1] },
      nextHop: 'self',
    });
  });

  test('the last next hop stands; conditions see the one that came', () => {
    const terms = [
      term('a', {}, { nextHop: address('10.0.0.1') }, 'next'),
      term('b', { nextHops: [prefix('192.0.2.1/32')] }, { nextHop: 'peer' }, 'next'),
      term('c', { nextHops: [prefix('10.0.0.1/32')] }, { nextHop: 'self' }, 'accept'),
      term('d', {}, {}, 'accept'),
    ];
    expect(evaluate(policy(terms))).toMatchObject({ term: 'd', nextHop: 'peer' });
  });

  test('the very same attributes come back where nothing changed', () => {
    const of = route();
    const untouched = evaluate(
      policy([term('a', {}, { localPref: 100, med: null, nextHop: 'self' }, 'accept')]),
      of,
    );
    expect(untouched.accept && untouched.attributes).toBe(of.attributes);
    const touched = evaluate(policy([term('a', {}, { localPref: 101 }, 'accept')]), of);
    expect(touched.accept && touched.attributes).not.toBe(of.attributes);
    expect(of.attributes).toEqual(plainAttributes);
  });
});

describe('what the speaker may take for granted', () => {
  const prefixes: PolicyMatch = { prefixes: [range('10.0.0.0/8')] };
  const flags = (terms: readonly PolicyTerm[], otherwise: 'accept' | 'reject' = 'reject') => {
    const { usesPrefix, usesFamily, usesNextHop, usesPeer, setsPeerNextHop, constant } = compilePolicy(
      policy(terms, otherwise),
    );
    const used = {
      prefix: usesPrefix,
      family: usesFamily,
      nextHop: usesNextHop,
      peer: usesPeer,
      sets: setsPeerNextHop,
    };
    return [constant, ...Object.entries(used).flatMap(([name, is]) => (is ? [name] : []))];
  };

  test.each<[string, readonly PolicyTerm[], 'accept' | 'reject', readonly unknown[]]>([
    ['no terms', [], 'accept', ['accept']],
    ['no terms', [], 'reject', ['reject']],
    ['all accept', [term('a', prefixes, {}, 'accept')], 'accept', ['accept']],
    ['all reject', [term('a', prefixes, { localPref: 1 }, 'reject')], 'reject', ['reject']],
    ['never fits', [term('a', { communities: [] }, { med: 1 }, 'accept')], 'reject', ['reject']],
    ['next does nothing', [term('a', prefixes, {}, 'next')], 'accept', ['accept']],
    ['next edits what is rejected', [term('a', prefixes, { med: 1 }, 'next')], 'reject', ['reject']],
    ['hidden default', [term('a', {}, {}, 'accept')], 'reject', ['accept']],
    ['hidden terms', [term('a', {}, {}, 'reject'), term('b', prefixes, {}, 'accept')], 'accept', ['reject']],
    ['an edit that never is one', [term('a', {}, { prepend: [] }, 'accept')], 'reject', ['accept']],
    ['edits', [term('a', {}, { med: 1 }, 'accept')], 'accept', [undefined]],
    ['sets a next hop', [term('a', {}, { nextHop: 'self' }, 'accept')], 'accept', [undefined]],
    ['prefixes', [term('a', prefixes, {}, 'accept')], 'reject', [undefined, 'prefix']],
    ['prefixes', [term('a', prefixes, {}, 'reject')], 'accept', [undefined, 'prefix']],
    ['families', [term('a', { families: [ipv4Unicast] }, {}, 'accept')], 'reject', [undefined, 'family']],
    [
      'next hops',
      [term('a', { nextHops: [prefix('10.0.0.0/8')] }, {}, 'accept')],
      'reject',
      [undefined, 'nextHop'],
    ],
    ['peers', [term('a', { peers: [address('10.0.0.1')] }, {}, 'accept')], 'reject', [undefined, 'peer']],
    ['neither', [term('a', { origins: ['igp'], asPath: ['1'] }, {}, 'accept')], 'reject', [undefined]],
    [
      'the peer as next hop',
      [term('a', { origins: ['igp'] }, { nextHop: 'peer' }, 'next')],
      'accept',
      [undefined, 'sets'],
    ],
    [
      'rejected with it',
      [term('a', { origins: ['igp'] }, { nextHop: 'peer' }, 'reject')],
      'accept',
      [undefined],
    ],
    [
      'unreached terms do not count',
      [
        term('a', {}, { med: 1 }, 'accept'),
        term('b', { ...prefixes, peers: [] }, { nextHop: 'peer' }, 'accept'),
      ],
      'accept',
      [undefined],
    ],
  ])('%s: default %#', (_, terms, otherwise, expected) => {
    expect(flags(terms, otherwise)).toEqual(expected);
  });

  test('the built-in policies are constant', () => {
    expect(compilePolicy(acceptAll)).toMatchObject({ name: 'accept-all', constant: 'accept' });
    expect(compilePolicy(rejectAll)).toMatchObject({ name: 'reject-all', constant: 'reject' });
  });
});

const anyMatch: fc.Arbitrary<PolicyMatch> = fc.record(
  {
    prefixes: fc.subarray([range('10.0.0.0/8 8 24'), range('203.0.113.0/24'), range('0.0.0.0/0 0 32')]),
    communities: fc.subarray([community('65000:*'), community('65000:1'), community('no-export')]),
    asPath: fc.subarray(['^65001', '65002$', '^$']),
    nextHops: fc.subarray([prefix('192.0.2.0/24'), prefix('10.0.0.0/8')]),
    peers: fc.subarray([address('192.0.2.9'), address('192.0.2.8')]),
    origins: fc.subarray(['igp', 'egp', 'incomplete'] as const),
    families: fc.subarray([ipv4Unicast, ipv6Unicast]),
  },
  { requiredKeys: [] },
);
const anySet: fc.Arbitrary<PolicySet> = fc.record(
  {
    localPref: fc.constantFrom(100, 200),
    med: fc.constantFrom(null, 0, 1),
    addCommunities: fc.subarray([community('65000:1'), community('no-export'), community('rt:1:1')]),
    removeCommunities: fc.subarray([community('65000:*'), community('no-export')]),
    replaceCommunities: fc.subarray([community('65000:1'), community('1:2:3')]),
    prepend: fc.subarray([65000, 65009]),
    origin: fc.constantFrom('igp', 'incomplete'),
    nextHop: fc.constantFrom<NonNullable<PolicySet['nextHop']>>('self', 'peer', address('10.0.0.1')),
  },
  { requiredKeys: [] },
);
const anyTerms = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'b'), anyMatch, anySet, fc.constantFrom('accept', 'reject', 'next'))
    .map(([name, match, set, verdict]) => term(name, match, set, verdict)),
  { maxLength: 5 },
);
const anyDefinition = fc
  .tuple(anyTerms, fc.constantFrom('accept', 'reject'))
  .map(([terms, d]) => policy(terms, d));
const anyRoute: fc.Arbitrary<PolicyRoute> = fc
  .record({
    prefix: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/25', '203.0.113.0/24'),
    nextHop: fc.constantFrom(address('192.0.2.1'), address('10.0.0.1'), address('198.51.100.1')),
    peer: fc.constantFrom(address('192.0.2.9'), address('192.0.2.7'), undefined),
    attributes: fc.record({
      origin: fc.constantFrom('igp' as const, 'egp' as const),
      asPath: fc.constantFrom(path('65001 65002'), path('65003'), path('')),
      communities: fc.subarray([65000 * 65536 + 1, 65000 * 65536 + 2, 0xffffff01], { minLength: 1 }),
    }),
  })
  .map(route);

describe('any policy', () => {
  test('that is said to be constant gives that verdict and touches nothing it accepts', () => {
    fc.assert(
      fc.property(
        anyDefinition,
        fc.array(anyRoute, { minLength: 1, maxLength: 10 }),
        (definition, routes) => {
          const compiled = compilePolicy(definition);
          if (compiled.constant === undefined) return;
          for (const of of routes) {
            const verdict = compiled.evaluate(of);
            expect(verdict.accept).toBe(compiled.constant === 'accept');
            if (verdict.accept)
              expect([verdict.attributes, verdict.nextHop]).toEqual([of.attributes, undefined]);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('gives the same verdict whatever it does not use', () => {
    fc.assert(
      fc.property(anyDefinition, anyRoute, anyRoute, (definition, one, other) => {
        const compiled = compilePolicy(definition);
        if (compiled.constant !== undefined) return;
        const mixed: PolicyRoute = {
          ...other,
          attributes: one.attributes,
          ...(compiled.usesPrefix ? { prefixBytes: one.prefixBytes, prefixLength: one.prefixLength } : {}),
          ...(compiled.usesFamily ? { family: one.family } : {}),
          ...(compiled.usesNextHop ? { nextHop: one.nextHop } : {}),
          ...(compiled.usesPeer ? { peer: one.peer } : {}),
        };
        expect(compiled.evaluate(mixed)).toEqual(compiled.evaluate(one));
      }),
      { numRuns: 2000 },
    );
  });

  test('with its alternatives in another order has the same key and the same verdicts', () => {
    const turned = <Of extends object>(of: Of): Of =>
      Object.fromEntries(
        Object.entries(of)
          .reverse()
          .map(([key, list]) => [key, Array.isArray(list) && key !== 'prepend' ? [...list].reverse() : list]),
      ) as Of;
    fc.assert(
      fc.property(anyDefinition, fc.array(anyRoute, { maxLength: 10 }), (definition, routes) => {
        const terms = definition.terms.map((t) => ({ ...t, match: turned(t.match), set: turned(t.set) }));
        const one = compilePolicy(definition);
        const other = compilePolicy({ ...definition, name: 'other', terms });
        expect(other.key).toBe(one.key);
        for (const of of routes) expect(other.evaluate(of)).toEqual(one.evaluate(of));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the key', () => {
  const base = term(
    'a',
    { prefixes: [range('10.0.0.0/8')], communities: [community('1:1'), community('2:2')] },
    { med: 1 },
    'accept',
  );
  const key = (of: PolicyTerm, name = 'p') => compilePolicy({ name, terms: [of], default: 'reject' }).key;

  test('is short and stable, whatever the name, the order of keys and of alternatives', () => {
    const { match, ...rest } = base;
    const turned = {
      match: { communities: [community('2:2'), community('1:1')], prefixes: [range('10.0.0.0/8')] },
      ...rest,
    };
    expect(key(turned, 'other')).toBe(key(base));
    expect(key(base)).toMatch(/^[0-9a-f]{32}$/);
  });

  test('differs with everything that makes a difference', () => {
    const others: readonly PolicyTerm[] = [
      base,
      { ...base, name: 'b' },
      { ...base, ['then' as const]: 'next', set: { med: 2 } },
      { ...base, set: { med: 2 } },
      { ...base, set: { med: null } },
      { ...base, set: { localPref: 1 } },
      { ...base, set: { origin: 'igp' } },
      { ...base, set: { prepend: [1, 2] } },
      { ...base, set: { prepend: [2, 1] } },
      { ...base, set: { nextHop: 'self' } },
      { ...base, set: { nextHop: address('10.0.0.1') } },
      { ...base, set: { addCommunities: [community('1:1')] } },
      { ...base, set: { removeCommunities: [community('1:1')] } },
      { ...base, set: { replaceCommunities: [community('1:1')] } },
      { ...base, set: { replaceCommunities: [] } },
      { ...base, set: { addCommunities: [community('rt:65000:1')] } },
      { ...base, set: { addCommunities: [community('rt:65000L:1')] } },
      { ...base, match: {} },
      { ...base, match: { prefixes: [range('10.0.0.0/8 8 9')] } },
      { ...base, match: { prefixes: [range('10.0.0.0/8 9 9')] } },
      { ...base, match: { asPath: ['1'] } },
      { ...base, match: { nextHops: [prefix('10.0.0.0/8')] } },
      { ...base, match: { peers: [address('10.0.0.1')] } },
      { ...base, match: { origins: ['igp'] } },
      { ...base, match: { families: [ipv4Unicast] } },
    ];
    const keys = others.map(
      (of) =>
        compilePolicy({ name: 'p', terms: [of, term('z', {}, { med: 9 }, 'accept')], default: 'reject' }).key,
    );
    expect(new Set(keys).size).toBe(others.length);
    expect(compilePolicy({ name: 'p', terms: [base], default: 'accept' }).key).not.toBe(key(base));
  });

  test('of 20,000 policies that differ in one number are 20,000', () => {
    const keys = Array.from({ length: 20_000 }, (_, med) => key({ ...base, set: { med } }));
    expect(new Set(keys).size).toBe(keys.length);
    // Each lane of the digest on its own is well spread, too.
    for (const at of [0, 8, 16, 24]) {
      expect(new Set(keys.map((each) => each.slice(at, at + 8))).size).toBeGreaterThan(19_990);
    }
  });
});

test.each<[string, PolicyMatch, PolicySet]>([
  ['an AS path pattern that is none', { asPath: ['(65001'] }, {}],
  ['a community with a star to be put on', {}, { addCommunities: [community('65000:*')] }],
])('%s is refused, even where it is never reached', (_, match, set) => {
  expect(() => compilePolicy(policy([term('a', {}, {}, 'accept'), term('b', match, set, 'accept')]))).toThrow(
    /65001|\*/,
  );
});
