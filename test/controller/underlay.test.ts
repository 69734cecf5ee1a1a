/** F38: gateways whose sessions with the routers of the underlay are down, when a slot with a GRE VIP needs one. */
import { beforeEach, describe, expect, test } from 'vitest';
import { pickStandby } from '../../src/controller/placement.ts';
import type { ConnectionSpec, GatewayPoolSpec } from '../../src/controller/resources.ts';
import { connection, gateway, pool, put, tenant } from './builders.ts';
import { World } from './world.ts';

const router = '10.255.255.1';
const underlayBgp = { localAsn: 65534, peers: [{ address: router, asn: 65533 }] };
const gre = (key: number): Partial<ConnectionSpec> => ({ type: 'GRE', gre: { key } });

let world: World;

/** Contoso's site by GRE on one of `names`, all with a router to announce VIPs to. */
function cloud(names: readonly string[], spec: Partial<GatewayPoolSpec> = {}): World {
  const made = new World();
  const gateways = names.map((name, at) => gateway(name, 'a', at + 1, { underlayBgp }));
  made.write(put('pools', pool('a', spec)), put('gateways', ...gateways));
  made.run(8000);
  made.write(put('tenants', tenant('contoso', ['a'])));
  made.write(put('connections', connection('contoso-1', 'contoso', 4_000_000, gre(1))));
  made.run(5000);
  return made;
}

beforeEach(() => {
  world = cloud(['a1', 'a2', 'a3', 'a4']);
});

const status = (name: string) => world.snapshot.gateways.get(name)?.status ?? expect.fail(name);
const events = () => [...world.snapshot.events.values()];
const conditions = (name: string) => status(name).conditions.map(({ type }) => type);
const slotOf = (name: string) => world.snapshot.connections.get(name)?.status.slot ?? '';

function silence(...names: readonly string[]): void {
  for (const name of names) world.machine(name).underlay = 'down';
  world.run(2000);
}

test('F38: the spare that has been idle for longest has no session with its router: another one takes the VIP', () => {
  expect([status('a1').underlayUp, status('a2').underlayUp]).toEqual([[router], [router]]);
  silence('a2');
  expect(status('a2').underlayUp).toEqual([]);
  // It has no VIP to announce, and may still be given work that needs none.
  expect([conditions('a2'), world.phase('a2')]).toEqual([[], 'Spare']);
  world.powerOff('a1');
  world.run(9000);
  expect(world.gatewayOf('contoso-1')).toBe('a3');
  expect(events()).toMatchObject([{ from: 'a1', to: 'a3', outcome: 'Completed' }]);
});

test('F38: no gateway can announce it: bound all the same, said on the gateway, and taken back with the session', () => {
  silence('a2', 'a3', 'a4');
  world.powerOff('a1');
  world.run(9000);
  expect(world.gatewayOf('contoso-1')).toBe('a2');
  const slot = world.snapshot.slots.get(slotOf('contoso-1')) ?? expect.fail();
  expect(status('a2').conditions).toEqual([
    {
      type: 'VipNotAnnounced',
      reason: 'UnderlaySessionDown',
      message: `no session with a router of the underlay: nobody is told of ${slot.status.greVip} (slot ${slot.name})`,
    },
  ]);
  world.machine('a2').underlay = 'up';
  world.run(2000);
  expect(conditions('a2')).toEqual([]);
  // Nothing moves because of it.
  expect(events()).toHaveLength(1);
  // A session that is lost later is said too, and moves nothing either.
  world.machine('a3').underlay = 'up';
  silence('a2');
  expect([conditions('a2'), world.gatewayOf('contoso-1'), events().length]).toEqual([
    ['VipNotAnnounced'],
    'a2',
    1,
  ]);
});

test('F38: a gateway that announces, and has room beside its own slot, goes before an empty one that does not', () => {
  world.write(put('tenants', tenant('woodgrove', ['a'])));
  const other = { ...gre(2), remoteAddress: '192.0.2.2' };
  world.write(put('connections', connection('woodgrove-1', 'woodgrove', 12_000_000, other)));
  world.run(3000);
  const host = world.gatewayOf('woodgrove-1') ?? expect.fail();
  expect(host).not.toBe('a1');
  world.write(put('connections', resized('woodgrove-1', 1_000_000)));
  silence(...['a2', 'a3', 'a4'].filter((name) => name !== host));
  world.powerOff('a1');
  world.run(9000);
  expect(world.gatewayOf('contoso-1')).toBe(host);
  expect(events()).toMatchObject([{ outcome: 'CoHosted' }]);
});

