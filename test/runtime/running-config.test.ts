import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Configuration } from '../../src/config/configuration.ts';
import { loadFile, RunningConfig } from '../../src/running-config.ts';

const facts = { hostName: 'rr1' };
const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function yaml(...peers: string[]): string {
  const list = peers.map((address) => `  - { address: ${address}, remoteAs: 65000 }\n`).join('');
  return `version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n${list && `peers:\n${list}`}`;
}

function setUp(text: string, apply: (next: Configuration) => Promise<void> = async () => {}) {
  const directory = mkdtempSync(join(tmpdir(), 'heliod-config-'));
  directories.push(directory);
  const file = join(directory, 'heliod.yaml');
  writeFileSync(file, text);
  const loaded = loadFile(file, facts);
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => problem.text).join('\n'));
  const applied: Configuration[] = [];
  const outcomes: boolean[] = [];
  const config = new RunningConfig({
    file,
    facts,
    first: loaded.config,
    now: () => 7,
    apply: async (next) => {
      await apply(next);
      applied.push(next);
    },
    onReload: ({ ok }) => outcomes.push(ok),
  });
  return { file, config, applied, outcomes, write: (next: string) => writeFileSync(file, next) };
}

function addresses(config: Configuration): string[] {
  return config.instances[0].peers.map(({ address }) => address.toString());
}

describe('RunningConfig', () => {
  it('reloads what changed', async () => {
    const { config, applied, outcomes, write } = setUp(yaml('10.0.0.2'));
    expect([config.generation, config.lastReload()]).toEqual([1, undefined]);
    write(yaml('10.0.0.2', '10.0.0.3'));
    const outcome = await config.reload();
    if (!outcome.ok) throw new Error('not reloaded');
    expect(outcome.diff.lines).toMatchObject([
      { change: 'add', subject: expect.stringContaining('10.0.0.3') },
    ]);
    expect([outcome.generation, config.generation, outcomes]).toEqual([2, 2, [true]]);
    expect(applied.map(addresses)).toEqual([['10.0.0.2', '10.0.0.3']]);
    expect(addresses(config.current)).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(config.lastReload()).toEqual({ at: 7, ok: true, problems: [] });
    expect(config.show()).toContain('10.0.0.3');
  });

  it('keeps the old one when the file has mistakes, and says all of them', async () => {
    const { config, applied, outcomes, write } = setUp(yaml('10.0.0.2'));
    write(yaml('10.0.0.2', '10.0.0.300').replace('asn: 65000', 'asn: -1'));
    const outcome = await config.reload();
    if (outcome.ok) throw new Error('reloaded');
    expect(outcome.problems).toHaveLength(2);
    expect([config.generation, applied, outcomes]).toEqual([1, [], [false]]);
    expect(addresses(config.current)).toEqual(['10.0.0.2']);
    expect(config.lastReload()).toMatchObject({ ok: false, problems: outcome.problems });
  });

  it('keeps the old one when the file is gone', async () => {
    const { file, config } = setUp(yaml());
    rmSync(file);
    const outcome = await config.reload();
    expect(outcome).toMatchObject({ ok: false, problems: [{ text: expect.stringContaining('ENOENT') }] });
  });

  it('keeps the old one when the machine refuses the new one', async () => {
    const { config, outcomes, write } = setUp(yaml(), async () => {
      throw new Error('cannot listen on 10.0.0.1 port 179');
    });
    write(yaml('10.0.0.2'));
    const outcome = await config.reload();
    expect(outcome).toMatchObject({
      ok: false,
      problems: [{ text: expect.stringContaining('cannot listen') }],
    });
    expect([config.generation, addresses(config.current), outcomes]).toEqual([1, [], [false]]);
  });

  it('reloads one at a time', async () => {
    let running = 0;
    const { config } = setUp(yaml(), async () => {
      expect(++running).toBe(1);
      await new Promise(setImmediate);
      running--;
    });
    const outcomes = await Promise.all([config.reload(), config.reload(), config.reload()]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(config.generation).toBe(4);
  });

  it('compares a text without applying it', () => {
    const { config, applied } = setUp(yaml('10.0.0.2'));
    const result = config.diff(yaml(), 'other.yaml');
    expect(result).toMatchObject({ ok: true, diff: { lines: [{ change: 'remove' }] } });
    const bad = config.diff('version: 9', 'other.yaml');
    if (bad.ok) throw new Error('not refused');
    expect(bad.problems[0].text).toMatch(/^other\.yaml:1:/);
    expect([applied, config.generation]).toEqual([[], 1]);
  });
});
