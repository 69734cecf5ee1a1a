/**
 * Who may do what: five roles, each token has one. Owns the table of rights; tokens are read and compared by the
 * management API's own code. A tenant's token sees and writes what is the tenant's, an agent's token speaks for
 * gateways and reads nothing.
 */
import type { Kind } from '../controller/snapshot.ts';
import type { ClientKind } from '../controller/writes.ts';

export const roles = ['admin', 'operator', 'viewer', 'tenant', 'agent'] as const;

export interface ControllerGrant {
  /** Where the token is. */
  readonly file: string;
  readonly role: (typeof roles)[number];
  /** Of a tenant's token. */
  readonly tenant?: string;
  /** Of an agent's token; without it, any gateway. */
  readonly gateway?: string;
}

const tenantWrites: readonly ClientKind[] = ['connections', 'peers', 'policies'];

export function mayRead({ role }: ControllerGrant): boolean {
  return role !== 'agent';
}

/** What is about the whole system rather than about one tenant. */
export function mayReadAll({ role }: ControllerGrant): boolean {
  return role === 'admin' || role === 'operator' || role === 'viewer';
}

/** Drain, fail and the like. */
export function mayOperate({ role }: ControllerGrant): boolean {
  return role === 'admin' || role === 'operator';
}

export function mayWrite({ role, tenant }: ControllerGrant, kind: ClientKind, owner?: string): boolean {
  if (role === 'admin') return true;
  return role === 'tenant' && tenantWrites.includes(kind) && owner === tenant;
}

export function maySpeakFor({ role, gateway }: ControllerGrant, name: string): boolean {
  return role === 'agent' && (gateway === undefined || gateway === name);
}

/** The tenant an object belongs to. */
export function ownerOf(kind: Kind, value: { readonly name: string }): string | undefined {
  if (kind === 'tenants') return value.name;
  const { tenant, spec } = value as { tenant?: string; spec?: { tenant?: string } };
  return tenant ?? spec?.tenant;
}

export function maySee(grant: ControllerGrant, kind: Kind, value: { readonly name: string }): boolean {
  if (mayReadAll(grant)) return true;
  return grant.role === 'tenant' && ownerOf(kind, value) === grant.tenant;
}
