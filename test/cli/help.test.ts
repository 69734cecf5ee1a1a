import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandPath } from '../../src/cli/command.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { helioctl } from './fake-daemon.ts';

const actions = { act: () => async () => undefined };
const surroundings = { version: '1.2.3', env: {} };
const root = await buildProgram(surroundings, [], () => actions);

function all(command: Command): Command[] {
  const subs = command.createHelp().visibleCommands(command);
  return [command, ...subs.filter((sub) => sub.name() !== 'help').flatMap(all)];
}

const commands = all(root);
const words = commands.map((command) => commandPath(command).split(' ').slice(1));

test('the tree holds every command of the issue', () => {
  const expected =
    'status peers peers-reset peers-soft-in peers-soft-out peers-enable peers-disable routes explain fib bmp watch watch-routes ' +
    'watch-peers watch-events networks networks-list networks-add networks-remove tenants tenants-list tenants-show tenants-add tenants-replace ' +
    'tenants-remove config config-check config-diff ' +
    'config-reload config-show config-schema controller controller-apply controller-get controller-describe controller-delete ' +
    'controller-drain controller-undrain controller-fail controller-confirm-dead controller-explain controller-explain-placement ' +
    'controller-events controller-topology controller-invariants controller-site-config completion completion-bash completion-zsh completion-fish';
  expect(words.slice(1).map((path) => path.join('-'))).toEqual(expected.split(' '));
});

test.each(words)('help of helioctl %s has examples that are real command lines', async (...path) => {
  const { code, out } = await helioctl([...path, '--help']);
  expect(code).toBe(0);
  expect(out).toContain('Examples:');
  const examples = out.slice(out.indexOf('Examples:')).match(/(?:^ {2}|<\()helioctl [^#>|<)]*/gm) ?? [];
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) await expectParses(example);
});

/** Quotes as the shell takes them. */
function shellWords(line: string): string[] {
  return (line.match(/"[^"]*"|'[^']*'|[^\s]+/g) ?? []).map((word) => word.replace(/^["'](.*)["']$/, '$1'));
}

async function expectParses(example: string): Promise<void> {
  const args = shellWords(example).slice(1);
  const program = await buildProgram(surroundings, args, () => actions);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if (command.commands.length === 0) command.allowExcessArguments(false);
    command.commands.forEach(quiet);
  };
  quiet(program);
  await expect(program.parseAsync(args, { from: 'user' }), example).resolves.toBeDefined();
}

test('a command loads alone as it stands in the whole tree', async () => {
  for (const [name] of words.slice(1)) {
    const alone = await buildProgram(surroundings, [name], () => actions);
    const find = (tree: Command): string =>
      tree.commands.find((command) => command.name() === name)?.helpInformation() ?? '';
    expect(find(alone)).toBe(find(root));
  }
});

test('docs/helioctl.md has a heading for every command and names every option', () => {
  const page = readFileSync(new URL('../../docs/helioctl.md', import.meta.url), 'utf8');
  for (const command of commands) {
    expect(page, commandPath(command)).toContain(commandPath(command));
    for (const { long } of command.createHelp().visibleOptions(command)) expect(page).toContain(`${long}`);
  }
});
