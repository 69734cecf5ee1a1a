/**
 * One look over the headers of a raw attribute block: is it canonical already but for NEXT_HOP? Then it can
 * be compared with sets known to be valid before anything is decoded. Hot; says nothing about values.
 * Only for sessions with 4-octet AS numbers.
 */
import type { AttributeFault } from '../errors.ts';
import type { AttributeContext } from '../update.ts';
import { AttributeScan } from './scan.ts';
import { attributeRows } from './table.ts';
import { AttributeFlags, attributeTypes } from './types.ts';

export class FastWalk {
  /** Offset of NEXT_HOP's value after `locate` returned true. */
  nextHopAt = -1;

  /**
   * True when types ascend strictly, headers are as short as they can be, NEXT_HOP is there as 40 03 04, and
   * there is no MP_REACH_NLRI, MP_UNREACH_NLRI or AS4_*. The canonical form is then exactly
   * `[start, nextHopAt - 3)` followed by `[nextHopAt + 4, end)`.
   */
  locate(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    let before = -1;
    let nextHopAt = -1;
    while (at < end) {
      if (at + 3 > end) return false;
      const flags = bytes[at];
      const type = bytes[at + 1];
      if (type <= before) return false;
      before = type;
      let length = bytes[at + 2];
      at += 3;
      if ((flags & AttributeFlags.extendedLength) !== 0) {
        // A first length octet of 0 is a length that one octet could have said.
        if (at >= end || length === 0) return false;
        length = (length << 8) | bytes[at++];
      }
      if (type === attributeTypes.nextHop) {
        if (flags !== AttributeFlags.transitive || length !== 4) return false;
        nextHopAt = at;
      } else if (hasNoPlace(type)) {
        return false;
      }
      at += length;
    }
    this.nextHopAt = nextHopAt;
    return at === end && nextHopAt >= 0;
  }
}

const scan = new AttributeScan();
/** Found by `scan`; nobody looks at them. */
const faults: AttributeFault[] = [];
const mandatoryTypes = attributeRows.filter(({ mandatory }) => mandatory !== 'never');

/**
 * Is a block that `locate` found canonical also valid, and nothing of it to be dropped or changed? False says only
 * that the decoder must look at it: its faults are told there.
 */
export function standsAsItIs(
  bytes: Uint8Array,
  start: number,
  end: number,
  context: AttributeContext,
): boolean {
  scan.run(bytes, start, end, context, faults);
  if (faults.length > 0) {
    faults.length = 0;
    return false;
  }
  for (const { type, mandatory } of mandatoryTypes) {
    if (!scan.wasSeen(type) && !(mandatory === 'internal' && context.external)) return false;
  }
  for (let at = start; at < end; at = scan.valueEnd[bytes[at + 1]]) {
    const type = bytes[at + 1];
    if (!scan.isKept(type) || scan.flags[type] !== (bytes[at] & ~AttributeFlags.extendedLength)) return false;
    // RFC 8092 §2: repeated ones go, so more than one wants a closer look.
    if (type === attributeTypes.largeCommunities && scan.valueEnd[type] - scan.valueAt[type] > 12)
      return false;
  }
  return true;
}

/** MP_REACH_NLRI, MP_UNREACH_NLRI, AS4_PATH, AS4_AGGREGATOR: 14, 15, 17, 18. */
function hasNoPlace(type: number): boolean {
  return (
    type >= attributeTypes.mpReach &&
    type <= attributeTypes.as4Aggregator &&
    type !== attributeTypes.extendedCommunities
  );
}
