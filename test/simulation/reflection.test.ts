/** Who is sent what of whom, and with which attributes: RFC 4456, RFC 1997, RFC 4271 §5.1, RFC 8212, RFC 8326. */
import { describe, expect, it } from 'vitest';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import type { PeerSettings } from '../../src/speaker/settings.ts';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { fromHex } from '../../src/wire/bytes.ts';
import { address, instanceSettings, networkSettings, routerSettings } from '../support/settings.ts';
import { internalErrors, Network, type Node, ribLines } from './network.ts';
import { Bench, heldBy, RawPeer, type RawPeerOptions } from './raw-peer.ts';
import { client, externalRoutes, internalRoutes, ownRouter, passivePeer, scene } from './scenes.ts';

const route = '172.16.0.0/16';

/** What the far side has of the one route, its attributes decoded. */
function seen(peer: RawPeer, prefix = route): (PathAttributes & { readonly nextHop: string }) | undefined {
  const held = peer.updates.routes.get(`${prefix.includes(':') ? 'ipv6' : 'ipv4'}-unicast ${prefix} 0`);
  const bytes = held && fromHex(held.attributes);
  return bytes && { ...decodePathAttributes(bytes, 0, bytes.length), nextHop: held.nextHop };
}

type Role = 'client' | 'non-client' | 'external';
const asOf = { client: 65000, 'non-client': 65000, external: 65009 } as const;

function settingsOf(role: Role, text: string, changes: Partial<PeerSettings> = {}): PeerSettings {
  if (role === 'client') return client(text, changes);
  return passivePeer(text, { remoteAs: asOf[role], ...changes });
}

/** A source and a sink of these roles; what the source's route became. */
function through(
  from: Role,
  to: Role,
  attributes: Partial<PathAttributes> = {},
  changes: {
    readonly source?: Partial<PeerSettings>;
    readonly sink?: Partial<PeerSettings>;
    readonly sinkOptions?: RawPeerOptions;
    readonly clientToClientReflection?: boolean;
  } = {},
) {
  const sinkAs = to === 'external' ? 65010 : 65000;
  const bench = new Bench(
    scene(
      [
        settingsOf(from, '10.0.0.2', changes.source),
        settingsOf(to, '10.0.0.3', { remoteAs: sinkAs, ...changes.sink }),
      ],
      {
        router: { ...ownRouter, clientToClientReflection: changes.clientToClientReflection ?? true },
      },
    ),
  );
  const source = new RawPeer(bench, '10.0.0.2', { asn: asOf[from] });
  const sink = new RawPeer(bench, '10.0.0.3', { asn: sinkAs, ...changes.sinkOptions });
  const fields =
    from === 'external' ? externalRoutes(65009, [route], attributes) : internalRoutes([route], attributes);
  source.update(fields);
  bench.settle();
  expect(bench.internalErrors).toEqual([]);
  expect(sink.updates.complaints).toEqual([]);
  expect(heldBy(source), 'never back to the peer it came from').toEqual([]);
  return { bench, source, sink, got: seen(sink) };
}

