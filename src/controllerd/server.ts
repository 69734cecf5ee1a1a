/**
 * The controller's API on its TCP port. Owns listening and who is let in; what is answered is in the *-routes files.
 * Health pages need no token, everything else does.
 */
import { createServer } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type App, createApp } from '../api/http-app.ts';
import type { TokenCheck } from '../api/token.ts';
import { addAgentRoutes } from './agent-routes.ts';
import { type ControllerContext, Refused, sendRefusal } from './context.ts';
import { feedUpgrade } from './feed-upgrade.ts';
import type { ControllerGrant } from './grants.ts';
import { addObjectRoutes } from './object-routes.ts';
import { addSystemRoutes } from './system-routes.ts';

export interface ControllerServer {
  /** The real one, where 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerOptions extends Omit<ControllerContext, 'grantOf'> {
  readonly address: string;
  readonly port: number;
  readonly check: TokenCheck<ControllerGrant>;
  readonly onInternalError: (error: Error) => void;
}

/** Every agent keeps two connections, and one for each reflector that it is. */
const maxConnections = 4096;
const openPaths = new Set(['/healthz', '/readyz']);

function noToken(): Refused {
  return new Refused(401, 'Unauthorized', 'give a bearer token of the controller');
}

/** In a scope of their own, whose errors have reasons beyond those of the management API. */
function addRoutes(app: App, context: ControllerContext): void {
  const answerError = app.errorHandler;
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Refused) sendRefusal(reply, error);
    else answerError.call(app, error as Parameters<typeof answerError>[0], request, reply);
  });
  addAgentRoutes(app, context);
  addSystemRoutes(app, context);
  addObjectRoutes(app, context);
}

export async function startServer(options: ServerOptions): Promise<ControllerServer> {
  const grants = new WeakMap<object, ControllerGrant>();
  const app = await createApp(options.version, options.onInternalError);
  app.addHook('onRequest', async (request, reply) => {
    const grant = options.check(request.headers.authorization);
    if (grant) grants.set(request.raw, grant);
    else if (!openPaths.has(request.url)) {
      sendRefusal(reply, noToken());
      await reply;
    }
  });
  const grantOf = (request: FastifyRequest): ControllerGrant => {
    const grant = grants.get(request.raw);
    if (!grant) throw noToken();
    return grant;
  };
  const context: ControllerContext = { ...options, grantOf };
  await app.register(async (scope) => addRoutes(scope as typeof app, context));
  await app.ready();
  const server = createServer({ requestTimeout: 30_000 }, (request, response) =>
    app.routing(request, response),
  );
  server.maxConnections = maxConnections;
  server.on('upgrade', feedUpgrade(options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, host: options.address }, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      // Those that became something else are not among them.
      options.reconciler.feeds.close();
      await closed;
      await app.close();
    },
  };
}
