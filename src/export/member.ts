/**
 * One peer in one update group: what it is owed beyond the shared stream.
 * A member in sync gets the group's own bytes. One that cannot keep up, has just joined or has an advertisement
 * interval, owns two bit sets instead: items whose present state it must be told (`pending`), and those of them that
 * it was told before (`holds`), so that a withdrawal is sent only where it matters. All of it goes along to another group.
 */
import { Bitset } from '../rib/columns.ts';
import type { PeerId } from '../rib/ids.ts';

export class GroupMember {
  readonly peer: PeerId;
  /** BGP Identifier of the peer, for RFC 4456 §8. */
  readonly bgpIdentifier: number;
  /** Hands whole messages to the peer's connection; false when it should get no more for now. */
  readonly send: (bytes: Uint8Array, messages: number) => boolean;
  /** Its place in the group, 1-based. */
  slot = 0;
  /** Items below `unseenFrom` that are in the Adj-RIB-Out but never go to this member (its own, mostly). */
  excluded = 0;
  /** Items from here on it was never told of, and none of them is in `pending`; Infinity once it has seen all. */
  unseenFrom = 1;
  readonly pending = new Bitset();
  readonly holds = new Bitset();
  /** Gets nothing from the shared stream while set. */
  lagging = true;
  /** Its connection takes no more at the moment. */
  congested = false;
  /** Not before this time (advertisement interval), host milliseconds. */
  notBefore = 0;
  /** End-of-RIB is due once nothing is pending. */
  endOfRibDue = true;
  /** Where the next feed goes on. */
  cursor = 0;
  /** An enhanced route refresh (RFC 7313) is answered: EoRR is due once nothing is pending. */
  endOfRefreshDue = false;

  constructor(peer: PeerId, bgpIdentifier: number, send: GroupMember['send']) {
    this.peer = peer;
    this.bgpIdentifier = bgpIdentifier;
    this.send = send;
  }
}

/** What a group tells its owner. */
export interface GroupListener {
  /** An enhanced refresh (RFC 7313) was answered: EoRR is due. */
  refreshEnded(member: GroupMember): void;
  endOfRibSent(member: GroupMember): void;
  /** The group no longer needs an item's id. */
  itemReleased(item: number): void;
  /** May End-of-RIB go out yet? A restarting speaker defers it (RFC 4724 §4.1). */
  endOfRibAllowed(): boolean;
}
