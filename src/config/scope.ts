/** One instance within the file, as far as it could be read, and where it stands: `router` and its lists, or a tenant. */
import type { ListenAddress } from '../speaker/settings.ts';
import type { Path } from './findings.ts';
import type { InstanceLists, RouterKeys, TenantKeys } from './instance-schema.ts';
import type { ConfigFile } from './schema.ts';
import type { Loose } from './walk.ts';

export interface InstanceScope {
  readonly router: Loose<RouterKeys> | undefined;
  readonly lists: Loose<InstanceLists>;
  /** Where the lists are. */
  readonly path: Path;
  readonly routerPath: Path;
}

export function defaultScope(file: Loose<ConfigFile>): InstanceScope {
  return { router: file.router, lists: file, path: [], routerPath: ['router'] };
}

export function tenantScope(tenant: Loose<TenantKeys>, path: Path): InstanceScope {
  return { router: tenant, lists: tenant, path, routerPath: path };
}

/** Two that cannot be had in one place. */
export function sameListener(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port) return false;
  return !one.address || !other.address || one.address.equals(other.address);
}
