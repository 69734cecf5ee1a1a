/**
 * Interned path attributes: each distinct canonical set (architecture §4: sorted by type, 4-octet AS, without
 * NEXT_HOP and MP_*) is stored once, has an `AttributesId`, and carries the keys that the decision process,
 * reflection and export ask for, decoded once.
 * Does not own validation: sets come from `wire/`, or from policy edits, and are well formed.
 *
 * Cost per distinct set: its bytes rounded up to 16, 38 bytes of columns, about 6 bytes of hash shard.
 */
import { ByteArena } from './byte-arena.ts';
import { grown, HashShards, IdPool, idMask, mix32, nextCapacity, tagOf } from './columns.ts';
import type { AttributesId } from './ids.ts';

/** Facts about a set, one bit each, in `flags`. The lowest two bits are ORIGIN. */
export const AttributeFlag = {
  originMask: 3,
  hasMed: 1 << 2,
  hasLocalPref: 1 << 3,
  hasOriginatorId: 1 << 4,
  hasClusterList: 1 << 5,
  noExport: 1 << 6,
  noAdvertise: 1 << 7,
  noExportSubconfed: 1 << 8,
  gracefulShutdown: 1 << 9,
  llgrStale: 1 << 10,
  /** Holds a transitive attribute that this build does not interpret: Partial goes out with it. */
  hasUnknown: 1 << 11,
  /** Found valid as an internal (external) peer's attributes: a repeat need not be decoded again. */
  validInternal: 1 << 12,
  validExternal: 1 << 13,
} as const;

const communityFlags = new Map<number, number>([
  [0xffffff01, AttributeFlag.noExport],
  [0xffffff02, AttributeFlag.noAdvertise],
  [0xffffff03, AttributeFlag.noExportSubconfed],
  [0xffff0000, AttributeFlag.gracefulShutdown], // RFC 8326 §4
  [0xffff0006, AttributeFlag.llgrStale], //        RFC 9494 §4.6
]);

export class AttributeTable {
  readonly #arena = new ByteArena();
  readonly #ids = new IdPool();
  readonly #shards: HashShards;
  readonly #seed: number;
  #capacity = 0;
  #missedHash = 0;
  #address = new Uint32Array(0);
  #length = new Uint32Array(0);
  #hash = new Int32Array(0);
  #references = new Uint32Array(0);
  /** AttributeFlag bits. */
  flags = new Uint16Array(0);
  /** 100 where absent (RFC 4271 §9.1.1 leaves the default to us; all daemons use 100). */
  localPref = new Uint32Array(0);
  /** 0 where absent; see `hasMed`. */
  med = new Uint32Array(0);
  /** RFC 4271 §9.1.2.2 a): an AS_SET counts 1; confederation segments count 0 (RFC 5065 §5.3). */
  asPathLength = new Uint16Array(0);
  /** First AS of the first AS_SEQUENCE, 0 when there is none. */
  neighborAs = new Uint32Array(0);
  originatorId = new Uint32Array(0);
  clusterListLength = new Uint16Array(0);

