/**
 * The memberships of one family, and the turns of those that are owed something of their own: joining, lagging or
 * waiting for their advertisement interval. However many they are, a turn feeds no more items in all than it may.
 */
import type { GroupMember } from '../export/member.ts';
import type { UpdateGroup } from '../export/update-group.ts';
import type { PeerId } from '../rib/ids.ts';

/** A peer's place among the update groups of one family. */
export interface Membership {
  readonly peer: PeerId;
  readonly bgpIdentifier: number;
  readonly send: (bytes: Uint8Array, messages: number) => boolean;
  group: UpdateGroup | undefined;
  member: GroupMember | undefined;
  /** The group it waits for; it may still be served by `group`. */
  awaited: UpdateGroup | undefined;
}

/** A member gets its turn for so many items at least: fewer would make small writes of them. */
const leastShare = 1024;

const nobody: readonly Membership[] = [];

export class Feeding {
  readonly #memberships = new Set<Membership>();
  /** Those that had something to come when the round began; from `#at` on they have not had their turn. */
  #round = nobody;
  #at = 0;

  add(membership: Membership): void {
    this.#memberships.add(membership);
  }

  delete(membership: Membership): void {
    this.#memberships.delete(membership);
  }

  of(group: UpdateGroup): readonly Membership[] {
    return [...this.#memberships].filter((one) => one.group === group);
  }

  /** Could anybody be fed now? */
  hasWork(now: number): boolean {
    for (const membership of this.#memberships) if (canFeed(membership, now)) return true;
    return false;
  }

  /** The next advertisement interval that ends, host milliseconds; Infinity for none. */
  nextDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { group, member } of this.#memberships) {
      if (group && member?.lagging && !member.congested && group.owes(member))
        earliest = Math.min(earliest, member.notBefore);
    }
    return earliest;
  }

  /** Feeds so many items in all, to one after the other; true while there is more. */
  work(now: number, items: number): boolean {
    if (this.#at >= this.#round.length) {
      this.#at = 0;
      // Mostly nobody: no list is made to find that out.
      this.#round = this.hasWork(now) ? [...this.#memberships].filter((one) => canFeed(one, now)) : nobody;
      if (this.#round === nobody) return false;
    }
    const share = Math.max(Math.floor(items / this.#round.length), Math.min(items, leastShare));
    for (let left = items; left > 0 && this.#at < this.#round.length; this.#at++) {
      const membership = this.#round[this.#at];
      if (!canFeed(membership, now)) continue;
      membership.group?.feed(membership.member as GroupMember, now, share);
      left -= share;
    }
    return this.hasWork(now);
  }
}

function canFeed({ group, member }: Membership, now: number): boolean {
  if (member === undefined || !member.lagging || member.congested || now < member.notBefore) return false;
  return group !== undefined && (group.owes(member) || group.settings.advertisementIntervalSeconds === 0);
}
