/**
 * What all commands are made with: examples in every help, the action wrapper that hands over the run and takes the
 * exit code, checks of words. Commands declare themselves with commander; the tree they form is also what completions
 * are generated from (see completion/).
 */
import { isIP } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import { RouteDistinguisher } from '../net/route-distinguisher.ts';
import { CliError, ExitCode } from './exit-codes.ts';
import type { Run } from './run.ts';
import { validWords } from './suggest.ts';

/** Makes commander actions out of handlers that are given the run. */
export interface Actions {
  /** `Arguments` are those commander passes: the positional ones, the options, the command. */
  act<Arguments extends readonly unknown[]>(
    handler: (run: Run, ...args: Arguments) => Promise<ExitCode | undefined>,
  ): (...args: Arguments) => Promise<void>;
}

/** The hidden command that completion scripts ask: addresses of all peers, a line each. */
export const peerAddressesCommand = '__peers';

/** The same for the names of all tenants. */
export const tenantNamesCommand = '__tenants';

export interface Example {
  /** Without the leading `helioctl`, unless it begins otherwise: `source <(helioctl …)`. */
  readonly line: string;
  readonly what: string;
}

export function withExamples(command: Command, examples: readonly Example[]): Command {
  const full = examples.map(({ line }) => (line.startsWith('source ') ? line : `helioctl ${line}`));
  const width = Math.max(...full.map((line) => line.length));
  const lines = full.map((line, i) => `  ${line.padEnd(width)}  # ${examples[i].what}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** Names of the subcommands a person may type. */
export function subcommandNames(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => sub.name())
    .filter((name) => name !== 'help');
}

/** A word in the place of a subcommand that is none. */
export function unknownWord(command: Command, word: string): CliError {
  const path = commandPath(command);
  return new CliError(ExitCode.usage, `unknown word '${word}' after '${path}'`, [
    ...validWords(word, subcommandNames(command)),
    `see ${path} --help`,
  ]);
}

/** `helioctl peers reset`. */
export function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name();
}

/** A group that does nothing by itself: no word is a question for its help, a wrong word gets the right ones. */
export function asGroup(command: Command): Command {
  return command.on('command:*', (operands: readonly string[]) => {
    throw unknownWord(command, operands[0]);
  });
}

export function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It is not an IP address.');
  return text;
}

/** NAME or NAME/SLOT. */
export function parseTenant(text: string): string {
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(text)) throw new InvalidArgumentError('Write NAME or NAME/SLOT.');
  return text;
}

export function parseCount(text: string): number {
  if (!/^[0-9]{1,10}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

/** ADDRESS/LENGTH; the daemon judges host bits and lengths. */
export function parsePrefix(text: string): string {
  const [address, length, ...more] = text.split('/');
  if (isIP(address) === 0 || more.length > 0 || !/^[0-9]{1,3}$/.test(length ?? '')) {
    throw new InvalidArgumentError('A prefix is ADDRESS/LENGTH, for example 203.0.113.0/24.');
  }
  return text;
}

/** The distinguisher before a prefix, if there is one; whatever is an address or prefix by itself has none. */
export function splitDistinguisher(text: string): { readonly rd?: string; readonly prefix: string } {
  if (isIP(text.split('/')[0]) !== 0) return { prefix: text };
  const [, rd, prefix] = /^(0x[0-9a-fA-F]{16}|[^:]+:[^:]+):(.+)$/.exec(text) ?? [];
  return rd !== undefined && RouteDistinguisher.parse(rd) !== undefined ? { rd, prefix } : { prefix: text };
}

/** As `parsePrefix`, of a VPN too. */
export function parseDestination(text: string): string {
  parsePrefix(splitDistinguisher(text).prefix);
  return text;
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, '': 1000 };

/** `10`, `10s`, `500ms`, `2m` as milliseconds; a bare number is seconds. */
export function parseDuration(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|)$/.exec(text);
  const milliseconds = match ? Number(match[1]) * durationUnits[match[2]] : 0;
  if (milliseconds <= 0 || milliseconds > 0x7fffffff) {
    throw new InvalidArgumentError('A duration is a number with ms, s or m, for example 10s.');
  }
  return milliseconds;
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
