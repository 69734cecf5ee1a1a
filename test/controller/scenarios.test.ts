import { beforeEach, describe, expect, test } from 'vitest';
import { desiredState } from '../../src/controller/desired.ts';
import { observe } from '../../src/controller/observations.ts';
import { plan } from '../../src/controller/plan.ts';
import { applyChanges } from '../../src/controller/snapshot.ts';
import { connection, gateway, pool, put, tenant } from './builders.ts';
import { twoTenants } from './two-tenants.ts';
import type { World } from './world.ts';

let world: World;

beforeEach(() => {
  world = twoTenants();
  world.run(5000);
});

const slotOf = (name: string) => world.snapshot.connections.get(name)?.status.slot ?? '';
const events = () => [...world.snapshot.events.values()];

test('F00: first gateway reflects, a site too big for it makes another gateway a client', () => {
  expect(world.reflectorOf('contoso')).toBe('a1');
  expect(world.gatewayOf('contoso-2')).toBe('a2');
  expect(world.reflectorOf('woodgrove')).toBe('a2');
  expect(world.gatewayOf('woodgrove-1')).toBe('a2');
  expect(world.phase('a3')).toBe('Spare');
  expect([...world.snapshot.connections.values()].map(({ status }) => status.phase)).toEqual([
    'Routed',
    'Routed',
    'Routed',
  ]);
  expect([...world.snapshot.lbRules.values()].map(({ vip, dip }) => [vip, dip])).toEqual([
    ['203.0.113.1', '10.255.0.1'],
    ['203.0.113.1', '10.255.0.2'],
    ['203.0.113.1', '10.255.0.2'],
  ]);
  // Straight to where the tunnel ends, also for the site behind the client.
  expect([...world.snapshot.overlayRoutes.values()].map(({ name, nextHopPa }) => [name, nextHopPa])).toEqual([
    ['contoso 172.16.0.0/24', '10.255.0.1'],
    ['contoso 172.16.1.0/24', '10.255.0.2'],
    ['woodgrove 172.16.0.0/24', '10.255.0.2'],
  ]);
});

test('F01: the daemon of a client gateway dies: one event, its guard releases it, under a second and a renewal', () => {
  const slot = slotOf('contoso-2');
  world.killDaemon('a2');
  const start = world.now;
  while (world.snapshot.slots.get(slot)?.status.gateway !== 'a3') world.step();
  expect(world.now - start).toBeLessThanOrEqual(1000);
  expect(new Set([...world.snapshot.lbRules.values()].map(({ dip }) => dip))).toEqual(
    new Set(['10.255.0.1', '10.255.0.3']),
  );
  world.run(4000);
  expect(events()).toMatchObject([
    { slot, from: 'a2', to: 'a3', fromEpoch: 1, toEpoch: 2, trigger: 'AgentFault', outcome: 'Completed' },
  ]);
  expect(events()[0].rrFor).toEqual(['woodgrove']);
});

test('F02: power off of the reflector: same slot, same address, on the spare after the lease', () => {
  const before = world.snapshot.tenants.get('contoso')?.status;
  world.powerOff('a1');
  const start = world.now;
  while (!world.machine('a3').kernel.has(before?.rrSlot ?? '')) world.step();
  expect(world.now - start).toBeLessThanOrEqual(7000);
  world.run(3000);
  expect(world.reflectorOf('contoso')).toBe('a3');
  expect(world.snapshot.tenants.get('contoso')?.status).toEqual(before);
  expect(events()).toMatchObject([{ trigger: 'LeaseExpired', from: 'a1', to: 'a3', outcome: 'Completed' }]);
  // Its VIPs went with it: the one of the slot, announced, and the one behind the multiplexer.
  const slot = before?.rrSlot ?? '';
  const greVip = world.snapshot.slots.get(slot)?.status.greVip;
  expect(desiredState(world.snapshot, 'a1').underlay).toBeUndefined();
  expect(desiredState(world.snapshot, 'a3').underlay?.vips).toEqual([
    { slot, address: greVip, isAnnounced: true },
    { slot, address: '203.0.113.1', isAnnounced: false },
  ]);
});

