/**
 * Random operations against the world, under late, lost and repeated messages. The world holds every state against all
 * invariants; at the end, when faults have stopped, whatever fits must be served.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admit } from '../../src/controller/admission.ts';
import { pickStandby, place } from '../../src/controller/placement.ts';
import type { Connection, ConnectionType } from '../../src/controller/resources.ts';
import { connection, gateway, peer, pool, put, tenant } from './builders.ts';
import { World } from './world.ts';

type Operation = { readonly type: string; readonly at: number; readonly size: number };

const operation: fc.Arbitrary<Operation> = fc.record({
  type: fc.constantFrom(
    ...['kill', 'power', 'stall', 'resume', 'cut', 'heal', 'controller-crash', 'controller-start'],
    ...['router-gone', 'router-back'],
    ...['drain', 'undrain', 'fail', 'add-gateway', 'delete-gateway', 'add-tenant', 'delete-tenant'],
    ...['add-connection', 'add-connection', 'delete-connection', 'resize', 'run', 'run', 'run'],
  ),
  at: fc.nat(40),
  size: fc.nat(100),
});

const nth = <T>(items: Iterable<T>, at: number): T | undefined => {
  const all = [...items];
  return all[at % Math.max(1, all.length)];
};

const underlayBgp = { localAsn: 65534, peers: [{ address: '10.255.255.1', asn: 65533 }] };

function start(delays: readonly number[]): World {
  const world = new World();
  let turn = 0;
  const next = () => delays[turn++ % delays.length];
  world.delay = () => (next() * 17) % 1400;
  world.duplicate = () => next() % 5 === 0;
  const gateways = [1, 2, 3, 4].map((k) =>
    gateway(`g${k}`, 'a', k, { faultDomain: `d${k % 2}`, underlayBgp }),
  );
  world.write(
    put('pools', pool('a', { limits: { tenants: 4, connections: 6 } })),
    put('gateways', ...gateways),
  );
  world.run(8000);
  return world;
}

const types: readonly ConnectionType[] = ['IPSEC', 'GRE', 'L3'];

function newConnection(name: string, owner: string, { at, size }: Operation): Connection {
  const type = types[size % 3];
  const remoteAddress = `192.0.2.${(at * 7 + size) % 250}`;
  const own = {
    IPSEC: {},
    GRE: { gre: { key: at } },
    L3: { l3: { vlan: at, localAddress: `10.9.${at}.${size}`, peerAddress: `10.9.${at}.200` } },
  }[type];
  return connection(name, owner, size * 60_000, { type, remoteAddress, ...own });
}

function apply(world: World, op: Operation, number: number): unknown {
  const machine = nth(world.machines.keys(), op.at) ?? 'g1';
  const known = nth(world.snapshot.gateways.values(), op.at);
  const owner = nth(world.snapshot.tenants.values(), op.at);
  const link = nth(world.snapshot.connections.values(), op.at);
  const spec = (change: object) =>
    known && world.write(put('gateways', { ...known, spec: { ...known.spec, ...change } }));
  switch (op.type) {
    case 'kill':
      return world.killDaemon(machine, op.size * 200);
    case 'power':
      return world.powerOff(machine, op.size * 200);
    case 'stall':
      return world.stall(machine);
    case 'resume':
      return world.resume(machine);
    case 'cut':
    case 'heal':
      world.machine(machine).cut = op.type === 'cut';
      return;
    case 'router-gone':
    case 'router-back':
      world.machine(machine).underlay = op.type === 'router-gone' ? 'down' : 'up';
      return;
    case 'controller-crash':
      return world.crashController();
    case 'controller-start':
      return world.startController();
    case 'drain':
      return spec({ adminState: 'Draining' });
    case 'fail':
      return spec({ verdict: 'fail' });
    case 'undrain':
      if (!known?.spec) return;
      return world.write(
        put('gateways', {
          ...known,
          spec: gateway(known.name, 'a', 0, { underlayAddress: known.spec.underlayAddress }).spec,
        }),
      );
    case 'add-gateway':
      return world.write(put('gateways', gateway(`h${number}`, 'a', 100 + number)));
    case 'delete-gateway':
      return known && world.write(put('gateways', { ...known, deleting: true }));
    case 'add-tenant':
      return world.write(put('tenants', tenant(`t${number}`, ['a'])));
    case 'delete-tenant':
      return owner && world.write(put('tenants', { ...owner, deleting: true }));
    case 'add-connection': {
      if (!owner || owner.deleting) return;
      const value = newConnection(`c${number}`, owner.name, op);
      if (admit(world.snapshot, { kind: 'connections', value }).length > 0) return;
      world.write(put('connections', value));
      return world.write(put('peers', peer(`p${number}`, owner.name, `10.${number}.0.1`, value.name)));
    }
    case 'delete-connection': {
      if (!link) return;
      const pinned = [...world.snapshot.peers.values()].filter((p) => p.spec.connection === link.name);
      return world.write(
        put('peers', ...pinned.map((p) => ({ ...p, deleting: true }))),
        put('connections', { ...link, deleting: true }),
      );
    }
    case 'resize':
      return (
        link && world.write(put('connections', { ...link, spec: { ...link.spec, inKbps: op.size * 60_000 } }))
      );
    default:
      return world.run(op.size * 60);
  }
}

/** L-1, L-2, L-3, L-5, L-6 and I-RESI once the faults have stopped. */
function settle(world: World): void {
  for (const [name, machine] of world.machines) {
    machine.cut = false;
    machine.underlay = 'up';
    world.resume(name);
    machine.restartAt = Math.min(machine.restartAt, world.now);
  }
  world.startController();
  world.delay = () => 50;
  world.run(30_000);
  const { gateways, slots, tenants, connections } = world.snapshot;
  for (const { name, deleting } of tenants.values())
    if (deleting) expect.fail(`tenant ${name} is still there`);
  for (const { name, deleting } of connections.values())
    if (deleting) expect.fail(`connection ${name} is still there`);
  for (const slot of slots.values()) {
    if (slot.status.phase === 'Unbound') expect(pickStandby(world.snapshot, slot, null).type).toBe('none');
    else expect([slot.name, slot.status.phase]).toEqual([slot.name, 'Bound']);
  }
  for (const link of connections.values())
    if (link.status.slot === null) expect(place(world.snapshot, link).type).toBe('pending');
  for (const { name, status } of tenants.values()) {
    const bound = slots.get(status.rrSlot ?? '')?.status.phase === 'Bound';
    if (bound) expect([name, status.rrPhase]).toEqual([name, 'Serving']);
  }
  for (const { name, spec, status } of gateways.values()) {
    if (spec.verdict === undefined && status.phase === 'Returning') expect.fail(`${name} is still returning`);
  }
}

const operationOf = (at: number, size = 0, type = 'kill'): Operation => ({ type, at, size });
/** Three gateways die at once, and a connection that was to go is gone with one of them: its slot fits where it did not. */
const roomComesFree: Operation[] = [
  ...[5, 59, 67].map((size) => operationOf(0, size, 'add-connection')),
  ...[0, 0, 0, 0, 0, 0, 3, 0, 5].map((at) => operationOf(at)),
  operationOf(0, 0, 'delete-connection'),
];

test('all invariants hold under random events, and what fits is served when they stop', () => {
  fc.assert(
    fc.property(
      fc.array(operation, { minLength: 10, maxLength: 60 }),
      fc.array(fc.nat(1000), { minLength: 3, maxLength: 40 }),
      (operations, delays) => {
        const world = start(delays);
        let number = 1;
        for (const first of [0, 1, 2]) apply(world, { type: 'add-tenant', at: first, size: 0 }, number++);
        for (const op of operations) apply(world, op, number++);
        settle(world);
      },
    ),
    { numRuns: 25, examples: [[roomComesFree, [0, 0, 0]]] },
  );
});
