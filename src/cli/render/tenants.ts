/** The tenants table: a line per routing instance, with why it is down and how near it is to its limits. Pure. */
import type { TenantView } from '../views.ts';
import type { Colours } from './colours.ts';
import { type Column, renderTable, type TableStyle } from './table.ts';
import { formatBytes } from './text.ts';

const narrow: readonly Column<TenantView>[] = [
  { title: 'Tenant', text: ({ key }) => key },
  { title: 'AS', text: ({ asn }) => asn, align: 'right' },
  { title: 'Router id', text: ({ routerId }) => routerId },
  { title: 'Place', text: ({ place }) => place },
  { title: 'State', text: ({ trouble }) => (trouble === undefined ? 'up' : 'down'), paint: paintState },
  { title: 'Up', text: ({ peers }) => peers?.established ?? '-', align: 'right' },
  { title: 'Peers', text: ({ peers, limits }) => used(total(peers), limits.peers), align: 'right' },
  { title: 'Paths', text: ({ paths, limits }) => used(paths, limits.routes), align: 'right' },
];

const wide: readonly Column<TenantView>[] = [
  ...narrow,
  { title: 'Memory', text: ({ ribBytes }) => formatBytes(ribBytes ?? 0), align: 'right' },
  { title: 'Updates/s', text: ({ limits }) => limits.updatesPerSecond ?? '-', align: 'right' },
  { title: 'Source', text: ({ source }) => source },
];

const reason: Column<TenantView> = {
  title: 'Reason',
  text: ({ trouble }) => trouble ?? '',
  paint: (text, _row, colours) => colours.yellow(text),
};

function paintState(text: string, { trouble }: TenantView, colours: Colours): string {
  return trouble === undefined ? colours.green(text) : colours.red(text);
}

function total(peers: TenantView['peers']): number | undefined {
  return peers && peers.configured + peers.dynamic;
}

/** `5` or `5/10`. */
function used(count: number | undefined, limit: number | undefined): string {
  return `${count ?? '-'}${limit === undefined ? '' : `/${limit}`}`;
}

export function renderTenants(tenants: readonly TenantView[], style: TableStyle): string {
  return renderTable([...narrow, reason], tenants, style);
}

export function renderTenantsWide(tenants: readonly TenantView[], style: TableStyle): string {
  return renderTable([...wide, reason], tenants, style);
}