test('F05: two die at once: the reflector with more work gets the spare, the other waits when it does not fit', () => {
  world.powerOff('a1');
  world.powerOff('a2');
  world.run(8000);
  expect(world.gatewayOf('woodgrove-1')).toBe('a3');
  expect(world.gatewayOf('contoso-1')).toBeNull();
  // The role went to the slot that has a gateway; the address is the tenant's.
  expect(world.reflectorOf('contoso')).toBe('a3');
  expect(world.snapshot.pools.get('a')?.status.conditions.map(({ type }) => type)).toContain(
    'StandbyExhausted',
  );
  expect(events().map(({ outcome }) => outcome)).toContain('Unbound');
  world.write(put('gateways', gateway('a4', 'a', 4)));
  world.run(4000);
  expect(world.gatewayOf('contoso-1')).toBe('a4');
  expect(events().at(-1)).toMatchObject({ trigger: 'CapacityReturned', from: null, to: 'a4' });
});

test('F05, co-hosting: a slot that fits beside another is taken in whole', () => {
  const known = world.snapshot.connections.get('contoso-1') ?? expect.fail();
  world.write(put('connections', { ...known, spec: { ...known.spec, inKbps: 100_000 } }));
  world.powerOff('a1');
  world.powerOff('a2');
  world.run(9000);
  expect([world.gatewayOf('contoso-1'), world.gatewayOf('contoso-2')]).toEqual(['a3', 'a3']);
  expect(events().map(({ outcome }) => outcome)).toEqual(['CoHosted', 'CoHosted']);
});

test('F06: the target dies too: the first event is superseded, the slot finds another or waits', () => {
  world.powerOff('a1');
  while (world.reflectorOf('contoso') !== 'a3') world.step();
  world.powerOff('a3');
  world.run(9000);
  expect(events()[0]).toMatchObject({ to: 'a3', outcome: 'Superseded' });
  expect(world.snapshot.slots.get(slotOf('contoso-1'))?.status).toMatchObject({ phase: 'Unbound', epoch: 2 });
  expect(world.reflectorOf('contoso')).toBe('a2');
});

test('F07: back within the lease: suspect, then active; no event', () => {
  world.machine('a1').cut = true;
  world.run(2500);
  expect(world.phase('a1')).toBe('Suspect');
  world.machine('a1').cut = false;
  world.run(2000);
  expect(world.phase('a1')).toBe('Active');
  expect(events()).toEqual([]);
});

test('F08: back after the failover: fenced, empty, a spare; no failback', () => {
  world.powerOff('a1', 10_000);
  world.run(20_000);
  expect(world.phase('a1')).toBe('Spare');
  expect(world.reflectorOf('contoso')).toBe('a3');
  expect(events()).toHaveLength(1);
});

test('F09, fence: cut off from the controller, it lets go before anybody else is bound', () => {
  world.machine('a1').cut = true;
  world.run(8000);
  expect(world.machine('a1').kernel.size).toBe(0);
  expect(world.reflectorOf('contoso')).toBe('a3');
});

test('F13: a controller restart in the middle resumes the same event, and one shorter than the lease fences nobody', () => {
  world.crashController();
  world.run(2000);
  world.startController();
  world.run(12_000);
  expect(events()).toEqual([]);
  expect([...world.machine('a1').kernel.keys()]).toEqual([slotOf('contoso-1')]);
  world.powerOff('a1');
  while (world.reflectorOf('contoso') !== 'a3') world.step();
  world.crashController();
  world.run(1000);
  world.startController();
  world.run(12_000);
  expect(events()).toMatchObject([{ to: 'a3', outcome: 'Completed' }]);
});

