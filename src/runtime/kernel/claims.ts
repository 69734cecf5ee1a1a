/**
 * Who may write to a table of the kernel: one at a time, in the order in which they asked. An instance that is built anew
 * begins when the one before has taken its routes out, lest the one removes what the other has just put there.
 */

const lastClaims = new Map<string, Promise<void>>();

export class TableClaim {
  /** Fulfilled when it is our turn. */
  readonly taken: Promise<void>;
  readonly #key: string;
  readonly #done: Promise<void>;
  #release: () => void = () => {};

  constructor(key: string) {
    this.#key = key;
    this.taken = lastClaims.get(key) ?? Promise.resolve();
    this.#done = new Promise((resolve) => {
      this.#release = resolve;
    });
    lastClaims.set(key, this.#done);
  }

  release(): void {
    this.#release();
    if (lastClaims.get(this.#key) === this.#done) lastClaims.delete(this.#key);
  }
}
