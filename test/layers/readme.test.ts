import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const rows = [...readme.matchAll(/^\| (\d{4})[^|]*\|[^|]*\|([^|]*)\|$/gm)].map((match) => ({
  rfc: match[1],
  files: [...match[2].matchAll(/`([^`]+)`/g)].map((file) => file[1]),
}));

describe('README.md', () => {
  test('has the RFC table', () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  test.each(rows)('RFC $rfc names tests that exist', ({ files }) => {
    expect(files).not.toEqual([]);
    expect(files.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url)))).toEqual([]);
  });

  test('links lead somewhere', () => {
    const targets = [...readme.matchAll(/\]\((?!http)([^)#]+)/g)].map((match) => match[1]);
    expect(targets.filter((target) => !existsSync(new URL(`../../${target}`, import.meta.url)))).toEqual([]);
  });
});
