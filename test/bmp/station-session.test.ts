/** A station sees exactly the tables: replaying what it was sent gives what the speaker holds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerType } from '../../src/bmp/messages.ts';
import { monitoredSpeaker } from '../../src/bmp/monitored-speaker.ts';
import type { StationHost, StationSessionSettings } from '../../src/bmp/station-contract.ts';
import { StationSession } from '../../src/bmp/station-session.ts';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { formatAddress } from '../../src/net/ip-address.ts';
import type { MonitorView } from '../../src/speaker/settings.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { encodeNotification } from '../../src/wire/notification.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import { Bench, RawPeer, type RawPeerOptions } from '../simulation/raw-peer.ts';
import { client, internalRoutes, prefixes, scene } from '../simulation/scenes.ts';
import { address, bothFamilies } from '../support/settings.ts';
import { ReplayedStation } from './support/station.ts';

const wallClock = 1_700_000_000_000;
const names = ['10.0.0.2', '10.0.0.3', '10.0.0.4'] as const;

/** A session whose station reads when the test lets it. */
class TestStation implements StationHost {
  readonly station = new ReplayedStation();
  readonly session: StationSession;
  readonly #bench: Bench;
  reads = true;
  wakes = 0;

  constructor(bench: Bench, monitor: readonly MonitorView[], changes: Partial<StationSessionSettings> = {}) {
    this.#bench = bench;
    const settings: StationSessionSettings = {
      monitor: new Set(monitor),
      statisticsSeconds: undefined,
      sysName: 'test',
      sysDescr: 'heliograph',
      tableName: 'global',
      peerType: PeerType.global,
      distinguisher: new Uint8Array(8),
      asn: 65000,
      routerId: bench.own.toUint32(),
      ...changes,
    };
    this.session = new StationSession(settings, monitoredSpeaker(bench.speaker), this);
    this.session.start();
  }

  settle(routes = 100): void {
    for (let turns = 0; this.session.work(routes); turns++)
      if (turns > 100_000) throw new Error('does not come to rest');
  }

  now(): number {
    return this.#bench.now();
  }
  wallClock(): number {
    return wallClock + this.#bench.now();
  }
  send(bytes: Uint8Array): boolean {
    this.station.take(bytes);
    return this.reads;
  }
  wake(): void {
    this.wakes++;
  }
}

function held(bench: Bench, view: MonitorView, peer?: RawPeer): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const { families, tables } = bench.speaker.instance;
  const id = peer && bench.speaker.directory.find(peer.address)?.source.id;
  for (const { rib, name } of families.values()) {
    const put = (nlri: number, path: number, pathId: number) => {
      const key = new Uint8Array(32);
      rib.nlri.write(nlri, key, 0);
      const hop = tables.nextHops.get(tables.paths.nextHop[path]);
      const set = tables.attributes.copyOf(tables.paths.attributes[path]);
      const nextHop = hop ? formatAddress(hop.bytes, 0, hop.bytes.length) : 'self';
      const text = formatAddressOf(rib.family, key);
      found.set(`${name} ${text} ${pathId}`, { nextHop, attributes: toHex(set, 0, set.length) });
    };
    if (view === 'loc-rib') {
      for (let nlri = 1; nlri < rib.nlri.top; nlri++)
        if (rib.nlri.isUsed(nlri) && rib.best[nlri] !== 0) put(nlri, rib.acceptedOf(rib.best[nlri]), 0);
    } else {
      for (let route = 1; route < rib.routeTop; route++) {
        const path = view === 'pre-policy' ? rib.path[route] : rib.acceptedOf(route);
        if (rib.routeNlri[route] !== 0 && rib.peer[route] === id && path !== 0)
          put(rib.routeNlri[route], path, rib.receivedPathId[route]);
      }
    }
  }
  return found;
}

function formatAddressOf(family: number, key: Uint8Array): string {
  return `${formatAddress(key, 1, family === ipv4Unicast ? 4 : 16)}/${key[0]}`;
}

function expectSame(bench: Bench, { station }: TestStation, peers: Iterable<RawPeer>): void {
  expect(station.complaints).toEqual([]);
  const views: readonly MonitorView[] = ['pre-policy', 'post-policy'];
  for (const peer of peers) {
    const name = peer.address.toString();
    expect(station.peers.has(name), `${name} is up at the station`).toBe(peer.open);
    if (!peer.open) continue;
    for (const view of views) expect(station.routes(name, view)).toEqual(held(bench, view, peer));
  }
  expect(station.routes('loc-rib', 'loc-rib')).toEqual(held(bench, 'loc-rib'));
}

/** The one that sends several paths to a destination. */
const addPathPeer = 2;

