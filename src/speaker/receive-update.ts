/**
 * An UPDATE from bytes to Adj-RIB-In (RFC 4271 §9.1, RFC 7606). The hottest path of the daemon.
 *
 * Most UPDATEs carry a block that is already canonical apart from its NEXT_HOP: it is looked up before anything is
 * decoded, and taken as it is when it is new and valid. Everything else takes the way through the decoder.
 * Nothing is applied before the whole message was checked.
 */
import type { FamilyKey } from '../net/family.ts';
import { ipv4Unicast, ipv6Unicast, isVpn } from '../net/family.ts';
import { AttributeFlag } from '../rib/attribute-table.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { PathId } from '../rib/ids.ts';
import { ineligibleCode } from '../rib/reasons.ts';
import { FastWalk, standsAsItIs } from '../wire/attributes/fast-walk.ts';
import { resetOf, withdrawsRoutes } from '../wire/attributes/faults.ts';
import type { AttributeFault } from '../wire/errors.ts';
import { copyKey, labelFieldAt } from '../wire/nlri/label.ts';
import { checkNlriRun } from '../wire/nlri/run.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import { type AttributeContext, type NlriRun, UpdateView } from '../wire/update.ts';
import { decodeUpdate } from '../wire/update-decode.ts';
import type { FamilyState } from './family-state.ts';
import { importVerdict, importVerdictFor, verdictNeedsDestination } from './import-path.ts';
import type { InstanceTables } from './instance-tables.ts';
import { RouteLimit } from './route-limit.ts';
import type { RouteSource, SourceFamily } from './route-source.ts';
import type { InstanceLimits } from './settings.ts';
import { UpdateRate } from './update-rate.ts';

const headerLength = 19;
const missingNextHop = ineligibleCode('missing-next-hop');
const ipv4Row = nlriRow(ipv4Unicast);

export class UpdateReceiver {
  readonly routeLimit = new RouteLimit();
  readonly rate = new UpdateRate();
  readonly #tables: InstanceTables;
  readonly #families: ReadonlyMap<FamilyKey, FamilyState>;
  readonly #walk = new FastWalk();
  readonly #view = new UpdateView();
  /** Of the session that spoke last: what of its context every UPDATE asks for. */
  #context: AttributeContext | undefined;
  #hasIpv4 = false;
  #ipv4AddPath = false;

  constructor(tables: InstanceTables, families: ReadonlyMap<FamilyKey, FamilyState>) {
    this.#tables = tables;
    this.#families = families;
  }

  setLimits(limits: InstanceLimits, old?: InstanceLimits): void {
    if (limits.routes !== old?.routes) this.routeLimit.set(limits.routes);
    if (limits.updatesPerSecond !== old?.updatesPerSecond) this.rate.set(limits.updatesPerSecond);
  }

