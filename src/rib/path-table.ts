/**
 * Interned paths: (source peer, attributes, next hop, flags) as one `PathId`.
 * Routes, the Loc-RIB and every Adj-RIB-Out hold path ids only, so what was computed for a path once (import
 * verdict, export verdict, who may receive it) is computed for all its destinations.
 *
 * A label (RFC 8277) is part of what a source says, so it is part of the path: paths of families without labels have
 * no column for it and are found without looking at it.
 *
 * Cost per distinct path: 23 bytes of columns and about 6 bytes of hash shard; 4 more once any path has a label.
 */
import type { AttributeTable } from './attribute-table.ts';
import { grown, HashShards, IdPool, idMask, mix32, nextCapacity, tagOf } from './columns.ts';
import type { AttributesId, NextHopId, PathId, PeerId } from './ids.ts';
import type { NextHopTable } from './next-hop-table.ts';

export const PathFlag = {
  none: 0,
  /** MED was set here and may leave to another AS (RFC 4271 §5.1.4 forbids passing on a received one). */
  keepMed: 1,
  /** Export policy asked for our own address as next hop. */
  nextHopSelf: 2,
  /** Export policy asked for the receiving peer's address as next hop. */
  nextHopPeer: 4,
  /** Export policy chose the next hop. */
  nextHopSet: 8,
  /** The path has a label; set and asked for by the PathTable alone. */
  labelled: 16,
} as const;

/** Told when a path's last reference goes, before its id can be given out again. */
export type PathFreed = (path: PathId) => void;

export class PathTable {
  readonly #attributes: AttributeTable;
  readonly #nextHops: NextHopTable;
  readonly #ids = new IdPool();
  readonly #shards: HashShards;
  readonly #seed: number;
  readonly #freedListeners = new Set<PathFreed>();
  #capacity = 0;
  source = new Uint16Array(0);
  attributes = new Uint32Array(0);
  nextHop = new Uint32Array(0);
  flags = new Uint8Array(0);
  /** Label fields; no cells before the first labelled path. */
  #label = new Uint32Array(0);
  #references = new Uint32Array(0);
  /**
   * The import verdict of the source peer's policy where it looks at nothing but the path: 0 unknown, positive
   * the accepted PathId (retained when it is another one), negative an ineligible code.
   */
  imported = new Int32Array(0);
  /** Heads of the chains of destinations while an update group packs; all 0 between two turns. */
  chain = new Int32Array(0);

