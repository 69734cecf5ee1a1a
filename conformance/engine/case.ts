// A conformance case: data about one row of the catalogue and the short body that plays it.

import type { Feature } from '../targets/target.ts';
import type { Bench } from './bench.ts';
import type { ProfileName } from './profile.ts';

/** RECORD: the standard leaves it open, so the row never fails and reports what it saw. ROBUST: no standard asks. */
export type Level = 'MUST' | 'SHOULD' | 'MAY' | 'RECORD' | 'ROBUST';

export type Body = (t: Bench) => Promise<void>;

export interface Case {
  /** `RFC<number>-<section>-<ordinal>`, as in the catalogue. */
  readonly id: string;
  readonly level: Level;
  /** What the tester does, in our own words. */
  readonly title: string;
  /** What the target must do. */
  readonly expected: string;
  readonly profile?: ProfileName;
  readonly needs?: readonly Feature[];
  /** An instance of its own, for cases that can harm others. */
  readonly isolated?: boolean;
  /** Longer than 20 s; left out of `--fast`. */
  readonly slow?: boolean;
  readonly seconds?: number;
  readonly run?: Body;
  /** Several executions of one row, by suffix. */
  readonly variants?: Readonly<Record<string, Body>>;
}

export interface Execution {
  /** `RFC7606-7.8-02/e1-v4-repl` */
  readonly name: string;
  readonly of: Case;
  readonly body: Body;
}

export function executionsOf(one: Case): readonly Execution[] {
  const variants = Object.entries(one.variants ?? {}).map(([suffix, body]) => ({
    name: `${one.id}/${suffix}`,
    of: one,
    body,
  }));
  return one.run === undefined ? variants : [{ name: one.id, of: one, body: one.run }, ...variants];
}

/** The same body for each entry of a table, as variants. */
export function each<T>(rows: Readonly<Record<string, T>>, body: (t: Bench, row: T) => Promise<void>) {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, (t: Bench) => body(t, row)]));
}

export const rfcOf = (id: string): string => /^RFC(\d+)/.exec(id)?.[1] ?? 'robustness';
