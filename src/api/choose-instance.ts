/**
 * Which instance a request means: the one that `tenant` names, else the one an operator would mean. What a token does
 * not cover is not there.
 */
import type { FastifyRequest } from 'fastify';
import type { ManagementPort } from '../speaker/views.ts';
import { covers, type Grant, grantOf } from './grant.ts';
import type { InstanceInfo, InstancesPort } from './ports.ts';
import { ApiProblem } from './problem.ts';

/** What stands for all instances. */
export const allTenants = '*';

export function visibleInstances(instances: InstancesPort, grant: Grant): readonly InstanceInfo[] {
  return instances.list().filter((info) => covers(grant, info));
}

/** `undefined` tenant: the default instance, unless there is nothing but one tenant. */
export function chooseInfo(infos: readonly InstanceInfo[], tenant: string | undefined): InstanceInfo {
  if (tenant !== undefined) {
    const wanted = tenant.replace(/\/main$/, '');
    const found = infos.find(({ key }) => key === wanted);
    if (found) return found;
    throw new ApiProblem('no-such-tenant', `there is no tenant ${tenant}`);
  }
  const byDefault = infos.find(({ key }) => key === 'default') ?? (infos.length === 1 ? infos[0] : undefined);
  if (byDefault) return byDefault;
  const some = infos.slice(0, 8).map(({ key }) => key);
  const more = infos.length > some.length ? ' ...' : '';
  throw new ApiProblem('tenant-required', `say which tenant: ${some.join(', ')}${more}`);
}

export function chooseInstance(
  instances: InstancesPort,
  request: FastifyRequest,
  tenant: string | undefined,
): ManagementPort {
  const { key, trouble } = chooseInfo(visibleInstances(instances, grantOf(request)), tenant);
  const port = instances.management(key);
  if (port) return port;
  throw new ApiProblem('tenant-down', trouble ?? `${key} is being built anew`);
}
