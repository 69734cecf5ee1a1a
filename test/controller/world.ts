/**
 * Gateways, their kernels, guards and agents, a lossy network and the controller under one virtual clock. The kernel is
 * modelled apart from the processes: an address stays until its lifetime ends, somebody removes it, or the power goes.
 * After every plan all invariants are looked at, after every step who holds what.
 */
import { expect } from 'vitest';
import { DerivedMemo } from '../../src/controller/derived-memo.ts';
import { answerFor, type DesiredState } from '../../src/controller/desired.ts';
import { grantsLease } from '../../src/controller/gateways.ts';
import { transitionViolations, violations } from '../../src/controller/invariants.ts';
import {
  type AgentReport,
  noObservations,
  type Observations,
  observe,
  observeFeed,
  type RouteFeed,
} from '../../src/controller/observations.ts';
import { plan } from '../../src/controller/plan.ts';
import {
  applyChanges,
  type Change,
  emptySnapshot,
  kinds,
  type Snapshot,
} from '../../src/controller/snapshot.ts';
import { system } from './builders.ts';

export const stepMs = 250;
const renewMs = 1000;
const leaseMs = 4000;

interface Machine {
  power: boolean;
  /** `stalled`: the daemon and its guard stand still, as under SIGSTOP. */
  daemon: 'up' | 'down' | 'stalled';
  restartAt: number;
  guardAt: number;
  incarnation: number;
  sequence: number;
  seenRevision: number;
  leaseUntil: number;
  desired: DesiredState | undefined;
  /** Slot to the end of the lifetime of its addresses. */
  kernel: Map<string, { epoch: number; until: number; reflectorOf: readonly string[] }>;
  cut: boolean;
  /** Sessions with the routers of the underlay come up, where it has some to announce VIPs to. */
  underlay: 'up' | 'down';
}

interface Message {
  readonly at: number;
  readonly deliver: () => void;
}

export class World {
  now = 10_000;
  snapshot: Snapshot = emptySnapshot(system);
  observations: Observations = noObservations(10_000);
  controllerUp = true;
  /** Delay of the next message in ms; a test replaces it. */
  delay: () => number = () => 50;
  duplicate: () => boolean = () => false;
  readonly machines = new Map<string, Machine>();
  #inFlight: Message[] = [];
  /** Networks that each site announces. */
  routesPerPeer = 1;
  readonly #memo: DerivedMemo;
  /** What reflectors have said, by whose and of which sites: a stream that says nothing new is the same one. */
  readonly #feeds = new Map<string, RouteFeed>();

  constructor(memo = new DerivedMemo()) {
    this.#memo = memo;
  }

  /** A client's transaction. */
  write(...changes: readonly (readonly Change[])[]): void {
    this.snapshot = applyChanges(this.snapshot, changes.flat());
    for (const name of this.snapshot.gateways.keys()) if (!this.machines.has(name)) this.#addMachine(name);
    this.replan();
  }

