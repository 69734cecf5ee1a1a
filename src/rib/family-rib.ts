/**
 * The Adj-RIBs-In and the Loc-RIB of one family of one instance (RFC 4271 §3.2, §9.1).
 *
 * A route is a row of columns, found by walking the short chain of its NLRI; the chain is also the candidate
 * list of the decision. What a peer announced stays as it came in `path`; what import made of it is in `edited` if that
 * is another path, and `reason` says why a route takes no part. So policy can be applied again without asking the peer.
 * A change marks its NLRI dirty; `work` in speaker/ decides each dirty NLRI once, however often it changed.
 *
 * Cost per route: 24 bytes, of which 14 are never written where no policy edits it and no ADD-PATH, second route or
 * restart is about. Cost per NLRI: 10 bytes here, its key in the NlriTable, 4 in the dirty queue.
 */
import type { FamilyKey } from '../net/family.ts';
import { grown, IdPool, nextCapacity } from './columns.ts';
import type { NlriId, PathId, PeerId, RouteId } from './ids.ts';
import type { NlriTable } from './nlri-table.ts';
import type { PathTable } from './path-table.ts';

export class FamilyRib {
  readonly family: FamilyKey;
  readonly nlri: NlriTable;
  readonly paths: PathTable;

  /** Columns by RouteId. */
  routeNlri = new Uint32Array(0);
  /** As received; 0 in a row that was withdrawn and still has to be withdrawn from somebody. */
  path = new Uint32Array(0);
  /** After import where that is not `path`; 0 elsewhere, which costs no memory. See `acceptedOf`. */
  #edited = new Uint32Array(0);
  /** Next route of the same NLRI. */
  next = new Uint32Array(0);
  /** The path identifier it came with (RFC 7911), 0 without ADD-PATH. */
  receivedPathId = new Uint32Array(0);
  peer = new Uint16Array(0);
  generation = new Uint8Array(0);
  /** Code of ineligibleReasons; not 0: the route takes no part in the decision. */
  reason = new Uint8Array(0);

  /** Columns by NlriId. */
  head = new Uint32Array(0);
  best = new Uint32Array(0);
  /** Code of decisionReasons. */
  decidedBy = new Uint8Array(0);
  #dirty = new Uint8Array(0);

  /**
   * Withdrawn rows stay until `releaseRoute`: set while some peer is sent several paths per NLRI under
   * our RouteIds, which must not change their meaning before they were withdrawn there.
   */
  keepsWithdrawn = false;

  /**
   * Told of each route whose received or accepted path became another one (0 where it was withdrawn), while its row
   * still says of which NLRI and peer. Only set while somebody monitors.
   */
  changed: ((route: RouteId) => void) | undefined;

  readonly #routeIds = new IdPool();
  #routeCapacity = 0;
  #nlriCapacity = 0;
  #queue = new Uint32Array(0);
  #queueHead = 0;
  #queueTail = 0;
  /** By PeerId: routes held, of them those not stale and those accepted, and the generation new routes get. */
  #held = new Uint32Array(16);
  #fresh = new Uint32Array(16);
  #acceptedCount = new Uint32Array(16);
  #generationOf = new Uint8Array(16);
  #bestFrom = new Uint32Array(16);
  #bestCount = 0;

  constructor(family: FamilyKey, nlri: NlriTable, paths: PathTable) {
    this.family = family;
    this.nlri = nlri;
    this.paths = paths;
  }

  get routeCount(): number {
    return this.#routeIds.inUse;
  }

  /** One more than the highest RouteId ever given out. */
  get routeTop(): number {
    return this.#routeIds.top;
  }

  get bytes(): number {
    return this.routeTop * 24 + this.nlri.top * 10 + this.#queue.byteLength + this.nlri.bytes;
  }

  heldBy(peer: PeerId): number {
    return peer < this.#held.length ? this.#held[peer] : 0;
  }

  /** Routes of the peer that are not stale: what counts against its limits. */
  freshFrom(peer: PeerId): number {
    return peer < this.#fresh.length ? this.#fresh[peer] : 0;
  }

  acceptedFrom(peer: PeerId): number {
    return peer < this.#acceptedCount.length ? this.#acceptedCount[peer] : 0;
  }

  generationOf(peer: PeerId): number {
    return peer < this.#generationOf.length ? this.#generationOf[peer] : 0;
  }

  /** All routes that the peer has now become stale (RFC 4724 §4.2, RFC 7313 §4.1): one addition. */
  markAllStale(peer: PeerId): void {
    this.#reservePeer(peer);
    this.#generationOf[peer]++;
    this.#fresh[peer] = 0;
  }

  isStale(route: RouteId): boolean {
    return this.generation[route] !== this.#generationOf[this.peer[route]];
  }

