/**
 * The controller's metrics as Prometheus text, made from the store, the observations and the loop's counts whenever
 * somebody asks. Nothing is labelled by prefix or message.
 */
import { detectionFor } from './gateways.ts';
import { leaseEnd, type Observations } from './observations.ts';
import type { ReconcilerCounts } from './reconciler/reconciler.ts';
import type { FailoverEvent, FailoverStep } from './resources.ts';
import type { Snapshot } from './snapshot.ts';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

const rrStates = ['None', 'Designated', 'Starting', 'Syncing', 'Serving', 'Interrupted', 'Moving'];

export function metricsText(
  snapshot: Snapshot,
  observations: Observations,
  counts: ReconcilerCounts,
  now: number,
): string {
  return [...storeFamilies(snapshot), leases(snapshot, observations, now), ...countFamilies(counts)]
    .map(familyText)
    .join('');
}

function storeFamilies(snapshot: Snapshot): readonly Family[] {
  const slots = [...snapshot.slots.values()];
  const pools = [...snapshot.pools.values()];
  return [
    gauge(
      'gw_slot_epoch',
      'Epoch of a slot.',
      slots.map((slot) => sample({ slot: slot.name }, slot.status.epoch)),
    ),
    gauge(
      'gw_failover_seconds',
      'The last finished failover of a slot: until it was detected, serving, finished.',
      failovers(snapshot),
    ),
    gauge(
      'gw_pool_reserve',
      'Spare gateways of a pool.',
      pools.map(({ name, status }) => sample({ pool: name }, status.spare)),
    ),
    gauge(
      'gw_pool_load_units',
      'Units in use on the gateways of a pool.',
      pools.map(({ name }) => sample({ pool: name }, loadOf(snapshot, name))),
    ),
    gauge(
      'gw_tenant_rr_state',
      'The state a reflector is in has 1, the others 0.',
      [...snapshot.tenants.values()].flatMap(({ name, status }) =>
        rrStates.map((state) => sample({ tenant: name, state }, status.rrPhase === state ? 1 : 0)),
      ),
    ),
    gauge(
      'gw_routes',
      'Routes of all reflectors.',
      ['Fresh', 'Stale'].map((state) =>
        sample({ state }, [...snapshot.routes.values()].filter((route) => route.state === state).length),
      ),
    ),
    gauge('gw_store_revision', 'Revision of the store.', [sample({}, snapshot.revision)]),
  ];
}

function loadOf(snapshot: Snapshot, pool: string): number {
  return [...snapshot.gateways.values()]
    .filter(({ spec }) => spec.pool === pool)
    .reduce((sum, { status }) => sum + status.loadUnits, 0);
}

function failovers(snapshot: Snapshot): readonly Sample[] {
  const last = new Map<string, FailoverEvent>();
  for (const event of snapshot.events.values())
    if (event.outcome === 'Completed' || event.outcome === 'CoHosted') last.set(event.slot, event);
  const phases: readonly (readonly [string, FailoverStep])[] = [
    ['detect', 'Detect'],
    ['serve', 'StartRR'],
    ['converge', 'Verify'],
  ];
  return [...last].flatMap(([slot, event]) =>
    phases.map(([phase, step]) => {
      const ended = event.steps.find(({ name }) => name === step)?.endedAt ?? event.startedAt;
      return sample({ slot, phase }, (ended - event.startedAt) / 1000);
    }),
  );
}

function leases(snapshot: Snapshot, observations: Observations, now: number): Family {
  const rest = (name: string) =>
    Math.max(0, leaseEnd(observations, name, detectionFor(snapshot, name)) - now) / 1000;
  return gauge(
    'gw_agent_lease_seconds',
    'Until no lease of the gateway can be running.',
    [...snapshot.gateways.keys()].map((gateway) => sample({ gateway }, rest(gateway))),
  );
}

function countFamilies(counts: ReconcilerCounts): readonly Family[] {
  const { violations, plans, planSeconds, longestPlanSeconds, transactions } = counts;
  const counter = (name: string, help: string, value: number): Family => ({
    name,
    help,
    type: 'counter',
    samples: [sample({}, value)],
  });
  return [
    counter('gw_invariant_violations_total', 'Statements found broken; must be 0.', violations),
    counter('gw_reconcile_seconds_sum', 'Seconds that plans took.', planSeconds),
    counter('gw_reconcile_seconds_count', 'Plans made.', plans),
    counter('gw_transactions_total', 'Transactions stored.', transactions),
    gauge('gw_reconcile_seconds_max', 'The longest plan.', [sample({}, longestPlanSeconds)]),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}

function sample(labels: Sample['labels'], value: number): Sample {
  return { labels, value };
}

function familyText({ name, help, type, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(
      ([label, text]) => `${label}="${text.replace(/["\\\n]/g, '_')}"`,
    );
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
