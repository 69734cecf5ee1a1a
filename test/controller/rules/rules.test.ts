/**
 * Can the tests of the takeover fail? Each rule that keeps two gateways from holding one slot is taken out of the code, one at a time, and the
 * tests that are named beside it must turn red.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rules } from './rules.ts';

const root = new URL('../../..', import.meta.url).pathname;
const reports = mkdtempSync(join(tmpdir(), 'takeover-rules-'));
const config = 'test/controller/rules/without-a-rule.config.ts';

const mostMilliseconds = 50_000;

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** What the tests of the file whose names begin so said. */
function played(rule: number, file: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const report = join(reports, `${rule}-${file.replaceAll('/', '-')}.json`);
  const pattern = names.map((name) => `^${name.replaceAll(/[()?.*+]/g, '\\$&')}`).join('|');
  const args = ['run', '--config', config, file, '-t', pattern, '--reporter=json', `--outputFile=${report}`];
  const env = { ...process.env, TAKEOVER_RULE: String(rule) };
  // A group of its own: without a rule the code may turn in circles, and its process would outlive its parent.
  const child = spawn(join(root, 'node_modules/.bin/vitest'), args, {
    ...{ cwd: root, env, detached: true },
    stdio: 'ignore',
  });
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  const late = setTimeout(end, mostMilliseconds);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(late);
      if (!existsSync(report)) return resolve(new Map());
      const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
      const all = testResults.flatMap(({ assertionResults }) => assertionResults);
      const ran = all.filter(({ status }) => status === 'passed' || status === 'failed');
      resolve(new Map(ran.map(({ fullName, status }) => [fullName, status])));
    });
  });
}

describe('a rule of the takeover', () => {
  afterAll(() => rmSync(reports, { recursive: true }));

  it.each(rules.map((rule, at) => [rule.rule, at] as const))('%s', async (_, at) => {
    for (const [file, names] of Object.entries(rules[at]?.caughtBy ?? {})) {
      const seen = await played(at, file, names);
      for (const name of names) {
        const outcomes = [...seen].filter(([title]) => title.startsWith(name)).map(([, status]) => status);
        expect({ file, name, outcomes: new Set(outcomes) }).toEqual({
          ...{ file, name },
          outcomes: new Set(['failed']),
        });
      }
    }
  });

  it('is broken only where it says: without a change all of these pass', async () => {
    const all = new Map<string, Set<string>>();
    for (const { caughtBy } of rules)
      for (const [file, names] of Object.entries(caughtBy))
        all.set(file, new Set([...(all.get(file) ?? []), ...names]));
    for (const [file, names] of all) {
      const seen = await played(rules.length, file, [...names]);
      expect(new Set(seen.values())).toEqual(new Set(['passed']));
      expect(seen.size).toBeGreaterThanOrEqual(names.size);
    }
  });
});
