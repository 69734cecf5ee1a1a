/**
 * The event loop's time, shared by the hosts of a process: one host per routing instance, each with its turn right
 * after the poll. The more of them have route work, the less each may do before the loop polls again, so that no
 * tenant waits for another's table, and the management API for none.
 */

/** What the reads of one poll, and then the route work of one round, may take, all hosts together. */
const usualMilliseconds = 8;

/** The same while somebody waits at another door: to connect, ask and be answered takes three polls. */
const hurriedMilliseconds = 2;
const hurriedRounds = 3;

/** Below this a turn would cost more than it does. */
const leastMilliseconds = 0.5;

export interface Turn {
  readonly wantsWork: boolean;
  run(budgetMilliseconds: number): void;
}

export class Turns {
  #waiting = new Set<Turn>();
  /** That of the round before, empty again. */
  #spare = new Set<Turn>();
  #immediate: NodeJS.Immediate | undefined;
  #pollBeganAt: number | undefined;
  #hurried = 0;
  #heardMuch = false;

  /** Has any host ever heard more at once than a few messages? From then on it is not start any more. */
  get heardMuch(): boolean {
    return this.#heardMuch;
  }

  hearMuch(): void {
    this.#heardMuch = true;
  }

  /** Somebody waits whose sockets are not a host's, such as a client of the management API: the next rounds are short. */
  hurry(): void {
    this.#hurried = hurriedRounds;
  }

  /** Runs it once, right after the poll. Asked for during a round, it has its place in the next. */
  ask(turn: Turn): void {
    this.#waiting.add(turn);
    this.#immediate ??= setImmediate(this.#round);
  }

  cancel(turn: Turn): void {
    this.#waiting.delete(turn);
  }

  /** The poll's first read begins. */
  reads(now: number): void {
    this.#pollBeganAt ??= now;
  }

  /** Should each further socket get one chunk and wait for its next turn? */
  hasReadEnough(now: number): boolean {
    return now - (this.#pollBeganAt ?? now) > this.#milliseconds;
  }

  get #milliseconds(): number {
    return this.#hurried > 0 ? hurriedMilliseconds : usualMilliseconds;
  }

  readonly #round = (): void => {
    const turns = this.#waiting;
    this.#waiting = this.#spare;
    this.#immediate = undefined;
    this.#pollBeganAt = undefined;
    let busy = 0;
    for (const { wantsWork } of turns) if (wantsWork) busy++;
    const budget = Math.max(leastMilliseconds, this.#milliseconds / Math.max(busy, 1));
    if (this.#hurried > 0) this.#hurried--;
    try {
      for (const turn of turns) turn.run(budget);
    } finally {
      turns.clear();
      this.#spare = turns;
    }
  };
}

/** All hosts of a process share its event loop. */
export const processTurns = new Turns();
