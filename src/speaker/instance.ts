/**
 * A routing instance: the tables and RIBs of one routing domain (tenant), and its turn of work.
 * Knows sources and members, not sessions: `Peer` ties the two together. Instances share nothing.
 */

import type { GroupSettings } from '../export/group-settings.ts';
import { groupKey } from '../export/group-settings.ts';
import { GroupMember } from '../export/member.ts';
import { batchSize } from '../export/outbound-batch.ts';
import type { UpdateGroup } from '../export/update-group.ts';
import { type FamilyKey, routeTargetConstrain } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { CompiledPolicy } from '../policy/contract.ts';
import { acceptAll, type PolicyDefinition, rejectAll } from '../policy/definition.ts';
import { compilePolicy } from '../policy/evaluate.ts';
import type { DecisionOptions } from '../rib/decision.ts';
import type { PeerId, RouteId } from '../rib/ids.ts';
import type { Resolver } from '../rib/next-hop-table.ts';
import type { PeerRoleCode } from '../rib/peer-columns.ts';
import { FamilyState, type GroupHooks } from './family-state.ts';
import { Feeding, type Membership } from './feeding.ts';
import { importVerdict, importVerdictFor, verdictNeedsDestination } from './import-path.ts';
import { type InstanceTables, makeTables } from './instance-tables.ts';
import { UpdateReceiver } from './receive-update.ts';
import type { RouteSource } from './route-source.ts';
import type { RouterSettings } from './settings.ts';
import { staticResolver } from './static-next-hops.ts';

type BestListener = NonNullable<GroupHooks['bestChanged']>;
type RouteListener = (state: FamilyState, route: RouteId) => void;

export class RoutingInstance {
  readonly tables: InstanceTables;
  readonly families = new Map<FamilyKey, FamilyState>();
  readonly receiver: UpdateReceiver;
  readonly #hooks: GroupHooks;
  #policies = new Map<string, CompiledPolicy>();
  readonly #bestListeners = new Set<BestListener>();
  readonly #routeListeners = new Set<RouteListener>();
  /** A member was given a group since the turn began. */
  #assigned = false;
  /** For `nextHopResolution: kernel`: what the host last said. */
  #kernelResolver: Resolver = () => ({ reachable: false, cost: 0 });
  readonly #feeding = new Map<FamilyKey, Feeding>();

