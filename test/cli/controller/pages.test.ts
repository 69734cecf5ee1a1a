import { beforeAll, expect, test } from 'vitest';
import { renderObject } from '../../../src/cli/controller/describe.ts';
import { renderPlacement } from '../../../src/cli/controller/placement.ts';
import { siteConfig } from '../../../src/cli/controller/site-config.ts';
import { renderObjects } from '../../../src/cli/controller/tables.ts';
import { renderTopology } from '../../../src/cli/controller/topology.ts';
import { noColours } from '../../../src/cli/render/colours.ts';
import { glyphsFor } from '../../../src/cli/render/text.ts';
import { place } from '../../../src/controller/placement.ts';
import { connection, gateway, pool, put, tenant } from '../../controller/builders.ts';
import { twoTenants } from '../../controller/two-tenants.ts';
import { World } from '../../controller/world.ts';

const style = { header: true, colours: noColours };
const glyphs = glyphsFor({ LANG: 'C.UTF-8' });

/** Contoso on two gateways, Woodgrove on the second, and a connection too big for all. */
let world: World;

beforeAll(() => {
  world = twoTenants();
  world.run(5000);
  world.write(
    put('connections', connection('contoso-3', 'contoso', 4_500_000, { remoteAddress: '192.0.2.4' })),
  );
  world.run(1000);
});

function topologyNow() {
  const { pools, gateways, slots, tenants, connections } = world.snapshot;
  return {
    pools: [...pools.values()],
    gateways: [...gateways.values()],
    slots: [...slots.values()],
    tenants: [...tenants.values()],
    connections: [...connections.values()],
  };
}

test('the topology shows who serves whom, who reflects, and what is nowhere', () => {
  expect(renderTopology(topologyNow(), glyphs, noColours)).toBe(
    [
      'a All: 2 active, 1 spare, N=1',
      '├─ a1 Active 10.255.0.1, load 80 %',
      '│  └─ slot a-1 Bound, epoch 1, GRE VIP 198.51.100.1',
      '│     └─ tenant contoso reflector 10.1.255.1 Serving, 10.1.254.1',
      '│        └─ contoso-1 IPSEC 192.0.2.1 Routed',
      '├─ a2 Active 10.255.0.2, load 90 %',
      '│  └─ slot a-2 Bound, epoch 1, GRE VIP 198.51.100.2',
      '│     ├─ tenant contoso client of a-1, 10.1.254.2',
      '│     │  └─ contoso-2 IPSEC 192.0.2.3 Routed',
      '│     └─ tenant woodgrove reflector 10.1.255.1 Serving, 10.1.254.1',
      '│        └─ woodgrove-1 IPSEC 192.0.2.2 Routed',
      '└─ a3 Spare 10.255.0.3, load 0 %',
      'not placed',
      `└─ contoso-3 IPSEC 192.0.2.4 Pending ${world.snapshot.connections.get('contoso-3')?.status.pending?.message}`,
      '',
    ].join('\n'),
  );
});

test('a gateway shows whether it can announce VIPs, and the topology and its own page say when it cannot', () => {
  const silent = new World();
  const underlayBgp = { localAsn: 65534, peers: [{ address: '10.255.255.1', asn: 65533 }] };
  const gre = { type: 'GRE', gre: { key: 1 } } as const;
  silent.write(
    put('pools', pool('a')),
    put('gateways', ...['a1', 'a2'].map((name, at) => gateway(name, 'a', at + 1, { underlayBgp }))),
  );
  silent.run(8000);
  silent.write(put('tenants', tenant('contoso', ['a'])));
  silent.write(put('connections', connection('contoso-1', 'contoso', 1000, gre)));
  silent.run(3000);
  silent.machine('a1').underlay = 'down';
  silent.run(2000);
  const gateways = [...silent.snapshot.gateways.values()];
  const { pools, slots } = silent.snapshot;
  const topology = { ...{ gateways, tenants: [], connections: [] }, pools: [...pools.values()] };
  const message = 'no session with a router of the underlay: nobody is told of 198.51.100.1 (slot a-1)';
  expect(renderTopology({ ...topology, slots: [...slots.values()] }, glyphs, noColours).split('\n')).toEqual([
    'a All: 1 active, 1 spare, N=1',
    `├─ a1 Active 10.255.0.1, load 0 %, underlay 0 of 1 up (VipNotAnnounced: ${message})`,
    '│  └─ slot a-1 Bound, epoch 1, GRE VIP 198.51.100.1',
    '└─ a2 Spare 10.255.0.2, load 0 %, underlay 1 of 1 up',
    '',
  ]);
  const page = renderObject(gateways[0] ?? {}, noColours);
  expect(page).toContain('underlayUp: none');
  expect(page).toContain(
    `type: VipNotAnnounced\n      reason: UnderlaySessionDown\n      message: ${message}`,
  );
});

test('whoever sees no pool sees its tenants', () => {
  const contoso = topologyNow().tenants.filter(({ name }) => name === 'contoso');
  const seen = { ...topologyNow(), pools: [], gateways: [], slots: [], tenants: contoso };
  expect(renderTopology(seen, glyphs, noColours).split('\n').slice(0, 4)).toEqual([
    'tenant contoso reflector 10.1.255.1 Serving, 10.1.254.1',
    '└─ contoso-1 IPSEC 192.0.2.1 Routed',
    'tenant contoso client of a-1, 10.1.254.2',
    '└─ contoso-2 IPSEC 192.0.2.3 Routed',
  ]);
});

