/**
 * One look over the headers of a raw attribute block: is it canonical already but for NEXT_HOP? Then it can
 * be compared with sets known to be valid before anything is decoded. Hot; says nothing about values.
 * Only for sessions with 4-octet AS numbers.
 */
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

/** MP_REACH_NLRI, MP_UNREACH_NLRI, AS4_PATH, AS4_AGGREGATOR: 14, 15, 17, 18. */
function hasNoPlace(type: number): boolean {
  return (
    type >= attributeTypes.mpReach &&
    type <= attributeTypes.as4Aggregator &&
    type !== attributeTypes.extendedCommunities
  );
}
