/**
 * The state machine of a slot, the identity a standby inherits: bound, being released, unbound. Every binding to another
 * gateway raises the epoch, and only happens when the old holder has provably let go: by its own report, its guard's, an
 * operator's word, or the end of its lease. Owns failover, draining and co-hosting; roles.ts owns the reflectors on top.
 */

import { recordMove } from './events.ts';
import { hasApplied, inGrace, isKnownDead, leaseIsOver, type Planning } from './gateways.ts';
import { skipSlotNames } from './names.ts';
import { detectionOf, graceEnd } from './observations.ts';
import {
  canAnnounce,
  connectionsOf,
  isEligible,
  needsAnnouncement,
  poolOf,
  reflectorsOf,
  tenantsOf,
} from './occupancy.ts';
import { pickStandby } from './placement.ts';
import type { FailoverTrigger, Gateway, Slot, SlotStatus } from './resources.ts';
import { compareNames } from './snapshot.ts';

export function planSlots(planning: Planning): void {
  const { draft } = planning;
  adoptHigherEpochs(planning);
  for (const slot of [...draft.slots.values()]) leaveHolder(planning, slot);
  for (const slot of [...draft.slots.values()].sort(urgency(planning))) settle(planning, slot);
}

/** RR-bearing slots first, then those with more tenants, then the one without a gateway for longest, then by name. */
function urgency({ draft }: Planning): (a: Slot, b: Slot) => number {
  return (a, b) =>
    Number(reflectorsOf(draft, b.name).length > 0) - Number(reflectorsOf(draft, a.name).length > 0) ||
    tenantsOf(draft, b.name).length - tenantsOf(draft, a.name).length ||
    (a.status.unboundSince ?? 0) - (b.status.unboundSince ?? 0) ||
    compareNames(a.name, b.name);
}

function write({ draft }: Planning, slot: Slot, status: SlotStatus): void {
  draft.slots.set(slot.name, { ...slot, status });
}

/**
 * A store restored from an old backup knows less than the agents: an epoch once used is never used again, and the agent
 * that serves under the higher one keeps the slot.
 */
function adoptHigherEpochs(planning: Planning): void {
  const { draft, observations, now } = planning;
  for (const [gateway, { report }] of [...observations.agents].sort(([a], [b]) => compareNames(a, b))) {
    for (const held of report.held) {
      const slot = draft.slots.get(held.slot);
      if (!slot) skipSlotNames(draft, held.slot);
      if (
        !slot ||
        held.epoch <= slot.status.epoch ||
        draft.gateways.get(gateway)?.spec.pool !== slot.spec.pool
      ) {
        continue;
      }
      const toEpoch = held.epoch + 1;
      recordMove(planning, { before: slot, to: gateway, toEpoch, trigger: 'Restore', detectedAt: now });
      const { releasing: _, unboundSince: __, unboundReason: ___, ...rest } = slot.status;
      write(planning, slot, { ...rest, phase: 'Bound', gateway, epoch: toEpoch });
    }
  }
}

/** First half: slots whose gateway failed or drains, or that nobody needs, start to leave it. */
function leaveHolder(planning: Planning, slot: Slot): void {
  const { draft } = planning;
  if (slot.status.phase !== 'Bound' || slot.status.gateway === null) return;
  const gateway = draft.gateways.get(slot.status.gateway);
  const afterRevision = draft.revision;
  if (gateway === undefined || gateway.status.phase === 'Failed') {
    const trigger = triggerOf(planning, slot.status.gateway);
    write(planning, slot, {
      ...slot.status,
      phase: 'Releasing',
      releasing: { afterRevision, target: null, trigger },
    });
  } else if (isUnused(planning, slot) && !inGrace(planning, gateway.name)) {
    write(planning, slot, {
      ...slot.status,
      phase: 'Releasing',
      releasing: { afterRevision, trigger: 'Drain' },
    });
  } else if (gateway.status.phase === 'Draining' && !inGrace(planning, gateway.name)) {
    const shelter = pickStandby(draft, slot, gateway.name);
    if (shelter.type === 'none' || silences(planning, slot, gateway, shelter.gateway)) return;
    const releasing = { afterRevision, target: shelter.gateway, trigger: 'Drain' as const };
    write(planning, slot, { ...slot.status, phase: 'Releasing', releasing });
  }
}

/** What can wait does not take a VIP from where it is announced to where it is not. */
function silences({ draft }: Planning, slot: Slot, holder: Gateway, target: string): boolean {
  const to = draft.gateways.get(target);
  return needsAnnouncement(draft, slot) && canAnnounce(holder) && to !== undefined && !canAnnounce(to);
}