test('F14: restored from an old backup: the agents know better, epochs rise above theirs', () => {
  const backup = world.snapshot;
  world.powerOff('a1', 10_000);
  world.run(20_000);
  world.crashController();
  const { revision } = world.snapshot;
  world.snapshot = { ...backup, revision: revision + 1 };
  world.startController();
  world.run(14_000);
  expect(world.reflectorOf('contoso')).toBe('a3');
  expect(world.snapshot.slots.get(slotOf('contoso-1'))?.status.epoch).toBeGreaterThan(2);
  expect(events()).toMatchObject([{ kind: 'Reconcile', trigger: 'Restore', to: 'a3' }]);
});

test('F17: stopped for ten seconds: its addresses are gone while it still stands', () => {
  world.stall('a1');
  world.run(4250);
  expect(world.machine('a1').kernel.size).toBe(0);
  world.run(5750);
  world.resume('a1');
  world.run(5000);
  expect(world.reflectorOf('contoso')).toBe('a3');
  expect(world.phase('a1')).toBe('Spare');
});

describe('placement that has to wait', () => {
  test('F19: a full pool says so with numbers; a new gateway cures it and moves nobody', () => {
    world.write(
      put('connections', connection('big', 'woodgrove', 5_000_000, { remoteAddress: '192.0.2.9' })),
    );
    expect(world.snapshot.connections.get('big')?.status).toMatchObject({
      phase: 'Pending',
      pending: { reason: 'NoCapacity', neededUnits: 15_000_000, largestFreeUnits: 3_000_000 },
    });
    const slots = [...world.snapshot.slots.keys()];
    world.write(put('gateways', gateway('a4', 'a', 4)));
    world.run(2000);
    expect(world.gatewayOf('big')).not.toBeNull();
    expect([...world.snapshot.slots.keys()].slice(0, slots.length)).toEqual(slots);
    expect(events()).toEqual([]);
  });

  test('F20: larger than any gateway', () => {
    world.write(
      put('connections', connection('huge', 'woodgrove', 5_000_001, { remoteAddress: '192.0.2.9' })),
    );
    expect(world.snapshot.connections.get('huge')?.status.pending?.reason).toBe('LargerThanAnyGateway');
  });

  test('F21: the tenant limit', () => {
    world.write(put('pools', pool('a', { limits: { tenants: 2 } })));
    world.write(put('tenants', tenant('third', ['a']), tenant('fourth', ['a'])));
    world.write(put('connections', connection('third-1', 'third', 1000, { remoteAddress: '192.0.2.8' })));
    world.write(put('connections', connection('fourth-1', 'fourth', 1000, { remoteAddress: '192.0.2.9' })));
    expect(world.gatewayOf('third-1')).toBe('a1');
    expect(world.snapshot.connections.get('fourth-1')?.status.pending?.reason).toBe('TenantLimit');
  });
});

describe('drain', () => {
  const drain = (name: string, number: number) =>
    world.write(
      put('gateways', {
        ...(world.snapshot.gateways.get(name) ?? expect.fail(name)),
        spec: gateway(name, 'a', number, { adminState: 'Draining' }).spec,
      }),
    );

  test('F31: with a spare: one planned move, and then drained', () => {
    drain('a2', 2);
    world.run(6000);
    expect(world.phase('a2')).toBe('Drained');
    expect(world.gatewayOf('contoso-2')).toBe('a3');
    expect(events()).toMatchObject([{ kind: 'PlannedMove', from: 'a2', to: 'a3', outcome: 'Completed' }]);
  });

  test('F32: without a target it goes on serving and says why; a new gateway completes it', () => {
    world.powerOff('a3');
    world.run(6000);
    drain('a2', 2);
    world.run(3000);
    expect(world.gatewayOf('contoso-2')).toBe('a2');
    expect(world.snapshot.gateways.get('a2')?.status.conditions).toMatchObject([
      { type: 'Blocked', reason: 'NoTarget' },
    ]);
    expect([...world.machine('a2').kernel.keys()]).toEqual([slotOf('contoso-2')]);
    world.write(put('gateways', gateway('a4', 'a', 4)));
    world.run(6000);
    expect(world.phase('a2')).toBe('Drained');
    expect(world.gatewayOf('contoso-2')).toBe('a4');
  });
});

