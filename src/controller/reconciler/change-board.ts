/** The revision that gateways are to know, and those who wait for a newer one. */
import type { ChangeAnswer } from '../agent-protocol.ts';
import type { Clock } from './clock.ts';

interface Waiting {
  readonly seen: ChangeAnswer;
  readonly release: () => void;
}

export class ChangeBoard {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #newest: ChangeAnswer;

  constructor(clock: Clock, newest: ChangeAnswer) {
    this.#clock = clock;
    this.#newest = newest;
  }

  post(newest: ChangeAnswer): void {
    this.#newest = newest;
    for (const { seen, release } of [...this.#waiting]) if (this.#isNews(seen)) release();
  }

  /** Nobody waits for a controller that ends. */
  close(): void {
    for (const { release } of [...this.#waiting]) release();
  }

  #isNews({ term, revision }: ChangeAnswer): boolean {
    return this.#newest.term !== term || this.#newest.revision > revision;
  }

  newerThan(seen: ChangeAnswer, waitMs: number): Promise<ChangeAnswer> {
    if (this.#isNews(seen) || waitMs <= 0) return Promise.resolve(this.#newest);
    return new Promise((resolve) => {
      const release = (): void => {
        cancel();
        this.#waiting.delete(waiting);
        resolve(this.#newest);
      };
      const waiting = { seen, release };
      const cancel = this.#clock.after(waitMs, release);
      this.#waiting.add(waiting);
    });
  }
}
