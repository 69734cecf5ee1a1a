/**
 * Which slot is a tenant's reflector and which are its clients. The first slot of a tenant becomes its reflector, with
 * the tenant's own address, router id and cluster id (RFC 4456); every other slot becomes a client of it. The role only
 * moves when its slot has no gateway or nothing left to do, and only after the old gateway has let go of the address.
 */
import { hasApplied, type Planning } from './gateways.ts';
import { freeVni, newInstance } from './names.ts';
import type { RrPhase, Tenant, TenantStatus } from './resources.ts';
import { sameValue, type Tables } from './snapshot.ts';

export function newTenantStatus(): TenantStatus {
  return { rrSlot: null, rrPhase: 'None', instances: [], conditions: [] };
}

/** The tenant has just been given a connection on this slot: an address there, and the role if it is the first. */
export function addInstance(planning: Planning, tenant: Tenant, slot: string): void {
  const { instances, rrSlot } = tenant.status;
  const known = instances.some((instance) => instance.slot === slot);
  const added = known ? undefined : newInstance(tenant, slot);
  planning.draft.tenants.set(tenant.name, {
    ...tenant,
    status: {
      ...tenant.status,
      instances: added ? [...instances, added] : instances,
      vni: tenant.status.vni ?? freeVni(planning.draft),
      rrSlot: rrSlot ?? slot,
    },
  });
}

export function planRoles(planning: Planning): void {
  const used = slotsInUse(planning.draft);
  for (const tenant of planning.draft.tenants.values()) {
    const status = roles(planning, tenant, used);
    if (!sameValue(status, tenant.status)) planning.draft.tenants.set(tenant.name, { ...tenant, status });
  }
}

function roles(planning: Planning, tenant: Tenant, inUse: SlotsInUse): TenantStatus {
  const { draft } = planning;
  const used = inUse.byTenant.get(tenant.name) ?? new Set();
  const rrSlot = designate(draft, tenant, used, inUse.all);
  const instances = tenant.status.instances.filter(({ slot }) => used.has(slot) || slot === rrSlot);
  const { rrMove: _, ...kept } = tenant.status;
  const rrMove = pendingMove(planning, tenant, rrSlot);
  const status: TenantStatus = { ...kept, rrSlot, instances, ...(rrMove ? { rrMove } : {}) };
  return { ...status, rrPhase: phaseOf(planning, { ...tenant, status }) };
}

/** Slots that a connection is on. */
interface SlotsInUse {
  readonly byTenant: ReadonlyMap<string, ReadonlySet<string>>;
  readonly all: ReadonlySet<string>;
}

function slotsInUse(tables: Tables): SlotsInUse {
  const byTenant = new Map<string, Set<string>>();
  const all = new Set<string>();
  for (const { spec, status } of tables.connections.values()) {
    if (status.slot === null) continue;
    all.add(status.slot);
    const own = byTenant.get(spec.tenant);
    if (own) own.add(status.slot);
    else byTenant.set(spec.tenant, new Set([status.slot]));
  }
  return { byTenant, all };
}

function designate(
  tables: Tables,
  tenant: Tenant,
  used: ReadonlySet<string>,
  busy: ReadonlySet<string>,
): string | null {
  const { rrSlot, instances } = tenant.status;
  if (used.size === 0) return null;
  const candidates = instances.flatMap(({ slot }) => (used.has(slot) ? (tables.slots.get(slot) ?? []) : []));
  const bound = candidates.find(({ status }) => status.phase === 'Bound');
  const current = tables.slots.get(rrSlot ?? '');
  if (!current) return (bound ?? candidates[0])?.name ?? null;
  // Idle: it serves nobody's connection and is kept alive by the role alone.
  const mustMove = current.status.phase === 'Unbound' || !busy.has(current.name);
  return mustMove && bound ? bound.name : current.name;
}

/** Who must still let go of the RR address before anybody is given it. */
function pendingMove(planning: Planning, tenant: Tenant, rrSlot: string | null): TenantStatus['rrMove'] {
  const { draft } = planning;
  const { rrMove } = tenant.status;
  if (rrMove) return hasApplied(planning, rrMove.gateway, rrMove.afterRevision) ? undefined : rrMove;
  const holder = draft.slots.get(tenant.status.rrSlot ?? '')?.status.gateway;
  if (rrSlot === tenant.status.rrSlot || !holder) return undefined;
  return hasApplied(planning, holder, draft.revision)
    ? undefined
    : { gateway: holder, afterRevision: draft.revision };
}

function phaseOf({ draft, observations }: Planning, tenant: Tenant): RrPhase {
  const { rrSlot, rrMove, rrPhase } = tenant.status;
  if (rrSlot === null) return 'None';
  if (rrMove) return 'Moving';
  const slot = draft.slots.get(rrSlot);
  if (slot?.status.phase !== 'Bound') return 'Interrupted';
  const report = observations.agents.get(slot.status.gateway ?? '')?.report;
  const seen = report?.tenants.find(
    (t) => t.tenant === tenant.name && t.slot === rrSlot && t.epoch === slot.status.epoch,
  );
  if (seen && seen.rr !== 'Off' && report?.from === 'agent') return seen.rr;
  return rrPhase === 'None' || rrPhase === 'Designated' ? 'Designated' : 'Interrupted';
}
