/**
 * NOTIFICATION (RFC 4271 §4.5): bytes, and in words for the operator. Owns the shutdown communication of
 * RFC 9003 and the wrapper of RFC 8538 too. When one is sent is the session's business.
 *
 *      +----------------+-------------------+-----------------+
 *      | Error code (1) | Error subcode (1) | Data (variable) |
 *      +----------------+-------------------+-----------------+
 */
import { familyKey, formatFamily } from '../net/family.ts';
import { readU16, readU32, toHex } from './bytes.ts';
import { finishMessage, headerLength, maxPlainMessage, startMessage } from './header.ts';
import { MessageType, type NotificationMessage } from './messages.ts';
import { CeaseSubcode, NotificationCode, notificationName } from './notification-codes.ts';

/** RFC 9003 §2: a shutdown communication has at most 255 octets of UTF-8 (128 in RFC 8203). */
export const maxShutdownOctets = 255;

/** `[start, end)` is a whole message with a checked header. Never throws: there is no answer to it. */
export function decodeNotification(bytes: Uint8Array, start: number, end: number): NotificationMessage {
  const at = start + headerLength;
  return { type: 'notification', code: bytes[at], subcode: bytes[at + 1], data: bytes.slice(at + 2, end) };
}

/** A whole message. RFC 8654 §5: never over 4096 octets, since the peer may not accept more; data is cut. */
export function encodeNotification(code: number, subcode: number, data: Uint8Array): Uint8Array {
  const writer = startMessage(MessageType.notification);
  writer.u8(code);
  writer.u8(subcode);
  writer.append(data.subarray(0, maxPlainMessage - writer.length));
  return finishMessage(writer);
}

/** RFC 9003 §2: length octet and UTF-8, cut at a character's edge; no octets at all for no text. */
export function encodeShutdownText(text: string, maxOctets: number = maxShutdownOctets): Uint8Array {
  const octets = new TextEncoder().encode(text);
  let length = Math.min(octets.length, maxOctets, maxShutdownOctets);
  // 10xxxxxx goes on with the character before it.
  while (length > 0 && length < octets.length && (octets[length] & 0xc0) === 0x80) length--;
  if (length === 0) return new Uint8Array(0);
  const data = new Uint8Array(length + 1);
  data[0] = length;
  data.set(octets.subarray(0, length), 1);
  return data;
}

/** The text of a Cease/2 or Cease/4; `undefined` when there is none or it is malformed (RFC 9003 §2). */
export function decodeShutdownText(data: Uint8Array): string | undefined {
  if (data.length < 2 || data[0] === 0 || data[0] > data.length - 1) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(1, 1 + data[0]));
  } catch {
    return undefined;
  }
}

/** RFC 8538 §3.1: the NOTIFICATION inside a Cease/Hard Reset. */
export function encodeHardReset(code: number, subcode: number, data: Uint8Array): Uint8Array {
  const wrapped = new Uint8Array(data.length + 2);
  wrapped[0] = code;
  wrapped[1] = subcode;
  wrapped.set(data, 2);
  return wrapped;
}

/** `undefined` when nothing is inside. */
export function decodeHardReset(data: Uint8Array): NotificationMessage | undefined {
  if (data.length < 2) return undefined;
  return { type: 'notification', code: data[0], subcode: data[1], data: data.slice(2) };
}

/** RFC 4486 §4: AFI, SAFI and the limit, as data of a Cease/1. */
export function encodeMaximumPrefixes(afi: number, safi: number, limit: number): Uint8Array {
  return Uint8Array.of(afi >>> 8, afi, safi, limit >>> 24, limit >>> 16, limit >>> 8, limit);
}

/** One line in words: `Cease/Administrative Shutdown: "maintenance"`. Safe to print whatever the peer sent. */
export function describeNotification(code: number, subcode: number, data: Uint8Array): string {
  const name = notificationName(code, subcode);
  if (data.length === 0) return name;
  const detail = describeData(code, subcode, data) ?? `data ${toHex(data, 0, Math.min(data.length, 64))}`;
  return `${name}: ${detail}`;
}

function describeData(code: number, subcode: number, data: Uint8Array): string | undefined {
  if (code === NotificationCode.messageHeader && subcode === 2 && data.length === 2) {
    return `length ${readU16(data, 0)}`;
  }
  if (code === NotificationCode.messageHeader && subcode === 3 && data.length === 1) return `type ${data[0]}`;
  if (code === NotificationCode.open && subcode === 1 && data.length === 2) {
    return `peer supports version ${readU16(data, 0)}`;
  }
  if (code === NotificationCode.open && subcode === 7) return `capabilities ${describeCodes(data)}`;
  if (code === NotificationCode.update && data.length > 2 && subcode >= 2 && subcode <= 9) {
    return `attribute ${data[1]} (${toHex(data, 0, Math.min(data.length, 64))})`;
  }
  if (code === NotificationCode.update && subcode === 3) return `attribute ${data[0]}`;
  return code === NotificationCode.cease ? describeCeaseData(subcode, data) : undefined;
}

function describeCeaseData(subcode: number, data: Uint8Array): string | undefined {
  switch (subcode) {
    case CeaseSubcode.maximumPrefixes:
      if (data.length < 7) return undefined;
      return `${formatFamily(familyKey(readU16(data, 0), data[2]))}, limit ${readU32(data, 3)}`;
    case CeaseSubcode.administrativeShutdown:
    case CeaseSubcode.administrativeReset: {
      const text = decodeShutdownText(data);
      return text === undefined ? undefined : JSON.stringify(printable(text));
    }
    case CeaseSubcode.hardReset: {
      const inner = decodeHardReset(data);
      if (inner === undefined) return undefined;
      const nested = inner.code === NotificationCode.cease && inner.subcode === CeaseSubcode.hardReset;
      return nested
        ? notificationName(inner.code, inner.subcode)
        : describeNotification(inner.code, inner.subcode, inner.data);
    }
    default:
      return undefined;
  }
}

/** RFC 5492 §5: the data lists capabilities as they would stand in an OPEN. */
function describeCodes(data: Uint8Array): string {
  const codes: number[] = [];
  for (let at = 0; at + 1 < data.length; at += 2 + data[at + 1]) codes.push(data[at]);
  return codes.join(', ');
}

/** RFC 9003 §5: what a peer writes must not steer the terminal that shows it. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
