/** ADD-PATH in both directions (RFC 7911): all paths, the best two, single withdrawals, identifiers that come again. */
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { PeerTemplate } from '../../src/speaker/settings.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, internalRoutes, scene } from './scenes.ts';

const route = '172.16.0.0/16';
const sources = ['10.0.0.2', '10.0.0.3', '10.0.0.4'];
const sinkAddress = '10.0.0.9';

function world(send: PeerTemplate['addPath']['send']) {
  const bench = new Bench(
    scene([
      ...sources.map((each) => client(each)),
      client(sinkAddress, { addPath: { receive: false, send } }),
      client('10.0.0.10'),
    ]),
  );
  const feeders = sources.map((each) => new RawPeer(bench, each));
  const sink = new RawPeer(bench, sinkAddress, { addPathReceive: [ipv4Unicast] });
  const plain = new RawPeer(bench, '10.0.0.10');
  const settle = () => bench.settle();
  const announce = (i: number, localPref = 100) => {
    feeders[i].update(internalRoutes([route], { localPref }, `198.51.100.${i + 1}`));
    settle();
  };
  const withdraw = (i: number) => {
    feeders[i].update({ withdrawn: [route] });
    settle();
  };
  const nextHops = () => [...sink.updates.routes.values()].map(({ nextHop }) => nextHop).sort();
  return { bench, feeders, sink, plain, announce, withdraw, nextHops, settle };
}

describe('ADD-PATH towards a peer', () => {
  it('sends all paths, each under an identifier of its own, and withdraws single ones', () => {
    const { announce, withdraw, nextHops, sink, plain, bench } = world({ mode: 'all' });
    for (const i of [0, 1, 2]) announce(i);
    expect(nextHops()).toEqual(['198.51.100.1', '198.51.100.2', '198.51.100.3']);
    expect(new Set(sink.updates.routes.keys()).size).toBe(3);
    expect(heldBy(plain)).toEqual([route]);
    withdraw(1);
    expect(nextHops()).toEqual(['198.51.100.1', '198.51.100.3']);
    expect(sink.updates.withdrawn).toBe(1);
    expect(sink.view.families[0].sent).toBe(2);
    for (const i of [0, 2]) withdraw(i);
    expect(nextHops()).toEqual([]);
    expect(sink.updates.complaints).toEqual([]);
    const { rib } = bench.speaker.instance.family(ipv4Unicast);
    expect([rib.routeCount, rib.nlri.size]).toEqual([0, 0]);
  });

  it('sends the best two only, and the third when one of them goes', () => {
    const { announce, withdraw, nextHops, sink } = world({ mode: 'best', count: 2 });
    announce(0, 100);
    announce(1, 200);
    announce(2, 300);
    expect(nextHops()).toEqual(['198.51.100.2', '198.51.100.3']);
    withdraw(2);
    expect(nextHops()).toEqual(['198.51.100.1', '198.51.100.2']);
    announce(2, 50);
    expect(nextHops()).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(sink.updates.complaints).toEqual([]);
  });

  it('never gives an identifier a new meaning before the old one was withdrawn', () => {
    const { announce, feeders, sink, nextHops, settle } = world({ mode: 'all' });
    announce(0);
    sink.accepts = false;
    announce(1);
    // Congested: the withdrawal waits, and another route may come meanwhile.
    feeders[0].update({ withdrawn: [route] });
    settle();
    feeders[2].update(internalRoutes(['172.17.0.0/16'], {}, '198.51.100.3'));
    settle();
    const stale = [...sink.updates.routes.keys()];
    sink.drained();
    expect(nextHops()).toEqual(['198.51.100.2', '198.51.100.3']);
    expect(sink.updates.complaints).toEqual([]);
    const now = [...sink.updates.routes.keys()];
    expect(now.filter((key) => key.startsWith('ipv4-unicast 172.17'))).toHaveLength(1);
    expect(stale.some((key) => !now.includes(key))).toBe(true);
  });

  it('gives identifiers out again when everybody has forgotten them', () => {
    const { announce, withdraw, bench } = world({ mode: 'all' });
    for (let round = 0; round < 50; round++) {
      for (const i of [0, 1, 2]) announce(i);
      for (const i of [0, 1, 2]) withdraw(i);
    }
    expect(bench.speaker.instance.family(ipv4Unicast).rib.routeTop).toBeLessThanOrEqual(4);
  });

  it('is followed by a plain session of the same peer without any trace', () => {
    const { announce, sink, bench, withdraw } = world({ mode: 'all' });
    for (const i of [0, 1]) announce(i);
    sink.drop();
    bench.pass(2);
    const plain = new RawPeer(bench, sinkAddress);
    expect(heldBy(plain)).toEqual([route]);
    for (const i of [0, 1]) withdraw(i);
    expect(heldBy(plain)).toEqual([]);
    expect(bench.speaker.instance.family(ipv4Unicast).rib.routeCount).toBe(0);
  });
});

describe('ADD-PATH from a peer', () => {
  it('keeps its paths apart and withdraws one at a time', () => {
    const bench = new Bench(
      scene([client('10.0.0.2', { addPath: { receive: true, send: undefined } }), client('10.0.0.3')]),
    );
    const feeder = new RawPeer(bench, '10.0.0.2', { addPathSend: [ipv4Unicast] });
    const sink = new RawPeer(bench, '10.0.0.3');
    const announce = (pathId: number, localPref: number) => {
      const { announced, ...fields } = internalRoutes([route], { localPref }, `198.51.100.${pathId}`);
      feeder.update({ ...fields, announced: (announced ?? []).map(() => ({ nlri: route, pathId })) });
      bench.settle();
    };
    const nextHop = () => [...sink.updates.routes.values()].map((each) => each.nextHop);
    announce(1, 100);
    announce(2, 200);
    expect(feeder.view.families[0].received).toBe(2);
    expect(nextHop()).toEqual(['198.51.100.2']);
    feeder.update({ withdrawn: [{ nlri: route, pathId: 2 }] });
    bench.settle();
    expect(nextHop()).toEqual(['198.51.100.1']);
    feeder.update({ withdrawn: [{ nlri: route, pathId: 7 }] });
    bench.settle();
    expect(nextHop(), 'an identifier that was never announced').toEqual(['198.51.100.1']);
    feeder.update({ withdrawn: [{ nlri: route, pathId: 1 }] });
    bench.settle();
    expect(nextHop()).toEqual([]);
    expect(sink.updates.complaints).toEqual([]);
  });
});
