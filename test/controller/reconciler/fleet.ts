/**
 * The controller's loop and the agents as they are, under one virtual clock: what an agent believes is not modelled here,
 * only its kernel, and the network between the two. Each gateway's clock has a zero of its own. After every step all
 * invariants hold of the store, and no two kernels answer for one tenant on one slot.
 */
import { expect } from 'vitest';
import type { DesiredState } from '../../../src/controller/desired.ts';
import type { Violation } from '../../../src/controller/invariants.ts';
import { Reconciler } from '../../../src/controller/reconciler/reconciler.ts';
import { type Change, emptySnapshot, type Snapshot } from '../../../src/controller/snapshot.ts';
import { MemoryStorage } from '../../../src/controller/store/memory-store.ts';
import { GatewayWorld } from '../../agent/gateway-world.ts';
import { system } from '../builders.ts';
import { settle, VirtualClock } from './simulation.ts';

const stepMs = 20;
const networkMs = 10;

type Sent = GatewayWorld['sent'][number];
type Answer = Extract<Awaited<ReturnType<Reconciler['report']>>, { readonly type: 'answer' }>['answer'];

export class Controller {
  readonly reconciler: Reconciler;
  /** Gateways whose reports do not reach it. */
  readonly deafTo = new Set<string>();
  /** Gateways that its answers do not reach. */
  readonly muteTo = new Set<string>();

  constructor(reconciler: Reconciler) {
    this.reconciler = reconciler;
  }
}

export class Fleet {
  readonly clock = new VirtualClock();
  readonly storage = new MemoryStorage(emptySnapshot(system));
  readonly gateways = new Map<string, GatewayWorld>();
  /** More than one by mistake: reports go to one of them after the other. */
  readonly controllers: Controller[] = [];
  readonly problems: (Violation | Error)[] = [];
  /** All answers that arrived, by gateway. */
  readonly answers = new Map<string, Answer[]>();

  constructor() {
    this.startController();
  }

  get snapshot(): Snapshot {
    return this.storage.snapshot;
  }

  startController(): Controller {
    const onError = (error: Error) => {
      // What a controller finds out that was replaced.
      if (!error.message.startsWith('Fenced: ')) this.problems.push(error);
    };
    const onViolation = (violation: Violation) => void this.problems.push(violation);
    const reconciler = new Reconciler({
      store: this.storage.open(),
      clock: this.clock,
      onViolation,
      onError,
    });
    const controller = new Controller(reconciler);
    this.controllers.push(controller);
    reconciler.start();
    return controller;
  }

  async write(...changes: readonly (readonly Change[])[]): Promise<void> {
    const done = this.controllers.at(-1)?.reconciler.write(() => changes.flat());
    await settle();
    expect(await done).toMatchObject({ ok: true });
    for (const name of this.snapshot.gateways.keys()) {
      if (this.gateways.has(name)) continue;
      const world = new GatewayWorld(name);
      this.gateways.set(name, world);
      world.start();
    }
  }

  gateway(name: string): GatewayWorld {
    return this.gateways.get(name) ?? expect.fail(`no gateway ${name}`);
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
    for (const [name, world] of this.gateways) {
      if (world.agent.phase !== 'serving') world.established = [];
      world.pass(stepMs);
      for (const sent of world.sent.splice(0)) this.#carry(name, world, sent);
    }
    await settle();
    this.#check();
  }

  /** A report on its way and back: to one of the controllers that can be reached, as an agent with several endpoints does. */
  #carry(name: string, world: GatewayWorld, { report, ticket }: Sent): void {
    const reached = this.controllers.filter(({ deafTo }) => !deafTo.has(name));
    const controller = reached[ticket % reached.length];
    if (!controller) return;
    this.clock.after(networkMs, async () => {
      const outcome = await controller.reconciler.report(report);
      if (controller.muteTo.has(name) || outcome.type !== 'answer') return;
      this.clock.after(networkMs, () => this.deliver(name, world, ticket, outcome.answer));
    });
  }

  deliver(name: string, world: GatewayWorld, ticket: number, answer: Answer): void {
    this.answers.set(name, [...(this.answers.get(name) ?? []), answer]);
    world.established = answer.leaseMs > 0 ? sessionsOf(answer.desired) : [];
    world.answerTo(ticket, answer);
  }

  /** I-OWN and I-RR2, of what the kernels answer for. */
  #check(): void {
    const seen = new Map<string, string>();
    for (const [name, world] of this.gateways) {
      for (const space of world.serving) {
        const [, ...place] = space.split('+');
        const what = place.join(' ');
        if (place.length > 0 && seen.has(what))
          expect.fail(`${what} is on ${seen.get(what)} and ${name} at ${this.clock.now()}`);
        seen.set(what, name);
      }
    }
    expect(this.problems).toEqual([]);
  }

  /** The gateway whose kernel answers for the tenant. */
  servedBy(tenant: string): string | undefined {
    return [...this.gateways].find(([, { serving }]) =>
      serving.some((space) => space.endsWith(`+${tenant}`)),
    )?.[0];
  }

  phase(gateway: string): string | undefined {
    return this.snapshot.gateways.get(gateway)?.status.phase;
  }
}

/** Everybody is up wherever it is wanted. */
function sessionsOf({ tenants }: DesiredState): GatewayWorld['established'] {
  return tenants.map(({ tenant, slot, epoch, reflector }) => ({
    tenant,
    slot,
    epoch,
    rr: reflector ? 'Serving' : 'Off',
    established: reflector?.peers.map(({ name }) => name) ?? [],
  }));
}
