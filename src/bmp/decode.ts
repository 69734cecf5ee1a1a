/**
 * BMP messages from bytes to values, for a receiver (RFC 7854 §4, RFC 9069). The stream is cut into whole messages
 * whatever the chunks are; BGP messages inside are handed on as they are. What makes no sense throws BmpError: BMP has
 * no answer and no way to find the next message, so the connection ends (RFC 7854 §3.3).
 */
import { readU16, readU32 } from '../net/octets.ts';
import { BmpType, bmpVersion, type Information, PeerType } from './messages.ts';

/** Version, length and type (RFC 7854 §4.1); with the per-peer header (§4.2) after them. */
const commonHeader = 6;
const withPeerHeader = 48;
/** Local address and both ports, before the OPENs of a Peer Up (RFC 7854 §4.10). */
const peerUpFields = 20;
const bgpHeader = 19;
/** A Peer Up with two OPENs of 65,535 octets and TLVs is the longest that makes sense. */
const longestMessage = 1 << 18;

export class BmpError extends Error {}

export interface ReceivedPeer {
  readonly type: number;
  readonly flags: number;
  /** Eight octets in hex. */
  readonly distinguisher: string;
  readonly asn: number;
  readonly bgpIdentifier: number;
}

/** Bytes in messages are only valid until the next `push`. */
export type BmpMessage =
  | { readonly type: 'initiation' | 'termination'; readonly information: readonly Information[] }
  | {
      readonly type: 'peer-up';
      readonly peer: ReceivedPeer;
      /** Whole BGP messages. */
      readonly sentOpen: Uint8Array;
      readonly receivedOpen: Uint8Array;
      readonly information: readonly Information[];
    }
  | { readonly type: 'peer-down'; readonly peer: ReceivedPeer; readonly reason: number }
  | { readonly type: 'route-monitoring'; readonly peer: ReceivedPeer; readonly update: Uint8Array }
  | { readonly type: 'statistics-report'; readonly peer: ReceivedPeer }
  /** RFC 7854 §4.1 leaves room for more types: a receiver passes over them. */
  | { readonly type: 'unknown'; readonly code: number };

/** One connection's bytes. */
export class BmpStream {
  #held = new Uint8Array(0);

  /** Calls back for each message that is whole now. Throws BmpError; the stream is dead afterwards. */
  push(chunk: Uint8Array, take: (message: BmpMessage) => void): void {
    const bytes = this.#held.length === 0 ? chunk : joined(this.#held, chunk);
    let at = 0;
    while (bytes.length - at >= commonHeader) {
      const length = lengthOf(bytes, at);
      if (bytes.length - at < length) break;
      take(decodeMessage(bytes.subarray(at, at + length)));
      at += length;
    }
    this.#held = bytes.slice(at);
  }
}

function lengthOf(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== bmpVersion) throw new BmpError(`BMP version ${bytes[at]}, expected ${bmpVersion}`);
  const length = readU32(bytes, at + 1);
  if (length < commonHeader || length > longestMessage)
    throw new BmpError(`a message of ${length} octets, expected ${commonHeader} to ${longestMessage}`);
  return length;
}

/** One whole message. */
export function decodeMessage(message: Uint8Array): BmpMessage {
  const type = message[5];
  switch (type) {
    case BmpType.initiation:
      return { type: 'initiation', information: informationFrom(message, commonHeader) };
    case BmpType.termination:
      return { type: 'termination', information: informationFrom(message, commonHeader) };
    case BmpType.routeMonitoring: {
      const peer = peerOf(message);
      const end = bgpEnd(message, withPeerHeader);
      return { type: 'route-monitoring', peer, update: message.subarray(withPeerHeader, end) };
    }
    case BmpType.statisticsReport:
      return { type: 'statistics-report', peer: peerOf(message) };
    case BmpType.peerDown: {
      const peer = peerOf(message);
      if (message.length === withPeerHeader) throw new BmpError('a Peer Down without a reason');
      return { type: 'peer-down', peer, reason: message[withPeerHeader] };
    }
    case BmpType.peerUp:
      return peerUp(message);
    default:
      return { type: 'unknown', code: type };
  }
}

function peerUp(message: Uint8Array): BmpMessage {
  const peer = peerOf(message);
  const sentAt = withPeerHeader + peerUpFields;
  const receivedAt = bgpEnd(message, sentAt);
  const end = bgpEnd(message, receivedAt);
  return {
    type: 'peer-up',
    peer,
    sentOpen: message.subarray(sentAt, receivedAt),
    receivedOpen: message.subarray(receivedAt, end),
    information: informationFrom(message, end),
  };
}

function peerOf(message: Uint8Array): ReceivedPeer {
  if (message.length < withPeerHeader) throw new BmpError('a per-peer header is cut');
  const distinguisher = Array.from(message.subarray(8, 16), (octet) => octet.toString(16).padStart(2, '0'));
  return {
    type: message[6],
    flags: message[7],
    distinguisher: distinguisher.join(''),
    asn: readU32(message, 32),
    bgpIdentifier: readU32(message, 36),
  };
}

/** Where the BGP message at `at` ends. */
function bgpEnd(message: Uint8Array, at: number): number {
  if (message.length < at + bgpHeader) throw new BmpError('a BGP message is cut');
  const end = at + readU16(message, at + 16);
  if (end < at + bgpHeader || end > message.length) throw new BmpError('a BGP message is cut');
  return end;
}

function informationFrom(message: Uint8Array, start: number): readonly Information[] {
  const utf8 = new TextDecoder();
  const found: Information[] = [];
  for (let at = start; at < message.length; ) {
    if (at + 4 > message.length) throw new BmpError('an Information TLV is cut');
    const end = at + 4 + readU16(message, at + 2);
    if (end > message.length) throw new BmpError('an Information TLV is cut');
    found.push({ type: readU16(message, at), text: utf8.decode(message.subarray(at + 4, end)) });
    at = end;
  }
  return found;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

export function isLocRib(peer: ReceivedPeer): boolean {
  return peer.type === PeerType.locRib;
}