  #addMachine(name: string): void {
    this.machines.set(name, {
      power: true,
      daemon: 'up',
      restartAt: 0,
      guardAt: 0,
      incarnation: 1,
      sequence: 0,
      seenRevision: 0,
      leaseUntil: 0,
      desired: undefined,
      kernel: new Map(),
      cut: false,
      underlay: 'up',
    });
  }

  machine(name: string): Machine {
    return this.machines.get(name) ?? expect.fail(`no machine ${name}`);
  }

  killDaemon(name: string, restartAfterMs = 60_000): void {
    const machine = this.machine(name);
    if (!machine.power || machine.daemon === 'down') return;
    Object.assign(machine, {
      daemon: 'down',
      guardAt: this.now + stepMs,
      restartAt: this.now + restartAfterMs,
      desired: undefined,
      leaseUntil: 0,
    });
  }

  powerOff(name: string, restartAfterMs = 60_000): void {
    const machine = this.machine(name);
    machine.kernel.clear();
    Object.assign(machine, {
      power: false,
      daemon: 'down',
      guardAt: 0,
      restartAt: this.now + restartAfterMs,
      desired: undefined,
      leaseUntil: 0,
    });
  }

  stall(name: string): void {
    const machine = this.machine(name);
    if (machine.daemon === 'up') machine.daemon = 'stalled';
  }

  resume(name: string): void {
    const machine = this.machine(name);
    if (machine.daemon === 'stalled') machine.daemon = 'up';
  }

  crashController(): void {
    this.controllerUp = false;
  }

  startController(): void {
    if (this.controllerUp) return;
    this.controllerUp = true;
    this.observations = noObservations(this.now);
  }

  #send(deliver: () => void): void {
    const copies = this.duplicate() ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.#inFlight.push({ at: this.now + this.delay(), deliver });
  }

  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) this.step();
  }

  step(): void {
    this.now += stepMs;
    for (const [name, machine] of this.machines) this.#stepMachine(name, machine);
    const due = this.#inFlight.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
    this.#inFlight = this.#inFlight.filter(({ at }) => at > this.now);
    for (const message of due) message.deliver();
    this.replan();
    this.checkKernels();
  }

  #stepMachine(name: string, machine: Machine): void {
    for (const [slot, held] of machine.kernel) if (held.until <= this.now) machine.kernel.delete(slot);
    if (machine.daemon === 'down') this.#stepDead(name, machine);
    if (machine.daemon !== 'up' || !machine.power) return;
    if (machine.leaseUntil <= this.now) this.#fence(machine);
    if (this.now % renewMs === 0) this.#renew(name, machine);
  }

  #stepDead(name: string, machine: Machine): void {
    if (machine.power && machine.guardAt > 0 && machine.guardAt <= this.now) {
      machine.kernel.clear();
      machine.guardAt = 0;
      this.#report(name, machine, 'guard');
    }
    if (machine.restartAt > this.now) return;
    Object.assign(machine, {
      power: true,
      daemon: 'up',
      incarnation: machine.incarnation + 1,
      sequence: 0,
      seenRevision: 0,
    });
  }

  #fence(machine: Machine): void {
    machine.kernel.clear();
    machine.desired = undefined;
  }

  #renew(name: string, machine: Machine): void {
    this.#report(name, machine, 'agent');
  }

  #report(name: string, machine: Machine, from: 'agent' | 'guard'): void {
    machine.sequence++;
    const { incarnation, sequence } = machine;
    const desired = machine.desired;
    const report: AgentReport = {
      gateway: name,
      incarnation,
      sequence,
      from,
      appliedRevision: machine.seenRevision,
      held: [...machine.kernel].map(([slot, { epoch }]) => ({ slot, epoch })),
      tenants: (desired?.tenants ?? []).map((t) => ({
        tenant: t.tenant,
        slot: t.slot,
        epoch: t.epoch,
        rr: t.reflector ? 'Serving' : 'Off',
        established: t.reflector?.peers.filter(({ adminDown }) => !adminDown).map((p) => p.name) ?? [],
      })),
      tunnelsUp: (desired?.tenants ?? []).flatMap((t) => t.connections.map((c) => c.name)),
      underlayUp: machine.underlay === 'down' ? [] : routersOf(desired),
    };
    const sentAt = this.now;
    if (!machine.cut) this.#send(() => this.#receive(report, sentAt));
  }

  /** The controller's side of a renewal. */
  #receive(report: AgentReport, sentAt: number): void {
    const machine = this.machine(report.gateway);
    if (!this.controllerUp || machine.cut || !this.snapshot.gateways.has(report.gateway)) return;
    const leased = report.from === 'agent' && grantsLease(this.snapshot, report.gateway);
    this.observations = observe(this.observations, report, { now: this.now, leased });
    this.#feed(report);
    this.replan();
    if (report.from === 'guard') return;
    const lease = leased && grantsLease(this.snapshot, report.gateway);
    const desired = answerFor(this.snapshot, this.observations, report.gateway, this.now);
    this.#send(() => this.#answer(report, desired, lease ? sentAt + leaseMs : 0));
  }

  /** The reflectors on the gateway stream what their sites say: one route per peer, and the static ones. */
  #feed(report: AgentReport): void {
    for (const { tenant, slot, epoch, rr } of report.tenants) {
      if (rr !== 'Serving') continue;
      const peers = [...this.snapshot.peers.values()].filter(({ spec }) => spec.tenant === tenant);
      const sites = peers.map(({ spec }) => spec.address);
      const key = [tenant, slot, epoch, ...sites].join();
      const feed = this.#feeds.get(key) ?? {
        ...{ tenant, slot, epoch, endOfRib: true },
        routes: sites.flatMap((site, at) => this.#routesOf(site, at)),
      };
      this.#feeds.set(key, feed);
      this.observations = observeFeed(this.observations, feed);
    }
    const { revision } = this.snapshot;
    this.observations = { ...this.observations, appliedRules: revision, appliedRoutes: revision };
  }

  #routesOf(nextHop: string, site: number): RouteFeed['routes'] {
    return Array.from({ length: this.routesPerPeer }, (_, at) => {
      const number = site * this.routesPerPeer + at;
      return { prefix: `172.${16 + (number >> 8)}.${number & 255}.0/24`, nextHop, metric: 0 };
    });
  }

  #answer(report: AgentReport, desired: DesiredState, leaseUntil: number): void {
    const machine = this.machine(report.gateway);
    if (machine.cut || machine.daemon !== 'up' || machine.incarnation !== report.incarnation) return;
    if (desired.revision < machine.seenRevision) return;
    if (leaseUntil === 0) {
      machine.seenRevision = desired.revision;
      machine.leaseUntil = 0;
      this.#fence(machine);
      return;
    }
    machine.leaseUntil = Math.max(machine.leaseUntil, leaseUntil);
    if (machine.leaseUntil <= this.now) {
      this.#fence(machine);
      return;
    }
    machine.seenRevision = desired.revision;
    machine.desired = desired;
    machine.kernel.clear();
    for (const { slot, epoch } of desired.slots) {
      const reflectorOf = desired.tenants.filter((t) => t.slot === slot && t.reflector).map((t) => t.tenant);
      machine.kernel.set(slot, { epoch, until: machine.leaseUntil, reflectorOf });
    }
  }

  /** Plans, and holds the result against everything that must be true. */
  replan(): void {
    if (!this.controllerUp) return;
    const before = this.snapshot;
    // What it remembers changes nothing: below it plans without.
    const { changes, commands } = plan(before, this.observations, this.now, this.#memo);
    this.snapshot = applyChanges(before, changes);
    expect([...violations(this.snapshot), ...transitionViolations(before, this.snapshot)]).toEqual([]);
    expect(commands.filter(({ type }) => type === 'raise-revision')).toEqual([]);
    // I-DET: nothing is left to do, and the order of the store's tables does not matter.
    if (changes.length === 0) return;
    expect(plan(this.snapshot, this.observations, this.now).changes).toEqual([]);
    expect(plan(reversed(before), this.observations, this.now).changes).toEqual(changes);
  }

  /** I-OWN and I-RR2, of what is in the kernels. */
  checkKernels(): void {
    const holders = [...this.machines].flatMap(([name, { kernel }]) =>
      [...kernel].flatMap(([slot, { reflectorOf }]) => [
        [`slot ${slot}`, name],
        ...reflectorOf.map((tenant) => [`reflector of ${tenant}`, name]),
      ]),
    );
    const seen = new Map<string, string>();
    for (const [what, name] of holders) {
      if (seen.has(what)) expect.fail(`${what} is on ${seen.get(what)} and ${name} at ${this.now}`);
      seen.set(what, name);
    }
  }

  phase(name: string): string | undefined {
    return this.snapshot.gateways.get(name)?.status.phase;
  }

  /** The gateway a connection is on. */
  gatewayOf(connection: string): string | null {
    const slot = this.snapshot.connections.get(connection)?.status.slot;
    return this.snapshot.slots.get(slot ?? '')?.status.gateway ?? null;
  }

  /** The gateway of a tenant's reflector. */
  reflectorOf(tenant: string): string | null {
    const slot = this.snapshot.tenants.get(tenant)?.status.rrSlot;
    return this.snapshot.slots.get(slot ?? '')?.status.gateway ?? null;
  }
}

function routersOf(desired: DesiredState | undefined): readonly string[] {
  return desired?.underlay?.bgp?.peers.map(({ address }) => address) ?? [];
}

function reversed(snapshot: Snapshot): Snapshot {
  const tables = kinds.map((kind) => {
    const table: ReadonlyMap<string, unknown> = snapshot[kind];
    return [kind, new Map([...table].reverse())];
  });
  return { ...snapshot, ...Object.fromEntries(tables) };
}
