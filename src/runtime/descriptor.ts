/**
 * The descriptor below a socket or server of node:net, for options that Node has no words for. Node does not offer it;
 * where it hides it differently one day, options on sockets that are in use cannot be changed, and nothing else breaks.
 */
import type { Server, Socket } from 'node:net';

/** `undefined` when it is closed, or Node keeps it to itself. */
export function descriptorOf(holder: Socket | Server): number | undefined {
  const { _handle } = holder as unknown as { readonly _handle?: { readonly fd?: unknown } | null };
  const descriptor = _handle?.fd;
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}
