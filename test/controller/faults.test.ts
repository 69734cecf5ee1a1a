/** Scenarios of the specification in fence mode that need more than one gateway to fail, or something beside gateways. */
import { beforeEach, expect, test } from 'vitest';
import { admit } from '../../src/controller/admission.ts';
import { connection, gateway, pool, put, tenant } from './builders.ts';
import { twoTenants } from './two-tenants.ts';
import type { World } from './world.ts';

let world: World;

beforeEach(() => {
  world = twoTenants();
  world.run(5000);
});

const events = () => [...world.snapshot.events.values()];
const names = ['contoso-1', 'contoso-2', 'woodgrove-1'] as const;
const holders = () => names.map((name) => world.gatewayOf(name));

function drain(name: string, number: number, adminState: 'Draining' | 'InService'): void {
  const known = world.snapshot.gateways.get(name) ?? expect.fail(name);
  world.write(
    put('gateways', { ...known, spec: gateway(name, 'a', number, { ...known.spec, adminState }).spec }),
  );
}

test('F10, fence: a controller that nobody reaches for longer than a lease: all let go, and all is served again', () => {
  for (const name of ['a1', 'a2', 'a3']) world.machine(name).cut = true;
  world.run(8000);
  for (const name of ['a1', 'a2', 'a3']) expect(world.machine(name).kernel.size).toBe(0);
  for (const name of ['a1', 'a2', 'a3']) world.machine(name).cut = false;
  world.run(20_000);
  expect(holders().every((holder) => holder !== null)).toBe(true);
  expect(world.reflectorOf('contoso')).not.toBeNull();
});

test('F11, fence: a gateway on the controller’s side keeps what it has; the others let go, and their slot waits for room', () => {
  for (const name of ['a2', 'a3']) world.machine(name).cut = true;
  world.run(9000);
  expect(world.machine('a1').kernel.size).toBeGreaterThan(0);
  expect(world.reflectorOf('contoso')).toBe('a1');
  expect(events().every(({ from }) => from !== 'a1')).toBe(true);
  expect([world.machine('a2').kernel.size, world.machine('a3').kernel.size]).toEqual([0, 0]);
  for (const name of ['a2', 'a3']) world.machine(name).cut = false;
  world.run(20_000);
  expect(holders().every((holder) => holder !== null)).toBe(true);
});

test('F18: a daemon that stands still for less than its lease costs nothing; for longer, one clean failover', () => {
  world.stall('a1');
  world.run(2500);
  world.resume('a1');
  world.run(3000);
  expect(events()).toEqual([]);
  world.stall('a1');
  world.run(9000);
  world.resume('a1');
  world.run(8000);
  expect(events()).toMatchObject([{ from: 'a1', to: 'a3', outcome: 'Completed' }]);
  expect(world.phase('a1')).toBe('Spare');
});

test('F22: a second pool beside one for all types is refused', () => {
  world.write(
    put('pools', pool('ipsec', { type: 'S2sIpsec', greVipSubnets: [], publicVips: ['203.0.113.9'] })),
  );
  const refused = admit(world.snapshot, { kind: 'tenants', value: tenant('t', ['a', 'ipsec']) });
  expect(refused).toMatchObject([{ status: 422, reason: 'AllPoolExclusive' }]);
});

test('F33: gateways are upgraded one after the other: no slot moves more than once each, nobody is ever without', () => {
  for (const [at, name] of ['a3', 'a2', 'a1'].entries()) {
    const before = events().length;
    drain(name, 3 - at, 'Draining');
    for (let waited = 0; world.phase(name) !== 'Drained'; waited += 250) {
      if (waited > 20_000) expect.fail(`${name} is ${world.phase(name)}`);
      world.step();
      expect(holders().every((holder) => holder !== null)).toBe(true);
    }
    expect(world.machine(name).kernel.size).toBe(0);
    drain(name, 3 - at, 'InService');
    world.run(4000);
    expect(world.phase(name)).toBe('Spare');
    expect(events().length - before).toBeLessThanOrEqual(1);
  }
  expect(events().every(({ kind, outcome }) => kind === 'PlannedMove' && outcome === 'Completed')).toBe(true);
});

test('F39: a spare that the VLAN does not reach is passed over', () => {
  const l3 = { type: 'L3', l3: { vlan: 7, localAddress: '10.9.0.1', peerAddress: '10.9.0.2' } } as const;
  world.write(
    put('gateways', gateway('a4', 'a', 4, { l3Vlans: [7] }), gateway('a5', 'a', 5, { l3Vlans: [7] })),
  );
  world.run(3000);
  world.write(put('gateways', ...['a1', 'a2', 'a3'].map((name, at) => reaching(name, at + 1))));
  world.write(
    put('tenants', tenant('third', ['a'])),
    put('connections', connection('third-1', 'third', 1000, l3)),
  );
  world.run(3000);
  const first = world.gatewayOf('third-1');
  expect(['a4', 'a5']).toContain(first);
  world.powerOff(first ?? '');
  world.run(9000);
  expect(['a4', 'a5']).toContain(world.gatewayOf('third-1'));
  expect(world.gatewayOf('third-1')).not.toBe(first);
});

function reaching(name: string, number: number) {
  const known = world.snapshot.gateways.get(name) ?? expect.fail(name);
  return { ...known, spec: gateway(name, 'a', number, { l3Vlans: [1] }).spec };
}