  constructor(attributes: AttributeTable, nextHops: NextHopTable, seed: number) {
    this.#attributes = attributes;
    this.#nextHops = nextHops;
    this.#seed = seed | 0;
    this.#shards = new HashShards({
      of: (id) => this.#hashOf(id),
      ofAll: (ids, count, hashes) => {
        for (let i = 0; i < count; i++) hashes[i] = this.#hashOf(ids[i]);
      },
    });
  }

  get size(): number {
    return this.#ids.inUse;
  }

  /** One more than the highest id ever given out: how long a column over paths must be. */
  get top(): number {
    return this.#ids.top;
  }

  get bytes(): number {
    return this.top * 23 + this.#label.byteLength + this.#shards.bytes;
  }

  /** The id, made if new. The caller retains it, or calls `discardUnreferenced` when it did not. */
  intern(source: PeerId, attributes: AttributesId, nextHop: NextHopId, flags: number): PathId {
    const hash = this.#hash(source, attributes, nextHop, flags);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    const tag = tagOf(hash);
    let slot = hash & mask;
    for (; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const id = shard[slot] & idMask;
      if (
        (shard[slot] & ~idMask) === tag &&
        this.attributes[id] === attributes &&
        this.source[id] === source &&
        this.nextHop[id] === nextHop &&
        this.flags[id] === flags
      ) {
        return id;
      }
    }
    const id = this.#take(source, attributes, nextHop, flags);
    this.#shards.insertAt(hash, slot, id);
    return id;
  }

  /** As `intern`, with a label field (`wire/nlri/label.ts`); 0 is no label. */
  internLabelled(
    source: PeerId,
    attributes: AttributesId,
    nextHop: NextHopId,
    flags: number,
    label: number,
  ): PathId {
    if (label === 0) return this.intern(source, attributes, nextHop, flags & ~PathFlag.labelled);
    const marked = flags | PathFlag.labelled;
    const hash = this.#hash(source, attributes, nextHop, marked) ^ labelHash(label);
    const shard = this.#shards.shardOf(hash);
    const mask = shard.length - 1;
    let slot = hash & mask;
    for (; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const id = shard[slot] & idMask;
      if (
        this.attributes[id] === attributes &&
        this.source[id] === source &&
        this.nextHop[id] === nextHop &&
        this.flags[id] === marked &&
        this.#label[id] === label
      ) {
        return id;
      }
    }
    const id = this.#take(source, attributes, nextHop, marked);
    if (id >= this.#label.length) this.#label = grown(this.#label, this.#capacity);
    this.#label[id] = label;
    this.#shards.insertAt(hash, slot, id);
    return id;
  }

  /** The same source and label with other attributes, next hop or flags. */
  derive(from: PathId, attributes: AttributesId, nextHop: NextHopId, flags: number): PathId {
    return this.internLabelled(this.source[from], attributes, nextHop, flags, this.labelOf(from));
  }

  /** The label field of a path, 0 where it has none. */
  labelOf(id: PathId): number {
    return (this.flags[id] & PathFlag.labelled) === 0 ? 0 : this.#label[id];
  }

  #take(source: PeerId, attributes: AttributesId, nextHop: NextHopId, flags: number): PathId {
    const id = this.#ids.take();
    if (id >= this.#capacity) this.#grow();
    this.source[id] = source;
    this.attributes[id] = attributes;
    this.nextHop[id] = nextHop;
    this.flags[id] = flags;
    this.#attributes.retain(attributes);
    this.#nextHops.retain(nextHop);
    return id;
  }

  retain(id: PathId, count = 1): void {
    this.#references[id] += count;
  }

  release(id: PathId): void {
    if (--this.#references[id] === 0) this.#free(id);
  }

  discardUnreferenced(id: PathId): void {
    if (this.#references[id] === 0) this.#free(id);
  }

  /** Forgets what import made of a path (its policy changed). */
  forgetImported(id: PathId): void {
    const imported = this.imported[id];
    this.imported[id] = 0;
    if (imported > 0 && imported !== id) this.release(imported);
  }

  onFreed(listener: PathFreed): void {
    this.#freedListeners.add(listener);
  }

  offFreed(listener: PathFreed): void {
    this.#freedListeners.delete(listener);
  }

  #free(id: PathId): void {
    for (const listener of this.#freedListeners) listener(id);
    this.#shards.delete(id);
    this.forgetImported(id);
    this.#attributes.release(this.attributes[id]);
    this.#nextHops.release(this.nextHop[id]);
    this.#ids.give(id);
  }

  #hashOf(id: PathId): number {
    const hash = this.#hash(this.source[id], this.attributes[id], this.nextHop[id], this.flags[id]);
    return hash ^ labelHash(this.labelOf(id));
  }

  /**
   * Sixteen sets that came one after the other share a cache line of the shard, with sixteen next hops, where all else is the
   * same: so come the tables of peers. What tells them apart is in the tag; no more than 256 paths are that near to each other.
   */
  #hash(source: number, attributes: number, nextHop: number, flags: number): number {
    const line = mix32(
      Math.imul((attributes >>> 4) ^ this.#seed, 0x9e3779b1) ^
        Math.imul(source + (flags << 16), 0x85ebca77) ^
        Math.imul(nextHop >>> 4, 0xc2b2ae3d),
    );
    return ((line & ~15) | (attributes & 15)) ^ (((attributes ^ nextHop) & 15) << 22);
  }

  #grow(): void {
    const capacity = nextCapacity(this.#capacity, 0);
    this.source = grown(this.source, capacity);
    this.attributes = grown(this.attributes, capacity);
    this.nextHop = grown(this.nextHop, capacity);
    this.flags = grown(this.flags, capacity);
    this.#references = grown(this.#references, capacity);
    this.imported = grown(this.imported, capacity);
    this.chain = grown(this.chain, capacity);
    this.#capacity = capacity;
  }
}

/** 0 for no label: hashes of other paths stay as they are. */
function labelHash(label: number): number {
  return Math.imul(label, 0x27d4eb2f);
}
