/** `helioctl tenants`: the routing instances of the daemon, and tenants that come and go at run time. */
import type { Command } from 'commander';
import { type Actions, parseTenant, unknownWord, withExamples } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { type Run, readInput } from '../run.ts';
import type { TenantChanged } from '../views.ts';

export function defineTenants(tenants: Command, { act }: Actions): void {
  tenants.allowExcessArguments().action(act(listOnly));
  withExamples(tenants, [
    { line: 'tenants', what: 'all instances, and why one is down' },
    { line: 'tenants -o wide', what: 'with memory, and where they come from' },
    { line: 'peers --tenant contoso', what: 'every command takes --tenant' },
    { line: 'tenants add contoso.yaml', what: 'until it is removed or the daemon restarts' },
  ]);
  withExamples(tenants.command('list').description('List them.').action(act(listTenants)), [
    { line: 'tenants list -o json', what: 'for programs' },
  ]);
  withExamples(
    tenants
      .command('show')
      .description('The settings of a tenant as YAML, without secrets.')
      .argument('<tenant>', 'NAME or NAME/SLOT', parseTenant)
      .action(act(showTenant)),
    [{ line: 'tenants show contoso/edge2 > edge2.yaml', what: 'to change and replace it' }],
  );
  addChanges(tenants, act);
}

function addChanges(tenants: Command, act: Actions['act']): void {
  withExamples(
    tenants
      .command('add')
      .description('Add a tenant: the file is one entry of "tenants". It outlives reloads, not restarts.')
      .argument('<file>', 'the file, or - for standard input')
      .action(act(addTenant)),
    [{ line: 'tenants add contoso.yaml', what: 'no other tenant notices' }],
  );
  withExamples(
    tenants
      .command('replace')
      .description('Give a tenant that was added at run time new settings, or add it.')
      .argument('<tenant>', 'NAME or NAME/SLOT', parseTenant)
      .argument('<file>', 'the file, or - for standard input')
      .action(act(replaceTenant)),
    [{ line: 'tenants replace contoso contoso.yaml', what: 'sessions that did not change stay up' }],
  );
  withExamples(
    tenants
      .command('remove')
      .description('Remove a tenant that was added at run time: its sessions, routes and sockets.')
      .argument('<tenant>', 'NAME or NAME/SLOT', parseTenant)
      .action(act(removeTenant)),
    [{ line: 'tenants remove contoso', what: 'its peers are told (RFC 4486)' }],
  );
}

/** `tenants` alone; any further word would have been a subcommand. */
async function listOnly(run: Run, _options: object, command: Command): Promise<ExitCode | undefined> {
  if (command.args.length > 0) throw unknownWord(command, command.args[0]);
  return listTenants(run);
}

async function listTenants(run: Run): Promise<ExitCode | undefined> {
  const [pages, daemon] = await Promise.all([import('../render/tenants.ts'), run.daemon()]);
  const tenants = await daemon.tenants();
  await run.show({
    value: tenants,
    rows: tenants,
    table: () => pages.renderTenants(tenants, run.style),
    wide: () => pages.renderTenantsWide(tenants, run.style),
  });
  return ExitCode.ok;
}

async function showTenant(run: Run, tenant: string): Promise<ExitCode | undefined> {
  await run.output.write(await (await run.daemon()).showTenant(tenant));
  return ExitCode.ok;
}

async function addTenant(run: Run, file: string): Promise<ExitCode | undefined> {
  const text = await readInput(run.surroundings, file);
  return showChange(run, await (await run.daemon()).addTenant(text, file), 'added');
}

async function replaceTenant(run: Run, tenant: string, file: string): Promise<ExitCode | undefined> {
  const text = await readInput(run.surroundings, file);
  return showChange(run, await (await run.daemon()).replaceTenant(tenant, text, file), 'replaced');
}

async function removeTenant(run: Run, tenant: string): Promise<ExitCode | undefined> {
  return showChange(run, await (await run.daemon()).removeTenant(tenant), 'removed');
}

async function showChange(run: Run, { key, diff }: TenantChanged, what: string): Promise<ExitCode> {
  const { renderDiff } = await import('../render/diff.ts');
  await run.show({ value: diff, rows: diff.lines, table: () => renderDiff(diff, run.colours) });
  run.note(`${key}: ${what}`);
  return ExitCode.ok;
}
