/** `helioctl completion`: the shell's side of completion, made from the command tree; and what it asks us back. */
import type { Command } from 'commander';
import { type Actions, asGroup, withExamples } from '../command.ts';
import { type CommandNode, completionTree } from '../completion/tree.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

interface Shell {
  readonly name: 'bash' | 'zsh' | 'fish';
  readonly install: string;
}

const shells: readonly Shell[] = [
  { name: 'bash', install: '> /etc/bash_completion.d/helioctl' },
  { name: 'zsh', install: '> ~/.zsh/completions/_helioctl' },
  { name: 'fish', install: '> ~/.config/fish/completions/helioctl.fish' },
];

/** `root` must be the whole tree: what is not in it is not completed. */
export function defineCompletion(completion: Command, { act }: Actions, root: Command): void {
  for (const { name, install } of shells) {
    const command = completion
      .command(name)
      .description(`Script for ${name}.`)
      .action(act((run: Run) => printScript(run, root, name)));
    const source = name === 'fish' ? 'completion fish | source' : `source <(helioctl completion ${name})`;
    withExamples(command, [
      { line: source, what: 'for this shell' },
      { line: `completion ${name} ${install}`, what: 'for all later ones' },
    ]);
  }
  withExamples(asGroup(completion), [
    { line: 'completion bash > /etc/bash_completion.d/helioctl', what: 'for every later bash' },
    { line: 'completion fish | source', what: 'for this fish' },
  ]);
}

/** Hidden: asked by the scripts. */
export function definePeerAddresses(command: Command, { act }: Actions): void {
  command.action(act(printPeerAddresses));
}

export function defineTenantNames(command: Command, { act }: Actions): void {
  command.action(act(printTenantNames));
}

async function printScript(run: Run, root: Command, shell: Shell['name']): Promise<ExitCode | undefined> {
  const tree = completionTree(root);
  await run.output.write(await scripts[shell](tree));
  return ExitCode.ok;
}

async function printTenantNames(run: Run): Promise<ExitCode | undefined> {
  const tenants = await (await run.daemon()).tenants();
  await run.output.write(tenants.map(({ key }) => `${key}\n`).join(''));
  return ExitCode.ok;
}

const scripts: Readonly<Record<Shell['name'], (tree: CommandNode) => Promise<string>>> = {
  bash: async (tree) => (await import('../completion/bash.ts')).bashCompletion(tree),
  zsh: async (tree) => (await import('../completion/zsh.ts')).zshCompletion(tree),
  fish: async (tree) => (await import('../completion/fish.ts')).fishCompletion(tree),
};

/** For completion scripts: an address a line, and silence when the daemon does not answer. */
async function printPeerAddresses(run: Run): Promise<ExitCode | undefined> {
  const { peers } = await (await run.daemon()).peers();
  await run.output.write(peers.map((peer) => `${peer.address}\n`).join(''));
  return ExitCode.ok;
}
