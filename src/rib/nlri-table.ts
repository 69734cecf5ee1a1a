/**
 * Interned NLRI keys of one family: wire form in, `NlriId` out.
 * The wire form of a prefix is its key once the bits past the length are cleared, so nothing is converted.
 * IPv4 (5 octets) has packed columns; other families use cells of a fixed width.
 *
 * Cost per NLRI: IPv4 5 bytes, others their cell (IPv6 17), and about 6 bytes of hash shard; the columns of
 * the Loc-RIB come on top.
 */
import { grown, HashShards, IdPool, idMask, mix32, nextCapacity, tagOf } from './columns.ts';
import type { NlriId } from './ids.ts';

export interface NlriTable {
  /** One more than the highest id ever given out. */
  readonly top: number;
  readonly size: number;
  readonly bytes: number;
  /** The id of the NLRI at `at` (its length octet), made if new. The NLRI was checked before. */
  intern(bytes: Uint8Array, at: number): NlriId;
  /** 0 when there is none. */
  find(bytes: Uint8Array, at: number): NlriId;
  /** Its prefix length in bits. */
  lengthOf(id: NlriId): number;
  /** Writes the wire form and returns where it ends. */
  write(id: NlriId, out: Uint8Array, at: number): number;
  free(id: NlriId): void;
  /** False for an id that is free. */
  isUsed(id: NlriId): boolean;
}

/** Marks a free cell: no prefix is that long. */
const freeLength = 255;

export class Ipv4NlriTable implements NlriTable {
  readonly #ids = new IdPool();
  readonly #shards: HashShards;
  readonly #seed: number;
  #capacity = 0;
  #address = new Int32Array(0);
  #length = new Uint8Array(0);

