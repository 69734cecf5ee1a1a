/**
 * The tables that follow from the rest: load balancer rows, routes with the connection each ends at, overlay routes.
 * They change in the same transaction as the binding they follow from. A route whose next hop matches no pin, static
 * route or slot address ends nowhere and says so; nothing is guessed.
 */
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import type { Planning } from './gateways.ts';
import type { FeedRoute, RouteFeed } from './observations.ts';
import { poolOf } from './occupancy.ts';
import type { Connection, Gateway, LbRule, OverlayRoute, Route, Slot, Tenant } from './resources.ts';
import type { Tables } from './snapshot.ts';

export function planDerived(planning: Planning): void {
  const { draft } = planning;
  replace(draft.lbRules, lbRules(draft));
  const known = routesByTenant(draft);
  for (const tenant of draft.tenants.values()) deriveRoutes(planning, tenant, known.get(tenant.name) ?? []);
  for (const [tenant, routes] of known)
    if (!draft.tenants.has(tenant)) for (const { name } of routes) draft.routes.delete(name);
  replace(draft.overlayRoutes, overlayRoutes(planning));
}

/** Looked through once, not once for each tenant: there may be 30,000. */
function routesByTenant(tables: Tables): ReadonlyMap<string, readonly Route[]> {
  const found = new Map<string, Route[]>();
  for (const route of tables.routes.values()) {
    const list = found.get(route.tenant);
    if (list) list.push(route);
    else found.set(route.tenant, [route]);
  }
  return found;
}

function replace<T extends { readonly name: string }>(table: Map<string, T>, rows: readonly T[]): void {
  table.clear();
  for (const row of rows) table.set(row.name, row);
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

function deriveRoutes({ draft, observations, now }: Planning, tenant: Tenant, known: readonly Route[]): void {
  const rrSlot = draft.slots.get(tenant.status.rrSlot ?? '');
  const heard = observations.feeds.get(tenant.name);
  const feed =
    heard && heard.slot === rrSlot?.name && heard.epoch === rrSlot.status.epoch ? heard : undefined;
  const resolve = resolver(draft, tenant);
  const gone = tenant.status.deletion !== undefined && tenant.status.deletion.stage !== 'ClosePeers';
  const fresh = new Map((gone ? [] : (feed?.routes ?? [])).map((route) => [route.prefix, route]));
  for (const old of known) {
    if (fresh.has(old.prefix)) continue;
    const stale = gone || feed?.endOfRib ? undefined : staleRoute(draft, tenant, old, now);
    if (stale) draft.routes.set(old.name, stale);
    else draft.routes.delete(old.name);
  }
  if (!feed) return;
  for (const route of fresh.values()) {
    const row = freshRoute(tenant, feed, route, resolve);
    const old = draft.routes.get(row.name);
    if (!old || !isSameRoute(old, row)) draft.routes.set(row.name, row);
  }
}

/** Field by field: it is asked of every route at every plan. The names are equal. */
function isSameRoute(a: Route, b: Route): boolean {
  return (
    a.nextHop === b.nextHop &&
    a.metric === b.metric &&
    a.connection === b.connection &&
    a.slot === b.slot &&
    a.rrEpoch === b.rrEpoch &&
    a.state === b.state &&
    a.staleUntil === b.staleUntil
  );
}

function freshRoute(tenant: Tenant, feed: RouteFeed, route: FeedRoute, resolve: Resolver): Route {
  const end = resolve(route);
  return {
    name: `${tenant.name} ${route.prefix}`,
    tenant: tenant.name,
    prefix: route.prefix,
    nextHop: route.nextHop,
    metric: route.metric,
    connection: end?.connection ?? null,
    slot: end?.slot ?? null,
    rrEpoch: feed.epoch,
    state: 'Fresh',
  };
}

/** RFC 4724 §4.2 in spirit: what the reflector said before is kept for the restart time, while its gateway lives. */
function staleRoute(tables: Tables, tenant: Tenant, route: Route, now: number): Route | undefined {
  const staleUntil = route.staleUntil ?? now + (tenant.spec.restartSeconds ?? 120) * 1000;
  if (now >= staleUntil || tenant.status.rrSlot === null) return undefined;
  const slot = tables.slots.get(route.slot ?? '');
  const connection = tables.connections.get(route.connection ?? '');
  const isGone = !slot || (route.connection !== null && connection?.status.slot !== route.slot);
  return isGone ? undefined : { ...route, state: 'Stale', staleUntil };
}

type Resolver = (
  route: FeedRoute,
) => { readonly connection: string | null; readonly slot: string } | undefined;

/** Longest match of a next hop over pins, static routes and slot addresses; equal lengths in that order. */
export function resolver(tables: Tables, tenant: Tenant): Resolver {
  const rows: { readonly prefix: Prefix; readonly connection: string | null; readonly slot: string }[] = [];
  const own = [...tables.connections.values()].filter(({ spec }) => spec.tenant === tenant.name);
  const slotOf = new Map(own.map(({ name, status }) => [name, status.slot]));
  const add = (prefix: Prefix | undefined, connection: string | null, slot: string | null | undefined) => {
    if (prefix && slot) rows.push({ prefix, connection, slot });
  };
  for (const { spec } of tables.peers.values()) {
    if (spec.tenant === tenant.name)
      add(hostPrefix(spec.address), spec.connection, slotOf.get(spec.connection));
  }
  for (const { name, spec, status } of own)
    for (const route of spec.routes) add(Prefix.parse(route.prefix), name, status.slot);
  for (const { slot, address } of tenant.status.instances) add(hostPrefix(address), null, slot);
  rows.sort((a, b) => b.prefix.length - a.prefix.length);
  // Many routes share few next hops.
  const matches = new Map<string, (typeof rows)[number] | undefined>();
  const matchOf = (text: string) => {
    if (matches.has(text)) return matches.get(text);
    const nextHop = IpAddress.parse(text);
    const match = nextHop && rows.find(({ prefix }) => prefix.contains(nextHop));
    matches.set(text, match);
    return match;
  };
  return (route) => {
    const match = matchOf(route.nextHop);
    if (!match || match.connection !== null) return match;
    // The next hop is a slot's own address: a static route of that slot, told apart by its prefix.
    const origin = own.find(
      ({ spec, status }) =>
        status.slot === match.slot && spec.routes.some(({ prefix }) => prefix === route.prefix),
    );
    return { slot: match.slot, connection: origin?.name ?? null };
  };
}

function hostPrefix(address: string): Prefix | undefined {
  const parsed = IpAddress.parse(address);
  return parsed && new Prefix(parsed, parsed.bytes.length * 8);
}

/** I-NH, I-NHRR: straight to the gateway that ends the connection, at the slot's epoch; nothing for a slot nobody serves. */
function overlayRoutes({ draft }: Planning): readonly OverlayRoute[] {
  return [...draft.routes.values()].flatMap((route) => {
    const slot = draft.slots.get(route.slot ?? '');
    const gateway = servingGateway(draft, slot);
    if (!slot || !gateway) return [];
    const old = draft.overlayRoutes.get(route.name);
    const nextHopPa = gateway.spec.underlayAddress;
    const { epoch } = slot.status;
    const { name, tenant, prefix, metric } = route;
    const isSame = old?.nextHopPa === nextHopPa && old.epoch === epoch && old.slot === slot.name;
    if (old && isSame && old.metric === metric) return old;
    return { name, tenant, prefix, nextHopPa, metric, slot: slot.name, epoch, fromRevision: draft.revision };
  });
}
