/**
 * Communities as text: standard (RFC 1997), extended (RFC 4360), large (RFC 8092), the well-known names, and
 * patterns of them. What config, CLI and API accept and print.
 */
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

/**
 * `65000:100`, `65000:*`, `*:666`, `65000:1:2`, `large:65000:1:*`, `rt:65000:100`, `rt:192.0.2.1:7`,
 * `soo:65000:1`, `0x0002fde800000064`, or a well-known name. `undefined` for anything else.
 */
export function parseCommunityPattern(text: string): CommunityPattern | undefined {
  const known = wellKnown.get(text.toLowerCase());
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
  const [administrator, assigned] = fields;
  const quad = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(administrator);
  const number = quad === null ? parseNumber(administrator, 0xffffffff) : null;
  const isShort = number !== null && number <= 0xffff;
  const local = parseNumber(assigned, isShort ? 0xffffffff : 0xffff);
  if (local === null) return undefined;
  if (quad !== null) {
    const octets = quad.slice(1).map(Number);
    if (octets.some((octet) => octet > 255)) return undefined;
    return {
      kind: 'extended',
      hex: hex(1, 1) + hex(subtype, 1) + octets.map((o) => hex(o, 1)).join('') + hex(local, 2),
    };
  }
  if (number === null) return undefined;
  const body = isShort
    ? hex(0, 1) + hex(subtype, 1) + hex(number, 2) + hex(local, 4)
    : hex(2, 1) + hex(subtype, 1) + hex(number, 4) + hex(local, 2);
  return { kind: 'extended', hex: body };
}

function hex(value: number, octets: number): string {
  return value.toString(16).padStart(octets * 2, '0');
}

/** A well-known name, or `65000:100`. */
export function formatCommunity(value: number): string {
  return nameOf.get(value) ?? `${value >>> 16}:${value & 0xffff}`;
}

export function formatLargeCommunity(parts: readonly [number, number, number]): string {
  return `${parts[0]}:${parts[1]}:${parts[2]}`;
}

/** `rt:65000:100`, `soo:...`, or all 8 octets as `0x...` where this build knows no better. */
export function formatExtendedCommunity(text: string): string {
  const type = Number.parseInt(text.slice(0, 2), 16);
  const subtype = Number.parseInt(text.slice(2, 4), 16);
  const name = [...extendedKinds].find(([, code]) => code === subtype)?.[0];
  if (name === undefined || type > 2) return `0x${text}`;
  const field = (from: number, to: number) => Number.parseInt(text.slice(from, to), 16);
  if (type === 0) return `${name}:${field(4, 8)}:${field(8, 16)}`;
  if (type === 2) return `${name}:${field(4, 12)}:${field(12, 16)}`;
  return `${name}:${[4, 6, 8, 10].map((at) => field(at, at + 2)).join('.')}:${field(12, 16)}`;
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
