/**
 * A peer's routes, both ways: it is a source of the instance's RIBs and a member of update groups. Owns what is
 * kept of a peer that restarts (RFC 4724 §4.2), route refresh (RFC 2918, RFC 7313), and its import rules.
 */
import { type TargetFilter, targetFilterOf } from '../export/target-filter.ts';
import { type FamilyKey, isVpn, routeTargetConstrain } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import { PeerRole } from '../rib/peer-columns.ts';
import type { Negotiated } from '../session/contract.ts';
import { plainCodec } from '../wire/messages.ts';
import type { Membership } from './feeding.ts';
import type { LocalInterface, SpeakerHost } from './host.ts';
import { importRulesOf, isExternal, policyName, roleOf, sameRules } from './import-rules.ts';
import type { RoutingInstance } from './instance.ts';
import { linkTo } from './link.ts';
import type { OwnAddresses } from './own-addresses.ts';
import { groupSettingsFor } from './peer-groups.ts';
import type { PeerReports } from './peer-reports.ts';
import type { RouteSource, SourceListener } from './route-source.ts';
import { limitTo, sourceFamily } from './route-source.ts';
import type { PeerSettings, RouterSettings } from './settings.ts';

/** What a peer's routes need of the speaker. */
export interface RouteSurroundings {
  readonly host: SpeakerHost;
  readonly instance: RoutingInstance;
  readonly ownAddresses: OwnAddresses;
  router(): RouterSettings;
  interfaces(): readonly LocalInterface[];
  /** A peer came or went, or says that it wants other VPN routes (RFC 4684). */
  membershipsChanged(): void;
  /** End-of-RIB came, or the session went: a restarting speaker waits for all (RFC 4724 §4.1). */
  restartProgress(): void;
}

/** Established: what lasts as long as this session. */
export interface Up {
  readonly negotiated: Negotiated;
  readonly localAddress: IpAddress;
  readonly memberships: ReadonlyMap<FamilyKey, Membership>;
}

/** What goes out on the peer's connection. */
export interface PeerOutput {
  /** Frames of an update group; false when the connection should get no more for now. */
  frames(bytes: Uint8Array, messages: number): boolean;
  routeRefresh(family: FamilyKey, subtype: 0 | 1 | 2): void;
}

/** How long a refresh may take where no bound for stale routes is set (RFC 7313 §4). */
const refreshSeconds = 360;

/** How long VPN routes wait for the memberships of a peer (RFC 4684 §6). */
const membershipWaitSeconds = 60;

export class PeerRoutes {
  readonly source: RouteSource;
  up: Up | undefined;
  /** Until when (host milliseconds) the peer's memberships are awaited; 0 when they are not. */
  #membershipsUntil = 0;
  #settings: PeerSettings;
  readonly #s: RouteSurroundings;
  readonly #output: PeerOutput;
  readonly #reports: PeerReports;

