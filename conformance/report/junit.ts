// JUnit files through tap-junit, one per RFC, so that class names tell the standard.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CaseResult, RunReport } from '../engine/result.ts';
import { tap } from './tap.ts';

/** Path of the tap-junit executable, or undefined when the package is not installed. */
function tapJunit(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('tap-junit/package.json');
    return join(dirname(manifest), 'bin', 'tap-junit');
  } catch {
    return undefined;
  }
}

export function byRfc(results: readonly CaseResult[]): ReadonlyMap<string, readonly CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const group = groups.get(result.rfc);
    if (group === undefined) groups.set(result.rfc, [result]);
    else group.push(result);
  }
  return groups;
}

/** Writes `<target>-rfc<number>.xml` files; throws when tap-junit is not there. */
export async function writeJunit(report: RunReport, directory: string): Promise<void> {
  const command = tapJunit();
  if (command === undefined) throw new Error('--junit needs the package tap-junit (npm ci installs it)');
  mkdirSync(directory, { recursive: true });
  const target = `${report.target} ${report.version}`;
  for (const [rfc, results] of byRfc(report.results)) {
    const suite = rfc === 'robustness' ? rfc : `rfc${rfc}`;
    await convert(command, tap(results, target), directory, suite, `${report.target}-${suite}.xml`);
  }
}

function convert(
  command: string,
  document: string,
  directory: string,
  suite: string,
  file: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [command, '-o', directory, '-c', suite, '-n', file];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', reject);
    // Its exit code and its standard error only repeat that a case failed; the file is what counts.
    child.on('exit', () =>
      existsSync(join(directory, file)) ? resolve() : reject(new Error(`tap-junit wrote no ${file}`)),
    );
    child.stdin.end(document);
  });
}
