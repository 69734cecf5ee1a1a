/**
 * The members of an update group, each in a slot, and who of them must not get a path: the member that is its
 * source (RFC 4271 §9.1.3) and the member that originated it (RFC 4456 §8). Both slots in one number, the
 * *exclusion*, so that frames for the same members can be told by comparing numbers.
 */
import { AttributeFlag } from '../rib/attribute-table.ts';
import { grown } from '../rib/columns.ts';
import type { PathId } from '../rib/ids.ts';
import type { ExportContext } from './context.ts';
import type { GroupSettings } from './group-settings.ts';
import type { GroupMember } from './member.ts';

/** Slots are numbered from 1; the source's is in the low half, the originator's in the high half. */
const halfMask = 0xffff;

export function excludes(exclusion: number, member: GroupMember): boolean {
  return (exclusion & halfMask) === member.slot || exclusion >>> 16 === member.slot;
}

export class GroupMembers {
  readonly #context: ExportContext;
  /** ORIGINATOR_ID means nothing outside the AS. */
  readonly #internal: boolean;
  /** RFC 4684 §3.2 i): memberships go back to the client they came from. */
  readonly returns: boolean;
  readonly #slots: (GroupMember | undefined)[] = [undefined];
  #slotOfPeer = new Uint16Array(16);
  readonly #slotOfIdentifier = new Map<number, number>();
  #size = 0;
  #lagging = 0;
  /** The path that was asked about last, 0 for none, and the answer: many changes in a row have one path. */
  #askedPath: PathId = 0;
  #askedExclusion = 0;

  constructor(context: ExportContext, settings: GroupSettings) {
    this.#context = context;
    this.#internal = settings.target !== 'external';
    this.returns = settings.membershipOriginator !== undefined;
  }

  get size(): number {
    return this.#size;
  }

  get laggingCount(): number {
    return this.#lagging;
  }

  get allLag(): boolean {
    return this.#lagging === this.#size;
  }

  all(): readonly GroupMember[] {
    return this.#slots.filter((member) => member !== undefined);
  }

  has(member: GroupMember): boolean {
    return this.#slots[member.slot] === member;
  }

  /** Slots in order; some may be empty. No copy is made. */
  get slots(): readonly (GroupMember | undefined)[] {
    return this.#slots;
  }

  /** In the shared stream or beside it, as the member is. */
  add(member: GroupMember): void {
    this.forgetAsked();
    let slot = 1;
    while (this.#slots[slot] !== undefined) slot++;
    member.slot = slot;
    this.#slots[slot] = member;
    this.#size++;
    if (member.lagging) this.#lagging++;
    if (this.returns) return;
    if (member.peer >= this.#slotOfPeer.length) {
      this.#slotOfPeer = grown(this.#slotOfPeer, Math.max(member.peer + 1, this.#slotOfPeer.length * 2));
    }
    this.#slotOfPeer[member.peer] = slot;
    if (!this.#slotOfIdentifier.has(member.bgpIdentifier))
      this.#slotOfIdentifier.set(member.bgpIdentifier, slot);
  }

  remove(member: GroupMember): void {
    this.forgetAsked();
    this.#slots[member.slot] = undefined;
    this.#size--;
    if (member.lagging) this.#lagging--;
    this.#slotOfPeer[member.peer] = 0;
    if (this.#slotOfIdentifier.get(member.bgpIdentifier) === member.slot) {
      this.#slotOfIdentifier.delete(member.bgpIdentifier);
    }
  }

  /** Takes a member out of the shared stream. */
  lag(member: GroupMember): void {
    if (member.lagging) return;
    member.lagging = true;
    this.#lagging++;
  }

  /** Puts it back. */
  catchUp(member: GroupMember): void {
    if (!member.lagging) return;
    member.lagging = false;
    this.#lagging--;
  }

  exclusionOf(path: PathId): number {
    if (path === this.#askedPath) return this.#askedExclusion;
    this.#askedExclusion = this.#findExclusion(path);
    this.#askedPath = path;
    return this.#askedExclusion;
  }

  /** Members came or went, or a turn is over: numbers of paths that were given back come again with another meaning. */
  forgetAsked(): void {
    this.#askedPath = 0;
  }

  #findExclusion(path: PathId): number {
    const { paths } = this.#context;
    const source = paths.source[path];
    const slot = source < this.#slotOfPeer.length ? this.#slotOfPeer[source] : 0;
    const originator = this.#originatorSlot(path);
    return originator === slot ? slot : slot | (originator << 16);
  }

  admits(member: GroupMember, path: PathId): boolean {
    if (this.returns) return true;
    return this.#context.paths.source[path] !== member.peer && this.#originatorSlot(path) !== member.slot;
  }

  /** Counts an item in or out that the members an exclusion names do not get. */
  count(exclusion: number, step: 1 | -1, item: number): void {
    const source = this.sourceIn(exclusion);
    const originator = this.originatorIn(exclusion);
    if (source !== undefined && item < source.unseenFrom) source.excluded += step;
    if (originator !== undefined && item < originator.unseenFrom) originator.excluded += step;
  }

  /** The members that an exclusion names: the path's source, and who originated it if that is another one. */
  sourceIn(exclusion: number): GroupMember | undefined {
    return this.#slots[exclusion & halfMask];
  }

  originatorIn(exclusion: number): GroupMember | undefined {
    return this.#slots[exclusion >>> 16];
  }

  /** Where two members claim one identifier (RFC 6286 forbids it) the first one counts. 0 for none. */
  #originatorSlot(path: PathId): number {
    if (!this.#internal || this.#slotOfIdentifier.size === 0) return 0;
    const { attributes, paths } = this.#context;
    const set = paths.attributes[path];
    if ((attributes.flags[set] & AttributeFlag.hasOriginatorId) === 0) return 0;
    return this.#slotOfIdentifier.get(attributes.originatorId[set]) ?? 0;
  }
}
