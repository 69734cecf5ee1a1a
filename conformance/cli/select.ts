// Which executions a run plays, and the words for a choice that leaves none.

import { allCases } from '../cases/index.ts';
import { catalogue } from '../catalogue/index.ts';
import { type Execution, executionsOf, rfcOf } from '../engine/case.ts';
import { invariants } from '../engine/invariants.ts';
import { matches } from '../engine/known.ts';

export interface Selection {
  readonly case?: readonly string[] | undefined;
  readonly rfc?: readonly string[] | undefined;
  readonly level?: readonly string[] | undefined;
  readonly fast: boolean;
  readonly slow: boolean;
}

const everything: readonly Execution[] = allCases.flatMap(executionsOf);

/** `4271` of `RFC4271`. */
export const numberOf = (rfc: string): string => rfc.replace(/^rfc\s*/i, '');

/** Of several options a case must answer to each, of several words of one option to any. */
export function select(selection: Selection): readonly Execution[] {
  const wanted = (list: readonly string[] | undefined, value: (one: string) => boolean) =>
    list === undefined || list.some(value);
  return everything.filter(
    (e) =>
      wanted(selection.case, (pattern) => matches(pattern, e.name)) &&
      wanted(selection.rfc, (rfc) => rfcOf(e.of.id) === numberOf(rfc)) &&
      wanted(selection.level, (level) => e.of.level === level.toUpperCase()) &&
      !(selection.fast && e.of.slow === true) &&
      !(selection.slow && e.of.slow !== true),
  );
}

/** Throws where a word of the choice answers to nothing, or all of them together leave nothing. */
export function chosen(selection: Selection): readonly Execution[] {
  for (const pattern of selection.case ?? [])
    if (!everything.some((e) => matches(pattern, e.name))) throw new Error(noCase(pattern));
  const rfcs = new Set(everything.map((e) => rfcOf(e.of.id)));
  for (const rfc of selection.rfc ?? [])
    if (!rfcs.has(numberOf(rfc)))
      throw new Error(`no case of RFC ${numberOf(rfc)}; there are cases of ${[...rfcs].join(', ')}`);
  const executions = select(selection);
  if (executions.length === 0) throw new Error('no case answers to all of these options together');
  return executions;
}

function noCase(pattern: string): string {
  if (invariants.some(({ id }) => id === pattern))
    return `${pattern} is judged on every message of a whole run: play it without --case`;
  if (catalogue.some(({ id }) => id === pattern))
    return `${pattern} is a row of the catalogue that is not built`;
  return `no case ${pattern}; "helio-conformance list --rows" names them, and * stands for anything`;
}
