/** Fault scenarios by name: the controller's loop, its store and its agents under one virtual clock. */
import { describe, expect, it } from 'vitest';
import { longestWaitMs } from '../../../src/controller/agent-protocol.ts';
import { type Appliers, Reconciler } from '../../../src/controller/reconciler/reconciler.ts';
import { failoverSteps } from '../../../src/controller/resources.ts';
import type { Store } from '../../../src/controller/store/store.ts';
import { connection, gateway, peer, pool, put, tenant } from '../builders.ts';
import { Simulation, settle } from './simulation.ts';

const kbps = 500_000;
const address = '10.1.255.1';

/** Three gateways, one in reserve; contoso and woodgrove with a site each, on one gateway. */
async function cloud(appliers?: Appliers): Promise<Simulation> {
  const world = new Simulation(appliers);
  const gateways = ['a1', 'a2', 'a3'].map((name, i) => gateway(name, 'pool', i + 1));
  await world.write(put('pools', pool('pool')), put('gateways', ...gateways));
  await world.runUntil(() => ['a1', 'a2', 'a3'].every((name) => world.phase(name) === 'Spare'), 20_000);
  for (const [i, name] of ['contoso', 'woodgrove'].entries()) {
    const remoteAddress = `192.0.2.${i + 1}`;
    await world.write(
      put('tenants', tenant(name, ['pool'], { rr: { address } })),
      put('connections', connection(`${name}-site`, name, kbps, { remoteAddress })),
      put('peers', peer(`${name}-peer`, name, '172.16.0.1', `${name}-site`)),
    );
  }
  await world.runUntil(() => served(world).every((where) => where !== undefined), 9000);
  await world.run(2000);
  return world;
}

function served(world: Simulation) {
  return [world.servedBy('contoso'), world.servedBy('woodgrove')];
}

function holder(world: Simulation): string {
  return world.servedBy('contoso') ?? expect.fail('contoso is served by nobody');
}

function events(world: Simulation) {
  return [...world.snapshot.events.values()].filter(({ from }) => from !== null);
}

/** Nothing happens any more. */
async function isQuiet(world: Simulation): Promise<void> {
  const { revision } = world.snapshot;
  await world.run(10_000);
  expect(world.snapshot.revision).toBe(revision);
}

