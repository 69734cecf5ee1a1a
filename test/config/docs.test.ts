/** docs/configuration.md is true: its examples load, its tables name every key with its default. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);

/** Rows of all tables below a heading: key without ticks -> text of the default. */
function rows(heading: string): Map<string, string> {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const lines = [...section.matchAll(/^\| `([^`]+)` *\|([^|]*)\|/gm)];
  return new Map(lines.map((match) => [match[1], match[2].trim()]));
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly default?: unknown;
}

interface Key {
  readonly path: string;
  readonly required: boolean;
  readonly byDefault: unknown;
  readonly nested: boolean;
}

function* keysOf(schema: JsonSchema | undefined, above = ''): Generator<Key> {
  const options = schema ? [schema, ...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])] : [];
  for (const option of options) {
    for (const [key, member] of Object.entries(option.properties ?? {})) {
      const below = [...keysOf(member, `${above}${key}.`)];
      const required = option.required?.includes(key) ?? false;
      yield { path: above + key, required, byDefault: member.default, nested: below.length > 0 };
      yield* below;
    }
  }
}

describe('docs/configuration.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(6));

  it.each(examples.map((text, i) => [i + 1, text] as const))(
    'example %i loads without a word',
    (_n, text) => {
      const result = loadConfig(text, 'docs');
      const said = result.ok ? result.warnings : result.problems;
      expect(said.map((problem) => problem.text)).toEqual([]);
    },
  );

  const schema = configJsonSchema() as JsonSchema;
  const section = (name: string) => schema.properties?.[name];
  // Told in words, once for the map or once for all families.
  const inWords =
    /^maxPrefixes\.(?:(?:ip|vpn)v[46]-unicast|route-target)\.|^shutdown\.message$|^addPath\.send\.best$/;

  it.each([
    ['router', 'router', ''],
    ['peers, peerGroups', 'peers', ''],
    ['networks', 'networks', ''],
    ['policies', 'policies', ''],
    ['bmp', 'bmp', ''],
    ['api and log', 'api', 'api.'],
    ['api and log', 'log', 'log.'],
    ['controller', 'controller', 'controller.'],
  ])('section %s tells every key of %s', (heading, name, above) => {
    const told = rows(heading);
    for (const { path, required, byDefault, nested } of keysOf(section(name), above)) {
      if (inWords.test(path)) continue;
      const row = told.get(path) ?? told.get(`${name}.${path}`);
      if (row === undefined && nested) continue;
      expect(row, path).toBeDefined();
      if (required) expect(row, path).toBe('required');
      if (byDefault !== undefined) expect(row, path).toBe(`\`${asWritten(byDefault)}\``);
    }
  });

  it('section tenants tells what a tenant has besides the keys of others', () => {
    const told = rows('tenants');
    const elsewhere = new Set(
      ['router', 'peers', 'networks', 'policies'].flatMap((name) =>
        [...keysOf(section(name))].map(({ path }) => path.split('.')[0]),
      ),
    );
    const lists = ['peerGroups', 'peers', 'dynamicPeers', 'networks', 'policies', 'bmp'];
    const own = Object.keys(section('tenants')?.items?.properties ?? {}).filter(
      (key) => key === 'name' || !(elsewhere.has(key) || lists.includes(key)),
    );
    expect([...told.keys()]).toEqual(own);
  });

  it('tells no key that is not there', () => {
    const peers = [...keysOf(section('peers'))].map((key) => key.path);
    const own = [
      'peers.address',
      'peers.group',
      'peerGroups.name',
      'dynamicPeers.range',
      'dynamicPeers.limit',
      'dynamicPeers.group',
    ];
    const known = new Set([...peers, ...own]);
    expect([...rows('peers, peerGroups').keys()].filter((key) => !known.has(key))).toEqual([]);
  });
});

function asWritten(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
