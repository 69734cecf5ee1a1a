/** Which connections of a host have bytes that were sent and that the kernel has not taken. */
import type { Connection } from './connection.ts';

export class Unsent {
  /** Written to since the last flush. */
  #corked: Connection[] = [];
  readonly #holding = new Set<Connection>();

  /** Bytes wait for a flush. */
  get isCorked(): boolean {
    return this.#corked.length > 0;
  }

  /** Some bytes are still read from the buffers they came in. */
  get isHeld(): boolean {
    return this.#holding.size > 0;
  }

  /** The first bytes since the last flush. */
  wrote(connection: Connection): void {
    this.#corked.push(connection);
    this.#holding.add(connection);
  }

  /** Everything of it has left, or never will. */
  done(connection: Connection): void {
    this.#holding.delete(connection);
  }

  /**
   * One system call per connection for all that was sent since the last, for so many milliseconds. The rest (then it is
   * false) and what `writable` adds wait for the next. Nobody's bytes wait until others were told that theirs have left.
   */
  flush(milliseconds = Number.POSITIVE_INFINITY): boolean {
    const corked = this.#corked;
    if (corked.length === 0) return true;
    this.#corked = [];
    const until = performance.now() + milliseconds;
    let flushed = 0;
    do if (!corked[flushed].closing) corked[flushed].flush();
    while (++flushed < corked.length && performance.now() < until);
    for (let i = 0; i < flushed; i++) corked[i].tellDrained();
    if (flushed < corked.length) this.#corked = [...corked.slice(flushed), ...this.#corked];
    return flushed === corked.length;
  }
}
