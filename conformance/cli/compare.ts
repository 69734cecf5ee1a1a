// `diff` and `matrix`: what changed between two runs, and several targets side by side.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RunReport } from '../engine/result.ts';
import { matrixHtml, matrixMarkdown } from '../report/matrix.ts';

/** A result file; throws with a sentence on anything else. */
function read(path: string): RunReport {
  const report = resultFile(path);
  if (report?.format !== 1 || !Array.isArray(report.results))
    throw new Error(`${path} is no result file of this suite (run --json FILE writes one)`);
  return report;
}

function resultFile(path: string): RunReport | undefined {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunReport;
  } catch {
    return undefined;
  }
}

export interface Change {
  readonly execution: string;
  readonly from: string;
  readonly to: string;
}

export function changes(old: RunReport, now: RunReport): readonly Change[] {
  const before = new Map(old.results.map((r) => [r.execution, r.verdict]));
  const after = new Map(now.results.map((r) => [r.execution, r.verdict]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((execution) => {
      return { execution, from: before.get(execution) ?? 'absent', to: after.get(execution) ?? 'absent' };
    })
    .filter(({ from, to }) => from !== to);
}

export interface Sight {
  readonly execution: string;
  /** Statements that only one of the two has. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Where the standards leave it open and the two did it differently. */
export function sights(old: RunReport, now: RunReport): readonly Sight[] {
  const before = new Map(old.results.map((r) => [r.execution, r]));
  return now.results.flatMap(({ execution, level, verdict, observed }) => {
    const known = before.get(execution);
    if (level !== 'RECORD' || known?.verdict !== 'pass' || verdict !== 'pass') return [];
    const [was, is] = [known.observed.split('; '), observed.split('; ')];
    const from = was.filter((words) => !is.includes(words));
    const to = is.filter((words) => !was.includes(words));
    return from.length + to.length === 0 ? [] : [{ execution, from, to }];
  });
}

/** Exit code 1 if anything that passed before does not any more. */
export function diffCommand(args: readonly string[]): Promise<number> {
  const [oldPath, newPath, more] = args;
  if (oldPath === undefined || newPath === undefined || more !== undefined)
    throw new Error('two result files are wanted: diff OLD.json NEW.json');
  const [old, now] = [read(oldPath), read(newPath)];
  const list = changes(old, now);
  for (const { execution, from, to } of list) process.stdout.write(`${execution}: ${from} -> ${to}\n`);
  process.stdout.write(`${list.length} verdicts changed\n`);
  const seen = sights(old, now);
  if (seen.length > 0) process.stdout.write('\nLeft open by the standards, and done differently:\n');
  for (const { execution, from, to } of seen) {
    process.stdout.write(`${execution}\n`);
    const lines = [
      ...from.map((words) => ({ sign: '-', words })),
      ...to.map((words) => ({ sign: '+', words })),
    ];
    // What two say of the same thing stands together.
    lines.sort((a, b) => a.words.localeCompare(b.words));
    for (const { sign, words } of lines) process.stdout.write(`  ${sign} ${words}\n`);
  }
  return Promise.resolve(list.some(({ from }) => from === 'pass') ? 1 : 0);
}

export function matrixCommand(args: readonly string[]): Promise<number> {
  const options = { html: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (positionals.length === 0)
    throw new Error('result files are wanted: matrix FILE.json... (run --json FILE writes one)');
  const reports = positionals.map(read);
  process.stdout.write(matrixMarkdown(reports));
  if (values.html !== undefined) writeFileSync(values.html, matrixHtml(reports));
  return Promise.resolve(0);
}
