/**
 * What a family's NLRI look like on the wire (RFC 4760 §5): the shape of a row in `table.ts`.
 * A row reads and prints; it stores nothing. An NLRI is a *key*, which says which destination it is, and may carry
 * payload beside it (labels). Where there is none, key and wire form are the same octets. Text need not be a prefix.
 */
import type { FamilyKey } from '../../net/family.ts';

export interface NlriRow {
  readonly family: FamilyKey;
  readonly name: string;
  /** Most octets of one key, without its length octet. */
  readonly octets: number;
  /** Octets of the label between the length octet and the rest of the key (RFC 8277 §2.2); 0 or 3. */
  readonly labelOctets: 0 | 3;
  /** Octets of route distinguisher in a key before the prefix, and in a next hop field before each address. */
  readonly distinguisherOctets: 0 | 8;
  /** Octets of an address of the prefix; 0 where the key is no prefix of addresses. */
  readonly addressOctets: 0 | 4 | 16;
  /** Lengths that MP_REACH_NLRI's next hop field may have, in octets (RFC 7606 §7.11). */
  readonly nextHopLengths: readonly number[];
  /** Further lengths where RFC 8950 is in use for this family. */
  readonly extendedNextHopLengths: readonly number[];
  /**
   * Octets of the one NLRI whose first octet (its length octet; any path identifier was before it) lies at
   * `at`; -1 when it is malformed or goes over `end`. Allocates nothing.
   */
  wireLength(bytes: Uint8Array, at: number, end: number): number;
  /** Text of the well-formed key at `at`; bits beyond its length are shown as zero. */
  format(bytes: Uint8Array, at: number): string;
  /** The key of a text; `undefined` when it is none of this family or has host bits set. */
  parse(text: string): Uint8Array | undefined;
}
