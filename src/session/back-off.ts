/**
 * Idle hold with back-off: how long a peer rests in Idle after a session ended (RFC 4271 §8.1.1,
 * DampPeerOscillations). Owns the count of failures in a row, not the timer.
 */

/** What the wait depends on. Seconds. */
export interface BackOffSettings {
  readonly idleHoldSeconds: number;
  readonly idleHoldMaxSeconds: number;
}

export class BackOff {
  #failures = 0;

  /** A session has ended that was up this long: a stable one wipes the slate. Milliseconds. */
  sessionEnded(upMs: number, settings: BackOffSettings): void {
    if (upMs >= settings.idleHoldMaxSeconds * 1_000) this.#failures = 0;
  }

  /** Milliseconds in Idle after an error; each in a row doubles it. */
  afterError(settings: BackOffSettings): number {
    return this.#delay(this.#failures++, settings);
  }

  /**
   * Milliseconds in Idle after an Established connection was lost without an error of ours or the peer's.
   * The first time it is none: the peer has probably restarted, and Idle would refuse its new connection.
   */
  afterLoss(settings: BackOffSettings): number {
    const failures = this.#failures++;
    return failures === 0 ? 0 : this.#delay(failures - 1, settings);
  }

  /** The same wait as an error would give now, without counting one. */
  uncounted(settings: BackOffSettings): number {
    return this.#delay(this.#failures, settings);
  }

  reset(): void {
    this.#failures = 0;
  }

  #delay(failures: number, settings: BackOffSettings): number {
    const seconds = Math.min(
      settings.idleHoldSeconds * 2 ** Math.min(failures, 30),
      settings.idleHoldMaxSeconds,
    );
    // A wait of 0 after an error would be a busy loop with a peer that refuses us at once.
    return Math.max(seconds, 1) * 1_000;
  }
}
