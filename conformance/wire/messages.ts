// The five BGP messages, each field of which can be written wrong (RFC 4271 §4, RFC 2918, RFC 9072).
//
// Owns framing and message bodies. Every builder takes the right values by default and lets the case override a
// length, the marker or the type; a case that needs more writes plain hex.

import { ipv4 } from './address.ts';
import { type Bytes, concat, fill, u8, u16, u32 } from './bytes.ts';

export const OPEN = 1;
export const UPDATE = 2;
export const NOTIFICATION = 3;
export const KEEPALIVE = 4;
export const ROUTE_REFRESH = 5;

export const AS_TRANS = 23456;

/** What a case may falsify in the 19-octet header. */
export interface HeaderOverride {
  readonly marker?: Bytes;
  readonly length?: number;
}

export function message(type: number, body: Bytes = new Uint8Array(), header: HeaderOverride = {}): Bytes {
  return concat(header.marker ?? fill(0xff, 16), u16(header.length ?? 19 + body.length), u8(type), body);
}

export const keepalive = (header: HeaderOverride = {}): Bytes => message(KEEPALIVE, new Uint8Array(), header);

export function notification(code: number, subcode: number, data: Bytes = new Uint8Array()): Bytes {
  return message(NOTIFICATION, concat(u8(code), u8(subcode), data));
}

export function routeRefresh(afi: number, safi: number, subtype = 0): Bytes {
  return message(ROUTE_REFRESH, concat(u16(afi), u8(subtype), u8(safi)));
}

export interface Capability {
  readonly code: number;
  readonly value: Bytes;
  /** The length octet when it should lie. */
  readonly length?: number;
}

export function capability(code: number, value: Bytes = new Uint8Array(), length?: number): Capability {
  return length === undefined ? { code, value } : { code, value, length };
}

export const multiprotocol = (afi: number, safi = 1, reserved = 0): Capability =>
  capability(1, concat(u16(afi), u8(reserved), u8(safi)));
export const fourOctetAs = (asn: number): Capability => capability(65, u32(asn));
export const refreshCapability: Capability = capability(2);

export function capabilityBytes(capabilities: readonly Capability[]): Bytes {
  return concat(...capabilities.map((c) => concat(u8(c.code), u8(c.length ?? c.value.length), c.value)));
}

/** How capabilities are laid into optional parameters: one parameter for all, one each, or RFC 9072's long form. */
export type Packing = 'one' | 'each' | 'extended';

export interface OpenFields {
  readonly version?: number;
  /** The 2-octet My Autonomous System field; AS_TRANS when it does not fit. */
  readonly asn: number;
  readonly holdSeconds?: number;
  readonly id: string;
  readonly capabilities?: readonly Capability[];
  readonly packing?: Packing;
  /** The whole Optional Parameters field, from its length octet on; replaces `capabilities`. */
  readonly parameters?: Bytes;
}

export function open(fields: OpenFields, header: HeaderOverride = {}): Bytes {
  const asn = fields.asn > 0xffff ? AS_TRANS : fields.asn;
  const parameters =
    fields.parameters ?? optionalParameters(fields.capabilities ?? [], fields.packing ?? 'one');
  const fixed = concat(u8(fields.version ?? 4), u16(asn), u16(fields.holdSeconds ?? 90), ipv4(fields.id));
  return message(OPEN, concat(fixed, parameters), header);
}

/** The Optional Parameters field with its length octet(s). */
export function optionalParameters(capabilities: readonly Capability[], packing: Packing): Bytes {
  if (packing === 'extended') return extendedParameters(capabilities);
  const groups =
    packing === 'each' ? capabilities.map((c) => [c]) : capabilities.length > 0 ? [capabilities] : [];
  const body = concat(...groups.map((group) => parameter(2, capabilityBytes(group))));
  return concat(u8(body.length), body);
}

export const parameter = (type: number, value: Bytes): Bytes => concat(u8(type), u8(value.length), value);

/** RFC 9072 §2: Non-Ext OP Len and Type 255, a 2-octet length, parameters with 2-octet lengths. */
export function extendedParameters(capabilities: readonly Capability[], nonExtendedLength = 255): Bytes {
  const value = capabilityBytes(capabilities);
  const body = concat(u8(2), u16(value.length), value);
  return concat(u8(nonExtendedLength), u8(255), u16(body.length), body);
}

export interface UpdateFields {
  readonly withdrawn?: Bytes;
  readonly attributes?: readonly Bytes[];
  readonly nlri?: Bytes;
  readonly withdrawnLength?: number;
  readonly attributesLength?: number;
}

export function update(fields: UpdateFields, header: HeaderOverride = {}): Bytes {
  const withdrawn = fields.withdrawn ?? new Uint8Array();
  const attributes = concat(...(fields.attributes ?? []));
  const body = concat(
    u16(fields.withdrawnLength ?? withdrawn.length),
    withdrawn,
    u16(fields.attributesLength ?? attributes.length),
    attributes,
    fields.nlri ?? new Uint8Array(),
  );
  return message(UPDATE, body, header);
}