describe('removal', () => {
  const remove = (kind: 'tenants' | 'connections', name: string) => {
    const known = world.snapshot[kind].get(name) ?? expect.fail(name);
    world.write([{ type: 'put', kind, value: { ...known, deleting: true } } as never]);
  };

  test('F34: a tenant that is deleted during its failover leaves nothing; the other keeps its slot', () => {
    world.powerOff('a1');
    world.run(2000);
    remove('tenants', 'contoso');
    world.run(20_000);
    expect(world.snapshot.tenants.has('contoso')).toBe(false);
    const { events: _, ...rest } = world.snapshot;
    expect(
      JSON.stringify(Object.values(rest).map((table) => (table instanceof Map ? [...table] : table))),
    ).not.toContain('contoso');
    expect(world.gatewayOf('woodgrove-1')).toBe('a2');
  });

  test('F35: the last connection on the reflector goes: the role moves once, then the slot ends', () => {
    world.snapshot = { ...world.snapshot, peers: new Map() };
    remove('connections', 'contoso-1');
    world.run(8000);
    expect(world.reflectorOf('contoso')).toBe('a2');
    expect(world.snapshot.slots.size).toBe(1);
    expect(world.phase('a1')).toBe('Spare');
  });
});

test('F36: a capacity lowered below use: flagged, nobody moved, nothing new placed there', () => {
  world.write(put('pools', pool('a', { gatewayCapacityKbps: 3_000_000 })));
  world.run(1000);
  expect(world.snapshot.gateways.get('a1')?.status.conditions).toMatchObject([{ type: 'OverProvisioned' }]);
  expect(world.gatewayOf('contoso-1')).toBe('a1');
  expect(events()).toEqual([]);
});

test('F40: a gateway that fails three times is kept out', () => {
  for (let k = 0; k < 3; k++) {
    world.killDaemon('a1', 2000);
    world.run(8000);
  }
  expect(world.phase('a1')).toBe('Quarantined');
  expect(world.snapshot.gateways.get('a1')?.status.failures).toHaveLength(3);
  expect(events()).toHaveLength(1);
});

test('a gateway that its owner deletes drains and goes', () => {
  const known = world.snapshot.gateways.get('a2') ?? expect.fail();
  world.write(put('gateways', { ...known, deleting: true }));
  world.run(8000);
  expect(world.snapshot.gateways.has('a2')).toBe(false);
  expect(world.gatewayOf('contoso-2')).toBe('a3');
});

test('a slot is let go of by the word of its holder at the release revision, not by an older one', () => {
  const name = slotOf('contoso-1');
  const known = world.snapshot.gateways.get('a1') ?? expect.fail();
  world.write(put('gateways', { ...known, spec: { ...known.spec, adminState: 'Draining' } }));
  const releasing = world.snapshot.slots.get(name)?.status;
  expect(releasing).toMatchObject({ phase: 'Releasing', gateway: 'a1', releasing: { target: 'a3' } });
  const { report } = world.observations.agents.get('a1') ?? expect.fail();
  const afterRevision = releasing?.releasing?.afterRevision ?? 0;
  const says = (appliedRevision: number, sequence: number) => {
    const word = { ...report, sequence, held: [], appliedRevision };
    const observations = observe(world.observations, word, { now: world.now, leased: true });
    const { changes } = plan(world.snapshot, observations, world.now);
    return applyChanges(world.snapshot, changes).slots.get(name)?.status;
  };
  // From before it was given the slot: an answer that gives it may still be on its way to it.
  expect(says(afterRevision - 1, report.sequence + 1)).toMatchObject({ phase: 'Releasing', gateway: 'a1' });
  expect(says(afterRevision, report.sequence + 1)).toMatchObject({ phase: 'Bound', gateway: 'a3', epoch: 2 });
});
