/**
 * Lets the first few of many equal things through and counts the rest, so that one bad peer cannot flood the log.
 * Windows are fixed and per key; memory is bounded however many keys come.
 */

interface Window {
  endsAt: number;
  passed: number;
  suppressed: number;
}

export interface RepeatLimits {
  readonly perWindow: number;
  readonly windowMilliseconds: number;
  /** With more keys than this at a time, the further ones share one window. */
  readonly maxKeys: number;
}

const sharedKey = '';

export class RepeatLimiter {
  readonly #limits: RepeatLimits;
  readonly #windows = new Map<string, Window>();

  constructor(limits: RepeatLimits) {
    this.#limits = limits;
  }

  /** How many of this key were held back before this one; `undefined`: hold back this one too. */
  pass(key: string, now: number): number | undefined {
    const window = this.#windowOf(key, now);
    if (window.passed >= this.#limits.perWindow) {
      window.suppressed++;
      return undefined;
    }
    const { suppressed } = window;
    window.suppressed = 0;
    window.passed++;
    return suppressed;
  }

  #windowOf(key: string, now: number): Window {
    const known = this.#windows.get(key);
    if (!known) return this.#newWindow(key, now);
    if (known.endsAt <= now) {
      known.endsAt = now + this.#limits.windowMilliseconds;
      known.passed = 0;
    }
    return known;
  }

  #newWindow(key: string, now: number): Window {
    if (this.#windows.size >= this.#limits.maxKeys) this.#forgetEnded(now);
    if (this.#windows.size >= this.#limits.maxKeys && key !== sharedKey)
      return this.#windowOf(sharedKey, now);
    const window = { endsAt: now + this.#limits.windowMilliseconds, passed: 0, suppressed: 0 };
    this.#windows.set(key, window);
    return window;
  }

  #forgetEnded(now: number): void {
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
  }
}
