/**
 * Live events as server-sent events: `id`, `event` and one line of JSON as `data`. A comment now and then keeps
 * the connection alive. A reader that does not keep up is told with an `overflow` event and disconnected: what it
 * does not read must not grow in our memory.
 */
import type { ServerResponse } from 'node:http';
import { chooseInfo, visibleInstances } from './choose-instance.ts';
import type { ApiContext } from './context.ts';
import type { EventHub, HubEntry, Watcher } from './event-hub.ts';
import { covers, grantOf } from './grant.ts';
import type { App } from './http-app.ts';
import type { InstanceIdentity } from './ports.ts';
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

export function addWatchRoute(app: App, { hub, instances }: ApiContext, limits: WatchLimits): void {
  app.get(
    '/v1/watch',
    { config: { perTenant: true }, schema: { querystring: watchQuerySchema } },
    (request, reply) => {
      const { topics, tenant } = request.query;
      const grant = grantOf(request);
      // Throws when there is none; an instance that comes later can be watched with all the others.
      const only = tenant === undefined ? undefined : chooseInfo(visibleInstances(instances, grant), tenant);
      const isWanted = (of: InstanceIdentity): boolean =>
        covers(grant, of) && (!only || (only.tenant === of.tenant && only.slot === of.slot));
      const lastId = request.headers['last-event-id'];
      reply.hijack();
      serve(
        hub,
        reply.raw,
        { topics: new Set(topics), instances: isWanted },
        typeof lastId === 'string' ? lastId : undefined,
        limits,
      );
    },
  );
}

function serve(
  hub: EventHub,
  response: ServerResponse,
  wanted: Pick<Watcher, 'topics' | 'instances'>,
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
  const stop = hub.watch({ ...wanted, deliver }, lastId);
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
