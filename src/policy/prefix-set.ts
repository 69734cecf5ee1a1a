/**
 * A set of prefix ranges (`10.0.0.0/8 ge 16 le 24`), asked for one prefix at a time.
 * Ranges are kept by address family and by the length of their own prefix; a look-up is one hash probe per
 * distinct length (at most 33 or 129), however many ranges there are.
 */
import type { PrefixRange } from './definition.ts';

interface Bounds {
  readonly minLength: number;
  readonly maxLength: number;
}

export class PrefixSet {
  readonly #lengths4: readonly number[];
  readonly #lengths6: readonly number[];
  readonly #ranges = new Map<string, Bounds[]>();

  constructor(ranges: readonly PrefixRange[]) {
    const lengths = { 4: new Set<number>(), 6: new Set<number>() };
    for (const { prefix, minLength, maxLength } of ranges) {
      const masked = prefix.masked();
      lengths[masked.version].add(masked.length);
      const key = keyOf(masked.address.bytes, masked.length);
      const bounds = this.#ranges.get(key);
      if (bounds === undefined) this.#ranges.set(key, [{ minLength, maxLength }]);
      else bounds.push({ minLength, maxLength });
    }
    this.#lengths4 = [...lengths[4]].sort((a, b) => a - b);
    this.#lengths6 = [...lengths[6]].sort((a, b) => a - b);
  }

  /** `bytes`: 4 or 16 address octets; host bits do not matter. */
  has(bytes: Uint8Array, length: number): boolean {
    for (const own of bytes.length === 4 ? this.#lengths4 : this.#lengths6) {
      if (own > length) return false;
      const bounds = this.#ranges.get(keyOf(bytes, own));
      if (bounds?.some(({ minLength, maxLength }) => length >= minLength && length <= maxLength)) return true;
    }
    return false;
  }
}

/** The first `length` bits, the length and the family. */
function keyOf(bytes: Uint8Array, length: number): string {
  let key = String.fromCharCode(bytes.length, length);
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) key += String.fromCharCode(bytes[i]);
  if (length & 7) key += String.fromCharCode(bytes[whole] & (0xff << (8 - (length & 7))));
  return key;
}
