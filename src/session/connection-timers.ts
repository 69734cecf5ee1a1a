/**
 * The timers of one connection as plain numbers: host milliseconds at which they fire, `never` when stopped.
 * Owns the lazily re-armed hold timer: a life sign is one assignment, the deadline is put right only when it
 * is reached. Fires nothing itself (RFC 4271 §8.1.3, §10; RFC 9687 §3).
 */
import type { Negotiated } from './contract.ts';
import { busyGraceMs, busyRecheckMs, keepaliveDelay, largeHoldMs, never } from './timers.ts';

export type ConnectionTimer = 'delayOpen' | 'hold' | 'keepalive' | 'sendHold' | 'collision';

export class ConnectionTimers {
  readonly #at: Record<ConnectionTimer, number> = {
    delayOpen: never,
    hold: never,
    keepalive: never,
    sendHold: never,
    collision: never,
  };
  /** 0: no hold timer. */
  #holdMs = 0;
  #lastHeard = 0;
  /** The end of the extra time given because the host was busy. */
  #graceUntil = never;

  /** A life sign: KEEPALIVE or UPDATE (RFC 4271 §6.5). */
  touch(now: number): undefined {
    this.#lastHeard = now;
  }

  arm(timer: Exclude<ConnectionTimer, 'hold'>, at: number): void {
    this.#at[timer] = at;
  }

  /** Unless it runs already. */
  armOnce(timer: Exclude<ConnectionTimer, 'hold'>, at: number): void {
    if (this.#at[timer] === never) this.#at[timer] = at;
  }

  stop(timer: ConnectionTimer): undefined {
    this.#at[timer] = never;
  }

  stopAll(): void {
    for (const timer of timerNames) this.#at[timer] = never;
  }

  /** RFC 4271 §8.2.2: after our OPEN, until the peer's has come. */
  armLargeHold(now: number): void {
    this.#armHold(largeHoldMs, now);
  }

  /** RFC 4271 §8.2.2: the negotiated hold time; none and no KEEPALIVEs when it is 0. */
  armNegotiated(negotiated: Negotiated, now: number, random: () => number): void {
    this.#armHold(negotiated.holdTimeSeconds * 1_000, now);
    this.armKeepalive(negotiated.keepaliveSeconds, now, random);
  }

  armKeepalive(keepaliveSeconds: number, now: number, random: () => number): void {
    this.#at.keepalive = keepaliveSeconds === 0 ? never : now + keepaliveDelay(keepaliveSeconds, random);
  }

  /** The first timer that is due, in the order in which they are served: KEEPALIVEs before anything that ends. */
  due(now: number, hostReadLag: () => number): ConnectionTimer | undefined {
    for (const timer of timerNames) {
      if (this.#at[timer] > now) continue;
      if (timer !== 'hold' || this.#holdExpired(now, hostReadLag)) return timer;
    }
    return undefined;
  }

  nextDeadline(): number {
    const { delayOpen, hold, keepalive, sendHold, collision } = this.#at;
    return Math.min(delayOpen, hold, keepalive, sendHold, collision);
  }

  /** The armed ones, for the operator; the hold timer as it will be re-armed. */
  armed(): Readonly<Record<string, number>> {
    const hold = this.#at.hold === never ? never : Math.max(this.#at.hold, this.#lastHeard + this.#holdMs);
    const all = Object.entries({ ...this.#at, hold });
    return Object.fromEntries(all.filter(([, at]) => at !== never));
  }

  #armHold(milliseconds: number, now: number): void {
    this.#holdMs = milliseconds;
    this.#lastHeard = now;
    this.#graceUntil = never;
    this.#at.hold = milliseconds === 0 ? never : now + milliseconds;
  }

  /**
   * The hold timer fires only if the peer was silent and we would have heard it: a host that has not emptied
   * the socket since the deadline gets up to 10 s to do so, once per silence.
   */
  #holdExpired(now: number, hostReadLag: () => number): boolean {
    const deadline = this.#lastHeard + this.#holdMs;
    if (now < deadline) {
      this.#at.hold = deadline;
      this.#graceUntil = never;
      return false;
    }
    if (now - hostReadLag() >= deadline || now >= this.#graceUntil) return true;
    if (this.#graceUntil === never) this.#graceUntil = now + busyGraceMs;
    this.#at.hold = Math.min(this.#graceUntil, now + busyRecheckMs);
    return false;
  }
}

const timerNames: readonly ConnectionTimer[] = ['keepalive', 'delayOpen', 'hold', 'sendHold', 'collision'];