function resized(name: string, inKbps: number) {
  const known = world.snapshot.connections.get(name) ?? expect.fail(name);
  return { ...known, spec: { ...known.spec, inKbps } };
}

describe('nothing of the underlay is asked', () => {
  const standby = () => {
    const slot = world.snapshot.slots.get(slotOf('contoso-1')) ?? expect.fail();
    return pickStandby(world.snapshot, slot, 'a1');
  };

  test('of a gateway without a router to tell', () => {
    silence('a2', 'a3', 'a4');
    const known = world.snapshot.gateways.get('a3') ?? expect.fail();
    const { underlayBgp: _, ...spec } = known.spec;
    world.write(put('gateways', { ...known, spec }));
    world.run(1000);
    expect(status('a3')).not.toHaveProperty('underlayUp');
    expect(standby()).toEqual({ type: 'spare', gateway: 'a3' });
    world.powerOff('a1');
    world.run(9000);
    expect([world.gatewayOf('contoso-1'), conditions('a3')]).toEqual(['a3', []]);
  });

  test('of a gateway whose agent does not speak of its routers', () => {
    silence('a2', 'a4');
    const agent = world.observations.agents.get('a3') ?? expect.fail();
    const { underlayUp: _, ...report } = agent.report;
    const agents = new Map(world.observations.agents).set('a3', { ...agent, report });
    world.observations = { ...world.observations, agents };
    world.replan();
    expect(status('a3')).not.toHaveProperty('underlayUp');
    expect(standby()).toEqual({ type: 'spare', gateway: 'a3' });
  });

  test('for a slot on which no GRE connection ends', () => {
    world = new World();
    const gateways = ['a1', 'a2', 'a3'].map((name, at) => gateway(name, 'a', at + 1, { underlayBgp }));
    world.write(put('pools', pool('a')), put('gateways', ...gateways));
    world.run(8000);
    world.write(put('tenants', tenant('contoso', ['a'])));
    world.write(put('connections', connection('contoso-1', 'contoso', 1_000_000)));
    silence('a1', 'a2');
    expect([world.gatewayOf('contoso-1'), conditions('a1')]).toEqual(['a1', []]);
    expect(standby()).toEqual({ type: 'spare', gateway: 'a2' });
  });
});

test('a drained gateway keeps its VIP until there is one that announces it', () => {
  silence('a2', 'a3', 'a4');
  const known = world.snapshot.gateways.get('a1') ?? expect.fail();
  world.write(put('gateways', { ...known, spec: { ...known.spec, adminState: 'Draining' } }));
  world.run(3000);
  expect([world.gatewayOf('contoso-1'), world.phase('a1'), conditions('a1')]).toEqual([
    'a1',
    'Draining',
    ['Blocked'],
  ]);
  world.machine('a4').underlay = 'up';
  world.run(6000);
  expect([world.gatewayOf('contoso-1'), world.phase('a1')]).toEqual(['a4', 'Drained']);
});

test('the first GRE connection of a new slot goes to a spare that can announce its VIP', () => {
  silence('a2');
  world.write(put('tenants', tenant('woodgrove', ['a'])));
  const other = { ...gre(2), remoteAddress: '192.0.2.2' };
  world.write(put('connections', connection('woodgrove-1', 'woodgrove', 12_000_000, other)));
  expect(world.gatewayOf('woodgrove-1')).toBe('a3');
});

test('a controller that starts anew believes what was stored until it hears of the gateway', () => {
  silence('a2');
  world.crashController();
  for (const name of ['a1', 'a2', 'a3', 'a4']) world.machine(name).cut = true;
  world.startController();
  world.replan();
  expect([status('a1').underlayUp, status('a2').underlayUp]).toEqual([[router], []]);
});