describe('the controller and its agents', () => {
  it('F00: a change reaches the agents in less than 100 ms', async () => {
    const world = await cloud();
    const a1 = holder(world);
    const { spec } = world.snapshot.peers.get('contoso-peer') ?? expect.fail('no peer');
    const changed = { ...peer('contoso-peer', 'contoso', spec.address, spec.connection), generation: 2 };
    await world.write(put('peers', { ...changed, spec: { ...spec, maxPrefixes: 7 } }));
    const took = await world.runUntil(() => {
      const told = world.machine(a1).answer?.desired.tenants.flatMap((t) => t.reflector?.peers ?? []);
      return told?.some(({ maxPrefixes }) => maxPrefixes === 7) ?? false;
    }, 5000);
    expect(took).toBeLessThanOrEqual(100);
  });

  it('F01: a gateway loses its power; a spare serves the same reflector within a lease and a margin', async () => {
    const world = await cloud();
    const dead = holder(world);
    world.powerOff(dead);
    const took = await world.runUntil(() => served(world).every((where) => where !== undefined), 9000);
    expect(took).toBeLessThanOrEqual(6000);
    expect(holder(world)).not.toBe(dead);
    const desired = world.machine(holder(world)).answer?.desired.tenants ?? [];
    expect(desired.map(({ reflector }) => reflector?.address)).toEqual([address, address]);
    await world.run(2000);
    expect(events(world)).toMatchObject([{ from: dead, trigger: 'LeaseExpired', outcome: 'Completed' }]);
    await isQuiet(world);
  });

  it('F01, daemon only: the guard’s report replaces the wait for the lease', async () => {
    const world = await cloud();
    world.killDaemon(holder(world));
    const took = await world.runUntil(() => served(world).every((where) => where !== undefined), 9000);
    expect(took).toBeLessThanOrEqual(300);
  });

  it('F07: a daemon is away for less than its lease; nothing moves', async () => {
    const world = await cloud();
    const name = holder(world);
    world.machine(name).daemon = 'stopped';
    await world.run(2600);
    expect(world.phase(name)).toBe('Suspect');
    world.machine(name).daemon = 'up';
    await world.run(2000);
    expect([world.phase(name), holder(world), events(world)]).toEqual(['Active', name, []]);
    expect([...world.machine(name).takeovers.values()]).toEqual([1]);
    await isQuiet(world);
  });

  it('F08: a gateway that comes back after the failover is a spare; nothing moves back', async () => {
    const world = await cloud();
    const dead = holder(world);
    world.powerOff(dead);
    await world.run(10_000);
    const standby = holder(world);
    world.boot(dead);
    await world.runUntil(() => world.phase(dead) === 'Spare', 10_000);
    expect(world.machine(dead).kernel.size).toBe(0);
    expect([holder(world), events(world).length]).toEqual([standby, 1]);
    await isQuiet(world);
  });

  it('F09: a gateway cut off from the controller lets go before another takes over', async () => {
    const world = await cloud();
    const isolated = holder(world);
    world.machine(isolated).cut = true;
    await world.runUntil(() => world.machine(isolated).kernel.size === 0, 4500);
    expect(world.snapshot.slots.get('pool-1')?.status.gateway).toBe(isolated);
    await world.runUntil(() => served(world).every((where) => where !== undefined), 3000);
    world.machine(isolated).cut = false;
    await world.runUntil(() => world.phase(isolated) === 'Spare', 10_000);
    await isQuiet(world);
  });

  it.each([...failoverSteps])('F13: the controller is killed when %s has ended', async (step) => {
    const world = await cloud();
    const dead = holder(world);
    world.powerOff(dead);
    const ended = () => events(world)[0]?.steps.some(({ name }) => name === step) ?? false;
    await world.runUntil(ended, 20_000);
    world.killController();
    await world.run(1000);
    world.startController();
    await world.runUntil(() => events(world)[0]?.outcome === 'Completed', 20_000);
    expect(events(world)).toMatchObject([{ from: dead, fromEpoch: 1, toEpoch: 2 }]);
    expect(served(world)).toEqual([holder(world), holder(world)]);
    expect([...world.machine(holder(world)).takeovers.values()]).toEqual([1]);
    await world.run(10_000);
    await isQuiet(world);
  });

  it('F13: a controller away for less than a lease fences nobody and moves nothing', async () => {
    const world = await cloud();
    const before = holder(world);
    world.killController();
    await world.run(2500);
    world.startController();
    await world.run(15_000);
    expect([holder(world), events(world)]).toEqual([before, []]);
    expect([...world.machine(before).takeovers.values()]).toEqual([1]);
  });

  it('F17: a machine that is stopped has lost its addresses when another takes over, and wakes up fenced', async () => {
    const world = await cloud();
    const stopped = holder(world);
    world.machine(stopped).daemon = 'stopped';
    await world.run(10_000);
    expect(holder(world)).not.toBe(stopped);
    world.machine(stopped).daemon = 'up';
    await world.runUntil(() => world.phase(stopped) === 'Spare', 10_000);
    expect(events(world)).toHaveLength(1);
    await isQuiet(world);
  });

  it('F19: what finds no room waits and says so; a new gateway takes it within two seconds', async () => {
    const world = await cloud();
    for (const i of [1, 2, 3, 4, 5, 6]) {
      const spec = { remoteAddress: `192.0.2.${100 + i}` };
      await world.write(put('connections', connection(`big-${i}`, 'contoso', 2_500_000, spec)));
    }
    await world.run(1000);
    const pending = () =>
      [...world.snapshot.connections.values()].filter(({ status }) => status.phase === 'Pending');
    const [waiting] = pending();
    expect(waiting.status.pending).toMatchObject({ reason: 'NoCapacity' });
    expect(waiting.status.pending?.neededUnits).toBeGreaterThan(0);
    const before = pending().length;
    await world.write(put('gateways', gateway('a4', 'pool', 4)));
    await world.runUntil(() => pending().length < before, 2000);
    await world.run(3000);
    await isQuiet(world);
  });

  it('F31: a drained gateway hands its slot over; sessions restart once', async () => {
    const world = await cloud();
    const leaving = holder(world);
    const known = world.snapshot.gateways.get(leaving) ?? expect.fail('no gateway');
    await world.write(put('gateways', { ...known, spec: { ...known.spec, adminState: 'Draining' } }));
    const took = await world.runUntil(() => holderIsNot(world, leaving), 5000);
    expect(took).toBeLessThanOrEqual(1000);
    await world.runUntil(() => world.phase(leaving) === 'Drained', 5000);
    expect(events(world)).toMatchObject([{ kind: 'PlannedMove', from: leaving }]);
    expect([...world.machine(holder(world)).takeovers.values()]).toEqual([1]);
    await world.run(2000);
    await isQuiet(world);
  });

  it('F34: a tenant deleted during its failover is gone without residue; the other is served', async () => {
    const world = await cloud();
    world.powerOff(holder(world));
    await world.run(2000);
    const contoso = world.snapshot.tenants.get('contoso') ?? expect.fail('no tenant');
    await world.write(put('tenants', { ...contoso, generation: 2, deleting: true }));
    await world.runUntil(() => !world.snapshot.tenants.has('contoso'), 20_000);
    await world.runUntil(() => world.servedBy('woodgrove') !== undefined, 9000);
    expect(world.servedBy('contoso')).toBeUndefined();
    const { events: _, ...rest } = world.snapshot;
    expect(JSON.stringify(Object.values(rest).map((t) => (t instanceof Map ? [...t] : t)))).not.toContain(
      'contoso',
    );
  });
});

