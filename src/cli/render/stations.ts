/** The stations table: a line per monitoring station, with what it was told and why it is not there. Pure. */
import type { StationsPage, StationView } from '../views.ts';
import { type Column, renderTable, type TableStyle } from './table.ts';
import { formatAge, formatBytes } from './text.ts';

export function renderStations({ now, stations }: StationsPage, style: TableStyle): string {
  const columns: readonly Column<StationView>[] = [
    { title: 'Station', text: ({ name }) => name },
    {
      title: 'Address',
      text: ({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`,
    },
    { title: 'Monitors', text: ({ monitor }) => monitor.join(' ') },
    {
      title: 'State',
      text: ({ state }) => state,
      paint: (text, { state }, colours) =>
        state === 'connected' ? colours.green(text) : colours.yellow(text),
    },
    { title: 'Since', text: ({ since }) => formatAge(now - since), align: 'right' },
    { title: 'Told', text: ({ counters }) => counters.announced + counters.withdrawn, align: 'right' },
    { title: 'Owed', text: owedOf, align: 'right' },
    { title: 'Sent', text: ({ counters }) => formatBytes(counters.octets), align: 'right' },
    {
      title: 'Reason',
      text: (station) => reasonOf(station, now),
      paint: (text, _row, colours) => colours.yellow(text),
    },
  ];
  return renderTable(columns, stations, style);
}

/** `+`: and what it has not seen of the tables yet. */
function owedOf({ state, owed, synchronised }: StationView): string {
  if (state !== 'connected') return '-';
  return synchronised ? String(owed) : `${owed}+`;
}

function reasonOf({ state, lastError = '', retryAt }: StationView, now: number): string {
  if (state !== 'waiting') return '';
  return retryAt === undefined
    ? lastError
    : `${lastError}; again in ${formatAge(Math.max(0, retryAt - now))}`;
}
