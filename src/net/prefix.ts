/**
 * IP prefixes as values: an address and a length in bits. Host bits are kept as they were given, so that an edge can
 * complain of them (`hasHostBits`); `masked()` is the prefix proper, and `contains` never looks at them.
 */
import { formatAddress, IpAddress } from './ip-address.ts';

export class Prefix {
  readonly address: IpAddress;
  /** 0..32 or 0..128. */
  readonly length: number;

  constructor(address: IpAddress, length: number) {
    if (!Number.isInteger(length) || length < 0 || length > address.bytes.length * 8) {
      throw new RangeError(`no prefix length of IPv${address.version}: ${length}`);
    }
    this.address = address;
    this.length = length;
  }

  /** Strict: `undefined` for anything but `address/length`. Host bits are kept; see `hasHostBits`. */
  static parse(text: string): Prefix | undefined {
    const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
    const address = match && IpAddress.parse(match[1]);
    if (!address || Number(match[2]) > address.bytes.length * 8) return undefined;
    return new Prefix(address, Number(match[2]));
  }

  get version(): 4 | 6 {
    return this.address.version;
  }

  get hasHostBits(): boolean {
    const { bytes } = this.address;
    for (let i = this.length >> 3; i < bytes.length; i++)
      if (bytes[i] & hostMask(this.length, i)) return true;
    return false;
  }

  /** The same prefix with its host bits cleared. */
  masked(): Prefix {
    if (!this.hasHostBits) return this;
    const bytes = this.address.bytes.slice();
    for (let i = this.length >> 3; i < bytes.length; i++) bytes[i] &= ~hostMask(this.length, i);
    return new Prefix(IpAddress.fromBytes(bytes), this.length);
  }

  /** Does this prefix hold the address (or the other prefix, whole)? */
  contains(other: IpAddress | Prefix): boolean {
    const [address, length] =
      other instanceof Prefix ? [other.address, other.length] : [other, other.bytes.length * 8];
    if (address.version !== this.version || length < this.length) return false;
    const own = this.address.bytes;
    for (let i = 0; i * 8 < this.length; i++) {
      if ((own[i] ^ address.bytes[i]) & ~hostMask(this.length, i)) return false;
    }
    return true;
  }

  equals(other: Prefix): boolean {
    return this.length === other.length && this.address.equals(other.address);
  }

  toString(): string {
    return `${this.address}/${this.length}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The bits of octet `at` of an address that lie behind the first `length` bits of it. */
function hostMask(length: number, at: number): number {
  const own = length - at * 8;
  return own >= 8 ? 0 : own <= 0 ? 0xff : 0xff >> own;
}

/** Text of a prefix whose address octets (4 or 16, zero filled) lie at `at`. */
export function formatPrefix(bytes: Uint8Array, at: number, octets: number, length: number): string {
  return `${formatAddress(bytes, at, octets)}/${length}`;
}

/** The prefix of that host alone, as text; `address` is canonical text. */
export function hostPrefix(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