describe('appliers', () => {
  /** Says yes, or no, to the load balancer's rows, and keeps those that it took. */
  class Rows implements Appliers {
    refuses = false;
    asked = 0;
    dips: ReadonlySet<string> = new Set();

    async rules({ lbRules }: Parameters<Appliers['rules']>[0]): Promise<void> {
      this.asked++;
      if (this.refuses) throw new Error('the multiplexer does not answer');
      this.dips = new Set([...lbRules.values()].map(({ dip }) => dip));
    }

    async routes(): Promise<void> {}
  }

  it('F37: a multiplexer that does not answer: the failover is not done before it has taken the rows', async () => {
    const rows = new Rows();
    const world = await cloud(rows);
    const dead = holder(world);
    const address = (name: string) => world.snapshot.gateways.get(name)?.spec.underlayAddress;
    expect(rows.dips).toEqual(new Set([address(dead)]));
    rows.refuses = true;
    const before = rows.asked;
    world.killDaemon(dead);
    await world.run(8000);
    expect(served(world).every((where) => where !== undefined)).toBe(true);
    expect(events(world)).toMatchObject([{ outcome: 'InProgress' }]);
    expect(events(world)[0]?.steps.map(({ name }) => name)).not.toContain('RepointSLB');
    // Again and again, but not at every turn; and said once.
    expect(rows.asked - before).toBeGreaterThanOrEqual(5);
    expect(rows.asked - before).toBeLessThanOrEqual(10);
    expect(world.complaints).toEqual(['not applied: the multiplexer does not answer']);
    rows.refuses = false;
    await world.run(3000);
    expect(events(world)).toMatchObject([{ outcome: 'Completed' }]);
    // No row leads to the dead one any more.
    expect(rows.dips).toEqual(new Set([address(holder(world))]));
  });
});

