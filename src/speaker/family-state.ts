/**
 * One family of one instance at work: its RIB, its update groups, and the phases that carry a change from the
 * one to the others. Every phase does a bounded slice and says whether there is more (architecture §4).
 */

import type { GroupSettings } from '../export/group-settings.ts';
import { groupKey } from '../export/group-settings.ts';
import type { GroupListener, GroupMember } from '../export/member.ts';
import { batchSize } from '../export/outbound-batch.ts';
import { UpdateGroup } from '../export/update-group.ts';
import { type FamilyKey, formatFamily, ipv4Unicast } from '../net/family.ts';
import { nextCapacity } from '../rib/columns.ts';
import { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId, PeerId, RouteId } from '../rib/ids.ts';
import { Ipv4NlriTable, type NlriTable, PrefixNlriTable } from '../rib/nlri-table.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import type { InstanceTables } from './instance-tables.ts';

/** A walk over all routes of one peer, in slices: stale ones out, or import again. */
interface PeerWalk {
  readonly peer: PeerId;
  readonly visit: (route: RouteId) => void;
  readonly done: () => void;
  readonly kind: 'sweep' | 'reimport';
  cursor: number;
}

/** To look at a destination for a new group, which has judged no path yet, costs a multiple of a decision. */
const itemsPerFill = 4;
/** Looking at a route row of another peer costs a fraction of what a visit does. */
const looksPerVisit = 16;
/** What the members of the groups need from the speaker. */
export interface GroupHooks {
  refreshEnded(member: GroupMember, family: FamilyKey): void;
  endOfRibSent(member: GroupMember, family: FamilyKey): void;
  /** RFC 4724 §4.1: we have restarted, and our peers have not told us everything yet. */
  selectionDeferred(): boolean;
  /** Somebody wants other VPN routes (RFC 4684). */
  membershipsChanged(): void;
  /** Does the host still read bytes that were sent? See FrameBuffers. */
  holdsSent(): boolean;
  /** A best route changed: only called while somebody listens. */
  bestChanged: ((family: FamilyState, nlri: NlriId) => void) | undefined;
}

export class FamilyState {
  readonly family: FamilyKey;
  readonly rib: FamilyRib;
  readonly groups = new Map<string, UpdateGroup>();
  readonly #tables: InstanceTables;
  readonly #hooks: GroupHooks;
  #batch = new Uint32Array(0);
  #walks: PeerWalk[] = [];
  /** Groups without members that still give back what they held. */
  readonly #closing: UpdateGroup[] = [];
  readonly #whenDecided: (() => void)[] = [];
  /** Groups so far that were made beside one with the same settings. */
  #successors = 0;
  /** No route is chosen yet, or those that waited for it are not all chosen. */
  #deferred: boolean;

  constructor(family: FamilyKey, tables: InstanceTables, hooks: GroupHooks) {
    this.family = family;
    this.#tables = tables;
    this.#hooks = hooks;
    this.#deferred = hooks.selectionDeferred();
    this.rib = new FamilyRib(family, nlriTableFor(family, tables.seed), tables.paths);
  }

  /** The group with these settings, made if there is none. */
  groupFor(settings: GroupSettings): UpdateGroup {
    const key = groupKey(settings);
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const group = this.#makeGroup(settings, undefined);
    this.groups.set(key, group);
    // An empty table is looked through at once.
    if (this.rib.nlri.size === 0) group.fill(batchSize);
    return group;
  }

  /**
   * The group through which members of another get these settings, without being told twice what they have. Where there
   * is one with these settings already, they come together with it once both have gone through the table.
   */
  successorOf(from: UpdateGroup, settings: GroupSettings): UpdateGroup {
    const key = groupKey(settings);
    for (const group of this.groups.values()) if (group.key === key && group.isCopyOf(from)) return group;
    const group = this.#makeGroup(settings, from);
    this.groups.set(this.groups.has(key) ? `${key} (${++this.#successors})` : key, group);
    return group;
  }

  #makeGroup(settings: GroupSettings, from: UpdateGroup | undefined): UpdateGroup {
    const listener: GroupListener = {
      refreshEnded: (member) => this.#hooks.refreshEnded(member, this.family),
      endOfRibSent: (member) => this.#hooks.endOfRibSent(member, this.family),
      endOfRibAllowed: () => !this.#deferred,
      itemReleased: (item) => this.#itemReleased(item, group.sendsSeveralPaths),
    };
    const group = new UpdateGroup(this.#tables, settings, this.rib, listener, from);
    if (group.sendsSeveralPaths) this.rib.keepsWithdrawn = true;
    return group;
  }

