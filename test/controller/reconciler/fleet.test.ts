/** Scenarios of what passes between the controller and agents: F12, F15, F16, F44, with the agents as they are. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { emptySnapshot } from '../../../src/controller/snapshot.ts';
import { openLogStore } from '../../../src/controller/store/log-store.ts';
import { connection, gateway, peer, pool, put, system, tenant } from '../builders.ts';
import { FaultyFiles } from '../store/faulty-files.ts';
import { Fleet } from './fleet.ts';

const names = ['a1', 'a2', 'a3'];

/** Three gateways, one in reserve; contoso and woodgrove with a site each, on one gateway. */
async function fleet(): Promise<Fleet> {
  const made = new Fleet();
  const gateways = names.map((name, at) => gateway(name, 'pool', at + 1));
  await made.write(put('pools', pool('pool')), put('gateways', ...gateways));
  await made.runUntil(() => names.every((name) => made.phase(name) === 'Spare'), 20_000);
  for (const [at, name] of ['contoso', 'woodgrove'].entries())
    await made.write(
      put('tenants', tenant(name, ['pool'])),
      put('connections', connection(`${name}-site`, name, 500_000, { remoteAddress: `192.0.2.${at + 1}` })),
      put('peers', peer(`${name}-peer`, name, '172.16.0.1', `${name}-site`)),
    );
  await made.runUntil(() => made.servedBy('woodgrove') !== undefined, 9000);
  await made.run(3000);
  return made;
}

const holder = (world: Fleet) => world.servedBy('contoso') ?? expect.fail('contoso is served by nobody');
const events = (world: Fleet) => [...world.snapshot.events.values()];
const fences = (world: Fleet, name: string) =>
  world.gateway(name).events.filter(({ type }) => type === 'fenced').length;

describe('the network between a controller and an agent', () => {
  it('F12: answers are lost while renewals arrive: it lets go, nobody takes over on such word, and it serves again', async () => {
    const world = await fleet();
    const name = holder(world);
    const [controller] = world.controllers;
    controller?.muteTo.add(name);
    await world.runUntil(() => fences(world, name) === 1, 4500);
    // It renews, and says that it holds nothing; it may be given the slot by the next answer that arrives.
    for (let second = 0; second < 30; second++) {
      await world.run(1000);
      expect([world.servedBy('contoso'), events(world)]).toEqual([undefined, []]);
      expect(world.snapshot.slots.get('pool-1')?.status).toMatchObject({ gateway: name, epoch: 1 });
    }
    controller?.muteTo.delete(name);
    await world.runUntil(() => world.servedBy('contoso') === name, 1500);
    expect([world.servedBy('woodgrove'), events(world)]).toEqual([name, []]);
  });

  it('F44: an old answer that is played again gives nothing: not the slot, and not a lease', async () => {
    const world = await fleet();
    const former = holder(world);
    const old = world.answers.get(former)?.at(-1) ?? expect.fail('no answer');
    expect(old.desired.slots).toEqual([expect.objectContaining({ slot: 'pool-1', epoch: 1 })]);
    const known = world.snapshot.gateways.get(former) ?? expect.fail('no gateway');
    await world.write(put('gateways', { ...known, spec: { ...known.spec, adminState: 'Draining' } }));
    await world.runUntil(() => world.phase(former) === 'Drained', 5000);
    await world.runUntil(() => world.servedBy('contoso') !== undefined, 5000);
    const machine = world.gateway(former);
    const successor = holder(world);
    // In the place of the true answers, again and again, to reports that were just sent.
    for (const { muteTo } of world.controllers) muteTo.add(former);
    const heldBefore = machine.agent.leaseEnd;
    for (let times = 0; times < 300; times++) {
      const { sequence } = machine.reports.at(-1) ?? expect.fail('no report');
      world.deliver(former, machine, sequence, old);
      await world.step();
      expect([machine.serving, machine.agent.held]).toEqual([[], []]);
    }
    expect(machine.agent.leaseEnd).toBeLessThanOrEqual(heldBefore);
    expect(machine.agent.phase).toBe('fenced');
    expect(machine.events.filter(({ type }) => type === 'overtaken').length).toBeGreaterThan(5);
    expect([holder(world), fences(world, successor)]).toEqual([successor, 0]);
  });
});

describe('F15: two controllers are started by mistake', () => {
  it('on one directory: the second does not get the store, and the first goes on', async () => {
    const files = new FaultyFiles();
    const initial = emptySnapshot(system);
    const store = await openLogStore({ files, initial, onWarning: expect.fail });
    await expect(openLogStore({ files, initial, onWarning: expect.fail })).rejects.toThrow(
      'another controller has the store',
    );
    expect(await store.commit({ readRevision: 0, changes: put('pools', pool('pool')) })).toMatchObject({
      ok: true,
    });
  });

  it('on one store: the later one has it, and agents believe nothing of the former any more', async () => {
    const world = await fleet();
    const name = holder(world);
    const machine = world.gateway(name);
    const [first] = world.controllers;
    const former = world.answers.get(name)?.at(-1) ?? expect.fail('no answer');
    const second = world.startController();
    await world.run(12_000);
    expect([holder(world), fences(world, name), events(world)]).toEqual([name, 0, []]);
    expect([former.term, machine.agent.seen.term]).toEqual([1, 2]);
    // Whoever has lost the store has found out, and grants nothing.
    const { report } = first?.reconciler.observations.agents.get(name) ?? expect.fail('no report');
    const later = { ...report, sequence: report.sequence + 1000 };
    expect(await first?.reconciler.report(later)).toEqual({ type: 'fenced' });
    // One that has not would be all that this gateway hears: its leases are none.
    second.deafTo.add(name);
    const cutAt = world.clock.now();
    while (world.servedBy('contoso') === name || world.servedBy('contoso') === undefined) {
      expect(world.clock.now() - cutAt).toBeLessThan(9000);
      const { sequence } = machine.reports.at(-1) ?? expect.fail('no report');
      world.deliver(name, machine, sequence, { ...former, revision: machine.agent.seen.revision });
      await world.step();
    }
    expect(machine.events.filter(({ type }) => type === 'refused').length).toBeGreaterThan(2);
    expect([fences(world, name), machine.agent.phase]).toEqual([1, 'fenced']);
    expect(events(world)).toMatchObject([{ from: name, trigger: 'LeaseExpired' }]);
  });
});

describe('F16: the clock of a machine is set', () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
  ])('%s: no lease ends of it or lasts longer, and nothing moves', async (_, ms) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
    const world = await fleet();
    const name = holder(world);
    vi.setSystemTime(Date.now() + ms);
    await world.run(10_000);
    expect([holder(world), fences(world, name), events(world)]).toEqual([name, 0, []]);
    for (const { deafTo } of world.controllers) deafTo.add(name);
    const took = await world.runUntil(() => fences(world, name) === 1, 4500);
    expect(took).toBeGreaterThan(2900);
    await world.runUntil(() => world.servedBy('contoso') !== undefined, 3000);
    expect(events(world)).toMatchObject([{ from: name, outcome: expect.anything() }]);
  });
});
