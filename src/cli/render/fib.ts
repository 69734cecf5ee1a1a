/** The kernel's routes: one line about all of them, then a line per route. Pure. */
import type { FibRouteView, FibView } from '../views.ts';
import { Table, type TableStyle } from './table.ts';
import { count, printable } from './text.ts';

export function renderFib(fib: FibView, { colours, header }: TableStyle): string {
  if (!header) return '';
  const failed = fib.failed > 0 ? colours.red(`${fib.failed} failed`) : '0 failed';
  const numbers = [`${count(fib.installed, 'route')} installed`, `${fib.pending} pending`, failed].join(', ');
  const where = `${fib.place}, table ${fib.table}, metric ${fib.metric}`;
  const problem = fib.problem === undefined ? '' : `${colours.red(printable(fib.problem))}\n`;
  return `${printable(where)}: ${numbers}\n${problem}`;
}

/** Streams: a table of the whole Internet holds one batch. */
export function fibTable(style: TableStyle): Table<FibRouteView> {
  return new Table<FibRouteView>(
    [
      { title: 'Prefix', text: ({ prefix }) => prefix, minWidth: 18 },
      {
        title: 'State',
        text: ({ state }) => state,
        minWidth: 9,
        paint: (text, { state }, colours) =>
          state === 'failed' ? colours.red(text) : state === 'pending' ? colours.yellow(text) : text,
      },
      { title: 'Next hop', text: ({ nextHops }) => nextHops.join(' '), minWidth: 15 },
      { title: 'In the kernel', text: ({ installed }) => installed ?? '-', minWidth: 24 },
      { title: 'Reason', text: ({ reason }) => reason },
    ],
    style,
  );
}