  constructor(
    settings: PeerSettings,
    surroundings: RouteSurroundings,
    output: PeerOutput,
    reports: PeerReports,
    listener: Pick<SourceListener, 'malformed' | 'maxPrefixes'>,
  ) {
    this.#settings = settings;
    this.#s = surroundings;
    this.#output = output;
    this.#reports = reports;
    const { instance, ownAddresses } = surroundings;
    const router = surroundings.router();
    const { remoteAs } = settings;
    this.source = {
      id: instance.addSource(settings.address, roleOf(router, settings, remoteAs), remoteAs),
      rules: importRulesOf(router, settings, remoteAs, instance, ownAddresses, this.#link()),
      context: { ...plainCodec, external: isExternal(router, remoteAs) },
      families: new Map(settings.families.map((f) => [f, sourceFamily(f, settings.maxPrefixes.get(f))])),
      listener: { ...listener, endOfRib: (family) => this.#endOfRib(family) },
    };
  }

  // --- The session comes and goes ---

  established(negotiated: Negotiated, localAddress: IpAddress): void {
    const { instance, ownAddresses } = this.#s;
    const { id } = this.source;
    const { peers } = instance.tables;
    peers.remoteAs[id] = negotiated.remoteAs;
    peers.bgpIdentifier[id] = negotiated.remoteBgpIdentifier;
    ownAddresses.add(localAddress);
    const memberships = new Map<FamilyKey, Membership>();
    this.up = { negotiated, localAddress, memberships };
    this.#applyRules();
    this.source.context = { ...negotiated.codec, external: peers.role[id] === PeerRole.external };
    this.#beginFamilies(negotiated);
    for (const family of negotiated.codec.families) {
      memberships.set(family, {
        peer: id,
        bgpIdentifier: negotiated.remoteBgpIdentifier,
        send: (bytes, messages) => this.#output.frames(bytes, messages),
        group: undefined,
        member: undefined,
        awaited: undefined,
      });
    }
    if (memberships.has(routeTargetConstrain))
      this.#membershipsUntil = this.#s.host.now() + membershipWaitSeconds * 1000;
    this.assignGroups();
    this.#s.membershipsChanged();
    this.#s.restartProgress();
  }

  /** Fresh counters; and what becomes of routes that were kept while the peer was away (RFC 4724 §4.2). */
  #beginFamilies(negotiated: Negotiated): void {
    const { instance, host } = this.#s;
    for (const family of new Set([...this.source.families.keys(), ...negotiated.codec.families])) {
      const fresh = sourceFamily(family, this.#settings.maxPrefixes.get(family));
      this.source.families.set(family, fresh);
      if (instance.family(family).rib.heldBy(this.source.id) === 0) continue;
      const told = negotiated.gracefulRestart?.families.find((f) => f.family === family);
      const helper = this.#settings.gracefulRestart;
      // The routes stay only if the peer says that it kept forwarding for this family.
      if (told?.forwarding && helper !== undefined && negotiated.codec.families.has(family)) {
        fresh.staleUntil = host.now() + helper.maxStaleSeconds * 1000;
      } else this.#sweep(family);
    }
  }

  /** `keepRoutes`: the families whose routes graceful restart keeps, for at most `restartTimeSeconds`. */
  down(keepRoutes: readonly FamilyKey[], restartTimeSeconds: number): void {
    const { up } = this;
    if (up === undefined) return;
    this.up = undefined;
    this.#membershipsUntil = 0;
    this.#s.membershipsChanged();
    const { instance, host, ownAddresses } = this.#s;
    ownAddresses.remove(up.localAddress);
    for (const [family, membership] of up.memberships) instance.resign(family, membership);
    const settings = this.#settings.gracefulRestart;
    for (const [family, state] of this.source.families) {
      state.refreshUntil = Number.POSITIVE_INFINITY;
      const held = instance.family(family).rib.heldBy(this.source.id);
      const kept = held > 0 && settings?.helper === true && keepRoutes.includes(family);
      // RFC 4724 §4.2: what is still stale from an earlier restart goes.
      if (kept) this.#sweep(family);
      instance.family(family).markAllStale(this.source.id);
      if (kept) {
        state.staleUntil = host.now() + Math.min(restartTimeSeconds, settings.maxStaleSeconds) * 1000;
        this.#reports.stale(family, 'kept', held);
      } else {
        state.staleUntil = Number.POSITIVE_INFINITY;
        this.#sweep(family);
      }
    }
  }

  /** Gives everything back. */
  remove(): void {
    for (const state of this.source.families.values()) state.staleUntil = Number.POSITIVE_INFINITY;
    this.#s.instance.removeSource(this.source.id);
  }

  /** Routes of a peer that is away are kept. */
  get keepsStale(): boolean {
    for (const { staleUntil } of this.source.families.values())
      if (staleUntil !== Number.POSITIVE_INFINITY) return true;
    return false;
  }

  nextDeadline(): number {
    let at = this.#membershipsUntil || Number.POSITIVE_INFINITY;
    for (const { staleUntil, refreshUntil } of this.source.families.values())
      at = Math.min(at, staleUntil, refreshUntil);
    return at;
  }

  advance(now: number): void {
    if (this.#membershipsUntil !== 0 && this.#membershipsUntil <= now) this.#membershipsKnown();
    for (const state of this.source.families.values()) {
      // RFC 7313 §4: an EoRR that never comes does not keep stale routes for ever.
      if (state.staleUntil > now && state.refreshUntil > now) continue;
      state.staleUntil = Number.POSITIVE_INFINITY;
      state.refreshUntil = Number.POSITIVE_INFINITY;
      this.#sweep(state.family);
    }
  }

  #sweep(family: FamilyKey): void {
    const state = this.#s.instance.family(family);
    const before = state.rib.heldBy(this.source.id);
    state.sweep(this.source.id, () => {
      const removed = before - state.rib.heldBy(this.source.id);
      if (removed > 0) this.#reports.stale(family, 'removed', removed);
    });
    this.#s.host.wake();
  }

  #endOfRib(family: FamilyKey): void {
    const state = this.source.families.get(family);
    if (state === undefined) return;
    if (!state.endOfRibReceived) {
      state.endOfRibReceived = true;
      this.#reports.endOfRib(family, 'received');
      if (family === routeTargetConstrain)
        this.#s.instance.family(family).whenDecided(() => this.#membershipsKnown());
    }
    if (state.staleUntil !== Number.POSITIVE_INFINITY) {
      // RFC 4724 §4.2: what was not announced again is removed.
      state.staleUntil = Number.POSITIVE_INFINITY;
      this.#sweep(family);
    }
    this.#s.restartProgress();
  }

  endOfRibSent(family: FamilyKey): void {
    const state = this.source.families.get(family);
    if (state === undefined) return;
    state.endOfRibSent = true;
    this.#reports.endOfRib(family, 'sent');
  }

  // --- Members of update groups ---

  /** Puts the peer into the update groups that its settings ask for; also after a change of policy. */
  assignGroups(): void {
    if (this.up === undefined) return;
    const { instance } = this.#s;
    const external = isExternal(this.#s.router(), this.up.negotiated.remoteAs);
    const targetFilter = this.#targetFilter();
    for (const [family, membership] of this.up.memberships) {
      if (isVpn(family) && targetFilter === 'awaited') continue;
      const settings = groupSettingsFor(family, {
        targetFilter: targetFilter === 'awaited' ? undefined : targetFilter,
        router: this.#s.router(),
        peer: this.#settings,
        peerAddress: this.#settings.address,
        negotiated: this.up.negotiated,
        localAddress: this.up.localAddress,
        policy: instance.policy(policyName(this.#settings.exportPolicy, external)),
        interfaces: this.#s.interfaces(),
      });
      instance.assign(family, membership, settings);
    }
  }

  /**
   * What VPN routes the peer wants; `undefined` where it does not say. RFC 4684 §6: none goes out before it has said all,
   * which is awaited for a while.
   */
  #targetFilter(): TargetFilter | 'awaited' | undefined {
    if (!this.up?.memberships.has(routeTargetConstrain)) return undefined;
    if (this.#s.host.now() < this.#membershipsUntil) return 'awaited';
    return targetFilterOf(this.#s.instance.family(routeTargetConstrain).rib, this.source.id);
  }

  #membershipsKnown(): void {
    this.#membershipsUntil = 0;
    this.assignGroups();
    this.#s.host.wake();
  }

  uncongest(): void {
    for (const { member } of this.up?.memberships.values() ?? []) if (member) member.congested = false;
  }

  // --- Route refresh ---

  refreshRequested(family: FamilyKey, subtype: number): void {
    if (subtype === 0) this.sendAll(family);
    const state = this.source.families.get(family);
    if (state === undefined) return;
    if (subtype === 1) {
      // RFC 7313 §4: no refresh begins before the End-of-RIB of a peer that restarts gracefully.
      if (this.up?.negotiated.gracefulRestart !== undefined && !state.endOfRibReceived) return;
      const seconds = this.#settings.gracefulRestart?.maxStaleSeconds ?? refreshSeconds;
      state.refreshUntil = this.#s.host.now() + seconds * 1000;
      this.#s.instance.family(family).markAllStale(this.source.id);
    } else if (subtype === 2 && state.refreshUntil !== Number.POSITIVE_INFINITY) {
      // RFC 7313 §4: what the peer did not repeat between BoRR and EoRR is gone.
      state.refreshUntil = Number.POSITIVE_INFINITY;
      this.#sweep(family);
    }
  }

  /** Sends a family again from the start. */
  sendAll(family: FamilyKey): void {
    const { group, member } = this.up?.memberships.get(family) ?? {};
    if (this.up === undefined || group === undefined || member === undefined) return;
    const { enhancedRouteRefresh, gracefulRestart } = this.up.negotiated;
    // RFC 7313 §4: BoRR does not go before our End-of-RIB to a peer that knows graceful restart.
    const initial = gracefulRestart !== undefined && !this.source.families.get(family)?.endOfRibSent;
    const enhanced = enhancedRouteRefresh && !initial;
    if (enhanced) this.#output.routeRefresh(family, 1);
    group.refresh(member, { enhanced });
    this.#s.host.wake();
  }

  /** Judges the stored routes again and asks the peer for its own again, where it can be asked. */
  softIn(): void {
    this.#s.instance.reimport(this.source);
    for (const family of this.up?.memberships.keys() ?? []) this.#output.routeRefresh(family, 0);
    this.#s.host.wake();
  }

  softOut(): void {
    for (const family of this.up?.memberships.keys() ?? []) this.sendAll(family);
  }

  // --- Settings ---

  reconfigure(settings: PeerSettings): void {
    this.#settings = settings;
    for (const state of this.source.families.values()) limitTo(state, settings.maxPrefixes.get(state.family));
    this.#applyRules();
    this.assignGroups();
    this.#s.host.wake();
  }

  /** Addresses came or went on this machine: what next hops may be, and what ours are. */
  interfacesChanged(): void {
    this.#applyRules();
    this.assignGroups();
  }

  #link() {
    return linkTo(this.#settings.address, this.#settings.transport, this.#s.interfaces());
  }

  /** Role and import rules, from settings and session; routes are judged again where that matters. */
  #applyRules(): void {
    const { instance, ownAddresses } = this.#s;
    const router = this.#s.router();
    const remoteAs = this.up?.negotiated.remoteAs ?? this.#settings.remoteAs;
    const rules = importRulesOf(router, this.#settings, remoteAs, instance, ownAddresses, this.#link());
    instance.setRole(this.source.id, roleOf(router, this.#settings, remoteAs));
    if (sameRules(rules, this.source.rules)) return;
    this.source.rules = rules;
    instance.reimport(this.source);
  }
}
