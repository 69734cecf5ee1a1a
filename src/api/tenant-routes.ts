/** Handlers over the instances themselves: who there is, and tenants that come and go at run time. */
import type { z } from 'zod';
import { chooseInfo, visibleInstances } from './choose-instance.ts';
import type { ApiContext } from './context.ts';
import { grantOf } from './grant.ts';
import type { App } from './http-app.ts';
import type { InstanceInfo, InstancesPort, TenantChange } from './ports.ts';
import { ApiProblem } from './problem.ts';
import {
  diffQuerySchema,
  problemSchema,
  tenantBodySchema,
  tenantChangeSchema,
  tenantParamsSchema,
  tenantSchema,
  tenantsSchema,
} from './schemas.ts';

const perTenant = { perTenant: true } as const;

/** A tenant with thousands of peers. */
const bodyLimit = 4 * 1024 * 1024;

const consumes = ['text/yaml', 'text/plain'];

export function addTenantRoutes(app: App, context: ApiContext): void {
  addTenantViews(app, context);
  addTenantChanges(app, context);
}

function addTenantViews(app: App, { instances, config }: ApiContext): void {
  app.get(
    '/v1/tenants',
    { config: perTenant, schema: { response: { 200: tenantsSchema, '4xx': problemSchema } } },
    (request) => visibleInstances(instances, grantOf(request)).map((info) => viewOf(info, instances)),
  );

  app.get(
    '/v1/tenants/:name/:slot',
    {
      config: perTenant,
      schema: { params: tenantParamsSchema, response: { 200: tenantSchema, '4xx': problemSchema } },
    },
    (request) => {
      const infos = visibleInstances(instances, grantOf(request));
      return viewOf(chooseInfo(infos, `${request.params.name}/${request.params.slot}`), instances);
    },
  );

  app.get(
    '/v1/tenants/:name/:slot/config',
    { config: perTenant, schema: { params: tenantParamsSchema } },
    (request, reply) => {
      const infos = visibleInstances(instances, grantOf(request));
      const { key } = chooseInfo(infos, `${request.params.name}/${request.params.slot}`);
      const text = config.showTenant(key);
      if (text === undefined) throw new ApiProblem('no-such-tenant', `${key} is no tenant`);
      return reply.type('text/yaml; charset=utf-8').send(text);
    },
  );
}

function addTenantChanges(app: App, { config }: ApiContext): void {
  const response = { 200: tenantChangeSchema, '4xx': problemSchema };

  app.post(
    '/v1/tenants',
    { bodyLimit, schema: { querystring: diffQuerySchema, body: tenantBodySchema, consumes, response } },
    async ({ body, query }) => done(await config.addTenant(body, query.file)),
  );

  app.put(
    '/v1/tenants/:name/:slot',
    {
      bodyLimit,
      schema: {
        params: tenantParamsSchema,
        querystring: diffQuerySchema,
        body: tenantBodySchema,
        consumes,
        response,
      },
    },
    async ({ params, body, query }) => done(await config.putTenant(keyOf(params), body, query.file)),
  );

  app.delete(
    '/v1/tenants/:name/:slot',
    { schema: { params: tenantParamsSchema, response } },
    async ({ params }) => done(await config.removeTenant(keyOf(params))),
  );
}

function keyOf({ name, slot }: z.output<typeof tenantParamsSchema>): string {
  return slot === 'main' ? name : `${name}/${slot}`;
}

function done(change: TenantChange): z.output<typeof tenantChangeSchema> {
  if (change.ok) return { key: change.key, diff: change.diff };
  const { code, detail, problems } = change;
  throw new ApiProblem(code, detail, problems.length > 0 ? problems : undefined);
}

function viewOf(info: InstanceInfo, instances: InstancesPort): z.output<typeof tenantSchema> {
  const status = instances.management(info.key)?.status();
  if (!status) return info;
  const { peers, memory } = status;
  const paths = status.families.reduce((sum, family) => sum + family.paths, 0);
  return { ...info, peers, paths, ribBytes: memory.ribBytes };
}
