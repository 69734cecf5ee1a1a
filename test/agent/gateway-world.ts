/**
 * One agent under a virtual clock, with a controller played by the test and a kernel that is modelled: an address is
 * there until its lifetime ends or somebody takes it away, whatever the agent believes.
 */
import { Agent, type AgentEvent, type AgentHost } from '../../src/agent/agent.ts';
import type { KernelProblem, LeaseLeft, Space } from '../../src/agent/kernel-contract.ts';
import type { AgentReport, ReportAnswer, TenantReport } from '../../src/agent/protocol.ts';
import type { Work } from '../../src/agent/steps.ts';
import type { DesiredState, DesiredTenant } from '../../src/controller/desired.ts';

export const leaseMs = 4000;
export const renewMs = 1000;

/** Deadlines that may fire at one instant. */
const mostAtOnce = 1000;

interface Sent {
  readonly report: AgentReport;
  readonly ticket: number;
  readonly at: number;
}

export class GatewayWorld implements AgentHost {
  readonly agent: Agent;
  /** Reports that nobody has answered yet, in the order of sending. */
  readonly sent: Sent[] = [];
  readonly reports: AgentReport[] = [];
  readonly events: AgentEvent[] = [];
  /** What each piece of work was, in order: "release", "prepare a+s1+t", ... */
  readonly log: string[] = [];
  /** Ends of the lifetimes of each space's addresses; a space without addresses has 0. */
  readonly kernel = new Map<string, number>();
  established: readonly TenantReport[] = [];
  routers: readonly string[] = [];
  /** While false, work stays under way until `finish`. */
  workEnds = true;
  problems: (work: Work) => readonly KernelProblem[] = () => [];
  clock = 1000;
  #underWay: { readonly work: Work; readonly lease: LeaseLeft } | undefined;

  constructor(gateway = 'g') {
    const facts = {
      gateway,
      incarnation: 1,
      interfaceOf: (vlan: number) => `vlan${vlan}`,
      secrets: '/keys',
    };
    this.agent = new Agent(facts, this);
  }

  now(): number {
    return this.clock;
  }

  report(report: AgentReport, ticket: number): void {
    this.sent.push({ report, ticket, at: this.clock });
    this.reports.push(report);
  }

  tenants(): readonly TenantReport[] {
    return this.established;
  }

  underlayUp(): readonly string[] {
    return this.routers;
  }

  event(event: AgentEvent): void {
    this.events.push(event);
  }

  work(work: Work, lease: LeaseLeft): void {
    if (this.#underWay) throw new Error(`${work.type} began while ${this.#underWay.work.type} was under way`);
    this.#underWay = { work, lease };
    const names =
      work.type === 'instances'
        ? work.instances.map(({ slot }) => slot)
        : work.spaces.map(({ name }) => name);
    this.log.push([work.type, ...names].join(' '));
  }

  hold(spaces: readonly Space[], lease: LeaseLeft): readonly KernelProblem[] {
    this.#apply('renew', spaces, lease());
    return [];
  }

  /** Ends what is under way, and whatever begins thereupon; `time` passes before each end. */
  finish(time = 0): void {
    while (this.#underWay) {
      const { work, lease } = this.#underWay;
      this.clock += time;
      this.#underWay = undefined;
      const problems = this.problems(work);
      const broken = new Set(problems.map(({ space }) => space));
      if (work.type !== 'instances')
        this.#apply(
          work.type,
          work.spaces.filter(({ name }) => !broken.has(name)),
          lease(),
        );
      this.agent.worked(problems);
      if (!this.workEnds) return;
    }
  }

  #apply(type: Exclude<Work['type'], 'instances'>, spaces: readonly Space[], left: number): void {
    const names = new Set(spaces.map(({ name }) => name));
    if (type === 'release')
      for (const name of [...this.kernel.keys()]) if (!names.has(name)) this.kernel.delete(name);
    if (type === 'prepare') for (const name of names) this.kernel.set(name, this.kernel.get(name) ?? 0);
    const seconds = Math.floor(left / 1000);
    if (type === 'serve' || type === 'renew')
      for (const name of names) if (seconds > 0) this.kernel.set(name, this.clock + seconds * 1000);
  }

  /** Spaces that answer for their addresses now. */
  get serving(): readonly string[] {
    return [...this.kernel].filter(([, until]) => until > this.clock).map(([name]) => name);
  }

  /** Time passes; the agent's deadlines fire when they are due. */
  pass(milliseconds: number): void {
    const until = this.clock + milliseconds;
    for (let atOnce = 0; ; ) {
      const next = Math.max(this.agent.nextDeadline(), this.clock);
      if (next > until) break;
      atOnce = next === this.clock ? atOnce + 1 : 0;
      if (atOnce > mostAtOnce) throw new Error(`the agent does not come to rest at ${next}`);
      this.clock = next;
      this.agent.advance();
      if (this.workEnds) this.finish();
    }
    this.clock = until;
  }

  /** The daemon stands still: nothing fires, time goes on. */
  sleep(milliseconds: number): void {
    this.clock += milliseconds;
  }

  start(): void {
    this.agent.start();
    if (this.workEnds) this.finish();
  }

  /** Answers the newest report that is open; older ones are lost. */
  answer(answer: Partial<ReportAnswer> & Pick<ReportAnswer, 'desired'>): void {
    const last = this.sent.at(-1);
    if (!last) throw new Error('there is no report to answer');
    for (const { ticket } of this.sent) if (ticket !== last.ticket) this.agent.unanswered(ticket);
    this.sent.length = 0;
    this.answerTo(last.ticket, answer);
  }

  answerTo(ticket: number, answer: Partial<ReportAnswer> & Pick<ReportAnswer, 'desired'>): void {
    this.agent.answered(ticket, { term: 1, revision: answer.desired.revision, leaseMs, renewMs, ...answer });
    if (this.workEnds) this.finish();
  }
}

export function tenant(slot: string, epoch = 1, more: Partial<DesiredTenant> = {}): DesiredTenant {
  return {
    tenant: 'contoso',
    slot,
    epoch,
    routingDomain: 'contoso',
    asn: 64512,
    address: '10.1.254.1',
    routerId: '10.1.254.1',
    reflector: {
      address: '10.1.255.1',
      routerId: '10.1.255.1',
      clusterId: 0x0a01ff01,
      clients: [],
      peers: [{ name: 'site', tenant: 'contoso', address: '172.16.0.2', asn: 65001, connection: 'c1' }],
      ownPrefixes: ['10.1.255.1/32', '10.1.254.0/24'],
      policies: [],
    },
    connections: [
      {
        name: 'c1',
        tenant: 'contoso',
        type: 'L3',
        inKbps: 1000,
        outKbps: 1000,
        l3: { vlan: 101, localAddress: '172.16.0.1', peerAddress: '172.16.0.2' },
        routes: [],
        pins: [{ address: '172.16.0.2', backup: 0 }],
      },
    ],
    ...more,
  };
}

export function desired(revision: number, ...tenants: readonly DesiredTenant[]): DesiredState {
  return {
    revision,
    gateway: 'g',
    slots: tenants.map(({ slot, epoch }) => ({ slot, epoch })),
    tenants,
  };
}
