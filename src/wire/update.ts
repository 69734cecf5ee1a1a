/**
 * The UPDATE message, read in place (RFC 4271 §4.3, RFC 4760 §3-4, RFC 7606).
 *
 *      +-----------------------------------------------------+
 *      |   Withdrawn Routes Length (2 octets)                |
 *      |   Withdrawn Routes (variable)                       |
 *      |   Total Path Attribute Length (2 octets)            |
 *      |   Path Attributes (variable)                        |
 *      |   Network Layer Reachability Information (variable) |
 *      +-----------------------------------------------------+
 *
 * An `UpdateView` is filled again for every message: offsets into the caller's bytes, no object per route.
 */
import type { FamilyKey } from '../net/family.ts';
import type { AttributeFault } from './errors.ts';

/** What the attribute rules must know of the sender (RFC 7606 §7, RFC 4271 §5). */
export interface AttributeContext {
  readonly fourOctetAs: boolean;
  /** The sender is in another AS: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST are discarded from it. */
  readonly external: boolean;
  readonly families: ReadonlySet<FamilyKey>;
  readonly addPathReceive: ReadonlySet<FamilyKey>;
  readonly extendedNextHop: ReadonlySet<FamilyKey>;
}

/** A run of NLRI of one family inside the message: `[start, end)`. `family` 0 means that there is none. */
export interface NlriRun {
  family: FamilyKey | 0;
  addPath: boolean;
  start: number;
  end: number;
}

/** Where everything in one UPDATE lies. Reused: valid until the next decode. Offsets are into `bytes`. */
export class UpdateView {
  bytes: Uint8Array = new Uint8Array(0);
  /** The classic IPv4 unicast fields. */
  readonly withdrawn: NlriRun = { family: 0, addPath: false, start: 0, end: 0 };
  readonly announced: NlriRun = { family: 0, addPath: false, start: 0, end: 0 };
  /** MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760). */
  readonly mpAnnounced: NlriRun = { family: 0, addPath: false, start: 0, end: 0 };
  readonly mpWithdrawn: NlriRun = { family: 0, addPath: false, start: 0, end: 0 };
  /** NEXT_HOP's value (4 octets), -1 when absent. */
  nextHopAt = -1;
  /** MP_REACH_NLRI's next hop field: offset and length (4, 16, 32, 12, 24 ...). */
  mpNextHopAt = -1;
  mpNextHopLength = 0;
  /**
   * The canonical attributes: sorted by type, minimal header lengths, 4-octet AS numbers with AS4_PATH
   * merged (RFC 6793 §4.2.3), without NEXT_HOP, MP_REACH_NLRI, MP_UNREACH_NLRI and discarded attributes.
   * In `canonical[0 .. canonicalLength)`.
   */
  canonical: Uint8Array = new Uint8Array(0);
  canonicalLength = 0;
  /** Path attributes were present at all (an UPDATE without any only withdraws). */
  hasAttributes = false;
  /** RFC 4724 §2: set when the message is an End-of-RIB for this family. */
  endOfRib: FamilyKey | 0 = 0;
  /** RFC 7606 faults, in message order; empty for a good message. */
  faults: AttributeFault[] = [];
}
