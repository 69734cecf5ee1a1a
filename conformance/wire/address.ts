// Addresses and prefixes between text and octets, and the NLRI form of a prefix (RFC 4271 §4.3).
//
// Owns only what the tester needs: it does not judge an address, and host bits stay where the caller put them.

import { type Bytes, concat, readU16, u8 } from './bytes.ts';

export type Family = 'v4' | 'v6';

export const afiOf = (family: Family): number => (family === 'v4' ? 1 : 2);
export const familyOf = (text: string): Family => (text.includes(':') ? 'v6' : 'v4');

export function ipv4(text: string): Bytes {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)))
    throw new Error(`not IPv4: ${text}`);
  return Uint8Array.from(parts);
}

export function ipv6(text: string): Bytes {
  const [head = '', tail] = text.split('::');
  const words = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((w) => (w.includes('.') ? v4Words(w) : [Number.parseInt(w, 16)]));
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...new Array<number>(Math.max(0, gap)).fill(0), ...right];
  if (all.length !== 8 || all.some(Number.isNaN)) throw new Error(`not IPv6: ${text}`);
  return Uint8Array.from(all.flatMap((word) => [word >>> 8, word & 0xff]));
}

function v4Words(text: string): number[] {
  const octets = ipv4(text);
  return [readU16(octets, 0), readU16(octets, 2)];
}

export const address = (text: string): Bytes => (familyOf(text) === 'v6' ? ipv6(text) : ipv4(text));

export const formatIpv4 = (bytes: Bytes): string => Array.from(bytes.subarray(0, 4)).join('.');

/** RFC 5952 form, without the dotted form of mapped addresses. */
export function formatIpv6(bytes: Bytes): string {
  const words = Array.from({ length: 8 }, (_, i) => readU16(bytes, 2 * i));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && words[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const text = (from: number, to: number) =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  if (best.at < 0) return text(0, 8);
  return `${text(0, best.at)}::${text(best.at + best.length, 8)}`;
}

export function formatAddress(bytes: Bytes): string {
  if (bytes.length === 4) return formatIpv4(bytes);
  if (bytes.length === 16) return formatIpv6(bytes);
  if (bytes.length === 32) return `${formatIpv6(bytes)} ${formatIpv6(bytes.subarray(16))}`;
  return `(${bytes.length} octets)`;
}

/** The NLRI form of a prefix: its length in bits, then as few octets as hold it; the last octet keeps its host bits. */
export function prefix(text: string): Bytes {
  const [base = '', bits = '0'] = text.split('/');
  const length = Number(bits);
  return concat(u8(length), address(base).subarray(0, Math.ceil(length / 8)));
}

export const prefixes = (...texts: readonly string[]): Bytes => concat(...texts.map(prefix));

export function formatPrefix(family: Family, bits: number, octets: Bytes): string {
  const whole = new Uint8Array(family === 'v4' ? 4 : 16);
  whole.set(octets.subarray(0, whole.length));
  const spare = Math.ceil(bits / 8) * 8 - bits;
  const last = Math.ceil(bits / 8) - 1;
  if (spare > 0 && last >= 0) whole[last] = (whole[last] ?? 0) & (0xff << spare);
  return `${family === 'v4' ? formatIpv4(whole) : formatIpv6(whole)}/${bits}`;
}
