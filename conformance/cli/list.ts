// `list` and `show`: what the suite has, counted in catalogue rows.

import { parseArgs } from 'node:util';
import { allCases } from '../cases/index.ts';
import { catalogue, sectionTitles } from '../catalogue/index.ts';
import { type Case, executionsOf, rfcOf } from '../engine/case.ts';
import { invariants } from '../engine/invariants.ts';
import { matches } from '../engine/known.ts';
import { profiles } from '../engine/profile.ts';
import { requirements, requirementsMarkdown } from '../requirements/index.ts';
import { numberOf } from './select.ts';

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

const listOptions = {
  requirements: { type: 'boolean', default: false },
  rows: { type: 'boolean', default: false },
  missing: { type: 'boolean', default: false },
  rfc: { type: 'string', multiple: true },
} as const;

export function listCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: listOptions, strict: true });
  const { requirements: asked, rows, missing, rfc } = values;
  if (asked) process.stdout.write(requirementsMarkdown());
  else if (rows || missing || rfc !== undefined) process.stdout.write(rowLines(rfc, missing));
  else process.stdout.write(coverage());
  return Promise.resolve(0);
}

/** The rows of the catalogue by name, one a line. */
function rowLines(rfcs: readonly string[] | undefined, missing: boolean): string {
  const built = builtRows();
  const wanted = rfcs?.map(numberOf);
  const lines = catalogue
    .filter(({ id }) => (wanted?.includes(rfcOf(id)) ?? true) && !(missing && built.has(id)))
    .map(({ id }) => {
      const { level, title } = facts(id);
      return `${id.padEnd(20)} ${level.padEnd(6)} ${built.has(id) ? '' : 'not built: '}${title}\n`;
    });
  if (lines.length === 0 && wanted !== undefined && !missing)
    throw new Error(`the catalogue has no row of RFC ${wanted.join(', ')}`);
  return lines.join('');
}

const levelWords: Readonly<Record<string, string>> = {
  M: 'MUST',
  S: 'SHOULD',
  Y: 'MAY',
  D: 'RECORD',
  Z: 'ROBUST',
};

/** The words of the case where there is one, of the catalogue otherwise. */
function facts(id: string): { readonly level: string; readonly title: string } {
  const row = catalogue.find((one) => one.id === id);
  const case_ = allCases.find((one) => one.id === id) ?? invariants.find((one) => one.id === id);
  return case_ ?? { level: levelWords[row?.level ?? ''] ?? '', title: row?.stimulus ?? '' };
}

function coverage(): string {
  const built = builtRows();
  const bySection = groupBy((row) => `${row.section} ${sectionTitles[row.section] ?? ''}`);
  const sections = new Map([...bySection].sort((a, b) => a[0].localeCompare(b[0], 'en', { numeric: true })));
  const rfcs = groupBy((row) => (rfcOf(row.id) === 'robustness' ? 'robustness' : `RFC ${rfcOf(row.id)}`));
  const count = catalogue.filter((row) => built.has(row.id)).length;
  const executions = allCases.reduce((sum, one) => sum + executionsOf(one).length, 0) + invariants.length;
  return [
    table('Rows built, per section of the catalogue', sections, built),
    table('Rows built, per standard', rfcs, built),
    `${count} of ${catalogue.length} rows built, ${executions} executions\n`,
  ].join('');
}

function describe(one: Case): string {
  const lines = [
    `${one.id} (${one.level})${one.slow === true ? ', slow' : ''}`,
    `  sends      ${one.title}`,
    `  expects    ${one.expected}`,
    `  profile    ${one.profile ?? 'P0'}: ${profiles[one.profile ?? 'P0'].prose}`,
    ...(one.needs === undefined ? [] : [`  needs      ${one.needs.join(', ')}`]),
    `  executions ${executionsOf(one)
      .map((execution) => execution.name)
      .join(' ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What the standards ask that a row looks at. */
const asks = (id: string): string =>
  requirements
    .filter(({ cases }) => cases.some((glob) => matches(glob, id)))
    .map(({ rfc, section, level, text }) => `  asks       RFC ${rfc} §${section}, ${level}: ${text}\n`)
    .join('');

function describeRow(id: string): string {
  const invariant = invariants.find((one) => one.id === id);
  if (invariant !== undefined)
    return `${id} (${invariant.level}), judged on every message of every case\n  ${invariant.title}\n${asks(id)}`;
  const found = allCases.filter((one) => one.id === id);
  if (found.length > 0) return found.map(describe).join('') + asks(id);
  const row = catalogue.find((one) => one.id === id);
  return `${id} (${facts(id).level}), not built\n  sends      ${row?.stimulus}\n  expects    ${row?.expected}\n`;
}

export function showCommand(args: readonly string[]): Promise<number> {
  if (args.length === 0)
    throw new Error("the id of a row is wanted: show RFC4271-6.1-01, or show 'RFC4456-8-*'");
  for (const pattern of args) {
    // The name of an execution is as good as that of its row.
    const ids = catalogue.filter(({ id }) => matches(pattern.replace(/\/.*/, ''), id)).map(({ id }) => id);
    if (ids.length === 0) throw new Error(`no row ${pattern}; "helio-conformance list --rows" names them`);
    process.stdout.write([...new Set(ids)].map(describeRow).join('\n'));
  }
  return Promise.resolve(0);
}
