// `diff` and `matrix`: what changed between two runs, and several targets side by side.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RunReport } from '../engine/result.ts';
import { matrixHtml, matrixMarkdown } from '../report/matrix.ts';

function read(path: string): RunReport {
  const report = JSON.parse(readFileSync(path, 'utf8')) as RunReport;
  if (report.format !== 1) throw new Error(`${path} is no result file of this suite`);
  return report;
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

/** Exit code 1 if anything that passed before does not any more. */
export function diffCommand(args: readonly string[]): Promise<number> {
  const [oldPath, newPath] = args;
  if (oldPath === undefined || newPath === undefined) throw new Error('diff wants OLD.json NEW.json');
  const list = changes(read(oldPath), read(newPath));
  for (const { execution, from, to } of list) process.stdout.write(`${execution}: ${from} -> ${to}\n`);
  process.stdout.write(`${list.length} verdicts changed\n`);
  return Promise.resolve(list.some(({ from }) => from === 'pass') ? 1 : 0);
}

export function matrixCommand(args: readonly string[]): Promise<number> {
  const options = { html: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (positionals.length === 0) throw new Error('matrix wants result files (run --json FILE)');
  const reports = positionals.map(read);
  process.stdout.write(matrixMarkdown(reports));
  if (values.html !== undefined) writeFileSync(values.html, matrixHtml(reports));
  return Promise.resolve(0);
}
