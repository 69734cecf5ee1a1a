/**
 * An update group: peers of one family whose outbound bytes are equal. It holds one Adj-RIB-Out (the path last
 * sent per item), packs each change once, and hands the same bytes to all members that are in sync; the others
 * are owed what changed and are fed from the Adj-RIB-Out.
 *
 * An item is an NlriId, or with ADD-PATH a RouteId, which is also the path identifier on the wire.
 *
 * Members that get other settings leave together: the new group begins as a copy of the old one's Adj-RIB-Out, takes
 * them over with all they are owed, and looks through the Loc-RIB. So what differs is found and packed once for all.
 *
 * Property: what a member was told equals what an exporter for that member alone would have told it.
 *
 * Cost per item and group: 4 bytes. Per member: nothing, and while it lags up to 2 bits per item.
 */
import { IdList } from '../rib/columns.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId, PathId, PeerId, RouteId } from '../rib/ids.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { Arrears, hasArrears } from './arrears.ts';
import type { ExportContext } from './context.ts';
import { ExportVerdicts } from './export-verdicts.ts';
import { FirstPass } from './first-pass.ts';
import { excludes, GroupMembers } from './group-members.ts';
import { encodingKey, type GroupSettings, groupKey } from './group-settings.ts';
import { Losers } from './losers.ts';
import type { GroupListener, GroupMember } from './member.ts';
import { batchSize, OutboundBatch, packWithdrawals } from './outbound-batch.ts';
import { type SuppressedReason, suppressedReason } from './reasons.ts';
import { toldRoute } from './told-route.ts';
import { type Segment, UpdatePacker } from './update-packer.ts';

/** To give back an entry costs a fraction of a decision. */
const closesPerItem = 2;

export class UpdateGroup {
  readonly settings: GroupSettings;
  readonly key: string;
  readonly #rib: FamilyRib;
  readonly #context: ExportContext;
  readonly #listener: GroupListener;
  readonly #members: GroupMembers;
  readonly #verdicts: ExportVerdicts;
  readonly #packer: UpdatePacker;
  readonly #batch: OutboundBatch;
  readonly #sent = new AdjRibOut();
  readonly #arrears: Arrears;
  /** New members may join once it is done, those of the group that it is a copy of once that is copied. */
  readonly firstPass: FirstPass;
  /** What is looked at is told again, even if it is the same. */
  #tellsAgain = false;
  /** Entries below it were given back by `close`. */
  #closeCursor = 1;
  /** References that end with this turn. */
  readonly #released = new IdList();
  readonly #losers: Losers;
  readonly #ranked: RouteId[] = [];

  /** `from`: the group whose members it will take over. */
  constructor(
    context: ExportContext,
    settings: GroupSettings,
    rib: FamilyRib,
    listener: GroupListener,
    from?: UpdateGroup,
  ) {
    this.settings = settings;
    this.key = groupKey(settings);
    this.#rib = rib;
    this.#context = context;
    this.#listener = listener;
    this.#members = new GroupMembers(context, settings);
    this.#arrears = new Arrears(this.#members, this.#sent);
    this.#losers = new Losers(this.#members);
    this.#verdicts = new ExportVerdicts(context, settings, rib.nlri);
    this.#packer = new UpdatePacker(context, settings, rib.nlri);
    this.#batch = new OutboundBatch(context.paths, (item) => this.#nlriOf(item));
    const copy = from === undefined ? undefined : from.#sent.copyInto(this.#sent, context.paths);
    const retells =
      from !== undefined &&
      (from.firstPass.owesRetelling || encodingKey(from.settings) !== encodingKey(settings));
    this.firstPass = new FirstPass(rib, { copy, retells });
  }

  get sendsSeveralPaths(): boolean {
    return this.settings.addPathLimit !== undefined;
  }

  get members(): readonly GroupMember[] {
    return this.#members.all();
  }

  /** No members, and nobody waits to become one. */
  get isEmpty(): boolean {
    return this.#members.size === 0 && !this.firstPass.isAwaited;
  }

