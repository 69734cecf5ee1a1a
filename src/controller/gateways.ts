/**
 * The state machine of a gateway as the controller sees it: registering, spare, active, suspect, failed, returning,
 * draining, drained, quarantined. Owns when a gateway counts as failed and when it may serve again; not where its slots go.
 */

import { systemOf } from './names.ts';
import { type Detection, detectionOf, graceEnd, leaseEnd, type Observations } from './observations.ts';
import { isLeaving, slotsOn } from './occupancy.ts';
import type { Gateway, GatewayPhase, GatewayStatus } from './resources.ts';
import { type Draft, sameValue, type Tables } from './snapshot.ts';

/** What every step of one plan knows. */
export interface Planning {
  readonly draft: Draft;
  readonly observations: Observations;
  readonly now: number;
}

export function detectionFor(tables: Tables, gateway: string): Detection {
  const pool = tables.gateways.get(gateway)?.spec.pool;
  return detectionOf(tables.pools.get(pool ?? '')?.spec);
}

/** Nothing destructive may happen to this gateway yet: the controller has only just started. */
export function inGrace({ draft, observations, now }: Planning, gateway: string): boolean {
  return now < graceEnd(observations, detectionFor(draft, gateway));
}

/** Whatever the processes there do: no lease of this gateway can still be running. */
export function leaseIsOver({ draft, observations, now }: Planning, gateway: string): boolean {
  return now >= leaseEnd(observations, gateway, detectionFor(draft, gateway));
}

/** The guard has taken everything away, or an operator vouches for a gateway that is switched off. */
export function isKnownDead({ draft, observations }: Planning, gateway: string): boolean {
  if (draft.gateways.get(gateway)?.spec.verdict === 'dead') return true;
  const report = observations.agents.get(gateway)?.report;
  return report?.from === 'guard' && report.held.length === 0;
}

/** Has the gateway let go of what it held before `revision`? Its own word, the guard's, or time itself. */
export function hasApplied(planning: Planning, gateway: string, revision: number): boolean {
  if (!planning.draft.gateways.has(gateway)) return true;
  if (isKnownDead(planning, gateway)) return true;
  if (leaseIsOver(planning, gateway) && !inGrace(planning, gateway)) return true;
  return (planning.observations.agents.get(gateway)?.report.appliedRevision ?? -1) >= revision;
}

/** Does the controller answer this gateway's renewals with a lease? */
export function grantsLease(tables: Tables, gateway: string): boolean {
  const known = tables.gateways.get(gateway);
  return known !== undefined && known.status.phase !== 'Failed' && known.spec.verdict === undefined;
}

export function newGatewayStatus(now: number): GatewayStatus {
  return {
    phase: 'Registering',
    wipeRevision: 0,
    failures: [],
    idleSince: now,
    loadUnits: 0,
    capacityUnits: 0,
    tenants: 0,
    conditions: [],
  };
}

/** One step for every gateway. */
export function planGateways(planning: Planning): void {
  for (const gateway of planning.draft.gateways.values()) {
    const { underlayUp: _, ...next } = step(planning, gateway);
    const status = { ...next, ...heardUnderlay(planning, gateway) };
    if (!sameValue(status, gateway.status)) planning.draft.gateways.set(gateway.name, { ...gateway, status });
  }
}

/** By its own word; what was stored holds until it has spoken to this controller. */
function heardUnderlay(
  { observations }: Planning,
  { name, spec, status }: Gateway,
): Pick<GatewayStatus, 'underlayUp'> {
  const report = observations.agents.get(name)?.report;
  const up = report ? report.underlayUp : status.underlayUp;
  return spec.underlayBgp && up ? { underlayUp: [...up].sort() } : {};
}

