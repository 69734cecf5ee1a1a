// The tester's lenient decoder: it reads what a target sends, notes what is odd and never throws.
//
// Owns frames, OPEN, NOTIFICATION and UPDATE. It knows no state but the two facts that change the octets' meaning:
// the width of AS numbers and whether NLRI carry path identifiers (RFC 6793, RFC 7911). `problems` names each fault.

import { type Family, formatIpv4, formatPrefix } from './address.ts';
import type { Segment } from './attributes.ts';
import { type Bytes, readU16, readU32, toHex } from './bytes.ts';
import type { Capability } from './messages.ts';

export interface Frame {
  readonly type: number;
  readonly length: number;
  readonly body: Bytes;
  readonly raw: Bytes;
  readonly markerGood: boolean;
}

/** Cuts whole frames off the front of a stream; a length below 19 ends the stream (the rest is one broken frame). */
export function takeFrames(stream: Bytes): { readonly frames: Frame[]; readonly rest: Bytes } {
  const frames: Frame[] = [];
  let at = 0;
  while (stream.length - at >= 19) {
    const announced = readU16(stream, at + 16);
    const length = announced < 19 ? stream.length - at : announced;
    if (stream.length - at < length) break;
    const raw = stream.slice(at, at + length);
    const markerGood = raw.subarray(0, 16).every((octet) => octet === 0xff);
    frames.push({ type: raw[18] ?? 0, length: announced, body: raw.subarray(19), raw, markerGood });
    at += length;
  }
  return { frames, rest: stream.slice(at) };
}

export interface DecodedOpen {
  readonly version: number;
  readonly asn: number;
  readonly holdSeconds: number;
  readonly id: string;
  readonly capabilities: readonly Capability[];
  readonly extended: boolean;
  readonly problems: readonly string[];
}

export function decodeOpen(body: Bytes): DecodedOpen {
  const problems: string[] = [];
  const shortLength = body[9] ?? 0;
  const extended = shortLength !== 0 && body[10] === 255;
  const start = extended ? 13 : 10;
  const announced = extended ? readU16(body, 11) : shortLength;
  if (body.length - start !== announced) problems.push('Opt Parm Len differs from the octets present');
  const capabilities: Capability[] = [];
  let at = start;
  while (at < body.length) {
    const type = body[at] ?? 0;
    const length = extended ? readU16(body, at + 1) : (body[at + 1] ?? 0);
    const from = at + (extended ? 3 : 2);
    if (from + length > body.length) problems.push('a parameter reaches beyond the message');
    if (type === 2) capabilities.push(...decodeCapabilities(body.subarray(from, from + length), problems));
    else problems.push(`optional parameter of type ${type}`);
    at = from + length;
  }
  return {
    version: body[0] ?? 0,
    asn: readU16(body, 1),
    holdSeconds: readU16(body, 3),
    id: formatIpv4(body.subarray(5, 9)),
    capabilities,
    extended,
    problems,
  };
}