describe('reflection (RFC 4456 §6)', () => {
  it.each([
    ['client', 'client', true],
    ['client', 'non-client', true],
    ['client', 'external', true],
    ['non-client', 'client', true],
    ['non-client', 'non-client', false],
    ['non-client', 'external', true],
    ['external', 'client', true],
    ['external', 'non-client', true],
    ['external', 'external', true],
  ] as const)('%s to %s: %s', (from, to, sent) => {
    expect(through(from, to).got !== undefined).toBe(sent);
  });

  it.each(['client', 'non-client', 'external'] as const)('our own network goes to a %s', (to) => {
    const asn = asOf[to];
    const bench = new Bench(
      scene([settingsOf(to, '10.0.0.3')], { networks: [networkSettings(route, { med: 5 })] }),
    );
    const sink = new RawPeer(bench, '10.0.0.3', { asn });
    expect(seen(sink)).toEqual({
      origin: 'igp',
      asPath: to === 'external' ? [{ type: 'sequence', asns: [65000] }] : [],
      med: 5,
      ...(to === 'external' ? {} : { localPref: 100 }),
      nextHop: '10.0.0.1',
    });
  });

  it('can be switched off between clients', () => {
    expect(through('client', 'client', {}, { clientToClientReflection: false }).got).toBeUndefined();
    expect(through('non-client', 'client', {}, { clientToClientReflection: false }).got).toBeDefined();
  });

  it('adds ORIGINATOR_ID and CLUSTER_LIST and changes nothing else', () => {
    const attributes = {
      asPath: [{ type: 'sequence' as const, asns: [65100, 65101] }],
      med: 7,
      localPref: 250,
      communities: [0xfde80001],
      largeCommunities: [[1, 2, 3] as const],
    };
    expect(through('client', 'non-client', attributes).got).toEqual({
      origin: 'igp',
      ...attributes,
      originatorId: address('10.0.0.2').toUint32(),
      clusterList: [ownRouter.clusterId],
      nextHop: '198.51.100.1',
    });
  });

  it('keeps an ORIGINATOR_ID and puts our cluster before the others', () => {
    const got = through('client', 'client', { originatorId: 77, clusterList: [8, 9] }).got;
    expect(got).toMatchObject({ originatorId: 77, clusterList: [ownRouter.clusterId, 8, 9] });
  });

  it('does not send a route to the router that originated it', () => {
    const { sink } = through('client', 'client', { originatorId: address('10.0.0.3').toUint32() });
    expect(heldBy(sink)).toEqual([]);
  });

  it.each([
    ['own-originator-id', { originatorId: ownRouter.routerId }],
    ['own-cluster-id', { clusterList: [5, ownRouter.clusterId] }],
    ['as-loop', { asPath: [{ type: 'sequence', asns: [65100, 65000] }] }],
  ] as const)('refuses %s', (reason, attributes) => {
    const { bench, got } = through('client', 'client', attributes);
    expect(got).toBeUndefined();
    const routes = bench.management.routes({ view: 'adj-in', peer: '10.0.0.2' }).next(1000);
    expect(routes?.map((each) => each.ineligible)).toEqual([reason]);
  });

  it.each([1, 2, 3])('among three reflectors of each other comes to an end (seed %i)', (seed) => {
    const network = new Network(seed);
    const own = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
    const reflectors = own.map((each) =>
      network.node(
        each,
        instanceSettings(
          routerSettings({ routerId: address(each).toUint32() }),
          [...own.filter((other) => other !== each), `10.0.1.${each.at(-1)}`].map((other) =>
            client(other, { passive: false }),
          ),
        ),
      ),
    );
    const leaves = own.map((each) => {
      const leaf = `10.0.1.${each.at(-1)}`;
      return network.node(
        leaf,
        instanceSettings(
          routerSettings({ routerId: address(leaf).toUint32() }),
          [passivePeer(each, { passive: false })],
          { networks: [networkSettings(`172.20.${each.at(-1)}.0/24`, { nextHop: address(leaf) })] },
        ),
      );
    });
    const all: Node[] = [...reflectors, ...leaves];
    for (const node of all) node.start();
    network.runUntil(() => all.every((node) => ribLines(node).length === 3), 300, 'routes everywhere');
    leaves[0].kill();
    network.runUntil(
      () => all.every((node) => node === leaves[0] || ribLines(node).length === 2),
      600,
      'the dead one is forgotten everywhere',
    );
    const updates = () =>
      reflectors.map((node) => node.management.peers().map((p) => p.messages.sent.update));
    network.run(5);
    const quiet = updates();
    network.run(120);
    expect(updates()).toEqual(quiet);
    expect(internalErrors(network)).toEqual([]);
  });
});

