/** When which byte of a stream had arrived. */
import { clock } from './session.ts';

export class Arrivals {
  readonly #ends: number[] = [];
  readonly #times: number[] = [];

  /** So many bytes are here now. */
  note(end: number): void {
    this.#ends.push(end);
    this.#times.push(clock());
  }

  /** Time of the last chunk, or 0. */
  get lastAt(): number {
    return this.#times.at(-1) ?? 0;
  }

  /** When the byte before `offset` had arrived. */
  before(offset: number): number {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle] >= offset) high = middle;
      else low = middle + 1;
    }
    return this.#times[low];
  }
}
