/** The parts that tables are made of, each against the plain thing it stands for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteArena } from '../../src/rib/byte-arena.ts';
import {
  Bitset,
  HashShards,
  IdList,
  IdPool,
  idMask,
  type KeyHashes,
  mix32,
  nextCapacity,
  tagOf,
} from '../../src/rib/columns.ts';

function keysOf(of: (id: number) => number): KeyHashes {
  return { of, ofAll: (ids, count, hashes) => hashes.set(ids.subarray(0, count).map(of)) };
}

const step = fc.record({ insert: fc.boolean(), id: fc.integer({ min: 1, max: 300 }) });

describe('Bitset', () => {
  it('is a set of numbers', () => {
    const operation = fc.record({
      kind: fc.constantFrom('add', 'delete', 'next', 'clear'),
      id: fc.nat(2000),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200, size: 'max' }), (operations) => {
        const bits = new Bitset();
        const twin = new Set<number>();
        for (const { kind, id } of operations) {
          if (kind === 'add') {
            expect(bits.add(id)).toBe(!twin.has(id));
            twin.add(id);
          } else if (kind === 'delete') expect(bits.delete(id)).toBe(twin.delete(id));
          else if (kind === 'next') {
            const after = [...twin].filter((each) => each >= id);
            expect(bits.next(id)).toBe(after.length > 0 ? Math.min(...after) : -1);
          } else if (id % 20 === 0) {
            bits.clear();
            twin.clear();
          }
          expect(bits.has(id)).toBe(twin.has(id));
          expect(bits.size).toBe(twin.size);
        }
        for (const id of twin) expect(id).toBeLessThan(bits.top);
      }),
      { numRuns: 200 },
    );
  });

  it.each([0, 31, 32, 63, 255, 256])('finds %i when it is alone', (id) => {
    const bits = new Bitset();
    bits.add(id);
    expect([bits.next(0), bits.next(id), bits.next(id + 1)]).toEqual([id, id, -1]);
  });
});

describe('HashShards', () => {
  /** Few distinct hashes: probes collide, chains wrap around the end of a shard. */
  const hashes = fc.constantFrom(
    (id: number) => mix32(id),
    (id: number) => id & 7,
    (id: number) => (id & 1 ? 0x7fffffff : -1),
    (id: number) => 14 + (id & 3),
    // Different tags in one chain.
    (id: number) => ((id % 5) << 21) + 15,
  );

  it('holds what was put in, whatever was taken out', () => {
    fc.assert(
      fc.property(hashes, fc.array(step, { maxLength: 400, size: 'max' }), (hashOf, steps) => {
        const table = new HashShards(keysOf(hashOf));
        const twin = new Set<number>();
        const find = (id: number): number => {
          const shard = table.shardOf(hashOf(id));
          let slot = hashOf(id) & (shard.length - 1);
          while (shard[slot] !== 0 && (shard[slot] & idMask) !== id) slot = (slot + 1) & (shard.length - 1);
          return slot;
        };
        for (const { insert, id } of steps) {
          if (insert && !twin.has(id)) {
            table.insertAt(hashOf(id), find(id), id);
            twin.add(id);
          } else if (!insert && twin.delete(id)) table.delete(id);
          expect(table.size).toBe(twin.size);
        }
        for (let id = 1; id <= 300; id++)
          expect(table.shardOf(hashOf(id))[find(id)]).toBe(twin.has(id) ? tagOf(hashOf(id)) | id : 0);
        for (const id of twin) table.delete(id);
        expect(table.shards.every((shard) => shard.every((cell) => cell === 0))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['neighbours', 1],
    ['strangers', 37],
  ])('holds thousands of ids in one shard, %s of each other', (_, distance) => {
    const hashOf = (id: number) => mix32(id) >>> 5;
    const table = new HashShards(keysOf(hashOf));
    const ids = Array.from({ length: 20_000 }, (_, n) => 1 + n * distance);
    for (const id of ids) {
      const shard = table.shardOf(hashOf(id));
      let slot = hashOf(id) & (shard.length - 1);
      while (shard[slot] !== 0) slot = (slot + 1) & (shard.length - 1);
      table.insertAt(hashOf(id), slot, id);
    }
    const held = table.shards[0].filter((cell) => cell !== 0).map((cell) => cell & idMask);
    expect(held.length).toBe(ids.length);
    expect(new Set(held)).toEqual(new Set(ids));
    for (const id of ids) table.delete(id);
    expect(table.size).toBe(0);
  });

  it('refuses to delete what it does not hold', () => {
    expect(() => new HashShards(keysOf(() => 0)).delete(1)).toThrow('broken invariant');
  });
});

describe('IdList', () => {
  it.each([0, 1, 64, 65, 70_000])(
    'gives back %i ids in order, and as many once more after it was emptied',
    (count) => {
      const list = new IdList();
      for (const first of [7, 1_000_000]) {
        for (let i = 0; i < count; i++) list.push(first + i);
        expect(list.length).toBe(count);
        for (let i = 0; i < count; i++) if (list.at(i) !== first + i) throw new Error(`${i}: ${list.at(i)}`);
        list.clear();
        expect(list.length).toBe(0);
      }
    },
  );
});

describe('nextCapacity', () => {
  it('grows, is enough, and leaves few old columns behind on the way to a full table', () => {
    const steps: number[] = [];
    for (let capacity = 0; capacity < 1_100_000; ) {
      const next = nextCapacity(capacity, capacity + 1);
      expect(next).toBeGreaterThan(capacity);
      steps.push(next);
      capacity = next;
    }
    // What was copied on the way, in cells: garbage until the next collection.
    expect(steps.slice(0, -1).reduce((sum, cells) => sum + cells, 0)).toBeLessThan(100_000);
    expect(nextCapacity(256, 5_000_000)).toBe(5_000_000);
  });
});

describe('IdPool', () => {
  it('never gives out an id that is in use, and reuses what was given back', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300, size: 'max' }), (takes) => {
        const pool = new IdPool();
        const used: number[] = [];
        for (const take of takes) {
          if (take || used.length === 0) {
            const id = pool.take();
            expect(id).toBeGreaterThan(0);
            expect(used).not.toContain(id);
            used.push(id);
          } else pool.give(used.splice((used.length * 7) % used.length, 1)[0]);
          expect(pool.inUse).toBe(used.length);
          expect(pool.top).toBeGreaterThan(Math.max(0, ...used));
        }
        expect(pool.top - 1).toBeLessThanOrEqual(takes.length);
      }),
    );
  });
});

