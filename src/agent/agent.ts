/**
 * The agent of a gateway: what it may hold and until when. It reports to the controller, keeps its lease, fences itself
 * when the lease is over, and steers the steps that bring kernel and instances to the desired state. Sans-IO: time comes
 * in with every call, reports and work go out through the host.
 *
 * What holds at every instant: nothing is served without a lease; a gateway that was fenced, or has just started, serves
 * nothing until an answer tells it what to hold; what it reports as held covers all that is in its kernel.
 */

import type { Held } from '../controller/observations.ts';
import { Admission } from './admission.ts';
import type { KernelProblem, LeaseLeft, Space } from './kernel-contract.ts';
import { Lease } from './lease.ts';
import type { AgentReport, ChangeAnswer, ReportAnswer, TenantReport } from './protocol.ts';
import type { GatewayFacts } from './spaces.ts';
import { Steps, type Work } from './steps.ts';
import { nothing, targetOf } from './target.ts';

export type AgentEvent =
  /** It has a lease, for the first time or again. */
  | { readonly type: 'leased' }
  | { readonly type: 'fenced'; readonly reason: string }
  | { readonly type: 'applied'; readonly revision: number; readonly held: readonly Held[] }
  /** An answer, or a slot in one, that does not count; `overtaken` is nothing unusual. */
  | { readonly type: 'refused' | 'overtaken'; readonly reason: string }
  | { readonly type: 'trouble'; readonly problems: readonly KernelProblem[] }
  | { readonly type: 'released' };

export interface AgentHost {
  /** Sends it; `answered` or `unanswered` with the ticket is the end of it. */
  report(report: AgentReport, ticket: number): void;
  /** Begins it; `worked` is the end. One at a time. */
  work(work: Work, lease: LeaseLeft): void;
  /** Lets the addresses of these live on, at once and whatever work is under way. */
  hold(spaces: readonly Space[], lease: LeaseLeft): readonly KernelProblem[];
  /** What the instances say of themselves, for those that reflect or are clients here. */
  tenants(): readonly TenantReport[];
  /** Routers of the underlay with which a session is Established, by address. */
  underlayUp(): readonly string[];
  now(): number;
  event(event: AgentEvent): void;
}

export interface AgentFacts extends GatewayFacts {
  /** Grows with each start of the daemon. */
  readonly incarnation: number;
}

/** Before the controller has said how often. */
const firstRenewMs = 1000;

/** Of the interval: a report that goes out on time must always be a renewal, however its answer was delayed before. */
const renewShare = 0.5;

/** Reports that may be under way together; of more, the oldest answer is not waited for. */
const mostTickets = 4;

type Phase = 'clearing' | 'fenced' | 'serving' | 'stopping' | 'stopped';

export class Agent {
  readonly #facts: AgentFacts;
  readonly #host: AgentHost;
  readonly #lease = new Lease();
  readonly #admission = new Admission();
  readonly #steps: Steps;
  /** When each report was sent. */
  readonly #tickets = new Map<number, number>();
  #phase: Phase = 'clearing';
  #sequence = 0;
  #appliedRevision = 0;
  #nextReportAt = Number.POSITIVE_INFINITY;
  #retryAt = Number.POSITIVE_INFINITY;
  #renewMs = firstRenewMs;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** `#state` of the last report. */
  #said = '';

  constructor(facts: AgentFacts, host: AgentHost) {
    this.#facts = facts;
    this.#host = host;
    this.#steps = new Steps((work) => host.work(work, () => this.#leaseLeft()));
  }

  /** Once, first. What a dead daemon left behind goes before anything is said to the controller. */
  start(): void {
    this.#steps.restart();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get seen(): ChangeAnswer {
    return this.#admission.seen;
  }

  get held(): readonly Held[] {
    return this.#steps.held;
  }

  get appliedRevision(): number {
    return this.#appliedRevision;
  }

  /** In the host's clock; negative infinity without one. */
  get leaseEnd(): number {
    return this.#lease.end;
  }

  get troubles(): ReadonlyMap<string, string> {
    return this.#steps.troubles;
  }

