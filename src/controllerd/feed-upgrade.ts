/**
 * The agents' route feeds: an HTTP connection that becomes a BMP stream (see controller/agent-protocol.ts). Owns the
 * handshake, who is let in, and the socket from then on; what the bytes mean is the controller's room's.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { TokenCheck } from '../api/token.ts';
import { type FeedIdentity, feedProtocol } from '../controller/agent-protocol.ts';
import { feedRefusal } from '../controller/feed-streams.ts';
import type { Reconciler } from '../controller/reconciler/reconciler.ts';
import { forbidden, problemText, Refused } from './context.ts';
import { type ControllerGrant, maySpeakFor } from './grants.ts';
import { objectName } from './resource-schemas.ts';

const feedPathPattern = /^\/v1\/agents\/([^/]+)\/feed$/;
const schema = z.strictObject({
  tenant: objectName,
  slot: objectName,
  epoch: z.coerce.number().int().min(0),
});

export interface FeedUpgradeOptions {
  readonly reconciler: Reconciler;
  readonly check: TokenCheck<ControllerGrant>;
  readonly onInternalError: (error: Error) => void;
}

/** Listener of a server's `upgrade`. */
export function feedUpgrade(options: FeedUpgradeOptions) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Whoever goes away while it is being answered.
    socket.on('error', () => socket.destroy());
    try {
      const { gateway, identity } = admitted(request, options);
      join(options, gateway, identity, socket);
      if (head.length > 0) socket.unshift(head);
    } catch (error) {
      if (error instanceof Refused) {
        refuse(socket, error);
        return;
      }
      options.onInternalError(error instanceof Error ? error : new Error(String(error)));
      socket.destroy();
    }
  };
}

function admitted(request: IncomingMessage, { check, reconciler }: FeedUpgradeOptions) {
  const grant = check(request.headers.authorization);
  if (!grant) throw new Refused(401, 'Unauthorized', 'give a bearer token of the controller');
  const target = request.url ?? '';
  const origin = 'http://controller';
  if (!URL.canParse(target, origin)) throw new Refused(404, 'NotFound', 'this is no path');
  const url = new URL(target, origin);
  const gateway = feedPathPattern.exec(url.pathname)?.[1];
  if (gateway === undefined || request.headers.upgrade?.toLowerCase() !== feedProtocol)
    throw new Refused(404, 'NotFound', `only a feed becomes ${feedProtocol}`);
  if (!maySpeakFor(grant, gateway)) throw forbidden(`to speak for ${gateway}`);
  const parsed = schema.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success)
    throw new Refused(400, 'BadRequest', parsed.error.issues.map(({ message }) => message).join('; '));
  const refusal = feedRefusal(reconciler.snapshot, gateway, parsed.data);
  if (refusal !== undefined) throw new Refused(409, 'FeedRefused', refusal);
  return { gateway, identity: parsed.data };
}

function join(
  { reconciler, onInternalError }: FeedUpgradeOptions,
  gateway: string,
  identity: FeedIdentity,
  socket: Duplex,
): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${feedProtocol}\r\n\r\n`);
  const stream = reconciler.feeds.open(gateway, identity, {
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.destroy(),
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      stream.received(chunk);
    } catch (error) {
      onInternalError(error instanceof Error ? error : new Error(String(error)));
      socket.destroy();
    }
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', () => stream.ended());
}

function refuse(socket: Duplex, refused: Refused): void {
  const body = problemText(refused);
  const head = [
    `HTTP/1.1 ${refused.status} ${refused.reason}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
