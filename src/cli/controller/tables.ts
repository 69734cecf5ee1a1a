/** A table for each kind of the controller's objects, what an operator asks first in the first columns. Pure. */
import type { Colours } from '../render/colours.ts';
import { type Column, renderTable, type TableStyle } from '../render/table.ts';
import type { FailoverEvent, Kind, Kinds } from './views.ts';

type Columns = { readonly [K in Kind]: readonly Column<Kinds[K]>[] };

const good = new Set(['Active', 'Spare', 'Bound', 'Routed', 'TunnelUp', 'Serving', 'Fresh', 'Completed']);
const bad = new Set(['Failed', 'Unbound', 'Quarantined', 'Interrupted']);

export function paintPhase(text: string, phase: string, colours: Colours): string {
  if (good.has(phase)) return colours.green(text);
  return bad.has(phase) ? colours.red(text) : colours.yellow(text);
}

function phase<Row>(of: (row: Row) => string, title = 'Phase'): Column<Row> {
  return { title, text: of, paint: (text, row, colours) => paintPhase(text, of(row), colours) };
}

const name = { title: 'Name', text: (row: { readonly name: string }) => row.name };

export function conditionsText(
  conditions: readonly { readonly type: string; readonly message: string }[],
): string {
  return conditions.map(({ type, message }) => `${type}: ${message}`).join('; ');
}

const columns: Columns = {
  system: [name, { title: 'On loss', text: ({ spec }) => spec.onControllerLoss }],
  pools: [
    name,
    { title: 'Type', text: ({ spec }) => spec.type },
    { title: 'Gateways', text: ({ status }) => status.gateways, align: 'right' },
    { title: 'Active', text: ({ status }) => status.active, align: 'right' },
    { title: 'Spare', text: ({ status }) => status.spare, align: 'right' },
    { title: 'N', text: ({ spec }) => spec.redundantGatewayCount, align: 'right' },
    { title: 'Load', text: ({ status }) => `${(status.loadPermille / 10).toFixed(1)} %`, align: 'right' },
    { title: 'Conditions', text: ({ status }) => conditionsText(status.conditions) },
  ],
  gateways: [
    name,
    { title: 'Pool', text: ({ spec }) => spec.pool },
    phase(({ status }) => status.phase),
    { title: 'Underlay', text: ({ spec }) => spec.underlayAddress },
    { title: 'Tenants', text: ({ status }) => status.tenants, align: 'right' },
    { title: 'Load', text: ({ status }) => loadText(status.loadUnits, status.capacityUnits), align: 'right' },
    { title: 'Conditions', text: ({ status }) => conditionsText(status.conditions) },
  ],
  tenants: [
    name,
    { title: 'AS', text: ({ spec }) => spec.asn, align: 'right' },
    { title: 'Reflector', text: ({ spec }) => spec.rr.address },
    { title: 'On slot', text: ({ status }) => status.rrSlot ?? '-' },
    phase(({ status }) => status.rrPhase),
    { title: 'Slots', text: ({ status }) => status.instances.length, align: 'right' },
    { title: 'Conditions', text: ({ status }) => conditionsText(status.conditions) },
  ],
  connections: [
    name,
    { title: 'Tenant', text: ({ spec }) => spec.tenant },
    { title: 'Type', text: ({ spec }) => spec.type },
    { title: 'In kbit/s', text: ({ spec }) => spec.inKbps, align: 'right' },
    { title: 'Out kbit/s', text: ({ spec }) => spec.outKbps, align: 'right' },
    phase(({ status }) => status.phase),
    { title: 'Slot', text: ({ status }) => status.slot ?? '-' },
    { title: 'Endpoint', text: ({ status }) => status.localEndpoint ?? '-' },
    { title: 'Why not', text: ({ status }) => status.pending?.reason ?? '' },
  ],
  peers: [
    name,
    { title: 'Tenant', text: ({ spec }) => spec.tenant },
    { title: 'Address', text: ({ spec }) => spec.address },
    { title: 'AS', text: ({ spec }) => spec.asn, align: 'right' },
    { title: 'Over', text: ({ spec }) => spec.connection },
    { title: 'Conditions', text: ({ status }) => conditionsText(status.conditions) },
  ],
  policies: [
    name,
    { title: 'Tenant', text: ({ spec }) => spec.tenant },
    { title: 'Rules', text: ({ spec }) => spec.rules.length, align: 'right' },
  ],
  slots: [
    name,
    phase(({ status }) => status.phase),
    { title: 'Gateway', text: ({ status }) => status.gateway ?? '-' },
    { title: 'Epoch', text: ({ status }) => status.epoch, align: 'right' },
    { title: 'GRE VIP', text: ({ status }) => status.greVip ?? '-' },
    { title: 'Why not', text: ({ status }) => status.unboundReason ?? '' },
  ],
  routes: [
    { title: 'Tenant', text: ({ tenant }) => tenant },
    { title: 'Prefix', text: ({ prefix }) => prefix },
    { title: 'Next hop', text: ({ nextHop }) => nextHop },
    { title: 'Connection', text: ({ connection }) => connection ?? '-' },
    { title: 'Slot', text: ({ slot }) => slot ?? '-' },
    phase(({ state }) => state, 'State'),
  ],
  lbRules: [
    { title: 'VIP', text: ({ vip }) => vip },
    { title: 'Remote', text: ({ remoteAddress }) => remoteAddress },
    { title: 'DIP', text: ({ dip }) => dip },
    { title: 'Slot', text: ({ slot }) => slot },
    { title: 'Epoch', text: ({ epoch }) => epoch, align: 'right' },
  ],
  overlayRoutes: [
    { title: 'Tenant', text: ({ tenant }) => tenant },
    { title: 'Prefix', text: ({ prefix }) => prefix },
    { title: 'To', text: ({ nextHopPa }) => nextHopPa },
    { title: 'Slot', text: ({ slot }) => slot },
    { title: 'Epoch', text: ({ epoch }) => epoch, align: 'right' },
  ],
  events: [
    name,
    { title: 'Slot', text: ({ slot }) => slot },
    { title: 'Why', text: ({ trigger }) => trigger },
    { title: 'From', text: ({ from }) => from ?? '-' },
    { title: 'To', text: ({ to }) => to ?? '-' },
    { title: 'Epochs', text: ({ fromEpoch, toEpoch }) => `${fromEpoch} to ${toEpoch}` },
    { title: 'Last step', text: (event) => lastStep(event) },
    phase(({ outcome }) => outcome, 'Outcome'),
  ],
};

/** Whole percents of a gateway. */
export function loadText(units: number, capacity: number): string {
  return capacity === 0 ? '-' : `${Math.round((100 * units) / capacity)} %`;
}

/** `Sync after 6.2 s`. */
function lastStep({ steps, startedAt }: FailoverEvent): string {
  const step = steps.at(-1);
  return step ? `${step.name} after ${((step.endedAt - startedAt) / 1000).toFixed(1)} s` : '-';
}

export function renderObjects<K extends Kind>(
  kind: K,
  items: readonly Kinds[K][],
  style: TableStyle,
): string {
  return renderTable<Kinds[K]>(columns[kind], items, style);
}
