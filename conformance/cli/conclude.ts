// The end of a run: its one line, its exit code, its files.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { countVerdicts, isExpected, type RunReport } from '../engine/result.ts';

export function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** 0 only if cases ran and nothing unexpected happened. */
export function conclude(report: RunReport): number {
  const counts = countVerdicts(report.results);
  const words = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`);
  process.stderr.write(
    `${report.target} ${report.version}: ${words.join(', ') || 'nothing ran'} in ${report.seconds} s\n`,
  );
  const ran = report.results.some((r) => !r.verdict.startsWith('skip'));
  return ran && report.results.every(isExpected) ? 0 : 1;
}
