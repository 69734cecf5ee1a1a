// What the cases about origin validation share: payloads that the target has taken, and the state that it gave a route.
//
// A policy makes the state visible as a community (profile Prov). A target may still be reading what the cache told it,
// so a control route, whose payload is told last, must be valid first.

import type { Bench } from '../../engine/bench.ts';
import type { Peer } from '../../engine/peer.ts';
import { hexOf, type RouteSpec } from '../../engine/routes.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import * as pa from '../../wire/attributes.ts';
import type { Payload } from '../../wire/rtr.ts';

export type State = 'valid' | 'not-found' | 'invalid';

const states: readonly State[] = ['valid', 'not-found', 'invalid'];

/** The state that the policy of Prov wrote on a route: communities 65000:1, :2, :3. */
export function stateOf(observer: Peer, prefix: string): State | undefined {
  const route = observer.route(prefix);
  const text = route === undefined ? undefined : hexOf(route, pa.COMMUNITIES);
  return states.find((_, i) => text?.includes(`fde8000${i + 1}`));
}

/** Waits until the target has asked the cache. */
export async function asked(t: Bench): Promise<void> {
  const connected = await t.cache.until(() => (t.cache.queries.length > 0 ? true : undefined), 15_000);
  if (connected === undefined) throw new Inconclusive('the target did not ask the cache');
}

const TRIES = 40;
const BETWEEN_MS = 250;

/** Tells the target of the payloads and waits until a control route, whose payload came after them, is valid. */
export async function taken(t: Bench, from: Peer, observer: Peer, payloads: readonly Payload[]) {
  await asked(t);
  const px = t.prefix();
  t.cache.add(...payloads, { prefix: px, maxLength: 24, asn: 65001 });
  for (let i = 0; i < TRIES; i++) {
    // Announced anew each time: not every target looks again by itself, and that is another row.
    from.announce(px, { path: [65001], med: i });
    if ((await observer.until(() => isValid(observer, px), BETWEEN_MS)) === true) return;
  }
  throw new Inconclusive(`control: ${px} was not valid (${observer.describe(px)})`);
}

/** By the mark of Prov, or by that of Provext (RFC 8097 §2). */
function isValid(observer: Peer, prefix: string): true | undefined {
  const route = observer.route(prefix);
  const extended = route === undefined ? undefined : hexOf(route, pa.EXTENDED_COMMUNITIES);
  const is = stateOf(observer, prefix) === 'valid' || extended?.includes('4300000000000000');
  return is ? true : undefined;
}

/** Waits until the observer has the route in that state, or fails with the state that it has. */
export async function becomes(t: Bench, observer: Peer, prefix: string, wanted: State): Promise<void> {
  const seen = await observer.until(() => (stateOf(observer, prefix) === wanted ? true : undefined));
  t.must(
    seen,
    `${prefix} is ${wanted}`,
    `${stateOf(observer, prefix) ?? 'no state'}: ${observer.describe(prefix)}`,
  );
}

/** A route of e1 under payloads, and the state it gets. */
export async function judged(
  t: Bench,
  wanted: State,
  spec: RouteSpec,
  payloads: (px: string) => readonly Payload[],
): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  const px = t.prefix();
  await taken(t, e1, n1, payloads(px));
  e1.announce(px, spec);
  await becomes(t, n1, px, wanted);
}
