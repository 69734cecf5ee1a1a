/**
 * When was a socket last found without unread bytes? The answer decides whether a hold timer that fires means a
 * silent peer or a busy host (see SessionServices.hostReadLag).
 *
 * Node does not say "nothing more to read". What it does give: a read shorter than the buffer emptied the socket,
 * and a socket that is being read and stayed quiet through a whole poll of the event loop was empty. `turn` counts
 * the moments right after a poll (SocketHost runs its turns there), `polledAt` is the time of the last one.
 */

/** Right after the event loop polled for input: how often that happened, and when last. */
export interface PollClock {
  turn: number;
  polledAt: number;
}

export class ReadClock {
  readonly #poll: PollClock;
  #emptyAt = Number.NEGATIVE_INFINITY;
  /** The turn during which a read last filled the whole buffer: there may have been more behind it. */
  #fullAtTurn = Number.NEGATIVE_INFINITY;
  #reading = true;

  constructor(poll: PollClock) {
    this.#poll = poll;
  }

  /** A read returned; `filled` when it used the whole buffer. */
  chunk(now: number, filled: boolean): void {
    if (filled) {
      this.#emptyAt = this.#lastEmpty();
      this.#fullAtTurn = this.#poll.turn;
    } else {
      this.#emptyAt = now;
      this.#fullAtTurn = Number.NEGATIVE_INFINITY;
    }
  }

  /** Reading stopped or went on. */
  setReading(reading: boolean): void {
    if (this.#reading && !reading) this.#emptyAt = this.#lastEmpty();
    this.#reading = reading;
    // What came in meanwhile is seen by the poll after the next one at the latest.
    if (reading) this.#fullAtTurn = this.#poll.turn;
  }

  /** Milliseconds since the socket was last known to be empty; Infinity when it never was. */
  lag(now: number): number {
    return now - (this.#reading ? this.#lastEmpty() : this.#emptyAt);
  }

  #lastEmpty(): number {
    // Two turns later one whole poll lies between, and it found nothing.
    if (!this.#reading || this.#poll.turn < this.#fullAtTurn + 2) return this.#emptyAt;
    return Math.max(this.#emptyAt, this.#poll.polledAt);
  }
}
