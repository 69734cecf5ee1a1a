/**
 * The event loop's time, shared by the hosts of a process: one host per routing instance, each with its turn right
 * after the poll. The more of them have route work, the less each may do before the loop polls again, so that no
 * tenant waits for another's table, and the management API for none.
 */

/** What the route work of one round may take, all hosts together. */
const roundMilliseconds = 8;

/** Below this a turn would cost more than it does. */
const leastMilliseconds = 0.5;

export interface Turn {
  readonly wantsWork: boolean;
  run(budgetMilliseconds: number): void;
}

export class Turns {
  #waiting = new Set<Turn>();
  #immediate: NodeJS.Immediate | undefined;
  #pollBeganAt: number | undefined;

  /** Runs it once, right after the poll. Asked for during a round, it has its place in the next. */
  ask(turn: Turn): void {
    this.#waiting.add(turn);
    this.#immediate ??= setImmediate(this.#round);
  }

  cancel(turn: Turn): void {
    this.#waiting.delete(turn);
  }

  /** Milliseconds since this poll's first read. */
  readingFor(now: number): number {
    this.#pollBeganAt ??= now;
    return now - this.#pollBeganAt;
  }

  readonly #round = (): void => {
    const turns = this.#waiting;
    this.#waiting = new Set();
    this.#immediate = undefined;
    this.#pollBeganAt = undefined;
    let busy = 0;
    for (const { wantsWork } of turns) if (wantsWork) busy++;
    const budget = Math.max(leastMilliseconds, roundMilliseconds / Math.max(busy, 1));
    for (const turn of turns) turn.run(budget);
  };
}
