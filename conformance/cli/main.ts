// helio-conformance: the command line of the suite.

import { commands } from './commands.ts';

// The daemons the tester started end with it (targets/process.ts).
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const words = process.argv.slice(2);
const [name = 'help', ...args] = words.some((word) => word === '--help' || word === '-h') ? [] : words;
const command = commands[name];
if (command === undefined) {
  process.stderr.write(`unknown command ${name}; commands: ${Object.keys(commands).join(', ')}\n`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command(args);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(`helio-conformance ${name}: ${words}\n`);
    // Targets may still run, and would keep this process: they end with it.
    process.exit(2);
  }
}
