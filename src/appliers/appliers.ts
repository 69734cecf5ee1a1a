/**
 * What programs the derived tables into the machines around the gateways, as configured: any number of multiplexers, hosts
 * of tenants, and programs that take JSON. Each is given whole tables and may be given the same ones again. All are
 * tried, whichever fails; what failed is told together.
 */
import type { Appliers } from '../controller/reconciler/reconciler.ts';
import type { Snapshot } from '../controller/snapshot.ts';
import { type Command, families, type RunCommand, runCommand } from './command.ts';
import { JsonStream } from './json-stream.ts';
import { routeCommands, showRoutes } from './linux-routes.ts';
import { policyRouting, presentMarks, ruleset, showRules } from './multiplexer.ts';

/** Where commands are run; absent: where the controller is. */
interface Place {
  readonly netns?: string | undefined;
  /** Towards the gateways' provider addresses. */
  readonly interface: string;
}

export interface ApplierSettings {
  readonly multiplexers: readonly Place[];
  readonly hosts: readonly (Place & { readonly tenant: string })[];
  /** Paths of Unix sockets. */
  readonly json: readonly string[];
}

export interface RunningAppliers extends Appliers {
  close(): void;
}

/** `undefined` when there is nothing to program. */
export function createAppliers(
  { multiplexers, hosts, json }: ApplierSettings,
  run: RunCommand = runCommand,
): RunningAppliers | undefined {
  if (multiplexers.length + hosts.length + json.length === 0) return undefined;
  const streams = json.map((path) => new JsonStream(path));
  const tell = (type: 'lbRules' | 'overlayRoutes', snapshot: Snapshot) =>
    streams.map((stream) =>
      stream.send({ type, revision: snapshot.revision, rows: [...snapshot[type].values()] }),
    );
  return {
    rules: (snapshot) =>
      all([...tell('lbRules', snapshot), ...multiplexers.map((place) => steer(run, place, snapshot))]),
    routes: (snapshot) =>
      all([...tell('overlayRoutes', snapshot), ...hosts.map((host) => routeHost(run, host, snapshot))]),
    close: () => {
      for (const stream of streams) stream.close();
    },
  };
}

async function all(work: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(work);
  const failed = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason?.message)] : []));
  if (failed.length > 0) throw new Error(failed.join('; '));
}

async function inTurn(run: RunCommand, commands: readonly Command[], { netns }: Place): Promise<void> {
  for (const command of commands) await run(command, netns);
}

/** A mark leads somewhere before a packet gets it, and until none gets it any more. */
async function steer(run: RunCommand, place: Place, { lbRules }: Snapshot): Promise<void> {
  const rules = [...lbRules.values()];
  const after: Command[] = [];
  for (const family of families) {
    const present = presentMarks(await run(showRules(family), place.netns));
    const routing = policyRouting(rules, family, { device: place.interface, present });
    await inTurn(run, routing.before, place);
    after.push(...routing.after);
  }
  await run({ program: 'nft', args: ['-f', '-'], input: ruleset(rules) }, place.netns);
  await inTurn(run, after, place);
}

async function routeHost(
  run: RunCommand,
  host: Place & { readonly tenant: string },
  { overlayRoutes }: Snapshot,
): Promise<void> {
  const routes = [...overlayRoutes.values()].filter(({ tenant }) => tenant === host.tenant);
  for (const family of families) {
    const shown = await run(showRoutes(family), host.netns);
    await inTurn(run, routeCommands(routes, family, { device: host.interface, shown }), host);
  }
}
