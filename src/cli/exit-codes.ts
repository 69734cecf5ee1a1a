/**
 * How helioctl ends: the exit codes scripts rely on, and the error that carries one.
 * Owns no wording of its own; whoever throws says what went wrong and what to do about it.
 */

/** An empty list is `ok`; a named object that does not exist is `notFound`. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  /** Wrong command line, or an invalid configuration. */
  usage: 2,
  notFound: 3,
  unreachable: 4,
  /** `status --check`: up, but not ready. */
  notReady: 5,
  /** `config diff --exit-code`: a reload would change something. */
  differences: 6,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Ends the command with this code after `message` (and `hints`, a line each) went to stderr. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly hints: readonly string[];

  constructor(exitCode: ExitCode, message: string, hints: readonly string[] = []) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.hints = hints;
  }
}
