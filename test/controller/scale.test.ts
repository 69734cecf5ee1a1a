/** F42: the gateway with the reflectors of a hundred tenants fails, each with 150 routes. What that costs is counted, not timed. */
import { expect, test } from 'vitest';
import { DerivedMemo } from '../../src/controller/derived-memo.ts';
import { connection, gateway, peer, pool, put, tenant } from './builders.ts';
import { World } from './world.ts';

const routesPerSite = 150;

/** Counts how often the routes of a tenant are derived. */
class CountingMemo extends DerivedMemo {
  derived = 0;

  override isSettled(...what: Parameters<DerivedMemo['isSettled']>): boolean {
    const settled = super.isSettled(...what);
    if (!settled) this.derived++;
    return settled;
  }
}

/** So many tenants with a site each, all on a1, whose power goes; what the failover of all of them took. */
function failover(tenants: number) {
  const memo = new CountingMemo();
  const world = new World(memo);
  world.routesPerPeer = routesPerSite;
  const gateways = ['a1', 'a2', 'a3'].map((name, at) => gateway(name, 'a', at + 1));
  world.write(put('pools', pool('a')), put('gateways', ...gateways));
  world.run(8000);
  const names = Array.from({ length: tenants }, (_, at) => `t${at + 1}`);
  world.write(
    put('tenants', ...names.map((name) => tenant(name, ['a']))),
    put(
      'connections',
      ...names.map((name, at) =>
        connection(`${name}-site`, name, 10_000, { remoteAddress: `192.0.2.${at}` }),
      ),
    ),
    put('peers', ...names.map((name) => peer(`${name}-peer`, name, '172.31.0.1', `${name}-site`))),
  );
  world.run(5000);
  const overlay = () => new Set([...world.snapshot.overlayRoutes.values()].map(({ nextHopPa }) => nextHopPa));
  expect(world.snapshot.overlayRoutes.size).toBe(tenants * routesPerSite);
  expect(overlay()).toEqual(new Set(['10.255.0.1']));
  const settled = memo.derived;
  world.run(5000);
  const idle = memo.derived - settled;
  world.powerOff('a1');
  let transactions = 0;
  let moves = 0;
  for (let passed = 0; passed < 12_000; passed += 250) {
    const before = world.snapshot;
    world.step();
    transactions += world.snapshot.revision - before.revision;
    if (world.snapshot.overlayRoutes !== before.overlayRoutes) moves++;
    // All of a tenant, and all tenants, at once: there is no step at which some lead here and some there.
    expect(overlay().size).toBeLessThanOrEqual(1);
  }
  expect(overlay()).toEqual(new Set(['10.255.0.2']));
  expect([...world.snapshot.routes.values()].every(({ state }) => state === 'Fresh')).toBe(true);
  const [event, ...more] = [...world.snapshot.events.values()];
  expect(event).toMatchObject({ from: 'a1', to: 'a2', outcome: 'Completed' });
  expect([event?.tenants.length, event?.rrFor.length, more]).toEqual([tenants, tenants, []]);
  return { derived: memo.derived - settled - idle, idle, transactions, moves };
}

test('F42: a hundred tenants are moved together, and cost ten times what ten cost', () => {
  const [ten, hundred] = [failover(10), failover(100)];
  // Nothing is derived again while nothing is new.
  expect([ten.idle, hundred.idle]).toEqual([0, 0]);
  expect(hundred.derived).toBe(10 * ten.derived);
  expect(hundred.derived).toBeLessThanOrEqual(100 * 5);
  // As many transactions as for ten.
  expect(hundred.transactions).toBe(ten.transactions);
  expect(hundred.transactions).toBeLessThanOrEqual(5);
  expect([ten.moves, hundred.moves]).toEqual([1, 1]);
}, 60_000);
