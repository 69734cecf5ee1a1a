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

  it('lets others have their turn between reading, comparing and applying', async () => {
    const order: string[] = [];
    const { config, write } = setUp(yaml('10.0.0.2'), async () => void order.push('apply'));
    write(yaml('10.0.0.2', '10.0.0.3'));
    const turn = (): void => {
      order.push('turn');
      if (order.length < 10) setImmediate(turn);
    };
    const done = config.reload();
    setImmediate(turn);
    await done;
    expect(order.slice(0, 3)).toEqual(['turn', 'turn', 'apply']);
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

describe('tenants of run time', () => {
  const tenant = (name: string, more = '') =>
    `name: ${name}\nasn: 65001\nrouterId: 10.0.0.9\nlisten: ["127.0.0.9:1790"]\n${more}`;
  const names = (config: RunningConfig) => config.current.instances.map(({ name }) => name);

  it('come, change and go beside the file, and survive a reload', async () => {
    const { config, applied, write } = setUp(yaml());
    expect(await config.addTenant(tenant('a'), 'a.yaml')).toMatchObject({ ok: true, key: 'a' });
    expect([names(config), config.isAdded('a'), config.isAdded('default')]).toEqual([
      ['default', 'a'],
      true,
      false,
    ]);
    write(yaml('10.0.0.2'));
    expect(await config.reload()).toMatchObject({ ok: true });
    expect(names(config)).toEqual(['default', 'a']);
    const change = await config.putTenant('a', tenant('a', 'hostName: x\n'), 'a.yaml');
    if (!change.ok) throw new Error(change.detail);
    expect(change.diff.lines).toMatchObject([{ change: 'change', subject: 'tenant a router' }]);
    expect(await config.removeTenant('a')).toMatchObject({
      ok: true,
      diff: { lines: [{ change: 'remove' }] },
    });
    expect(names(config)).toEqual(['default']);
    expect(applied.map(({ instances }) => instances.length)).toEqual([2, 2, 2, 1]);
  });

  it('are taken over by a file that names them, which they belong to from then on', async () => {
    const { config, write } = setUp(yaml());
    await config.addTenant(tenant('a'), 'a.yaml');
    const entry = tenant('a').trim().split('\n').join(', ');
    write(`${yaml()}tenants: [ { ${entry} } ]\n`);
    const outcome = await config.reload();
    if (!outcome.ok) throw new Error('not reloaded');
    expect(outcome.diff.lines).toEqual([]);
    expect([names(config), config.isAdded('a')]).toEqual([['default', 'a'], false]);
    expect(await config.removeTenant('a')).toMatchObject({ ok: false, code: 'tenant-of-file' });
    expect(await config.putTenant('a', tenant('a'), 'a')).toMatchObject({
      ok: false,
      code: 'tenant-of-file',
    });
    write(yaml());
    expect((await config.reload()).ok).toBe(true);
    expect(names(config)).toEqual(['default']);
  });

  it('are refused with their line where they are wrong or claim what others have', async () => {
    const { config, applied, write } = setUp(yaml());
    await config.addTenant(tenant('a'), 'a.yaml');
    expect(await config.addTenant(tenant('a'), 'a')).toMatchObject({ code: 'duplicate-tenant' });
    expect(await config.putTenant('b', tenant('c'), 'b')).toMatchObject({ code: 'invalid-configuration' });
    expect(await config.removeTenant('nobody')).toMatchObject({ code: 'no-such-tenant' });
    expect(await config.removeTenant('default')).toMatchObject({ code: 'no-such-tenant' });
    expect(await config.addTenant(tenant('b'), 'b.yaml')).toMatchObject({
      problems: [
        {
          text: expect.stringMatching(
            /^b\.yaml:4:10: listen\.0: 127\.0\.0\.9 port 1790 is taken by tenant a,/,
          ),
        },
      ],
    });
    expect(await config.addTenant('name: b\nzebra: 1\n', 'b.yaml')).toMatchObject({ ok: false });
    const entry = tenant('b').trim().split('\n').join(', ');
    write(`${yaml()}tenants: [ { ${entry} } ]\n`);
    expect(await config.reload()).toMatchObject({ ok: false });
    expect([names(config), applied.length]).toEqual([['default', 'a'], 1]);
  });

  it('that the machine refuses are not there', async () => {
    const { config } = setUp(yaml(), async () => {
      throw new Error('cannot listen');
    });
    expect(await config.addTenant(tenant('a'), 'a')).toMatchObject({
      detail: expect.stringContaining('cannot listen'),
    });
    expect(names(config)).toEqual(['default']);
  });
});