  /** `seed` is random per process: peers choose the bytes, they must not choose the collisions. */
  constructor(seed: number) {
    this.#seed = seed | 0;
    this.#shards = new HashShards({
      of: (id) => this.#hash[id],
      ofAll: (ids, count, hashes) => {
        for (let i = 0; i < count; i++) hashes[i] = this.#hash[ids[i]];
      },
    });
  }

  /** Distinct sets in the table. */
  get size(): number {
    return this.#ids.inUse;
  }

  get bytes(): number {
    return this.#arena.bytes + this.#shards.bytes + this.#ids.top * 38;
  }

  /**
   * The set made of the two pieces `[a, aEnd)` (types below NEXT_HOP) and `[b, bEnd)` (types above it), 0 if it is
   * not known. The hot way in: nothing is decoded. Whether it was valid from this kind of peer is in its `flags`.
   */
  findPieces(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): AttributesId {
    const hash = this.#hashPieces(bytes, a, aEnd, b, bEnd);
    this.#missedHash = hash;
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    const aLength = aEnd - a;
    const length = aLength + bEnd - b;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const cell = shard[slot];
      if (cell === 0) return 0;
      if ((cell & ~idMask) !== tag) continue;
      const id = cell & idMask;
      if (this.#hash[id] !== hash || this.#length[id] !== length) continue;
      const address = this.#address[id];
      const chunk = this.#arena.chunkOf(address);
      const at = this.#arena.offsetOf(address);
      if (equalRuns(chunk, at, bytes, a, aLength) && equalRuns(chunk, at + aLength, bytes, b, bEnd - b))
        return id;
    }
  }

  /**
   * Takes in the set that `findPieces` has just said is not known, from the same pieces. They are canonical and valid.
   * The caller retains what it keeps.
   */
  addPieces(
    bytes: Uint8Array,
    a: number,
    aEnd: number,
    b: number,
    bEnd: number,
    validFlag: number,
  ): AttributesId {
    const hash = this.#missedHash;
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    let slot = hash & mask;
    while (shard[slot] !== 0) slot = (slot + 1) & mask;
    const aLength = aEnd - a;
    const id = this.#take(hash, aLength + bEnd - b);
    const chunk = this.chunkOf(id);
    const at = this.offsetOf(id);
    for (let i = 0; i < aLength; i++) chunk[at + i] = bytes[a + i];
    for (let i = 0, to = at + aLength; i < bEnd - b; i++) chunk[to + i] = bytes[b + i];
    this.#put(id, slot, validFlag);
    return id;
  }

  /** The id of a canonical set, made if it is new. The caller retains what it keeps. */
  intern(canonical: Uint8Array, length: number, validFlag: number): AttributesId {
    const split = splitAt(canonical, length);
    const hash = this.#hashPieces(canonical, 0, split, split, length);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    let slot = hash & mask;
    for (; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const cell = shard[slot];
      if ((cell & ~idMask) !== tag) continue;
      const id = cell & idMask;
      if (this.#hash[id] !== hash || this.#length[id] !== length) continue;
      const address = this.#address[id];
      if (!equalRuns(this.#arena.chunkOf(address), this.#arena.offsetOf(address), canonical, 0, length))
        continue;
      this.flags[id] |= validFlag;
      return id;
    }
    const id = this.#take(hash, length);
    const chunk = this.chunkOf(id);
    const at = this.offsetOf(id);
    for (let i = 0; i < length; i++) chunk[at + i] = canonical[i];
    this.#put(id, slot, validFlag);
    return id;
  }

  /** A fresh id with room for its octets. */
  #take(hash: number, length: number): AttributesId {
    const id = this.#ids.take();
    if (id >= this.#capacity) this.#grow();
    this.#address[id] = this.#arena.allocate(length);
    this.#length[id] = length;
    this.#hash[id] = hash;
    this.#references[id] = 0;
    return id;
  }

  /** Its octets are there: decodes the keys and puts it where the probe ended. */
  #put(id: AttributesId, slot: number, validFlag: number): void {
    const at = this.offsetOf(id);
    this.#decodeKeys(id, this.chunkOf(id), at, at + this.#length[id]);
    this.flags[id] |= validFlag;
    this.#shards.insertAt(this.#hash[id], slot, id);
  }

  retain(id: AttributesId): void {
    this.#references[id]++;
  }

  release(id: AttributesId): void {
    if (--this.#references[id] === 0) this.#free(id);
  }

  /** Frees a set that was interned and that nobody retained. */
  discardUnreferenced(id: AttributesId): void {
    if (this.#references[id] === 0) this.#free(id);
  }

  /** The chunk that holds the set's bytes: `[offsetOf(id), offsetOf(id) + lengthOf(id))`. */
  chunkOf(id: AttributesId): Uint8Array {
    return this.#arena.chunkOf(this.#address[id]);
  }

  offsetOf(id: AttributesId): number {
    return this.#arena.offsetOf(this.#address[id]);
  }

  lengthOf(id: AttributesId): number {
    return this.#length[id];
  }

  /** A copy of the canonical bytes. */
  copyOf(id: AttributesId): Uint8Array {
    const at = this.offsetOf(id);
    return this.chunkOf(id).slice(at, at + this.#length[id]);
  }

  #free(id: AttributesId): void {
    this.#shards.delete(id);
    this.#arena.release(this.#address[id], this.#length[id]);
    this.flags[id] = 0;
    this.#ids.give(id);
  }

  #hashPieces(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
    return mix32(hashRun(bytes, b, bEnd, hashRun(bytes, a, aEnd, this.#seed) ^ (aEnd - a)));
  }

  #grow(): void {
    const capacity = nextCapacity(this.#capacity, 0);
    this.#address = grown(this.#address, capacity);
    this.#length = grown(this.#length, capacity);
    this.#hash = grown(this.#hash, capacity);
    this.#references = grown(this.#references, capacity);
    this.flags = grown(this.flags, capacity);
    this.localPref = grown(this.localPref, capacity);
    this.med = grown(this.med, capacity);
    this.asPathLength = grown(this.asPathLength, capacity);
    this.neighborAs = grown(this.neighborAs, capacity);
    this.originatorId = grown(this.originatorId, capacity);
    this.clusterListLength = grown(this.clusterListLength, capacity);
    this.#capacity = capacity;
  }

  #decodeKeys(id: AttributesId, bytes: Uint8Array, start: number, end: number): void {
    let flags = 0;
    this.localPref[id] = 100;
    this.asPathLength[id] = 0;
    this.neighborAs[id] = 0;
    // Rare ones: pages that were never written cost no memory.
    if (this.med[id] !== 0) this.med[id] = 0;
    if (this.originatorId[id] !== 0) this.originatorId[id] = 0;
    if (this.clusterListLength[id] !== 0) this.clusterListLength[id] = 0;
    for (let at = start; at < end; ) {
      const extended = (bytes[at] & 0x10) !== 0;
      const length = extended ? (bytes[at + 2] << 8) | bytes[at + 3] : bytes[at + 2];
      const value = at + (extended ? 4 : 3);
      switch (bytes[at + 1]) {
        case 1:
          flags |= bytes[value] & AttributeFlag.originMask;
          break;
        case 2:
          this.#decodeAsPath(id, bytes, value, value + length);
          break;
        case 4:
          flags |= AttributeFlag.hasMed;
          this.med[id] = uint32(bytes, value);
          break;
        case 5:
          flags |= AttributeFlag.hasLocalPref;
          this.localPref[id] = uint32(bytes, value);
          break;
        case 8:
          for (let c = value; c < value + length; c += 4) flags |= communityFlag(bytes, c);
          break;
        case 9:
          flags |= AttributeFlag.hasOriginatorId;
          this.originatorId[id] = uint32(bytes, value);
          break;
        case 10:
          flags |= AttributeFlag.hasClusterList;
          this.clusterListLength[id] = length >> 2;
          break;
        case 6:
        case 7:
        case 16:
        case 32:
          break;
        default:
          flags |= AttributeFlag.hasUnknown;
      }
      at = value + length;
    }
    this.flags[id] = flags;
  }

  #decodeAsPath(id: AttributesId, bytes: Uint8Array, start: number, end: number): void {
    let hops = 0;
    for (let at = start; at < end; ) {
      const type = bytes[at];
      const count = bytes[at + 1];
      if (type === 1) hops++;
      else if (type === 2) {
        if (hops === 0 && this.neighborAs[id] === 0) this.neighborAs[id] = uint32(bytes, at + 2);
        hops += count;
      }
      at += 2 + count * 4;
    }
    this.asPathLength[id] = Math.min(hops, 0xffff);
  }
}

function communityFlag(bytes: Uint8Array, at: number): number {
  // All of RFC 1997's, RFC 8326's and RFC 9494's well-known communities begin with 0xffff.
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xff) return 0;
  return communityFlags.get(uint32(bytes, at)) ?? 0;
}

/** Where the types above NEXT_HOP (3) begin in a canonical set: at most two headers are looked at. */
export function splitAt(canonical: Uint8Array, length: number): number {
  let at = 0;
  while (at < length && canonical[at + 1] < 3) {
    at += canonical[at] & 0x10 ? 4 + ((canonical[at + 2] << 8) | canonical[at + 3]) : 3 + canonical[at + 2];
  }
  return at;
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function hashRun(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let h = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    h = Math.imul(
      h ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)),
      0x9e3779b1,
    );
    h ^= h >>> 15;
  }
  for (; at < end; at++) h = Math.imul(h ^ bytes[at], 0x01000193);
  return h;
}

function equalRuns(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}
