/**
 * Live events as server-sent events: `id`, `event` and one line of JSON as `data`. A comment now and then keeps
 * the connection alive. A reader that does not keep up is told with an `overflow` event and disconnected: what it
 * does not read must not grow in our memory.
 */
import type { ServerResponse } from 'node:http';
import type { ApiContext } from './context.ts';
import type { EventHub, HubEntry, Topic } from './event-hub.ts';
import type { App } from './http-app.ts';
import { watchQuerySchema } from './schemas.ts';

export interface WatchLimits {
  readonly heartbeatMilliseconds: number;
  /** Unread octets at which a watcher is given up. */
  readonly maxUnreadOctets: number;
}

export const watchLimits: WatchLimits = {
  heartbeatMilliseconds: 15_000,
  maxUnreadOctets: 4 * 1024 * 1024,
};

export function addWatchRoute(app: App, { hub }: ApiContext, limits: WatchLimits): void {
  app.get('/v1/watch', { schema: { querystring: watchQuerySchema } }, ({ query, headers }, reply) => {
    const lastId = headers['last-event-id'];
    reply.hijack();
    const wanted = new Set(query.topics);
    serve(hub, reply.raw, wanted, typeof lastId === 'string' ? lastId : undefined, limits);
  });
}

function serve(
  hub: EventHub,
  response: ServerResponse,
  topics: ReadonlySet<Topic>,
  lastId: string | undefined,
  limits: WatchLimits,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // At once, so that the reader knows that from here on nothing is missed.
  response.write(`: heliod\nid: ${lastId ?? hub.lastId}\n\n`);
  const deliver = (entry: HubEntry): void => {
    if (response.writableEnded) return;
    if (response.writableLength <= limits.maxUnreadOctets) response.write(format(entry));
    else response.end(format(hub.overflow('this reader is too slow')));
  };
  const stop = hub.watch({ topics, deliver }, lastId);
  const heartbeat = setInterval(() => {
    if (response.writableLength <= limits.maxUnreadOctets) response.write(': heartbeat\n\n');
    else response.destroy();
  }, limits.heartbeatMilliseconds);
  response.once('close', () => {
    clearInterval(heartbeat);
    stop();
  });
}

function format({ id, event, text }: HubEntry): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${text}\n\n`;
}
