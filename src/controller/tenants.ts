/**
 * The orderly end of a tenant, one stage after the other, each only when every gateway that serves the tenant has
 * followed the last: sessions closed, routes withdrawn, load balancer rows removed, connections unbound, addresses
 * released. Restartable at each stage; the reflector is the last to go.
 */
import { hasApplied, type Planning } from './gateways.ts';
import type { DeletionStage, Tenant } from './resources.ts';

const stages: readonly DeletionStage[] = [
  'ClosePeers',
  'RemoveRoutes',
  'RemoveRules',
  'Unbind',
  'RemoveInstances',
];

export function planDeletions(planning: Planning): void {
  const { draft } = planning;
  for (const table of [draft.peers, draft.policies])
    for (const { name, deleting } of table.values()) if (deleting) table.delete(name);
  for (const tenant of draft.tenants.values()) if (tenant.deleting) advance(planning, tenant);
}

function advance(planning: Planning, tenant: Tenant): void {
  const { draft } = planning;
  const { deletion } = tenant.status;
  if (deletion && !hasFollowed(planning, tenant, deletion.afterRevision)) return;
  const stage = stages[deletion ? stages.indexOf(deletion.stage) + 1 : 0];
  if (stage === undefined) {
    forget(planning, tenant);
    return;
  }
  draft.tenants.set(tenant.name, {
    ...tenant,
    status: { ...tenant.status, deletion: { stage, afterRevision: draft.revision } },
  });
  if (stage === 'Unbind') markConnections(planning, tenant);
}

/** Every gateway that serves the tenant has applied the revision, or certainly serves nothing any more. */
function hasFollowed(planning: Planning, tenant: Tenant, revision: number): boolean {
  return tenant.status.instances.every(({ slot }) => {
    const holder = planning.draft.slots.get(slot)?.status.gateway;
    return !holder || hasApplied(planning, holder, revision);
  });
}

function markConnections({ draft }: Planning, tenant: Tenant): void {
  for (const connection of draft.connections.values()) {
    if (connection.spec.tenant !== tenant.name) continue;
    const status = { ...connection.status, phase: 'Deleting' as const, deletionRevision: draft.revision };
    draft.connections.set(connection.name, { ...connection, deleting: true, status });
  }
}

/** I-RESI: nothing in the store mentions it afterwards. */
function forget({ draft }: Planning, tenant: Tenant): void {
  for (const table of [draft.connections, draft.peers, draft.policies]) {
    for (const { name, spec } of table.values()) if (spec.tenant === tenant.name) table.delete(name);
  }
  draft.tenants.delete(tenant.name);
}
