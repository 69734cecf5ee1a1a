/** Handlers over the speaker: status, peers, RIBs, explain, networks. */
import type { z } from 'zod';
import type { PeerAction, PeerView, RouteQuery } from '../speaker/views.ts';
import type { ApiContext } from './context.ts';
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

export function addSpeakerRoutes(app: App, { speaker }: ApiContext): void {
  app.get('/v1/status', { schema: { response: answers(statusSchema) } }, () => speaker.status());

  app.get('/v1/peers', { schema: { response: answers(peersSchema) } }, () => ({
    now: speaker.status().now,
    peers: speaker.peers().map(plainPeer),
  }));

  app.get(
    '/v1/peers/:address',
    { schema: { params: peerParamsSchema, response: answers(peerSchema) } },
    ({ params }) => plainPeer(speaker.peer(params.address)),
  );

  app.post(
    '/v1/peers/:address/actions/:action',
    { schema: { params: peerActionParamsSchema, body: peerActionBodySchema } },
    ({ params, body }, reply) => {
      speaker.peerAction(params.address, actionOf(params.action, body?.message ?? ''));
      return reply.status(204).send();
    },
  );

  app.get(
    '/v1/routes',
    { schema: { querystring: routesQuerySchema, response: routesAnswers } },
    async ({ query, headers }, reply) => {
      const cursor = speaker.routes(toQuery(query));
      if (headers.accept?.includes('application/x-ndjson')) {
        return reply.type('application/x-ndjson').send(streamRoutes(cursor, query.limit));
      }
      return collectRoutes(cursor, Math.min(query.limit ?? defaultPageRoutes, maxPageRoutes));
    },
  );

  app.get(
    '/v1/explain',
    { schema: { querystring: explainQuerySchema, response: answers(explainSchema) } },
    ({ query }) => speaker.explain(query.prefix, query.family),
  );

  app.get('/v1/networks', { schema: { response: answers(networksSchema) } }, () => speaker.networks());

  app.post('/v1/networks', { schema: { body: newNetworkSchema } }, ({ body }, reply) => {
    speaker.addNetwork(present(body));
    return reply.status(204).send();
  });

  app.delete('/v1/networks', { schema: { querystring: networkQuerySchema } }, ({ query }, reply) => {
    speaker.removeNetwork(query.prefix);
    return reply.status(204).send();
  });
}

function toQuery(query: z.output<typeof routesQuerySchema>): RouteQuery {
  const { view, prefix, match, family, peer, community, best } = query;
  if (match !== undefined && prefix === undefined)
    throw new ApiProblem('bad-request', 'match needs a prefix');
  const named = { prefix, match, family, peer, community, best };
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
