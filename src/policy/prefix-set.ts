/**
 * A set of prefix ranges (`10.0.0.0/8 ge 16 le 24`), asked for one prefix at a time.
 * The ranges' own prefixes lie sorted in typed columns, each knowing the next shorter one around it: a look-up is
 * one binary search and a walk outwards over at most 33 (129) prefixes. An IPv4 range takes 15 octets, an IPv6 one 27.
 */
import type { PrefixRange } from './definition.ts';

export class PrefixSet {
  readonly #ipv4: RangeTable;
  readonly #ipv6: RangeTable;

  constructor(ranges: readonly PrefixRange[]) {
    this.#ipv4 = new RangeTable(
      ranges.filter(({ prefix }) => prefix.version === 4),
      1,
    );
    this.#ipv6 = new RangeTable(
      ranges.filter(({ prefix }) => prefix.version === 6),
      4,
    );
  }

  /** `bytes`: 4 or 16 address octets, whose host bits do not matter; any other number is in no set. */
  has(bytes: Uint8Array, length: number): boolean {
    if (bytes.length === 4) return this.#ipv4.has(bytes, length);
    return bytes.length === 16 && this.#ipv6.has(bytes, length);
  }
}

interface Entry {
  readonly words: readonly number[];
  readonly length: number;
  readonly low: number;
  readonly high: number;
}

const none = -1;

/** The ranges of one address family, whose addresses have `width` words of 32 bits. */
class RangeTable {
  readonly #width: number;
  /** By prefix, sorted by address and then length; host bits clear. */
  readonly #words: Uint32Array;
  readonly #length: Uint8Array;
  readonly #parent: Int32Array;
  /** The accepted lengths of prefix `i` are the pairs `[#first[i], #first[i + 1])` of #low and #high. */
  readonly #first: Uint32Array;
  readonly #low: Uint8Array;
  readonly #high: Uint8Array;
  /** The prefix that is asked for. */
  readonly #asked: Uint32Array;

  constructor(ranges: readonly PrefixRange[], width: number) {
    const entries = ranges
      .map((range) => entryOf(range, width))
      .sort(compareEntries)
      .filter(isNew);
    const starts = entries.flatMap((entry, i) =>
      i === 0 || !isSamePrefix(entry, entries[i - 1]) ? [i] : [],
    );
    this.#width = width;
    this.#asked = new Uint32Array(width);
    this.#words = Uint32Array.from(starts.flatMap((i) => entries[i].words));
    this.#length = Uint8Array.from(starts, (i) => entries[i].length);
    this.#first = Uint32Array.from([...starts, entries.length]);
    this.#low = Uint8Array.from(entries, ({ low }) => low);
    this.#high = Uint8Array.from(entries, ({ high }) => high);
    this.#parent = new Int32Array(starts.length);
    for (let i = 0; i < starts.length; i++) this.#parent[i] = this.#parentOf(i);
  }

  /** Whatever lies around a prefix lies around the one sorted before it too, or is that one. */
  #parentOf(index: number): number {
    let outer = index - 1;
    const at = index * this.#width;
    while (outer !== none && !this.#covers(outer, this.#words, at)) outer = this.#parent[outer];
    return outer;
  }

  has(bytes: Uint8Array, length: number): boolean {
    for (let i = 0; i < this.#width; i++) this.#asked[i] = wordAt(bytes, i * 4);
    for (let i = this.#lastUpTo(this.#asked); i !== none; i = this.#parent[i]) {
      if (this.#length[i] <= length && this.#accepts(i, length) && this.#covers(i, this.#asked, 0))
        return true;
    }
    return false;
  }

  /** The last prefix whose address is not above that of `words`, -1 when there is none. */
  #lastUpTo(words: Uint32Array): number {
    let from = 0;
    let to = this.#length.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#isAbove(middle, words)) to = middle;
      else from = middle + 1;
    }
    return from - 1;
  }

  #isAbove(index: number, words: Uint32Array): boolean {
    for (let i = 0; i < this.#width; i++) {
      const word = this.#words[index * this.#width + i];
      if (word !== words[i]) return word > words[i];
    }
    return false;
  }

  /** Does the address in `words` at `at` begin with the bits of prefix `index`? */
  #covers(index: number, words: Uint32Array, at: number): boolean {
    let bits = this.#length[index];
    for (let i = 0; bits > 0; i++, bits -= 32) {
      const different = this.#words[index * this.#width + i] ^ words[at + i];
      if (bits >= 32 ? different !== 0 : different >>> (32 - bits) !== 0) return false;
    }
    return true;
  }

  #accepts(index: number, length: number): boolean {
    for (let i = this.#first[index]; i < this.#first[index + 1]; i++) {
      if (length >= this.#low[i] && length <= this.#high[i]) return true;
    }
    return false;
  }
}

function entryOf({ prefix, minLength, maxLength }: PrefixRange, width: number): Entry {
  const { bytes } = prefix.masked().address;
  const words = Array.from({ length: width }, (_, i) => wordAt(bytes, i * 4));
  return { words, length: prefix.length, low: minLength, high: maxLength };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function compareEntries(a: Entry, b: Entry): number {
  return comparePrefixes(a, b) || a.low - b.low || a.high - b.high;
}

function comparePrefixes(a: Entry, b: Entry): number {
  for (let i = 0; i < a.words.length; i++) if (a.words[i] !== b.words[i]) return a.words[i] - b.words[i];
  return a.length - b.length;
}

function isSamePrefix(a: Entry, b: Entry): boolean {
  return comparePrefixes(a, b) === 0;
}

function isNew(entry: Entry, i: number, sorted: readonly Entry[]): boolean {
  return i === 0 || compareEntries(sorted[i - 1], entry) !== 0;
}
