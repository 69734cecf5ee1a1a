// PDUs of the RPKI to Router protocol as a cache writes them, right or wrong (RFC 6810, RFC 8210).
//
// Owns the octets only; who is told what, and when, is for engine/cache.ts.

import { address, familyOf } from './address.ts';
import { type Bytes, concat, fill, readU16, readU32, u8, u16, u32 } from './bytes.ts';

export const SERIAL_NOTIFY = 0;
export const SERIAL_QUERY = 1;
export const RESET_QUERY = 2;
export const CACHE_RESPONSE = 3;
export const END_OF_DATA = 7;
export const CACHE_RESET = 8;
export const ERROR_REPORT = 10;

/** A validated payload: the prefix, the longest more specific that it covers, and who may originate it. */
export interface Payload {
  readonly prefix: string;
  readonly maxLength: number;
  readonly asn: number;
}

/** RFC 8210 §5: version, type, session id or another 16 bits, length. `length` may say something else than is there. */
export function pdu(version: number, type: number, field: number, body: Bytes, length?: number): Bytes {
  return concat(u8(version), u8(type), u16(field), u32(length ?? 8 + body.length), body);
}

export const serialNotify = (version: number, session: number, serial: number): Bytes =>
  pdu(version, SERIAL_NOTIFY, session, u32(serial));

export const cacheResponse = (version: number, session: number): Bytes =>
  pdu(version, CACHE_RESPONSE, session, fill(0, 0));

/** IPv4 Prefix (4) and IPv6 Prefix (6); flag 1 announces, 0 withdraws. */
export function payload(version: number, { prefix, maxLength, asn }: Payload, announce: boolean): Bytes {
  const [net = '', bits = ''] = prefix.split('/');
  const type = familyOf(prefix) === 'v4' ? 4 : 6;
  const lengths = concat(u8(announce ? 1 : 0), u8(Number(bits)), u8(maxLength), u8(0));
  return pdu(version, type, 0, concat(lengths, address(net), u32(asn)));
}

/** Version 1 also says when to refresh, retry and expire, in seconds (RFC 8210 §6): the last is 600 or more, and the longest. */
export function endOfData(version: number, session: number, serial: number): Bytes {
  const intervals = version === 0 ? fill(0, 0) : concat(u32(300), u32(1), u32(600));
  return pdu(version, END_OF_DATA, session, concat(u32(serial), intervals));
}

/** RFC 8210 §5.11; code 4 is Unsupported Protocol Version. */
export const errorReport = (version: number, code: number, about: Bytes): Bytes =>
  pdu(version, ERROR_REPORT, code, concat(u32(about.length), about, u32(0)));

export interface Query {
  readonly version: number;
  readonly type: number;
  /** Session id, or the error code. */
  readonly field: number;
  readonly body: Bytes;
  readonly raw: Bytes;
}

/** Cuts whole PDUs off the front of what a router sent. */
export function takeQueries(stream: Bytes): { readonly queries: Query[]; readonly rest: Bytes } {
  const queries: Query[] = [];
  let at = 0;
  while (stream.length - at >= 8) {
    const length = Math.max(8, readU32(stream, at + 4));
    if (stream.length - at < length) break;
    const raw = stream.slice(at, at + length);
    queries.push({
      version: raw[0] ?? 0,
      type: raw[1] ?? 0,
      field: readU16(raw, 2),
      body: raw.subarray(8),
      raw,
    });
    at += length;
  }
  return { queries, rest: stream.slice(at) };
}