function benchOf(): Bench {
  const addPath = { receive: true, send: undefined };
  return new Bench(scene(names.map((name, i) => client(name, i === addPathPeer ? { addPath } : {}))));
}

const all: readonly MonitorView[] = ['pre-policy', 'post-policy', 'loc-rib'];

describe('a station that connects', () => {
  it('is told Initiation, Peer Up with the real OPENs, routes, End-of-RIB, and nothing else', () => {
    const bench = benchOf();
    const options: RawPeerOptions = { families: bothFamilies };
    const peer = new RawPeer(bench, names[0], options);
    peer.update(internalRoutes(prefixes(5)));
    bench.settle();
    const test = new TestStation(bench, ['pre-policy']);
    test.settle(2);
    const [ipv4, ipv6] = bothFamilies.map(() => `end ${names[0]} pre-policy`);
    expect(test.station.log).toEqual(['initiation', `up ${names[0]}`, ipv4, ipv6]);
    expect(test.station.routes(names[0], 'pre-policy')).toEqual(held(bench, 'pre-policy', peer));
    expect(test.station.routes(names[0], 'pre-policy').size).toBe(5);
    const [sent, received] = test.station.peers.get(names[0])?.opens ?? [];
    expect([...sent]).toEqual([...encodeOpen(peer.opened as NonNullable<typeof peer.opened>)]);
    expect(received.readUInt32BE(24)).toBe(peer.address.toUint32());
    expect(test.session.synchronised).toBe(true);
  });

  it('shares one UPDATE between destinations of one path, within 4,096 octets', () => {
    const bench = benchOf();
    const peer = new RawPeer(bench, names[0]);
    for (let i = 0; i < 4; i++) peer.update(internalRoutes(prefixes(500, i * 500)));
    bench.settle();
    const test = new TestStation(bench, ['loc-rib']);
    test.settle(10_000);
    const updates = test.station.messages.filter(({ type }) => type === 'route-monitoring');
    const sizes = updates.map(({ bgp }) => bgp[0].length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
    expect(sizes.filter((size) => size > 100).length).toBeLessThan(5);
    expect(test.station.routes('loc-rib', 'loc-rib').size).toBe(2000);
  });

  it.each([
    [
      'by NOTIFICATION of the peer',
      (peer: RawPeer) => peer.send(encodeNotification(6, 4, new Uint8Array(0))),
      3,
    ],
    ['by loss of the connection', (peer: RawPeer) => peer.drop(), 4],
    [
      'by the operator',
      (peer: RawPeer) =>
        peer.bench.management.peerAction(names[0], { type: 'disable', message: 'maintenance' }),
      1,
    ],
    [
      'by the configuration',
      (peer: RawPeer) => peer.bench.speaker.reconfigure({ ...peer.bench.speaker.settings, peers: [] }),
      5,
    ],
  ])('RFC 7854 §4.9: is told how a session ended, %s', (_, end, reason) => {
    const bench = benchOf();
    const peer = new RawPeer(bench, names[0]);
    const test = new TestStation(bench, ['pre-policy']);
    test.settle();
    end(peer);
    bench.settle();
    test.settle();
    expect(test.station.log.at(-1)).toBe(`down ${names[0]} ${reason}`);
    expect(test.station.complaints).toEqual([]);
    if (reason === 1) expect(test.station.messages.at(-1)?.bgp[0].toString('hex', 18, 21)).toBe('030602');
  });

  it('is sent gauges of what is held at its interval, and a Termination at the end', () => {
    const bench = benchOf();
    const peer = new RawPeer(bench, names[0]);
    peer.update(internalRoutes(prefixes(7)));
    bench.settle();
    const test = new TestStation(bench, all, { statisticsSeconds: 60 });
    test.settle();
    expect(test.session.nextDeadline()).toBe(60_000);
    test.session.advance(59_000);
    test.settle();
    expect(test.station.statistics).toEqual([]);
    test.session.advance(60_000);
    test.settle();
    const gauges = test.station.statistics.map(({ tlvs }) =>
      tlvs.map(({ type, value }) => [type, value.at(-1)]),
    );
    expect(gauges.map(([first]) => first)).toEqual([
      [7, 7],
      [8, 7],
    ]);
    test.session.stop('bye');
    expect(test.station.log.at(-1)).toBe('termination');
  });

  it('costs the instance nothing once it is gone', () => {
    const bench = benchOf();
    const peer = new RawPeer(bench, names[0]);
    peer.update(internalRoutes(prefixes(7)));
    bench.settle();
    const test = new TestStation(bench, all);
    test.settle();
    test.session.detach();
    const { instance } = bench.speaker;
    for (const { rib } of instance.families.values()) expect(rib.changed).toBeUndefined();
    peer.update({ withdrawn: prefixes(7) });
    bench.settle();
    expect([instance.tables.paths.size, instance.tables.attributes.size]).toEqual([0, 0]);
  });
});

describe('a station that does not read', () => {
  it('is owed each destination once, however often it changed', () => {
    const bench = benchOf();
    const peer = new RawPeer(bench, names[0]);
    const test = new TestStation(bench, ['loc-rib', 'pre-policy']);
    test.reads = false;
    test.settle();
    const before = test.session.counters.messages;
    for (let med = 0; med < 50; med++) {
      peer.update(internalRoutes(prefixes(20), { med }));
      bench.settle();
      test.settle();
    }
    expect(test.session.counters.messages).toBe(before);
    expect(test.session.owed).toBe(40);
    test.reads = true;
    test.session.writable();
    test.settle();
    expect(test.session.counters.announced).toBe(40);
    expectSame(bench, test, []);
  });

  it('hears nothing of a session that came and went meanwhile', () => {
    const bench = benchOf();
    const test = new TestStation(bench, ['pre-policy']);
    test.reads = false;
    test.settle();
    const peer = new RawPeer(bench, names[0]);
    peer.update(internalRoutes(prefixes(3)));
    bench.settle();
    peer.drop();
    bench.settle();
    test.reads = true;
    test.session.writable();
    test.settle();
    expect(test.station.log).toEqual(['initiation']);
  });
});

type Step =
  | {
      readonly type: 'announce' | 'withdraw';
      readonly peer: number;
      readonly first: number;
      readonly med: number;
    }
  | { readonly type: 'up' | 'down'; readonly peer: number }
  | { readonly type: 'read' | 'stall' | 'work' | 'decide' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: route('announce') },
  { weight: 4, arbitrary: route('withdraw') },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('up', 'down'), peer: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('read', 'stall', 'work', 'decide') }) },
);