  constructor(seed: number) {
    this.#seed = seed | 0;
    this.#shards = new HashShards({
      of: (id) => this.#hash(this.#address[id], this.#length[id]),
      ofAll: (ids, count, hashes) => {
        const [address, length] = [this.#address, this.#length];
        for (let i = 0; i < count; i++) hashes[i] = this.#hash(address[ids[i]], length[ids[i]]);
      },
    });
  }

  get top(): number {
    return this.#ids.top;
  }

  get size(): number {
    return this.#ids.inUse;
  }

  get bytes(): number {
    return this.top * 5 + this.#shards.bytes;
  }

  intern(bytes: Uint8Array, at: number): NlriId {
    const length = bytes[at];
    const address = addressAt(bytes, at + 1, length);
    const hash = this.#hash(address, length);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    let slot = hash & mask;
    for (let cell = shard[slot]; cell !== 0; cell = shard[slot]) {
      if ((cell & ~idMask) === tag) {
        const id = cell & idMask;
        if (this.#address[id] === address && this.#length[id] === length) return id;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.#ids.take();
    if (id >= this.#capacity) this.#grow();
    this.#address[id] = address;
    this.#length[id] = length;
    this.#shards.insertAt(hash, slot, id);
    return id;
  }

  find(bytes: Uint8Array, at: number): NlriId {
    const length = bytes[at];
    const address = addressAt(bytes, at + 1, length);
    const hash = this.#hash(address, length);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    let slot = hash & mask;
    for (let cell = shard[slot]; cell !== 0; cell = shard[slot]) {
      if ((cell & ~idMask) === tag) {
        const id = cell & idMask;
        if (this.#address[id] === address && this.#length[id] === length) return id;
      }
      slot = (slot + 1) & mask;
    }
    return 0;
  }

  lengthOf(id: NlriId): number {
    return this.#length[id];
  }

  write(id: NlriId, out: Uint8Array, at: number): number {
    const length = this.#length[id];
    const address = this.#address[id];
    out[at] = length;
    if (length === 0) return at + 1;
    out[at + 1] = address >>> 24;
    if (length <= 8) return at + 2;
    out[at + 2] = address >>> 16;
    if (length <= 16) return at + 3;
    out[at + 3] = address >>> 8;
    if (length <= 24) return at + 4;
    out[at + 4] = address;
    return at + 5;
  }

  free(id: NlriId): void {
    this.#shards.delete(id);
    this.#length[id] = freeLength;
    this.#ids.give(id);
  }

  isUsed(id: NlriId): boolean {
    return id > 0 && id < this.#ids.top && this.#length[id] !== freeLength;
  }

  /**
   * Sixteen neighbours of one length share a cache line of the shard: tables come in runs of neighbours. Their place
   * in the line is also in the tag, so that they need not be compared with each other.
   */
  #hash(address: number, length: number): number {
    const network = address >>> (32 - length);
    const place = network & 15;
    const line = mix32((network >>> 4) ^ Math.imul(length, 0x9e3779b1) ^ this.#seed);
    return ((line & ~15) | place) ^ (place << 22);
  }

  #grow(): void {
    const capacity = nextCapacity(this.#capacity, 0);
    this.#address = grown(this.#address, capacity);
    this.#length = grown(this.#length, capacity);
    this.#capacity = capacity;
  }
}

/** The address octets of a prefix as 32 bits; what lies past `length` bits is cleared. */
function addressAt(bytes: Uint8Array, at: number, length: number): number {
  if (length > 24) {
    const address = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    return length === 32 ? address : address & (-1 << (32 - length));
  }
  if (length > 16) {
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8)) & (-1 << (32 - length));
  }
  if (length > 8) return ((bytes[at] << 24) | (bytes[at + 1] << 16)) & (-1 << (32 - length));
  return length === 0 ? 0 : (bytes[at] << 24) & (-1 << (32 - length));
}

/** Prefix families whose address has up to `octets` octets: cells of `octets + 1`, zero filled. */
export class PrefixNlriTable implements NlriTable {
  readonly #cell: number;
  readonly #ids = new IdPool();
  readonly #shards: HashShards;
  readonly #seed: number;
  readonly #key: Uint8Array;
  #capacity = 0;
  #cells = new Uint8Array(0);

  constructor(octets: number, seed: number) {
    this.#cell = octets + 1;
    this.#seed = seed | 0;
    this.#key = new Uint8Array(this.#cell);
    this.#shards = new HashShards({
      of: (id) => this.#hash(this.#cells, id * this.#cell),
      ofAll: (ids, count, hashes) => {
        for (let i = 0; i < count; i++) hashes[i] = this.#hash(this.#cells, ids[i] * this.#cell);
      },
    });
  }

  get top(): number {
    return this.#ids.top;
  }

  get size(): number {
    return this.#ids.inUse;
  }

  get bytes(): number {
    return this.#cells.length + this.#shards.bytes;
  }

  intern(bytes: Uint8Array, at: number): NlriId {
    this.#readKey(bytes, at);
    const hash = this.#hash(this.#key, 0);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    let slot = hash & mask;
    for (; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const cell = shard[slot];
      if ((cell & ~idMask) === tag && this.#holdsKey(cell & idMask)) return cell & idMask;
    }
    const id = this.#ids.take();
    if (id >= this.#capacity) this.#grow();
    this.#cells.set(this.#key, id * this.#cell);
    this.#shards.insertAt(hash, slot, id);
    return id;
  }

  find(bytes: Uint8Array, at: number): NlriId {
    this.#readKey(bytes, at);
    const hash = this.#hash(this.#key, 0);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    for (let slot = hash & mask; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const cell = shard[slot];
      if ((cell & ~idMask) === tag && this.#holdsKey(cell & idMask)) return cell & idMask;
    }
    return 0;
  }

  lengthOf(id: NlriId): number {
    return this.#cells[id * this.#cell];
  }

  write(id: NlriId, out: Uint8Array, at: number): number {
    const from = id * this.#cell;
    const octets = 1 + ((this.#cells[from] + 7) >> 3);
    for (let i = 0; i < octets; i++) out[at + i] = this.#cells[from + i];
    return at + octets;
  }

  free(id: NlriId): void {
    this.#shards.delete(id);
    this.#cells[id * this.#cell] = freeLength;
    this.#ids.give(id);
  }

  isUsed(id: NlriId): boolean {
    return id > 0 && id < this.#ids.top && this.#cells[id * this.#cell] !== freeLength;
  }

  #readKey(bytes: Uint8Array, at: number): void {
    const length = bytes[at];
    const octets = (length + 7) >> 3;
    const key = this.#key;
    key[0] = length;
    for (let i = 1; i <= octets; i++) key[i] = bytes[at + i];
    for (let i = octets + 1; i < key.length; i++) key[i] = 0;
    if (length & 7) key[octets] &= 0xff << (8 - (length & 7));
  }

  #holdsKey(id: NlriId): boolean {
    const from = id * this.#cell;
    for (let i = 0; i < this.#cell; i++) if (this.#cells[from + i] !== this.#key[i]) return false;
    return true;
  }

  #hash(bytes: Uint8Array, at: number): number {
    let h = this.#seed;
    for (let i = 0; i < this.#cell; i++) h = Math.imul(h ^ bytes[at + i], 0x01000193);
    return mix32(h);
  }

  #grow(): void {
    this.#capacity = nextCapacity(this.#capacity, 0);
    this.#cells = grown(this.#cells, this.#capacity * this.#cell);
  }
}