  /**
   * Applies the message `[start, end)`, header included. Throws NotificationError when the session must end
   * (RFC 7606 §2 "session reset"); nothing of the message was applied then.
   */
  receive(source: RouteSource, bytes: Uint8Array, start: number, end: number): void {
    this.rate.count();
    if (source.context.fourOctetAs && this.#receiveKnown(source, bytes, start, end)) return;
    this.#receiveDecoded(source, bytes, start, end);
  }

  /** The fast way: plain IPv4 unicast with a known attribute set. False: nothing was done. */
  #receiveKnown(source: RouteSource, bytes: Uint8Array, start: number, end: number): boolean {
    const withdrawn = start + headerLength + 2;
    const withdrawnEnd = withdrawn + ((bytes[withdrawn - 2] << 8) | bytes[withdrawn - 1]);
    const attributes = withdrawnEnd + 2;
    if (attributes > end || ipv4Row === undefined) return false;
    const attributesEnd = attributes + ((bytes[withdrawnEnd] << 8) | bytes[withdrawnEnd + 1]);
    if (attributesEnd >= end || attributesEnd === attributes) return false;
    const { context } = source;
    if (context !== this.#context) this.#hear(context);
    const state = source.families.get(ipv4Unicast);
    if (state === undefined || state.disabled || !this.#hasIpv4) return false;
    const walk = this.#walk;
    if (!walk.locate(bytes, attributes, attributesEnd)) return false;
    const valid = context.external ? AttributeFlag.validExternal : AttributeFlag.validInternal;
    const { attributes: table, nextHops, paths } = this.#tables;
    const first = walk.nextHopAt - 3;
    const second = walk.nextHopAt + 4;
    let set = table.findPieces(bytes, attributes, first, second, attributesEnd);
    const isValid = set !== 0 && (table.flags[set] & valid) !== 0;
    if (!isValid && !standsAsItIs(bytes, attributes, attributesEnd, context)) return false;
    const addPath = this.#ipv4AddPath;
    if (checkNlriRun(bytes, attributesEnd, end, ipv4Row, addPath) < 0) return false;
    if (withdrawnEnd > withdrawn && checkNlriRun(bytes, withdrawn, withdrawnEnd, ipv4Row, addPath) < 0)
      return false;
    if (withdrawnEnd > withdrawn) {
      this.#withdraw(source, ipv4Unicast, addPath, bytes, withdrawn, withdrawnEnd);
      // The last route of this very set may have gone with it.
      set = table.findPieces(bytes, attributes, first, second, attributesEnd);
    }
    if (set === 0) set = table.addPieces(bytes, attributes, first, second, attributesEnd, valid);
    else if (!isValid) table.flags[set] |= valid;
    const nextHop = nextHops.intern(bytes, walk.nextHopAt, 4);
    const path = paths.intern(source.id, set, nextHop, 0);
    this.#announce(source, state, addPath, bytes, attributesEnd, end, path);
    return true;
  }

  #hear(context: AttributeContext): void {
    this.#context = context;
    this.#hasIpv4 = context.families.has(ipv4Unicast);
    this.#ipv4AddPath = context.addPathReceive.has(ipv4Unicast);
  }

  #receiveDecoded(source: RouteSource, bytes: Uint8Array, start: number, end: number): void {
    const view = this.#view;
    decodeUpdate(view, bytes, start, end, source.context);
    const action = view.faults.length > 0 ? this.#reportFaults(source) : 'none';
    if (view.endOfRib !== 0) {
      source.listener.endOfRib(view.endOfRib);
      return;
    }
    this.#withdrawRun(source, view.withdrawn);
    this.#withdrawRun(source, view.mpWithdrawn);
    if (action === 'withdraw') {
      // RFC 7606 §2: as if the routes had been listed as withdrawn.
      this.#withdrawRun(source, view.announced);
      this.#withdrawRun(source, view.mpAnnounced);
      return;
    }
    if (view.announced.family === 0 && view.mpAnnounced.family === 0) return;
    this.#announceDecoded(source);
  }

