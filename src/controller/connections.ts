/**
 * Connections from wish to work: placement with its explanation, a greater rate when it fits, phases from what agents
 * report, removal once the gateway has let go. A connection that cannot be placed waits with numbers; it is never
 * configured in part.
 */
import { countedKbps } from './capacity.ts';
import { vipOf } from './derive.ts';
import { hasApplied, inGrace, type Planning } from './gateways.ts';
import { freeGreVip, newSlotName } from './names.ts';
import { gatewayUse, modelOf, poolOf, unitsOf } from './occupancy.ts';
import { needsGreVip, place } from './placement.ts';
import type {
  BgpPeer,
  Condition,
  Connection,
  ConnectionPhase,
  ConnectionStatus,
  PlacementRecord,
} from './resources.ts';
import { addInstance } from './roles.ts';
import { type Draft, sameValue } from './snapshot.ts';

export function newConnectionStatus(): ConnectionStatus {
  return { phase: 'Pending', slot: null, conditions: [] };
}

/** What agents say of sessions, looked through once for all connections. */
interface Sessions {
  /** By connection. */
  readonly pinned: ReadonlyMap<string, readonly BgpPeer[]>;
  /** Names of peers. */
  readonly up: ReadonlySet<string>;
}

function sessionsOf({ draft, observations }: Planning): Sessions {
  const up = new Set<string>();
  for (const { report } of observations.agents.values())
    for (const { established } of report.tenants) for (const name of established) up.add(name);
  const pinned = new Map<string, BgpPeer[]>();
  for (const peer of draft.peers.values()) {
    const known = pinned.get(peer.spec.connection);
    if (known) known.push(peer);
    else pinned.set(peer.spec.connection, [peer]);
  }
  return { pinned, up };
}

export function planConnections(planning: Planning): void {
  const sessions = sessionsOf(planning);
  for (const { name } of [...planning.draft.connections.values()]) {
    const connection = planning.draft.connections.get(name);
    if (!connection) continue;
    const owner = planning.draft.tenants.get(connection.spec.tenant);
    if (!owner || (connection.deleting && owner.status.deletion === undefined)) remove(planning, connection);
    else if (connection.status.slot === null && !owner.deleting) tryPlace(planning, connection);
    else if (connection.status.slot !== null) resize(planning, connection, sessions);
  }
}

function set({ draft }: Planning, connection: Connection, status: ConnectionStatus): void {
  if (!sameValue(status, connection.status))
    draft.connections.set(connection.name, { ...connection, status });
}

function tryPlace(planning: Planning, connection: Connection): void {
  const { draft, now } = planning;
  const owner = draft.tenants.get(connection.spec.tenant);
  const placement = place(draft, connection);
  if (placement.type === 'pending' || !owner) {
    const { pending: _, ...rest } = connection.status;
    const record = placement.type === 'pending' ? { pending: placement.record } : {};
    set(planning, connection, { ...rest, ...record, phase: 'Pending' });
    return;
  }
  if (placement.type === 'new-slot' && inGrace(planning, placement.gateway)) return;
  const slot =
    placement.type === 'placed' ? placement.slot : openSlot(draft, placement.pool, placement.gateway);
  const reason = placement.type === 'placed' ? placement.reason : 'NewSlot';
  const { explanation, freeAfterUnits } = placement;
  const record: PlacementRecord = { reason, explanation, freeAfterUnits, at: now };
  const { inKbps, outKbps } = connection.spec;
  const granted = { inKbps, outKbps };
  draft.connections.set(connection.name, {
    ...connection,
    status: { phase: 'Scheduled', slot, placement: record, granted, conditions: [] },
  });
  addInstance(planning, owner, slot);
}

/** A spare becomes active: a slot of its own, at epoch 1. */
function openSlot(draft: Draft, poolName: string, gateway: string): string {
  const pool = poolOf(draft, poolName);
  const name = newSlotName(draft, poolName);
  const greVip = needsGreVip(pool) ? freeGreVip(draft, pool) : undefined;
  const vip = greVip === undefined ? {} : { greVip };
  draft.slots.set(name, {
    name,
    generation: 1,
    spec: { pool: poolName },
    status: { phase: 'Bound', gateway, epoch: 1, ...vip },
  });
  return name;
}

