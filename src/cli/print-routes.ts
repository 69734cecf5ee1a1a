/**
 * Routes from the daemon to standard output in each format, batch by batch: memory holds one batch whatever the
 * number of routes, and a slow terminal slows the daemon's walk.
 */
import { setFlagsFromString } from 'node:v8';
import type { Query } from './daemon.ts';
import { legend, routeTable } from './render/routes.ts';
import type { Run } from './run.ts';
import type { RouteView } from './views.ts';

export interface PrintRoutesOptions {
  readonly view: 'loc-rib' | 'adj-in' | 'adj-out';
  readonly limit: number | undefined;
}

/** Turns batches of lines (a route as JSON each) into text. */
interface Printer {
  readonly start: string;
  batch(lines: readonly string[]): string;
  end(truncated: boolean): string;
}

/** Returns how many routes were printed. */
export async function printRoutes(run: Run, query: Query, options: PrintRoutesOptions): Promise<number> {
  const { limit } = options;
  // Lines that go on as they came are garbage at once: a young generation that grows keeps more of them and of the
  // buffers they came in.
  if (run.options.output.endsWith('json')) setFlagsFromString('--semi-space-growth-factor=1');
  const daemon = await run.daemon();
  const printer = printerFor(run, options);
  let printed = 0;
  let truncated = false;
  // One more than was asked for tells whether there are more.
  for await (const lines of daemon.routes({ ...query, limit: limit === undefined ? undefined : limit + 1 })) {
    const wanted = limit === undefined ? lines : lines.slice(0, limit - printed);
    truncated ||= wanted.length < lines.length;
    if (printed === 0) await run.output.write(printer.start);
    if (wanted.length > 0) await run.output.write(printer.batch(wanted));
    printed += wanted.length;
  }
  if (printed === 0) await run.output.write(run.options.output === 'json' ? printer.start : '');
  await run.output.write(printer.end(truncated));
  if (truncated) run.note(`there are more: stopped at --limit ${limit}`);
  return printed;
}

function printerFor(run: Run, { view }: PrintRoutesOptions): Printer {
  const { output } = run.options;
  if (output === 'ndjson') return { start: '', batch: joinLines, end: () => '' };
  if (output === 'json') return jsonPrinter();
  const table = routeTable({ view, wide: output === 'wide' }, run.style);
  return {
    start: run.style.header ? `${run.colours.dim(legend)}\n` : '',
    batch: (lines) => table.lines(lines.map((line): RouteView => JSON.parse(line))),
    end: () => '',
  };
}

function joinLines(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function jsonPrinter(): Printer {
  let separator = '';
  return {
    start: '{"routes":[',
    batch: (lines) => {
      const text = lines.map((line) => `${separator}\n${line}`);
      if (separator === '') {
        separator = ',';
        return text.map((line, i) => (i === 0 ? line : `,${line}`)).join('');
      }
      return text.join('');
    },
    end: (truncated) => `\n],"truncated":${truncated}}\n`,
  };
}
