/**
 * The most routes an instance holds, of all its peers together: what comes above is dropped, the sessions stay, and it
 * is told once. What was dropped comes back with a soft reset in, as above a limit of one peer. Own routes count, since
 * they take the same memory, but are never dropped.
 */
import type { FamilyState } from './family-state.ts';

/** Told again only after it was below this part of the limit. */
const calmPart = 0.9;

export class RouteLimit {
  onReached: (limit: number, count: number) => void = () => {};
  #most = Number.POSITIVE_INFINITY;
  #reached = false;

  /** `undefined` is no limit. What is held already stays. */
  set(most: number | undefined): void {
    this.#most = most ?? Number.POSITIVE_INFINITY;
    this.#reached = false;
  }

  get isSet(): boolean {
    return this.#most !== Number.POSITIVE_INFINITY;
  }

  /** May one more route be stored? */
  admits(families: Iterable<Pick<FamilyState, 'rib'>>): boolean {
    let held = 0;
    for (const { rib } of families) held += rib.routeCount;
    if (held < this.#most * calmPart) this.#reached = false;
    if (held < this.#most) return true;
    if (!this.#reached) {
      this.#reached = true;
      this.onReached(this.#most, held);
    }
    return false;
  }
}
