/**
 * Times of the session in milliseconds, and the two rules that bend them: jitter and the host that was busy.
 * A timer is a plain number, the host time at which it fires; `never` stops it. Nothing here reads a clock.
 * RFC 4271 §10.
 */

/** A timer that is not running. */
export const never = Number.POSITIVE_INFINITY;

/** RFC 4271 §8.2.2: the "large value" of the hold timer in OpenSent, 4 minutes. */
export const largeHoldMs = 240_000;

/** How long an expired hold timer waits for a host that has not read the socket. */
export const busyGraceMs = 10_000;

/** How often it looks during that time whether the host has caught up. */
export const busyRecheckMs = 250;

/** How long a connection that collides with an Established one may wait for the peer's choice. */
export const collisionWaitMs = 1_000;

/** How long a connection whose OPEN has not come outlives the establishment of the other one. */
export const collisionLingerMs = 5_000;

/** Within this time after Established a second connection is a late collision, not a restarted peer. */
export const freshSessionMs = 5_000;

/** How long a connection from a peer that may have restarted waits for its OPEN before it replaces the old one. */
export const restartProbeMs = 1_000;

/** RFC 4271 §10: a uniform factor between 0.75 and 1. `random` is uniform in [0, 1). */
export function jitter(milliseconds: number, random: () => number): number {
  return milliseconds * (0.75 + 0.25 * random());
}

/** Time to the next KEEPALIVE. RFC 4271 §4.4: not more often than one per second. */
export function keepaliveDelay(keepaliveSeconds: number, random: () => number): number {
  return Math.max(1_000, jitter(keepaliveSeconds * 1_000, random));
}

/** Time to the next attempt to connect; a configured 0 does not become a busy loop. */
export function connectRetryDelay(connectRetrySeconds: number, random: () => number): number {
  return Math.max(1_000, jitter(connectRetrySeconds * 1_000, random));
}
