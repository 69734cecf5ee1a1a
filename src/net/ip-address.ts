/**
 * IP addresses as values: 4 or 16 octets in network order, with their one canonical text (RFC 5952).
 * Parsing is strict (the `ip-address` package decides) and meant for the edges: configuration, CLI, API.
 */
import { Address4, Address6 } from 'ip-address';

export class IpAddress {
  /** 4 octets for IPv4, 16 for IPv6, network order. Never changed after construction. */
  readonly bytes: Uint8Array;
  #text: string | undefined;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Copies `length` (4 or 16) octets out of `bytes` at `at`. */
  static fromBytes(bytes: Uint8Array, at = 0, length: number = bytes.length): IpAddress {
    if (length !== 4 && length !== 16)
      throw new RangeError(`an IP address has 4 or 16 octets, not ${length}`);
    return new IpAddress(bytes.slice(at, at + length));
  }

  /** From a 32-bit number in host order, as BGP Identifiers are kept. */
  static fromUint32(value: number): IpAddress {
    return new IpAddress(Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255));
  }

  /** Strict text form; `undefined` when the text is no address (prefix lengths and zones are refused). */
  static parse(text: string): IpAddress | undefined {
    if (text.includes('/') || text.includes('%')) return undefined;
    try {
      if (!text.includes(':')) return new IpAddress(Uint8Array.from(new Address4(text).toArray()));
      const bytes = new Address6(text).toUnsignedByteArray();
      const padded = new Uint8Array(16);
      padded.set(bytes, 16 - bytes.length);
      return new IpAddress(padded);
    } catch {
      return undefined;
    }
  }

  get version(): 4 | 6 {
    return this.bytes.length === 4 ? 4 : 6;
  }

  /** The first four octets as an unsigned number: the whole address for IPv4. */
  toUint32(): number {
    const b = this.bytes;
    return ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0;
  }

  equals(other: IpAddress): boolean {
    return compareBytes(this.bytes, other.bytes) === 0;
  }

  /** IPv4 before IPv6, then by value. */
  compare(other: IpAddress): number {
    return this.bytes.length - other.bytes.length || compareBytes(this.bytes, other.bytes);
  }

  /** `::ffff:a.b.c.d`, as a dual-stack listener shows its IPv4 peers, becomes `a.b.c.d`. */
  unmapped(): IpAddress {
    const b = this.bytes;
    if (b.length !== 16 || b[10] !== 255 || b[11] !== 255) return this;
    for (let i = 0; i < 10; i++) if (b[i] !== 0) return this;
    return IpAddress.fromBytes(b, 12, 4);
  }

  toString(): string {
    this.#text ??= formatAddress(this.bytes, 0, this.bytes.length);
    return this.#text;
  }

  toJSON(): string {
    return this.toString();
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** Text of the 4 or 16 octets at `at`, without making an object. IPv6 as RFC 5952 wants it. */
export function formatAddress(bytes: Uint8Array, at: number, length: number): string {
  if (length === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[at + i] << 8) | bytes[at + i + 1]);
  return formatGroups(groups);
}

/** A BGP Identifier or another 32-bit number as a dotted quad. */
export function formatUint32(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatGroups(groups: readonly number[]): string {
  // RFC 5952 §5: IPv4-mapped addresses keep their dotted quad.
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) {
    return `::ffff:${groups[6] >> 8}.${groups[6] & 255}.${groups[7] >> 8}.${groups[7] & 255}`;
  }
  // RFC 5952 §4.2: the longest run of two or more zero groups becomes `::`, the first of equals.
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let j = i;
    while (j < 8 && groups[j] === 0) j++;
    if (j - i > bestLength) {
      best = i;
      bestLength = j - i;
    }
    i = j + 1;
  }
  const hex = groups.map((g) => g.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}
