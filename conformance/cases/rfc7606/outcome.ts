// What an UPDATE did to a route, seen from observers behind the target: the oracle of the error-handling tables.
//
// Owns the one procedure of those rows: observers up, control route there, stimulus, sentinels, then look.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { describeRoute, type SeenRoute } from '../../engine/routes.ts';
import { CaseFailure, Inconclusive } from '../../engine/verdict.ts';
import type { Family } from '../../wire/address.ts';
import type { Bytes } from '../../wire/bytes.ts';

/** `e1`, `c1`, `n1` are NEW speakers; `old` is e1 without capability 65. */
export type SenderName = 'e1' | 'c1' | 'n1' | 'old';

const observersOf: Readonly<Record<SenderName, readonly Seat[]>> = {
  e1: ['e2', 'c1'],
  old: ['e2', 'c1'],
  c1: ['e2', 'n1'],
  n1: ['e2', 'c1'],
};

export const isInternal = (name: SenderName): boolean => name === 'c1' || name === 'n1';

/**
 * `withdrawn`: no observer has the route (treat-as-withdraw). `accepted`: all have the new route. `kept`: all still
 * have the old one. `reset`: the session ended. `family`: the session is up, the family is not used any more.
 */
export type Effect = 'withdrawn' | 'accepted' | 'kept' | 'mixed' | 'reset' | 'family';

export interface Result {
  readonly effect: Effect;
  readonly sender: Peer;
  readonly seen: readonly { readonly observer: Peer; readonly route: SeenRoute | undefined }[];
  readonly prefix: string;
}

export interface Trial {
  readonly sender: SenderName;
  readonly family: Family;
  /** The route was announced, valid, before the stimulus. */
  readonly replaces: boolean;
  readonly options?: PeerOptions;
  readonly observerOptions?: PeerOptions;
  readonly stimulus: (peer: Peer, prefix: string) => Bytes | readonly Bytes[];
  /** Prefix to use instead of a fresh one. */
  readonly prefix?: string;
}

export async function play(t: Bench, trial: Trial): Promise<Result> {
  const { sender, family } = trial;
  const observers: Peer[] = [];
  for (const seat of observersOf[sender]) observers.push(await t.peer(seat, trial.observerOptions));
  const old: PeerOptions = sender === 'old' ? { as4: false } : {};
  const peer = await t.peer(sender === 'old' ? 'e1' : sender, { ...old, ...trial.options });
  const prefix = trial.prefix ?? t.prefix(family);
  // The control: the same peer's route in the same family does reach every observer.
  await t.seed(trial.replaces ? prefix : t.prefix(family), peer, observers, { path: controlPath(peer) });
  const before = observers.map((observer) => observer.route(prefix));
  peer.send(...[trial.stimulus(peer, prefix)].flat());
  const settled = await t.trySettle(peer, observers, family);
  const seen = observers.map((observer) => ({ observer, route: observer.route(prefix) }));
  const result = { sender: peer, seen, prefix };
  if (settled === 'down') return { ...result, effect: 'reset' };
  if (settled === 'silent') {
    const other = family === 'v4' ? 'v6' : 'v4';
    if ((await t.trySettle(peer, observers, other)) === 'up') return { ...result, effect: 'family' };
    throw new Inconclusive(`sentinel from ${peer.name} was not seen (${peer.state()})`);
  }
  return { ...result, effect: effectOf(seen, before) };
}

const controlPath = (peer: Peer): readonly number[] =>
  peer.facts.internal ? [64998] : [peer.facts.asn, 64998];

function effectOf(seen: Result['seen'], before: readonly (SeenRoute | undefined)[]): Effect {
  if (seen.every(({ route }) => route === undefined)) return 'withdrawn';
  if (seen.every(({ route }, i) => route !== undefined && route === before[i])) return 'kept';
  if (seen.every(({ route }, i) => route !== undefined && route !== before[i])) return 'accepted';
  return 'mixed';
}

export function describe(result: Result): string {
  if (result.effect === 'reset') return result.sender.state();
  const routes = result.seen
    .map(({ observer, route }) => `${observer.name}: ${describeRoute(route)}`)
    .join('; ');
  return `session up, route ${result.effect}: ${routes}`;
}

const words: Readonly<Record<Effect, string>> = {
  withdrawn: 'treat-as-withdraw, session up',
  accepted: 'the new route, session up',
  kept: 'the old route, session up',
  mixed: 'mixed',
  reset: 'NOTIFICATION 3 and session end',
  family: 'the family no longer used',
};

export const wordsFor = (effects: readonly Effect[]): string =>
  effects.map((effect) => words[effect]).join(', or ');

/** Fails unless the effect is one of those allowed; a reset must be by a NOTIFICATION with code 3. */
export function expectEffect(t: Bench, result: Result, allowed: readonly Effect[]): void {
  t.observe(result.effect === 'reset' ? result.sender.state() : result.effect);
  if (!allowed.includes(result.effect)) throw new CaseFailure(wordsFor(allowed), describe(result));
  if (result.effect === 'reset')
    t.check(result.sender.notification?.code === 3, 'NOTIFICATION 3/*', describe(result));
}
