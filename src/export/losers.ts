/**
 * Withdrawals for single members: the path a group sends now does not go to them, although the one before it did. At
 * most the source of a path and who originated it can lose it so. Nothing is allocated per change.
 */
import { addTo, type IdList } from '../rib/columns.ts';
import type { PathId } from '../rib/ids.ts';
import type { GroupMembers } from './group-members.ts';
import type { GroupMember } from './member.ts';

export class Losers {
  readonly #members: GroupMembers;
  readonly #items = new Map<GroupMember, IdList>();

  constructor(members: GroupMembers) {
    this.#members = members;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** `old` was sent of this item; members that `exclusion` names and that have it must be told. */
  note(item: number, old: PathId, exclusion: number): void {
    const source = this.#members.sourceIn(exclusion);
    const originator = this.#members.originatorIn(exclusion);
    if (source !== undefined) this.#note(source, item, old);
    if (originator !== undefined && originator !== source) this.#note(originator, item, old);
  }

  forget(member: GroupMember): void {
    this.#items.delete(member);
  }

  /** What each of them is to be told, and nothing is left. */
  flush(tell: (member: GroupMember, items: IdList) => void): void {
    for (const [member, items] of this.#items) tell(member, items);
    this.#items.clear();
  }

  #note(member: GroupMember, item: number, old: PathId): void {
    if (!member.lagging && this.#members.admits(member, old)) addTo(this.#items, member, item);
  }
}
