/**
 * The Adj-RIB-Out of an update group (RFC 4271 §3.2): the path last sent per item, 4 bytes each; 0 for none. A group
 * that its members leave for another is copied in slices, while changes go on.
 */
import { grown, nextCapacity } from '../rib/columns.ts';
import type { PathId } from '../rib/ids.ts';
import type { PathTable } from '../rib/path-table.ts';

export class AdjRibOut {
  #paths = new Uint32Array(0);
  #size = 0;
  readonly #copies: AdjRibOutCopy[] = [];

  /** No item is this high. */
  get length(): number {
    return this.#paths.length;
  }

  /** Items with a path. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#paths.byteLength;
  }

  get isBeingCopied(): boolean {
    return this.#copies.length > 0;
  }

  pathOf(item: number): PathId {
    return item < this.#paths.length ? this.#paths[item] : 0;
  }

  /** References to paths are the caller's to take and to give back. */
  set(item: number, path: PathId): void {
    if (item >= this.#paths.length) this.#grow(nextCapacity(this.#paths.length, item + 1));
    if (this.#paths[item] !== 0) this.#size--;
    if (path !== 0) this.#size++;
    this.#paths[item] = path;
    for (let i = 0; i < this.#copies.length; i++) this.#copies[i].follow(item, path);
  }

  /** An empty one to become the same as this; the paths in it are retained. */
  copyInto(empty: AdjRibOut, paths: PathTable): AdjRibOutCopy {
    empty.#grow(this.#paths.length);
    const copy = new AdjRibOutCopy(this, empty, paths, () => {
      this.#copies.splice(this.#copies.indexOf(copy), 1);
    });
    this.#copies.push(copy);
    return copy;
  }

  #grow(capacity: number): void {
    this.#paths = grown(this.#paths, capacity);
  }
}

/** A copy under way: entries below its cursor are as those of the original are now. */
export class AdjRibOutCopy {
  readonly #from: AdjRibOut;
  readonly #to: AdjRibOut;
  readonly #paths: PathTable;
  readonly #ended: () => void;
  #cursor = 1;

  constructor(from: AdjRibOut, to: AdjRibOut, paths: PathTable, ended: () => void) {
    this.#from = from;
    this.#to = to;
    this.#paths = paths;
    this.#ended = ended;
  }

  isOf(original: AdjRibOut): boolean {
    return this.#from === original;
  }

  /** Copies so many entries; false when all are copied and the two are apart from now on. */
  advance(entries: number): boolean {
    const end = Math.min(this.#cursor + entries, this.#from.length);
    for (; this.#cursor < end; this.#cursor++) {
      const path = this.#from.pathOf(this.#cursor);
      if (path === 0) continue;
      this.#paths.retain(path);
      this.#to.set(this.#cursor, path);
    }
    if (this.#cursor < this.#from.length) return true;
    this.#ended();
    return false;
  }

  /** An entry of the original became another one; the original still holds the path that was there. */
  follow(item: number, path: PathId): void {
    if (item >= this.#cursor) return;
    const old = this.#to.pathOf(item);
    if (path !== 0) this.#paths.retain(path);
    this.#to.set(item, path);
    if (old !== 0) this.#paths.release(old);
  }
}
