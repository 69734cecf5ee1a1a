import { expect, test } from 'vitest';
import { admit, admitDelete, type ClientWrite, timerConditions } from '../../src/controller/admission.ts';
import type { BgpPeer, RoutePolicy } from '../../src/controller/resources.ts';
import { connection, gateway, peer, pool, put, snapshotOf, tenant } from './builders.ts';

const gre = { type: 'GRE', gre: { key: 7 }, remoteAddress: '192.0.2.4' } as const;
const l3 = {
  type: 'L3',
  l3: { vlan: 5, localAddress: '10.9.0.1', peerAddress: '10.9.0.2' },
} as const;
const store = snapshotOf(
  put(
    'pools',
    pool('all'),
    pool('ipsec', { type: 'S2sIpsec', greVipSubnets: [], publicVips: ['203.0.113.9'] }),
  ),
  put('gateways', gateway('g1', 'all', 1)),
  put('tenants', tenant('contoso', ['all']), tenant('woodgrove', ['all']), tenant('ipsec-only', ['ipsec'])),
  put(
    'connections',
    connection('c1', 'contoso', 1000),
    connection('c2', 'contoso', 1000, gre),
    connection('c3', 'contoso', 1000, l3),
  ),
  put('policies', policy('used', 'contoso'), policy('unused', 'contoso'), policy('foreign', 'woodgrove')),
  put('peers', withPolicy(peer('p1', 'contoso', '10.10.0.1', 'c1'), 'used')),
);

function policy(name: string, owner: string): RoutePolicy {
  return { name, generation: 1, spec: { tenant: owner, rules: [] }, status: {} };
}

function withPolicy(known: BgpPeer, policyIn: string): BgpPeer {
  return { ...known, spec: { ...known.spec, policyIn } };
}

const contoso = tenant('contoso', ['all']).spec;
const p2 = (change: object) => {
  const base = peer('p2', 'contoso', '10.10.0.2', 'c1');
  return { kind: 'peers', value: { ...base, spec: { ...base.spec, ...change } } } as const;
};

test.each<[string, number, ClientWrite]>([
  ['PoolTypeImmutable', 409, { kind: 'pools', value: pool('all', { type: 'S2sGre' }) }],
  ['TypeFieldMissing', 422, { kind: 'pools', value: pool('p', { greVipSubnets: [] }) }],
  [
    'TypeFieldMissing',
    422,
    { kind: 'pools', value: pool('p', { publicVips: [], greVipSubnets: ['10.0.0.0/28'] }) },
  ],
  ['GreSubnetOverlaps', 409, { kind: 'pools', value: pool('p') }],
  ['CapacityMismatch', 422, { kind: 'pools', value: pool('all', { gatewayCapacityKbps: 1500 }) }],
  ['PrefixHostBits', 422, { kind: 'pools', value: pool('all', { greVipSubnets: ['10.0.0.1/28'] }) }],
  ['UnknownReference', 422, { kind: 'gateways', value: gateway('g2', 'none', 2) }],
  ['UnderlayAddressInUse', 409, { kind: 'gateways', value: gateway('g2', 'all', 1) }],
  ['FieldImmutable', 409, { kind: 'gateways', value: gateway('g1', 'ipsec', 1) }],
  ['AllPoolExclusive', 422, { kind: 'tenants', value: tenant('t', ['all', 'ipsec']) }],
  [
    'RrAddressImmutable',
    409,
    { kind: 'tenants', value: tenant('contoso', ['all'], { rr: { address: '10.1.255.2' } }) },
  ],
  ['RrAddressOverlapsSite', 409, p2({ address: contoso.rr.address })],
  [
    'HoldTimeInvalid',
    422,
    { kind: 'tenants', value: tenant('t', ['all'], { timers: { holdSeconds: 2, keepaliveSeconds: 1 } }) },
  ],
  [
    'PrefixHostBits',
    422,
    { kind: 'tenants', value: tenant('t', ['all'], { gatewaySubnets: ['10.1.254.1/28'] }) },
  ],
  ['RemoteAddressInUse', 409, { kind: 'connections', value: connection('w1', 'woodgrove', 1) }],
  ['GreKeyInUse', 409, { kind: 'connections', value: connection('w1', 'woodgrove', 1, gre) }],
  ['L3AddressInUse', 409, { kind: 'connections', value: connection('w1', 'woodgrove', 1, l3) }],
  ['NoCompatiblePool', 422, { kind: 'connections', value: connection('i1', 'ipsec-only', 1, gre) }],
  [
    'FieldImmutable',
    409,
    { kind: 'connections', value: connection('c1', 'contoso', 1, { remoteAddress: '192.0.2.77' }) },
  ],
  ['PeerNotPinned', 422, p2({ connection: 'none' })],
  ['AsnEqualsPeer', 409, p2({ asn: contoso.asn })],
  ['PeerAddressInUse', 409, p2({ address: '10.10.0.1' })],
  ['UnknownReference', 422, p2({ policyIn: 'foreign' })],
  ['UnknownReference', 422, p2({ policyOut: 'none' })],
  ['UnknownReference', 422, { kind: 'policies', value: policy('new', 'nobody') }],
  ['PolicyInUse', 409, { kind: 'policies', value: policy('used', 'woodgrove') }],
])('%s (%i)', (reason, status, write) => {
  expect(admit(store, write).map((refusal) => [refusal.reason, refusal.status])).toEqual([[reason, status]]);
});

test('what is in order is admitted, also by the same remote address behind another VIP', () => {
  const writes: readonly ClientWrite[] = [
    { kind: 'connections', value: connection('c1', 'contoso', 2000) },
    { kind: 'connections', value: connection('i1', 'ipsec-only', 1) },
    { kind: 'connections', value: connection('w1', 'woodgrove', 1, { vip: '203.0.113.2' }) },
    { kind: 'gateways', value: gateway('g2', 'all', 2) },
    p2({}),
    p2({ policyIn: 'used', policyOut: 'unused' }),
    { kind: 'policies', value: policy('used', 'contoso') },
  ];
  expect(writes.flatMap((write) => admit(store, write))).toEqual([]);
});

test('nothing is written to what is being deleted, nothing is deleted under those that use it', () => {
  const leaving = snapshotOf(put('pools', { ...pool('all'), deleting: true }));
  expect(admit(leaving, { kind: 'pools', value: pool('all') })).toMatchObject([{ status: 423 }]);
  expect(admitDelete(store, 'pools', 'all')).toMatchObject([{ reason: 'PoolInUse' }]);
  expect(admitDelete(store, 'connections', 'c1')).toMatchObject([{ reason: 'ConnectionInUse' }]);
  expect(admitDelete(store, 'connections', 'c2')).toEqual([]);
  expect(admitDelete(store, 'policies', 'used')).toMatchObject([{ reason: 'PolicyInUse' }]);
  expect(admitDelete(store, 'policies', 'unused')).toEqual([]);
});

test.each([
  [0, 0],
  [9, 1],
  [29, 1],
  [30, 0],
])('a hold time of %i s has %i conditions', (holdSeconds, count) => {
  expect(timerConditions({ holdSeconds, keepaliveSeconds: 3 })).toHaveLength(count);
});
