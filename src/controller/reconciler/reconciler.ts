/**
 * The loop around the planner: reports become observations, a plan becomes a transaction, what is stored is told to
 * gateways and appliers. Owns the order of these; time, storage and appliers come in. One transaction is under way at a
 * time, clients' and plans' alike. A report is answered from what is stored and never waits for a plan, but for a
 * transaction that is being written: a lease granted beside it could be one that it took away.
 */
import type { ChangeAnswer, ReportAnswer } from '../agent-protocol.ts';
import { DerivedMemo } from '../derived-memo.ts';
import { answerFor } from '../desired.ts';
import { FeedStreams } from '../feed-streams.ts';
import { grantsLease } from '../gateways.ts';
import { transitionViolations, type Violation, violations } from '../invariants.ts';
import {
  type AgentReport,
  detectionOf,
  highestRevision,
  isNewer,
  noObservations,
  type Observations,
  observe,
  observeFeed,
  type RouteFeed,
} from '../observations.ts';
import { type Command, plan } from '../plan.ts';
import type { Change, Kind, Snapshot } from '../snapshot.ts';
import type { CommitOutcome, Store } from '../store/store.ts';
import { ChangeBoard } from './change-board.ts';
import type { Clock } from './clock.ts';

/** Programs the derived tables; may be called again with the same. Rejects to be called again after a second. */
export interface Appliers {
  rules(snapshot: Snapshot): Promise<void>;
  routes(snapshot: Snapshot): Promise<void>;
}

export interface ReconcilerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly appliers?: Appliers;
  readonly onViolation: (violation: Violation) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between plans when nothing is heard. */
const tickMs = 200;
/** Reports that arrive together are planned together; and no more than half of the time goes into plans. */
const gatherMs = 5;
/** Before what an applier refused is tried again. */
const applyRetryMs = 1000;
/** What gateways are told about. */
const gatewayKinds: readonly Kind[] = ['gateways', 'tenants', 'connections', 'peers', 'policies', 'slots'];

export type ReportOutcome =
  | { readonly type: 'answer'; readonly answer: ReportAnswer }
  | { readonly type: 'unknown-gateway' }
  /** Overtaken by a later report of the same gateway: nothing can be said to it. */
  | { readonly type: 'stale' }
  /** A later controller has the store: leases are its to grant. */
  | { readonly type: 'fenced' };

export interface ReconcilerCounts {
  readonly violations: number;
  readonly plans: number;
  readonly transactions: number;
  /** Seconds that all plans took together, and the longest. */
  readonly planSeconds: number;
  readonly longestPlanSeconds: number;
}

export class Reconciler {
  /** The reflectors' route feeds that are open. */
  readonly feeds: FeedStreams;
  readonly #options: ReconcilerOptions;
  readonly #board: ChangeBoard;
  readonly #unwatch: () => void;
  readonly #memo = new DerivedMemo();
  #observations: Observations;
  /** The end of the last piece of work that writes. */
  #writing: Promise<unknown> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  #lastPlanMs = 0;
  #dueAt = Number.POSITIVE_INFINITY;
  #stopped = false;
  #fenced = false;
  #standing = new Set<string>();
  /** The appliers are at work. */
  #applying: Promise<void> | undefined;
  #applyAgainAt = 0;
  #applyFailure: string | undefined;
  #counts = { violations: 0, plans: 0, transactions: 0, planSeconds: 0, longestPlanSeconds: 0 };
  #wanted: { rules: number; routes: number };

  constructor(options: ReconcilerOptions) {
    const { store, clock } = options;
    this.#options = options;
    this.#observations = noObservations(clock.now());
    this.#board = new ChangeBoard(clock, { term: store.term, revision: store.snapshot.revision });
    // Nobody knows what was applied before this start.
    this.#wanted = { rules: store.snapshot.revision, routes: store.snapshot.revision };
    this.feeds = new FeedStreams({
      clock,
      snapshot: () => store.snapshot,
      feed: (feed) => this.feed(feed),
    });
    this.#unwatch = store.watch((snapshot, changes) => this.#tell(snapshot, changes));
  }

