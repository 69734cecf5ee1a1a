/** Graceful restart on both sides (RFC 4724, RFC 8538) and enhanced route refresh (RFC 7313). */
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { Capability } from '../../src/wire/messages.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, internalRoutes, ownRouter, prefixes, scene } from './scenes.ts';

function restartCapability(
  changes: Partial<Extract<Capability, { type: 'graceful-restart' }>> & {
    readonly forwarding?: boolean;
  } = {},
): Capability {
  const { forwarding = false, ...rest } = changes;
  return {
    type: 'graceful-restart',
    restarting: false,
    notification: false,
    restartTimeSeconds: 60,
    families: [{ family: ipv4Unicast, forwarding }],
    ...rest,
  };
}

/** A peer with ten routes that restarts, and one that watches. */
function restartingPeer(...capabilities: readonly Capability[]) {
  const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
  const sink = new RawPeer(bench, '10.0.0.3');
  const peer = new RawPeer(bench, '10.0.0.2', { capabilities });
  peer.update(internalRoutes(prefixes(10)));
  peer.endOfRib();
  bench.settle();
  expect(heldBy(sink)).toHaveLength(10);
  return { bench, sink, peer };
}

function back(bench: Bench, forwarding: boolean): RawPeer {
  bench.pass(2);
  return new RawPeer(bench, '10.0.0.2', {
    capabilities: [restartCapability({ restarting: true, forwarding })],
  });
}

describe('a peer that restarts gracefully', () => {
  it('keeps its routes, refreshes some, and loses the others at End-of-RIB', () => {
    const { bench, sink, peer } = restartingPeer(restartCapability());
    const before = sink.updates.announced;
    peer.drop();
    bench.pass(2);
    expect(heldBy(sink)).toHaveLength(10);
    expect(bench.peer('10.0.0.2').families[0]).toMatchObject({ received: 10, stale: 10 });
    const again = back(bench, true);
    again.update(internalRoutes(prefixes(6)));
    bench.settle();
    expect(bench.peer('10.0.0.2').families[0]).toMatchObject({ received: 10, stale: 4 });
    expect(heldBy(sink)).toHaveLength(10);
    again.endOfRib();
    bench.settle();
    expect(heldBy(sink)).toEqual([...prefixes(6)].sort());
    expect(sink.updates.announced - before, 'nothing was announced twice').toBe(0);
    expect(sink.updates.complaints).toEqual([]);
  });

  it.each([
    ['does not come back within its restart time', 60],
    ['does not come back within our own limit', 300],
  ])('loses them when it %s', (_name, limit) => {
    const { bench, sink, peer } = restartingPeer(
      restartCapability({ restartTimeSeconds: limit === 60 ? 60 : 4000 }),
    );
    peer.drop();
    bench.pass(limit - 1);
    expect(heldBy(sink)).toHaveLength(10);
    bench.pass(2);
    expect(heldBy(sink)).toEqual([]);
    expect(
      bench.events.filter((e) => e.type === 'stale-routes').map((e) => e.type === 'stale-routes' && e.phase),
    ).toEqual(['kept', 'removed']);
  });

  it('loses them when it comes back and never sends End-of-RIB', () => {
    const { bench, sink, peer } = restartingPeer(restartCapability());
    peer.drop();
    const again = back(bench, true);
    again.update(internalRoutes(prefixes(1)));
    bench.pass(298);
    expect(heldBy(sink)).toHaveLength(10);
    bench.pass(4);
    expect(heldBy(sink)).toEqual(prefixes(1));
    expect(again.view.state).toBe('established');
  });

  it('loses them at once when the F bit is missing', () => {
    const { bench, sink, peer } = restartingPeer(restartCapability());
    peer.drop();
    back(bench, false);
    bench.settle();
    expect(heldBy(sink)).toEqual([]);
  });

  it('loses them at once when it never said that it can', () => {
    const { bench, sink, peer } = restartingPeer();
    peer.drop();
    bench.settle();
    expect(heldBy(sink)).toEqual([]);
  });

  // RFC 4724 §4.2: "To deal with possible consecutive restarts".
  it('loses what was stale already when it restarts again', () => {
    const { bench, sink, peer } = restartingPeer(restartCapability());
    peer.drop();
    const again = back(bench, true);
    again.update(internalRoutes(prefixes(3)));
    bench.settle();
    again.drop();
    bench.settle();
    expect(heldBy(sink)).toEqual(prefixes(3));
    back(bench, true).endOfRib();
    bench.settle();
    expect(heldBy(sink)).toEqual([]);
  });

  it('keeps what it announced again although the sweep after End-of-RIB was not done', () => {
    const { bench, sink, peer } = restartingPeer(restartCapability());
    peer.drop();
    const again = back(bench, true);
    again.update(internalRoutes(prefixes(3)));
    again.endOfRib();
    again.drop();
    bench.settle();
    expect(heldBy(sink)).toEqual(prefixes(3));
  });
});