  constructor(
    router: RouterSettings,
    policies: readonly PolicyDefinition[],
    seed: number,
    hooks: GroupHooks,
  ) {
    this.tables = makeTables(seed, this.#resolverOf(router), router.decision, hooks.holdsSent);
    this.#hooks = hooks;
    this.receiver = new UpdateReceiver(this.tables, this.families);
    this.setPolicies(policies);
  }

  setPolicies(policies: readonly PolicyDefinition[]): void {
    this.#policies = new Map([acceptAll, rejectAll, ...policies].map((p) => [p.name, compilePolicy(p)]));
  }

  /** A policy by its configured name; `undefined` for no name. */
  policy(name: string | undefined): CompiledPolicy | undefined {
    if (name === undefined) return undefined;
    const policy = this.#policies.get(name);
    if (policy === undefined)
      throw new Error(`broken invariant: policy ${name} passed validation but does not exist`);
    return policy;
  }

  family(family: FamilyKey): FamilyState {
    let state = this.families.get(family);
    if (state === undefined) {
      state = new FamilyState(family, this.tables, this.#hooksOf(family));
      this.families.set(family, state);
      this.#tellRoutes(state);
      this.#feeding.set(family, new Feeding());
    }
    return state;
  }

  /** Route target memberships are listened to by ourselves; other families have no cost of it. */
  #hooksOf(family: FamilyKey): GroupHooks {
    const shared = this.#hooks;
    if (family !== routeTargetConstrain) return shared;
    let told = false;
    return {
      ...shared,
      get bestChanged() {
        return (state: FamilyState, nlri: number) => {
          shared.bestChanged?.(state, nlri);
          if (told) return;
          told = true;
          state.whenDecided(() => {
            told = false;
            shared.membershipsChanged();
          });
        };
      },
    };
  }

  addSource(address: IpAddress, role: PeerRoleCode, remoteAs: number): PeerId {
    return this.tables.peers.add(address, role, remoteAs);
  }

  /** A source became a client, a non-client or external: what may be sent of it changes. */
  setRole(source: PeerId, role: PeerRoleCode): void {
    const { peers } = this.tables;
    if (peers.role[source] === role) return;
    peers.role[source] = role;
    for (const { groups } of this.families.values()) {
      for (const group of groups.values()) group.forgetSource(source);
    }
    this.redecide();
  }

  /** Takes back the id of a source after its last route is gone. */
  removeSource(source: PeerId): void {
    let waiting = this.families.size;
    const done = () => {
      if (--waiting === 0) this.tables.peers.remove(source);
    };
    if (waiting === 0) this.tables.peers.remove(source);
    for (const state of this.families.values()) {
      state.markAllStale(source);
      state.sweep(source, () => state.whenDecided(done));
    }
  }

  /** The source's rules changed: judges its routes again, without asking the peer. */
  reimport(source: RouteSource): void {
    const { paths } = this.tables;
    for (let path = 1; path < paths.top; path++)
      if (paths.source[path] === source.id) paths.forgetImported(path);
    for (const state of this.families.values()) {
      if (state.rib.heldBy(source.id) > 0)
        state.reimport(source.id, (route) => this.#judge(source, state, route));
    }
  }

  #judge(source: RouteSource, state: FamilyState, route: RouteId): void {
    const { rib } = state;
    const path = rib.path[route];
    if (path === 0) return;
    const perDestination = verdictNeedsDestination(source.rules);
    const verdict = perDestination
      ? importVerdictFor(this.tables, source.rules, rib, path, rib.routeNlri[route])
      : importVerdict(this.tables, source.rules, rib.family, path);
    rib.setAccepted(route, Math.max(0, verdict), Math.max(0, -verdict));
    if (perDestination && verdict > 0) this.tables.paths.discardUnreferenced(verdict);
  }

  /** Next-hop resolution changed: paths through changed next hops are judged again. */
  reresolve(router: RouterSettings, sources: Iterable<RouteSource>): void {
    const changed = this.tables.nextHops.reresolve(this.#resolverOf(router));
    if (changed.size === 0) return;
    for (const source of sources) this.reimport(source);
    // A new cost changes the decision even where the verdict stays.
    for (const { rib } of this.families.values()) {
      for (let route = 1; route < rib.routeTop; route++) {
        const path = rib.acceptedOf(route);
        if (path !== 0 && changed.has(this.tables.paths.nextHop[path])) rib.markDirty(rib.routeNlri[route]);
      }
    }
  }

  /** What the kernel's routes say of next hops. Counts from the next `reresolve` on. */
  setKernelResolver(resolver: Resolver): void {
    this.#kernelResolver = resolver;
  }

  #resolverOf(router: RouterSettings): Resolver {
    switch (router.nextHopResolution) {
      case 'none':
        return () => ({ reachable: true, cost: 0 });
      case 'static':
        return staticResolver(router.nextHops);
      case 'kernel':
        return this.#kernelResolver;
    }
  }

  setDecisionOptions(options: DecisionOptions): void {
    this.tables.decision.setOptions(options);
    this.redecide();
  }

  /** Calls back for each decided NLRI, whether its best route is another one or not. Returns the way to stop. */
  watchBest(listener: BestListener): () => void {
    this.#bestListeners.add(listener);
    this.#tellBest();
    return () => {
      this.#bestListeners.delete(listener);
      this.#tellBest();
    };
  }

  /** Best-path changes cost nothing while nobody listens. */
  #tellBest(): void {
    const [first, ...others] = this.#bestListeners;
    this.#hooks.bestChanged =
      others.length === 0
        ? first
        : (state, nlri) => {
            for (const listener of this.#bestListeners) listener(state, nlri);
          };
  }

  /** Calls back for each change of a route as received or as accepted; see `FamilyRib.changed`. Returns the way to stop. */
  watchRoutes(listener: RouteListener): () => void {
    const tell = () => this.families.forEach((state) => void this.#tellRoutes(state));
    this.#routeListeners.add(listener);
    tell();
    return () => {
      this.#routeListeners.delete(listener);
      tell();
    };
  }

  #tellRoutes(state: FamilyState): void {
    const listeners = [...this.#routeListeners];
    state.rib.changed =
      listeners.length === 0
        ? undefined
        : (route) => {
            for (const listener of listeners) listener(state, route);
          };
  }

  /** Something that every decision depends on changed. */
  redecide(): void {
    for (const { rib } of this.families.values()) {
      for (let nlri = 1; nlri < rib.nlri.top; nlri++) if (rib.nlri.isUsed(nlri)) rib.markDirty(nlri);
    }
  }

  /** Puts a member into the group of these settings, from nothing or from the group it is in. */
  assign(family: FamilyKey, membership: Membership, settings: GroupSettings): void {
    const state = this.family(family);
    this.#feeding.get(family)?.add(membership);
    const key = groupKey(settings);
    const { group, awaited } = membership;
    if ((awaited ?? group)?.key === key) return;
    membership.awaited = undefined;
    if (group === undefined) {
      const target = state.groupFor(settings);
      membership.awaited = target;
      target.firstPass.whenDone(() => this.#arrive(state, membership, target));
    } else if (group.key !== key) {
      const target = state.successorOf(group, settings);
      membership.awaited = target;
      target.firstPass.whenCopied(() => this.#arrive(state, membership, target));
    }
    this.#assigned = true;
    if (awaited) state.dropIfEmpty(awaited);
  }

  #arrive(state: FamilyState, membership: Membership, target: UpdateGroup): void {
    if (membership.awaited !== target) {
      state.dropIfEmpty(target);
      return;
    }
    membership.awaited = undefined;
    if (membership.group !== undefined) {
      this.#handOver(state, membership, target);
      return;
    }
    const member = new GroupMember(membership.peer, membership.bgpIdentifier, membership.send);
    target.join(member);
    membership.group = target;
    membership.member = member;
  }

  #handOver(state: FamilyState, membership: Membership, target: UpdateGroup): void {
    const { group, member } = membership;
    if (group === undefined || member === undefined) return;
    group.handOver(member, target);
    membership.group = target;
    state.dropIfEmpty(group);
  }

  /** All members of one group move into another that holds the same. */
  readonly #unite = (state: FamilyState, group: UpdateGroup, into: UpdateGroup): void => {
    for (const membership of this.#feeding.get(state.family)?.of(group) ?? [])
      this.#handOver(state, membership, into);
  };

  /** The session is gone. */
  resign(family: FamilyKey, membership: Membership): void {
    const state = this.family(family);
    this.#feeding.get(family)?.delete(membership);
    const { group, member, awaited } = membership;
    membership.group = undefined;
    membership.member = undefined;
    membership.awaited = undefined;
    if (group && member) {
      group.remove(member);
      state.dropIfEmpty(group);
    }
    if (awaited) state.dropIfEmpty(awaited);
  }

  /** Destinations that wait for a decision. */
  get backlog(): number {
    let sum = 0;
    for (const state of this.families.values()) sum += state.backlog;
    return sum;
  }

  /** Is there anything to do that `work` would do now? */
  hasWork(now: number): boolean {
    for (const [family, state] of this.families)
      if (state.hasWork || this.#feeding.get(family)?.hasWork(now)) return true;
    return false;
  }

  /** The next advertisement interval that ends, host milliseconds; Infinity for none. */
  nextDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const feeding of this.#feeding.values()) earliest = Math.min(earliest, feeding.nextDeadline());
    return earliest;
  }

  /** One turn of at most so many items per phase: decide, export, feed those who lag. True while there is more. */
  work(now: number, items: number = batchSize): boolean {
    let more = false;
    this.#assigned = false;
    for (const [family, state] of this.families) {
      if (state.hasWork) {
        more = state.work(items) || more;
        state.uniteSuccessors(this.#unite);
      }
      more = this.#feeding.get(family)?.work(now, items) || more;
    }
    // Decided memberships move members of families that had their turn before.
    return more || this.#assigned;
  }

  /** For `status`: bytes of all tables and RIBs (not of the garbage collected heap). */
  get bytes(): number {
    let sum = this.tables.attributes.bytes + this.tables.paths.bytes;
    for (const { rib, groups } of this.families.values()) {
      sum += rib.bytes;
      for (const group of groups.values()) sum += group.bytes;
    }
    return sum;
  }
}
