/**
 * Route targets (RFC 4360 §4, RFC 5668): extended communities that say which VPNs want a route.
 *
 *      +----------+--------------------+---------------------------------------+
 *      | Type (1) | Sub-Type (1) = 2   | Administrator and assigned number (6) |
 *      +----------+--------------------+---------------------------------------+
 */
import { formatAdministered, parseAdministered } from './administered-number.ts';
import { toHex } from './octets.ts';

/** RFC 4360 §4. */
const routeTargetSubtype = 2;

export class RouteTarget {
  /** 8 octets: the extended community. Never changed after construction. */
  readonly bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** `65000:100`, `192.0.2.1:7`, `4200000000:7`, `65000L:7`; `rt:` may stand before it. */
  static parse(text: string): RouteTarget | undefined {
    const parsed = parseAdministered(text.replace(/^rt:/i, ''));
    return parsed && new RouteTarget(Uint8Array.of(parsed.type, routeTargetSubtype, ...parsed.value));
  }

  /** As extended communities are kept in attributes: 16 hexadecimal digits. */
  get hex(): string {
    return toHex(this.bytes);
  }

  equals(other: RouteTarget): boolean {
    return this.hex === other.hex;
  }

  toString(): string {
    return formatRouteTarget(this.bytes, 0);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Is the extended community at `at` a route target? RFC 4360 §4, RFC 5668 §2: types 0, 1 and 2. */
export function isRouteTarget(bytes: Uint8Array, at: number): boolean {
  return bytes[at] <= 2 && bytes[at + 1] === routeTargetSubtype;
}

/** `65000:100`; octets that are no route target of a known form as `0x...`. */
export function formatRouteTarget(bytes: Uint8Array, at: number): string {
  const text = isRouteTarget(bytes, at) ? formatAdministered(bytes[at], bytes, at + 2) : undefined;
  return text ?? `0x${toHex(bytes, at, at + 8)}`;
}
