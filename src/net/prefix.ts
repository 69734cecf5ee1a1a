/** IP prefixes as values: an address with its host bits clear, and a length in bits. */
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
    return !this.masked().address.equals(this.address);
  }

  /** The same prefix with its host bits cleared. */
  masked(): Prefix {
    const bytes = this.address.bytes.slice();
    for (let bit = this.length; bit < bytes.length * 8; bit++) bytes[bit >> 3] &= ~(0x80 >> (bit & 7));
    return new Prefix(IpAddress.fromBytes(bytes), this.length);
  }

  /** Does this prefix hold the address (or the other prefix, whole)? */
  contains(other: IpAddress | Prefix): boolean {
    const [address, length] =
      other instanceof Prefix ? [other.address, other.length] : [other, other.bytes.length * 8];
    if (address.version !== this.version || length < this.length) return false;
    return new Prefix(address, this.length).masked().address.equals(this.masked().address);
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

/** Text of a prefix whose address octets (4 or 16, zero filled) lie at `at`. */
export function formatPrefix(bytes: Uint8Array, at: number, octets: number, length: number): string {
  return `${formatAddress(bytes, at, octets)}/${length}`;
}