describe('well-known communities', () => {
  const communities = {
    'no-export': 0xffffff01,
    'no-advertise': 0xffffff02,
    'no-export-subconfed': 0xffffff03,
  };
  it.each([
    ['no-export', 'client', true],
    ['no-export', 'external', false],
    ['no-advertise', 'client', false],
    ['no-advertise', 'external', false],
    ['no-export-subconfed', 'client', true],
    ['no-export-subconfed', 'external', false],
  ] as const)('%s to a %s: %s', (name, to, sent) => {
    expect(through('client', to, { communities: [communities[name]] }).got !== undefined).toBe(sent);
    expect(through('external', to, { communities: [communities[name]] }).got !== undefined).toBe(sent);
  });

  it('graceful-shutdown makes a route the last choice (RFC 8326)', () => {
    expect(through('external', 'client', { communities: [0xffff0000] }).got?.localPref).toBe(0);
    expect(
      through('external', 'client', { communities: [0xffff0000] }, { source: { gracefulShutdown: false } })
        .got?.localPref,
    ).toBe(100);
  });
});

describe('external peers', () => {
  it('get our AS, our address, and nothing that is internal', () => {
    const got = through('client', 'external', {
      asPath: [{ type: 'sequence', asns: [65100] }],
      med: 9,
      localPref: 300,
      originatorId: 5,
      clusterList: [6],
      communities: [1],
    }).got;
    expect(got).toEqual({
      origin: 'igp',
      asPath: [{ type: 'sequence', asns: [65000, 65100] }],
      communities: [1],
      nextHop: '10.0.0.1',
    });
  });

  it('start a new segment before a set', () => {
    const got = through('client', 'external', { asPath: [{ type: 'set', asns: [65100, 65101] }] }).got;
    expect(got?.asPath).toEqual([
      { type: 'sequence', asns: [65000] },
      { type: 'set', asns: [65100, 65101] },
    ]);
  });

  it('are believed their MED inside the AS, and LOCAL_PREF is ours', () => {
    expect(through('external', 'client', { med: 9 }).got).toEqual({
      origin: 'igp',
      asPath: [{ type: 'sequence', asns: [65009] }],
      med: 9,
      localPref: 100,
      nextHop: '198.51.100.1',
    });
  });

  it('have their next hop replaced for internal peers where that is asked', () => {
    expect(through('external', 'client', {}, { sink: { nextHopSelf: true } }).got?.nextHop).toBe('10.0.0.1');
    expect(through('client', 'client', {}, { sink: { nextHopSelf: true } }).got?.nextHop, 'reflected').toBe(
      '198.51.100.1',
    );
  });

  it('on our subnet may keep a third next hop of that subnet', () => {
    const { bench, sink } = through('external', 'external');
    bench.speaker.setInterfaces([
      {
        name: 'eth0',
        addresses: [networkSettings('198.51.100.0/24').prefix, networkSettings('10.0.0.0/24').prefix],
      },
    ]);
    bench.settle();
    expect(seen(sink)?.nextHop).toBe('10.0.0.1');
    const inside = new Bench(
      scene([settingsOf('external', '10.0.0.2'), settingsOf('external', '10.0.0.3', { remoteAs: 65010 })]),
    );
    inside.speaker.setInterfaces([{ name: 'eth0', addresses: [networkSettings('10.0.0.0/24').prefix] }]);
    const [a, b] = [
      new RawPeer(inside, '10.0.0.2', { asn: 65009 }),
      new RawPeer(inside, '10.0.0.3', { asn: 65010 }),
    ];
    a.update(externalRoutes(65009, [route], {}, '10.0.0.77'));
    a.update(externalRoutes(65009, ['172.17.0.0/16'], {}, '10.0.0.3'));
    inside.settle();
    expect(seen(b)?.nextHop).toBe('10.0.0.77');
    expect(seen(b, '172.17.0.0/16')?.nextHop, 'never the peer itself').toBe('10.0.0.1');
  });

  it('one hop away may name next hops of a shared subnet only, as far as one is known', () => {
    const near = { transport: { md5KeyFile: undefined, ttlSecurityHops: undefined, ttl: 1 } };
    const bench = new Bench(
      scene([
        settingsOf('external', '10.0.0.2', near),
        settingsOf('external', '10.0.0.3', { remoteAs: 65010 }),
      ]),
    );
    const subnets = (...texts: readonly string[]) => {
      bench.speaker.setInterfaces([
        { name: 'eth0', addresses: texts.map((text) => networkSettings(text).prefix) },
      ]);
      bench.settle();
    };
    subnets('10.0.0.1/24');
    const [a, b] = [
      new RawPeer(bench, '10.0.0.2', { asn: 65009 }),
      new RawPeer(bench, '10.0.0.3', { asn: 65010 }),
    ];
    a.update(externalRoutes(65009, [route], {}, '10.0.1.7'));
    a.update(externalRoutes(65009, ['172.17.0.0/16'], {}, '10.0.0.77'));
    bench.settle();
    const heard = () => [route, '172.17.0.0/16'].map((each) => seen(b, each) !== undefined);
    expect(heard()).toEqual([false, true]);
    const reasons = bench.management.routes({ view: 'adj-in', peer: '10.0.0.2' }).next(1000);
    expect(reasons?.map((each) => each.ineligible)).toEqual(['next-hop-off-link', undefined]);
    subnets('10.0.0.1/24', '10.0.1.1/24');
    expect(heard(), 'a second subnet').toEqual([true, true]);
    subnets('10.0.0.1/24');
    expect(heard(), 'which goes again').toEqual([false, true]);
    subnets('10.0.7.1/24');
    expect(heard(), 'no subnet with the peer').toEqual([true, true]);
  });

  it.each([
    [0, 1, 'as-loop'],
    [1, 1, undefined],
    [1, 2, 'as-loop'],
  ] as const)('allowOwnAs %i with our AS %i times: %s', (allowOwnAs, times, reason) => {
    const asns = [65009, ...Array.from({ length: times }, () => 65000)];
    const { bench } = through(
      'external',
      'client',
      { asPath: [{ type: 'sequence', asns }] },
      { source: { allowOwnAs } },
    );
    const routes = bench.management.routes({ view: 'adj-in', peer: '10.0.0.2' }).next(1000);
    expect(routes?.map((each) => each.ineligible)).toEqual([reason]);
  });

  it.each([
    [
      { importPolicy: undefined, exportPolicy: undefined },
      'no import and no export policy: nothing is exchanged (RFC 8212)',
    ],
    [{ importPolicy: undefined }, 'no import policy: nothing is accepted (RFC 8212)'],
    [{ exportPolicy: undefined }, 'no export policy: nothing is sent (RFC 8212)'],
  ] as const)('without a policy exchange nothing and say so: %o', (policies, reason) => {
    const { bench, sink } = through('client', 'external', {}, { sink: policies });
    expect(bench.peer('10.0.0.3').reason).toBe(reason);
    expect(heldBy(sink).length).toBe('exportPolicy' in policies ? 0 : 1);
    sink.update(externalRoutes(65010, ['172.18.0.0/16']));
    bench.settle();
    expect(bench.peer('10.0.0.3').families[0].accepted).toBe('importPolicy' in policies ? 0 : 1);
  });
});

