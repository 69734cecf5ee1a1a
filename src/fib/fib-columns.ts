/**
 * What is wanted and what is installed of one IP version, by destination. Destinations have ids of their own: the RIB
 * gives its ids back while the kernel may still have the route.
 *
 * Cost per destination: 10 bytes of columns, its key in the NlriTable, 4 in the queue while it waits.
 */
import { grown, nextCapacity } from '../rib/columns.ts';
import { Ipv4NlriTable, type NlriTable, PrefixNlriTable } from '../rib/nlri-table.ts';
import type { HopsId, TargetId } from './targets.ts';

export type DestinationId = number;

export const DestinationFlag = {
  /** Waits in the queue. */
  dirty: 1,
  /** In the batch that is under way. */
  inFlight: 2,
  /** The kernel refused it as it is wanted now: left alone until it is tried again. */
  refused: 4,
  /** Was wanted at some time of this run; otherwise an installed route was left behind by an earlier one. */
  wantedOnce: 8,
  /** Somebody else's route has its place in the table. */
  occupied: 16,
  /** Seen in the reading that is under way. */
  seen: 32,
} as const;

export interface Failure {
  readonly reason: string;
  attempts: number;
}

export class FibColumns {
  readonly version: 4 | 6;
  readonly nlri: NlriTable;
  target = new Uint32Array(0) as Uint32Array<ArrayBuffer>;
  installed = new Uint32Array(0) as Uint32Array<ArrayBuffer>;
  flags = new Uint8Array(0) as Uint8Array<ArrayBuffer>;
  readonly failures = new Map<DestinationId, Failure>();
  #queue: DestinationId[] = [];
  #head = 0;
  #capacity = 0;
  #installedCount = 0;

  constructor(version: 4 | 6, seed: number) {
    this.version = version;
    this.nlri = version === 4 ? new Ipv4NlriTable(seed) : new PrefixNlriTable(16, seed);
  }

  get installedCount(): number {
    return this.#installedCount;
  }

  /** Destinations that wait for a batch. */
  get dirtyCount(): number {
    return this.#queue.length - this.#head;
  }

  intern(nlri: Uint8Array): DestinationId {
    const id = this.nlri.intern(nlri, 0);
    if (id >= this.#capacity) this.#grow(id);
    return id;
  }

  /** Length, then all octets. */
  write(id: DestinationId): Uint8Array {
    const out = new Uint8Array(this.version === 4 ? 5 : 17);
    this.nlri.write(id, out, 0);
    return out;
  }

  has(id: DestinationId, flag: number): boolean {
    return (this.flags[id] & flag) !== 0;
  }

  set(id: DestinationId, flag: number): void {
    this.flags[id] |= flag;
  }

  clear(id: DestinationId, flag: number): void {
    this.flags[id] &= ~flag;
  }

  markDirty(id: DestinationId): void {
    if (this.has(id, DestinationFlag.dirty)) return;
    this.set(id, DestinationFlag.dirty);
    this.#queue.push(id);
  }

  /** The next in order of change, no longer dirty; 0 when none is. */
  takeDirty(): DestinationId {
    if (this.#head === this.#queue.length) return 0;
    const id = this.#queue[this.#head++];
    if (this.#head === this.#queue.length || this.#head > 65_536) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.clear(id, DestinationFlag.dirty);
    return id;
  }

  /** The caller counts the references to texts. */
  setInstalled(id: DestinationId, hops: HopsId): void {
    this.#installedCount += Number(hops !== 0) - Number(this.installed[id] !== 0);
    this.installed[id] = hops;
  }

  setTarget(id: DestinationId, target: TargetId): void {
    this.target[id] = target;
  }

  /** Returns whether the reason is new for this destination. */
  fail(id: DestinationId, reason: string): boolean {
    const known = this.failures.get(id);
    if (known?.reason === reason) {
      known.attempts++;
      return false;
    }
    this.failures.set(id, { reason, attempts: 1 });
    return true;
  }

  /** Forgets a destination of which nothing is wanted, installed, waiting or failed. */
  freeIfUnused(id: DestinationId): void {
    const busy = DestinationFlag.dirty | DestinationFlag.inFlight | DestinationFlag.occupied;
    if (this.target[id] !== 0 || this.installed[id] !== 0 || this.has(id, busy)) return;
    this.failures.delete(id);
    this.flags[id] = 0;
    this.nlri.free(id);
  }

  /** Every destination there is. */
  each(visit: (id: DestinationId) => void): void {
    for (let id = 1; id < this.nlri.top; id++) if (this.nlri.isUsed(id)) visit(id);
  }

  #grow(id: DestinationId): void {
    this.#capacity = nextCapacity(this.#capacity, id + 1);
    this.target = grown(this.target, this.#capacity);
    this.installed = grown(this.installed, this.#capacity);
    this.flags = grown(this.flags, this.#capacity);
  }
}
