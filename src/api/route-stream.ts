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
  return Readable.from(lines(cursor, limit ?? Number.POSITIVE_INFINITY), { highWaterMark: 1 });
}

async function* lines<T>(cursor: Cursor<T>, limit: number): AsyncGenerator<string> {
  let left = limit;
  let text = '';
  for await (const step of steps(cursor)) {
    for (const route of step) if (left-- > 0) text += `${JSON.stringify(route)}\n`;
    if (left <= 0) break;
    if (text === '' || (step.length > 0 && text.length < pieceCharacters)) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** What each step found; an empty one where a slice ends, for what was found so far to be shown. */
async function* steps<T>(cursor: Cursor<T>): AsyncGenerator<readonly T[]> {
  for (;;) {
    const endsAt = performance.now() + sliceMilliseconds;
    let found = 0;
    do {
      const routes = cursor.next(stepEntries);
      if (!routes) return;
      found += routes.length;
      if (routes.length > 0) yield routes;
    } while (found < sliceRoutes && performance.now() < endsAt);
    yield [];
    await setImmediate();
  }
}