  answered(ticket: number, answer: ReportAnswer): void {
    const sentAt = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (sentAt === undefined || !this.#listens) return;
    const now = this.#host.now();
    if (answer.leaseMs > 0 && sentAt + answer.leaseMs <= now) return;
    // Whoever was asleep has let go of everything before it takes up anything again.
    if (this.#phase === 'serving' && !this.#lease.isHeld(now)) this.#fence('the lease is over');
    const admitted = this.#admission.take(answer);
    if (admitted.type !== 'taken') {
      this.#host.event(admitted);
      return;
    }
    for (const { slot, epoch } of admitted.refused)
      this.#host.event({ type: 'refused', reason: `epoch ${epoch} of slot ${slot} is over` });
    this.#renewMs = answer.renewMs;
    this.#nextReportAt = Math.min(this.#nextReportAt, sentAt + answer.renewMs);
    if (answer.leaseMs === 0) {
      this.#fence('the controller gives no lease', answer.revision);
      return;
    }
    this.#lease.granted(sentAt, answer.leaseMs);
    if (this.#phase === 'fenced') this.#host.event({ type: 'leased' });
    this.#phase = 'serving';
    this.#steps.aim(targetOf(admitted.desired, this.#facts));
    // Answers may come many a second while sessions come and go: the kernel is told once per interval.
    if (now - this.#renewedAt >= this.#renewMs * renewShare) {
      this.#renewedAt = now;
      if (!this.#steps.renew()) this.#hold();
    }
    this.#settled();
  }

  unanswered(ticket: number): void {
    this.#tickets.delete(ticket);
  }

  /** The controller has something newer: it is asked for at once. */
  changed({ term, revision }: ChangeAnswer): void {
    const { seen } = this;
    if (term > seen.term || (term === seen.term && revision > seen.revision)) this.#report();
  }

  /** A session came up or went, or a reflector is in service now. */
  observed(): void {
    if (this.#phase === 'serving') this.#report();
  }

  worked(problems: readonly KernelProblem[]): void {
    if (problems.length > 0) this.#host.event({ type: 'trouble', problems });
    this.#steps.worked(problems);
    this.#settled();
  }

  /** Lets go of everything and says so; `released` is the event at the end. */
  stop(): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return;
    this.#phase = 'stopping';
    this.#lease.revoke();
    this.#steps.aim(nothing(this.#steps.target.revision));
    this.#settled();
  }

  nextDeadline(): number {
    const fence = this.#phase === 'serving' ? this.#lease.end : Number.POSITIVE_INFINITY;
    return Math.min(fence, this.#nextReportAt, this.#retryAt);
  }

  advance(): void {
    const now = this.#host.now();
    if (this.#phase === 'serving' && !this.#lease.isHeld(now)) this.#fence('the lease is over');
    if (this.#retryAt <= now) {
      this.#retryAt = Number.POSITIVE_INFINITY;
      this.#steps.restart();
    }
    if (this.#nextReportAt <= now) this.#report();
  }

  get #listens(): boolean {
    return this.#phase === 'fenced' || this.#phase === 'serving';
  }

  /** Other work is under way, or to come first; what is served must not run out meanwhile. */
  #hold(): void {
    const problems = this.#host.hold(this.#steps.served, () => this.#leaseLeft());
    if (problems.length > 0) this.#host.event({ type: 'trouble', problems });
  }

  #leaseLeft(): number {
    return Math.max(0, this.#lease.end - this.#host.now());
  }

  /** `revision`: what counts as applied once nothing is held. */
  #fence(reason: string, revision = this.#appliedRevision): void {
    const held = this.#phase === 'serving';
    this.#phase = 'fenced';
    this.#lease.revoke();
    if (held) this.#host.event({ type: 'fenced', reason });
    this.#steps.aim(nothing(revision));
    this.#settled();
  }

  /** After anything that may have been the end of the last step. */
  #settled(): void {
    if (!this.#steps.isSettled) return;
    const { troubles, held, target } = this.#steps;
    // What could not be taken away, or made, is tried again at this pace, however often the controller answers.
    const retryAt = this.#host.now() + this.#renewMs;
    this.#retryAt = troubles.size > 0 ? Math.min(this.#retryAt, retryAt) : Number.POSITIVE_INFINITY;
    if (troubles.size > 0 && (this.#phase === 'clearing' || this.#phase === 'fenced')) return;
    if (this.#phase === 'clearing') {
      this.#phase = 'fenced';
      this.#report();
    } else if (this.#phase === 'stopping') {
      this.#report();
      this.#phase = 'stopped';
      this.#nextReportAt = Number.POSITIVE_INFINITY;
      this.#host.event({ type: 'released' });
    } else if (target.revision !== this.#appliedRevision) {
      this.#appliedRevision = target.revision;
      this.#host.event({ type: 'applied', revision: target.revision, held });
      this.#report();
    } else if (this.#state() !== this.#said) this.#report();
  }

  /** What the controller waits to hear of. */
  #state(): string {
    return JSON.stringify([this.#steps.held, this.#steps.linksUp]);
  }

  #report(): void {
    if (this.#phase === 'clearing' || this.#phase === 'stopped') return;
    const now = this.#host.now();
    const ticket = ++this.#sequence;
    this.#tickets.set(ticket, now);
    for (const old of this.#tickets.keys()) {
      if (this.#tickets.size <= mostTickets) break;
      this.#tickets.delete(old);
    }
    this.#nextReportAt = now + this.#renewMs;
    this.#said = this.#state();
    const { gateway, incarnation } = this.#facts;
    this.#host.report(
      {
        gateway,
        incarnation,
        sequence: ticket,
        from: 'agent',
        appliedRevision: this.#appliedRevision,
        held: this.#steps.held,
        tenants: this.#host.tenants(),
        tunnelsUp: this.#steps.linksUp,
        underlayUp: this.#host.underlayUp(),
      },
      ticket,
    );
  }
}
