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

  /** Copies `length` (4 or 16) octets out of `bytes` at `at`; without `length`, all from there on. */
  static fromBytes(bytes: Uint8Array, at = 0, length: number = bytes.length - at): IpAddress {
    if (length !== 4 && length !== 16)
      throw new RangeError(`an IP address has 4 or 16 octets, not ${length}`);
    if (at < 0 || at + length > bytes.length)
      throw new RangeError(`no ${length} octets at ${at} of ${bytes.length}`);
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
    return this.compare(other) === 0;
  }

  /** IPv4 before IPv6, then by value. */
  compare(other: IpAddress): number {
    return this.bytes.length - other.bytes.length || compareBytes(this.bytes, other.bytes);
  }

  /** `::ffff:a.b.c.d`, as a dual-stack listener shows its IPv4 peers, becomes `a.b.c.d`. */
  unmapped(): IpAddress {
    const b = this.bytes;
    return b.length === 16 && isMapped(b, 0) ? IpAddress.fromBytes(b, 12, 4) : this;
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
  if (isMapped(bytes, at)) return `::ffff:${formatAddress(bytes, at + 12, 4)}`;
  return formatIpv6(bytes, at);
}

/** A BGP Identifier or another 32-bit number as a dotted quad. */
export function formatUint32(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** `:2001` and the like by group, made on first use: a million routes are printed without formatting a number. */
const groupTexts = new Array<string | undefined>(65536);

function groupText(group: number): string {
  let text = groupTexts[group];
  if (text === undefined) {
    // RFC 5952 §4.1, §4.3: lower case, no leading zeros.
    text = `:${group.toString(16)}`;
    groupTexts[group] = text;
  }
  return text;
}

/** ::ffff:0:0/96. RFC 5952 §5: such addresses keep their dotted quad. */
function isMapped(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 10] !== 255 || bytes[at + 11] !== 255) return false;
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return true;
}

function formatIpv6(bytes: Uint8Array, at: number): string {
  const end = at + 16;
  // RFC 5952 §4.2: the longest run of two or more zero groups becomes `::`, the first of equals.
  let gap = end;
  let gapEnd = end;
  for (let i = at; i < end; ) {
    let j = i;
    while (j < end && bytes[j] === 0 && bytes[j + 1] === 0) j += 2;
    if (j - i > 2 && j - i > gapEnd - gap) {
      gap = i;
      gapEnd = j;
    }
    i = j + 2;
  }
  const head = formatGroups(bytes, at, gap);
  if (gap === gapEnd) return head.slice(1);
  return gapEnd === end ? `${head.slice(1)}::` : `${head.slice(1)}:${formatGroups(bytes, gapEnd, end)}`;
}

/** Each group with a colon before it. */
function formatGroups(bytes: Uint8Array, at: number, end: number): string {
  let text = '';
  for (let i = at; i < end; i += 2) text += groupText((bytes[i] << 8) | bytes[i + 1]);
  return text;
}