function route(type: 'announce' | 'withdraw') {
  return fc.record({ type: fc.constant(type), peer: fc.nat(2), first: fc.nat(12), med: fc.nat(3) });
}

describe('a station under random changes', () => {
  it('holds what the speaker holds when all is quiet, and is told nothing impossible on the way', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 10, maxLength: 80 }), (list) => {
        const bench = benchOf();
        const peers = new Map<number, RawPeer>();
        const test = new TestStation(bench, all);
        for (const step of list) take(step, bench, peers, test);
        bench.pass(3);
        test.reads = true;
        test.session.writable();
        test.settle(3);
        expect(bench.internalErrors).toEqual([]);
        expectSame(bench, test, peers.values());
        expect(test.session.owed).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

function take(step: Step, bench: Bench, peers: Map<number, RawPeer>, test: TestStation): void {
  switch (step.type) {
    case 'up': {
      if (peers.get(step.peer)?.open) return;
      bench.pass(2);
      const addPathSend = step.peer === addPathPeer ? bothFamilies : undefined;
      const options = { families: bothFamilies, settle: false, ...(addPathSend && { addPathSend }) };
      peers.set(step.peer, new RawPeer(bench, names[step.peer], options));
      return;
    }
    case 'down':
      peers.get(step.peer)?.drop();
      return;
    case 'read':
      test.reads = true;
      test.session.writable();
      return;
    case 'stall':
      test.reads = false;
      return;
    case 'work':
      test.session.work(3);
      return;
    case 'decide':
      bench.speaker.work(bench.clock);
      return;
    default: {
      const peer = peers.get(step.peer);
      if (peer?.open) sendRoutes(peer, step);
    }
  }
}

function sendRoutes(
  peer: RawPeer,
  { type, peer: number, first, med }: Extract<Step, { first: number }>,
): void {
  const identified = (nlri: string) => (number === addPathPeer ? { nlri, pathId: med } : nlri);
  const nlri4 = prefixes(4, first).map(identified);
  const nlri6 = nlri4.map((_, i) => identified(`2001:db8:${first + i}::/48`));
  if (type === 'withdraw') {
    peer.update({ withdrawn: nlri4 });
    peer.update({ mpUnreach: { family: ipv6Unicast, nlri: nlri6 } });
    return;
  }
  // Our own AS in the path: such a route is held, but not accepted.
  const asPath = med === 3 ? [{ type: 'sequence' as const, asns: [65000] }] : [];
  const attributes = { origin: 'igp' as const, asPath, localPref: 100 + med };
  peer.update({ announced: nlri4, nextHop: address('198.51.100.1'), attributes });
  peer.update({
    mpReach: { family: ipv6Unicast, nextHops: [address('2001:db8::9')], nlri: nlri6 },
    attributes,
  });
}
