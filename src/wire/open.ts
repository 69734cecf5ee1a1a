/**
 * OPEN (RFC 4271 §4.2, RFC 5492, RFC 9072). Whether its AS number, identifier and hold time are acceptable
 * is for `session/negotiation` to say; here are the errors of its form.
 *
 *      +-------------+-------------+---------------+--------------------+----------------+
 *      | Version (1) | My AS (2)   | Hold Time (2) | BGP Identifier (4) | Opt Parm Len 1 |
 *      +-------------+-------------+---------------+--------------------+----------------+
 *      |  Optional Parameters: type (1), length (1), value                               |
 *      +---------------------------------------------------------------------------------+
 *   RFC 9072: Opt Parm Len, then 255, then a 2-octet length, then parameters with 2-octet lengths.
 */
import { decodeCapabilities, encodeCapability } from './capability.ts';
import { Cursor } from './cursor.ts';
import { NotificationError } from './errors.ts';
import { finishMessage, headerLength, startMessage } from './header.ts';
import { type Capability, MessageType, type OpenMessage } from './messages.ts';
import { Writer } from './writer.ts';

/** The one version this speaker has. */
export const bgpVersion = 4;

const capabilitiesParameter = 2;
const extendedMark = 255;

/** `[start, end)` is a whole message with a checked header. Throws 2/0, 2/1, 2/4. */
export function decodeOpen(bytes: Uint8Array, start: number, end: number): OpenMessage {
  // RFC 4271 §6.2: a malformed optional parameter is OPEN Message Error / Unspecific.
  const body = new Cursor(bytes, start + headerLength, end, 2, 0);
  const version = body.u8();
  if (version !== bgpVersion) {
    // RFC 4271 §6.2: data = the nearest version we do have, 2 octets.
    throw new NotificationError(2, 1, Uint8Array.of(0, bgpVersion), `version ${version}`);
  }
  const myAs = body.u16();
  const holdTimeSeconds = body.u16();
  const bgpIdentifier = body.u32();
  return {
    type: 'open',
    version,
    myAs,
    holdTimeSeconds,
    bgpIdentifier,
    capabilities: decodeParameters(body),
  };
}

function decodeParameters(body: Cursor): Capability[] {
  const capabilities: Capability[] = [];
  const plainLength = body.u8();
  // RFC 9072 §2: extended where the first parameter type is 255; the plain length is then not looked at,
  // but 0 says that there are no parameters.
  const extended = plainLength !== 0 && body.remaining > 0 && body.bytes[body.at] === extendedMark;
  if (extended) body.u8();
  const length = extended ? body.u16() : plainLength;
  if (length !== body.remaining) {
    body.fail(`optional parameters of ${length} octets where ${body.remaining} are left`);
  }
  while (body.remaining > 0) {
    const type = body.u8();
    const value = body.sub(extended ? body.u16() : body.u8());
    // RFC 4271 §6.2: Unsupported Optional Parameter. RFC 9072 §3: 255 is one of them when it is not the first.
    if (type !== capabilitiesParameter) {
      throw new NotificationError(2, 4, undefined, `optional parameter type ${type}`);
    }
    decodeCapabilities(value, capabilities);
  }
  return capabilities;
}

/** A whole message. RFC 9072 form only where the parameters have more than 255 octets. */
export function encodeOpen(open: OpenMessage): Uint8Array {
  const writer = startMessage(MessageType.open);
  writer.u8(open.version);
  writer.u16(open.myAs);
  writer.u16(open.holdTimeSeconds);
  writer.u32(open.bgpIdentifier);
  const capabilities = new Writer();
  for (const capability of open.capabilities) encodeCapability(capability, capabilities);
  appendParameter(writer, capabilities.finish());
  return finishMessage(writer);
}

/** RFC 5492 §4: all capabilities in one optional parameter. */
function appendParameter(writer: Writer, capabilities: Uint8Array): void {
  if (capabilities.length === 0) {
    writer.u8(0);
    return;
  }
  const plainLength = capabilities.length + 2;
  if (plainLength <= 255) {
    writer.u8(plainLength);
    writer.u8(capabilitiesParameter);
    writer.u8(capabilities.length);
  } else {
    // RFC 9072 §2: both marks are 255.
    writer.u8(extendedMark);
    writer.u8(extendedMark);
    writer.u16(capabilities.length + 3);
    writer.u8(capabilitiesParameter);
    writer.u16(capabilities.length);
  }
  writer.append(capabilities);
}
