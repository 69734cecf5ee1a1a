/** What holds for every text: garbage never throws, good files survive rendering, the schema fits the loader. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderConfig } from '../../src/config/render.ts';
import { didYouMean, editDistance, nearest } from '../../src/config/suggest.ts';
import { configFile } from './arbitraries.ts';
import { issueExample, load } from './example.ts';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly default?: unknown;
}

/** Whatever it says, it says it in order and in the one form. */
function expectWellFormed(text: string): void {
  const result = loadConfig(text, 'x');
  if (result.ok) return;
  expect(result.problems.length).toBeGreaterThan(0);
  let last = 0;
  for (const problem of result.problems) {
    expect(problem.text).toMatch(/^x:[1-9][0-9]*:[1-9][0-9]*: \S/);
    expect(problem.text).not.toMatch(/\p{Cc}/u);
    expect(problem.message).not.toMatch(/invalid input|undefined|\[object/i);
    expect(problem.line).toBeGreaterThanOrEqual(last);
    last = problem.line;
  }
}

describe('garbage', () => {
  it('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectWellFormed), {
      numRuns: 500,
    });
  });

  it('texts of YAML signs', () => {
    const sign = fc.constantFrom(
      ...'-:?&*!|>{}[],#%@`"\' \n\t',
      'a',
      '1',
      'version',
      'peers',
      '- ',
      ': ',
      '*a',
      '&a ',
      '<<',
    );
    fc.assert(
      fc.property(
        fc.array(sign, { maxLength: 60 }).map((parts) => parts.join('')),
        expectWellFormed,
      ),
      {
        numRuns: 1000,
      },
    );
  });

  it('any JSON', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), expectWellFormed), { numRuns: 300 });
  });

  it('any value below known keys', () => {
    const schema = configJsonSchema() as JsonSchema;
    fc.assert(
      fc.property(shaped(schema, 0), (value) => expectWellFormed(stringify(value))),
      { numRuns: 150 },
    );
  });

  it('a good file with a piece cut out, doubled or replaced', () => {
    const edit = fc.tuple(fc.nat(issueExample.length), fc.nat(20), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = issueExample;
        for (const [at, length, put] of edits) text = text.slice(0, at) + put + text.slice(at + length);
        expectWellFormed(text);
      }),
      { numRuns: 300 },
    );
  });
});

/** Known keys with anything below them, so that the walk gets deep. */
function shaped(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      1,
      65000,
      -1,
      1.5,
      '',
      'x',
      '10.0.0.0/8',
      '10.0.0.1',
      '90s',
      'all',
      'any',
    ),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const options = [schema, ...(schema.anyOf ?? [])];
  const properties = Object.assign({}, ...options.map((option) => option.properties ?? {}));
  const keys = Object.entries(properties as Record<string, JsonSchema>);
  if (keys.length > 0 && depth < 6) {
    const record = fc.record(
      Object.fromEntries(keys.map(([key, member]) => [key, shaped(member, depth + 1)])),
      {
        requiredKeys: keys.filter(() => depth === 0).map(([key]) => key),
      },
    );
    return fc.oneof({ arbitrary: record, weight: 9 }, { arbitrary: leaf, weight: 1 });
  }
  if (schema.items) return fc.oneof(fc.array(shaped(schema.items, depth + 1), { maxLength: 3 }), leaf);
  return leaf;
}

