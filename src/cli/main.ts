/**
 * From a command line to an exit code. Every error ends here: messages go to stderr, data alone to stdout, a reader
 * that went away is no error, and what we did not foresee is code 1 with its message, never a stack trace.
 */
import { type Command, CommanderError } from 'commander';
import type { Actions } from './command.ts';
import { CliError, ExitCode } from './exit-codes.ts';
import { Output, OutputClosed } from './output.ts';
import { buildProgram } from './program.ts';
import { type GlobalOptions, Run, type Surroundings } from './run.ts';

/** `args` without the program's own two. */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const output = new Output(surroundings.stdout);
  let exitCode: ExitCode = ExitCode.ok;
  const makeActions = (options: () => GlobalOptions): Actions => ({
    act:
      (handler) =>
      async (...rest) => {
        const run = new Run(surroundings, output, options());
        exitCode = (await handler(run, ...rest)) ?? ExitCode.ok;
      },
  });
  const program = await buildProgram(surroundings, args, makeActions);
  const outputConfiguration = {
    writeOut: (text: string): void => void output.write(text),
    writeErr: (text: string): void => void surroundings.stderr.write(text),
  };
  forEachCommand(program, (command) => {
    command.configureOutput(outputConfiguration).exitOverride();
    // A group takes any word, to answer it with the valid ones, and its subcommands would inherit that.
    if (command.commands.length === 0) command.allowExcessArguments(false);
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    await output.flush();
    return exitCode;
  } catch (error) {
    return failWith(error, surroundings, output);
  }
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const sub of command.commands) forEachCommand(sub, visit);
}

async function failWith(error: unknown, surroundings: Surroundings, output: Output): Promise<ExitCode> {
  if (error instanceof OutputClosed) return ExitCode.ok;
  try {
    await output.flush();
  } catch (flushError) {
    if (flushError instanceof OutputClosed) return ExitCode.ok;
  }
  if (surroundings.signal.aborted) return ExitCode.interrupted;
  // Commander has printed its own message by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  const known = error instanceof CliError ? error : (await import('./failures.ts')).describeFailure(error);
  if (known) {
    surroundings.stderr.write(`error: ${[known.message, ...known.hints].join('\n  ')}\n`);
    return known.exitCode;
  }
  surroundings.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  return ExitCode.failure;
}
