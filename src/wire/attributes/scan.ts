/**
 * One pass over a path attribute block in any order: finds every attribute once, checks it by its row, and
 * notes what is wrong (RFC 4271 §6.3, RFC 7606 §3-4, §7). Keeps offsets in scratch arrays, so a good block
 * costs no allocation. What becomes of the attributes is `canonical.ts` and `update-decode.ts`.
 *
 *      +-----------+----------+--------------------+---------+
 *      | Flags (1) | Type (1) | Length (1 or 2)    | Value   |
 *      +-----------+----------+--------------------+---------+
 */
import { readU16 } from '../bytes.ts';
import type { AttributeFault } from '../errors.ts';
import { UpdateSubcode } from '../notification-codes.ts';
import type { AttributeContext } from '../update.ts';
import { attributeFault, resetFault } from './faults.ts';
import { type AttributeRow, attributeName, attributeRow } from './table.ts';
import { AttributeFlags, attributeTypes, optionalTransitive } from './types.ts';

const classBits: number = optionalTransitive;

export class AttributeScan {
  /** Value of the attribute of this type, where it is `kept`: `[valueAt[type], valueEnd[type])`. */
  readonly valueAt: Int32Array = new Int32Array(256);
  readonly valueEnd: Int32Array = new Int32Array(256);
  /** The flags it has in canonical form, without the extended length bit. */
  readonly flags: Uint8Array = new Uint8Array(256);
  /** One bit per type: there, well-formed and not discarded. */
  readonly kept: Int32Array = new Int32Array(8);
  /** One bit per type: stood in the message, whatever became of it. */
  readonly seen: Int32Array = new Int32Array(8);

  #bytes: Uint8Array = new Uint8Array(0);
  #context: AttributeContext | undefined;
  #faults: AttributeFault[] = [];

  isKept(type: number): boolean {
    return (this.kept[type >> 5] & (1 << (type & 31))) !== 0;
  }

  wasSeen(type: number): boolean {
    return (this.seen[type >> 5] & (1 << (type & 31))) !== 0;
  }

  /** Faults are added to `faults`. After a `session-reset` the rest is not looked at. */
  run(
    bytes: Uint8Array,
    start: number,
    end: number,
    context: AttributeContext,
    faults: AttributeFault[],
  ): void {
    for (let word = 0; word < 8; word++) {
      this.kept[word] = 0;
      this.seen[word] = 0;
    }
    this.#bytes = bytes;
    this.#context = context;
    this.#faults = faults;
    let at = start;
    while (at >= 0 && at < end) at = this.#one(at, end);
  }