describe('reports', () => {
  it('are refused when they are repeated, and get no lease from a controller that was replaced', async () => {
    const world = await cloud();
    const old = world.controller;
    const known = world.controller.observations.agents.get('a1')?.report ?? expect.fail('no report');
    expect(await old.report(known)).toEqual({ type: 'stale' });
    expect(await old.report({ ...known, gateway: 'b7' })).toEqual({ type: 'unknown-gateway' });
    world.storage.open();
    await old.write(() => put('pools', pool('more', { greVipSubnets: ['198.51.100.32/27'] })));
    expect(await old.report({ ...known, sequence: known.sequence + 1 })).toEqual({ type: 'fenced' });
  });

  it('of a revision that the store has forgotten raise it before they are answered', async () => {
    const world = await cloud();
    const known = world.controller.observations.agents.get('a1')?.report ?? expect.fail('no report');
    const later = { ...known, sequence: known.sequence + 1, appliedRevision: 9000 };
    const outcome = await world.controller.report(later);
    expect(outcome).toMatchObject({ type: 'answer' });
    if (outcome.type === 'answer') expect(outcome.answer.revision).toBeGreaterThanOrEqual(9000);
  });

  it('get no lease that a change takes away which is being written', async () => {
    const world = await cloud();
    const name = holder(world);
    const { report } = world.controller.observations.agents.get(name) ?? expect.fail('no report');
    world.killController();
    const stored = new Gate();
    const problem = (what: unknown) => expect.fail(String(what));
    const store = behind(stored, world.storage.open());
    const controller = new Reconciler({
      ...{ store, clock: world.clock },
      ...{ onViolation: problem, onError: problem },
    });
    controller.start();
    const next = (more: number) => controller.report({ ...report, sequence: report.sequence + more });
    stored.open();
    expect(await next(1)).toMatchObject({ answer: { leaseMs: 4000 } });
    stored.shut();
    const known = world.snapshot.gateways.get(name) ?? expect.fail();
    const failed = { ...known, spec: { ...known.spec, verdict: 'fail' as const } };
    const written = controller.write(() => put('gateways', failed));
    await settle();
    const answered = next(2);
    expect(await Promise.race([answered, settle().then(() => 'waits')])).toBe('waits');
    stored.open();
    await written;
    expect(await answered).toMatchObject({ answer: { leaseMs: 0 } });
    controller.stop();
  });

  it('wait no longer for a change than they asked to', async () => {
    const world = await cloud();
    const { term } = world.storage;
    const { revision } = world.snapshot;
    let answered = 0;
    const count = () => void answered++;
    void world.controller.changes({ term, revision }, longestWaitMs).then(count);
    void world.controller.changes({ term, revision: 0 }, longestWaitMs).then(count);
    await settle();
    expect(answered).toBe(1);
    await world.run(longestWaitMs);
    expect(answered).toBe(2);
  });
});

function holderIsNot(world: Simulation, name: string): boolean {
  const now = world.servedBy('contoso');
  return now !== undefined && now !== name;
}

/** Lets through when it is open. */
class Gate {
  #through: Promise<void> = Promise.resolve();
  #lift = () => {};

  open(): void {
    this.#lift();
  }

  shut(): void {
    this.#through = new Promise((resolve) => {
      this.#lift = resolve;
    });
  }

  through(): Promise<void> {
    return this.#through;
  }
}

/** A store that takes its time to write. */
function behind(gate: Gate, store: Store): Store {
  return {
    get term() {
      return store.term;
    },
    get snapshot() {
      return store.snapshot;
    },
    get readOnly() {
      return store.readOnly;
    },
    commit: async (transaction) => {
      await gate.through();
      return store.commit(transaction);
    },
    watch: (listener) => store.watch(listener),
    close: () => store.close(),
  };
}
