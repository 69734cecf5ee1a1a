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
  // One more than was asked for tells whether there are more.
  const asked = { ...query, limit: limit === undefined ? undefined : limit + 1 };
  const print = run.options.output === 'ndjson' ? passOn : printBatches;
  const { printed, truncated } = await print(run, asked, options);
  if (truncated) run.note(`there are more: stopped at --limit ${limit}`);
  return printed;
}

interface Printed {
  readonly printed: number;
  /** There are more than `limit`. */
  readonly truncated: boolean;
}

async function printBatches(run: Run, query: Query, options: PrintRoutesOptions): Promise<Printed> {
  const { limit } = options;
  const daemon = await run.daemon();
  const printer = printerFor(run, options);
  let printed = 0;
  let truncated = false;
  for await (const lines of daemon.routes(query)) {
    const wanted = limit === undefined ? lines : lines.slice(0, limit - printed);
    truncated ||= wanted.length < lines.length;
    if (printed === 0) await run.output.write(printer.start);
    if (wanted.length > 0) await run.output.write(printer.batch(wanted));
    printed += wanted.length;
  }
  if (printed === 0) await run.output.write(run.options.output === 'json' ? printer.start : '');
  await run.output.write(printer.end(truncated));
  return { printed, truncated };
}

/** What the daemon says is what is printed, line by line: only their ends are looked at. */
async function passOn(run: Run, query: Query, { limit }: PrintRoutesOptions): Promise<Printed> {
  // It is garbage at once: a young generation that grows would only keep more of it, and the buffers it came in.
  setFlagsFromString('--semi-space-growth-factor=1');
  const most = limit ?? Number.POSITIVE_INFINITY;
  const daemon = await run.daemon();
  let printed = 0;
  let rest = '';
  for await (const chunk of daemon.routeText(query)) {
    const text = rest + chunk;
    let end = 0;
    let at = text.indexOf('\n');
    for (; at >= 0 && printed < most; at = text.indexOf('\n', end)) {
      printed++;
      end = at + 1;
    }
    if (end > 0) await run.output.write(text.slice(0, end));
    if (at >= 0) return { printed, truncated: true };
    rest = text.slice(end);
  }
  return { printed, truncated: false };
}

function printerFor(run: Run, { view }: PrintRoutesOptions): Printer {
  const { output } = run.options;
  if (output === 'json') return jsonPrinter();
  const table = routeTable({ view, wide: output === 'wide' }, run.style);
  return {
    start: run.style.header ? `${run.colours.dim(legend)}\n` : '',
    batch: (lines) => table.lines(lines.map((line): RouteView => JSON.parse(line))),
    end: () => '',
  };
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
