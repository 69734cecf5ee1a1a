/**
 * `helioctl controller`: the network controller's objects, actions on gateways, and what it made of them. Declares the
 * commands; what they do is in controller-actions.ts, loaded when one runs.
 */
import { type Command, Option } from 'commander';
import { type Actions, asGroup, collect, withExamples } from '../command.ts';
import { defaultServer, kindNames, serverVariable } from '../controller/names.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';
import type * as Handlers from './controller-actions.ts';

type Act = Actions['act'];

export function defineController(controller: Command, { act }: Actions): void {
  controller.option('--server <url>', `the controller; default: ${serverVariable} or ${defaultServer}`);
  withExamples(asGroup(controller), [
    { line: 'controller topology', what: 'pools, gateways, slots, tenants and their roles' },
    { line: 'controller apply -f tenants/', what: 'all files of a directory, in one transaction' },
    { line: 'controller get connections', what: 'where each is, or why it is nowhere' },
    { line: 'controller events --follow', what: 'every failover, step by step' },
  ]);
  addObjects(controller, act);
  addGatewayActions(controller, act);
  addQuestions(controller, act);
  addSiteConfig(controller, act);
}

/** The last argument of a commander action is the command; what it and its group were given is in `optsWithGlobals`. */
function running(
  act: Act,
  choose: (handlers: typeof Handlers) => (run: Run, command: Command) => Promise<ExitCode | undefined>,
): (...args: unknown[]) => Promise<void> {
  return act(async (run: Run, ...args: readonly unknown[]) => {
    const handler = choose(await import('./controller-actions.ts'));
    return handler(run, args.at(-1) as Command);
  });
}

function addObjects(controller: Command, act: Act): void {
  withExamples(
    controller
      .command('apply')
      .description('Make objects as the files say, all or none; what is there already and equal stays.')
      .requiredOption('-f, --file <file>', 'YAML or JSON documents, a directory of them, or -', collect)
      .option('--dry-run', 'only say what would happen')
      .action(running(act, (handlers) => handlers.apply)),
    [
      { line: 'controller apply -f contoso.yaml --dry-run', what: 'every mistake at once' },
      { line: 'controller apply -f pools.yaml -f tenants/', what: 'files and directories together' },
    ],
  );
  withExamples(
    addKind(controller.command('get').description('A table of all of a kind, or one of them.'))
      .argument('[name]', 'only this one')
      .action(running(act, (handlers) => handlers.get)),
    [
      { line: 'controller get gateways', what: 'phase and load of each' },
      { line: 'controller get tenants contoso -o json', what: 'for programs' },
    ],
  );
  withExamples(
    addKind(controller.command('describe').description('Everything about one object, to read.'))
      .argument('<name>', 'its name')
      .action(running(act, (handlers) => handlers.describe)),
    [{ line: 'controller describe connections contoso-1', what: 'why it is where it is' }],
  );
  withExamples(
    addKind(controller.command('delete').description('Have it leave in good order.'))
      .argument('<name>', 'its name')
      .action(running(act, (handlers) => handlers.remove)),
    [{ line: 'controller delete tenants contoso', what: 'sessions, routes, rules, addresses' }],
  );
}

function addKind(command: Command): Command {
  const argument = command.createArgument('<kind>', 'of objects').choices([...kindNames]);
  return command.addArgument(argument);
}

const actions = [
  ['drain', 'Move everything away from a gateway while it serves.', 'before maintenance'],
  ['undrain', 'Take back drain, fail and confirm-dead.', 'after it'],
  ['fail', 'Give the slots of a gateway to others, as if it had failed.', 'once its lease is over'],
  ['confirm-dead', 'Vouch that a gateway is switched off: nothing is waited for.', 'only if you know'],
] as const;

function addGatewayActions(controller: Command, act: Act): void {
  for (const [action, description, what] of actions) {
    const command = controller
      .command(action)
      .description(description)
      .argument('<gateway>', 'its name')
      .action(running(act, (handlers) => handlers.actOnGateway));
    withExamples(command, [{ line: `controller ${action} a2`, what }]);
  }
}

function addQuestions(controller: Command, act: Act): void {
  const explain = asGroup(controller.command('explain').description('Why something is as it is.'));
  withExamples(explain, [{ line: 'controller explain placement contoso-1', what: 'with the numbers' }]);
  withExamples(
    explain
      .command('placement')
      .description('Why a connection is on its gateway, or what keeps it from having one.')
      .argument('<connection>', 'its name')
      .action(running(act, (handlers) => handlers.explainPlacement)),
    [{ line: 'controller explain placement contoso-1', what: 'with the numbers' }],
  );
  withExamples(
    controller
      .command('events')
      .description('Every change of a slot’s gateway: why, from whom to whom, how far, how long.')
      .option('--slot <slot>', 'only of this slot')
      .option('--follow', 'go on until Ctrl-C')
      .action(running(act, (handlers) => handlers.events)),
    [
      { line: 'controller events', what: 'all that are kept' },
      { line: 'controller events --follow -o ndjson', what: 'a line for each step, for programs' },
    ],
  );
  withExamples(
    controller
      .command('topology')
      .description('A picture: pools, gateways, slots, tenants with their roles, connections.')
      .action(running(act, (handlers) => handlers.topology)),
    [{ line: 'controller topology', what: 'who serves whom, and who reflects' }],
  );
  withExamples(
    controller
      .command('invariants')
      .description('Check the safety statements on what is stored now; exit 1 when one is broken.')
      .action(running(act, (handlers) => handlers.invariants)),
    [{ line: 'controller invariants', what: 'must say that all hold' }],
  );
}

function addSiteConfig(controller: Command, act: Act): void {
  withExamples(
    controller
      .command('site-config')
      .description('The enterprise’s side of a connection, for its router.')
      .argument('<connection>', 'its name')
      .addOption(new Option('-f, --format <format>', 'whose').choices(['frr', 'bird']).default('frr'))
      .option('--interface <name>', 'where the tunnel ends on the router', 'tun0')
      .action(running(act, (handlers) => handlers.printSiteConfig)),
    [
      { line: 'controller site-config contoso-1', what: 'for FRR' },
      { line: 'controller site-config contoso-1 -f bird --interface gre1', what: 'for BIRD' },
    ],
  );
}