function triggerOf(planning: Planning, gateway: string): FailoverTrigger {
  if (planning.draft.gateways.get(gateway)?.spec.verdict !== undefined) return 'Operator';
  return isKnownDead(planning, gateway) ? 'AgentFault' : 'LeaseExpired';
}

function isUnused({ draft }: Planning, slot: Slot): boolean {
  return connectionsOf(draft, slot.name).length === 0 && tenantsOf(draft, slot.name).length === 0;
}

/** Second half: what has been let go of finds its new place, or ends. */
function settle(planning: Planning, slot: Slot): void {
  if (slot.status.phase === 'Releasing') settleReleasing(planning, slot);
  if (slot.status.phase !== 'Unbound') return;
  if (isUnused(planning, slot)) {
    planning.draft.slots.delete(slot.name);
    return;
  }
  // I-AUD: what a plan leaves unbound the next one binds, when room came free in the same one: each has its own event.
  if (slot.status.unboundSince === planning.now) return;
  const { spec } = poolOf(planning.draft, slot.spec.pool);
  // An old backup may call unbound what somebody serves; by then everybody has had the time to say so.
  if (planning.now >= graceEnd(planning.observations, detectionOf(spec)))
    bind(planning, slot, null, 'CapacityReturned');
}

function settleReleasing(planning: Planning, slot: Slot): void {
  const { releasing, gateway } = slot.status;
  if (!releasing || gateway === null) return;
  if (!hasReleased(planning, slot, gateway)) {
    keepTarget(planning, slot);
    return;
  }
  if (releasing.target === undefined) {
    planning.draft.slots.delete(slot.name);
    return;
  }
  const target = planning.draft.gateways.get(releasing.target ?? '');
  const chosen = target && isEligible(target) ? target.name : null;
  bind(planning, slot, chosen, releasing.trigger);
}

/** A target that fails before the slot arrives is replaced as soon as that is seen. */
function keepTarget(planning: Planning, slot: Slot): void {
  const { releasing } = slot.status;
  const target = planning.draft.gateways.get(releasing?.target ?? '');
  if (!releasing?.target || (target && isEligible(target))) return;
  write(planning, slot, { ...slot.status, releasing: { ...releasing, target: null } });
}

/** Rule 8: by its own report at or after the release revision, or because nothing of it can be alive. */
function hasReleased(planning: Planning, slot: Slot, gateway: string): boolean {
  const { draft, observations } = planning;
  if (!draft.gateways.has(gateway) || isKnownDead(planning, gateway)) return true;
  if (leaseIsOver(planning, gateway) && !inGrace(planning, gateway)) return true;
  const report = observations.agents.get(gateway)?.report;
  if (!report || !hasApplied(planning, gateway, slot.status.releasing?.afterRevision ?? 0)) return false;
  return !report.held.some((held) => held.slot === slot.name);
}

/** Binds the slot to `chosen` or to the best shelter there is; without one it is left unbound. */
function bind(planning: Planning, slot: Slot, chosen: string | null, trigger: FailoverTrigger): void {
  const { draft, now } = planning;
  const { releasing: _, unboundSince, unboundReason: __, ...kept } = slot.status;
  const holder = draft.gateways.get(kept.gateway ?? '');
  // Its own reservation, if any, must not stand in its way.
  write(planning, slot, { ...kept, phase: 'Unbound', gateway: null });
  const shelter = chosen === null ? pickStandby(draft, slot, kept.gateway) : undefined;
  const stay = holder?.status.phase === 'Draining' ? holder.name : null;
  const to = chosen ?? (shelter && shelter.type !== 'none' ? shelter.gateway : stay);
  if (to !== null) {
    const epoch = kept.epoch + 1;
    recordMove(planning, { before: slot, to, toEpoch: epoch, trigger, detectedAt: unboundSince ?? now });
    write(planning, slot, { ...kept, phase: 'Bound', gateway: to, epoch });
    return;
  }
  const reason = shelter?.type === 'none' ? shelter.reason : 'NoCapacity';
  if (kept.gateway !== null) {
    recordMove(planning, { before: slot, to: null, toEpoch: kept.epoch, trigger, detectedAt: now });
  }
  const since = unboundSince ?? now;
  write(planning, slot, {
    ...kept,
    phase: 'Unbound',
    gateway: null,
    unboundSince: since,
    unboundReason: reason,
  });
}