describe('a speaker that has restarted', () => {
  const router = {
    ...ownRouter,
    gracefulRestart: { restartTimeSeconds: 120, selectionDeferralSeconds: 60, notification: true },
  };
  const start = () =>
    new Bench(scene([client('10.0.0.2'), client('10.0.0.3')], { router }), { restarted: true });
  const capable = { capabilities: [restartCapability()] };

  it('says so in its OPENs, and chooses and tells no route until all peers have sent End-of-RIB', () => {
    const bench = start();
    const [a, b] = ['10.0.0.2', '10.0.0.3'].map((each) => new RawPeer(bench, each, capable));
    expect(a.opened?.capabilities.find(({ type }) => type === 'graceful-restart')).toMatchObject({
      restarting: true,
      families: [{ family: ipv4Unicast, forwarding: true }, { forwarding: true }],
    });
    a.update(internalRoutes(prefixes(2)));
    a.endOfRib();
    bench.settle();
    expect([a.updates.endsOfRib, b.updates.endsOfRib]).toEqual([0, 0]);
    expect(heldBy(b)).toEqual([]);
    b.endOfRib();
    bench.settle();
    expect([a.updates.endsOfRib, b.updates.endsOfRib]).toEqual([1, 1]);
    expect(b.log.slice(-2)).toEqual(['update', 'end-of-rib']);
    expect(heldBy(b)).toEqual(prefixes(2));
    b.drop();
    bench.pass(2);
    const later = new RawPeer(bench, '10.0.0.3', capable);
    expect(later.opened?.capabilities.find(({ type }) => type === 'graceful-restart')).toMatchObject({
      restarting: false,
    });
    expect(later.updates.endsOfRib).toBe(1);
  });

  it('waits no longer than the deferral time', () => {
    const bench = start();
    const a = new RawPeer(bench, '10.0.0.2', capable);
    const b = new RawPeer(bench, '10.0.0.3', capable);
    a.update(internalRoutes(prefixes(3000)));
    a.endOfRib();
    bench.pass(59);
    expect([a.updates.endsOfRib, heldBy(b).length, bench.speaker.backlog]).toEqual([0, 0, 0]);
    bench.pass(2);
    expect([a.updates.endsOfRib, b.updates.endsOfRib]).toEqual([1, 1]);
    expect(b.log.at(-1), 'behind all routes').toBe('end-of-rib');
    expect(heldBy(b)).toHaveLength(3000);
    expect(bench.internalErrors).toEqual([]);
  });

  describe('with next hops that the kernel does not know yet', () => {
    const resolving = { ...router, nextHopResolution: 'kernel' as const };
    const told = () => {
      const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')], { router: resolving }), {
        restarted: true,
      });
      const [a, b] = ['10.0.0.2', '10.0.0.3'].map((each) => new RawPeer(bench, each, capable));
      a.update(internalRoutes(prefixes(2)));
      a.endOfRib();
      b.update(internalRoutes(prefixes(1, 50), {}, '198.51.100.2'));
      b.endOfRib();
      bench.settle();
      expect([a.updates.endsOfRib, b.updates.endsOfRib]).toEqual([0, 0]);
      return { bench, a, b };
    };

    it('waits until it does: End-of-RIB before the routes would take them from the peers', () => {
      const { bench, a, b } = told();
      bench.pass(1);
      expect(b.updates.endsOfRib).toBe(0);
      bench.speaker.setKernelResolver(() => ({ reachable: true, cost: 0 }));
      bench.settle();
      // Each was told the other's before the end.
      for (const peer of [a, b]) expect(peer.log.slice(-2)).toEqual(['update', 'end-of-rib']);
      expect(heldBy(b)).toEqual(prefixes(2));
      expect(heldBy(a)).toEqual(prefixes(1, 50));
    });

    it('waits for some seconds only: a next hop may be gone for good', () => {
      const { bench, b } = told();
      bench.pass(2);
      expect(b.updates.endsOfRib).toBe(0);
      bench.pass(2);
      expect([b.updates.endsOfRib, heldBy(b)]).toEqual([1, []]);
    });
  });

  it('does not wait for a peer that restarts itself or knows no graceful restart', () => {
    const bench = start();
    const a = new RawPeer(bench, '10.0.0.2', { capabilities: [restartCapability({ restarting: true })] });
    const b = new RawPeer(bench, '10.0.0.3');
    bench.settle();
    expect([a.updates.endsOfRib, b.updates.endsOfRib]).toEqual([1, 1]);
  });
});

