/**
 * Routes with the connection each ends at, and overlay routes straight to the gateway that ends it. They change in the
 * same transaction as the binding they follow from. A route whose next hop matches no pin, static route or slot address
 * ends nowhere and says so; nothing is guessed. There may be tens of thousands, and nearly always nothing is new: only
 * tenants are looked at of whom something is.
 */
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import { servingGateway } from './derive.ts';
import type { DerivedMemo, TenantRows } from './derived-memo.ts';
import type { Planning } from './gateways.ts';
import type { FeedRoute, RouteFeed } from './observations.ts';
import type { BgpPeer, Connection, OverlayRoute, Route, Tenant } from './resources.ts';
import type { Draft, Tables } from './snapshot.ts';

/** What a tenant has, apart from what is derived. */
interface Owned {
  readonly connections: readonly Connection[];
  readonly peers: readonly BgpPeer[];
}

const nothing: Owned = { connections: [], peers: [] };

export function planRoutes(planning: Planning, memo: DerivedMemo): void {
  const { draft, observations, now } = planning;
  const routesOf = memo.byTenant(draft.routes);
  const overlaysOf = memo.byTenant(draft.overlayRoutes);
  const owned = ownedByTenant(draft);
  const writes = new Writes(draft);
  const tenants = new Set([
    ...draft.tenants.keys(),
    ...memo.tenantsOf(draft.routes),
    ...memo.tenantsOf(draft.overlayRoutes),
  ]);
  for (const name of tenants) {
    const known = { routes: routesOf(name), overlayRoutes: overlaysOf(name) };
    const tenant = draft.tenants.get(name);
    const own = owned.get(name) ?? nothing;
    const inputs = inputsOf(planning, tenant, own, known.routes, observations.feeds.get(name));
    if (memo.isSettled(name, inputs, known, now)) continue;
    const routes = tenant ? routesNow(planning, tenant, own, known.routes) : [];
    const overlayRoutes = overlayRoutesOf(draft, routes);
    if (writes.replace(known, { routes, overlayRoutes })) continue;
    if (tenant) memo.settle(name, inputs, known, firstExpiry(routes));
    else memo.forget(name);
  }
}

/** Copies of the tables, made when the first row differs. */
class Writes {
  readonly #draft: Draft;
  readonly #copied = new Set<ReadonlyMap<string, unknown>>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** True when anything differs. */
  replace(known: TenantRows, rows: TenantRows): boolean {
    const routes = this.#differs(known.routes, rows.routes);
    const overlays = this.#differs(known.overlayRoutes, rows.overlayRoutes);
    if (routes) this.#draft.routes = this.#written(this.#draft.routes, known.routes, rows.routes);
    if (overlays)
      this.#draft.overlayRoutes = this.#written(
        this.#draft.overlayRoutes,
        known.overlayRoutes,
        rows.overlayRoutes,
      );
    return routes || overlays;
  }

  #differs<R>(known: readonly R[], rows: readonly R[]): boolean {
    if (known.length !== rows.length) return true;
    const all = new Set(known);
    return rows.some((row) => !all.has(row));
  }

  #written<R extends { readonly name: string }>(
    table: ReadonlyMap<string, R>,
    known: readonly R[],
    rows: readonly R[],
  ): ReadonlyMap<string, R> {
    const copy = this.#copied.has(table) ? (table as Map<string, R>) : new Map(table);
    this.#copied.add(copy);
    const kept = new Set(rows.map(({ name }) => name));
    for (const { name } of known) if (!kept.has(name)) copy.delete(name);
    for (const row of rows) if (copy.get(row.name) !== row) copy.set(row.name, row);
    return copy;
  }
}

function ownedByTenant(tables: Tables): ReadonlyMap<string, Owned> {
  const found = new Map<string, { connections: Connection[]; peers: BgpPeer[] }>();
  const of = (tenant: string) => {
    const known = found.get(tenant) ?? { connections: [], peers: [] };
    found.set(tenant, known);
    return known;
  };
  for (const connection of tables.connections.values())
    of(connection.spec.tenant).connections.push(connection);
  for (const peer of tables.peers.values()) of(peer.spec.tenant).peers.push(peer);
  return found;
}

