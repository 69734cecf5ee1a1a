/** What the commands of `helioctl controller` do: ask the controller, print a page. */
import type { Command } from 'commander';
import { type ControllerClient, controllerOf } from '../controller/client.ts';
import { readDocuments } from '../controller/input.ts';
import { type KindWord, kindWords } from '../controller/names.ts';
import type { SiteFormat } from '../controller/site-config.ts';
import { renderObjects } from '../controller/tables.ts';
import type { Applied, FailoverEvent, Kind, Kinds } from '../controller/views.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

type Outcome = Promise<ExitCode | undefined>;

function clientOf(run: Run, command: Command): Promise<ControllerClient> {
  return controllerOf(run, command.optsWithGlobals<{ server?: string }>());
}

function kindOf(command: Command): Kind {
  return kindWords[command.args[0] as KindWord];
}

export async function apply(run: Run, command: Command): Outcome {
  const { file, dryRun = false } = command.opts<{ file: readonly string[]; dryRun?: boolean }>();
  const text = await readDocuments(run.surroundings, file);
  return showApplied(run, await (await clientOf(run, command)).apply(text, dryRun));
}

export async function remove(run: Run, command: Command): Outcome {
  return showApplied(run, await (await clientOf(run, command)).remove(kindOf(command), command.args[1]));
}

async function showApplied(run: Run, applied: Applied): Outcome {
  const { results, revision, dryRun } = applied;
  await run.show({
    value: applied,
    rows: results,
    table: () => results.map(({ kind, name, outcome }) => `${kind}/${name} ${outcome}\n`).join(''),
  });
  run.note(dryRun ? 'nothing was written: --dry-run' : `the store is at revision ${revision}`);
  return ExitCode.ok;
}

export async function get(run: Run, command: Command): Outcome {
  const [kind, name] = [kindOf(command), command.args[1]];
  const client = await clientOf(run, command);
  const items: readonly Kinds[Kind][] =
    name === undefined ? (await client.list(kind)).items : [await client.get(kind, name)];
  await run.show({
    value: name === undefined ? items : items[0],
    rows: items,
    table: () => renderObjects(kind, items, run.style),
  });
  return ExitCode.ok;
}

export async function describe(run: Run, command: Command): Outcome {
  const { renderObject } = await import('../controller/describe.ts');
  const object = await (await clientOf(run, command)).get(kindOf(command), command.args[1]);
  await run.show({ value: object, table: () => renderObject(object, run.colours) });
  return ExitCode.ok;
}

export async function actOnGateway(run: Run, command: Command): Outcome {
  const [gateway] = command.args;
  const acted = await (await clientOf(run, command)).act(gateway, command.name());
  await run.show({ value: acted, table: () => '' });
  const phase = acted.gateway ? `, it is ${acted.gateway.status.phase}` : '';
  run.note(`${gateway}: ${command.name()} at revision ${acted.revision}${phase}`);
  return ExitCode.ok;
}

export async function explainPlacement(run: Run, command: Command): Outcome {
  const { renderPlacement } = await import('../controller/placement.ts');
  const [connection] = command.args;
  const explained = await (await clientOf(run, command)).explainPlacement(connection);
  await run.show({ value: explained, table: () => renderPlacement(connection, explained) });
  return ExitCode.ok;
}

export async function events(run: Run, command: Command): Outcome {
  const { slot, follow } = command.opts<{ slot?: string; follow?: boolean }>();
  const client = await clientOf(run, command);
  const { items, revision } = await client.list('events');
  const isWanted = (event: FailoverEvent): boolean => slot === undefined || event.slot === slot;
  const shown = items.filter(isWanted);
  await run.show({ value: shown, rows: shown, table: () => renderObjects('events', shown, run.style) });
  if (!follow) return ExitCode.ok;
  const style = { ...run.style, header: false };
  const { followEvents } = await import('../controller/follow.ts');
  await run.output.flush();
  return followEvents(run, client, { items, revision }, async (event) => {
    if (!isWanted(event)) return;
    await run.show({ value: event, table: () => renderObjects('events', [event], style) });
    await run.output.flush();
  });
}

export async function topology(run: Run, command: Command): Outcome {
  const { renderTopology } = await import('../controller/topology.ts');
  const client = await clientOf(run, command);
  const [pools, gateways, slots, tenants, connections] = await Promise.all([
    client.list('pools'),
    client.list('gateways'),
    client.list('slots'),
    client.list('tenants'),
    client.list('connections'),
  ]);
  const all = {
    pools: pools.items,
    gateways: gateways.items,
    slots: slots.items,
    tenants: tenants.items,
    connections: connections.items,
  };
  await run.show({ value: all, table: () => renderTopology(all, run.glyphs, run.colours) });
  return ExitCode.ok;
}

export async function invariants(run: Run, command: Command): Outcome {
  const page = await (await clientOf(run, command)).invariants();
  const { violations, revision, seen } = page;
  const lines = violations.map(({ id, detail }) => `${id}: ${detail}\n`).join('');
  await run.show({
    value: page,
    rows: violations,
    table: () => lines || `all statements hold at revision ${revision}\n`,
  });
  if (seen > 0) run.note(`broken and told since the controller started: ${seen}`);
  return violations.length > 0 ? ExitCode.failure : ExitCode.ok;
}

export async function printSiteConfig(run: Run, command: Command): Outcome {
  const { siteConfig } = await import('../controller/site-config.ts');
  const { format, interface: tunnelInterface } = command.opts<{ format: SiteFormat; interface: string }>();
  const client = await clientOf(run, command);
  const connection = await client.get('connections', command.args[0]);
  const [tenant, { items }] = await Promise.all([
    client.get('tenants', connection.spec.tenant),
    client.list('peers'),
  ]);
  const peers = items.filter(({ spec }) =>
    [spec.connection, ...(spec.backupConnections ?? [])].includes(connection.name),
  );
  await run.output.write(siteConfig(format, { connection, tenant, peers, tunnelInterface }));
  return ExitCode.ok;
}
