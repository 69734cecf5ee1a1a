/**
 * Typed columns, bitsets and hash shards: the stuff that every table of the RIB is made of.
 * Nothing here knows what is stored. A hot file: written for speed, its naive twins are in test/rib/.
 *
 * Cost: a column grows by copying, fourfold while it is small and at once to two million cells when it is not: what
 * was never written is untouched zero pages and costs no memory, while every copy touches its pages twice and leaves
 * the old ones to the garbage collector.
 */

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/** The same column with room for `capacity` cells; new cells are 0. */
export function grown<T extends Column>(column: T, capacity: number): T {
  const bigger = new (column.constructor as new (length: number) => T)(capacity);
  bigger.set(column);
  return bigger;
}

/** A column longer than the first is made as long as the second, which a full table of the Internet fits into. */
const smallCapacity = 1 << 16;
const largeCapacity = 1 << 21;

/** The next capacity of a column, at least `needed` cells. */
export function nextCapacity(capacity: number, needed: number): number {
  if (capacity < smallCapacity) return Math.max(256, needed, capacity * 4);
  return Math.max(largeCapacity, needed, capacity * 2);
}

/** A growing set of small integers with a count; 1 bit per id. */
export class Bitset {
  #words = new Uint32Array(0);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** No id is this high. */
  get top(): number {
    return this.#words.length * 32;
  }

  has(id: number): boolean {
    const word = id >>> 5;
    return word < this.#words.length && (this.#words[word] & (1 << (id & 31))) !== 0;
  }

