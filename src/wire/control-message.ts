/** Every message but UPDATE, from bytes to values: what the state machine is told. */
import { NotificationError } from './errors.ts';
import { type ControlMessage, MessageType } from './messages.ts';
import { decodeNotification } from './notification.ts';
import { decodeOpen } from './open.ts';
import { decodeRouteRefresh } from './route-refresh.ts';

/** `[start, end)` is a whole message with a checked header (`Framer`). Throws only NotificationError. */
export function decodeControlMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
): ControlMessage {
  switch (type) {
    case MessageType.open:
      return decodeOpen(bytes, start, end);
    case MessageType.notification:
      return decodeNotification(bytes, start, end);
    case MessageType.keepalive:
      return { type: 'keepalive' };
    case MessageType.routeRefresh:
      return decodeRouteRefresh(bytes, start, end);
    default:
      // RFC 4271 §6.1: Bad Message Type. UPDATEs do not come this way.
      throw new NotificationError(1, 3, Uint8Array.of(type), `message type ${type}`);
  }
}
