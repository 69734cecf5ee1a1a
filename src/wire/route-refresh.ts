/**
 * ROUTE-REFRESH (RFC 2918, RFC 7313).
 *
 *      +-----------+-------------------+----------+
 *      |  AFI (2)  | Message Subtype 1 | SAFI (1) |
 *      +-----------+-------------------+----------+
 */
import { afiOf, type FamilyKey, familyKey, safiOf } from '../net/family.ts';
import { readU16 } from './bytes.ts';
import { NotificationError } from './errors.ts';
import { badMessageLength, finishMessage, headerLength, startMessage } from './header.ts';
import { MessageType, type RouteRefreshMessage } from './messages.ts';

export const RefreshSubtype = { request: 0, beginning: 1, end: 2 } as const;

const bodyLength = 4;

/** `[start, end)` is a whole message with a checked header. */
export function decodeRouteRefresh(bytes: Uint8Array, start: number, end: number): RouteRefreshMessage {
  const at = start + headerLength;
  const length = end - at;
  const subtype = length > 2 ? bytes[at + 2] : RefreshSubtype.request;
  const marksRefresh = subtype === RefreshSubtype.beginning || subtype === RefreshSubtype.end;
  if (length !== bodyLength && marksRefresh) {
    // RFC 7313 §5: ROUTE-REFRESH Message Error / Invalid Message Length, data = the complete message.
    throw new NotificationError(
      7,
      1,
      bytes.slice(start, end),
      `ROUTE-REFRESH subtype ${subtype} of ${end - start} octets`,
    );
  }
  if (length < bodyLength) throw badMessageLength(bytes, start);
  // RFC 5291 §5: outbound route filters may follow a request. We never offered to keep any: they are passed over.
  // RFC 7313 §5: other subtypes are ignored, whatever follows; the session sees them and does nothing.
  return { type: 'route-refresh', family: familyKey(readU16(bytes, at), bytes[at + 3]), subtype };
}

/** A whole message. */
export function encodeRouteRefresh(family: FamilyKey, subtype: number): Uint8Array {
  const writer = startMessage(MessageType.routeRefresh);
  writer.u16(afiOf(family));
  writer.u8(subtype);
  writer.u8(safiOf(family));
  return finishMessage(writer);
}