describe('route refresh', () => {
  const enhanced: Capability = { type: 'enhanced-route-refresh' };
  function world(capabilities: readonly Capability[]) {
    const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
    const feeder = new RawPeer(bench, '10.0.0.2', { capabilities });
    feeder.update(internalRoutes(prefixes(5)));
    feeder.endOfRib();
    const sink = new RawPeer(bench, '10.0.0.3', { capabilities });
    bench.settle();
    return { bench, feeder, sink };
  }

  it('is answered with everything', () => {
    const { bench, sink } = world([]);
    sink.log.length = 0;
    const before = sink.updates.announced;
    sink.refresh(0);
    bench.settle();
    expect(sink.updates.announced - before).toBe(5);
    expect(sink.log).toEqual(['update']);
  });

  it('is answered between BoRR and EoRR where that was agreed', () => {
    const { bench, sink } = world([enhanced]);
    sink.log.length = 0;
    sink.refresh(0);
    bench.settle();
    expect(sink.log).toEqual(['refresh 1', 'update', 'refresh 2']);
  });

  it('ends with the removal of what was not repeated', () => {
    const { bench, feeder, sink } = world([enhanced]);
    feeder.refresh(1);
    feeder.update(internalRoutes(prefixes(2)));
    bench.settle();
    expect(heldBy(sink)).toHaveLength(5);
    feeder.refresh(2);
    bench.settle();
    expect(heldBy(sink)).toEqual(prefixes(2));
    expect(sink.updates.announced).toBe(5);
  });

  it('begun again at once does not lose what the second one repeats', () => {
    const { bench, feeder, sink } = world([enhanced]);
    feeder.refresh(1);
    feeder.update(internalRoutes(prefixes(4)));
    feeder.refresh(2);
    feeder.refresh(1);
    bench.settle();
    expect(heldBy(sink)).toEqual(prefixes(4));
    expect(sink.updates.withdrawn).toBe(1);
  });

  it('that never ends removes what was not repeated once stale routes have been kept long enough', () => {
    const { bench, feeder, sink } = world([enhanced]);
    feeder.refresh(1);
    feeder.update(internalRoutes(prefixes(2)));
    bench.pass(299);
    expect(heldBy(sink)).toHaveLength(5);
    bench.pass(2);
    expect(heldBy(sink)).toEqual(prefixes(2));
    feeder.update(internalRoutes(prefixes(5)));
    bench.pass(400);
    feeder.refresh(2);
    bench.settle();
    expect(heldBy(sink)).toHaveLength(5);
  });

  it('that ends without having begun removes nothing', () => {
    const { bench, peer } = restartingPeer(restartCapability());
    peer.drop();
    const returned = back(bench, true);
    returned.refresh(2);
    bench.settle();
    expect(bench.peer('10.0.0.2').families[0].received).toBe(10);
    returned.refresh(1);
    returned.refresh(2);
    bench.settle();
    expect(bench.peer('10.0.0.2').families[0].received, 'RFC 7313: not before End-of-RIB').toBe(10);
  });

  it('is asked of the peer by soft-in, answered to it by soft-out', () => {
    const { bench, feeder, sink } = world([enhanced]);
    bench.management.peerAction('10.0.0.2', { type: 'soft-in' });
    expect(feeder.refreshes.at(-1)).toMatchObject({ subtype: 0, family: ipv4Unicast });
    sink.log.length = 0;
    bench.management.peerAction('10.0.0.3', { type: 'soft-out' });
    bench.settle();
    expect(sink.log).toEqual(['refresh 1', 'update', 'refresh 2']);
    expect(sink.updates.announced).toBe(10);
    expect(bench.peer('10.0.0.3').establishedCount).toBe(1);
  });
});
