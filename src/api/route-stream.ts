/**
 * Walks of a RIB for the API: in slices of a few milliseconds with the event loop let through in between, never
 * holding more routes than one step gives: objects that are let go of soon cost a collector nothing.
 */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { RouteView } from '../speaker/views.ts';

/** Whatever is walked in slices. */
interface Cursor<T> {
  next(budget: number): readonly T[] | undefined;
}

export interface RoutesPage<T = RouteView> {
  readonly routes: readonly T[];
  /** There are more than `limit`: ask for `application/x-ndjson` to get them all. */
  readonly truncated: boolean;
}

/** Table entries looked at in one step; the clock is read after each. */
const stepEntries = 64;

/** A slice ends after so long: sessions and other requests have their turn. */
const sliceMilliseconds = 4;

/** Or when it has found so many routes, which takes a quarter of a millisecond: a single prefix beside it waits no longer. */
const sliceRoutes = 64;

/** Text is handed on in pieces of about this length. */
const pieceCharacters = 16 * 1024;

/** At most `limit` routes, with whether there were more. */
export async function collectRoutes<T>(cursor: Cursor<T>, limit: number): Promise<RoutesPage<T>> {
  const routes: T[] = [];
  for await (const step of steps(cursor)) {
    routes.push(...step.slice(0, limit + 1 - routes.length));
    if (routes.length > limit) return { routes: routes.slice(0, limit), truncated: true };
  }
  return { routes, truncated: false };
}

/** A route a line, as fast as the reader takes them. `limit` undefined: all of them. */
export function streamRoutes<T>(cursor: Cursor<T>, limit: number | undefined): Readable {
  return Readable.from(pieces(new Lines(cursor, limit ?? Number.POSITIVE_INFINITY)), { highWaterMark: 1 });
}

/** While the reader lets us wait there is text and nothing else: a collector that comes by keeps what it finds. */
async function* pieces<T>(lines: Lines<T>): AsyncGenerator<string> {
  while (!lines.ended) {
    const slice = new Slice();
    do {
      const text = lines.piece(slice);
      if (text !== '') yield text;
    } while (!lines.ended && !slice.isOver);
    await setImmediate();
  }
}

/** Routes as text. */
class Lines<T> {
  ended = false;
  readonly #cursor: Cursor<T>;
  #left: number;

  constructor(cursor: Cursor<T>, limit: number) {
    this.#cursor = cursor;
    this.#left = limit;
  }

  /** What the slice has time for, at most about `pieceCharacters`. */
  piece(slice: Slice): string {
    let text = '';
    do {
      const routes = this.#cursor.next(stepEntries);
      if (routes) slice.found(routes.length);
      for (const route of routes ?? []) if (this.#left-- > 0) text += `${JSON.stringify(route)}\n`;
      this.ended = !routes || this.#left <= 0;
    } while (!this.ended && text.length < pieceCharacters && !slice.isOver);
    return text;
  }
}

/** What each step found. */
async function* steps<T>(cursor: Cursor<T>): AsyncGenerator<readonly T[]> {
  for (;;) {
    const slice = new Slice();
    do {
      const routes = cursor.next(stepEntries);
      if (!routes) return;
      slice.found(routes.length);
      if (routes.length > 0) yield routes;
    } while (!slice.isOver);
    await setImmediate();
  }
}

/** Our time between two polls. */
class Slice {
  readonly #endsAt = performance.now() + sliceMilliseconds;
  #found = 0;

  found(routes: number): void {
    this.#found += routes;
  }

  get isOver(): boolean {
    return this.#found >= sliceRoutes || performance.now() >= this.#endsAt;
  }
}
