/**
 * One tenant that comes at run time: the text of one entry of `tenants`, checked like one in the file and held against
 * the instances that run. Also: a file against tenants that came at run time.
 */
import type { InstanceSettings } from '../speaker/settings.ts';
import { buildTenant } from './build.ts';
import { checkInstance } from './check-instance.ts';
import { checkClaims, checkTenant, claimsOfSettings, claimsOfTenant } from './check-tenants.ts';
import type { ConfigProblem, MachineFacts } from './configuration.ts';
import { Findings } from './findings.ts';
import { type TenantKeys, tenantSchema } from './instance-schema.ts';
import { readText, type TextProblems } from './load.ts';
import { tenantScope } from './scope.ts';

export type TenantResult =
  | {
      readonly ok: true;
      readonly settings: InstanceSettings;
      readonly warnings: readonly ConfigProblem[];
    }
  | TextProblems;

/** Never throws. `others`: what runs, without the instance that this one replaces. */
export function loadTenant(
  text: string,
  fileName: string,
  facts: MachineFacts,
  others: readonly InstanceSettings[],
): TenantResult {
  const result = readText(text, fileName, tenantSchema, {
    empty: 'the text is empty: it needs name, asn and routerId',
    check: (tenant, findings) => {
      checkInstance(tenantScope(tenant, []), findings, facts);
      checkTenant(tenant, [], findings, facts);
      checkClaims(claimsOfTenant(tenant, [], findings), others.map(claimsOfSettings), findings);
    },
  });
  if (!result.ok) return result;
  return { ok: true, settings: buildTenant(result.value as TenantKeys, facts), warnings: result.warnings };
}

/** What instances of a file claim that belongs to others already, a line each. */
export function collisions(
  instances: readonly InstanceSettings[],
  others: readonly InstanceSettings[],
): readonly string[] {
  const findings = new Findings();
  const taken = others.map(claimsOfSettings);
  return instances.flatMap((instance) => {
    const before = findings.problems.length;
    checkClaims(claimsOfSettings(instance), taken, findings);
    return findings.problems.slice(before).map(({ message }) => `${instance.name}: ${message}`);
  });
}
