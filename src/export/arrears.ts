/**
 * What members of an update group that lag behind the shared stream are owed: the items that changed since they heard of
 * them last, and which of those they hold, so that they are told of a withdrawal only if they know the route. Up to
 * 2 bits per item and lagging member, in the member itself.
 */
import type { PathId } from '../rib/ids.ts';
import type { AdjRibOut } from './adj-rib-out.ts';
import type { GroupMembers } from './group-members.ts';
import type { GroupMember, MemberHistory } from './member.ts';
import type { OutboundBatch } from './outbound-batch.ts';

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

  /** A member is new here: it is owed everything that `history` does not already cover. */
  oweDifference(
    member: GroupMember,
    history: MemberHistory | undefined,
    { sameBytes }: { readonly sameBytes: boolean },
  ): void {
    member.excluded = 0;
    const top = Math.max(this.#sent.length, history?.top ?? 0);
    for (let item = 1; item < top; item++) {
      const now = this.sentTo(member, item);
      if (now === 0 && this.#sent.pathOf(item) !== 0) member.excluded++;
      if (history === undefined) {
        if (now !== 0) member.pending.add(item);
        continue;
      }
      const told = history.sent(item);
      const behind = history.pending(item);
      const held = behind ? history.holds(item) : told !== 0;
      if (!behind && told === now && sameBytes) continue;
      if (now === 0 && !held) continue;
      member.pending.add(item);
      if (held) member.holds.add(item);
    }
  }

  /** All that it was sent once more (RFC 2918 §4). */
  oweEverything(member: GroupMember): void {
    for (let item = 1; item < this.#sent.length; item++) {
      const path = this.sentTo(member, item);
      if (path !== 0) this.#owe(member, item, path);
    }
  }

  /** An item changed for everybody; `old` is what was sent of it before. */
  oweAll(item: number, old: PathId): void {
    for (const member of this.#members.slots) if (member?.lagging) this.#owe(member, item, old);
  }

  /** An item changed: what was the member told of it so far? */
  #owe(member: GroupMember, item: number, old: PathId): void {
    if (!member.pending.add(item)) return;
    if (old !== 0 && this.#members.admits(member, old)) member.holds.add(item);
  }

  /** Moves up to so many owed items into the batch and the member's cursor on; returns those that are settled with it. */
  collect(member: GroupMember, items: number, batch: OutboundBatch): readonly number[] {
    const settled: number[] = [];
    let item = member.pending.next(member.cursor);
    if (item < 0) item = member.pending.next(1);
    for (let looked = 0; item >= 0 && looked < items; looked++) {
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
    return settled;
  }
}