  #announceDecoded(source: RouteSource): void {
    const view = this.#view;
    const { attributes: table } = this.#tables;
    const valid = source.context.external ? AttributeFlag.validExternal : AttributeFlag.validInternal;
    // A repeat is only taken without decoding if nothing was discarded from it.
    const set = table.intern(view.canonical, view.canonicalLength, view.faults.length === 0 ? valid : 0);
    // Held until both runs are in: a run of which nothing is stored frees its path, and with it the set.
    table.retain(set);
    if (view.announced.family !== 0) this.#announceRun(source, view.announced, set, view.nextHopAt, 4);
    if (view.mpAnnounced.family !== 0) {
      this.#announceRun(source, view.mpAnnounced, set, view.mpNextHopAt, view.mpNextHopLength);
    }
    table.release(set);
  }

  #announceRun(
    source: RouteSource,
    run: NlriRun,
    set: number,
    nextHopAt: number,
    nextHopLength: number,
  ): void {
    const state = run.family === 0 ? undefined : source.families.get(run.family);
    if (state === undefined || state.disabled) return;
    const { nextHops, paths } = this.#tables;
    const bytes = this.#view.bytes;
    const nextHop = nextHopAt < 0 ? 0 : nextHops.intern(bytes, nextHopAt, nextHopLength);
    const path = paths.intern(source.id, set, nextHop, 0);
    if (nextHopAt < 0) paths.imported[path] = -missingNextHop;
    if (isVpn(state.family)) this.#announceLabelled(source, state, run, path);
    else this.#announce(source, state, run.addPath, bytes, run.start, run.end, path);
  }

  /** Says what was wrong and what follows from it; throws where the session must end. */
  #reportFaults(source: RouteSource): 'none' | 'withdraw' {
    const { faults } = this.#view;
    for (const fault of faults) source.listener.malformed(fault, fault.action);
    const reset = resetOf(faults);
    if (reset !== undefined) throw reset;
    for (const { action, family } of faults) {
      if (action === 'disable-family' && family !== undefined) this.#disable(source, family);
    }
    return withdrawsRoutes(faults) ? 'withdraw' : 'none';
  }

  /** RFC 7606 §2 "AFI/SAFI disable": its routes go, and what else comes of it is ignored. */
  #disable(source: RouteSource, family: FamilyKey): void {
    const state = source.families.get(family);
    if (state === undefined || state.disabled) return;
    state.disabled = true;
    const rib = this.#families.get(family);
    rib?.markAllStale(source.id);
    rib?.sweep(source.id, () => {});
  }

  #withdrawRun(source: RouteSource, run: NlriRun): void {
    const { family } = run;
    if (family === 0 || run.end === run.start) return;
    if (source.families.get(family)?.disabled !== false) return;
    if (isVpn(family)) this.#withdrawLabelled(source, family, run);
    else this.#withdraw(source, family, run.addPath, this.#view.bytes, run.start, run.end);
  }

  #withdraw(
    source: RouteSource,
    family: FamilyKey,
    addPath: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const rib = this.#families.get(family)?.rib;
    if (rib === undefined) return;
    let pathId = 0;
    for (let at = start; at < end; ) {
      if (addPath) {
        pathId = uint32(bytes, at);
        at += 4;
      }
      const nlri = rib.nlri.find(bytes, at);
      at += 1 + ((bytes[at] + 7) >> 3);
      const route = nlri === 0 ? 0 : rib.findRoute(nlri, source.id, pathId);
      if (route !== 0) rib.withdraw(route);
    }
  }

  #announce(
    source: RouteSource,
    state: SourceFamily,
    addPath: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    path: PathId,
  ): void {
    const rib = this.#families.get(state.family)?.rib;
    const { paths } = this.#tables;
    if (rib === undefined) return;
    // Held by us until every route of the message holds it.
    paths.retain(path);
    const perDestination = verdictNeedsDestination(source.rules);
    const verdict = perDestination ? 0 : importVerdict(this.#tables, source.rules, rib.family, path);
    const limited = state.maxPrefixes !== undefined || this.routeLimit.isSet;
    const accepted = Math.max(0, verdict);
    const reason = Math.max(0, -verdict);
    let pathId = 0;
    for (let at = start; at < end; ) {
      if (addPath) {
        pathId = uint32(bytes, at);
        at += 4;
      }
      const from = at;
      at += 1 + ((bytes[at] + 7) >> 3);
      // RFC 4271 §6.3: a multicast prefix among unicast ones is reported and ignored.
      if (bytes[from + 1] >= multicastFrom && isMulticast(rib.family, bytes, from)) {
        source.listener.malformed(multicastFault(bytes.slice(from, at)), 'attribute-discard');
        continue;
      }
      const nlri = rib.nlri.intern(bytes, from);
      if (limited && !this.#mayHold(source, state, rib, nlri, pathId)) continue;
      if (perDestination) this.#announceJudged(source, rib, nlri, pathId, path);
      else rib.announce(nlri, source.id, pathId, path, accepted, reason);
    }
    paths.release(path);
  }

  /** Routes with labels: a path per label, and the key is copied out from around it. */
  #announceLabelled(source: RouteSource, state: SourceFamily, run: NlriRun, plain: PathId): void {
    const rib = this.#families.get(state.family)?.rib;
    const { paths } = this.#tables;
    if (rib === undefined) return;
    const { bytes } = this.#view;
    const perDestination = verdictNeedsDestination(source.rules);
    paths.retain(plain);
    let label = 0;
    let path = 0;
    let verdict = 0;
    for (let at = run.start; at < run.end; ) {
      const pathId = run.addPath ? uint32(bytes, at) : 0;
      if (run.addPath) at += 4;
      const length = 1 + ((bytes[at] + 7) >> 3);
      const next = labelFieldAt(bytes, at);
      if (next !== label) {
        if (path !== 0) paths.release(path);
        label = next;
        path = paths.internLabelled(source.id, paths.attributes[plain], paths.nextHop[plain], 0, label);
        // Held by us until its routes hold it.
        paths.retain(path);
        verdict = perDestination ? 0 : importVerdict(this.#tables, source.rules, rib.family, path);
      }
      copyKey(bytes, at, length, keyScratch);
      at += length;
      const nlri = rib.nlri.intern(keyScratch, 0);
      if (!this.#mayHold(source, state, rib, nlri, pathId)) continue;
      if (perDestination) this.#announceJudged(source, rib, nlri, pathId, path);
      else rib.announce(nlri, source.id, pathId, path, Math.max(0, verdict), Math.max(0, -verdict));
    }
    if (path !== 0) paths.release(path);
    paths.release(plain);
  }

  /** RFC 8277 §2.4: whatever label a withdrawal carries, it means the destination. */
  #withdrawLabelled(source: RouteSource, family: FamilyKey, run: NlriRun): void {
    const rib = this.#families.get(family)?.rib;
    if (rib === undefined) return;
    const { bytes } = this.#view;
    for (let at = run.start; at < run.end; ) {
      const pathId = run.addPath ? uint32(bytes, at) : 0;
      if (run.addPath) at += 4;
      const length = 1 + ((bytes[at] + 7) >> 3);
      copyKey(bytes, at, length, keyScratch);
      at += length;
      const nlri = rib.nlri.find(keyScratch, 0);
      const route = nlri === 0 ? 0 : rib.findRoute(nlri, source.id, pathId);
      if (route !== 0) rib.withdraw(route);
    }
  }

  /** Within the limits of the peer and of the instance; a key that is new is freed where it is not. */
  #mayHold(source: RouteSource, state: SourceFamily, rib: FamilyRib, nlri: number, pathId: number): boolean {
    if (!withinLimit(source, state, rib, nlri, pathId)) return false;
    if (!this.routeLimit.isSet) return true;
    const route = rib.findRoute(nlri, source.id, pathId);
    if (route !== 0 && rib.path[route] !== 0) return true;
    if (this.routeLimit.admits(this.#families.values())) return true;
    rib.reserveNlri(nlri);
    rib.markDirty(nlri);
    return false;
  }

  #announceJudged(source: RouteSource, rib: FamilyRib, nlri: number, pathId: number, path: PathId): void {
    const verdict = importVerdictFor(this.#tables, source.rules, rib, path, nlri);
    if (verdict > 0) {
      rib.announce(nlri, source.id, pathId, path, verdict, 0);
      this.#tables.paths.discardUnreferenced(verdict);
    } else rib.announce(nlri, source.id, pathId, path, 0, -verdict);
  }
}

/** One key: VPN-IPv6 has 25 octets. */
const keyScratch = new Uint8Array(32);

/** First octet from which a closer look is worth it: 224/4 and ff00::/8. */
const multicastFrom = 224;

function isMulticast(family: FamilyKey, bytes: Uint8Array, at: number): boolean {
  if (family === ipv4Unicast) return bytes[at] >= 4 && bytes[at + 1] < 240;
  return family === ipv6Unicast && bytes[at] >= 8 && bytes[at + 1] === 0xff;
}

function multicastFault(bytes: Uint8Array): AttributeFault {
  return {
    attributeType: 0,
    action: 'attribute-discard',
    detail: 'a multicast prefix is no unicast route: ignored',
    bytes,
  };
}

/**
 * May this route be stored? Replacing one is always allowed. Beyond the limit the settings' `action` says what
 * happens: `warn` stores it, `drop` forgets it, `idle` forgets it and the listener ends the session.
 */
function withinLimit(
  source: RouteSource,
  state: SourceFamily,
  rib: FamilyRib,
  nlri: number,
  pathId: number,
): boolean {
  const limits = state.maxPrefixes;
  if (limits === undefined) return true;
  const route = rib.findRoute(nlri, source.id, pathId);
  // What is stale goes by itself, and a withdrawn row is no route any more: neither counts.
  if (route !== 0 && rib.path[route] !== 0 && !rib.isStale(route)) return true;
  const count = rib.freshFrom(source.id) + 1;
  if (count <= limits.limit) {
    if (!state.warned && count * 100 >= limits.limit * limits.warnPercent) {
      state.warned = true;
      source.listener.maxPrefixes(state, count, 'warning');
    }
    return true;
  }
  source.listener.maxPrefixes(state, count, 'limit');
  if (limits.action === 'warn') return true;
  // The key may be new: the next decision finds it unused and frees it.
  rib.reserveNlri(nlri);
  rib.markDirty(nlri);
  return false;
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
