/** Other programs' commands, run to their end, with a time limit; and where this repository lies. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves with whatever exit code it had; rejects when it could not be run or took longer than `timeoutMs`. */
export function run(file: string, args: readonly string[], timeoutMs = 30_000): Promise<CommandResult> {
  return new Promise((done, fail) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 29 } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') {
        fail(new Error(`${[file, ...args].join(' ')}: ${error.killed ? 'took too long' : error.message}`));
        return;
      }
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** The output of a command that must succeed. */
export async function output(file: string, args: readonly string[], timeoutMs?: number): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, timeoutMs);
  if (code === 0) return stdout;
  throw new Error(
    `${[file, ...args].join(' ')} ended with ${code}: ${(stderr || stdout).trim().slice(-2000)}`,
  );
}

/** The directory of the repository, also when this file runs from where it was compiled to. */
export const repository = climb(dirname(fileURLToPath(import.meta.url)));

function climb(directory: string): string {
  return existsSync(join(directory, 'package-lock.json')) ? directory : climb(dirname(directory));
}
