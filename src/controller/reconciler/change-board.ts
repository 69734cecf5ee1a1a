/** The revision that gateways are to know, and those who wait for a newer one. */
import type { ChangeAnswer } from '../agent-protocol.ts';
import type { Clock } from './clock.ts';

export class ChangeBoard {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #newest: ChangeAnswer;

  constructor(clock: Clock, newest: ChangeAnswer) {
    this.#clock = clock;
    this.#newest = newest;
  }

  post(newest: ChangeAnswer): void {
    this.#newest = newest;
    this.#release();
  }

  /** Nobody waits for a controller that ends. */
  close(): void {
    this.#release();
  }

  #release(): void {
    for (const release of [...this.#waiting]) release();
  }

  newerThan({ term, revision }: ChangeAnswer, waitMs: number): Promise<ChangeAnswer> {
    if (this.#newest.term !== term || this.#newest.revision > revision || waitMs <= 0)
      return Promise.resolve(this.#newest);
    return new Promise((resolve) => {
      const release = (): void => {
        cancel();
        this.#waiting.delete(release);
        resolve(this.#newest);
      };
      const cancel = this.#clock.after(waitMs, release);
      this.#waiting.add(release);
    });
  }
}