function step(planning: Planning, gateway: Gateway): GatewayStatus {
  const { phase } = gateway.status;
  if (phase === 'Registering')
    return isClean(planning, gateway) ? cleared(planning, gateway) : gateway.status;
  if (phase === 'Failed') return hasReturned(planning, gateway) ? to(gateway, 'Returning') : gateway.status;
  if (isLost(planning, gateway)) return failed(planning, gateway);
  if (phase === 'Returning') return isClean(planning, gateway) ? returned(planning, gateway) : gateway.status;
  if (phase === 'Quarantined') {
    return isRested(planning, gateway) ? cleared(planning, gateway) : gateway.status;
  }
  return inService(planning, gateway);
}

function inService(planning: Planning, gateway: Gateway): GatewayStatus {
  const busy = slotsOn(planning.draft, gateway.name).length > 0;
  if (isLeaving(gateway)) return to(gateway, busy ? 'Draining' : 'Drained');
  const { renewMs } = detectionFor(planning.draft, gateway.name);
  const seen = Math.max(
    planning.observations.agents.get(gateway.name)?.seenAt ?? 0,
    planning.observations.startedAt,
  );
  if (planning.now - seen > 2 * renewMs) return to(gateway, 'Suspect');
  return to(gateway, busy ? 'Active' : 'Spare');
}

function to(gateway: Gateway, phase: GatewayPhase): GatewayStatus {
  return gateway.status.phase === phase ? gateway.status : { ...gateway.status, phase };
}

function isLost(planning: Planning, { name, spec }: Gateway): boolean {
  if (spec.verdict !== undefined) return true;
  if (inGrace(planning, name)) return false;
  if (isKnownDead(planning, name)) return true;
  // One that has just come back has been heard, but its renewals have not been answered yet.
  const { leaseTtlMs, marginMs } = detectionFor(planning.draft, name);
  const seen = planning.observations.agents.get(name)?.seenAt ?? 0;
  return leaseIsOver(planning, name) && planning.now >= seen + leaseTtlMs + marginMs;
}

function failed({ draft, now }: Planning, gateway: Gateway): GatewayStatus {
  const failures = [...gateway.status.failures, now].slice(-16);
  return { ...to(gateway, 'Failed'), failures, wipeRevision: draft.revision };
}

/** Heard of again since it failed, and nobody keeps it out. */
function hasReturned({ observations }: Planning, gateway: Gateway): boolean {
  const agent = observations.agents.get(gateway.name);
  if (gateway.spec.verdict !== undefined || agent?.report.from !== 'agent') return false;
  return agent.seenAt > Math.max(...gateway.status.failures, observations.startedAt);
}

/** It says itself that it holds nothing, and says so of a state no older than the order to wipe. */
function isClean({ draft, observations }: Planning, gateway: Gateway): boolean {
  const report = observations.agents.get(gateway.name)?.report;
  if (report?.from !== 'agent' || report.held.length > 0) return false;
  return report.appliedRevision >= gateway.status.wipeRevision && slotsOn(draft, gateway.name).length === 0;
}

function quarantineOf(tables: Tables) {
  return systemOf(tables).spec.quarantine ?? { failures: 3, windowSeconds: 600, cleanSeconds: 1800 };
}

function returned(planning: Planning, gateway: Gateway): GatewayStatus {
  const { failures, windowSeconds } = quarantineOf(planning.draft);
  const since = planning.now - windowSeconds * 1000;
  if (gateway.status.failures.filter((at) => at >= since).length >= failures)
    return to(gateway, 'Quarantined');
  return cleared(planning, gateway);
}

/** Long enough without a failure, or drained and taken back by an operator (which forgets its failures). */
function isRested(planning: Planning, gateway: Gateway): boolean {
  const last = Math.max(...gateway.status.failures, 0);
  return planning.now - last >= quarantineOf(planning.draft).cleanSeconds * 1000;
}

function cleared(planning: Planning, gateway: Gateway): GatewayStatus {
  const phase = isLeaving(gateway) ? 'Drained' : 'Spare';
  return { ...to(gateway, phase), idleSince: planning.now };
}
