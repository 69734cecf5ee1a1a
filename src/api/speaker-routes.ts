/** Handlers over the speaker of one instance: status, peers, RIBs, explain, networks. */
import type { z } from 'zod';
import type { PeerAction, PeerView, RouteQuery } from '../speaker/views.ts';
import { allTenants, chooseInfo, chooseInstance, visibleInstances } from './choose-instance.ts';
import type { ApiContext } from './context.ts';
import { grantOf } from './grant.ts';
import type { App } from './http-app.ts';
import { ApiProblem } from './problem.ts';
import { collectRoutes, streamRoutes } from './route-stream.ts';
import {
  explainQuerySchema,
  explainSchema,
  networkQuerySchema,
  networksSchema,
  newNetworkSchema,
  peerActionBodySchema,
  peerActionParamsSchema,
  type peerActions,
  peerParamsSchema,
  peerSchema,
  peersSchema,
  problemSchema,
  routesQuerySchema,
  routesSchema,
  statusSchema,
  tenantQuerySchema,
  tenantsQuerySchema,
} from './schemas.ts';

const defaultPageRoutes = 250;
const maxPageRoutes = 10_000;

function answers<T extends z.ZodType>(schema: T) {
  return { 200: schema, '4xx': problemSchema };
}

/** A page or a stream, as the client asks; the stream is why fastify is not told the type. */
const routesAnswers: Readonly<Record<string, unknown>> = answers(
  routesSchema.describe('With `Accept: application/x-ndjson`: one route per line, however many'),
);

/** About one instance: open to a token that is limited to it. */
const config = { perTenant: true } as const;

export function addSpeakerRoutes(app: App, context: ApiContext): void {
  addViewRoutes(app, context);
  addPeerRoutes(app, context);
  addNetworkRoutes(app, context);
}

function addViewRoutes(app: App, { instances }: ApiContext): void {
  app.get(
    '/v1/status',
    { config, schema: { querystring: tenantQuerySchema, response: answers(statusSchema) } },
    (request) => chooseInstance(instances, request, request.query.tenant).status(),
  );

  app.get(
    '/v1/routes',
    { config, schema: { querystring: routesQuerySchema, response: routesAnswers } },
    async (request, reply) => {
      const { query, headers } = request;
      const cursor = chooseInstance(instances, request, query.tenant).routes(toQuery(query));
      if (headers.accept?.includes('application/x-ndjson')) {
        return reply.type('application/x-ndjson').send(streamRoutes(cursor, query.limit));
      }
      return collectRoutes(cursor, Math.min(query.limit ?? defaultPageRoutes, maxPageRoutes));
    },
  );

  app.get(
    '/v1/explain',
    { config, schema: { querystring: explainQuerySchema, response: answers(explainSchema) } },
    (request) => {
      const { tenant, prefix, family } = request.query;
      return chooseInstance(instances, request, tenant).explain(prefix, family);
    },
  );
}

function addPeerRoutes(app: App, { instances }: ApiContext): void {
  app.get(
    '/v1/peers',
    { config, schema: { querystring: tenantsQuerySchema, response: answers(peersSchema) } },
    (request) => {
      const visible = visibleInstances(instances, grantOf(request));
      const { tenant } = request.query;
      const chosen = tenant === allTenants ? visible : [chooseInfo(visible, tenant)];
      return {
        now: instances.now(),
        peers: chosen.flatMap(({ key, tenant: name, slot }) =>
          (instances.management(key)?.peers() ?? []).map((view) => ({
            tenant: name,
            slot,
            ...plainPeer(view),
          })),
        ),
      };
    },
  );

  app.get(
    '/v1/peers/:address',
    {
      config,
      schema: { querystring: tenantQuerySchema, params: peerParamsSchema, response: answers(peerSchema) },
    },
    (request) =>
      plainPeer(chooseInstance(instances, request, request.query.tenant).peer(request.params.address)),
  );

  app.post(
    '/v1/peers/:address/actions/:action',
    {
      config,
      schema: {
        querystring: tenantQuerySchema,
        params: peerActionParamsSchema,
        body: peerActionBodySchema,
      },
    },
    (request, reply) => {
      const { params, body, query } = request;
      const action = actionOf(params.action, body?.message ?? '');
      chooseInstance(instances, request, query.tenant).peerAction(params.address, action);
      return reply.status(204).send();
    },
  );
}

function addNetworkRoutes(app: App, { instances }: ApiContext): void {
  app.get(
    '/v1/networks',
    { config, schema: { querystring: tenantQuerySchema, response: answers(networksSchema) } },
    (request) => chooseInstance(instances, request, request.query.tenant).networks(),
  );

  app.post(
    '/v1/networks',
    { config, schema: { querystring: tenantQuerySchema, body: newNetworkSchema } },
    (request, reply) => {
      chooseInstance(instances, request, request.query.tenant).addNetwork(present(request.body));
      return reply.status(204).send();
    },
  );

  app.delete('/v1/networks', { config, schema: { querystring: networkQuerySchema } }, (request, reply) => {
    const { tenant, prefix } = request.query;
    chooseInstance(instances, request, tenant).removeNetwork(prefix);
    return reply.status(204).send();
  });
}

function toQuery(query: z.output<typeof routesQuerySchema>): RouteQuery {
  const { view, prefix, match, family, rd, peer, community, best } = query;
  if (match !== undefined && prefix === undefined)
    throw new ApiProblem('bad-request', 'match needs a prefix');
  const named = { prefix, match, family, rd, peer, community, best };
  return { view, ...present({ ...named, asPath: query['as-path'], originAs: query['origin-as'] }) };
}

/** Without the keys that are undefined. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, given]) => given !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function actionOf(name: (typeof peerActions)[number], message: string): PeerAction {
  return name === 'reset' || name === 'disable' ? { type: name, message } : { type: name };
}

/** JSON has no octets: the data of a NOTIFICATION becomes hexadecimal text. */
function plainPeer(view: PeerView): z.output<typeof peerSchema> {
  const { lastDown } = view;
  if (!lastDown || !('data' in lastDown.reason)) return view;
  const data = Buffer.from(lastDown.reason.data).toString('hex');
  return { ...view, lastDown: { ...lastDown, reason: { ...lastDown.reason, data } } };
}
