/**
 * What is known of tenants whose routes need not be derived again: with these inputs and these rows, deriving changed
 * nothing. A plan without it, or with one of another store, comes to the same result and only takes longer.
 */
import type { OverlayRoute, Route } from './resources.ts';

/** What is stored of one tenant. */
export interface TenantRows {
  readonly routes: readonly Route[];
  readonly overlayRoutes: readonly OverlayRoute[];
}

interface Settled extends TenantRows {
  /** Values and objects that are compared by identity. */
  readonly inputs: readonly unknown[];
  /** From then on time itself changes something. */
  readonly until: number;
}

type Row = { readonly tenant: string };

const none: readonly never[] = [];

export class DerivedMemo {
  readonly #settled = new Map<string, Settled>();
  readonly #grouped = new WeakMap<ReadonlyMap<string, Row>, ReadonlyMap<string, readonly Row[]>>();

  /** A table by tenant; looked through once for each table that there ever was. */
  byTenant<R extends Row>(table: ReadonlyMap<string, R>): (tenant: string) => readonly R[] {
    const known = this.#grouped.get(table) as ReadonlyMap<string, readonly R[]> | undefined;
    const groups = known ?? grouped(table);
    if (!known) this.#grouped.set(table, groups);
    return (tenant) => groups.get(tenant) ?? none;
  }

  tenantsOf(table: ReadonlyMap<string, Row>): Iterable<string> {
    this.byTenant(table);
    return this.#grouped.get(table)?.keys() ?? none;
  }

  isSettled(tenant: string, inputs: readonly unknown[], rows: TenantRows, now: number): boolean {
    const known = this.#settled.get(tenant);
    return (
      known !== undefined &&
      now < known.until &&
      isSame(inputs, known.inputs) &&
      isSame(rows.routes, known.routes) &&
      isSame(rows.overlayRoutes, known.overlayRoutes)
    );
  }

  settle(tenant: string, inputs: readonly unknown[], rows: TenantRows, until: number): void {
    this.#settled.set(tenant, { inputs, ...rows, until });
  }

  /** The tenant is gone, with all its rows. */
  forget(tenant: string): void {
    this.#settled.delete(tenant);
  }
}

function grouped<R extends Row>(table: ReadonlyMap<string, R>): ReadonlyMap<string, readonly R[]> {
  const groups = new Map<string, R[]>();
  for (const row of table.values()) {
    const group = groups.get(row.tenant);
    if (group) group.push(row);
    else groups.set(row.tenant, [row]);
  }
  return groups;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((value, at) => value === b[at]));
}
