/** The Adj-RIB-Out of an update group (RFC 4271 §3.2): the path last sent per item, 4 bytes each; 0 for none. */
import { grown, nextCapacity } from '../rib/columns.ts';
import type { PathId } from '../rib/ids.ts';

export class AdjRibOut {
  #paths = new Uint32Array(0);

  /** No item is this high. */
  get length(): number {
    return this.#paths.length;
  }

  get bytes(): number {
    return this.#paths.byteLength;
  }

  pathOf(item: number): PathId {
    return item < this.#paths.length ? this.#paths[item] : 0;
  }

  set(item: number, path: PathId): void {
    if (item >= this.#paths.length)
      this.#paths = grown(this.#paths, nextCapacity(this.#paths.length, item + 1));
    this.#paths[item] = path;
  }
}
