/**
 * What the controller has heard, as plain data: the newest report of each gateway's agent, the reflectors' route feeds,
 * how far the appliers are. Owns the order of reports (a late or repeated one changes nothing) and the lease arithmetic
 * of the controller's side; not the transport. Nothing here survives a restart: until it is heard again, a lease may be
 * as old as the controller's start.
 */
import type { GatewayPoolSpec } from './resources.ts';

export interface Held {
  readonly slot: string;
  readonly epoch: number;
}

/** What an agent, or the guard beside it, says. `incarnation` grows with each start of the process. */
export interface AgentReport {
  readonly gateway: string;
  readonly incarnation: number;
  readonly sequence: number;
  /** `guard`: the daemon died and its addresses and links have been taken away since. */
  readonly from: 'agent' | 'guard';
  readonly appliedRevision: number;
  /** Slots of which an address, link or VIP is in the kernel. */
  readonly held: readonly Held[];
  readonly tenants: readonly TenantReport[];
  /** Connections whose tunnel is up. */
  readonly tunnelsUp: readonly string[];
  /** Routers of the underlay with which a session is Established, by address. Absent: an agent that does not say. */
  readonly underlayUp?: readonly string[];
}
export interface TenantReport {
  readonly tenant: string;
  readonly slot: string;
  readonly epoch: number;
  readonly rr: 'Off' | 'Starting' | 'Syncing' | 'Serving';
  /** Names of BgpPeers whose session is Established. */
  readonly established: readonly string[];
}

export interface AgentObservation {
  readonly report: AgentReport;
  /** Receipt of the newest report. */
  readonly seenAt: number;
  /** Receipt of the last renewal that was answered with a lease. */
  readonly leasedAt: number;
}

export interface FeedRoute {
  readonly prefix: string;
  readonly nextHop: string;
  readonly metric: number;
}
/** A reflector's Loc-RIB as received so far under one epoch of its slot. */
export interface RouteFeed {
  readonly tenant: string;
  readonly slot: string;
  readonly epoch: number;
  readonly endOfRib: boolean;
  readonly routes: readonly FeedRoute[];
}

export interface Observations {
  readonly startedAt: number;
  readonly agents: ReadonlyMap<string, AgentObservation>;
  /** By tenant. */
  readonly feeds: ReadonlyMap<string, RouteFeed>;
  /** The revision whose tables the appliers have confirmed. */
  readonly appliedRules: number;
  readonly appliedRoutes: number;
}

export function noObservations(startedAt: number): Observations {
  return { startedAt, agents: new Map(), feeds: new Map(), appliedRules: 0, appliedRoutes: 0 };
}

/** Takes a report in. `leased`: it was a renewal and was answered with a lease. A report out of order is ignored. */
export function observe(
  observations: Observations,
  report: AgentReport,
  context: { readonly now: number; readonly leased: boolean },
): Observations {
  const known = observations.agents.get(report.gateway);
  if (known && !isNewer(report, known.report)) return observations;
  const leasedAt = context.leased ? context.now : (known?.leasedAt ?? observations.startedAt);
  const agents = new Map(observations.agents);
  agents.set(report.gateway, { report, seenAt: context.now, leasedAt });
  return { ...observations, agents };
}

export function isNewer(report: AgentReport, known: AgentReport): boolean {
  if (report.incarnation !== known.incarnation) return report.incarnation > known.incarnation;
  // The guard speaks last for an incarnation: whatever the dead daemon still had on the wire is old.
  if (report.from !== known.from) return report.from === 'guard';
  return report.sequence > known.sequence;
}

/** Takes a feed in; a stream of an older epoch than the known one is refused. */
export function observeFeed(observations: Observations, feed: RouteFeed): Observations {
  const known = observations.feeds.get(feed.tenant);
  if (known && known.slot === feed.slot && known.epoch > feed.epoch) return observations;
  const feeds = new Map(observations.feeds);
  feeds.set(feed.tenant, feed);
  return { ...observations, feeds };
}

export interface Detection {
  readonly renewMs: number;
  readonly leaseTtlMs: number;
  readonly marginMs: number;
}

export function detectionOf(pool: GatewayPoolSpec | undefined): Detection {
  const { renewMs = 1000, leaseTtlMs = 4000, marginMs = 500 } = pool?.detection ?? {};
  return { renewMs, leaseTtlMs, marginMs };
}

/** From this instant on, no lease that was ever granted to the gateway can still be running. */
export function leaseEnd(observations: Observations, gateway: string, detection: Detection): number {
  // A controller that died just now may have granted one with its last breath.
  const from = Math.max(observations.startedAt, observations.agents.get(gateway)?.leasedAt ?? 0);
  return from + detection.leaseTtlMs + detection.marginMs;
}

/** A controller that has just started does nothing destructive before everybody had the time to renew. */
export function graceEnd(observations: Observations, detection: Detection): number {
  return observations.startedAt + detection.leaseTtlMs + detection.marginMs + 2 * detection.renewMs;
}

/** The newest revision any agent has applied: an older store has forgotten something. */
export function highestRevision(observations: Observations): number {
  return Math.max(0, ...[...observations.agents.values()].map(({ report }) => report.appliedRevision));
}
