/**
 * UPDATE from objects to bytes, the plain way: for End-of-RIB, slow paths and tests. Routes leave through the
 * packer in `export/`. MP_REACH_NLRI comes first (RFC 7606 §5.1), then attributes by type.
 */
import { afiOf, type FamilyKey, formatFamily, ipv4Unicast, safiOf } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import { appendAttribute, encodePathAttributes } from './attributes/encode-attributes.ts';
import type { PathAttributes } from './attributes/path-attributes.ts';
import { toTwoOctetAs } from './attributes/two-octet-as.ts';
import { AttributeFlags, attributeTypes, optionalNonTransitive, wellKnown } from './attributes/types.ts';
import { readU16 } from './bytes.ts';
import { finishMessage, startMessage } from './header.ts';
import { MessageType } from './messages.ts';
import { labelField, withdrawnLabel, withLabel } from './nlri/label.ts';
import { nlriRow } from './nlri/table.ts';
import { Writer } from './writer.ts';

/**
 * One NLRI: its text, with a path identifier where the field carries them (RFC 7911), and a label where its family has
 * labels; without one it carries what a withdrawal does.
 */
export type NlriText = string | { readonly nlri: string; readonly pathId?: number; readonly label?: number };

export interface UpdateFields {
  /** IPv4 unicast in the classic fields. */
  readonly withdrawn?: readonly NlriText[];
  readonly announced?: readonly NlriText[];
  /** IPv4, for `announced`. */
  readonly nextHop?: IpAddress;
  readonly attributes?: PathAttributes;
  readonly mpReach?: {
    readonly family: FamilyKey;
    /** One address, or a global and a link-local one (RFC 2545 §3). */
    readonly nextHops: readonly IpAddress[];
    readonly nlri: readonly NlriText[];
  };
  readonly mpUnreach?: { readonly family: FamilyKey; readonly nlri: readonly NlriText[] };
  /** `two-octet`: the receiver does not know RFC 6793. */
  readonly asNumbers?: 'two-octet' | 'four-octet';
}

/** A whole message. Throws RangeError for texts that are no NLRI of their family and for over 65,535 octets. */
export function encodeUpdate(fields: UpdateFields): Uint8Array {
  const withdrawn = encodeNlri(ipv4Unicast, fields.withdrawn ?? []);
  const attributes = encodeBlock(fields);
  const writer = startMessage(MessageType.update);
  writer.u16(withdrawn.length);
  writer.append(withdrawn);
  writer.u16(attributes.length);
  writer.append(attributes);
  writer.append(encodeNlri(ipv4Unicast, fields.announced ?? []));
  return finishMessage(writer);
}

/** RFC 4724 §2: an UPDATE of minimum length for IPv4 unicast, an empty MP_UNREACH_NLRI for all others. */
export function encodeEndOfRib(family: FamilyKey): Uint8Array {
  return family === ipv4Unicast ? encodeUpdate({}) : encodeUpdate({ mpUnreach: { family, nlri: [] } });
}

function encodeBlock(fields: UpdateFields): Uint8Array {
  const out = new Writer();
  const { mpReach, mpUnreach } = fields;
  if (mpReach !== undefined) {
    const value = new Writer();
    appendFamily(value, mpReach.family);
    const distinguisher = new Uint8Array(nlriRow(mpReach.family)?.distinguisherOctets ?? 0);
    const hops = mpReach.nextHops.map(({ bytes }) => Uint8Array.of(...distinguisher, ...bytes));
    value.u8(hops.reduce((octets, hop) => octets + hop.length, 0));
    for (const hop of hops) value.append(hop);
    value.u8(0);
    value.append(encodeNlri(mpReach.family, mpReach.nlri));
    appendAttribute(out, optionalNonTransitive, attributeTypes.mpReach, value.finish());
  }
  if (mpUnreach !== undefined) {
    const value = new Writer();
    appendFamily(value, mpUnreach.family);
    value.append(encodeNlri(mpUnreach.family, mpUnreach.nlri));
    appendAttribute(out, optionalNonTransitive, attributeTypes.mpUnreach, value.finish());
  }
  if (fields.attributes !== undefined) {
    const canonical = encodePathAttributes(fields.attributes);
    const block = fields.asNumbers === 'two-octet' ? toTwoOctetAs(canonical) : canonical;
    appendWithNextHop(out, block, fields.nextHop);
  } else if (fields.nextHop !== undefined) {
    appendAttribute(out, wellKnown, attributeTypes.nextHop, fields.nextHop.bytes);
  }
  return out.finish();
}

/** NEXT_HOP takes its place by type in a sorted block. */
function appendWithNextHop(out: Writer, block: Uint8Array, nextHop: IpAddress | undefined): void {
  let at = 0;
  while (at < block.length && block[at + 1] < attributeTypes.nextHop) {
    const extended = (block[at] & AttributeFlags.extendedLength) !== 0;
    at += extended ? 4 + readU16(block, at + 2) : 3 + block[at + 2];
  }
  out.append(block.subarray(0, at));
  if (nextHop !== undefined) appendAttribute(out, wellKnown, attributeTypes.nextHop, nextHop.bytes);
  out.append(block.subarray(at));
}

function appendFamily(out: Writer, family: FamilyKey): void {
  out.u16(afiOf(family));
  out.u8(safiOf(family));
}

/** A field of NLRI in wire form. */
export function encodeNlri(family: FamilyKey, nlri: readonly NlriText[]): Uint8Array {
  const out = new Writer();
  const row = nlriRow(family);
  for (const each of nlri) {
    const {
      nlri: text,
      pathId,
      label,
    }: Exclude<NlriText, string> = typeof each === 'string' ? { nlri: each } : each;
    const key = row?.parse(text);
    if (row === undefined || key === undefined)
      throw new RangeError(`${text} is no NLRI of ${formatFamily(family)}`);
    if (pathId !== undefined) out.u32(pathId);
    const field = label === undefined ? withdrawnLabel : labelField(label);
    out.append(row.labelOctets === 0 ? key : withLabel(key, field));
  }
  return out.finish();
}
