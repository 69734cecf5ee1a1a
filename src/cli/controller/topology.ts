/**
 * The picture of who serves whom: pools, their gateways, the slots bound to each, the tenants on a slot with their role
 * and connections. What is bound to nobody comes last. Pure.
 */
import type { Colours } from '../render/colours.ts';
import { type Glyphs, printable } from '../render/text.ts';
import { conditionsText, loadText, paintPhase } from './tables.ts';
import type { Connection, Gateway, GatewayPool, Slot, Tenant } from './views.ts';

export interface Topology {
  readonly pools: readonly GatewayPool[];
  readonly gateways: readonly Gateway[];
  readonly slots: readonly Slot[];
  readonly tenants: readonly Tenant[];
  readonly connections: readonly Connection[];
}

interface Node {
  readonly text: string;
  readonly below: readonly Node[];
}

export function renderTopology(topology: Topology, glyphs: Glyphs, colours: Colours): string {
  const { pools, tenants } = topology;
  const nodes = [
    // A tenant's token sees no pool: what it sees hangs on nothing.
    ...(pools.length > 0
      ? pools.map((pool) => poolNode(topology, pool, colours))
      : tenants.flatMap((tenant) => instanceNodes(topology, tenant, colours))),
    ...loose(topology, colours),
  ];
  return nodes.map(({ text, below }) => `${text}\n${tree(below, '', glyphs)}`).join('');
}

function tree(nodes: readonly Node[], indent: string, glyphs: Glyphs): string {
  return nodes
    .map(({ text, below }, i) => {
      const isLast = i === nodes.length - 1;
      const deeper = `${indent}${isLast ? glyphs.blank : glyphs.trunk} `;
      return `${indent}${isLast ? glyphs.last : glyphs.branch} ${text}\n${tree(below, deeper, glyphs)}`;
    })
    .join('');
}

function poolNode(topology: Topology, { name, spec, status }: GatewayPool, colours: Colours): Node {
  const reserve = `N=${spec.redundantGatewayCount}${status.reserveSatisfied ? '' : ', reserve is not there'}`;
  const text = `${colours.bold(name)} ${spec.type}: ${status.active} active, ${status.spare} spare, ${reserve}`;
  const members = topology.gateways.filter((gateway) => gateway.spec.pool === name);
  const unbound = topology.slots.filter((slot) => slot.spec.pool === name && slot.status.gateway === null);
  return {
    text,
    below: [
      ...members.map((gateway) => gatewayNode(topology, gateway, colours)),
      ...unbound.map((slot) => slotNode(topology, slot, colours)),
    ],
  };
}

function gatewayNode(topology: Topology, { name, spec, status }: Gateway, colours: Colours): Node {
  const phase = paintPhase(status.phase, status.phase, colours);
  const load = loadText(status.loadUnits, status.capacityUnits);
  const conditions = conditionsText(status.conditions);
  const trouble = conditions === '' ? '' : ` (${printable(conditions)})`;
  return {
    text: `${colours.bold(name)} ${phase} ${spec.underlayAddress}, load ${load}${routersText(spec, status)}${trouble}`,
    below: topology.slots
      .filter((slot) => slot.status.gateway === name)
      .map((slot) => slotNode(topology, slot, colours)),
  };
}

/** Of a gateway that has routers of the underlay to announce VIPs to, and has spoken of them. */
function routersText({ underlayBgp }: Gateway['spec'], { underlayUp }: Gateway['status']): string {
  return underlayBgp && underlayUp ? `, underlay ${underlayUp.length} of ${underlayBgp.peers.length} up` : '';
}

function slotNode(topology: Topology, { name, status }: Slot, colours: Colours): Node {
  const state = [
    paintPhase(status.phase, status.phase, colours),
    `epoch ${status.epoch}`,
    ...(status.greVip === undefined ? [] : [`GRE VIP ${status.greVip}`]),
    ...(status.unboundReason === undefined ? [] : [status.unboundReason]),
    ...(status.releasing?.target ? [`moves to ${status.releasing.target}`] : []),
  ];
  const served = topology.tenants.filter((tenant) =>
    tenant.status.instances.some((instance) => instance.slot === name),
  );
  return {
    text: `slot ${name} ${state.join(', ')}`,
    below: served.map((tenant) => tenantNode(topology, tenant, name, colours)),
  };
}

function tenantNode(
  topology: Topology,
  { name, spec, status }: Tenant,
  slot: string,
  colours: Colours,
): Node {
  const address = status.instances.find((instance) => instance.slot === slot)?.address ?? '';
  const phase = paintPhase(status.rrPhase, status.rrPhase, colours);
  const role =
    status.rrSlot === slot
      ? `reflector ${spec.rr.address} ${phase}`
      : `client of ${status.rrSlot ?? 'nobody'}`;
  const connections = topology.connections.filter(
    (connection) => connection.spec.tenant === name && connection.status.slot === slot,
  );
  return {
    text: `tenant ${colours.bold(name)} ${role}, ${address}`,
    below: connections.map((connection) => connectionNode(connection, colours)),
  };
}

function instanceNodes(topology: Topology, tenant: Tenant, colours: Colours): readonly Node[] {
  return tenant.status.instances.map(({ slot }) => tenantNode(topology, tenant, slot, colours));
}

function connectionNode({ name, spec, status }: Connection, colours: Colours): Node {
  const phase = paintPhase(status.phase, status.phase, colours);
  const remote = spec.remoteAddress ?? spec.l3?.peerAddress ?? '';
  const why = status.pending ? ` ${printable(status.pending.message)}` : '';
  return { text: `${name} ${spec.type} ${remote} ${phase}${why}`, below: [] };
}

/** Connections that have no slot. */
function loose({ connections }: Topology, colours: Colours): readonly Node[] {
  const pending = connections.filter(({ status }) => status.slot === null);
  if (pending.length === 0) return [];
  return [
    {
      text: colours.bold('not placed'),
      below: pending.map((connection) => connectionNode(connection, colours)),
    },
  ];
}