/** All that decides over a tenant's rows apart from the rows themselves, and time. */
function inputsOf(
  { draft }: Planning,
  tenant: Tenant | undefined,
  { connections, peers }: Owned,
  known: readonly Route[],
  feed: RouteFeed | undefined,
): readonly unknown[] {
  if (!tenant) return [];
  const { rrSlot, deletion, instances } = tenant.status;
  const mentioned = mentionedIn(known);
  const slots = new Set([rrSlot, ...mentioned.slots, ...instances.map(({ slot }) => slot)]);
  for (const { status } of connections) slots.add(status.slot);
  return [
    ...[tenant.spec, feed, rrSlot, deletion?.stage],
    ...instances.flatMap(({ slot, address }) => [slot, address]),
    ...connections.flatMap(({ name, spec, status }) => [name, spec, status.slot]),
    ...peers.map(({ spec }) => spec),
    ...[...mentioned.connections].map((name) => draft.connections.get(name)?.status.slot),
    ...[...slots].flatMap((name) => {
      const slot = draft.slots.get(name ?? '');
      return [name, slot?.status.epoch, servingGateway(draft, slot)?.spec.underlayAddress];
    }),
  ];
}

interface Mentioned {
  readonly slots: ReadonlySet<string>;
  readonly connections: ReadonlySet<string>;
}

/** By list of routes: lists are never changed. */
const mentions = new WeakMap<readonly Route[], Mentioned>();

function mentionedIn(routes: readonly Route[]): Mentioned {
  const known = mentions.get(routes);
  if (known) return known;
  const [slots, connections] = [new Set<string>(), new Set<string>()];
  for (const { slot, connection } of routes) {
    if (slot !== null) slots.add(slot);
    if (connection !== null) connections.add(connection);
  }
  mentions.set(routes, { slots, connections });
  return { slots, connections };
}

function firstExpiry(routes: readonly Route[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { staleUntil } of routes) if (staleUntil !== undefined && staleUntil < first) first = staleUntil;
  return first;
}

/** Objects of routes that stay as they are stay the same. */
function routesNow(
  { draft, observations, now }: Planning,
  tenant: Tenant,
  own: Owned,
  known: readonly Route[],
): readonly Route[] {
  const gone = tenant.status.deletion !== undefined && tenant.status.deletion.stage !== 'ClosePeers';
  if (gone) return [];
  const rrSlot = draft.slots.get(tenant.status.rrSlot ?? '');
  const heard = observations.feeds.get(tenant.name);
  const feed =
    heard && heard.slot === rrSlot?.name && heard.epoch === rrSlot.status.epoch ? heard : undefined;
  const old = new Map(known.map((route) => [route.prefix, route]));
  const fresh = new Map<string, Route>();
  if (feed) {
    const resolve = resolver(tenant, own);
    for (const route of feed.routes) {
      const row = freshRoute(tenant, feed, route, resolve);
      const before = old.get(route.prefix);
      fresh.set(route.prefix, before && isSameRoute(before, row) ? before : row);
    }
  }
  if (feed?.endOfRib) return [...fresh.values()];
  const kept = known.flatMap((route) =>
    fresh.has(route.prefix) ? [] : (staleRoute(draft, tenant, route, now) ?? []),
  );
  return [...kept, ...fresh.values()];
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
  if (isGone) return undefined;
  return route.state === 'Stale' ? route : { ...route, state: 'Stale', staleUntil };
}

type Resolver = (
  route: FeedRoute,
) => { readonly connection: string | null; readonly slot: string } | undefined;

/** Longest match of a next hop over pins, static routes and slot addresses; equal lengths in that order. */
function resolver(tenant: Tenant, { connections: own, peers }: Owned): Resolver {
  const rows: { readonly prefix: Prefix; readonly connection: string | null; readonly slot: string }[] = [];
  const slotOf = new Map(own.map(({ name, status }) => [name, status.slot]));
  const add = (prefix: Prefix | undefined, connection: string | null, slot: string | null | undefined) => {
    if (prefix && slot) rows.push({ prefix, connection, slot });
  };
  for (const { spec } of peers) add(hostPrefix(spec.address), spec.connection, slotOf.get(spec.connection));
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
function overlayRoutesOf(draft: Draft, routes: readonly Route[]): readonly OverlayRoute[] {
  return routes.flatMap((route) => {
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
