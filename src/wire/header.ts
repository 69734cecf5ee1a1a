/**
 * The message header (RFC 4271 §4.1) and its errors (§6.1): what can be known of a message before its
 * body is looked at.
 *
 *      +-------------------------------+
 *      |   Marker (16 octets of ff)    |
 *      +---------------+---------------+
 *      |  Length (2)   |   Type (1)    |
 *      +---------------+---------------+
 */
import { readU16 } from './bytes.ts';
import { NotificationError } from './errors.ts';
import { MessageType } from './messages.ts';
import { Writer } from './writer.ts';

export const headerLength = 19;
/** RFC 4271 §4: the largest message where RFC 8654 is not in use. */
export const maxPlainMessage = 4096;
/** RFC 8654 §3. */
export const maxExtendedMessage = 65535;

const lengthAt = 16;
const typeAt = 18;

interface LengthRule {
  readonly min: number;
  readonly max: number;
}

/** RFC 4271 §6.1, RFC 8654 §4: the lengths each message type may have. Index: the type code. */
const lengthRules: readonly (LengthRule | undefined)[] = (() => {
  const rules: (LengthRule | undefined)[] = new Array(256).fill(undefined);
  // RFC 8654 §4: OPEN and KEEPALIVE are never extended.
  rules[MessageType.open] = { min: 29, max: maxPlainMessage };
  rules[MessageType.update] = { min: 23, max: maxExtendedMessage };
  rules[MessageType.notification] = { min: 21, max: maxExtendedMessage };
  rules[MessageType.keepalive] = { min: 19, max: 19 };
  // RFC 7313 §5 wants code 7 for some wrong lengths, with the whole message: `route-refresh.ts` decides.
  rules[MessageType.routeRefresh] = { min: headerLength, max: maxExtendedMessage };
  return rules;
})();

/**
 * Length in octets of the message whose 19 header octets lie at `at`. Throws 1/1, 1/2 or 1/3.
 * `maxMessage` is what we accept on this session.
 */
export function checkHeader(bytes: Uint8Array, at: number, maxMessage: number): number {
  // RFC 4271 §6.1: the marker is all ones, else Connection Not Synchronized.
  for (let i = at; i < at + lengthAt; i++) {
    if (bytes[i] !== 0xff) throw new NotificationError(1, 1, undefined, 'marker is not all ones');
  }
  const length = readU16(bytes, at + lengthAt);
  const type = bytes[at + typeAt];
  if (length < headerLength || length > maxMessage) throw badMessageLength(bytes, at);
  const rule = lengthRules[type];
  // RFC 4271 §6.1: Bad Message Type carries the erroneous type.
  if (rule === undefined) throw new NotificationError(1, 3, Uint8Array.of(type), `message type ${type}`);
  if (length < rule.min || length > rule.max) throw badMessageLength(bytes, at);
  return length;
}

/** RFC 4271 §6.1: Bad Message Length carries the erroneous length field. */
export function badMessageLength(bytes: Uint8Array, at: number): NotificationError {
  const field = bytes.slice(at + lengthAt, at + lengthAt + 2);
  return new NotificationError(
    1,
    2,
    field,
    `message type ${bytes[at + typeAt]} of ${readU16(field, 0)} octets`,
  );
}

/** Starts a message of this type; `finishMessage` fills in its length. */
export function startMessage(type: number): Writer {
  const writer = new Writer();
  for (let i = 0; i < 4; i++) writer.u32(0xffffffff);
  writer.u16(headerLength);
  writer.u8(type);
  return writer;
}

export function finishMessage(writer: Writer): Uint8Array {
  if (writer.length > maxExtendedMessage) throw new RangeError(`a message of ${writer.length} octets`);
  writer.patchU16(lengthAt, writer.length);
  return writer.finish();
}
