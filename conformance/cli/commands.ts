// The commands of helio-conformance; each returns the exit code.

import { runCommand } from './run.ts';

export const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  run: runCommand,
};
