// The tester's decoder of the BGP Monitoring Protocol (RFC 7854, RFC 8671, RFC 9069).
//
// Owns the cutting of the stream into messages and the fields of each. It never throws: a length that reaches beyond its
// message is named in `problems`, and what is missing reads as zero. The BGP messages within are left to decode.ts.

import { formatIpv4, formatIpv6 } from './address.ts';
import { type Bytes, readU16, readU32, toHex } from './bytes.ts';
import { type DecodedUpdate, decodeUpdate, takeFrames } from './decode.ts';

/** RFC 7854 §4.1. */
export const ROUTE_MONITORING = 0;
export const STATISTICS = 1;
export const PEER_DOWN = 2;
export const PEER_UP = 3;
export const INITIATION = 4;
export const TERMINATION = 5;
export const ROUTE_MIRRORING = 6;

/** RFC 9069 §4.1. */
export const LOC_RIB_PEER = 3;

const COMMON = 6;
const PER_PEER = 42;

export interface PeerHeader {
  readonly type: number;
  readonly flags: number;
  readonly distinguisher: string;
  readonly address: string;
  readonly asn: number;
  readonly id: string;
  readonly seconds: number;
  readonly microseconds: number;
}

export interface Tlv {
  readonly type: number;
  readonly value: Bytes;
}

export interface MonitoringMessage {
  readonly version: number;
  readonly length: number;
  readonly type: number;
  /** Undefined for Initiation and Termination, which are about no peer. */
  readonly peer: PeerHeader | undefined;
  /** What follows the headers. */
  readonly body: Bytes;
  readonly raw: Bytes;
  readonly problems: readonly string[];
}

/** Cuts whole messages off the front of a stream; a version that is not 3, or a length below 6, ends the stream. */
export function takeMonitoring(stream: Bytes): {
  readonly messages: MonitoringMessage[];
  readonly rest: Bytes;
} {
  const messages: MonitoringMessage[] = [];
  let at = 0;
  while (stream.length - at >= COMMON) {
    const announced = readU32(stream, at + 1);
    const length = stream[at] !== 3 || announced < COMMON ? stream.length - at : announced;
    if (stream.length - at < length) break;
    messages.push(decodeMonitoring(stream.slice(at, at + length)));
    at += length;
  }
  return { messages, rest: stream.slice(at) };
}

function decodeMonitoring(raw: Bytes): MonitoringMessage {
  const [version = 0] = raw;
  const length = readU32(raw, 1);
  const type = raw[5] ?? 0;
  const problems: string[] = [];
  if (version !== 3) problems.push(`version ${version}`);
  if (length !== raw.length) problems.push(`length ${length} of ${raw.length} octets`);
  if (type > ROUTE_MIRRORING) problems.push(`message type ${type}`);
  const about = type !== INITIATION && type !== TERMINATION;
  if (about && raw.length < COMMON + PER_PEER) problems.push('the per-peer header is cut off');
  const peer = about ? peerHeader(raw.subarray(COMMON, COMMON + PER_PEER)) : undefined;
  const body = raw.slice(about ? COMMON + PER_PEER : COMMON);
  return { version, length, type, peer, body, raw, problems: [...problems, ...bodyProblems(type, body)] };
}

/** RFC 7854 §4.2. */
function peerHeader(bytes: Bytes): PeerHeader {
  const flags = bytes[1] ?? 0;
  const v6 = bytes[0] !== LOC_RIB_PEER && (flags & 0x80) !== 0;
  return {
    type: bytes[0] ?? 0,
    flags,
    distinguisher: toHex(bytes.subarray(2, 10)),
    address: addressOf(bytes.subarray(10, 26), v6),
    asn: readU32(bytes, 26),
    id: formatIpv4(bytes.subarray(30, 34)),
    seconds: readU32(bytes, 34),
    microseconds: readU32(bytes, 38),
  };
}

/** An IPv4 address has its place in the last four octets, behind zeros. */
const addressOf = (bytes: Bytes, v6: boolean): string =>
  v6 || bytes.subarray(0, 12).some((octet) => octet !== 0)
    ? formatIpv6(bytes)
    : formatIpv4(bytes.subarray(12));

function bodyProblems(type: number, body: Bytes): readonly string[] {
  if (type === INITIATION || type === TERMINATION || type === ROUTE_MIRRORING) return tlvs(body).problems;
  if (type === STATISTICS) {
    const { list, problems } = tlvs(body.subarray(4));
    return list.length === readU32(body, 0) ? problems : [...problems, 'the count differs from the counters'];
  }
  if (type === ROUTE_MONITORING) {
    const { frames, rest } = takeFrames(body);
    return frames.length === 1 && rest.length === 0 && frames[0]?.type === 2 ? [] : ['not one whole UPDATE'];
  }
  return [];
}

/** Type, length, value in 2, 2 and as many octets as said. */
export function tlvs(bytes: Bytes): { readonly list: readonly Tlv[]; readonly problems: readonly string[] } {
  const list: Tlv[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = readU16(bytes, at + 2);
    if (at + 4 + length > bytes.length) return { list, problems: ['a TLV reaches beyond its message'] };
    list.push({ type: readU16(bytes, at), value: bytes.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return { list, problems: [] };
}

/** The UPDATE of a Route Monitoring message. */
export const monitoredUpdate = (message: MonitoringMessage): DecodedUpdate =>
  decodeUpdate(message.body.subarray(19));

export interface PeerUp {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remotePort: number;
  readonly sentOpen: Bytes;
  readonly receivedOpen: Bytes;
  readonly information: readonly Tlv[];
}

/** RFC 7854 §4.10. */
export function peerUp({ body, peer }: MonitoringMessage): PeerUp {
  const { frames, rest } = takeFrames(body.subarray(20));
  const trailing = frames.slice(2).reduce((sum, frame) => sum + frame.raw.length, rest.length);
  const opens = 20 + (frames[0]?.raw.length ?? 0) + (frames[1]?.raw.length ?? 0);
  return {
    localAddress: addressOf(body.subarray(0, 16), ((peer?.flags ?? 0) & 0x80) !== 0),
    localPort: readU16(body, 16),
    remotePort: readU16(body, 18),
    sentOpen: frames[0]?.raw ?? new Uint8Array(),
    receivedOpen: frames[1]?.raw ?? new Uint8Array(),
    information: trailing === 0 ? [] : tlvs(body.subarray(opens)).list,
  };
}

/** RFC 7854 §4.9: the reason, and the NOTIFICATION or the FSM event behind it. */
export const peerDown = ({ body }: MonitoringMessage): { readonly reason: number; readonly data: Bytes } => ({
  reason: body[0] ?? 0,
  data: body.slice(1),
});

/** RFC 7854 §4.8: counters by type; a counter per family is named `type:afi/safi`. */
export function statistics({ body }: MonitoringMessage): ReadonlyMap<string, bigint> {
  const out = new Map<string, bigint>();
  for (const { type, value } of tlvs(body.subarray(4)).list) {
    const family = value.length === 11 ? `:${readU16(value, 0)}/${value[2]}` : '';
    const digits = toHex(value.subarray(family === '' ? 0 : 3));
    out.set(`${type}${family}`, BigInt(`0x${digits || '0'}`));
  }
  return out;
}
