/**
 * An update group: peers of one family whose outbound bytes are equal. It holds one Adj-RIB-Out (the path last
 * sent per item), packs each change once, and hands the same bytes to all members that are in sync.
 *
 * An item is an NlriId, or with ADD-PATH a RouteId, which is also the path identifier on the wire.
 * Who must not get a path is its exclusion: the member that is its source and the member that originated it.
 * Property: what a member was told equals what an exporter for that member alone would have told it.
 *
 * Cost per item and group: 4 bytes. Per member: nothing, and while it lags up to 2 bits per item.
 */

import { AttributeFlag } from '../rib/attribute-table.ts';
import { grown, nextCapacity } from '../rib/columns.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId, PathId, RouteId } from '../rib/ids.ts';
import type { ExportContext } from './context.ts';
import { encodingKey, type GroupSettings, groupKey } from './group-settings.ts';
import type { GroupMember } from './member.ts';
import { type Destination, exportPath } from './propagation.ts';
import { type SuppressedReason, suppressedReason } from './reasons.ts';
import { UpdatePacker } from './update-packer.ts';

/** Items looked at in one turn of `process`, `fill` or `feed`. */
export const batchSize = 16384;

/** What a member that moves to another group was told there. */
export interface MemberHistory {
  readonly encodingKey: string;
  /** The path last sent of an item, 0 for none. Valid during `join` only. */
  readonly sent: (item: number) => PathId;
  readonly top: number;
  /** Items of which the last state was not sent yet. */
  readonly pending: (item: number) => boolean;
  readonly holds: (item: number) => boolean;
  readonly endOfRibDue: boolean;
}

const noDestination: Destination = { prefixBytes: new Uint8Array(0), prefixLength: 0 };

export class UpdateGroup {
  readonly settings: GroupSettings;
  readonly key: string;
  readonly rib: FamilyRib;
  readonly #context: ExportContext;
  readonly #packer: UpdatePacker;
  readonly #onFreed: (path: PathId) => void;
  readonly #members: (GroupMember | undefined)[] = [undefined];
  #size = 0;
  /** Called when the first pass over the Loc-RIB is done. */
  readonly #whenFilled: (() => void)[] = [];
  #slotOf = new Uint16Array(16);
  readonly #slotOfIdentifier = new Map<number, number>();
  /** The path last sent, by item: the Adj-RIB-Out. */
  #sent = new Uint32Array(0);
  #routes = 0;
  /** Verdicts by PathId where policy looks at the path only: 0 unknown, positive PathId, negative reason. */
  #memo = new Int32Array(0);
  /** NLRIs from here on were not yet looked at (first pass); Infinity once it is done. */
  #fillCursor = 1;
  #lagging = 0;

  /** One turn's announcements: item, and the next one (position + 1) in the chain of its path. */
  readonly #items = new Uint32Array(batchSize);
  readonly #links = new Int32Array(batchSize);
  #count = 0;
  /** Items to withdraw, by the exclusion of the path that was sent. */
  readonly #withdrawals = new Map<number, number[]>();
  #pathOrder: PathId[] = [];
  #released: PathId[] = [];
  /** Withdrawals for single members: their new path does not go to them although the old one did. */
  readonly #lost = new Map<GroupMember, number[]>();
  /** Items whose ids may be free once the frames that name them are packed. */
  readonly #toRelease: number[] = [];
  readonly #ranked: RouteId[] = [];
  readonly #destinationBytes = new Uint8Array(32);

