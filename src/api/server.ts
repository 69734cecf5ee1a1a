/**
 * The management API on its sockets: the Unix socket of its owner, and TCP with a bearer token where configured.
 * Owns starting and stopping; what is answered is in the *-routes files.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { ListenAddress } from '../speaker/settings.ts';
import { addConfigRoutes } from './config-routes.ts';
import type { ApiContext, ApiPorts } from './context.ts';
import { EventHub } from './event-hub.ts';
import { addFibRoutes } from './fib-routes.ts';
import { setGrant } from './grant.ts';
import { addHealthRoutes } from './health-routes.ts';
import { type App, createApp } from './http-app.ts';
import { makeProblem } from './problem.ts';
import { addSpeakerRoutes } from './speaker-routes.ts';
import { addStationRoutes } from './station-routes.ts';
import { addTenantRoutes } from './tenant-routes.ts';
import { readTokens, type TokenCheck, type TokenSettings } from './token.ts';
import { ApiListenError, listenOnSocket } from './unix-socket.ts';
import { addWatchRoute, type WatchLimits, watchLimits } from './watch-route.ts';

export interface ApiListenSettings {
  /** Path of the Unix socket; its directory is made (mode 0700) when it is missing. */
  readonly socket: string;
  readonly tcp: { readonly listen: ListenAddress; readonly tokens: readonly TokenSettings[] } | undefined;
}

export interface ApiServer {
  /** The real TCP port. */
  readonly tcpPort: number | undefined;
  /** Ends every connection, streams included, and removes the socket file. */
  close(): Promise<void>;
}

/** More at a time are not accepted on TCP. */
const maxTcpConnections = 256;

/** A client that does not finish its request in this time is cut off. */
const requestTimeoutMilliseconds = 30_000;

/** Throws ApiListenError when an address cannot be had or another daemon answers there. */
export async function startApi(
  settings: ApiListenSettings,
  ports: ApiPorts,
  limits: WatchLimits = watchLimits,
): Promise<ApiServer> {
  const context: ApiContext = { ...ports, hub: new EventHub(ports.instances, Date.now().toString(36)) };
  const app = await createApp(ports.version, ports.onInternalError);
  addRoutes(app, context, limits);
  await app.ready();
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer));
    context.hub.close();
    await app.close();
  };
  try {
    const local = createServer({ requestTimeout: requestTimeoutMilliseconds }, handler(app));
    local.on('connection', ports.onClient);
    servers.push(local);
    await listenOnSocket(local, settings.socket);
    const remote = settings.tcp && (await listenOnTcp(app, settings.tcp, ports.onClient));
    if (remote) servers.push(remote);
    const address = remote?.address();
    return { tcpPort: typeof address === 'object' ? address?.port : undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addRoutes(app: App, context: ApiContext, limits: WatchLimits): void {
  addHealthRoutes(app, context);
  addSpeakerRoutes(app, context);
  addFibRoutes(app, context);
  addStationRoutes(app, context);
  addTenantRoutes(app, context);
  addWatchRoute(app, context, limits);
  addConfigRoutes(app, context);
}

function handler(app: App): RequestListener {
  return (request, response) => app.routing(request, response);
}

async function listenOnTcp(
  app: App,
  { listen, tokens }: NonNullable<ApiListenSettings['tcp']>,
  onClient: () => void,
): Promise<Server> {
  const { address, port } = listen;
  try {
    const check = readTokens(tokens);
    const server = createServer({ requestTimeout: requestTimeoutMilliseconds }, guarded(check, handler(app)));
    server.maxConnections = maxTcpConnections;
    server.on('connection', onClient);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(address ? { host: address.toString() } : {}) }, resolve);
    });
    return server;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ApiListenError(
      `management API on ${address ?? 'all addresses'} port ${port}: ${detail}`,
      error,
    );
  }
}

/** Nothing of a request is looked at before its token was. */
function guarded(check: TokenCheck, next: RequestListener): RequestListener {
  return (request: IncomingMessage, response) => {
    const grant = check(request.headers.authorization);
    if (grant) {
      setGrant(request, grant);
      next(request, response);
      return;
    }
    const problem = makeProblem('unauthorized', 'give the token of the daemon’s token file');
    response.writeHead(401, {
      'content-type': 'application/problem+json',
      'www-authenticate': 'Bearer',
      connection: 'close',
    });
    response.end(JSON.stringify(problem));
  };
}

/** libuv removes the file of a Unix socket when it is closed. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
