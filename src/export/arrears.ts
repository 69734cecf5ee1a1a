/**
 * What members of an update group that lag behind the shared stream are owed: the items that changed since they heard of
 * them last, and which of those they hold, so that they are told of a withdrawal only if they know the route. Up to
 * 2 bits per item and lagging member, in the member itself. One that is new is owed all from its `unseenFrom` on, which
 * takes no bits and no look at the table before its turn.
 */
import type { PathId } from '../rib/ids.ts';
import type { AdjRibOut } from './adj-rib-out.ts';
import type { GroupMembers } from './group-members.ts';
import type { GroupMember } from './member.ts';
import type { OutboundBatch } from './outbound-batch.ts';

/** A look at an item that is not sent costs a fraction of telling one. */
const looksPerItem = 16;

export class Arrears {
  readonly #members: GroupMembers;
  readonly #sent: AdjRibOut;

  constructor(members: GroupMembers, sent: AdjRibOut) {
    this.#members = members;
    this.#sent = sent;
  }

  /** The path last sent of an item to this member, 0 for none. */
  sentTo(member: GroupMember, item: number): PathId {
    const path = this.#sent.pathOf(item);
    return path !== 0 && this.#members.admits(member, path) ? path : 0;
  }

  /** All that it was sent once more (RFC 2918 §4). */
  oweEverything(member: GroupMember): void {
    const end = Math.min(this.#sent.length, member.unseenFrom);
    for (let item = 1; item < end; item++) {
      const path = this.sentTo(member, item);
      if (path !== 0) this.#owe(member, item, path);
    }
  }

  /** All of the Adj-RIB-Out, whatever the member got of it: who gets what is to become another matter. */
  oweAllAgain(member: GroupMember): void {
    const end = Math.min(this.#sent.length, member.unseenFrom);
    for (let item = 1; item < end; item++) {
      const path = this.#sent.pathOf(item);
      if (path !== 0) this.#owe(member, item, path);
    }
  }

  /** Counts anew what never goes to the member. */
  countExcluded(member: GroupMember): void {
    const end = Math.min(this.#sent.length, member.unseenFrom);
    member.excluded = 0;
    for (let item = 1; item < end; item++) {
      const path = this.#sent.pathOf(item);
      if (path !== 0 && !this.#members.admits(member, path)) member.excluded++;
    }
  }

  /** An item changed for everybody; `old` is what was sent of it before. */
  oweAll(item: number, old: PathId): void {
    for (const member of this.#members.slots) if (member?.lagging) this.#owe(member, item, old);
  }

  /** An item changed: what was the member told of it so far? */
  #owe(member: GroupMember, item: number, old: PathId): void {
    if (item >= member.unseenFrom || !member.pending.add(item)) return;
    if (old !== 0 && this.#members.admits(member, old)) member.holds.add(item);
  }

  /** Moves up to so many owed items into the batch and the member's cursor on; returns those that are settled with it. */
  collect(member: GroupMember, items: number, batch: OutboundBatch): readonly number[] {
    const settled: number[] = [];
    let item = member.pending.next(member.cursor);
    if (item < 0) item = member.pending.next(1);
    let looked = 0;
    for (; item >= 0 && looked < items; looked++) {
      member.pending.delete(item);
      const held = member.holds.delete(item);
      const path = this.sentTo(member, item);
      if (path !== 0) batch.announce(item, path);
      else {
        if (held) batch.withdraw(item, 0);
        settled.push(item);
      }
      item = member.pending.next(item + 1);
    }
    member.cursor = Math.max(item, 1);
    if (looked < items) this.#collectUnseen(member, items - looked, batch);
    return settled;
  }

  /** Moves up to so many items that the member never heard of into the batch. */
  #collectUnseen(member: GroupMember, items: number, batch: OutboundBatch): void {
    const { length } = this.#sent;
    const end = Math.min(length, member.unseenFrom + items * looksPerItem);
    for (let left = items; member.unseenFrom < end && left > 0; member.unseenFrom++) {
      const path = this.#sent.pathOf(member.unseenFrom);
      if (path === 0) continue;
      if (!this.#members.admits(member, path)) {
        member.excluded++;
        continue;
      }
      batch.announce(member.unseenFrom, path);
      left--;
    }
    if (member.unseenFrom >= length) member.unseenFrom = Number.POSITIVE_INFINITY;
  }
}

export function hasArrears({ pending, unseenFrom }: GroupMember): boolean {
  return pending.size > 0 || unseenFrom !== Number.POSITIVE_INFINITY;
}
