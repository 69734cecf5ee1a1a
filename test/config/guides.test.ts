/** The guides in docs/ are true as far as a machine can tell: every configuration in them loads (configuration.md: docs.test.ts). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

const docs = new URL('../../docs/', import.meta.url);
const pages = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'configuration.md');

/** Whole configurations of a page; pieces of one do not begin with `version`. */
const examplesOf = (page: string): readonly string[] =>
  [...readFileSync(new URL(page, docs), 'utf8').matchAll(/```yaml\n(version: 1\n.*?)```/gs)].map(
    (match) => match[1],
  );

const examples = pages.flatMap((page) => examplesOf(page).map((text, i) => ({ page, at: i + 1, text })));

describe('the configurations in docs/', () => {
  it('are there', () => {
    const from = new Set(examples.map(({ page }) => page));
    for (const page of ['bmp.md', 'kernel.md', 'tenants.md']) expect(from).toContain(page);
  });

  it.each(examples)('$page, number $at', ({ text }) => {
    const result = loadConfig(text, 'docs');
    const said = result.ok ? result.warnings : result.problems;
    expect(said.map((problem) => problem.text)).toEqual([]);
  });
});
