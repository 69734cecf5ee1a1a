/**
 * The controller's loop and its agents under one virtual clock. A machine is modelled apart from its daemon: the kernel
 * keeps an address until its lifetime is over, whatever the processes do. After every step, nothing may be held twice.
 */
import { expect } from 'vitest';
import type { ReportAnswer } from '../../../src/controller/agent-protocol.ts';
import type { Violation } from '../../../src/controller/invariants.ts';
import type { Clock } from '../../../src/controller/reconciler/clock.ts';
import { type Appliers, Reconciler } from '../../../src/controller/reconciler/reconciler.ts';
import { type Change, emptySnapshot, type Snapshot } from '../../../src/controller/snapshot.ts';
import { MemoryStorage } from '../../../src/controller/store/memory-store.ts';
import { system } from '../builders.ts';

const stepMs = 20;
const networkMs = 10;

export class VirtualClock implements Clock {
  #now = 1_000_000;
  #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.task();
  }
}

/** A gateway: its kernel, its daemon, its guard. */
export class Machine {
  readonly kernel = new Map<string, { epoch: number; until: number; reflectorOf: readonly string[] }>();
  daemon: 'up' | 'stopped' | 'dead' = 'up';
  /** No message passes between it and the controller. */
  cut = false;
  /** Each takeover of a slot restarts the sessions on it. */
  readonly takeovers = new Map<string, number>();
  term = 0;
  revision = 0;
  incarnation = 1;
  sequence = 0;
  leaseUntil = 0;
  renewAt = 0;
  answer: ReportAnswer | undefined;
}

export class Simulation {
  readonly clock = new VirtualClock();
  readonly storage = new MemoryStorage(emptySnapshot(system));
  readonly machines = new Map<string, Machine>();
  readonly problems: (Violation | Error)[] = [];
  /** What appliers complained of. */
  readonly complaints: string[] = [];
  readonly #appliers: Appliers | undefined;
  #controller: Reconciler | undefined;

  constructor(appliers?: Appliers) {
    this.#appliers = appliers;
    this.startController();
  }

  get snapshot(): Snapshot {
    return this.storage.snapshot;
  }

  get controller(): Reconciler {
    return this.#controller ?? expect.fail('the controller is down');
  }