function decodeCapabilities(bytes: Bytes, problems: string[]): Capability[] {
  const out: Capability[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at + 1] ?? 0;
    if (at + 2 + length > bytes.length) problems.push('a capability reaches beyond its parameter');
    out.push({ code: bytes[at] ?? 0, value: bytes.slice(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return out;
}

export interface DecodedAttribute {
  readonly flags: number;
  readonly type: number;
  readonly value: Bytes;
}

export interface DecodedNlri {
  readonly family: Family;
  readonly prefix: string;
  readonly pathId: number | undefined;
  /** Label stack of a VPN route, in hex. */
  readonly label?: string;
}

export interface MpRoutes {
  readonly afi: number;
  readonly safi: number;
  readonly nextHop: Bytes;
  readonly nlri: readonly DecodedNlri[];
  readonly octets: number;
}

export interface DecodedUpdate {
  readonly withdrawn: readonly DecodedNlri[];
  readonly attributes: readonly DecodedAttribute[];
  readonly nlri: readonly DecodedNlri[];
  readonly reach: MpRoutes | undefined;
  readonly unreach: MpRoutes | undefined;
  readonly problems: readonly string[];
}

export interface DecodeContext {
  /** Families whose NLRI, as sent by the target, carry a 4-octet path identifier. */
  readonly pathIds: ReadonlySet<string>;
}

export const plainContext: DecodeContext = { pathIds: new Set() };

export function decodeUpdate(body: Bytes, context: DecodeContext = plainContext): DecodedUpdate {
  const problems: string[] = [];
  const withdrawnLength = readU16(body, 0);
  const attributesAt = 2 + withdrawnLength;
  const attributesLength = readU16(body, attributesAt);
  const nlriAt = attributesAt + 2 + attributesLength;
  if (nlriAt > body.length) problems.push('lengths reach beyond the message');
  const attributes = decodeAttributes(body.subarray(attributesAt + 2, nlriAt), problems);
  const value = (type: number) => attributes.find((a) => a.type === type)?.value;
  const reach = value(14);
  const unreach = value(15);
  return {
    withdrawn: decodeNlri('v4', 1, body.subarray(2, attributesAt), context, problems),
    attributes,
    nlri: decodeNlri('v4', 1, body.subarray(nlriAt), context, problems),
    reach: reach === undefined ? undefined : decodeReach(reach, context, problems),
    unreach: unreach === undefined ? undefined : decodeUnreach(unreach, context, problems),
    problems,
  };
}

function decodeAttributes(bytes: Bytes, problems: string[]): DecodedAttribute[] {
  const out: DecodedAttribute[] = [];
  for (let at = 0; at < bytes.length; ) {
    const flags = bytes[at] ?? 0;
    const wide = (flags & 0x10) !== 0;
    const length = wide ? readU16(bytes, at + 2) : (bytes[at + 2] ?? 0);
    const from = at + (wide ? 4 : 3);
    if (from + length > bytes.length) problems.push('an attribute reaches beyond the attribute field');
    out.push({ flags, type: bytes[at + 1] ?? 0, value: bytes.slice(from, from + length) });
    at = from + length;
  }
  return out;
}

function decodeReach(value: Bytes, context: DecodeContext, problems: string[]): MpRoutes {
  const afi = readU16(value, 0);
  const safi = value[2] ?? 0;
  const hopLength = value[3] ?? 0;
  const nlri = value.subarray(5 + hopLength);
  const nextHop = value.slice(4, 4 + hopLength);
  return { afi, safi, nextHop, nlri: mpNlri(afi, safi, nlri, context, problems), octets: nlri.length };
}

function decodeUnreach(value: Bytes, context: DecodeContext, problems: string[]): MpRoutes {
  const afi = readU16(value, 0);
  const safi = value[2] ?? 0;
  const nlri = value.subarray(3);
  const routes = mpNlri(afi, safi, nlri, context, problems);
  return { afi, safi, nextHop: new Uint8Array(), nlri: routes, octets: nlri.length };
}

function mpNlri(afi: number, safi: number, bytes: Bytes, context: DecodeContext, problems: string[]) {
  if (safi === 128 && (afi === 1 || afi === 2)) return decodeVpn(afi === 1 ? 'v4' : 'v6', bytes, problems);
  if (safi === 132 && afi === 1) return decodeRouteTargets(bytes, problems);
  if (safi !== 1 || (afi !== 1 && afi !== 2)) return [];
  return decodeNlri(afi === 1 ? 'v4' : 'v6', safi, bytes, context, problems);
}

function decodeNlri(family: Family, safi: number, bytes: Bytes, context: DecodeContext, problems: string[]) {
  const out: DecodedNlri[] = [];
  const withId = context.pathIds.has(`${family}/${safi}`);
  for (let at = 0; at < bytes.length; ) {
    const pathId = withId ? readU32(bytes, at) : undefined;
    if (withId) at += 4;
    const bits = bytes[at] ?? 0;
    const octets = Math.ceil(bits / 8);
    if (bits > (family === 'v4' ? 32 : 128)) problems.push(`prefix length ${bits}`);
    if (at + 1 + octets > bytes.length) problems.push('a prefix reaches beyond its field');
    out.push({ family, prefix: formatPrefix(family, bits, bytes.subarray(at + 1, at + 1 + octets)), pathId });
    at += 1 + octets;
  }
  return out;
}

/** RFC 8277 §2, RFC 4364 §4.3.4: label stack, route distinguisher, prefix. The key is `vpn:<RD in hex>:<prefix>`. */
function decodeVpn(family: Family, bytes: Bytes, problems: string[]): DecodedNlri[] {
  const out: DecodedNlri[] = [];
  for (let at = 0; at < bytes.length; ) {
    const bits = bytes[at] ?? 0;
    const end = at + 1 + Math.ceil(bits / 8);
    let rd = at + 4;
    while (rd + 8 < end && !lastLabel(bytes, rd - 3)) rd += 3;
    const rest = bits - 8 * (rd + 8 - at - 1);
    if (end > bytes.length || rest < 0) {
      problems.push('a VPN route reaches beyond its field');
      break;
    }
    const prefix = formatPrefix(family, rest, bytes.subarray(rd + 8, end));
    const key = `vpn:${toHex(bytes.subarray(rd, rd + 8))}:${prefix}`;
    out.push({ family, prefix: key, pathId: undefined, label: toHex(bytes.subarray(at + 1, rd)) });
    at = end;
  }
  return out;
}

/** Bottom of stack, or one of the two values that stand for no label in a withdrawal. */
function lastLabel(bytes: Bytes, at: number): boolean {
  const label = toHex(bytes.subarray(at, at + 3));
  return ((bytes[at + 2] ?? 0) & 1) === 1 || label === '800000' || label === '000000';
}

/** RFC 4684 §4: a prefix of origin AS and route target. The key is `rt:<octets in hex>/<bits>`. */
function decodeRouteTargets(bytes: Bytes, problems: string[]): DecodedNlri[] {
  const out: DecodedNlri[] = [];
  for (let at = 0; at < bytes.length; ) {
    const bits = bytes[at] ?? 0;
    const end = at + 1 + Math.ceil(bits / 8);
    if (end > bytes.length || bits > 96) problems.push(`route target membership of ${bits} bits`);
    const prefix = `rt:${toHex(bytes.subarray(at + 1, end))}/${bits}`;
    out.push({ family: 'v4', prefix, pathId: undefined });
    at = end;
  }
  return out;
}

export function decodePath(value: Bytes, width: 2 | 4): readonly Segment[] {
  const out: Segment[] = [];
  for (let at = 0; at + 2 <= value.length; ) {
    const count = value[at + 1] ?? 0;
    const asns: number[] = [];
    for (let i = 0; i < count; i++) {
      const from = at + 2 + i * width;
      if (from + width <= value.length) asns.push(width === 4 ? readU32(value, from) : readU16(value, from));
    }
    out.push({ type: value[at] ?? 0, asns });
    at += 2 + count * width;
  }
  return out;
}

/** `65000 65001 {2 3} (64601)`, empty for an empty path. */
export function formatPath(segments: readonly Segment[]): string {
  const brackets: Record<number, readonly [string, string]> = { 1: ['{', '}'], 3: ['(', ')'], 4: ['[', ']'] };
  return segments
    .map((s) => {
      const [before, after] = brackets[s.type] ?? ['', ''];
      return `${before}${s.asns.join(' ')}${after}`;
    })
    .join(' ');
}
