/** The status page: who this speaker is, how it is, what it holds. Pure. */
import type { StatusView } from '../views.ts';
import { renderTable, type TableStyle } from './table.ts';
import { count, formatAge, formatBytes, printable } from './text.ts';

/** `notReady` in words, `undefined` for a daemon that is ready. */
export function renderStatus(status: StatusView, notReady: string | undefined, style: TableStyle): string {
  return [identity(status, notReady, style), families(status, style), groups(status, style)]
    .filter((section) => section !== '')
    .join('\n');
}

function identity(status: StatusView, notReady: string | undefined, { colours }: TableStyle): string {
  const { peers, memory } = status;
  const health =
    notReady === undefined ? colours.green('ready') : colours.yellow(`not ready: ${printable(notReady)}`);
  const others = [
    ...(peers.dynamic > 0 ? [`${peers.dynamic} dynamic`] : []),
    ...(peers.adminDown > 0 ? [`${peers.adminDown} admin-down`] : []),
  ];
  const lines: readonly (readonly [string, string])[] = [
    ['heliod', `${status.version}, ${health}${status.busy ? ', busy with routes' : ''}`],
    ['AS', `${status.asn}, router id ${status.routerId}, cluster id ${status.clusterId}`],
    ['Uptime', formatAge(status.now - status.startedAt)],
    ['Peers', [`${peers.established} of ${peers.configured} established`, ...others].join(', ')],
    [
      'Memory',
      `${formatBytes(memory.ribBytes)} for ${count(memory.paths, 'path')}, ${count(memory.attributeSets, 'attribute set')}`,
    ],
  ];
  return lines.map(([name, value]) => `${colours.bold(name.padEnd(8))}${value}\n`).join('');
}

function families(status: StatusView, style: TableStyle): string {
  if (status.families.length === 0) return '';
  return renderTable(
    [
      { title: 'Family', text: (row) => row.family },
      { title: 'Prefixes', text: (row) => row.prefixes, align: 'right' },
      { title: 'Paths', text: (row) => row.paths, align: 'right' },
    ],
    status.families,
    style,
  );
}

function groups(status: StatusView, style: TableStyle): string {
  if (status.updateGroups.length === 0) return '';
  return renderTable(
    [
      { title: 'Update group', text: (row) => row.family },
      { title: 'Members', text: (row) => row.members, align: 'right' },
      { title: 'Lagging', text: (row) => row.lagging, align: 'right' },
      { title: 'Routes', text: (row) => row.routes, align: 'right' },
      { title: 'What its members share', text: (row) => row.description },
    ],
    status.updateGroups,
    style,
  );
}
