/**
 * Waiting for another program, bounded: the one place where tests and the demo wait. A probe that throws has not
 * succeeded yet; at the deadline its last error is the answer, so that a failure says what was seen instead.
 */
import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Milliseconds until it is a failure. */
  readonly within?: number;
  /** Milliseconds between two probes. */
  readonly every?: number;
}

/** Probes until it returns something other than `undefined` and `false`, and returns that. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { within = 30_000, every = 100 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) break;
    await pause(every);
  }
  const seen = last instanceof Error ? `\n${last.message}` : '';
  throw new Error(`not within ${within / 1000} s: ${what}${seen}`);
}

/** Throws with `what` unless it holds: for probes. */
export function insist(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
