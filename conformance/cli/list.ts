// `list` and `show`: what the suite has, counted in catalogue rows.

import { allCases } from '../cases/index.ts';
import { catalogue, sectionTitles } from '../catalogue/index.ts';
import { type Case, executionsOf, rfcOf } from '../engine/case.ts';
import { invariants } from '../engine/invariants.ts';
import { requirementsMarkdown } from '../requirements/index.ts';

/** Ids of rows that the suite plays. */
export function builtRows(): ReadonlySet<string> {
  return new Set([...allCases.map((one) => one.id), ...invariants.map((one) => one.id), 'Z-INV-01']);
}

function table(
  title: string,
  groups: ReadonlyMap<string, readonly string[]>,
  built: ReadonlySet<string>,
): string {
  const lines = [...groups].map(([name, ids]) => {
    const count = ids.filter((id) => built.has(id)).length;
    return `  ${name.padEnd(52)} ${String(count).padStart(4)} of ${String(ids.length).padStart(4)}`;
  });
  return [title, ...lines, ''].join('\n');
}

function groupBy(key: (row: (typeof catalogue)[number]) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of catalogue) groups.set(key(row), [...(groups.get(key(row)) ?? []), row.id]);
  return groups;
}

export function listCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--requirements')) {
    process.stdout.write(requirementsMarkdown());
    return Promise.resolve(0);
  }
  const built = builtRows();
  const sections = groupBy((row) => `${row.section} ${sectionTitles[row.section] ?? ''}`);
  const rfcs = groupBy((row) => (rfcOf(row.id) === 'robustness' ? 'robustness' : `RFC ${rfcOf(row.id)}`));
  const count = catalogue.filter((row) => built.has(row.id)).length;
  const executions = allCases.reduce((sum, one) => sum + executionsOf(one).length, 0) + invariants.length;
  process.stdout.write(table('Rows built, per section of the catalogue', sections, built));
  process.stdout.write(table('Rows built, per standard', rfcs, built));
  process.stdout.write(`${count} of ${catalogue.length} rows built, ${executions} executions\n`);
  return Promise.resolve(0);
}

function describe(one: Case): string {
  const lines = [
    `${one.id} (${one.level})`,
    `  sends     ${one.title}`,
    `  expects   ${one.expected}`,
    `  profile   ${one.profile ?? 'P0'}`,
    ...(one.needs === undefined ? [] : [`  needs     ${one.needs.join(', ')}`]),
    `  executions ${executionsOf(one)
      .map((execution) => execution.name)
      .join(' ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

export function showCommand(args: readonly string[]): Promise<number> {
  const [id = ''] = args;
  const found = allCases.filter((one) => one.id === id);
  const invariant = invariants.find((one) => one.id === id);
  const row = catalogue.find((one) => one.id === id);
  if (found.length > 0) process.stdout.write(found.map(describe).join(''));
  else if (invariant !== undefined)
    process.stdout.write(
      `${id} (${invariant.level}), judged on every message of every case\n  ${invariant.title}\n`,
    );
  else if (row !== undefined)
    process.stdout.write(
      `${id} (${row.level}), not built\n  sends     ${row.stimulus}\n  expects   ${row.expected}\n`,
    );
  else process.stderr.write(`no row ${id}\n`);
  return Promise.resolve(found.length > 0 || row !== undefined || invariant !== undefined ? 0 : 2);
}
