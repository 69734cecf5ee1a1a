/**
 * What a family's NLRI look like on the wire (RFC 4760 §5): the shape of a row in `table.ts`.
 * A row reads and prints; it stores nothing. Families with labels, distinguishers or typed NLRI are further
 * rows: `wireLength` may look at as many octets as it must, text need not be a prefix.
 */
import type { FamilyKey } from '../../net/family.ts';

export interface NlriRow {
  readonly family: FamilyKey;
  readonly name: string;
  /** Most address octets of one NLRI, without its length octet. */
  readonly octets: number;
  /** Lengths that MP_REACH_NLRI's next hop field may have, in octets (RFC 7606 §7.11). */
  readonly nextHopLengths: readonly number[];
  /** Further lengths where RFC 8950 is in use for this family. */
  readonly extendedNextHopLengths: readonly number[];
  /**
   * Octets of the one NLRI whose first octet (its length octet; any path identifier was before it) lies at
   * `at`; -1 when it is malformed or goes over `end`. Allocates nothing.
   */
  wireLength(bytes: Uint8Array, at: number, end: number): number;
  /** Text of a well-formed NLRI; bits beyond its length are shown as zero. */
  format(bytes: Uint8Array, at: number): string;
  /** The wire form of a text; `undefined` when it is none of this family or has host bits set. */
  parse(text: string): Uint8Array | undefined;
}
