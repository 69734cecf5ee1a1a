/**
 * The most UPDATE messages per second that an instance takes of all its peers together. Nothing is dropped: what comes
 * faster waits in the peers' sockets, and TCP slows them down. A second's worth may come at once.
 */
export class UpdateRate {
  #perMillisecond = Number.POSITIVE_INFINITY;
  /** Messages that may still be taken now; below zero, what was taken too early. */
  #allowance = 0;
  #at = 0;
  #taken = 0;
  #restUntil = 0;

  /** `undefined` is no limit. */
  set(perSecond: number | undefined): void {
    this.#perMillisecond = (perSecond ?? Number.POSITIVE_INFINITY) / 1000;
    this.#allowance = perSecond ?? 0;
    this.#restUntil = 0;
  }

  /** One UPDATE was taken. */
  count(): void {
    this.#taken++;
  }

  /** A chunk was read to its end; `now` in host milliseconds. */
  settle(now: number): void {
    const taken = this.#taken;
    this.#taken = 0;
    if (this.#perMillisecond === Number.POSITIVE_INFINITY) return;
    const gained = (now - this.#at) * this.#perMillisecond;
    this.#allowance = Math.min(this.#allowance + gained, this.#perMillisecond * 1000) - taken;
    this.#at = now;
    if (this.#allowance < 0) this.#restUntil = now - this.#allowance / this.#perMillisecond;
  }

  /** Host milliseconds before which nothing more is to be read; in the past when nothing holds it back. */
  get restUntil(): number {
    return this.#restUntil;
  }
}