  /** Did the route come before this generation of its peer began? Generations count modulo 256. */
  isOlder(route: RouteId, generation: number): boolean {
    const now = this.#generationOf[this.peer[route]];
    return ((now - this.generation[route]) & 0xff) > ((now - generation) & 0xff);
  }

  /** The peer's route for this NLRI under this received path identifier, 0 when there is none. */
  findRoute(nlri: NlriId, peer: PeerId, receivedPathId: number): RouteId {
    if (nlri >= this.#nlriCapacity) return 0;
    for (let route = this.head[nlri]; route !== 0; route = this.next[route]) {
      if (this.peer[route] === peer && this.receivedPathId[route] === receivedPathId) return route;
    }
    return 0;
  }

  /**
   * Puts or replaces a route. `accepted` is the path after import or 0 with its reason code. Path references
   * are taken here. Returns the route.
   */
  announce(
    nlri: NlriId,
    peer: PeerId,
    receivedPathId: number,
    path: PathId,
    accepted: PathId,
    reason: number,
  ): RouteId {
    if (nlri >= this.#nlriCapacity) this.#growNlri(nlri);
    let route = this.head[nlri];
    while (route !== 0 && (this.peer[route] !== peer || this.receivedPathId[route] !== receivedPathId)) {
      route = this.next[route];
    }
    if (route === 0) route = this.#insert(nlri, peer, receivedPathId);
    const oldPath = this.path[route];
    const oldAccepted = this.acceptedOf(route);
    if (oldPath === 0 || this.isStale(route)) this.#fresh[peer]++;
    const generation = this.#generationOf[peer];
    if (this.generation[route] !== generation) this.generation[route] = generation;
    if (oldPath !== path) {
      this.path[route] = path;
      this.paths.retain(path);
      if (oldPath === 0) this.#held[peer]++;
      else this.paths.release(oldPath);
      this.changed?.(route);
    }
    this.#accept(route, oldAccepted, accepted, reason);
    return route;
  }

  /** The path after import; 0 when the route takes no part in the decision. */
  acceptedOf(route: RouteId): PathId {
    if (this.reason[route] !== 0) return 0;
    const edited = this.#edited[route];
    return edited !== 0 ? edited : this.path[route];
  }

  /** Changes what import made of a route (announce, policy change, next hop change). */
  setAccepted(route: RouteId, accepted: PathId, reason: number): void {
    this.#accept(route, this.acceptedOf(route), accepted, reason);
  }

  #accept(route: RouteId, old: PathId, accepted: PathId, reason: number): void {
    if (this.reason[route] !== reason) this.reason[route] = reason;
    this.#edit(route, accepted === this.path[route] ? 0 : accepted);
    if (old === accepted) return;
    const peer = this.peer[route];
    if (accepted !== 0) this.#acceptedCount[peer]++;
    if (old !== 0) this.#acceptedCount[peer]--;
    this.changed?.(route);
    this.markDirty(this.routeNlri[route]);
  }

  #edit(route: RouteId, edited: PathId): void {
    const old = this.#edited[route];
    if (old === edited) return;
    this.#edited[route] = edited;
    if (edited !== 0) this.paths.retain(edited);
    if (old !== 0) this.paths.release(old);
  }

  /** Takes a route out; its row may stay until it was withdrawn everywhere (`keepsWithdrawn`). */
  withdraw(route: RouteId): void {
    const path = this.path[route];
    if (path === 0) return;
    const accepted = this.acceptedOf(route);
    this.path[route] = 0;
    this.#accept(route, accepted, 0, 0);
    this.paths.release(path);
    this.#held[this.peer[route]]--;
    if (!this.isStale(route)) this.#fresh[this.peer[route]]--;
    this.changed?.(route);
    if (this.keepsWithdrawn) this.markDirty(this.routeNlri[route]);
    else this.releaseRoute(route);
  }

  /** Frees the row of a withdrawn route. Its NLRI is dirty or is looked at by the caller. */
  releaseRoute(route: RouteId): void {
    const nlri = this.routeNlri[route];
    if (this.head[nlri] === route) this.head[nlri] = this.next[route];
    else {
      let previous = this.head[nlri];
      while (this.next[previous] !== route) previous = this.next[previous];
      this.next[previous] = this.next[route];
    }
    if (this.best[nlri] === route) this.setBest(nlri, 0, 0);
    this.next[route] = 0;
    this.routeNlri[route] = 0;
    this.peer[route] = 0;
    this.receivedPathId[route] = 0;
    this.generation[route] = 0;
    this.#routeIds.give(route);
    this.markDirty(nlri);
  }

  /** Does it wait for a decision? */
  isDirty(nlri: NlriId): boolean {
    return this.#dirty[nlri] === 1;
  }

