/**
 * Instances against each other: what each claims of the daemon and of its place (its key, listeners, a kernel table)
 * nobody else may have. Claims are compared as data, so that a tenant that comes at run time is held against those
 * that run already.
 */
import { type InstanceSettings, instanceKey, type ListenAddress, type Place } from '../speaker/settings.ts';
import { placeOf } from './build.ts';
import type { MachineFacts } from './configuration.ts';
import { defaultListen, fibDefaults, tenantDefaults } from './defaults.ts';
import type { Findings, Path } from './findings.ts';
import type { RouterKeys, TenantKeys } from './instance-schema.ts';
import { indexed } from './lists.ts';
import type { ConfigFile } from './schema.ts';
import { sameListener } from './scope.ts';
import type { Loose } from './walk.ts';

export interface Claims {
  /** `router`, `tenants.3`, `tenant contoso`. */
  readonly who: string;
  readonly key: string | undefined;
  readonly place: Place;
  /** Each with where it stands. */
  readonly listen: readonly { readonly address: ListenAddress; readonly at: Path }[];
  readonly table: { readonly number: number; readonly at: Path } | undefined;
  /** A route distinguisher; two VRFs with the same one would hide each other's routes. */
  readonly rd: { readonly text: string; readonly at: Path } | undefined;
  readonly at: Path;
}

export function checkTenants(file: Loose<ConfigFile>, findings: Findings, facts: MachineFacts): void {
  const claims: Claims[] = [];
  if (file.router) claims.push(claimsOf(file.router, { type: 'host' }, undefined, ['router'], findings));
  const hasHub = file.router !== undefined || findings.isBroken(['router']);
  for (const [i, tenant] of indexed(file.tenants)) {
    const at = ['tenants', i];
    checkTenant(tenant, at, findings, facts);
    if (!hasHub && tenant.rd !== undefined)
      findings.problem([...at, 'rd'], 'VPN routes meet in the default instance: router is missing');
    const own = claimsOfTenant(tenant, at, findings);
    checkClaims(own, claims, findings);
    claims.push(own);
  }
}

/** Rules of one tenant. */
export function checkTenant(
  tenant: Loose<TenantKeys>,
  path: Path,
  findings: Findings,
  facts: MachineFacts,
): void {
  if (tenant.name === tenantDefaults.routerName) {
    findings.problem([...path, 'name'], '"default" is the instance of the router block: choose another name');
  }
  if (tenant.netns !== undefined && tenant.device !== undefined) {
    findings.problem([...path, 'device'], 'netns and device exclude each other');
  }
  if (tenant.device !== undefined && tenant.fib && tenant.fib.table === undefined) {
    const at = [...path, 'fib', 'table'];
    if (tenant.fib.install !== false && !findings.isBroken(at))
      findings.problem(at, 'this key is missing: say which table the VRF has', 'missing');
  }
  for (const key of ['importTargets', 'exportTargets'] as const) {
    if (tenant[key]?.length && tenant.rd === undefined && !findings.isBroken([...path, 'rd']))
      findings.problem([...path, key], 'route targets need an rd, which is missing');
  }
  const place = placeOf(tenant);
  if (place.type === 'host') return;
  const at = [...path, place.type];
  const lacking = facts.socketProblem?.();
  if (lacking) findings.problem(at, `${place.type} ${lacking}`);
  const missing = facts.placeProblem?.(place);
  if (missing) findings.warn(at, `${missing}: the tenant is down until it is there`);
}

export function claimsOfTenant(tenant: Loose<TenantKeys>, path: Path, findings: Findings): Claims {
  const key =
    tenant.name === undefined || findings.isBroken([...path, 'slot'])
      ? undefined
      : instanceKey(tenant.name, tenant.slot ?? tenantDefaults.slot);
  const rd = tenant.rd && { text: String(tenant.rd), at: [...path, 'rd'] };
  const claims = { ...claimsOf(tenant, placeOf(tenant), key, path, findings), rd };
  // Where it is meant to be is not known: nothing collides for certain.
  const lost = (['netns', 'device'] as const).some((at) => findings.isBroken([...path, at]));
  return lost ? { ...claims, listen: [], table: undefined } : claims;
}

function claimsOf(
  router: Loose<RouterKeys>,
  place: Place,
  key: string | undefined,
  at: Path,
  findings: Findings,
): Claims {
  const listenAt = [...at, 'listen'];
  const byDefault = findings.isBroken(listenAt) ? [] : [{ address: defaultListen, at }];
  const listen = router.listen
    ? [...indexed(router.listen)].map(([i, address]) => ({ address, at: [...listenAt, i] }))
    : byDefault;
  const tableAt = [...at, 'fib', 'table'];
  const installs = router.fib && router.fib.install !== false && !findings.isBroken(tableAt);
  const table = installs ? { number: router.fib?.table ?? fibDefaults.table, at: [...at, 'fib'] } : undefined;
  return { who: at.join('.'), key, place, listen, table, rd: undefined, at };
}

/** Of an instance that runs: nothing of it stands in a file. */
export function claimsOfSettings({ name, place, router, fib, vpn }: InstanceSettings): Claims {
  return {
    who: name === tenantDefaults.routerName ? 'router' : `tenant ${name}`,
    key: name,
    place,
    listen: router.listen.map((address) => ({ address, at: [] })),
    table: fib && { number: fib.table, at: [] },
    rd: vpn && { text: String(vpn.rd), at: [] },
    at: [],
  };
}

export function checkClaims(own: Claims, others: readonly Claims[], findings: Findings): void {
  for (const other of others) {
    if (own.key !== undefined && own.key === other.key) {
      findings.problem([...own.at, 'name'], `${own.key} was given before, in ${other.who}`);
      continue;
    }
    if (own.rd !== undefined && own.rd.text === other.rd?.text)
      findings.problem(own.rd.at, `${own.rd.text} is the route distinguisher of ${other.who}`);
    if (own.place.type !== other.place.type || nameOf(own.place) !== nameOf(other.place)) continue;
    for (const { address, at } of own.listen) {
      if (!other.listen.some((taken) => sameListener(address, taken.address))) continue;
      findings.problem(
        at,
        `${listenText(address)} is taken by ${other.who}, which has its sockets in the same place`,
      );
    }
    if (own.table && own.table.number === other.table?.number) {
      findings.problem(
        own.table.at,
        `table ${own.table.number} is taken by ${other.who}, which is in the same place`,
      );
    }
  }
}

function nameOf(place: Place): string {
  return place.type === 'host' ? '' : place.name;
}

function listenText({ address, port }: ListenAddress): string {
  return `${address ?? 'any address'} port ${port}`;
}
