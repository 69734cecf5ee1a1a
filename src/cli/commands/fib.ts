/** `helioctl fib`: best routes in the kernel: what is installed, what is not, and why. */
import type { Command } from 'commander';
import { type Actions, parseCount, withExamples } from '../command.ts';
import type { Query } from '../daemon.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';
import type { FibRouteView } from '../views.ts';

interface FibOptions {
  readonly failed?: boolean;
  readonly pending?: boolean;
  readonly limit?: number;
}

export function defineFib(command: Command, { act }: Actions): void {
  command
    .option('--failed', 'only routes that are not installed as they should be, with the reason')
    .option('--pending', 'only routes that wait for their turn')
    .option('--limit <number>', 'stop after so many', parseCount)
    .action(act(showFib));
  withExamples(command, [
    { line: 'fib', what: 'every best route, with what the kernel has of it' },
    { line: 'fib --failed', what: 'what is missing, and why' },
    { line: 'fib -o ndjson', what: 'a route per line, for programs' },
  ]);
}

async function showFib(run: Run, options: FibOptions): Promise<ExitCode | undefined> {
  const [{ fibTable, renderFib }, daemon] = await Promise.all([import('../render/fib.ts'), run.daemon()]);
  const query: Query = { state: stateOf(options), limit: options.limit };
  const { output } = run.options;
  if (output === 'ndjson') {
    for await (const lines of daemon.fibRoutes(query)) await run.output.write(`${lines.join('\n')}\n`);
    return ExitCode.ok;
  }
  const fib = await daemon.fib();
  if (output === 'json') {
    const routes: FibRouteView[] = [];
    for await (const lines of daemon.fibRoutes(query)) routes.push(...lines.map(parseRoute));
    await run.show({ value: { ...fib, routes }, table: () => '' });
    return ExitCode.ok;
  }
  await run.output.write(renderFib(fib, run.style));
  const table = fibTable(run.style);
  for await (const lines of daemon.fibRoutes(query))
    await run.output.write(table.lines(lines.map(parseRoute)));
  return ExitCode.ok;
}

function stateOf({ failed, pending }: FibOptions): FibRouteView['state'] | undefined {
  if (failed) return 'failed';
  return pending ? 'pending' : undefined;
}

function parseRoute(line: string): FibRouteView {
  return JSON.parse(line);
}
