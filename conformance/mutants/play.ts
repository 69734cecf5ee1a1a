// Plays one mutant: a copy of the build, the fault put into it, the cases of its standards, red ones against the list.
//
// Owns the copy and what is left out where not the whole folder is asked for: cases that only wait or want another
// profile, unless the mutant names them; of a large folder the sections that it does not name; of the tables of RFC 7606
// all but one sender of each kind and the fresh IPv4 route. What came out otherwise than listed is played once more alone, with
// more patience, so that a busy machine makes no mutant wrong.

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allCases } from '../cases/index.ts';
import { type Execution, executionsOf, rfcOf } from '../engine/case.ts';
import { invariants } from '../engine/invariants.ts';
import { matches } from '../engine/known.ts';
import type { CaseResult } from '../engine/result.ts';
import { run } from '../engine/run.ts';
import { heliodAt } from '../targets/heliod.ts';
import { type Mutant, mutate } from './mutant.ts';

export interface MutantResult {
  readonly mutant: Mutant;
  readonly played: number;
  readonly red: readonly string[];
  /** Named beforehand and green all the same: patterns. */
  readonly survived: readonly string[];
  /** Named, and not to be played on this machine: why. */
  readonly skipped: readonly string[];
  /** Red and not named: execution and what was seen. */
  readonly unexpected: readonly string[];
  readonly seconds: number;
}

/** Five seconds and more of waiting each. */
const waiting = ['RFC4271-6.5-*', 'RFC4271-4.4-0*', 'RFC4271-9.2.1.1-*', 'RFC4271-6.2-05', 'RFC4271-6.8-05'];

/** A folder with more executions than this is played by the sections that the mutant names. */
const SMALL_FOLDER = 100;

const everything = allCases.flatMap(executionsOf).filter(({ of }) => of.slow !== true);

const isNamed = (mutant: Mutant, name: string): boolean => mutant.red.some((glob) => matches(glob, name));

/** `RFC4271-6.1`, `RFC7606-7`: the standard and the part of it that belongs together. */
const sectionOf = (id: string): string => (/^RFC7606-\d|^RFC\d+-[^.-]+(\.\d+)?/.exec(id) ?? [id])[0];

/** The executions a mutant is played against; the whole folder of its standards if asked for. */
export function executionsFor(mutant: Mutant, scope: 'near' | 'whole'): readonly Execution[] {
  const folder = everything.filter(({ of }) => mutant.rfc.includes(rfcOf(of.id)));
  if (scope === 'whole') return folder;
  const named = folder.filter(({ name }) => isNamed(mutant, name));
  const sections = new Set([...named.map(({ of }) => sectionOf(of.id)), ...mutant.red.map(sectionOf)]);
  const oneOfEach = (name: string): boolean => !/^(RFC7606|RFC8092-6).*(-repl|-v6-|\/n\d-|\/b-)/.test(name);
  return folder.filter((execution) => {
    const { name, of } = execution;
    if (named.includes(execution))
      return oneOfEach(name) || !named.some((e) => e.of === of && oneOfEach(e.name));
    if (of.isolated === true || (of.profile ?? 'P0') !== 'P0') return false;
    if (folder.length > SMALL_FOLDER && !sections.has(sectionOf(of.id))) return false;
    return oneOfEach(name) && !waiting.some((glob) => matches(glob, name));
  });
}

/** A copy of the build below `root` with the fault in it; returns its directory. */
function copyWithFault(root: string, mutant: Mutant): string {
  const copy = mkdtempSync(join(tmpdir(), 'helio-mutant-'));
  cpSync(join(root, 'dist'), join(copy, 'dist'), {
    recursive: true,
    filter: (path) => !/dist.(conformance|tools)/.test(path) && !path.endsWith('.map'),
  });
  for (const name of ['bin', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const file = join(copy, 'dist', mutant.file);
  writeFileSync(file, mutate(readFileSync(file, 'utf8'), mutant));
  return copy;
}

const isSkipped = ({ verdict }: CaseResult): boolean => verdict.startsWith('skip');

const isRed = (result: CaseResult): boolean => result.verdict !== 'pass' && !isSkipped(result);

async function playAll(
  copy: string,
  executions: readonly Execution[],
  options: { readonly workers: number; readonly patienceMs: number; readonly withInvariants: boolean },
): Promise<readonly CaseResult[]> {
  const report = await run({
    target: heliodAt(join(copy, 'bin/heliod.js')),
    executions,
    workers: options.workers,
    patienceMs: options.patienceMs,
    seed: 1,
    workDirectory: copy,
    known: [],
    reportInvariants: options.withInvariants ? 'all' : 'broken',
    repeatCommand: (name) => name,
    keep: () => undefined,
  });
  return report.results;
}

export async function playMutant(
  root: string,
  mutant: Mutant,
  scope: 'near' | 'whole',
): Promise<MutantResult> {
  const began = performance.now();
  const copy = copyWithFault(root, mutant);
  try {
    const executions = executionsFor(mutant, scope);
    const workers = Math.min(4, 1 + Math.floor(executions.length / 50));
    const ids = new Set(invariants.map((one) => one.id).filter((id) => mutant.rfc.includes(rfcOf(id))));
    const wanted = executions.length + ids.size;
    const first = await playAll(copy, executions, { workers, patienceMs: 2_500, withInvariants: true });
    // An invariant that no message of these few cases concerned says nothing.
    const results = first.filter(
      (r) =>
        executions.some((e) => e.name === r.execution) || (ids.has(r.row) && r.verdict !== 'inconclusive'),
    );
    const wrong = results.filter((r) => isRed(r) !== isNamed(mutant, r.execution)).map((r) => r.execution);
    const again = executions.filter((e) => wrong.includes(e.name));
    const second =
      again.length === 0
        ? []
        : await playAll(copy, again, { workers: 1, patienceMs: 5_000, withInvariants: false });
    const last = results.map((r) => second.find((s) => s.execution === r.execution) ?? r);
    const red = last.filter(isRed);
    return {
      mutant,
      played: wanted,
      red: red.map((r) => r.execution),
      survived: survivors(mutant, last),
      skipped: last.filter((r) => isNamed(mutant, r.execution) && isSkipped(r)).map((r) => r.observed),
      unexpected: red
        .filter((r) => !isNamed(mutant, r.execution))
        .map((r) => `${r.execution}: ${r.verdict}: ${r.observed}`),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Named executions that passed, and names that nothing answers to. A row of level RECORD cannot fail. */
function survivors(mutant: Mutant, results: readonly CaseResult[]): string[] {
  const silent = mutant.red.filter((glob) => !results.some((r) => matches(glob, r.execution)));
  const green = results.filter(
    (r) => isNamed(mutant, r.execution) && r.level !== 'RECORD' && r.verdict === 'pass',
  );
  return [
    ...silent.map((glob) => `${glob}: nothing was played`),
    ...green.map((r) => `${r.execution}: ${r.observed}`),
  ];
}