  constructor(context: ExportContext, settings: GroupSettings, rib: FamilyRib) {
    this.settings = settings;
    this.key = groupKey(settings);
    this.rib = rib;
    this.#context = context;
    this.#packer = new UpdatePacker(context, settings, rib.nlri);
    this.#onFreed = (path) => this.#forget(path);
    context.paths.onFreed(this.#onFreed);
  }

  get members(): readonly GroupMember[] {
    return this.#members.filter((member) => member !== undefined);
  }

  /** No members, and nobody waits to become one. */
  get isEmpty(): boolean {
    return this.#size === 0 && this.#whenFilled.length === 0;
  }

  get laggingCount(): number {
    return this.#lagging;
  }

  /** Routes in the Adj-RIB-Out. */
  get routeCount(): number {
    return this.#routes;
  }

  get messagesPacked(): number {
    return this.#packer.messages;
  }

  get isFilled(): boolean {
    return this.#fillCursor === Number.POSITIVE_INFINITY;
  }

  get bytes(): number {
    return this.#sent.byteLength + this.#memo.byteLength;
  }

  /** Routes this member has been or will be sent. */
  announcedTo(member: GroupMember): number {
    return this.#routes - member.excluded;
  }

  /** The path last sent of an item to this member, 0 for none. */
  sentTo(member: GroupMember, item: number): PathId {
    const path = this.#sentOf(item);
    return path !== 0 && this.#admits(member, path) ? path : 0;
  }

  /** Why the group does not send this (accepted) path, or the path that it sends. For the operator. */
  verdict(path: PathId, nlri: NlriId): { readonly path: PathId } | { readonly reason: SuppressedReason } {
    const exported = this.#export(path, nlri);
    return exported > 0 ? { path: exported } : { reason: suppressedReason(exported) };
  }

  /** Why this member in particular does not get a path the group sends. */
  exclusionReason(member: GroupMember, path: PathId): SuppressedReason | undefined {
    if (this.#context.paths.source[path] === member.peer) return 'source-peer';
    return this.#admits(member, path) ? undefined : 'originator';
  }

  /** Calls back once members may join: at once, or when the first pass over the Loc-RIB is done. */
  whenFilled(callback: () => void): void {
    if (this.isFilled) callback();
    else this.#whenFilled.push(callback);
  }

  /** Takes a member in; it is told everything that `history` does not already cover. */
  join(member: GroupMember, history: MemberHistory | undefined): void {
    if (!this.isFilled) throw new Error('broken invariant: join before the group was filled');
    this.#admit(member, history);
  }

  /** What a member was told so far, for `join` elsewhere. Valid until `remove`. */
  historyOf(member: GroupMember): MemberHistory {
    return {
      encodingKey: encodingKey(this.settings),
      sent: (item) => this.sentTo(member, item),
      top: this.#sent.length,
      pending: (item) => member.pending.has(item),
      holds: (item) => member.holds.has(item),
      endOfRibDue: member.endOfRibDue,
    };
  }

  /** Takes a member out. */
  remove(member: GroupMember): void {
    if (this.#members[member.slot] !== member) return;
    this.#members[member.slot] = undefined;
    this.#size--;
    this.#slotOf[member.peer] = 0;
    if (this.#slotOfIdentifier.get(member.bgpIdentifier) === member.slot) {
      this.#slotOfIdentifier.delete(member.bgpIdentifier);
    }
    if (member.lagging) this.#lagging--;
    for (let item = member.pending.next(1); item >= 0; item = member.pending.next(item + 1)) {
      member.pending.delete(item);
      this.#releaseItem(item);
    }
    member.holds.clear();
  }

  /** Gives everything back. The group must be empty. */
  close(): void {
    this.#context.paths.offFreed(this.#onFreed);
    for (let item = 1; item < this.#sent.length; item++) {
      const path = this.#sent[item];
      if (path === 0) continue;
      this.#sent[item] = 0;
      this.#context.paths.release(path);
      this.#releaseItem(item);
    }
    for (let path = 1; path < this.#memo.length; path++) this.#forget(path);
  }

  /** Does the group or a member of it still need this item's id? */
  usesItem(item: number): boolean {
    if (this.#sentOf(item) !== 0) return true;
    if (this.#lagging === 0) return false;
    for (const member of this.#members) if (member?.lagging && member.pending.has(item)) return true;
    return false;
  }

  /** One slice of the first pass over the Loc-RIB; true while there is more. */
  fill(): boolean {
    if (this.isFilled) return false;
    const end = Math.min(this.#fillCursor + batchSize, this.rib.nlri.top);
    for (; this.#fillCursor < end; this.#fillCursor++) {
      const nlri = this.#fillCursor;
      if (this.rib.nlri.isUsed(nlri)) this.#update(nlri);
      if (this.#count > batchSize / 2) this.#flush();
    }
    this.#flush();
    if (this.#fillCursor < this.rib.nlri.top) return true;
    this.#fillCursor = Number.POSITIVE_INFINITY;
    for (const callback of this.#whenFilled.splice(0)) callback();
    return false;
  }

  /** Brings the Adj-RIB-Out up to the Loc-RIB for these NLRIs and sends what changed. */
  process(nlris: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (nlris[i] >= this.#fillCursor) continue;
      this.#update(nlris[i]);
      // With ADD-PATH one NLRI can be many items: leave room for the next one's.
      if (this.#count > batchSize / 2) this.#flush();
    }
    this.#flush();
  }

  /** Sends a lagging member some of what it is owed; true while it could take more. */
  feed(member: GroupMember, now: number): boolean {
    if (
      this.#members[member.slot] !== member ||
      !member.lagging ||
      member.congested ||
      now < member.notBefore
    )
      return false;
    const endsAt = this.#collectPending(member);
    this.#packChains(0);
    this.#packWithdrawals();
    if (member.pending.size === 0) this.#packEnd(member);
    this.#deliverTo(member, this.#packer.take());
    this.#releasePaths();
    for (const item of this.#toRelease.splice(0)) this.#releaseItem(item);
    member.cursor = endsAt;
    if (member.pending.size > 0) return !member.congested;
    member.cursor = 0;
    member.holds.clear();
    if (this.settings.advertisementIntervalSeconds > 0) {
      member.notBefore = now + this.settings.advertisementIntervalSeconds * 1000;
    } else if (!member.congested) {
      member.lagging = false;
      this.#lagging--;
    }
    return false;
  }

  /** Is anything owed to this member, apart from the shared stream? */
  owes(member: GroupMember): boolean {
    return member.lagging && (member.pending.size > 0 || member.endOfRibDue || member.endOfRefreshDue);
  }

  /** The connection takes bytes again. */
  uncongest(member: GroupMember): void {
    member.congested = false;
  }

  /** Sends a member its whole Adj-RIB-Out again (RFC 2918 §4; soft reset out). */
  refresh(member: GroupMember, options: { readonly enhanced: boolean }): void {
    if (this.#members[member.slot] !== member) return;
    this.#lag(member);
    for (let item = 1; item < this.#sent.length; item++) {
      const path = this.#sent[item];
      if (path !== 0 && this.#admits(member, path)) this.#owe(member, item, path);
    }
    if (options.enhanced) member.endOfRefreshDue = true;
  }

  /** The deferral of End-of-RIB is over (RFC 4724 §4.1): sends it to everyone it is due to. */
  releaseEndOfRib(): void {
    for (const member of this.#members) {
      if (member === undefined || member.lagging || !member.endOfRibDue) continue;
      this.#packEnd(member);
      this.#deliverTo(member, this.#packer.take());
    }
  }

  /** Frames that end an enhanced refresh are session messages: the speaker sends them. */
  onRefreshEnd: (member: GroupMember) => void = () => {};
  /** Told when a member's End-of-RIB went out. */
  onEndOfRib: (member: GroupMember) => void = () => {};
  /** Told when the group no longer needs an item's id. */
  onItemReleased: (item: number) => void = () => {};
  /** May End-of-RIB go out yet? (RFC 4724 §4.1: a restarting speaker defers it.) */
  endOfRibAllowed: () => boolean = () => true;

  // --- From the Loc-RIB into the Adj-RIB-Out ---

  #update(nlri: NlriId): void {
    const { rib } = this;
    if (this.settings.addPathLimit === undefined) {
      const best = rib.best[nlri];
      const exported = best === 0 ? 0 : Math.max(0, this.#export(rib.accepted[best], nlri));
      this.#change(nlri, exported);
      return;
    }
    this.#context.decision.rank(rib, nlri, this.settings.addPathLimit, this.#ranked);
    for (let route = rib.head[nlri]; route !== 0; route = rib.next[route]) {
      const chosen = rib.accepted[route] !== 0 && this.#ranked.includes(route);
      this.#change(route, chosen ? Math.max(0, this.#export(rib.accepted[route], nlri)) : 0);
    }
  }

  #change(item: number, exported: PathId): void {
    const old = this.#sentOf(item);
    if (old === exported) return;
    const { paths } = this.#context;
    if (item >= this.#sent.length) this.#sent = grown(this.#sent, nextCapacity(this.#sent.length, item + 1));
    this.#sent[item] = exported;
    const oldExclusion = old === 0 ? 0 : this.#countPath(old, -1);
    const exclusion = exported === 0 ? 0 : this.#countPath(exported, 1);
    if (exported !== 0) paths.retain(exported);
    if (old !== 0) this.#released.push(old);
    if (this.#lagging > 0) this.#oweAll(item, old);
    if (this.#lagging === this.#size) return;
    if (exported === 0) this.#noteWithdrawal(oldExclusion, item);
    else {
      this.#chain(item, exported);
      if (oldExclusion !== exclusion && old !== 0) this.#noteLosers(item, old, exported);
    }
  }

  /** Counts a path in or out of the Adj-RIB-Out and returns its exclusion. */
  #countPath(path: PathId, step: 1 | -1): number {
    const exclusion = this.exclusionOf(path);
    this.#routes += step;
    if (exclusion !== 0) {
      const first = this.#members[exclusion & 0xffff];
      const second = this.#members[exclusion >>> 16];
      if (first !== undefined) first.excluded += step;
      if (second !== undefined && second !== first) second.excluded += step;
    }
    return exclusion;
  }

  /** The slots of the members that must not get this path: source in the low half, originator in the high. */
  exclusionOf(path: PathId): number {
    const { paths, attributes } = this.#context;
    const source = paths.source[path];
    const slot = source < this.#slotOf.length ? this.#slotOf[source] : 0;
    const set = paths.attributes[path];
    if (this.settings.target === 'external' || (attributes.flags[set] & AttributeFlag.hasOriginatorId) === 0)
      return slot;
    const originator = this.#slotOfIdentifier.get(attributes.originatorId[set]) ?? 0;
    return originator === slot ? slot : slot | (originator << 16);
  }

  #admits(member: GroupMember, path: PathId): boolean {
    const { paths, attributes } = this.#context;
    if (paths.source[path] === member.peer) return false;
    const set = paths.attributes[path];
    if (this.settings.target === 'external' || (attributes.flags[set] & AttributeFlag.hasOriginatorId) === 0)
      return true;
    // Where two members share an identifier (RFC 6286 forbids it), only the first is known as originator.
    return (
      attributes.originatorId[set] !== member.bgpIdentifier ||
      this.#slotOfIdentifier.get(member.bgpIdentifier) !== member.slot
    );
  }

  #export(path: PathId, nlri: NlriId): PathId | number {
    const policy = this.settings.policy;
    if (policy?.usesPrefix) return this.#exportUnmemoised(path, nlri);
    if (path >= this.#memo.length) this.#memo = grown(this.#memo, nextCapacity(this.#memo.length, path + 1));
    const known = this.#memo[path];
    if (known !== 0) return known;
    const exported = exportPath(this.#context, this.settings, path, undefined);
    this.#memo[path] = exported;
    if (exported > 0 && exported !== path) this.#context.paths.retain(exported);
    return exported;
  }

  #exportUnmemoised(path: PathId, nlri: NlriId): PathId | number {
    const bytes = this.#destinationBytes.fill(0);
    this.rib.nlri.write(nlri, bytes, 0);
    const destination = { ...noDestination, prefixBytes: bytes.slice(1, 17), prefixLength: bytes[0] };
    const exported = exportPath(this.#context, this.settings, path, destination);
    // Kept alive until this turn's references are let go.
    if (exported > 0 && exported !== path) {
      this.#context.paths.retain(exported);
      this.#released.push(exported);
    }
    return exported;
  }

  #forget(path: PathId): void {
    if (path >= this.#memo.length) return;
    const exported = this.#memo[path];
    this.#memo[path] = 0;
    if (exported > 0 && exported !== path) this.#context.paths.release(exported);
  }

  #sentOf(item: number): PathId {
    return item < this.#sent.length ? this.#sent[item] : 0;
  }

  // --- From the Adj-RIB-Out to the members ---

  #chain(item: number, path: PathId): void {
    const { paths } = this.#context;
    const position = this.#count++;
    this.#items[position] = item;
    if (paths.chain[path] === 0) this.#pathOrder.push(path);
    this.#links[position] = paths.chain[path];
    paths.chain[path] = position + 1;
  }

  #noteWithdrawal(exclusion: number, item: number): void {
    let list = this.#withdrawals.get(exclusion);
    if (list === undefined) {
      list = [];
      this.#withdrawals.set(exclusion, list);
    }
    list.push(item);
  }

  /** Members that had the old path and do not get the new one must be told. */
  #noteLosers(item: number, old: PathId, exported: PathId): void {
    const exclusion = this.exclusionOf(exported);
    for (const slot of [exclusion & 0xffff, exclusion >>> 16]) {
      const member = this.#members[slot];
      if (member === undefined || member.lagging || !this.#admits(member, old)) continue;
      const list = this.#lost.get(member);
      if (list === undefined) this.#lost.set(member, [item]);
      else list.push(item);
    }
  }

  #flush(): void {
    if (this.#count > 0 || this.#withdrawals.size > 0) {
      this.#packWithdrawals();
      this.#packChains(-1);
      const segments = this.#packer.take();
      for (const member of this.#members) {
        if (member !== undefined && !member.lagging) this.#deliverTo(member, segments);
      }
    }
    if (this.#lost.size > 0) this.#flushLost();
    this.#releasePaths();
  }

  #flushLost(): void {
    for (const [member, items] of this.#lost) {
      this.#packer.beginWithdraw(0);
      for (const item of items) this.#packer.withdraw(this.#nlriOf(item), item);
      this.#packer.endWithdraw();
      this.#deliverTo(member, this.#packer.take());
    }
    this.#lost.clear();
  }

  /** `exclusion` -1: as the paths say; otherwise this one for all (a feed has sorted them out before). */
  #packChains(exclusion: number): void {
    const { paths } = this.#context;
    for (const path of this.#pathOrder) {
      this.#packer.beginPath(path, exclusion < 0 ? this.exclusionOf(path) : exclusion);
      let position = paths.chain[path];
      paths.chain[path] = 0;
      for (; position !== 0; position = this.#links[position - 1]) {
        const item = this.#items[position - 1];
        this.#packer.announce(this.#nlriOf(item), item);
      }
      this.#packer.endPath();
    }
    this.#pathOrder = [];
    this.#count = 0;
  }

  #packWithdrawals(): void {
    if (this.#withdrawals.size === 0) return;
    for (const [exclusion, items] of this.#withdrawals) {
      this.#packer.beginWithdraw(exclusion);
      for (const item of items) this.#packer.withdraw(this.#nlriOf(item), item);
      this.#packer.endWithdraw();
    }
    this.#withdrawals.clear();
  }

  #nlriOf(item: number): NlriId {
    return this.settings.addPathLimit === undefined ? item : this.rib.routeNlri[item];
  }

  #deliverTo(
    member: GroupMember,
    segments: readonly { readonly exclusion: number; readonly bytes: Uint8Array }[],
  ): void {
    const { slot } = member;
    let open = true;
    for (const { exclusion, bytes } of segments) {
      if ((exclusion & 0xffff) === slot || exclusion >>> 16 === slot) continue;
      // A turn's bytes are bounded: the rest of them still goes to a socket that is over its mark.
      if (!member.send(bytes)) open = false;
    }
    if (open) return;
    member.congested = true;
    this.#lag(member);
  }

  #releasePaths(): void {
    if (this.#released.length === 0) return;
    for (const path of this.#released) this.#context.paths.release(path);
    this.#released = [];
  }

  // --- Members that are owed something of their own ---

  #admit(member: GroupMember, history: MemberHistory | undefined): void {
    let slot = 1;
    while (this.#members[slot] !== undefined) slot++;
    member.slot = slot;
    member.excluded = 0;
    this.#members[slot] = member;
    this.#size++;
    if (member.peer >= this.#slotOf.length) {
      this.#slotOf = grown(this.#slotOf, Math.max(member.peer + 1, this.#slotOf.length * 2));
    }
    this.#slotOf[member.peer] = slot;
    if (!this.#slotOfIdentifier.has(member.bgpIdentifier))
      this.#slotOfIdentifier.set(member.bgpIdentifier, slot);
    member.lagging = true;
    this.#lagging++;
    member.pending.clear();
    member.holds.clear();
    if (history !== undefined) member.endOfRibDue = history.endOfRibDue;
    this.#oweDifference(member, history);
  }

  #oweDifference(member: GroupMember, history: MemberHistory | undefined): void {
    const sameBytes = history?.encodingKey === encodingKey(this.settings);
    const top = Math.max(this.#sent.length, history?.top ?? 0);
    for (let item = 1; item < top; item++) {
      const path = this.#sentOf(item);
      const now = path !== 0 && this.#admits(member, path) ? path : 0;
      if (path !== 0 && now === 0) member.excluded++;
      const told = history === undefined ? 0 : history.sent(item);
      const stale = history?.pending(item) ?? false;
      const held = stale ? (history?.holds(item) ?? false) : told !== 0;
      if (!stale && told === now && (sameBytes || now === 0)) continue;
      if (now === 0 && !held) continue;
      member.pending.add(item);
      if (held) member.holds.add(item);
    }
  }

  #lag(member: GroupMember): void {
    if (member.lagging) return;
    member.lagging = true;
    this.#lagging++;
  }

  /** An item changed: what was the member told of it so far? */
  #owe(member: GroupMember, item: number, old: PathId): void {
    if (!member.pending.add(item)) return;
    if (old !== 0 && this.#admits(member, old)) member.holds.add(item);
  }

  #oweAll(item: number, old: PathId): void {
    for (const member of this.#members) if (member?.lagging) this.#owe(member, item, old);
  }

  /** Takes up to a batch of owed items into chains and withdrawals; returns where to go on. */
  #collectPending(member: GroupMember): number {
    let looked = 0;
    let item = member.pending.next(member.cursor);
    if (item < 0) item = member.pending.next(1);
    while (item >= 0 && looked < batchSize) {
      looked++;
      member.pending.delete(item);
      const held = member.holds.delete(item);
      const path = this.sentTo(member, item);
      if (path !== 0) this.#chain(item, path);
      else if (held) this.#noteWithdrawal(0, item);
      if (path === 0) this.#toRelease.push(item);
      item = member.pending.next(item + 1);
    }
    return item < 0 ? 0 : item;
  }

  #packEnd(member: GroupMember): void {
    if (member.endOfRefreshDue) {
      member.endOfRefreshDue = false;
      this.#deliverTo(member, this.#packer.take());
      this.onRefreshEnd(member);
    }
    if (member.endOfRibDue && this.endOfRibAllowed()) {
      member.endOfRibDue = false;
      this.#packer.endOfRib(0);
      this.onEndOfRib(member);
    }
  }

  #releaseItem(item: number): void {
    if (!this.usesItem(item)) this.onItemReleased(item);
  }
}
