/**
 * The command tree as completions need it, read off the commander tree, so that a new option completes by itself.
 * What stands for an argument says how it completes: `<address>` is a peer's, `<tenant>` a tenant, `<file>` and `<path>` are files.
 */
import type { Argument, Command, Option } from 'commander';
import { peerAddressesCommand, tenantNamesCommand } from '../command.ts';

export type Values =
  | { readonly type: 'none' }
  | { readonly type: 'words'; readonly words: readonly string[] }
  /** Asked of the daemon. */
  | { readonly type: 'peers' | 'tenants' }
  | { readonly type: 'files' };

export interface OptionNode {
  /** `-o` and `--output`, what there is. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** `undefined`: the option takes no value. */
  readonly values: Values | undefined;
}

export interface CommandNode {
  /** `['peers', 'reset']`; empty for the root. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly subcommands: readonly CommandNode[];
  readonly options: readonly OptionNode[];
  readonly arguments: readonly Values[];
}

/** What is asked of the daemon, by the hidden command that answers it. */
export const questions = { peers: peerAddressesCommand, tenants: tenantNamesCommand } as const;

/** A node for every visible command, parents before children. */
export function flattenTree(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.subcommands.flatMap(flattenTree)];
}

/** Flags that swallow the next word. A flag means the same in every command that has it. */
export function valueFlags(nodes: readonly CommandNode[]): readonly string[] {
  const options = nodes.flatMap((node) => node.options.filter(({ values }) => values !== undefined));
  return [...new Set(options.flatMap(({ flags }) => flags))];
}

/** Flags of the command and the global ones. */
export function allFlags(root: CommandNode, node: CommandNode): readonly string[] {
  return [...new Set([...node.options, ...root.options].flatMap(({ flags }) => flags))];
}

export function completionTree(command: Command, path: readonly string[] = []): CommandNode {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((sub) => sub.name() !== 'help');
  return {
    path,
    summary: command.description(),
    subcommands: subcommands.map((sub) => completionTree(sub, [...path, sub.name()])),
    options: help.visibleOptions(command).map(optionNode),
    arguments: command.registeredArguments.map(argumentValues),
  };
}

function optionNode(option: Option): OptionNode {
  const takesValue = option.required || option.optional;
  const placeholder = /[<[]([a-z]+)/.exec(option.flags)?.[1] ?? '';
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    summary: option.description,
    values: takesValue ? valuesOf(placeholder, option.argChoices) : undefined,
  };
}

function argumentValues(argument: Argument): Values {
  return valuesOf(argument.name(), argument.argChoices);
}

function valuesOf(placeholder: string, choices: readonly string[] | undefined): Values {
  if (choices) return { type: 'words', words: choices };
  if (placeholder === 'address') return { type: 'peers' };
  if (placeholder === 'tenant') return { type: 'tenants' };
  return placeholder === 'file' || placeholder === 'path' ? { type: 'files' } : { type: 'none' };
}
