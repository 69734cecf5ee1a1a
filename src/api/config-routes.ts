/** Handlers over the configuration: show, schema, what a reload would do, and the reload. */
import type { ApiContext } from './context.ts';
import type { App } from './http-app.ts';
import { ApiProblem } from './problem.ts';
import { configDiffSchema, diffBodySchema, diffQuerySchema, problemSchema, reloadSchema } from './schemas.ts';

/** A configuration with tens of thousands of peers. */
const diffBodyLimitOctets = 16 * 1024 * 1024;

export function addConfigRoutes(app: App, { config, configSchema }: ApiContext): void {
  app.get('/v1/config', (_request, reply) => reply.type('text/yaml; charset=utf-8').send(config.show()));

  app.get('/v1/config/schema', (_request, reply) =>
    reply.type('application/schema+json').send(JSON.stringify(configSchema())),
  );

  app.post(
    '/v1/config/reload',
    { schema: { response: { 200: reloadSchema, '4xx': problemSchema } } },
    async () => {
      const result = await config.reload();
      if (result.ok) return { diff: result.diff, generation: result.generation };
      const detail = 'the file has mistakes; the running configuration is kept';
      throw new ApiProblem('invalid-configuration', detail, result.problems);
    },
  );

  app.post(
    '/v1/config/diff',
    {
      bodyLimit: diffBodyLimitOctets,
      config: { readOnly: true },
      schema: {
        querystring: diffQuerySchema,
        body: diffBodySchema,
        consumes: ['text/yaml', 'text/plain'],
        response: { 200: configDiffSchema, '4xx': problemSchema },
      },
    },
    ({ body, query }) => {
      const result = config.diff(body, query.file);
      if (result.ok) return result.diff;
      throw new ApiProblem('invalid-configuration', `${query.file} has mistakes`, result.problems);
    },
  );
}
