/** docs/policy.md is true: its examples load and compile, its AS path table matches as it says. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { compileAsPathPattern } from '../../src/policy/as-path-pattern.ts';
import { parseCommunityPattern, wellKnownCommunityNames } from '../../src/policy/community.ts';
import { path } from './samples.ts';

const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);

/** The rows of the table whose heading row begins with these words; `\|` inside a cell is `|`. */
function table(heading: string): readonly (readonly string[])[] {
  const [, body = ''] = page.split(`| ${heading} `);
  const lines = body.split('\n\n')[0].split('\n').slice(2);
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]);

describe('docs/policy.md', () => {
  test.each(examples.map((text, i) => [i + 1, text] as const))(
    'example %i loads without a word',
    (_, text) => {
      const result = loadConfig(text, 'docs');
      const said = result.ok ? result.warnings : result.problems;
      expect(said.map((problem) => problem.text)).toEqual([]);
    },
  );

  test.each(table('Pattern'))('%s fits %s and not %s', (pattern, fitting, other) => {
    const compiled = compileAsPathPattern(quoted(pattern)[0]);
    if ('error' in compiled) throw new Error(compiled.error);
    expect(compiled.matches(path(quoted(fitting)[0] ?? ''))).toBe(true);
    expect(compiled.matches(path(quoted(other)[0]))).toBe(false);
  });

  test('has tables and examples at all', () => {
    expect([examples.length, table('Pattern').length, table('Text').length]).toEqual([2, 8, 8]);
  });

  test('its communities are communities, and no well-known one is missing', () => {
    const shown = table('Text')
      .flatMap((row) => row.flatMap(quoted))
      .filter((text) => text !== '*');
    expect(shown.filter((text) => parseCommunityPattern(text) === undefined)).toEqual([]);
    expect(wellKnownCommunityNames.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