  get laggingCount(): number {
    return this.#members.laggingCount;
  }

  /** Routes in the Adj-RIB-Out. */
  get routeCount(): number {
    return this.#sent.size;
  }

  get isFilled(): boolean {
    return this.firstPass.isDone;
  }

  get bytes(): number {
    return this.#sent.bytes + this.#verdicts.bytes;
  }

  /** Routes this member has been or will be sent. */
  announcedTo(member: GroupMember): number {
    return this.#sent.size - member.excluded;
  }

  /** The path last sent of an item to this member, 0 for none. */
  sentTo(member: GroupMember, item: number): PathId {
    return this.#arrears.sentTo(member, item);
  }

  /** The path that goes out for an accepted path, or why none does. For the operator. */
  verdict(path: PathId, nlri: NlriId): { readonly path: PathId } | { readonly reason: SuppressedReason } {
    const exported = this.#verdicts.of(path, nlri, this.#released);
    return exported > 0 ? { path: exported } : { reason: suppressedReason(exported) };
  }

  /** Why this member in particular does not get a path that the group sends. */
  exclusionReason(member: GroupMember, path: PathId): SuppressedReason | undefined {
    if (this.#members.admits(member, path)) return undefined;
    return this.#context.paths.source[path] === member.peer ? 'source-peer' : 'originator';
  }

  /** A source's role changed: what was decided for its paths no longer stands. */
  forgetSource(source: PeerId): void {
    this.#verdicts.forgetSource(source);
  }

  // --- Members come and go ---

  /** Does it still copy the Adj-RIB-Out of this group? */
  isCopyOf(group: UpdateGroup): boolean {
    return this.firstPass.isCopyOf(group.#sent);
  }

  /** Somebody is about to leave for another group. */
  get isBeingCopied(): boolean {
    return this.#sent.isBeingCopied;
  }

  /** Takes a new member in; it is told everything. */
  join(member: GroupMember): void {
    if (!this.isFilled) throw new Error('broken invariant: join before the group was filled');
    this.#members.add(member);
  }

  /** Gives a member with all that it is owed to a group whose Adj-RIB-Out is the same. */
  handOver(member: GroupMember, to: UpdateGroup): void {
    // RFC 4684 §3.2 i): where memberships go back to whom they came from, other members are told of other routes.
    const admitsOthers = this.#members.returns !== to.#members.returns;
    if (admitsOthers) {
      this.#members.lag(member);
      this.#arrears.oweAllAgain(member);
    }
    this.#members.remove(member);
    this.#losers.forget(member);
    to.#members.add(member);
    if (admitsOthers) to.#arrears.countExcluded(member);
    if (to.settings.advertisementIntervalSeconds > 0) to.#members.lag(member);
  }

  remove(member: GroupMember): void {
    if (!this.#members.has(member)) return;
    this.#members.remove(member);
    this.#losers.forget(member);
    for (let item = member.pending.next(1); item >= 0; item = member.pending.next(item + 1)) {
      member.pending.delete(item);
      this.#releaseItem(item);
    }
    member.holds.clear();
  }

  /** Gives back so many entries of its Adj-RIB-Out; true once all is given back. The group must be empty. */
  close(items: number): boolean {
    const end = Math.min(this.#closeCursor + items * closesPerItem, this.#sent.length);
    for (; this.#closeCursor < end; this.#closeCursor++) {
      const path = this.#sent.pathOf(this.#closeCursor);
      if (path === 0) continue;
      this.#sent.set(this.#closeCursor, 0);
      this.#context.paths.release(path);
      this.#releaseItem(this.#closeCursor);
    }
    this.#releasePaths();
    return end === this.#sent.length && this.#verdicts.close(items * closesPerItem);
  }

  /** Does the group or a member of it still need this item's id? */
  usesItem(item: number): boolean {
    if (this.#sent.pathOf(item) !== 0) return true;
    if (this.#members.laggingCount === 0) return false;
    return this.#members.slots.some((member) => member?.lagging && member.pending.has(item));
  }

  // --- From the Loc-RIB into the Adj-RIB-Out ---

  /** So much of the first pass: a slice of the copy, or so many NLRIs of the Loc-RIB. True while there is more. */
  fill(items: number): boolean {
    if (this.isFilled) return false;
    this.#tellsAgain = this.firstPass.retells;
    this.firstPass.advance(items, this.#look);
    this.#tellsAgain = false;
    this.#flush();
    if (!this.isFilled) return true;
    this.firstPass.finish();
    return false;
  }

  readonly #look = (nlri: NlriId): void => this.#update(nlri);

  /** Brings the Adj-RIB-Out up to the Loc-RIB for these NLRIs and sends what changed. */
  process(nlris: Uint32Array, count: number): void {
    if (this.firstPass.isCopying) return;
    const { firstPass } = this;
    for (let i = 0; i < count; i++) {
      this.#tellsAgain = firstPass.retellsWith(nlris[i]);
      this.#update(nlris[i]);
    }
    this.#tellsAgain = false;
    this.#flush();
  }

  #update(nlri: NlriId): void {
    const rib = this.#rib;
    if (this.settings.addPathLimit === undefined) {
      const told = toldRoute(this.#context, this.settings, rib, nlri, this.#ranked);
      const path = told === 0 ? 0 : rib.acceptedOf(told);
      this.#change(nlri, path === 0 ? 0 : this.#exported(path, nlri));
      return;
    }
    this.#context.decision.rank(rib, nlri, this.settings.addPathLimit, this.#ranked);
    for (let route = rib.head[nlri]; route !== 0; route = rib.next[route]) {
      const chosen = rib.acceptedOf(route) !== 0 && this.#ranked.includes(route);
      this.#change(route, chosen ? this.#exported(rib.acceptedOf(route), nlri) : 0);
    }
  }

  /** The path that goes out, 0 for none. */
  #exported(path: PathId, nlri: NlriId): PathId {
    return Math.max(0, this.#verdicts.of(path, nlri, this.#released));
  }

  #change(item: number, exported: PathId): void {
    const old = this.#sent.pathOf(item);
    if (old === exported) {
      if (this.#tellsAgain && exported !== 0) this.#tellAgain(item, exported);
      return;
    }
    this.#sent.set(item, exported);
    if (exported !== 0) this.#context.paths.retain(exported);
    if (old !== 0) this.#released.push(old);
    const oldExclusion = old === 0 ? 0 : this.#countPath(old, -1, item);
    const exclusion = exported === 0 ? 0 : this.#countPath(exported, 1, item);
    if (this.#isOldNews(old, exported) && oldExclusion === exclusion) return;
    if (this.#members.laggingCount > 0) this.#arrears.oweAll(item, old);
    if (this.#members.allLag) return;
    if (exported === 0) this.#batch.withdraw(item, oldExclusion);
    else {
      this.#announce(item, exported);
      if (old !== 0 && oldExclusion !== exclusion) this.#losers.note(item, old, exclusion);
    }
  }

  #announce(item: number, path: PathId): void {
    if (this.#batch.announcements === batchSize) this.#flush();
    this.#batch.announce(item, path);
  }

  #tellAgain(item: number, path: PathId): void {
    if (this.#members.laggingCount > 0) this.#arrears.oweAll(item, path);
    if (!this.#members.allLag) this.#announce(item, path);
  }

  /**
   * RFC 4271 §9.2: the same route is not advertised again. Asked for external peers alone, who are not told of every
   * attribute: among internal ones two paths that differ are told differently.
   */
  #isOldNews(old: PathId, exported: PathId): boolean {
    if (this.settings.target !== 'external' || this.#tellsAgain || old === 0 || exported === 0) return false;
    return this.#packer.saysTheSame(old, exported);
  }

  /** Counts an item's path in or out for those who do not get it, and returns its exclusion. */
  #countPath(path: PathId, step: 1 | -1, item: number): number {
    const exclusion = this.#members.exclusionOf(path);
    if (exclusion !== 0) this.#members.count(exclusion, step, item);
    return exclusion;
  }

  #nlriOf(item: number): NlriId {
    return this.settings.addPathLimit === undefined ? item : this.#rib.routeNlri[item];
  }

  // --- The shared stream ---

  #flush(): void {
    if (!this.#batch.isEmpty) {
      this.#batch.pack(this.#packer, (path) => this.#members.exclusionOf(path));
      const segments = this.#packer.take();
      for (const member of this.#members.slots) {
        if (member !== undefined && !member.lagging) this.#deliver(member, segments);
      }
    }
    if (!this.#losers.isEmpty) {
      this.#losers.flush((member, items) => {
        packWithdrawals(this.#packer, 0, items, (item) => this.#nlriOf(item));
        this.#deliver(member, this.#packer.take());
      });
    }
    this.#releasePaths();
  }

  #deliver(member: GroupMember, segments: readonly Segment[]): void {
    let open = true;
    for (const { exclusion, bytes, messages } of segments) {
      if (excludes(exclusion, member)) continue;
      // A turn's bytes are bounded: the rest of them still goes to a socket that is over its mark.
      if (!member.send(bytes, messages)) open = false;
    }
    if (open) return;
    member.congested = true;
    this.#members.lag(member);
  }

  #releasePaths(): void {
    const released = this.#released;
    for (let i = 0; i < released.length; i++) this.#context.paths.release(released.at(i));
    released.clear();
    this.#members.forgetAsked();
  }

  // --- Members that are owed something of their own ---

  /** Is anything owed to this member, apart from the shared stream? */
  owes(member: GroupMember): boolean {
    return member.lagging && (hasArrears(member) || member.endOfRibDue || member.endOfRefreshDue);
  }

  /** Sends a lagging member so many of the items it is owed; true while it could take more. */
  feed(member: GroupMember, now: number, items: number): boolean {
    if (!this.#members.has(member) || !member.lagging || member.congested || now < member.notBefore)
      return false;
    const settled = this.#arrears.collect(member, items, this.#batch);
    this.#batch.pack(this.#packer, () => 0);
    this.#deliver(member, this.#packer.take());
    if (!hasArrears(member)) this.#finish(member);
    this.#releasePaths();
    for (const item of settled) this.#releaseItem(item);
    if (hasArrears(member)) return !member.congested;
    member.holds.clear();
    if (this.settings.advertisementIntervalSeconds > 0) {
      member.notBefore = now + this.settings.advertisementIntervalSeconds * 1000;
    } else if (!member.congested) this.#members.catchUp(member);
    return false;
  }

  /** Sends a member its whole Adj-RIB-Out again (RFC 2918 §4; soft reset out). */
  refresh(member: GroupMember, options: { readonly enhanced: boolean }): void {
    if (!this.#members.has(member)) return;
    this.#members.lag(member);
    this.#arrears.oweEverything(member);
    if (options.enhanced) member.endOfRefreshDue = true;
  }

  /** The deferral of End-of-RIB is over (RFC 4724 §4.1): sends it to everyone it is due to. */
  releaseEndOfRib(): void {
    for (const member of this.#members.slots) {
      if (member !== undefined && !member.lagging) this.#finish(member);
    }
  }

  /** The markers that follow when nothing is pending any more. */
  #finish(member: GroupMember): void {
    if (member.endOfRefreshDue) {
      member.endOfRefreshDue = false;
      this.#listener.refreshEnded(member);
    }
    if (!member.endOfRibDue || !this.#listener.endOfRibAllowed()) return;
    member.endOfRibDue = false;
    this.#packer.endOfRib(0);
    this.#deliver(member, this.#packer.take());
    this.#listener.endOfRibSent(member);
  }

  #releaseItem(item: number): void {
    if (!this.usesItem(item)) this.#listener.itemReleased(item);
  }
}