  /** Returns whether the id is new. */
  add(id: number): boolean {
    const word = id >>> 5;
    if (word >= this.#words.length) this.#words = grown(this.#words, Math.max(8, word + 1, word * 2));
    const mask = 1 << (id & 31);
    if (this.#words[word] & mask) return false;
    this.#words[word] |= mask;
    this.#count++;
    return true;
  }

  /** Returns whether the id was there. */
  delete(id: number): boolean {
    if (!this.has(id)) return false;
    this.#words[id >>> 5] &= ~(1 << (id & 31));
    this.#count--;
    return true;
  }

  /** The first id at or after `from`, -1 when there is none. */
  next(from: number): number {
    let word = from >>> 5;
    if (word >= this.#words.length) return -1;
    let bits = this.#words[word] & (-1 << (from & 31));
    while (bits === 0) {
      if (++word >= this.#words.length) return -1;
      bits = this.#words[word];
    }
    return word * 32 + (31 - Math.clz32(bits & -bits));
  }

  clear(): void {
    this.#words = new Uint32Array(0);
    this.#count = 0;
  }
}

/** Longer than this, a list gives its room back when it is emptied: 256 KiB. */
const keptLength = 1 << 16;

/** Ids in the order they were added. Emptied and filled again without an allocation, unlike an array of numbers. */
export class IdList {
  #ids = new Uint32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#ids[index];
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) this.#ids = grown(this.#ids, this.#length * 4);
    this.#ids[this.#length++] = id;
  }

  clear(): void {
    this.#length = 0;
    if (this.#ids.length > keptLength) this.#ids = new Uint32Array(64);
  }
}

/** Adds to the list of a key, made if it is the first. */
export function addTo<Key>(lists: Map<Key, IdList>, key: Key, id: number): void {
  let list = lists.get(key);
  if (list === undefined) {
    list = new IdList();
    lists.set(key, list);
  }
  list.push(id);
}

const shardBits = 5;
const firstShardLength = 16;
/** While a shard is shorter than this it grows fourfold: each growth costs a look at every key. 8 MiB all together. */
const quickGrowth = 1 << 15;

/** A cell of a shard: the id in the low bits, above it some bits of its hash. 0 is free. */
const idBits = 26;
export const idMask = (1 << idBits) - 1;

/**
 * The part of a hash that a cell carries. Bits 21 to 26: the slot comes from those below, the shard from those
 * above. A cell whose tag differs holds another key, and nobody has to fetch that key from its columns to see it.
 */
export function tagOf(hash: number): number {
  return (hash << 5) & ~idMask;
}

/** The hashes of an owner's keys. */
export interface KeyHashes {
  of(id: number): number;
  /**
   * Those of the first `count` of `ids`, into `hashes`. A loop of the owner's, with nothing else in it, waits for many
   * keys at a time: a growth takes two thirds of what it does with a call for each.
   */
  ofAll(ids: Int32Array, count: number, hashes: Int32Array): void;
}

/** Ids that are put into a grown shard at a time. */
const movedAtOnce = 1024;
const movedIds = new Int32Array(movedAtOnce);
const movedHashes = new Int32Array(movedAtOnce);

/**
 * The buckets of an open-addressing hash table with linear probing: ids only, keys stay in the owner's columns.
 * Cut into 32 shards by the top bits of the hash, each of which grows on its own: with a million entries the
 * longest pause is the rehash of one thirty-second of them. Deletion shifts back, so there are no tombstones.
 * Holds up to 67 million ids.
 *
 * Owners probe `shardOf(hash)` themselves, from `hash & (shard.length - 1)` upwards until a 0: a cell can be theirs
 * if `cell & ~idMask` is `tagOf(hash)`, and its id is `cell & idMask`.
 */
export class HashShards {
  readonly shards: Int32Array[] = [];
  readonly #used = new Int32Array(1 << shardBits);
  readonly #keys: KeyHashes;

  constructor(keys: KeyHashes) {
    this.#keys = keys;
    for (let i = 0; i < 1 << shardBits; i++) this.shards.push(new Int32Array(firstShardLength));
  }

  shardOf(hash: number): Int32Array {
    return this.shards[hash >>> (32 - shardBits)];
  }

  /** Puts an id that is not in the table, at the free slot where the owner's probe ended. */
  insertAt(hash: number, slot: number, id: number): void {
    const number = hash >>> (32 - shardBits);
    const shard = this.shards[number];
    shard[slot] = tagOf(hash) | id;
    // Load stays below 3/4.
    if (++this.#used[number] * 4 > shard.length * 3) this.#grow(number);
  }

  delete(id: number): void {
    const hash = this.#keys.of(id);
    const number = hash >>> (32 - shardBits);
    const shard = this.shards[number];
    const mask = shard.length - 1;
    let hole = hash & mask;
    while ((shard[hole] & idMask) !== id) {
      if (shard[hole] === 0) throw new Error('broken invariant: id is not in its hash shard');
      hole = (hole + 1) & mask;
    }
    for (let slot = (hole + 1) & mask; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#keys.of(shard[slot] & idMask) & mask;
      // An entry may move into the hole unless its home lies cyclically in (hole, slot].
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        shard[hole] = shard[slot];
        hole = slot;
      }
    }
    shard[hole] = 0;
    this.#used[number]--;
  }

  get size(): number {
    let sum = 0;
    for (const used of this.#used) sum += used;
    return sum;
  }

  /** Bytes of all shards, for the memory ledger. */
  get bytes(): number {
    let sum = 0;
    for (const shard of this.shards) sum += shard.byteLength;
    return sum;
  }

  #grow(number: number): void {
    const old = this.shards[number];
    const shard = new Int32Array(old.length * (old.length < quickGrowth ? 4 : 2));
    const mask = shard.length - 1;
    ascending.addAll(old);
    for (let count = ascending.take(movedIds); count > 0; count = ascending.take(movedIds)) {
      this.#keys.ofAll(movedIds, count, movedHashes);
      for (let i = 0; i < count; i++) {
        const hash = movedHashes[i];
        let slot = hash & mask;
        while (shard[slot] !== 0) slot = (slot + 1) & mask;
        shard[slot] = tagOf(hash) | movedIds[i];
      }
    }
    this.shards[number] = shard;
  }
}

/**
 * The ids of a shard's cells in ascending order. Their keys lie in that order in the owner's columns: to read them so takes
 * a third of the time that their order in the shard does. One bit per id of the longest table.
 */
class AscendingIds {
  #words = new Int32Array(0);
  #word = 0;
  #end = 0;

  addAll(cells: Int32Array): void {
    let most = 0;
    for (let i = 0; i < cells.length; i++) most = Math.max(most, cells[i] & idMask);
    if (most >>> 5 >= this.#words.length) this.#words = new Int32Array((most >>> 5) * 2 + 32);
    for (let i = 0; i < cells.length; i++) {
      const id = cells[i] & idMask;
      if (id !== 0) this.#words[id >>> 5] |= 1 << (id & 31);
    }
    this.#word = 0;
    this.#end = (most >>> 5) + 1;
  }

  /** The next ones, as many as `ids` has room for; they are no longer there. How many: 0 after the last. */
  take(ids: Int32Array): number {
    const words = this.#words;
    let count = 0;
    let word = this.#word;
    for (; word < this.#end; word++) {
      let bits = words[word];
      for (; bits !== 0 && count < ids.length; bits &= bits - 1)
        ids[count++] = word * 32 + (31 - Math.clz32(bits & -bits));
      words[word] = bits;
      if (bits !== 0) break;
    }
    this.#word = word;
    return count;
  }
}

/** Empty between two growths. */
const ascending = new AscendingIds();

/** Ids that were freed, given out again last in first out; fresh ones count up from 1. */
export class IdPool {
  #free = new Int32Array(0);
  #freeCount = 0;
  #top = 1;

  /** One more than the highest id ever given out. */
  get top(): number {
    return this.#top;
  }

  get inUse(): number {
    return this.#top - 1 - this.#freeCount;
  }

  take(): number {
    return this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#top++;
  }

  give(id: number): void {
    if (this.#freeCount === this.#free.length) {
      this.#free = grown(this.#free, Math.max(64, this.#freeCount * 2));
    }
    this.#free[this.#freeCount++] = id;
  }
}

/** Scrambles 32 bits well enough that top and bottom bits can both index. */
export function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