describe('old and long messages', () => {
  it('a peer with 2-octet AS numbers gets AS_TRANS and AS4_PATH, and what it sends is merged', () => {
    const wide = { asPath: [{ type: 'sequence' as const, asns: [65100, 4_200_000_001] }] };
    const { sink, bench } = through('client', 'client', wide, {
      sink: { fourOctetAs: false },
      sinkOptions: { fourOctetAs: false },
    });
    expect(seen(sink)?.asPath).toEqual(wide.asPath);
    sink.update({ ...internalRoutes(['172.18.0.0/16'], wide), asNumbers: 'two-octet' });
    bench.settle();
    const shown = bench.management.routes({ view: 'loc-rib', prefix: '172.18.0.0/16' }).next(10);
    expect(shown?.[0].attributes.asPath).toBe('65100 4200000001');
  });

  const many = Array.from({ length: 1000 }, (_, i) => 0xfde80000 + i);

  it('a route that fits into no message of the peer is withdrawn with a reason', () => {
    const { bench, source, sink } = through('client', 'client');
    expect(heldBy(sink)).toEqual([route]);
    // Just fits as it comes; ORIGINATOR_ID and CLUSTER_LIST make it too long.
    const brimful = Array.from({ length: 1008 }, (_, i) => 0xfde80000 + i);
    source.update(internalRoutes([route], { communities: brimful }));
    bench.settle();
    expect(heldBy(sink)).toEqual([]);
    const told = bench.management
      .explain(route, undefined)
      .advertised.find((each) => each.peer === '10.0.0.3');
    expect(told?.sent).toBe(false);
    expect(told?.reason).toMatch(/does not fit|too large|octets/);
    source.update(internalRoutes([route]));
    bench.settle();
    expect(heldBy(sink)).toEqual([route]);
  });

  it('goes to a peer that takes extended messages (RFC 8654)', () => {
    const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3'), client('10.0.0.4')]));
    const capabilities = [{ type: 'extended-message' as const }];
    const source = new RawPeer(bench, '10.0.0.2', { capabilities });
    const long = new RawPeer(bench, '10.0.0.3', { capabilities });
    const short = new RawPeer(bench, '10.0.0.4');
    source.update(internalRoutes([route], { communities: [...many, ...many.map((each) => each + 2000)] }));
    bench.settle();
    expect(seen(long)?.communities).toHaveLength(2000);
    expect(heldBy(short)).toEqual([]);
  });

  it('IPv4 routes with an IPv6 next hop go where RFC 8950 was agreed, and nowhere else', () => {
    const capabilities = [
      { type: 'extended-next-hop' as const, entries: [{ family: ipv4Unicast, nextHopAfi: 2 }] },
    ];
    const bench = new Bench(
      scene([
        client('10.0.0.2', { extendedNextHop: true }),
        client('10.0.0.3', { extendedNextHop: true }),
        client('10.0.0.4'),
      ]),
    );
    const source = new RawPeer(bench, '10.0.0.2', { capabilities, extendedNextHop: [ipv4Unicast] });
    const able = new RawPeer(bench, '10.0.0.3', { capabilities, extendedNextHop: [ipv4Unicast] });
    const unable = new RawPeer(bench, '10.0.0.4');
    source.update({
      attributes: { origin: 'igp', asPath: [], localPref: 100 },
      mpReach: { family: ipv4Unicast, nextHops: [address('2001:db8::9')], nlri: [route] },
    });
    bench.settle();
    expect(seen(able)?.nextHop).toBe('2001:db8::9');
    expect(heldBy(unable)).toEqual([]);
    source.update({ withdrawn: [route] });
    bench.settle();
    expect(heldBy(able)).toEqual([]);
  });

  it('IPv6 routes keep their global next hop and lose the link-local one', () => {
    const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
    const families = [ipv4Unicast, ipv6Unicast];
    const source = new RawPeer(bench, '10.0.0.2', { families });
    const sink = new RawPeer(bench, '10.0.0.3', { families });
    const six = '2001:db8:5::/48';
    source.update({
      attributes: { origin: 'igp', asPath: [], localPref: 100 },
      mpReach: {
        family: ipv6Unicast,
        nextHops: [address('2001:db8::9'), address('fe80::9')],
        nlri: [six],
      },
    });
    bench.settle();
    expect(seen(sink, six)?.nextHop).toBe('2001:db8::9');
    source.update({ mpUnreach: { family: ipv6Unicast, nlri: [six] } });
    bench.settle();
    expect(heldBy(sink)).toEqual([]);
    expect(sink.updates.complaints).toEqual([]);
  });
});
