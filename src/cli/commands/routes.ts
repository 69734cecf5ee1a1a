/** `helioctl routes`: any RIB, filtered by the daemon, streamed: a million routes are printed as they arrive. */
import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatFamily, supportedFamilies } from '../../net/family.ts';
import { RouteDistinguisher } from '../../net/route-distinguisher.ts';
import { type Actions, parseAddress, parseCount, splitDistinguisher, withExamples } from '../command.ts';
import type { Query } from '../daemon.ts';
import { CliError, ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

type View = 'loc-rib' | 'adj-in' | 'adj-out';

interface RoutesOptions {
  readonly view: View;
  readonly peer?: string;
  readonly family?: string;
  readonly rd?: string;
  readonly exact?: boolean;
  readonly longer?: boolean;
  readonly shorter?: boolean;
  readonly lpm?: boolean;
  readonly community?: string;
  readonly asPath?: string;
  readonly originAs?: number;
  readonly best?: boolean;
  readonly limit?: number;
}

export function familyOption(): Option {
  return new Option('--family <family>', 'only this address family').choices(
    supportedFamilies.map(formatFamily),
  );
}

export function defineRoutes(command: Command, { act }: Actions): void {
  const match = (name: string, what: string): Option =>
    new Option(`--${name}`, what).conflicts(
      ['exact', 'longer', 'shorter', 'lpm'].filter((other) => other !== name),
    );
  command
    .argument('[prefix]', '[RD:]ADDRESS/LENGTH; a bare ADDRESS asks for its longest match')
    .addOption(
      new Option('--view <view>', 'which RIB').choices(['loc-rib', 'adj-in', 'adj-out']).default('loc-rib'),
    )
    .option('--peer <address>', 'routes from this peer; with adj-out those sent to it', parseAddress)
    .addOption(familyOption())
    .option('--rd <distinguisher>', 'of VPN routes those with this route distinguisher', parseDistinguisher)
    .addOption(match('exact', 'PREFIX itself (the default)'))
    .addOption(match('longer', 'PREFIX and everything inside it'))
    .addOption(match('shorter', 'PREFIX and everything that holds it'))
    .addOption(match('lpm', 'the longest prefix that holds PREFIX'))
    .option('--community <community>', 'carrying it: 65000:1, 65000:*, 65000:1:2, rt:65000:1, no-export')
    .option('--as-path <pattern>', "AS_PATH pattern: '^65001_', '_65002_', '65003$'")
    .option('--origin-as <asn>', 'originated by this AS', parseCount)
    .option('--best', 'only best routes')
    .option('--limit <count>', 'stop after that many', parseCount)
    .action(act(showRoutes));
  withExamples(command, [
    { line: 'routes', what: 'the whole Loc-RIB' },
    { line: 'routes 203.0.113.0/24 -o wide', what: 'one prefix with every attribute' },
    { line: 'routes 203.0.113.7', what: 'the route this address takes' },
    { line: 'routes --view adj-in --peer 10.0.0.2', what: 'what a peer sent, also what was refused' },
    { line: 'routes --view adj-out --peer 10.0.0.3', what: 'what a peer was sent' },
    { line: 'routes --rd 65000:100', what: 'the routes of one VPN' },
    { line: 'routes 65000:100:10.0.0.0/8', what: 'one prefix of one VPN' },
    { line: "routes --as-path '_65001_' --best -o ndjson", what: 'for jq, a route a line' },
  ]);
}

async function showRoutes(
  run: Run,
  prefix: string | undefined,
  options: RoutesOptions,
): Promise<ExitCode | undefined> {
  const query = routesQuery(prefix, options);
  const { printRoutes } = await import('../print-routes.ts');
  const printed = await printRoutes(run, query, { view: options.view, limit: options.limit });
  if (printed > 0) return ExitCode.ok;
  const isNamed = query.match === 'exact' || query.match === 'lpm';
  if (isNamed) run.note(`no route to ${prefix} in ${options.view}`);
  else run.hint(`no routes in ${options.view}`);
  return isNamed ? ExitCode.notFound : ExitCode.ok;
}

/** The API's query for what was asked; what cannot be asked is refused here with the reason. */
function routesQuery(asked: string | undefined, options: RoutesOptions): Query {
  if (options.view === 'adj-out' && options.peer === undefined) {
    throw new CliError(ExitCode.usage, '--view adj-out needs --peer: every peer is sent its own', [
      'for example: helioctl routes --view adj-out --peer 10.0.0.3',
    ]);
  }
  const { rd, prefix } = split(asked, options.rd);
  return {
    ...prefixQuery(prefix, options),
    family: options.family,
    rd: options.rd ?? rd,
    view: options.view,
    peer: options.peer,
    community: options.community,
    'as-path': options.asPath,
    'origin-as': options.originAs,
    best: options.best,
  };
}

/** With `--rd` nothing is looked for in the prefix: `100:1:2001:db8::/32` alone could be read in two ways. */
function split(text: string | undefined, rd: string | undefined): { rd?: string; prefix?: string } {
  if (text === undefined) return {};
  return rd === undefined ? splitDistinguisher(text) : { prefix: text };
}

function parseDistinguisher(text: string): string {
  if (RouteDistinguisher.parse(text) !== undefined) return text;
  throw new InvalidArgumentError('A route distinguisher is for example 65000:100 or 192.0.2.1:7.');
}

function prefixQuery(prefix: string | undefined, options: RoutesOptions): Query {
  const chosen = (['exact', 'longer', 'shorter', 'lpm'] as const).find((name) => options[name]);
  if (prefix === undefined) {
    if (!chosen) return {};
    throw new CliError(ExitCode.usage, `--${chosen} needs a prefix`, [
      `for example: helioctl routes 203.0.113.0/24 --${chosen}`,
    ]);
  }
  const version = isIP(prefix);
  if (version !== 0) return { prefix: `${prefix}/${version === 4 ? 32 : 128}`, match: chosen ?? 'lpm' };
  const [address, length] = prefix.split('/');
  if (isIP(address) !== 0 && /^[0-9]{1,3}$/.test(length ?? '')) return { prefix, match: chosen ?? 'exact' };
  throw new CliError(ExitCode.usage, `'${prefix}' is no prefix`, [
    'a prefix is ADDRESS/LENGTH, for example 203.0.113.0/24 or 2001:db8::/32',
  ]);
}
