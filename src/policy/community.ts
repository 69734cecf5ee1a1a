/**
 * Communities as text: standard (RFC 1997), extended (RFC 4360), large (RFC 8092), the well-known names, and
 * patterns of them. What config, CLI and API accept and print.
 */
import { decimal } from '../net/decimal.ts';
import { formatUint32, IpAddress } from '../net/ip-address.ts';
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import type { CommunityPattern } from './definition.ts';

/** IANA "BGP Well-known Communities". */
const wellKnown: ReadonlyMap<string, number> = new Map([
  ['graceful-shutdown', 0xffff0000], //   RFC 8326
  ['accept-own', 0xffff0001], //          RFC 7611
  ['llgr-stale', 0xffff0006], //          RFC 9494
  ['no-llgr', 0xffff0007], //             RFC 9494
  ['blackhole', 0xffff029a], //           RFC 7999
  ['no-export', 0xffffff01], //           RFC 1997
  ['no-advertise', 0xffffff02], //        RFC 1997
  ['no-export-subconfed', 0xffffff03], // RFC 1997
  ['no-peer', 0xffffff04], //             RFC 3765
]);

const nameOf: ReadonlyMap<number, string> = new Map([...wellKnown].map(([name, value]) => [value, name]));

export const wellKnownCommunityNames: readonly string[] = [...wellKnown.keys()];

/** Extended community subtypes with a name (RFC 4360 §4, §5). */
const extendedKinds: ReadonlyMap<string, number> = new Map([
  ['rt', 2],
  ['soo', 3],
]);

const extendedNames: ReadonlyMap<number, string> = new Map(
  [...extendedKinds].map(([name, code]) => [code, name]),
);

/**
 * `65000:100`, `65000:*`, `*:666`, `65000:1:2`, `large:65000:1:*`, `rt:65000:100`, `rt:192.0.2.1:7`,
 * `rt:65000L:100` (a four-octet AS although it is small), `soo:65000:1`, `0x0002fde800000064`, or a well-known name. `undefined` for anything else.
 */
export function parseCommunityPattern(text: string): CommunityPattern | undefined {
  // As the RFCs spell them (NO_EXPORT) or as they are shown (no-export).
  const known = wellKnown.get(text.toLowerCase().replaceAll('_', '-'));
  if (known !== undefined) return { kind: 'standard', parts: [known >>> 16, known & 0xffff] };
  if (/^0x[0-9a-fA-F]{16}$/.test(text)) return { kind: 'extended', hex: text.slice(2).toLowerCase() };
  const fields = text.split(':');
  const kind = extendedKinds.get(fields[0].toLowerCase());
  if (kind !== undefined) return parseExtended(kind, fields.slice(1));
  if (fields[0].toLowerCase() === 'large') return patternOf('large', fields.slice(1), 3, 0xffffffff);
  if (fields.length === 3) return patternOf('large', fields, 3, 0xffffffff);
  return patternOf('standard', fields, 2, 0xffff);
}

function patternOf(
  kind: 'standard' | 'large',
  fields: readonly string[],
  count: number,
  max: number,
): CommunityPattern | undefined {
  if (fields.length !== count) return undefined;
  const parts: (number | undefined)[] = [];
  for (const field of fields) {
    const value = field === '*' ? undefined : parseNumber(field, max);
    if (value === null) return undefined;
    parts.push(value);
  }
  return { kind, parts };
}

function parseNumber(text: string, max: number): number | null {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}

/** RFC 4360 §3, RFC 5668: two-octet AS, IPv4 address or four-octet AS, whichever the first field asks for. */
function parseExtended(subtype: number, fields: readonly string[]): CommunityPattern | undefined {
  if (fields.length !== 2) return undefined;
  const administrator = parseAdministrator(fields[0]);
  if (administrator === undefined) return undefined;
  const octets = administrator.type === extendedType.twoOctetAs ? 4 : 2;
  const local = parseNumber(fields[1], octets === 4 ? 0xffffffff : 0xffff);
  if (local === null) return undefined;
  const { type, value } = administrator;
  return {
    kind: 'extended',
    hex: hex(type, 1) + hex(subtype, 1) + hex(value, 6 - octets) + hex(local, octets),
  };
}

/** The high octet of the type says what the administrator is (RFC 4360 §3.1, §3.2, RFC 5668 §2). */
const extendedType = { twoOctetAs: 0, ipv4Address: 1, fourOctetAs: 2 } as const;

function parseAdministrator(text: string): { readonly type: number; readonly value: number } | undefined {
  if (text.includes('.')) {
    const value = IpAddress.parse(text)?.toUint32();
    return value === undefined ? undefined : { type: extendedType.ipv4Address, value };
  }
  const isLong = /L$/i.test(text);
  const value = parseNumber(isLong ? text.slice(0, -1) : text, 0xffffffff);
  if (value === null) return undefined;
  return { type: isLong || value > 0xffff ? extendedType.fourOctetAs : extendedType.twoOctetAs, value };
}

function hex(value: number, octets: number): string {
  return value.toString(16).padStart(octets * 2, '0');
}

/** A well-known name, or `65000:100`. */
export function formatCommunity(value: number): string {
  return nameOf.get(value) ?? `${decimal(value >>> 16)}:${decimal(value & 0xffff)}`;
}

export function formatLargeCommunity(parts: readonly [number, number, number]): string {
  return `${decimal(parts[0])}:${decimal(parts[1])}:${decimal(parts[2])}`;
}

/** `rt:65000:100`, `soo:...`, or all 8 octets as `0x...` where this build knows no better. */
export function formatExtendedCommunity(text: string): string {
  const field = (from: number, to: number) => Number.parseInt(text.slice(from * 2, to * 2), 16);
  const name = extendedNames.get(field(1, 2));
  if (name === undefined) return `0x${text}`;
  switch (field(0, 1)) {
    case extendedType.twoOctetAs:
      return `${name}:${field(2, 4)}:${field(4, 8)}`;
    case extendedType.ipv4Address:
      return `${name}:${formatUint32(field(2, 6))}:${field(6, 8)}`;
    case extendedType.fourOctetAs:
      // The mark keeps it apart from the two-octet form of the same numbers.
      return `${name}:${field(2, 6)}${field(2, 6) > 0xffff ? '' : 'L'}:${field(6, 8)}`;
    default:
      return `0x${text}`;
  }
}

/** The text that `parseCommunityPattern` reads back as the same pattern. */
export function formatCommunityPattern(pattern: CommunityPattern): string {
  if (pattern.kind === 'extended') return formatExtendedCommunity(pattern.hex);
  if (pattern.kind === 'standard') {
    const [high, low] = pattern.parts;
    if (high !== undefined && low !== undefined) return formatCommunity(((high << 16) | low) >>> 0);
  }
  return pattern.parts.map((part) => part ?? '*').join(':');
}

/** Does any community of the route fit the pattern? */
export function matchesCommunity(pattern: CommunityPattern, attributes: PathAttributes): boolean {
  switch (pattern.kind) {
    case 'standard':
      return (
        attributes.communities?.some((value) => fits(pattern.parts, [value >>> 16, value & 0xffff])) ?? false
      );
    case 'large':
      return attributes.largeCommunities?.some((value) => fits(pattern.parts, value)) ?? false;
    case 'extended':
      return attributes.extendedCommunities?.includes(pattern.hex) ?? false;
  }
}

/** Does one standard community (32 bits) or one large community fit a pattern's parts? */
export function fits(parts: readonly (number | undefined)[], value: readonly number[]): boolean {
  return parts.every((part, i) => part === undefined || part === value[i]);
}
