/**
 * The record of every change of a slot's gateway: one event each, with its epochs, its reason and its fourteen steps.
 * Steps end in order, by what agents and appliers report; an event is finished when the connections work, not when
 * configuration has been copied. Owns the record, decides nothing.
 */
import { isKnownDead, type Planning } from './gateways.ts';
import { newEventName } from './names.ts';
import { connectionsOf, reflectorsOf, slotsOn, tenantsOf } from './occupancy.ts';
import type { FailoverEvent, FailoverStep, FailoverTrigger, Slot } from './resources.ts';
import { failoverSteps } from './resources.ts';

/** Sites that never come back do not keep an event open for ever. */
const verifyLimitMs = 120_000;

export interface Move {
  readonly before: Slot;
  readonly to: string | null;
  readonly toEpoch: number;
  readonly trigger: FailoverTrigger;
  /** When the failure, or the wish to move, began. */
  readonly detectedAt: number;
}

export function recordMove({ draft, now }: Planning, move: Move): void {
  const { before, to, toEpoch, trigger } = move;
  supersede(draft.events, before.name);
  const name = newEventName(draft);
  const decided: readonly FailoverStep[] =
    to === null ? ['Detect', 'Fence', 'Choose'] : ['Detect', 'Fence', 'Choose', 'Bind'];
  draft.events.set(name, {
    name,
    slot: before.name,
    kind: kindOf(trigger),
    trigger,
    from: before.status.gateway,
    to,
    fromEpoch: before.status.epoch,
    toEpoch,
    tenants: tenantsOf(draft, before.name),
    rrFor: reflectorsOf(draft, before.name),
    revision: draft.revision,
    startedAt: move.detectedAt,
    steps: decided.map((step) => ({ name: step, endedAt: now })),
    outcome: to === null ? 'Unbound' : 'InProgress',
  });
}

function kindOf(trigger: FailoverTrigger): FailoverEvent['kind'] {
  if (trigger === 'Drain') return 'PlannedMove';
  return trigger === 'CapacityReturned' || trigger === 'Restore' ? 'Reconcile' : 'Failure';
}

/** A newer move of the slot ends the older one, wherever that had got to. */
function supersede(events: Map<string, FailoverEvent>, slot: string): void {
  for (const event of events.values())
    if (event.slot === slot && event.outcome === 'InProgress')
      events.set(event.name, { ...event, outcome: 'Superseded' });
}

export function planEvents(planning: Planning): void {
  for (const event of planning.draft.events.values())
    if (event.outcome === 'InProgress') planning.draft.events.set(event.name, advance(planning, event));
}

function advance(planning: Planning, event: FailoverEvent): FailoverEvent {
  const slot = planning.draft.slots.get(event.slot);
  if (slot?.status.epoch !== event.toEpoch) return { ...event, outcome: 'Superseded' };
  const late = planning.now - event.startedAt >= verifyLimitMs;
  const steps = [...event.steps];
  for (const name of failoverSteps.slice(steps.length)) {
    const missing = missingFor(planning, event, name);
    if (missing.length > 0 && !late) break;
    const detail = missing.length > 0 ? { detail: `gave up waiting for ${missing.join(', ')}` } : {};
    steps.push({ name, endedAt: planning.now, ...detail });
  }
  if (steps.length < failoverSteps.length) return { ...event, steps };
  const shared = slotsOn(planning.draft, event.to ?? '').length > 1;
  return { ...event, steps, outcome: shared ? 'CoHosted' : 'Completed' };
}

/** What a step still waits for; nothing: it is done. */
function missingFor(planning: Planning, event: FailoverEvent, step: FailoverStep): readonly string[] {
  const { observations, draft } = planning;
  const report = observations.agents.get(event.to ?? '')?.report;
  if (isKnownDead(planning, event.to ?? '')) return [`gateway ${event.to}`];
  const tenants = report?.tenants.filter((t) => t.slot === event.slot && t.epoch === event.toEpoch) ?? [];
  const served = new Map(tenants.map((tenant) => [tenant.tenant, tenant]));
  const reflectors = reflectorsOf(draft, event.slot);
  switch (step) {
    case 'Detect':
    case 'Fence':
    case 'Choose':
    case 'Bind':
      return [];
    case 'PushConfig':
      return (report?.appliedRevision ?? -1) >= event.revision ? [] : ['the configuration'];
    case 'MoveAddresses':
      return report?.held.some((held) => held.slot === event.slot && held.epoch === event.toEpoch)
        ? []
        : ['the addresses'];
    case 'RepointSLB':
      return observations.appliedRules >= event.revision ? [] : ['the load balancers'];
    case 'StartRR':
      return reflectors.filter((name) => (served.get(name)?.rr ?? 'Off') === 'Off');
    case 'StartClients':
      return tenantsOf(draft, event.slot).filter((name) => !served.has(name));
    case 'Tunnels':
    case 'Verify':
      return connectionsOf(draft, event.slot)
        .filter(({ name }) => !report?.tunnelsUp.includes(name))
        .map(({ name }) => name);
    case 'Peer':
      return [...draft.peers.values()]
        .filter(({ spec }) => reflectors.includes(spec.tenant) && !spec.adminDown)
        .filter(({ name, spec }) => !served.get(spec.tenant)?.established.includes(name))
        .map(({ name }) => name);
    case 'Sync':
      return reflectors.filter((name) => served.get(name)?.rr !== 'Serving');
    case 'Policies':
      return observations.appliedRoutes >= event.revision ? [] : ['the overlay'];
  }
}