  /** The attribute at `at`; returns the offset after it, -1 to stop. */
  #one(at: number, end: number): number {
    const bytes = this.#bytes;
    const extended = (bytes[at] & AttributeFlags.extendedLength) !== 0;
    const valueAt = at + (extended ? 4 : 3);
    if (valueAt > end) {
      // RFC 7606 §4: too few octets for a header; the total length still tells where the NLRI begin.
      const type = at + 1 < end ? bytes[at + 1] : 0;
      return this.#cutShort(type, 'attribute header cut short', at, end);
    }
    const type = bytes[at + 1];
    const valueEnd = valueAt + (extended ? readU16(bytes, at + 2) : bytes[at + 2]);
    // RFC 7606 §4: an attribute over the end of the block.
    if (valueEnd > end)
      return this.#cutShort(type, `${attributeName(type)} is longer than the rest`, at, end);
    if (this.wasSeen(type)) return this.#duplicate(type, at, valueEnd);
    this.seen[type >> 5] |= 1 << (type & 31);
    this.valueAt[type] = valueAt;
    this.valueEnd[type] = valueEnd;
    const row = attributeRow(type);
    const goesOn = row === undefined ? this.#unknown(type, at) : this.#known(row, at);
    return goesOn ? valueEnd : -1;
  }

  #known(row: AttributeRow, at: number): boolean {
    const type = row.type;
    const { fourOctetAs, external } = this.#context as AttributeContext;
    // RFC 7606 §7.5, §7.9, §7.10; RFC 6793 §4.1.
    if (
      (row.discardFrom === 'external' && external) ||
      (row.discardFrom === 'four-octet-as' && fourOctetAs)
    ) {
      const sender = external && row.discardFrom === 'external' ? 'an external' : 'a 4-octet AS';
      return this.#fault(row, 'attribute-discard', `${row.name} from ${sender} peer`, at);
    }
    const flags = this.#bytes[at];
    const wrong = row.check(this.#bytes, this.valueAt[type], this.valueEnd[type], fourOctetAs, external);
    if (wrong !== undefined) {
      const goesOn = this.#fault(row, row.malformed, `${row.name}: ${wrong}`, at);
      if (!goesOn) return false;
    } else if (type === attributeTypes.mpReach || type === attributeTypes.mpUnreach) {
      // RFC 7606 §3 (j): its NLRI are wanted even where its flags are wrong.
      this.#keep(type, row.flags);
    }
    // RFC 7606 §3 (c): Optional or Transitive in conflict with the type.
    if (((flags ^ row.flags) & classBits) !== 0) {
      return this.#fault(row, 'treat-as-withdraw', `${row.name}: flags ${flags.toString(16)}`, at);
    }
    if (wrong === undefined) {
      this.#keep(
        type,
        row.flags === optionalTransitive ? row.flags | (flags & AttributeFlags.partial) : row.flags,
      );
    }
    return true;
  }

  #unknown(type: number, at: number): boolean {
    const flags = this.#bytes[at];
    if ((flags & AttributeFlags.optional) === 0) {
      // RFC 4271 §6.3: Unrecognized Well-known Attribute, data = the attribute.
      const detail = `unknown well-known attribute ${type}`;
      const subcode = UpdateSubcode.unrecognizedWellKnown;
      this.#faults.push(resetFault(type, subcode, detail, this.#bytes, at, this.valueEnd[type]));
      return false;
    }
    // RFC 4271 §5: unknown and non-transitive is quietly ignored; transitive is passed along.
    if ((flags & AttributeFlags.transitive) !== 0)
      this.#keep(type, flags & (classBits | AttributeFlags.partial));
    return true;
  }

  #keep(type: number, flags: number): void {
    this.kept[type >> 5] |= 1 << (type & 31);
    this.flags[type] = flags;
  }

  #duplicate(type: number, at: number, valueEnd: number): number {
    const detail = `${attributeName(type)} more than once`;
    if (type === attributeTypes.mpReach || type === attributeTypes.mpUnreach) {
      // RFC 7606 §3 (g): Malformed Attribute List.
      const subcode = UpdateSubcode.malformedAttributeList;
      this.#faults.push(resetFault(type, subcode, detail, this.#bytes, at, valueEnd));
      return -1;
    }
    // RFC 7606 §3 (g): all but the first are discarded.
    this.#faults.push(attributeFault(type, 'attribute-discard', detail, this.#bytes, at, valueEnd));
    return valueEnd;
  }

  #cutShort(type: number, detail: string, at: number, end: number): number {
    if (type === attributeTypes.mpReach || type === attributeTypes.mpUnreach) {
      // RFC 7606 §3 (j): NLRI that cannot be found cannot be withdrawn.
      this.#faults.push(resetFault(type, UpdateSubcode.attributeLength, detail, this.#bytes, at, end));
    } else {
      this.#faults.push(attributeFault(type, 'treat-as-withdraw', detail, this.#bytes, at, end));
    }
    return -1;
  }

  /** False where the message is done with. */
  #fault(row: AttributeRow, action: AttributeRow['malformed'], detail: string, at: number): boolean {
    const end = this.valueEnd[row.type];
    if (action === 'session-reset') {
      this.#faults.push(resetFault(row.type, row.subcode, detail, this.#bytes, at, end));
      return false;
    }
    this.#faults.push(attributeFault(row.type, action, detail, this.#bytes, at, end));
    return true;
  }
}