  startController(): void {
    const onProblem = (problem: Violation | Error) => void this.problems.push(problem);
    const store = this.storage.open();
    const controller = new Reconciler({
      store,
      clock: this.clock,
      ...(this.#appliers ? { appliers: this.#appliers } : {}),
      onViolation: onProblem,
      onError: (error) =>
        error.message.startsWith('not applied: ') ? this.complaints.push(error.message) : onProblem(error),
    });
    this.#controller = controller;
    controller.start();
    for (const machine of this.machines.values()) this.#follow(controller, machine);
  }

  /** As `kill -9` does: nothing is written any more. */
  killController(): void {
    void this.#controller?.stop();
    this.#controller = undefined;
  }

  async write(...changes: readonly (readonly Change[])[]): Promise<void> {
    const done = this.controller.write(() => changes.flat());
    await settle();
    expect(await done).toMatchObject({ ok: true });
    for (const name of this.snapshot.gateways.keys()) {
      if (this.machines.has(name)) continue;
      const machine = new Machine();
      this.machines.set(name, machine);
      this.#follow(this.controller, machine);
    }
  }

  machine(name: string): Machine {
    return this.machines.get(name) ?? expect.fail(`no machine ${name}`);
  }

  powerOff(name: string): void {
    this.machine(name).daemon = 'dead';
    this.machine(name).kernel.clear();
  }

  /** The daemon dies, the guard takes its addresses away and says so. */
  killDaemon(name: string): void {
    const machine = this.machine(name);
    machine.daemon = 'dead';
    machine.kernel.clear();
    this.#report(name, machine, 'guard');
  }

  boot(name: string): void {
    const machine = this.machine(name);
    Object.assign(machine, { daemon: 'up', sequence: 0, leaseUntil: 0, renewAt: 0, term: 0, revision: 0 });
    machine.incarnation++;
    machine.answer = undefined;
  }

  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) await this.step();
  }

  async runUntil(what: () => boolean, limitMs: number): Promise<number> {
    const start = this.clock.now();
    while (!what()) {
      if (this.clock.now() - start > limitMs) expect.fail(`not within ${limitMs} ms`);
      await this.step();
    }
    return this.clock.now() - start;
  }

  async step(): Promise<void> {
    this.clock.advance(stepMs);
    await settle();
    for (const [name, machine] of this.machines) this.#live(name, machine);
    await settle();
    this.#checkKernels();
    expect(this.problems).toEqual([]);
  }

  #live(name: string, machine: Machine): void {
    const now = this.clock.now();
    for (const [slot, { until }] of machine.kernel) if (until <= now) machine.kernel.delete(slot);
    if (machine.daemon !== 'up') return;
    // Rules 2 and 3: on waking, before anything is sent.
    if (machine.leaseUntil <= now) this.#fence(machine);
    if (machine.renewAt > now) return;
    machine.renewAt = now + 1000;
    this.#report(name, machine, 'agent');
  }

  #fence(machine: Machine): void {
    machine.kernel.clear();
    machine.answer = undefined;
  }

  #report(name: string, machine: Machine, from: 'agent' | 'guard'): void {
    const sentAt = this.clock.now();
    const { incarnation } = machine;
    const tenants = machine.answer?.desired.tenants ?? [];
    const report = {
      gateway: name,
      incarnation,
      sequence: ++machine.sequence,
      from,
      appliedRevision: machine.revision,
      held: [...machine.kernel].map(([slot, { epoch }]) => ({ slot, epoch })),
      tenants: tenants.map(({ tenant, slot, epoch, reflector }) => ({
        tenant,
        slot,
        epoch,
        rr: reflector ? ('Serving' as const) : ('Off' as const),
        established: reflector?.peers.map((peer) => peer.name) ?? [],
      })),
      tunnelsUp: tenants.flatMap(({ connections }) => connections.map((connection) => connection.name)),
    };
    if (machine.cut) return;
    this.clock.after(networkMs, async () => {
      const outcome = await this.#controller?.report(report);
      if (outcome?.type !== 'answer') return;
      this.clock.after(networkMs, () => {
        if (!machine.cut && machine.daemon === 'up' && machine.incarnation === incarnation)
          this.#take(machine, outcome.answer, sentAt);
      });
    });
  }

  #take(machine: Machine, answer: ReportAnswer, sentAt: number): void {
    const now = this.clock.now();
    // Rule 7.
    if (answer.term < machine.term || answer.revision < machine.revision) return;
    const leaseUntil = sentAt + answer.leaseMs;
    const isNew = answer.revision > machine.revision || answer.term > machine.term;
    Object.assign(machine, { term: answer.term, revision: answer.revision });
    if (leaseUntil <= now) {
      machine.leaseUntil = 0;
      this.#fence(machine);
    } else this.#hold(machine, answer, Math.max(machine.leaseUntil, leaseUntil));
    // What changed is reported at once.
    if (isNew) machine.renewAt = now;
  }

  #hold(machine: Machine, answer: ReportAnswer, until: number): void {
    const { slots, tenants } = answer.desired;
    const before = new Map(machine.kernel);
    machine.leaseUntil = until;
    machine.answer = answer;
    machine.kernel.clear();
    for (const { slot, epoch } of slots) {
      const reflectorOf = tenants.filter((t) => t.slot === slot && t.reflector).map(({ tenant }) => tenant);
      if (before.get(slot)?.epoch !== epoch)
        machine.takeovers.set(slot, (machine.takeovers.get(slot) ?? 0) + 1);
      machine.kernel.set(slot, { epoch, until, reflectorOf });
    }
  }

  /** The long poll of one agent, for as long as this controller runs. */
  async #follow(controller: Reconciler, machine: Machine): Promise<void> {
    while (this.#controller === controller) {
      const { term, revision } = await controller.changes(machine, 1000);
      const isNews = term !== machine.term || revision > machine.revision;
      if (isNews && machine.daemon === 'up' && !machine.cut) machine.renewAt = 0;
      await new Promise<void>((resolve) => void this.clock.after(2 * networkMs, resolve));
    }
  }

  /** I-OWN and I-RR2, of what is in the kernels. */
  #checkKernels(): void {
    const seen = new Map<string, string>();
    for (const [name, { kernel }] of this.machines) {
      const held = [...kernel].flatMap(([slot, { reflectorOf }]) => [
        slot,
        ...reflectorOf.map((t) => `RR of ${t}`),
      ]);
      for (const what of held) {
        if (seen.has(what)) expect.fail(`${what} is on ${seen.get(what)} and ${name} at ${this.clock.now()}`);
        seen.set(what, name);
      }
    }
  }

  /** The gateway in whose kernel the tenant's reflector is. */
  servedBy(tenant: string): string | undefined {
    return [...this.machines].find(([, { kernel }]) =>
      [...kernel.values()].some(({ reflectorOf }) => reflectorOf.includes(tenant)),
    )?.[0];
  }

  phase(gateway: string): string | undefined {
    return this.snapshot.gateways.get(gateway)?.status.phase;
  }
}

/** Lets everything go on that waits for no time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
