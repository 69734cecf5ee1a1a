/**
 * The fastify instance all routes hang on: how requests are checked, how errors become problem+json, and the
 * OpenAPI page. Listens nowhere; see server.ts.
 */
import swagger from '@fastify/swagger';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { ManagementError } from '../speaker/views.ts';
import { authorise } from './grant.ts';
import { ApiProblem, makeProblem, type Problem } from './problem.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Enough for any JSON that the API takes. */
const bodyLimitOctets = 64 * 1024;

const yamlTypes = ['text/yaml', 'text/plain', 'application/yaml', 'application/x-yaml'];

export async function createApp(version: string, onInternalError: (error: Error) => void): Promise<App> {
  const app: App = Fastify({
    logger: false,
    bodyLimit: bodyLimitOctets,
    routerOptions: { maxParamLength: 128, querystringParser: parseQuery },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // The answers are made of our own types: they are described, not checked again for every request.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.addContentTypeParser(yamlTypes, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((request, reply) => {
    sendProblem(
      reply,
      makeProblem('not-found', `there is no ${request.method} ${request.url}; see /openapi.json`),
    );
  });
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal')
      onInternalError(error instanceof Error ? error : new Error(String(error)));
    sendProblem(reply, problem);
  });
  app.addHook('onRequest', async (request) => authorise(request));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Heliograph management API', version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { perTenant: true } }, () => app.swagger());
  return app;
}

/** A parameter given twice is refused by its schema, as a list. */
function parseQuery(query: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(query);
  const entries = [...new Set(parameters.keys())].map((name): [string, string | string[]] => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  });
  return Object.fromEntries(entries);
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return makeProblem(error.code, error.message, error.problems);
  if (error instanceof ManagementError) return makeProblem(error.code, error.message);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const detail = error.validation
      .map(
        ({ instancePath, message }) =>
          `${instancePath.slice(1).replaceAll('/', '.') || 'request'}: ${message}`,
      )
      .join('; ');
    return makeProblem('bad-request', detail);
  }
  return clientProblem(error) ?? makeProblem('internal', 'the daemon’s log says more');
}

/** Errors of fastify itself that the client caused. */
function clientProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  if (error.statusCode === 413) return makeProblem('too-large', error.message);
  if (error.statusCode === 415) return makeProblem('unsupported-media-type', error.message);
  return error.statusCode === 400 ? makeProblem('bad-request', error.message) : undefined;
}