/** A smaller rate holds at once, a greater one when it fits beside everything else there. */
function resize(planning: Planning, connection: Connection, sessions: Sessions): void {
  const { draft } = planning;
  const { inKbps, outKbps } = connection.spec;
  const wish = { inKbps, outKbps };
  const status = withPhase(planning, connection, sessions);
  if (sameValue(wish, status.granted)) {
    set(planning, connection, without(status, 'ResizePending'));
    return;
  }
  const slot = draft.slots.get(status.slot ?? '');
  if (!slot) return;
  const pool = poolOf(draft, slot.spec.pool);
  const gateway = draft.gateways.get(slot.status.gateway ?? '');
  const more =
    modelOf(pool).weight[connection.spec.type] * countedKbps(pool.spec, wish) -
    unitsOf(pool, modelOf(pool), connection);
  const free = gateway ? modelOf(pool).units - gatewayUse(draft, gateway).units : 0;
  if (more <= 0 || (more <= free && slot.status.phase === 'Bound')) {
    set(planning, connection, { ...without(status, 'ResizePending'), granted: wish });
    return;
  }
  const message = `${more} more units needed, ${free} are free; the old rates hold`;
  const condition = { type: 'ResizePending', reason: 'NoCapacity', message };
  set(planning, connection, withCondition(status, condition));
}

function without(status: ConnectionStatus, type: string): ConnectionStatus {
  return { ...status, conditions: status.conditions.filter((condition) => condition.type !== type) };
}

function withCondition(status: ConnectionStatus, condition: Condition): ConnectionStatus {
  return { ...status, conditions: [...without(status, condition.type).conditions, condition] };
}

function withPhase(planning: Planning, connection: Connection, sessions: Sessions): ConnectionStatus {
  const { localEndpoint: _, ...status } = connection.status;
  const endpoint = vipOf(planning.draft, connection);
  const shown = endpoint === undefined ? {} : { localEndpoint: endpoint };
  return { ...status, ...shown, phase: phaseOf(planning, connection, sessions) };
}

/** `Routed`: the tunnel is up, and so is the session of each peer that is pinned to it. */
function phaseOf(
  { draft, observations }: Planning,
  connection: Connection,
  { pinned, up }: Sessions,
): ConnectionPhase {
  const { phase, deletionRevision } = connection.status;
  if (deletionRevision !== undefined) return 'Deleting';
  const slot = draft.slots.get(connection.status.slot ?? '');
  const worked = phase === 'TunnelUp' || phase === 'Routed' || phase === 'Interrupted';
  if (slot?.status.phase !== 'Bound') return worked ? 'Interrupted' : phase;
  const report = observations.agents.get(slot.status.gateway ?? '')?.report;
  const current = report?.held.some((held) => held.slot === slot.name && held.epoch === slot.status.epoch);
  if (!report || report.from === 'guard' || !current) return worked ? 'Interrupted' : 'Scheduled';
  if (!report.tunnelsUp.includes(connection.name)) return worked ? 'Interrupted' : 'Provisioning';
  const own = pinned.get(connection.name) ?? [];
  return own.every(({ name, spec }) => spec.adminDown || up.has(name)) ? 'Routed' : 'TunnelUp';
}

/** Out of every desired state first, out of the store once its gateway has followed. */
function remove(planning: Planning, connection: Connection): void {
  const { draft } = planning;
  const { slot: slotName, deletionRevision } = connection.status;
  const holder = draft.slots.get(slotName ?? '')?.status.gateway ?? null;
  if (deletionRevision === undefined && holder !== null) {
    const status = { ...connection.status, phase: 'Deleting' as const, deletionRevision: draft.revision };
    draft.connections.set(connection.name, { ...connection, status });
  } else if (holder === null || hasApplied(planning, holder, deletionRevision ?? 0)) {
    draft.connections.delete(connection.name);
  }
}
