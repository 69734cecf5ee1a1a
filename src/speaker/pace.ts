/**
 * How much route work fits into one turn. Item counts alone say little: an item costs far more while the code is
 * still being compiled, and with many update groups. So turns are measured, and the next one is cut to fit.
 */
import { batchSize } from '../export/outbound-batch.ts';

const leastItems = 256;
const firstItems = 1024;

export class Pace {
  #items = firstItems;

  /** Destinations looked at per phase in the next turn. */
  get items(): number {
    return this.#items;
  }

  /** A turn took so long, against what it may take; `cut` when there was more to do. Milliseconds. */
  took(milliseconds: number, { budget, cut }: { readonly budget: number; readonly cut: boolean }): void {
    if (milliseconds > budget) this.#items = Math.max(leastItems, this.#items >>> 1);
    // A turn that ended for want of work says nothing about a longer one.
    else if (cut && milliseconds < budget / 3) this.#items = Math.min(batchSize, this.#items * 2);
  }
}
