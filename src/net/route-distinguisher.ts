/**
 * Route distinguishers (RFC 4364 §4.2): eight octets before a prefix that keep equal prefixes of two VPNs apart. They
 * say nothing of who may have a route: route targets do.
 *
 *      +----------+------------------------------------------+
 *      | Type (2) | Administrator and assigned number (6)    |
 *      +----------+------------------------------------------+
 */
import { formatAdministered, parseAdministered } from './administered-number.ts';
import { readU16, toHex } from './octets.ts';

export class RouteDistinguisher {
  /** 8 octets. Never changed after construction. */
  readonly bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Copies the 8 octets at `at`; any type. */
  static fromBytes(bytes: Uint8Array, at = 0): RouteDistinguisher {
    if (at + 8 > bytes.length) throw new RangeError(`no 8 octets at ${at} of ${bytes.length}`);
    return new RouteDistinguisher(bytes.slice(at, at + 8));
  }

  /** `65000:100` (type 0), `192.0.2.1:7` (1), `4200000000:7` or `65000L:7` (2), or all octets as `0x...`. */
  static parse(text: string): RouteDistinguisher | undefined {
    if (/^0x[0-9a-fA-F]{16}$/.test(text))
      return new RouteDistinguisher(
        Uint8Array.from({ length: 8 }, (_, i) => Number.parseInt(text.slice(2 + i * 2, 4 + i * 2), 16)),
      );
    const parsed = parseAdministered(text);
    return parsed && new RouteDistinguisher(Uint8Array.of(0, parsed.type, ...parsed.value));
  }

  equals(other: RouteDistinguisher): boolean {
    return this.bytes.every((octet, i) => octet === other.bytes[i]);
  }

  toString(): string {
    return formatRouteDistinguisher(this.bytes, 0);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Text of the 8 octets at `at`. */
export function formatRouteDistinguisher(bytes: Uint8Array, at: number): string {
  return formatAdministered(readU16(bytes, at), bytes, at + 2) ?? `0x${toHex(bytes, at, at + 8)}`;
}
