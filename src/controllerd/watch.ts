/**
 * Changes of one kind as server-sent events: `put` and `delete` with the revision as id, so that a reader goes on where
 * it was (`from`, or Last-Event-ID). A reader that does not keep up is disconnected.
 */
import type { FastifyReply } from 'fastify';
import type { Kind } from '../controller/snapshot.ts';
import { Refused } from './context.ts';
import type { Entry, History } from './history.ts';

const heartbeatMs = 15_000;
const maxUnreadOctets = 4 * 1024 * 1024;

export interface Watched {
  readonly kind: Kind;
  readonly from: number | undefined;
  readonly isSeen: (value: { readonly name: string }) => boolean;
}

export function watchKind(
  history: History,
  reply: FastifyReply,
  { kind, from, isSeen }: Watched,
): FastifyReply {
  const lastId = Number(reply.request.headers['last-event-id'] ?? Number.NaN);
  const position = Number.isSafeInteger(lastId) ? lastId : from;
  const missed = position === undefined ? [] : history.after(position);
  if (missed === undefined)
    throw new Refused(410, 'Gone', `what followed ${position} is not kept: read again`);
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  raw.write(': helio-controller\n\n');
  const send = ({ revision, changes }: Entry): void => {
    for (const change of changes) {
      if (change.kind !== kind) continue;
      const value = change.type === 'put' ? change.value : { name: change.name };
      // Whose a deleted object was is not known any more: its name alone is told to those who see all.
      if (!isSeen(value)) continue;
      raw.write(`id: ${revision}\nevent: ${change.type}\ndata: ${JSON.stringify(value)}\n\n`);
    }
    if (raw.writableLength > maxUnreadOctets) raw.destroy();
  };
  for (const entry of missed) send(entry);
  const stop = history.follow(send);
  const heartbeat = setInterval(() => void raw.write(': heartbeat\n\n'), heartbeatMs);
  raw.once('close', () => {
    clearInterval(heartbeat);
    stop();
  });
  return reply;
}