  markDirty(nlri: NlriId): void {
    if (this.#dirty[nlri] !== 0) return;
    this.#dirty[nlri] = 1;
    if (this.#queueTail === this.#queue.length) this.#makeRoom();
    this.#queue[this.#queueTail++] = nlri;
  }

  /** What the decision chose for an NLRI, and the code of the step that decided. */
  setBest(nlri: NlriId, route: RouteId, decidedBy: number): void {
    const old = this.best[nlri];
    this.decidedBy[nlri] = decidedBy;
    if (old === route) return;
    this.best[nlri] = route;
    if (old !== 0) {
      this.#bestCount--;
      this.#bestFrom[this.peer[old]]--;
    }
    if (route !== 0) {
      this.#bestCount++;
      this.#bestFrom[this.peer[route]]++;
    }
  }

  /** NLRIs that have a best route. */
  get bestCount(): number {
    return this.#bestCount;
  }

  bestFrom(peer: PeerId): number {
    return peer < this.#bestFrom.length ? this.#bestFrom[peer] : 0;
  }

  /** NLRIs that wait for a decision. */
  get dirtyCount(): number {
    return this.#queueTail - this.#queueHead;
  }

  /** The next dirty NLRI in order of change, 0 when there is none. It is no longer dirty. */
  takeDirty(): NlriId {
    if (this.#queueHead === this.#queueTail) return 0;
    const nlri = this.#queue[this.#queueHead++];
    if (this.#queueHead === this.#queueTail) {
      this.#queueHead = 0;
      this.#queueTail = 0;
    }
    this.#dirty[nlri] = 0;
    return nlri;
  }

  /** Frees the NLRI's id if no route and no pending decision holds it. Its groups were asked before. */
  freeNlri(nlri: NlriId): void {
    if (this.head[nlri] !== 0 || this.#dirty[nlri] !== 0) return;
    this.setBest(nlri, 0, 0);
    this.nlri.free(nlri);
  }

  /** Makes sure that the columns by NLRI can be read at `nlri`. */
  reserveNlri(nlri: NlriId): void {
    if (nlri >= this.#nlriCapacity) this.#growNlri(nlri);
  }

  #insert(nlri: NlriId, peer: PeerId, receivedPathId: number): RouteId {
    const route = this.#routeIds.take();
    if (route >= this.#routeCapacity) this.#growRoutes();
    this.#reservePeer(peer);
    this.routeNlri[route] = nlri;
    this.peer[route] = peer;
    // A row that is free is all zeros, and so are pages that were never written: those cost no memory.
    if (receivedPathId !== 0) this.receivedPathId[route] = receivedPathId;
    const next = this.head[nlri];
    if (next !== 0) this.next[route] = next;
    this.head[nlri] = route;
    return route;
  }

  #reservePeer(peer: PeerId): void {
    if (peer < this.#held.length) return;
    const capacity = Math.max(peer + 1, this.#held.length * 2);
    this.#held = grown(this.#held, capacity);
    this.#fresh = grown(this.#fresh, capacity);
    this.#acceptedCount = grown(this.#acceptedCount, capacity);
    this.#generationOf = grown(this.#generationOf, capacity);
    this.#bestFrom = grown(this.#bestFrom, capacity);
  }

  #makeRoom(): void {
    const waiting = this.#queueTail - this.#queueHead;
    // Slide down when at least half of the queue was consumed, otherwise double it.
    if (this.#queueHead > 0 && waiting * 2 <= this.#queue.length) {
      this.#queue.copyWithin(0, this.#queueHead, this.#queueTail);
    } else {
      const bigger = new Uint32Array(Math.max(1024, this.#queue.length * 2));
      bigger.set(this.#queue.subarray(this.#queueHead, this.#queueTail));
      this.#queue = bigger;
    }
    this.#queueHead = 0;
    this.#queueTail = waiting;
  }

  #growNlri(nlri: NlriId): void {
    const capacity = nextCapacity(this.#nlriCapacity, nlri + 1);
    this.head = grown(this.head, capacity);
    this.best = grown(this.best, capacity);
    this.decidedBy = grown(this.decidedBy, capacity);
    this.#dirty = grown(this.#dirty, capacity);
    this.#nlriCapacity = capacity;
  }

  #growRoutes(): void {
    const capacity = nextCapacity(this.#routeCapacity, 0);
    this.routeNlri = grown(this.routeNlri, capacity);
    this.path = grown(this.path, capacity);
    this.#edited = grown(this.#edited, capacity);
    this.next = grown(this.next, capacity);
    this.receivedPathId = grown(this.receivedPathId, capacity);
    this.peer = grown(this.peer, capacity);
    this.generation = grown(this.generation, capacity);
    this.reason = grown(this.reason, capacity);
    this.#routeCapacity = capacity;
  }
}
