/**
 * The store as one value at one revision, a draft over it, and the difference between the two. The planner writes
 * into a draft and what really changed comes out: a plan that changes nothing is an empty list, whatever was rewritten.
 * Owns no storage; a store applies `Change`s in one transaction and counts the revision up by one.
 */
import type {
  BgpPeer,
  Connection,
  FailoverEvent,
  Gateway,
  GatewayPool,
  LbRule,
  OverlayRoute,
  Route,
  RoutePolicy,
  Slot,
  System,
  Tenant,
} from './resources.ts';

export interface Kinds {
  readonly system: System;
  readonly pools: GatewayPool;
  readonly gateways: Gateway;
  readonly tenants: Tenant;
  readonly connections: Connection;
  readonly peers: BgpPeer;
  readonly policies: RoutePolicy;
  readonly slots: Slot;
  readonly routes: Route;
  readonly lbRules: LbRule;
  readonly overlayRoutes: OverlayRoute;
  readonly events: FailoverEvent;
}
export type Kind = keyof Kinds;
export const kinds: readonly Kind[] = [
  'system',
  'pools',
  'gateways',
  'tenants',
  'connections',
  'peers',
  'policies',
  'slots',
  'routes',
  'lbRules',
  'overlayRoutes',
  'events',
];

/** Every kind by name. `system` holds one object, of that name. */
export type Tables = { readonly [K in Kind]: ReadonlyMap<string, Kinds[K]> };
export type Snapshot = Tables & { readonly revision: number };
/** Tables of tens of thousands of rows, which a draft shares with what it is made from until they are replaced. */
type Shared = 'routes' | 'overlayRoutes';
export type Draft = { readonly [K in Exclude<Kind, Shared>]: Map<string, Kinds[K]> } & {
  [K in Shared]: ReadonlyMap<string, Kinds[K]>;
} & {
  /** The revision this draft will have once it is written. */
  readonly revision: number;
};

export type Change = {
  [K in Kind]:
    | { readonly type: 'put'; readonly kind: K; readonly value: Kinds[K] }
    | { readonly type: 'delete'; readonly kind: K; readonly name: string };
}[Kind];

export function emptySnapshot(system: System): Snapshot {
  return {
    revision: 0,
    system: new Map([[system.name, system]]),
    pools: new Map(),
    gateways: new Map(),
    tenants: new Map(),
    connections: new Map(),
    peers: new Map(),
    policies: new Map(),
    slots: new Map(),
    routes: new Map(),
    lbRules: new Map(),
    overlayRoutes: new Map(),
    events: new Map(),
  };
}

/**
 * Sorted by name on the way in, so that no answer depends on the order in which a store lists things; of shared tables
 * none does.
 */
export function draftOf(snapshot: Snapshot): Draft {
  return {
    revision: snapshot.revision + 1,
    system: sorted(snapshot.system),
    pools: sorted(snapshot.pools),
    gateways: sorted(snapshot.gateways),
    tenants: sorted(snapshot.tenants),
    connections: sorted(snapshot.connections),
    peers: sorted(snapshot.peers),
    policies: sorted(snapshot.policies),
    slots: sorted(snapshot.slots),
    routes: snapshot.routes,
    lbRules: sorted(snapshot.lbRules),
    overlayRoutes: snapshot.overlayRoutes,
    events: sorted(snapshot.events),
  };
}

function sorted<T>(table: ReadonlyMap<string, T>): Map<string, T> {
  return isSorted(table) ? new Map(table) : new Map([...table].sort(([a], [b]) => compareNames(a, b)));
}

/** As it is nearly always: a draft keeps the order it was given. */
function isSorted(table: ReadonlyMap<string, unknown>): boolean {
  let last: string | undefined;
  for (const name of table.keys()) {
    if (last !== undefined && compareNames(last, name) > 0) return false;
    last = name;
  }
  return true;
}

/** `pool-2` before `pool-10`; else by code unit. Total, so that every tie ends. */
export function compareNames(a: string, b: string): number {
  const [x, y] = [digitsFrom(a), digitsFrom(b)];
  if (x < a.length && y < b.length && x === y && a.startsWith(b.slice(0, y))) {
    const difference = Number(a.slice(x)) - Number(b.slice(y));
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where the number at the end of a name begins: its last fifteen digits at most. */
function digitsFrom(name: string): number {
  let at = name.length;
  while (at > 0 && name.length - at < 15 && isDigit(name.charCodeAt(at - 1))) at--;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Would nothing come out of `changesBetween`? Ends at the first difference. */
export function sameTables(before: Tables, after: Tables): boolean {
  return kinds.every((kind) => {
    const [old, current]: ReadonlyMap<string, unknown>[] = [before[kind], after[kind]];
    if (old === current) return true;
    if (old.size !== current.size) return false;
    for (const [name, value] of current) if (!sameValue(old.get(name), value)) return false;
    return true;
  });
}

/** What the draft changed, in the order of `kinds`, then of names. */
export function changesBetween(snapshot: Tables, draft: Tables): readonly Change[] {
  return kinds.flatMap((kind) => changesOf(kind, snapshot, draft));
}

function changesOf<K extends Kind>(kind: K, before: Tables, after: Tables): readonly Change[] {
  const [old, current]: [ReadonlyMap<string, unknown>, ReadonlyMap<string, unknown>] = [
    before[kind],
    after[kind],
  ];
  if (old === current) return [];
  const names: string[] = [];
  for (const [name, value] of current) if (!sameValue(old.get(name), value)) names.push(name);
  for (const name of old.keys()) if (!current.has(name)) names.push(name);
  return names.sort(compareNames).map((name) => {
    const value = current.get(name);
    return (value === undefined ? { type: 'delete', kind, name } : { type: 'put', kind, value }) as Change;
  });
}

/** The next snapshot; tables that do not change are the same ones. Without changes it is the same one at the same revision. */
export function applyChanges(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  if (changes.length === 0) return snapshot;
  const next = { ...snapshot, revision: snapshot.revision + 1 };
  for (const kind of kinds) {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length > 0) Object.assign(next, { [kind]: changed(snapshot[kind], own) });
  }
  return next;
}

function changed(table: ReadonlyMap<string, unknown>, changes: readonly Change[]): Map<string, unknown> {
  const next = new Map(table);
  for (const change of changes) {
    if (change.type === 'delete') next.delete(change.name);
    else next.set(change.value.name, change.value);
  }
  return next;
}

/** Equality of plain data; an absent field equals `undefined`, the order of keys does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].every((key) => sameValue(x[key], y[key]));
}