test('each kind has a table that names what is in it', () => {
  const text = renderObjects('connections', topologyNow().connections, style);
  expect(text).toMatch(/^Name +Tenant +Type +In kbit\/s +Out kbit\/s +Phase +Slot +Endpoint +Why not\n/);
  expect(text).toMatch(/contoso-1 +contoso +IPSEC +4000000 +0 +Routed +a-1 +203\.0\.113\.1\n/);
  expect(text).toMatch(/contoso-3 .*Pending +- +- +NoCapacity\n/);
  expect(renderObjects('gateways', topologyNow().gateways, style)).toMatch(
    /a3 +a +Spare +10\.255\.0\.3 +0 +0 %\n/,
  );
  expect(renderObjects('slots', topologyNow().slots, style)).toMatch(/a-2 +Bound +a2 +1 +198\.51\.100\.2\n/);
});

test('events tell from where to where, under which epochs, and how far they are', () => {
  const moved = new World();
  moved.write(put('pools', pool('a')), put('gateways', gateway('a1', 'a', 1), gateway('a2', 'a', 2)));
  moved.run(8000);
  moved.write(put('tenants', tenant('contoso', ['a'])));
  moved.write(put('connections', connection('c', 'contoso', 1000)));
  moved.run(5000);
  moved.powerOff('a1');
  moved.run(12_000);
  const text = renderObjects('events', [...moved.snapshot.events.values()], style);
  expect(text).toMatch(/event-1 +a-1 +LeaseExpired +a1 +a2 +1 to 2 +Verify after [0-9.]+ s +Completed\n/);
});

test('a placement that is there says why, one that cannot be says what it lacks', () => {
  const { status } = world.snapshot.connections.get('contoso-1') ?? expect.fail();
  expect(renderPlacement('contoso-1', { revision: 1, status })).toContain(
    'contoso-1 is on slot a-1: Routed\nNewSlot: ',
  );
  const waiting = world.snapshot.connections.get('contoso-3') ?? expect.fail();
  const now = place(world.snapshot, waiting);
  const text = renderPlacement('contoso-3', { revision: 1, status: waiting.status, now });
  expect(text).toContain('contoso-3 has no place: Pending\nit would wait: NoCapacity: ');
  expect(text).toContain('it would fit after: addGateway, lowerN');
});

test('a description has every field, lists with dashes, and no control characters', () => {
  const text = renderObject(
    { name: 'x\u001b', list: [{ a: 1, b: null }, { a: 2 }], none: [], words: ['p', 'q'] },
    noColours,
  );
  expect(text).toBe('name: x\\x1b\nlist:\n  - a: 1\n    b: none\n  - a: 2\nnone: none\nwords: p, q\n');
});

function site(name: string, over: Parameters<typeof connection>[3] = {}) {
  const found = world.snapshot.connections.get(name) ?? expect.fail();
  return {
    connection: { ...found, spec: { ...found.spec, ...over } },
    tenant: world.snapshot.tenants.get('contoso') ?? expect.fail(),
    peers: [...world.snapshot.peers.values()].filter(({ spec }) => spec.connection === name),
    tunnelInterface: 'tun0',
  };
}

test('the site of a dynamic connection peers with the reflector, in FRR and in BIRD', () => {
  const dynamic = site('contoso-1', { routes: [{ prefix: '192.168.1.0/24', metric: 10 }] });
  const frr = siteConfig('frr', dynamic);
  expect(frr).toContain('! IPSEC from 192.0.2.1 to 203.0.113.1\n');
  expect(frr).toContain('\nip route 10.1.255.1/32 tun0\n!\nrouter bgp 65001\n');
  for (const line of ['remote-as 64512', 'ebgp-multihop 8', 'update-source 10.10.0.1', 'timers 10 30'])
    expect(frr).toContain(`\n neighbor 10.1.255.1 ${line}\n`);
  expect(frr).toContain('\n  network 192.168.1.0/24\n');
  const bird = siteConfig('bird', dynamic);
  expect(bird).toContain('  route 10.1.255.1/32 via "tun0";\n');
  expect(bird).toContain('  local 10.10.0.1 as 65001;\n  neighbor 10.1.255.1 as 64512;\n');
  expect(bird).toContain('    export where net ~ [ 192.168.1.0/24 ];\n');
});

test('the site of a static connection has a way to the tenant and no BGP; an L3 one goes by its next hop', () => {
  const text = siteConfig('frr', site('contoso-3'));
  expect(text).toContain('\nip route 10.1.254.0/28 tun0\n');
  expect(text).not.toContain('router bgp');
  const l3 = { vlan: 7, localAddress: '10.7.0.1', peerAddress: '10.7.0.2' };
  const overVlan = siteConfig('bird', site('contoso-3', { type: 'L3', l3 }));
  expect(overVlan).toContain('# VLAN 7, next hop 10.7.0.1\n');
  expect(overVlan).toContain('  route 10.1.254.0/28 via 10.7.0.1;\n');
});

test('no site configuration names a gateway, a slot or an address of one', () => {
  for (const format of ['frr', 'bird'] as const)
    expect(siteConfig(format, site('contoso-1'))).not.toMatch(/a-?1\b|10\.255|10\.1\.254\.[12]\b/);
});