  start(): void {
    this.#planIn(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#unwatch();
    this.#board.close();
    this.feeds.close();
    await this.#writing;
    await this.#applying;
  }

  get snapshot(): Snapshot {
    return this.#options.store.snapshot;
  }

  get observations(): Observations {
    return this.#observations;
  }

  get counts(): ReconcilerCounts {
    return this.#counts;
  }

  async report(report: AgentReport): Promise<ReportOutcome> {
    const { store, clock } = this.#options;
    const { gateway } = report;
    if (!store.snapshot.gateways.has(gateway)) return { type: 'unknown-gateway' };
    if (this.#fenced) return { type: 'fenced' };
    const known = this.#observations.agents.get(gateway)?.report;
    if (known && !isNewer(report, known)) return { type: 'stale' };
    const leased = report.from === 'agent' && grantsLease(store.snapshot, gateway);
    this.#observations = observe(this.#observations, report, { now: clock.now(), leased });
    if (highestRevision(this.#observations) > store.snapshot.revision)
      await this.#exclusively(() => this.#plan());
    else this.#planIn(report.from === 'guard' ? 0 : this.#pauseMs());
    await this.#writing;
    return this.#answer(gateway, leased);
  }

  /** `leased`: the renewal was noted as one that gets a lease; what was not noted gets none. */
  #answer(gateway: string, leased: boolean): ReportOutcome {
    const { store, clock } = this.#options;
    const { snapshot, term } = store;
    const spec = snapshot.gateways.get(gateway)?.spec;
    if (this.#fenced) return { type: 'fenced' };
    if (!spec) return { type: 'unknown-gateway' };
    const { leaseTtlMs, renewMs } = detectionOf(snapshot.pools.get(spec.pool)?.spec);
    const desired = answerFor(snapshot, this.#observations, gateway, clock.now());
    const leaseMs = leased && grantsLease(snapshot, gateway) ? leaseTtlMs : 0;
    return { type: 'answer', answer: { term, revision: desired.revision, leaseMs, renewMs, desired } };
  }

  /** Resolves when gateways are to be told something newer than `seen`, or after so many milliseconds. */
  changes(seen: ChangeAnswer, waitMs: number): Promise<ChangeAnswer> {
    return this.#board.newerThan(seen, waitMs);
  }

  feed(feed: RouteFeed): void {
    this.#observations = observeFeed(this.#observations, feed);
    this.#planIn(this.#pauseMs());
  }

  /** A client's transaction: `build` sees what it is built on. `undefined` from it: nothing is written. */
  async write(
    build: (snapshot: Snapshot, now: number) => readonly Change[] | undefined,
  ): Promise<CommitOutcome | undefined> {
    return this.#exclusively(async () => {
      const { store, clock } = this.#options;
      const changes = build(store.snapshot, clock.now());
      if (changes === undefined) return undefined;
      const outcome = await this.#commit(changes);
      this.#planIn(0);
      return outcome;
    });
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => undefined);
    return result;
  }

  #pauseMs(): number {
    return Math.max(gatherMs, Math.min(this.#lastPlanMs, 1000));
  }

  /** Of several wishes the earliest counts; a tick is a wish like any other. */
  #planIn(ms: number): void {
    const { clock, onError } = this.#options;
    if (this.#stopped || clock.now() + ms >= this.#dueAt) return;
    this.#cancelTimer();
    this.#dueAt = clock.now() + ms;
    this.#cancelTimer = clock.after(ms, () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#planIn(tickMs);
      this.#exclusively(() => this.#plan()).catch((error: Error) => onError(error));
    });
  }

