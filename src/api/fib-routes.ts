/** Handlers over the kernel's routes of one instance: how many there are, each of them, and what failed and why. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FibPort } from '../speaker/views.ts';
import { chooseInstance } from './choose-instance.ts';
import type { ApiContext } from './context.ts';
import type { App } from './http-app.ts';
import type { InstancesPort } from './ports.ts';
import { ApiProblem } from './problem.ts';
import { collectRoutes, streamRoutes } from './route-stream.ts';
import { problemSchema, tenantQuerySchema } from './schemas.ts';

const defaultPageRoutes = 250;
const maxPageRoutes = 10_000;

const count = z.int();

export const fibSchema = z.object({
  place: z.string().describe('`host`, `netns NAME` or `device NAME`'),
  table: count,
  metric: count,
  problem: z.string().optional().describe('Why nothing can be done at present'),
  installed: count,
  pending: count,
  failed: count,
});

const states = ['installed', 'pending', 'failed'] as const;

export const fibRouteSchema = z.object({
  prefix: z.string(),
  nextHops: z.array(z.string()).readonly().describe('None for a route that is to be removed'),
  state: z.enum(states),
  installed: z.string().optional().describe('What the kernel has, as `ip route` writes it'),
  reason: z.string().optional().describe('Why it is not as it should be'),
});

const fibRoutesSchema = z.object({ routes: z.array(fibRouteSchema).readonly(), truncated: z.boolean() });

const fibQuerySchema = tenantQuerySchema.extend({
  state: z.enum(states).optional(),
  limit: z.coerce.number().int().min(1).optional(),
});

const config = { perTenant: true } as const;

/** A page or a stream, as the client asks. */
const routesAnswers: Readonly<Record<string, unknown>> = {
  200: fibRoutesSchema.describe('With `Accept: application/x-ndjson`: one route per line, however many'),
  '4xx': problemSchema,
};

export function addFibRoutes(app: App, { instances }: ApiContext): void {
  app.get(
    '/v1/fib',
    {
      config,
      schema: { querystring: tenantQuerySchema, response: { 200: fibSchema, '4xx': problemSchema } },
    },
    (request) => chooseFib(instances, request, request.query.tenant).view(),
  );

  app.get(
    '/v1/fib/routes',
    { config, schema: { querystring: fibQuerySchema, response: routesAnswers } },
    async (request, reply) => {
      const { tenant, state, limit } = request.query;
      const cursor = chooseFib(instances, request, tenant).routes(state === undefined ? {} : { state });
      if (request.headers.accept?.includes('application/x-ndjson'))
        return reply.type('application/x-ndjson').send(streamRoutes(cursor, limit));
      return collectRoutes(cursor, Math.min(limit ?? defaultPageRoutes, maxPageRoutes));
    },
  );
}

function chooseFib(instances: InstancesPort, request: FastifyRequest, tenant: string | undefined): FibPort {
  const fib = chooseInstance(instances, request, tenant).fib();
  if (fib) return fib;
  throw new ApiProblem('not-found', 'best routes are not installed: there is no fib in the configuration');
}
