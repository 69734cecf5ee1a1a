/**
 * Attributes for a peer that knows only 2-octet AS numbers (RFC 6793 §4.2.2): AS_PATH and AGGREGATOR with
 * AS_TRANS where a number does not fit, and the true numbers in AS4_PATH and AS4_AGGREGATOR.
 */
import { readU16, readU32, writeU16 } from '../bytes.ts';
import { hasLargeAsn, narrowAsPath, withoutConfederation } from './as-path.ts';
import { writeHeader } from './canonical.ts';
import { AttributeFlags, asTrans, attributeTypes, optionalTransitive, wellKnown } from './types.ts';

interface Piece {
  readonly flags: number;
  readonly type: number;
  readonly value: Uint8Array;
}

/** `attributes`: a valid block with 4-octet AS numbers, sorted by type. The result is sorted too. */
export function toTwoOctetAs(attributes: Uint8Array): Uint8Array {
  const pieces: Piece[] = [];
  for (let at = 0; at < attributes.length; ) {
    const extended = (attributes[at] & AttributeFlags.extendedLength) !== 0;
    const start = at + (extended ? 4 : 3);
    const end = start + (extended ? readU16(attributes, at + 2) : attributes[at + 2]);
    const flags = attributes[at] & ~AttributeFlags.extendedLength;
    addNarrowed(pieces, flags, attributes[at + 1], attributes.subarray(start, end));
    at = end;
  }
  pieces.sort((a, b) => a.type - b.type);
  return joinPieces(pieces);
}

function addNarrowed(pieces: Piece[], flags: number, type: number, value: Uint8Array): void {
  if (type === attributeTypes.asPath) {
    pieces.push({ flags: wellKnown, type, value: narrowAsPath(value, 0, value.length) });
    // RFC 6793 §4.2.2: no AS4_PATH where every number fits.
    if (!hasLargeAsn(value, 0, value.length)) return;
    const path = withoutConfederation(value, 0, value.length);
    if (path.length > 0)
      pieces.push({ flags: optionalTransitive, type: attributeTypes.as4Path, value: path });
  } else if (type === attributeTypes.aggregator) {
    const asn = readU32(value, 0);
    const narrow = new Uint8Array(6);
    writeU16(narrow, 0, asn > 0xffff ? asTrans : asn);
    narrow.set(value.subarray(4, 8), 2);
    pieces.push({ flags, type, value: narrow });
    if (asn > 0xffff) pieces.push({ flags: optionalTransitive, type: attributeTypes.as4Aggregator, value });
  } else {
    pieces.push({ flags, type, value });
  }
}

function joinPieces(pieces: readonly Piece[]): Uint8Array {
  let capacity = 0;
  for (const { value } of pieces) capacity += value.length + 4;
  const out = new Uint8Array(capacity);
  let at = 0;
  for (const { flags, type, value } of pieces) {
    const valueAt = writeHeader(out, at, flags, type, value.length);
    out.set(value, valueAt);
    at = valueAt + value.length;
  }
  return out.slice(0, at);
}