  async #plan(): Promise<void> {
    if (this.#stopped || this.#fenced || this.#options.store.readOnly !== undefined) return;
    // One plan, or one and a raised revision before it; whatever else comes up waits for the next tick.
    for (let round = 0; round < 2; round++) {
      const { changes, commands } = this.#timed();
      const raise = commands.find((command) => command.type === 'raise-revision');
      if (changes.length > 0 || raise) await this.#commit(changes, raise?.to);
      this.#note(commands);
      if (!raise) break;
    }
    this.#applying ??= this.#apply().finally(() => {
      this.#applying = undefined;
    });
  }

  #timed() {
    const { store, clock } = this.#options;
    const startedAt = clock.now();
    const result = plan(store.snapshot, this.#observations, startedAt, this.#memo);
    this.#lastPlanMs = clock.now() - startedAt;
    const seconds = this.#lastPlanMs / 1000;
    this.#counts.plans++;
    this.#counts.planSeconds += seconds;
    this.#counts.longestPlanSeconds = Math.max(this.#counts.longestPlanSeconds, seconds);
    return result;
  }

  async #commit(changes: readonly Change[], raiseTo?: number): Promise<CommitOutcome> {
    const { store } = this.#options;
    const before = store.snapshot;
    const raise = raiseTo === undefined ? {} : { raiseTo };
    const outcome = await store.commit({ readRevision: before.revision, changes, ...raise });
    if (!outcome.ok) {
      this.#fenced ||= outcome.reason === 'Fenced';
      this.#options.onError(new Error(`${outcome.reason}: ${outcome.message}`));
      return outcome;
    }
    this.#counts.transactions++;
    this.#check(before, outcome.snapshot);
    return outcome;
  }

  /** A statement that goes on being broken is told once. */
  #check(before: Snapshot, after: Snapshot): void {
    const standing = violations(after);
    const broken = [
      ...transitionViolations(before, after),
      ...standing.filter((violation) => !this.#standing.has(textOf(violation))),
    ];
    this.#standing = new Set(standing.map(textOf));
    this.#counts.violations += broken.length;
    for (const violation of broken) this.#options.onViolation(violation);
  }

  #tell(snapshot: Snapshot, changes: readonly Change[]): void {
    if (changes.some(({ kind }) => kind === 'slots' || kind === 'tenants')) this.feeds.review();
    // A raised revision has no changes; without being told of it, agents would wait for their next renewal.
    if (changes.length === 0 || changes.some(({ kind }) => gatewayKinds.includes(kind)))
      this.#board.post({ term: this.#options.store.term, revision: snapshot.revision });
  }

  #note(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.type === 'apply-rules') this.#wanted.rules = command.revision;
      if (command.type === 'apply-routes') this.#wanted.routes = command.revision;
    }
  }

  /**
   * Beside everything else: an applier may take its time, and a report must not wait for it. What it refuses is tried
   * again after a while, and told once for each reason: rules and routes are whole tables.
   */
  async #apply(): Promise<void> {
    const { store, appliers, onError, clock } = this.#options;
    if (clock.now() < this.#applyAgainAt) return;
    const { snapshot } = store;
    const { revision } = snapshot;
    const ends = await Promise.allSettled([
      (async () => {
        if (this.#observations.appliedRules >= this.#wanted.rules) return;
        await appliers?.rules(snapshot);
        this.#applied({ appliedRules: revision });
      })(),
      (async () => {
        if (this.#observations.appliedRoutes >= this.#wanted.routes) return;
        await appliers?.routes(snapshot);
        this.#applied({ appliedRoutes: revision });
      })(),
    ]);
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [messageOf(end.reason)] : []));
    const failure = failures.length > 0 ? failures.join('; ') : undefined;
    if (failure !== undefined) {
      if (failure !== this.#applyFailure) onError(new Error(`not applied: ${failure}`));
      this.#applyAgainAt = clock.now() + applyRetryMs;
    }
    this.#applyFailure = failure;
  }

  #applied(how: Partial<Pick<Observations, 'appliedRules' | 'appliedRoutes'>>): void {
    this.#observations = { ...this.#observations, ...how };
    this.#planIn(gatherMs);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function textOf({ id, detail }: Violation): string {
  return `${id}: ${detail}`;
}
