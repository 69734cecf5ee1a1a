/** The store's directory on a real file system: the lock, and what is there after a restart. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptySnapshot } from '../../src/controller/snapshot.ts';
import { openLogStore } from '../../src/controller/store/log-store.ts';
import { loadConfig } from '../../src/controllerd/config.ts';
import { NodeFiles } from '../../src/controllerd/node-files.ts';
import { pool, put, system } from '../controller/builders.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heliograph-store-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(snapshotOctets = 2000) {
  const initial = emptySnapshot(system);
  const onWarning = (message: string) => expect.fail(message);
  return openLogStore({ files: new NodeFiles(directory), initial, onWarning, snapshotOctets });
}

it('keeps everything over restarts and snapshots', async () => {
  for (let run = 0; run < 3; run++) {
    const store = await open();
    for (let i = 0; i < 5; i++) {
      const changes = put('pools', pool(`pool-${run}-${i}`));
      const outcome = await store.commit({ readRevision: store.snapshot.revision, changes });
      expect(outcome.ok).toBe(true);
    }
    await store.close();
  }
  const store = await open();
  expect([store.snapshot.revision, store.snapshot.pools.size, store.term]).toEqual([15, 15, 4]);
  await store.close();
});

it('keeps a second controller out, and names the first', async () => {
  const store = await open();
  await expect(open()).rejects.toThrow(`process ${process.pid} has this store`);
  await store.close();
  await (await open()).close();
});

it.each([
  ['of a process that is gone', '999999999 1'],
  ['of a process whose number another has now', `${process.pid} 1`],
  ['that is empty', ''],
])('takes a lock over %s', async (_what, text) => {
  writeFileSync(join(directory, 'lock'), text);
  const store = await open();
  expect(await readFile(join(directory, 'lock'), 'utf8')).toContain(`${process.pid} `);
  await store.close();
});

it('tells every mistake of a configuration at once, with its line', () => {
  const text =
    'listen: { port: 99999 }\nstor: {}\ntokens:\n  - { file: x, role: tenant }\n  - { file: y, role: boss }\n';
  const loaded = loadConfig(text, 'c.yaml');
  const where = loaded.ok ? [] : loaded.problems.map((problem) => problem.split(': ').slice(0, 2).join(' '));
  expect(where).toEqual(
    expect.arrayContaining([
      'c.yaml:1 listen.port',
      'c.yaml store',
      'c.yaml tokens.0.tenant',
      'c.yaml:5 tokens.1.role',
      'c.yaml file',
    ]),
  );
  const good = loadConfig('store: { directory: /s }\ntokens: [{ file: /t, role: admin }]\n', 'c.yaml');
  expect(good).toMatchObject({ ok: true, config: { listen: { address: '127.0.0.1', port: 8180 } } });
});