describe('ByteArena', () => {
  it('keeps blocks apart and reuses those of the same class', () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 600 }),
      fc.constantFrom(512, 513, 1024, 1025, 65535, 131072),
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ take: fc.boolean(), length }), { maxLength: 120, size: 'max' }),
        (steps) => {
          const arena = new ByteArena();
          const live: { address: number; length: number; mark: number }[] = [];
          steps.forEach(({ take, length }, i) => {
            if (take) {
              const address = arena.allocate(length);
              const at = arena.offsetOf(address);
              expect(at + length).toBeLessThanOrEqual(arena.chunkOf(address).length);
              arena.chunkOf(address).fill(i & 255, at, at + length);
              live.push({ address, length, mark: i & 255 });
            } else {
              const gone = live.shift();
              if (gone) arena.release(gone.address, gone.length);
            }
          });
          for (const { address, length, mark } of live) {
            const at = arena.offsetOf(address);
            expect(
              arena
                .chunkOf(address)
                .subarray(at, at + length)
                .every((byte) => byte === mark),
            ).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('does not grow while blocks come and go', () => {
    const arena = new ByteArena();
    arena.release(arena.allocate(5000), 5000);
    const { bytes } = arena;
    for (let i = 0; i < 1000; i++) arena.release(arena.allocate(5000), 5000);
    expect(arena.bytes).toBe(bytes);
    expect(bytes).toBeLessThan(1 << 15);
  });
});
