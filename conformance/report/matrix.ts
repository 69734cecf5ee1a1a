// The matrix: one row per catalogue row, one column per target, in Markdown and HTML.
//
// A cell is the worst verdict of the row's executions. A crash of a published version is shown as `crash` with nothing
// but the row's id and level, as the suite's rule for unreported crashes asks.

import { catalogue } from '../catalogue/index.ts';
import type { CaseResult, RunReport } from '../engine/result.ts';
import type { Verdict } from '../engine/verdict.ts';
import { byRfc } from './junit.ts';

const worstFirst: readonly Verdict[] = [
  'crash',
  'error',
  'fail',
  'xpass',
  'inconclusive',
  'xfail',
  'pass',
  'skip-unsupported',
  'skip-unconfigurable',
];

export interface MatrixCell {
  readonly verdict: Verdict;
  readonly good: number;
  readonly played: number;
}

export function cellOf(results: readonly CaseResult[]): MatrixCell | undefined {
  const verdict = worstFirst.find((candidate) => results.some((r) => r.verdict === candidate));
  if (verdict === undefined) return undefined;
  const played = results.filter((r) => !r.verdict.startsWith('skip'));
  return { verdict, good: played.filter((r) => r.verdict === 'pass').length, played: played.length };
}

const words: Readonly<Record<Verdict, string>> = {
  crash: 'crash',
  error: 'error',
  fail: 'fail',
  xpass: 'xpass',
  inconclusive: '?',
  xfail: 'known',
  pass: 'pass',
  'skip-unsupported': 'n/a',
  'skip-unconfigurable': 'n/c',
};

function cellText(cell: MatrixCell | undefined): string {
  if (cell === undefined) return '';
  const partly = cell.played > 1 && cell.good > 0 && cell.good < cell.played;
  return partly ? `${words[cell.verdict]} (${cell.good}/${cell.played})` : words[cell.verdict];
}

interface MatrixRow {
  readonly id: string;
  readonly level: string;
  readonly title: string;
  readonly cells: readonly string[];
}

const places = new Map(catalogue.map(({ id }, place) => [id, place]));
/** In the order of the catalogue, whatever was played first. */
const placeOf = (row: string): number => places.get(row) ?? places.size;

function rowsOf(reports: readonly RunReport[], rfc: string): MatrixRow[] {
  const first = new Map<string, CaseResult>();
  for (const report of reports)
    for (const result of byRfc(report.results).get(rfc) ?? [])
      if (!first.has(result.row)) first.set(result.row, result);
  const sorted = [...first.values()].sort((a, b) => placeOf(a.row) - placeOf(b.row));
  return sorted.map(({ row, level, title }) => {
    const cells = reports.map((report) => cellText(cellOf(report.results.filter((r) => r.row === row))));
    const crashed = cells.includes('crash');
    return { id: row, level, title: crashed ? '' : title, cells };
  });
}

const rfcsOf = (reports: readonly RunReport[]): string[] =>
  [...new Set(reports.flatMap((report) => [...byRfc(report.results).keys()]))].sort(
    (a, b) => Number(a) - Number(b),
  );

/** Share of MUST rows that pass, of those played. */
function score(report: RunReport): string {
  const rows = new Map<string, CaseResult[]>();
  for (const result of report.results)
    if (result.level === 'MUST') rows.set(result.row, [...(rows.get(result.row) ?? []), result]);
  const played = [...rows.values()].map(cellOf).filter((cell) => cell !== undefined && cell.played > 0);
  return `${played.filter((cell) => cell?.verdict === 'pass').length} of ${played.length}`;
}

const legend = [
  'A cell is the worst verdict of a row’s executions, and how many of them passed: `known` is a listed deviation that was seen again,',
  '`n/a` a feature the daemon does not have, `n/c` a profile its adapter cannot configure, `?` a control that failed; `fail` and `xpass`',
  'are not as listed. A row with a crash has its id and level only.',
];

/** Executions by what they came to, and when and how long each run was: a title and a cell per report each. */
function summary(reports: readonly RunReport[]): readonly (readonly string[])[] {
  const each = (title: string, words: (report: RunReport) => string) => [title, ...reports.map(words)];
  const count = (title: string, ...counted: readonly Verdict[]) =>
    each(title, ({ results }) => String(results.filter((r) => counted.includes(r.verdict)).length));
  return [
    each('MUST rows passed', score),
    count('executions: passed', 'pass'),
    count('known deviations', 'xfail'),
    count('not as listed', 'fail', 'xpass', 'inconclusive', 'error'),
    count('crashes', 'crash'),
    count('not played', 'skip-unsupported', 'skip-unconfigurable'),
    each('seconds', ({ seconds }) => String(Math.round(seconds))),
    each('day', ({ startedAt }) => startedAt.slice(0, 10)),
  ];
}

export function matrixMarkdown(reports: readonly RunReport[]): string {
  const names = reports.map((report) => `${report.target} ${report.version}`);
  const header = (start: readonly string[]) => `| ${[...start, ...names].join(' | ')} |`;
  const rule = (count: number) => `|${' --- |'.repeat(count + names.length)}`;
  const sums = summary(reports).map((cells) => `| ${cells.join(' | ')} |`);
  const scores = ['', ...legend, '', header(['']), rule(1), ...sums];
  const sections = rfcsOf(reports).flatMap((rfc) => {
    const rows = rowsOf(reports, rfc).map(
      ({ id, level, title, cells }) =>
        `| ${[id, level, title.replaceAll('|', '\\|'), ...cells].join(' | ')} |`,
    );
    const title = Number.isNaN(Number(rfc)) ? 'Robustness' : `RFC ${rfc}`;
    return ['', `## ${title}`, '', header(['row', 'level', 'stimulus']), rule(3), ...rows];
  });
  return ['# Conformance matrix', ...scores, ...sections, ''].join('\n');
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function matrixHtml(reports: readonly RunReport[]): string {
  const head = ['row', 'level', 'stimulus', ...reports.map((r) => `${r.target} ${r.version}`)];
  const body = rfcsOf(reports).flatMap((rfc) =>
    rowsOf(reports, rfc).map(({ id, level, title, cells }) => {
      const plain = [id, level, title].map((text) => `<td>${escapeHtml(text)}</td>`).join('');
      const marked = cells.map(
        (text) => `<td class="${text.split(' ')[0]?.replace(/\W/g, '')}">${escapeHtml(text)}</td>`,
      );
      return `<tr>${plain}${marked.join('')}</tr>`;
    }),
  );
  const style =
    '.fail,.crash,.error{background:#fcc}.pass{background:#cfc}td,th{padding:2px 6px;text-align:left}';
  const headings = head.map((text) => `<th>${escapeHtml(text)}</th>`).join('');
  const sums = summary(reports).map((cells) => {
    const [title = '', ...rest] = cells.map(escapeHtml);
    return `<tr><td colspan="3">${title}</td>${rest.map((text) => `<td>${text}</td>`).join('')}</tr>`;
  });
  const table = `<table><thead><tr>${headings}</tr></thead><tbody>${[...sums, ...body].join('\n')}</tbody></table>`;
  return `<!doctype html><meta charset="utf-8"><title>BGP conformance</title><style>${style}</style>\n${table}\n`;
}