  /** Closes the group if nobody is left in it. */
  dropIfEmpty(group: UpdateGroup): void {
    if (!group.isEmpty) return;
    for (const [name, one] of this.groups) {
      if (one !== group) continue;
      this.groups.delete(name);
      this.#closing.push(group);
      return;
    }
  }

  /**
   * Calls back with each group that has gone through the table beside one with the same settings, and with that one: the
   * two hold the same now, and whoever moves the members drops the first.
   */
  uniteSuccessors(unite: (state: FamilyState, group: UpdateGroup, into: UpdateGroup) => void): void {
    if (this.#successors === 0 || this.rib.dirtyCount > 0) return;
    for (const [name, group] of this.groups) {
      if (name === group.key || !group.isFilled || group.isBeingCopied) continue;
      const settled = this.groups.get(group.key);
      if (settled === undefined) {
        this.groups.delete(name);
        this.groups.set(group.key, group);
      } else if (settled.isFilled) unite(this, group, settled);
    }
  }

  /** Calls back once every change so far has reached the Adj-RIBs-Out. */
  whenDecided(callback: () => void): void {
    this.#whenDecided.push(callback);
  }

  get name(): string {
    return formatFamily(this.family);
  }

  /** Destinations that wait for a decision, and not for the end of the deferral. */
  get backlog(): number {
    return this.#hooks.selectionDeferred() ? 0 : this.rib.dirtyCount;
  }

  get hasWork(): boolean {
    if (this.#walks.length > 0 || this.#closing.length > 0 || this.backlog > 0) return true;
    if (this.#whenDecided.length > 0 && this.rib.dirtyCount === 0) return true;
    if (this.#deferred && !this.#hooks.selectionDeferred()) return true;
    for (const group of this.groups.values()) if (!group.isFilled) return true;
    return false;
  }

  /** One slice of at most so many items in each phase; true while there is more. */
  work(items: number): boolean {
    if (this.#closing.length > 0) this.#close(items);
    if (this.#walks.length > 0) this.#walk(items);
    if (this.backlog > 0) this.#decide(items);
    this.#fill(items);
    if (this.#whenDecided.length > 0 && this.rib.dirtyCount === 0 && this.#closing.length === 0)
      for (const callback of this.#whenDecided.splice(0)) callback();
    // Routes that are being judged again may go out yet.
    const isDecided = this.rib.dirtyCount === 0 && this.#walks.length === 0;
    if (this.#deferred && isDecided && !this.#hooks.selectionDeferred()) this.#endDeferral();
    return this.hasWork;
  }

  /** RFC 4724 §4.1: the routes have gone out, End-of-RIB follows them. */
  #endDeferral(): void {
    this.#deferred = false;
    for (const group of this.groups.values()) group.releaseEndOfRib();
  }

  /**
   * Removes the peer's routes that are stale now (RFC 4724 §4.2), in slices. Routes that become stale while
   * it is under way stay: they are another sweep's. A sweep in progress starts anew.
   */
  sweep(peer: PeerId, done: () => void): void {
    this.#cancelWalks(peer, 'sweep').forEach((walk) => {
      walk.done();
    });
    if (this.rib.heldBy(peer) === 0) {
      done();
      return;
    }
    const { rib } = this;
    const generation = rib.generationOf(peer);
    const visit = (route: RouteId) => {
      if (rib.path[route] !== 0 && rib.isOlder(route, generation)) rib.withdraw(route);
    };
    this.#walks.push({ peer, visit, done, kind: 'sweep', cursor: 1 });
  }

  /** Marks all routes of a peer stale. A generation counter that could wrap into a sweep ends the sweep first. */
  markAllStale(peer: PeerId): void {
    if ((this.rib.generationOf(peer) & 0x7f) === 0x7f) this.#finishWalks(peer);
    this.rib.markAllStale(peer);
  }

  /** Judges all routes of a peer again (its import policy changed), in slices. */
  reimport(peer: PeerId, visit: (route: RouteId) => void): void {
    this.#cancelWalks(peer, 'reimport');
    this.#walks.push({ peer, visit, done: () => {}, kind: 'reimport', cursor: 1 });
  }

  staleCount(peer: PeerId): number {
    let count = 0;
    const { rib } = this;
    for (let route = 1; route < rib.routeTop; route++) {
      if (rib.peer[route] === peer && rib.path[route] !== 0 && rib.isStale(route)) count++;
    }
    return count;
  }

  /** One group after the other: however many there are, a turn does no more. */
  #fill(items: number): void {
    for (const group of this.groups.values()) {
      if (group.isFilled) continue;
      group.fill(Math.max(1, Math.floor(items / itemsPerFill)));
      return;
    }
  }

  #close(items: number): void {
    const group = this.#closing[0];
    if (!group.close(items)) return;
    this.#closing.shift();
    this.rib.keepsWithdrawn = [...this.groups.values(), ...this.#closing].some((g) => g.sendsSeveralPaths);
    if (group.sendsSeveralPaths && !this.rib.keepsWithdrawn) this.#releaseAllWithdrawn();
  }

  #walk(items: number): void {
    const walk = this.#walks[0];
    const end = Math.min(walk.cursor + items * looksPerVisit, this.rib.routeTop);
    this.#walkTo(walk, end, items);
    if (walk.cursor < this.rib.routeTop) return;
    this.#walks.shift();
    walk.done();
  }

  #walkTo(walk: PeerWalk, end: number, visits: number): void {
    const { rib } = this;
    for (let left = visits; walk.cursor < end && left > 0; walk.cursor++) {
      if (rib.peer[walk.cursor] !== walk.peer || rib.routeNlri[walk.cursor] === 0) continue;
      walk.visit(walk.cursor);
      left--;
    }
  }

  #finishWalks(peer: PeerId): void {
    const mine = this.#walks.filter((walk) => walk.peer === peer);
    this.#walks = this.#walks.filter((walk) => walk.peer !== peer);
    for (const walk of mine) {
      this.#walkTo(walk, this.rib.routeTop, Number.POSITIVE_INFINITY);
      walk.done();
    }
  }

  #cancelWalks(peer: PeerId, kind: PeerWalk['kind']): readonly PeerWalk[] {
    const cancelled = this.#walks.filter((walk) => walk.peer === peer && walk.kind === kind);
    this.#walks = this.#walks.filter((walk) => !cancelled.includes(walk));
    return cancelled;
  }

  #decide(items: number): void {
    const { rib } = this;
    const { decision } = this.#tables;
    const size = Math.min(items, rib.dirtyCount);
    if (size > this.#batch.length) this.#batch = new Uint32Array(nextCapacity(this.#batch.length, size));
    let count = 0;
    while (count < size) {
      const nlri = rib.takeDirty();
      if (nlri === 0) break;
      this.#batch[count++] = nlri;
      const best = decision.select(rib, nlri);
      rib.setBest(nlri, best, decision.decidedBy);
      this.#hooks.bestChanged?.(this, nlri);
    }
    for (const group of this.groups.values()) group.process(this.#batch, count);
    for (let i = 0; i < count; i++)
      if (rib.best[this.#batch[i]] === 0 || rib.keepsWithdrawn) this.#release(this.#batch[i]);
  }

  /** Lets go of what was withdrawn everywhere. */
  #release(nlri: NlriId): void {
    const { rib } = this;
    for (let route = rib.head[nlri]; route !== 0; ) {
      const next = rib.next[route];
      if (rib.path[route] === 0 && !this.#isUsed(route, true)) rib.releaseRoute(route);
      route = next;
    }
    if (rib.head[nlri] === 0 && rib.nlri.isUsed(nlri) && !this.#isUsed(nlri, false)) rib.freeNlri(nlri);
  }

  #isUsed(item: number, addPath: boolean): boolean {
    for (const group of this.groups.values()) {
      if (group.sendsSeveralPaths === addPath && group.usesItem(item)) return true;
    }
    for (const group of this.#closing) {
      if (group.sendsSeveralPaths === addPath && group.usesItem(item)) return true;
    }
    return false;
  }

  #itemReleased(item: number, addPath: boolean): void {
    const { rib } = this;
    if (!addPath) {
      if (rib.nlri.isUsed(item) && rib.head[item] === 0) this.#release(item);
    } else if (rib.routeNlri[item] !== 0 && rib.path[item] === 0) this.#release(rib.routeNlri[item]);
  }

  #releaseAllWithdrawn(): void {
    const { rib } = this;
    for (let route = 1; route < rib.routeTop; route++) {
      if (rib.routeNlri[route] !== 0 && rib.path[route] === 0) rib.releaseRoute(route);
    }
  }
}

function nlriTableFor(family: FamilyKey, seed: number): NlriTable {
  if (family === ipv4Unicast) return new Ipv4NlriTable(seed);
  return new PrefixNlriTable(nlriRow(family)?.octets ?? 16, seed);
}
