/** The embedded store: what is believed after a crash, a damaged file, a full disk, a second controller. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptySnapshot, type Snapshot } from '../../../src/controller/snapshot.ts';
import { crc32 } from '../../../src/controller/store/log-records.ts';
import { openLogStore } from '../../../src/controller/store/log-store.ts';
import { MemoryStorage } from '../../../src/controller/store/memory-store.ts';
import type { Store } from '../../../src/controller/store/store.ts';
import { pool, put, system } from '../builders.ts';
import { FaultyFiles } from './faulty-files.ts';

const initial = emptySnapshot(system);

async function open(files: FaultyFiles, snapshotOctets?: number) {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const extra = snapshotOctets === undefined ? {} : { snapshotOctets };
  return { store: await openLogStore({ files, initial, onWarning, ...extra }), warnings };
}

function addPool(store: Store, name: string) {
  return store.commit({ readRevision: store.snapshot.revision, changes: put('pools', pool(name)) });
}

async function storeOf(count: number, snapshotOctets?: number) {
  const files = new FaultyFiles();
  const { store } = await open(files, snapshotOctets);
  const snapshots: Snapshot[] = [store.snapshot];
  const ends: number[] = [files.contents.get('transactions.log')?.length ?? 0];
  for (let i = 1; i <= count; i++) {
    await addPool(store, `pool-${i}`);
    snapshots.push(store.snapshot);
    ends.push(files.contents.get('transactions.log')?.length ?? 0);
  }
  await store.close();
  return { files, snapshots, ends };
}

describe('embedded store', () => {
  it('knows the CRC-32 check value', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it.each([undefined, 1, 3000])('is the same after a restart (snapshot after %s octets)', async (octets) => {
    const { files, snapshots } = await storeOf(6, octets);
    const { store, warnings } = await open(files, octets);
    expect(store.snapshot).toEqual(snapshots[6]);
    expect(store.snapshot.revision).toBe(6);
    expect(warnings).toEqual([]);
  });

  it('gives every start a higher term, also when nothing was written', async () => {
    const files = new FaultyFiles();
    const terms: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { store } = await open(files, 1);
      terms.push(store.term);
      await store.close();
    }
    expect(terms).toEqual([1, 2, 3]);
  });

  it('recovers to the last whole record wherever the log was cut', async () => {
    const { files, snapshots, ends } = await storeOf(4);
    const whole = files.contents.get('transactions.log') ?? new Uint8Array();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: ends[0], max: whole.length }), async (length) => {
        const cut = new FaultyFiles();
        cut.contents.set('transactions.log', whole.slice(0, length));
        const { store, warnings } = await open(cut);
        const records = ends.filter((end) => end <= length).length - 1;
        expect(store.snapshot).toEqual(snapshots[records]);
        expect(warnings).toHaveLength(ends.includes(length) ? 0 : 1);
        await addPool(store, 'later');
        await store.close();
        expect((await open(cut)).store.snapshot.pools.has('later')).toBe(true);
      }),
    );
  });

  it('stops before a damaged octet and says what it dropped', async () => {
    const { files, snapshots, ends } = await storeOf(4);
    const whole = files.contents.get('transactions.log') ?? new Uint8Array();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: ends[0], max: whole.length - 1 }), async (at) => {
        const bad = new FaultyFiles();
        bad.contents.set('transactions.log', whole.slice().fill(whole[at] ^ 0x55, at, at + 1));
        const { store, warnings } = await open(bad);
        const records = ends.filter((end) => end <= at).length - 1;
        expect(store.snapshot).toEqual(snapshots[records]);
        expect(warnings[0]).toContain(`${whole.length - ends[records]} octets are dropped`);
        expect(bad.contents.get('dropped')).toHaveLength(whole.length - ends[records]);
      }),
    );
  });

  it('refuses a damaged snapshot rather than begin from nothing', async () => {
    const { files } = await storeOf(3, 1);
    const snapshot = files.contents.get('snapshot') ?? new Uint8Array();
    files.contents.set('snapshot', snapshot.slice(0, -1));
    await expect(open(files)).rejects.toThrow('snapshot is damaged');
    expect(files.locked).toBe(false);
  });

  it('survives a crash between the snapshot and the cut of the log', async () => {
    const { files, snapshots } = await storeOf(3);
    const log = files.contents.get('transactions.log') ?? new Uint8Array();
    const { store } = await open(files, 1);
    await addPool(store, 'one-more');
    const after = store.snapshot;
    await store.close();
    files.contents.set('transactions.log', log);
    const again = (await open(files)).store;
    expect(again.snapshot).toEqual(after);
    expect(again.snapshot).not.toEqual(snapshots[3]);
  });

  it.each([0, 5, 40])('is read-only after a write failed (%s octets written)', async (afterOctets) => {
    const files = new FaultyFiles();
    const { store } = await open(files);
    await addPool(store, 'first');
    files.fault = { message: 'ENOSPC: no space left on device', afterOctets };
    expect(await addPool(store, 'second')).toMatchObject({ ok: false, reason: 'ReadOnly' });
    files.fault = undefined;
    expect(await addPool(store, 'third')).toMatchObject({ ok: false, reason: 'ReadOnly' });
    expect(store.readOnly).toContain('ENOSPC');
    expect([...store.snapshot.pools.keys()]).toEqual(['first']);
    await store.close();
    const again = (await open(files)).store;
    expect(again.readOnly).toBeUndefined();
    expect([...again.snapshot.pools.keys()]).toEqual(['first']);
  });

  it('refuses a second controller, and lets it in after the first has gone', async () => {
    const files = new FaultyFiles();
    const { store } = await open(files);
    await expect(open(files)).rejects.toThrow('another controller');
    await store.close();
    expect((await open(files)).store.term).toBe(2);
  });
});

const drivers: readonly [string, () => Promise<Store>][] = [
  ['memory', async () => new MemoryStorage(initial).open()],
  ['log', async () => (await open(new FaultyFiles())).store],
];
describe.each(drivers)('any store (%s)', (_name, make) => {
  it('refuses what was read from another revision', async () => {
    const store = await make();
    await addPool(store, 'first');
    const late = await store.commit({ readRevision: 0, changes: put('pools', pool('late')) });
    expect(late).toMatchObject({ ok: false, reason: 'Conflict' });
    expect(store.snapshot.pools.has('late')).toBe(false);
  });

  it('counts on from a revision it is raised to', async () => {
    const store = await make();
    await store.commit({ readRevision: 0, changes: [], raiseTo: 70 });
    await addPool(store, 'first');
    expect(store.snapshot.revision).toBe(71);
  });

  it('tells watchers of each commit until they stop', async () => {
    const store = await make();
    const seen: number[] = [];
    const stop = store.watch(({ revision }) => void seen.push(revision));
    await addPool(store, 'first');
    stop();
    await addPool(store, 'second');
    expect(seen).toEqual([1]);
  });
});

it('fences a controller out when a later one has opened the store', async () => {
  const storage = new MemoryStorage(initial);
  const [old, current] = [storage.open(), storage.open()];
  expect(await addPool(old, 'first')).toMatchObject({ ok: false, reason: 'Fenced' });
  expect(await addPool(current, 'first')).toMatchObject({ ok: true });
});