describe('good files', () => {
  it('load without a problem', () => {
    fc.assert(
      fc.property(configFile, (file) => {
        const result = loadConfig(stringify(file), 'x');
        expect(result.ok ? [] : result.problems.map((problem) => problem.text)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('render to text that loads to the same settings, and renders the same', () => {
    fc.assert(
      fc.property(configFile, (file) => {
        const config = load(stringify(file));
        const text = renderConfig(config);
        expect(load(text)).toEqual(config);
        expect(renderConfig(load(text))).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it('keys in the group or in the peer, it is the same', () => {
    fc.assert(
      fc.property(configFile, ({ peerGroups: _groups, dynamicPeers: _ranges, ...file }) => {
        const peers = file.peers.map(({ group: _group, ...peer }) => peer);
        const direct = load(stringify({ ...file, peers }));
        const grouped = load(
          stringify({
            ...file,
            peerGroups: peers.map(({ address: _address, ...keys }, i) => ({ name: `g${i}`, ...keys })),
            peers: peers.map(({ address }, i) => ({ address, group: `g${i}` })),
          }),
        );
        const ungrouped = grouped.instances[0].peers.map((peer) => ({ ...peer, group: undefined }));
        expect(ungrouped).toEqual(direct.instances[0].peers);
      }),
      { numRuns: 60 },
    );
  });

  it('the example of the issue survives', () => {
    expect(load(renderConfig(load(issueExample)))).toEqual(load(issueExample));
  });

  it('limits for all families come back, whatever families the peer has', () => {
    const families = 'ipv4-unicast, ipv6-unicast, vpnv4-unicast, vpnv6-unicast, route-target';
    const config = load(
      `version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\npeers: [ { address: 10.0.0.2, remoteAs: 65000, families: [${families}], maxPrefixes: { limit: 9 } } ]\n`,
    );
    expect(load(renderConfig(config))).toEqual(config);
  });

  it('no secret is rendered, only where it lies', () => {
    const text = renderConfig(
      load(
        `${issueExample.replace('api: { ', 'api: { tcp: { listen: "[::1]:8179", tokenFile: /etc/heliod/token }, ')}`,
      ),
    );
    expect(text).toContain('tokenFile: /etc/heliod/token');
    expect(text).toContain('"[::1]:8179"');
  });
});

/** Every key of the schema with its path. */
function* keysOf(schema: JsonSchema, path: string): Generator<[string, JsonSchema]> {
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    yield [`${path}${key}`, member];
    yield* keysOf(member, `${path}${key}.`);
  }
  if (schema.items) yield* keysOf(schema.items, path);
  for (const option of schema.anyOf ?? []) yield* keysOf(option, path);
}

describe('JSON Schema', () => {
  const schema = configJsonSchema() as JsonSchema & { readonly $schema: string };
  const keys = [...keysOf(schema, '')];

  it('is draft-07, closed, with what is required', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.required).toEqual(['version']);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties?.peers.items?.required).toEqual(['address']);
    expect(schema.properties?.peers.items?.additionalProperties).toBe(false);
  });

  it('describes every key', () => {
    expect(keys.length).toBeGreaterThan(150);
    expect(keys.filter(([, member]) => !member.description).map(([path]) => path)).toEqual([]);
  });

  it('every peer key is a group key and a key of ranges', () => {
    const of = (section: string) => Object.keys(schema.properties?.[section].items?.properties ?? {});
    const shared = of('peers').filter((key) => key !== 'address' && key !== 'group');
    expect(of('peerGroups')).toEqual(['name', ...shared]);
    expect(of('dynamicPeers')).toEqual(['range', 'limit', 'group', ...shared]);
  });

  it('the defaults it tells are those that count', () => {
    const minimal = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n';
    const peers = 'peers: [ { address: 10.0.0.2, remoteAs: 65000 } ]\n';
    const told = keys.filter(
      ([path, member]) => /^(router|api|log|peers)\./.test(path) && member.default !== undefined,
    );
    expect(told.length).toBeGreaterThan(25);
    for (const [path, member] of told) {
      if (/gracefulRestart\.|maxPrefixes\.|nextHops\.|fib\.|tokens\./.test(path)) continue; // only where their map is given
      const written = withDefault(path.split('.'), member.default);
      expect(load(written), path).toEqual(load(minimal + peers));
    }
    function withDefault(parts: readonly string[], value: unknown): string {
      const nest = (rest: readonly string[]): unknown =>
        rest.length === 0 ? value : { [rest[0]]: nest(rest.slice(1)) };
      const nested = nest(parts.slice(1)) as object;
      const file = {
        version: 1,
        router: { asn: 65000, routerId: '10.0.0.1', ...(parts[0] === 'router' ? nested : {}) },
        peers: [{ address: '10.0.0.2', remoteAs: 65000, ...(parts[0] === 'peers' ? nested : {}) }],
        ...(parts[0] === 'api' || parts[0] === 'log' ? { [parts[0]]: nested } : {}),
      };
      return stringify(file);
    }
  });
});

describe('suggestions', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['ca', 'abc', 3],
    ['familes', 'families', 1],
    ['kitten', 'sitting', 3],
  ])('distance of "%s" and "%s" is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is a distance', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  it('finds what was meant, or nothing', () => {
    const words = ['routerId', 'asn', 'listen', 'clusterId'];
    expect(nearest('router-id', words)).toBe('routerId');
    expect(nearest('lsiten', words)).toBe('listen');
    expect(nearest('neighbors', words)).toBeUndefined();
    expect(nearest('x'.repeat(100_000), words)).toBeUndefined();
    expect(didYouMean('clusterid', words)).toBe(' (did you mean "clusterId"?)');
    expect(didYouMean('hostName', words)).toBe('');
  });
});
