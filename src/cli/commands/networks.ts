/** `helioctl networks`: what this speaker originates itself, and changes to it at run time. */
import type { Command } from 'commander';
import {
  type Actions,
  collect,
  parseAddress,
  parseCount,
  parsePrefix,
  unknownWord,
  withExamples,
} from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

export function defineNetworks(networks: Command, { act }: Actions): void {
  networks.allowExcessArguments().action(act(listOnly));
  withExamples(networks, [
    { line: 'networks', what: 'what we originate, from the file and from here' },
    { line: 'networks add 203.0.113.0/24', what: 'until the daemon restarts' },
    { line: 'networks remove 203.0.113.0/24', what: 'withdraw it again' },
  ]);
  withExamples(networks.command('list').description('List them.').action(act(listNetworks)), [
    { line: 'networks list -o json', what: 'for programs' },
  ]);
  addAddCommand(networks, act);
  withExamples(
    networks
      .command('remove')
      .description('Withdraw a network that was added at run time.')
      .argument('<prefix>', 'ADDRESS/LENGTH', parsePrefix)
      .action(act(removeNetwork)),
    [{ line: 'networks remove 203.0.113.0/24', what: 'withdrawn from every peer' }],
  );
}

function addAddCommand(networks: Command, act: Actions['act']): void {
  const add = networks
    .command('add')
    .description('Originate a network until it is removed or the daemon restarts.')
    .argument('<prefix>', 'ADDRESS/LENGTH', parsePrefix)
    .option('--next-hop <ip>', 'default: our own address on each session', parseAddress)
    .option('--community <community>', 'may be given several times', collect)
    .option('--med <number>', 'MULTI_EXIT_DISC', parseCount)
    .option('--local-pref <number>', 'LOCAL_PREF', parseCount)
    .action(act(addNetwork));
  withExamples(add, [
    { line: 'networks add 203.0.113.0/24', what: 'with our own address as next hop' },
    { line: 'networks add 203.0.113.0/24 --next-hop 10.0.0.1 --community 65000:1', what: 'with attributes' },
  ]);
}

/** `networks` alone; any further word would have been a subcommand. */
async function listOnly(run: Run, _options: object, command: Command): Promise<ExitCode | undefined> {
  if (command.args.length > 0) throw unknownWord(command, command.args[0]);
  return listNetworks(run);
}

async function listNetworks(run: Run): Promise<ExitCode | undefined> {
  const [{ renderTable }, daemon] = await Promise.all([import('../render/table.ts'), run.daemon()]);
  const networks = await daemon.networks();
  await run.show({
    value: networks,
    rows: networks,
    table: () =>
      renderTable(
        [
          { title: 'Network', text: (network) => network.prefix },
          { title: 'Next hop', text: (network) => network.nextHop ?? 'self' },
          { title: 'Source', text: (network) => network.source },
        ],
        networks,
        run.style,
      ),
  });
  if (networks.length === 0) run.hint('we originate nothing');
  return ExitCode.ok;
}

interface AddOptions {
  readonly nextHop?: string;
  readonly community?: readonly string[];
  readonly med?: number;
  readonly localPref?: number;
}

async function addNetwork(run: Run, prefix: string, options: AddOptions): Promise<ExitCode | undefined> {
  const { community, ...attributes } = options;
  const daemon = await run.daemon();
  await daemon.addNetwork({ prefix, ...attributes, ...(community ? { communities: community } : {}) });
  run.note(`${prefix}: originated`);
  return ExitCode.ok;
}

async function removeNetwork(run: Run, prefix: string): Promise<ExitCode | undefined> {
  await (await run.daemon()).removeNetwork(prefix);
  run.note(`${prefix}: withdrawn`);
  return ExitCode.ok;
}
