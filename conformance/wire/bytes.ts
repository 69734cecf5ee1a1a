// Octets as the tester writes them: hex literals, big-endian integers, concatenation.
//
// Owns the three smallest tools of the tester's codec. Nothing here refuses a value: a number too large for its field
// is cut to the field, because writing wrong octets on purpose is the tester's trade.

export type Bytes = Uint8Array;

/** Hex text to octets; blanks and colons are ignored. Throws on an odd count or a foreign character. */
export function hex(text: string): Bytes {
  const digits = text.replace(/[\s:]/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new Error(`not hex: ${text}`);
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}

export function toHex(bytes: Bytes): string {
  let text = '';
  for (const octet of bytes) text += octet.toString(16).padStart(2, '0');
  return text;
}

export const u8 = (value: number): Bytes => Uint8Array.of(value & 0xff);
export const u16 = (value: number): Bytes => Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
export const u32 = (value: number): Bytes =>
  Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

/** `count` octets of the same value. */
export const fill = (value: number, count: number): Bytes => new Uint8Array(count).fill(value);

export function concat(...parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

export const readU16 = (bytes: Bytes, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
export const readU32 = (bytes: Bytes, at: number): number =>
  readU16(bytes, at) * 0x10000 + readU16(bytes, at + 2);

export const ascii = (text: string): Bytes => new TextEncoder().encode(text);

/** A small seeded generator (mulberry32): the same seed gives the same octets on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  };
}
