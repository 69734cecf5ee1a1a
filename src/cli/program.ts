/**
 * The command tree: the root with its global options, and every command below it. A command is loaded when the
 * command line names it, its pages when it runs: start-up is most of what an operator waits for.
 */
import { Command, Help, Option } from 'commander';
import {
  type Actions,
  asGroup,
  parseDuration,
  parseTenant,
  peerAddressesCommand,
  tenantNamesCommand,
  withExamples,
} from './command.ts';
import { type GlobalOptions, outputFormats, type Surroundings } from './run.ts';

const defaultSocket = '/run/heliod/heliod.sock';

const exitCodeHelp = `
Exit codes: 0 ok, 1 failure, 2 usage or invalid configuration, 3 not found, 4 cannot reach heliod,
            5 not ready, 6 differences, 130 interrupted`;

type Define = (command: Command, actions: Actions, root: Command) => void;

interface Branch {
  readonly name: string;
  readonly summary: string;
  readonly hidden?: boolean;
  /** Fills in the command: arguments, options, subcommands, action, examples. */
  readonly load: () => Promise<Define>;
}

const branches: readonly Branch[] = [
  {
    name: 'status',
    summary: 'Version, identity, peers, routes, memory and readiness of heliod.',
    load: async () => (await import('./commands/status.ts')).defineStatus,
  },
  {
    name: 'peers',
    summary: 'Sessions: a table of all, everything about one, and actions.',
    load: async () => (await import('./commands/peers.ts')).definePeers,
  },
  {
    name: 'routes',
    summary: 'Routes of a RIB, with what decided for or against them.',
    load: async () => (await import('./commands/routes.ts')).defineRoutes,
  },
  {
    name: 'explain',
    summary: 'Why a prefix is reached the way it is, and who was told.',
    load: async () => (await import('./commands/explain.ts')).defineExplain,
  },
  {
    name: 'fib',
    summary: 'Best routes in the kernel: what is installed, what failed and why.',
    load: async () => (await import('./commands/fib.ts')).defineFib,
  },
  {
    name: 'bmp',
    summary: 'Monitoring stations: whether they are there and what they were told.',
    load: async () => (await import('./commands/bmp.ts')).defineBmp,
  },
  {
    name: 'watch',
    summary: 'Follow what happens until Ctrl-C.',
    load: async () => (await import('./commands/watch.ts')).defineWatch,
  },
  {
    name: 'networks',
    summary: 'Locally originated networks: list, add, remove.',
    load: async () => (await import('./commands/networks.ts')).defineNetworks,
  },
  {
    name: 'tenants',
    summary: 'Routing instances: a table of all; tenants come and go at run time.',
    load: async () => (await import('./commands/tenants.ts')).defineTenants,
  },
  {
    name: 'config',
    summary: 'Check, compare, reload and show configuration.',
    load: async () => (await import('./commands/config.ts')).defineConfig,
  },
  {
    name: 'controller',
    summary: 'The network controller: gateways, tenants, placement, failover.',
    load: async () => (await import('./commands/controller.ts')).defineController,
  },
  {
    name: 'completion',
    summary: 'Shell completion: commands, options, values, peer addresses.',
    load: async () => (await import('./commands/completion.ts')).defineCompletion,
  },
  {
    name: peerAddressesCommand,
    summary: 'Addresses of all peers, for completion.',
    hidden: true,
    load: async () => (await import('./commands/completion.ts')).definePeerAddresses,
  },
  {
    name: tenantNamesCommand,
    summary: 'Names of all tenants, for completion.',
    hidden: true,
    load: async () => (await import('./commands/completion.ts')).defineTenantNames,
  },
];

/** The branches these arguments can mean. Where none is named (help, a wrong word), or the tree is asked for: all. */
function neededBranches(args: readonly string[]): readonly Branch[] {
  const named = branches.filter(({ name }) => args.includes(name));
  return named.length === 0 || args.includes('completion') ? branches : named;
}

/** `makeActions` is given the root's options once the command line was read. */
export async function buildProgram(
  surroundings: Pick<Surroundings, 'version' | 'env'>,
  args: readonly string[],
  makeActions: (root: () => GlobalOptions) => Actions,
): Promise<Command> {
  const root = makeRoot(surroundings);
  const actions = makeActions(() => root.opts<GlobalOptions>());
  const needed = neededBranches(args);
  const definitions = await Promise.all(needed.map(({ load }) => load()));
  for (const branch of branches) {
    const command = root.command(branch.name, { hidden: branch.hidden === true }).description(branch.summary);
    definitions[needed.indexOf(branch)]?.(command, actions, root);
  }
  return asGroup(root);
}

function makeRoot({ version, env }: Pick<Surroundings, 'version' | 'env'>): Command {
  const root = new Command('helioctl');
  root
    .description('Look into a running heliod and steer it.')
    .version(`helioctl ${version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: (command) => (command === root ? [] : globalOptions(root)),
    });
  addGlobalOptions(root, env.HELIOD_SOCKET || defaultSocket);
  return withExamples(root, [
    { line: 'peers --down', what: 'which sessions are not up, and why' },
    { line: 'routes 203.0.113.0/24 --longer', what: 'everything below a prefix' },
    { line: 'explain 203.0.113.0/24', what: 'why this path is best, and who gets it' },
    { line: 'routes --tenant contoso', what: 'the table of one tenant' },
    { line: 'config diff new.yaml', what: 'what a reload would do to each session' },
  ]).addHelpText('after', exitCodeHelp);
}

function globalOptions(root: Command): Option[] {
  return new Help().visibleOptions(root).filter(({ long }) => long !== '--help');
}

function addGlobalOptions(root: Command, socket: string): void {
  root
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices([...outputFormats]).default('table'),
    )
    .addOption(
      new Option('--socket <path>', 'Unix socket of heliod').default(
        socket,
        `HELIOD_SOCKET or ${defaultSocket}`,
      ),
    )
    .addOption(
      new Option(
        '--tenant <tenant>',
        'NAME or NAME/SLOT; default: the router block, or the only tenant',
      ).argParser(parseTenant),
    )
    .option('--host <url>', 'talk to heliod over TCP instead of its socket')
    .option('--token-file <file>', 'file with the bearer token for --host')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for an answer: 10s, 500ms, 2m')
        .argParser(parseDuration)
        .default(10_000, '10s'),
    )
    .option('--no-color', 'never use colour (also NO_COLOR=1)')
    .option('--no-header', 'no headings and legends')
    .option('-q, --quiet', 'no messages on stderr but errors');
}
