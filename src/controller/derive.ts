/**
 * The load balancer's rows, and what else follows from where a slot is. They change in the same transaction as the
 * binding they follow from.
 */
import type { Planning } from './gateways.ts';
import { poolOf } from './occupancy.ts';
import type { Connection, Gateway, LbRule, Slot } from './resources.ts';
import type { Tables } from './snapshot.ts';

export function planRules({ draft }: Planning): void {
  const rules = lbRules(draft);
  draft.lbRules.clear();
  for (const rule of rules) draft.lbRules.set(rule.name, rule);
}

/** The gateway that may be pointed at for this slot; none while nobody, or nobody alive, serves it. */
export function servingGateway(tables: Tables, slot: Slot | undefined): Gateway | undefined {
  if (!slot || slot.status.phase === 'Unbound') return undefined;
  const gateway = tables.gateways.get(slot.status.gateway ?? '');
  return gateway && gateway.status.phase !== 'Failed' ? gateway : undefined;
}

export function vipOf(tables: Tables, connection: Connection): string | undefined {
  const slot = tables.slots.get(connection.status.slot ?? '');
  if (!slot) return undefined;
  if (connection.spec.type === 'IPSEC') {
    return connection.spec.vip ?? poolOf(tables, slot.spec.pool).spec.publicVips?.[0];
  }
  return connection.spec.type === 'GRE' ? slot.status.greVip : connection.spec.l3?.localAddress;
}

/** I-LB1, I-LB2: rows for IPsec only, keyed by (vip, remote address), all protocols to one gateway. */
function lbRules(tables: Tables): readonly LbRule[] {
  return [...tables.connections.values()].flatMap((connection) => {
    const { spec, status } = connection;
    const slot = tables.slots.get(status.slot ?? '');
    const gateway = servingGateway(tables, slot);
    const vip = vipOf(tables, connection);
    if (spec.type !== 'IPSEC' || status.deletionRevision !== undefined || isPast(tables, spec.tenant))
      return [];
    if (!slot || !gateway || vip === undefined || spec.remoteAddress === undefined) return [];
    return {
      name: `${vip} ${spec.remoteAddress}`,
      vip,
      remoteAddress: spec.remoteAddress,
      protocols: ['esp', 'udp/500', 'udp/4500'] as const,
      dip: gateway.spec.underlayAddress,
      slot: slot.name,
      epoch: slot.status.epoch,
      returnPath: 'direct' as const,
    };
  });
}

/** A tenant on its way out whose load balancer rows are gone already. */
function isPast(tables: Tables, tenant: string): boolean {
  const stage = tables.tenants.get(tenant)?.status.deletion?.stage;
  return stage !== undefined && stage !== 'ClosePeers' && stage !== 'RemoveRoutes';
}
