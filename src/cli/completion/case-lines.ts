/** Lines of the `case` statements by which the scripts for bash and zsh find what may follow: both are written alike. */
import type { CommandNode, OptionNode, Values } from './tree.ts';

/** `/peers/reset`; empty for the program itself. */
export function pathText(node: CommandNode): string {
  return node.path.map((name) => `/${name}`).join('');
}

export function caseLine(pattern: string, action: string): string {
  return `      "${pattern}") ${action} ;;`;
}

/**
 * A line per flag that takes a value the shell can complete: `actionOf` is the shell's way to do so.
 * Global options may stand after any command, so their values complete under every path.
 */
export function optionValueLines(
  node: CommandNode,
  option: OptionNode,
  actionOf: (values: Values) => string | undefined,
): readonly string[] {
  const action = option.values && actionOf(option.values);
  if (!action) return [];
  const anywhere = node.path.length === 0 ? '*' : '';
  return option.flags.map((flag) => `      ${anywhere}"${pathText(node)} ${flag}") ${action} ;;`);
}
