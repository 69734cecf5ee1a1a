/** Limits: prefixes of a peer, peers of a range, and time itself. */
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { MaxPrefixesSettings } from '../../src/speaker/settings.ts';
import { prefix } from '../support/settings.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, internalRoutes, prefixes, scene } from './scenes.ts';

function limited(action: MaxPrefixesSettings['action'], restartSeconds?: number) {
  const maxPrefixes = new Map([[ipv4Unicast, { limit: 10, action, warnPercent: 80, restartSeconds }]]);
  const bench = new Bench(scene([client('10.0.0.2', { maxPrefixes }), client('10.0.0.3')]));
  const sink = new RawPeer(bench, '10.0.0.3');
  const peer = new RawPeer(bench, '10.0.0.2');
  const marks = () =>
    bench.events.flatMap((event) =>
      event.type === 'max-prefixes' ? [`${event.action} ${event.count}`] : [],
    );
  return { bench, sink, peer, marks };
}

describe('maximum prefixes', () => {
  it('warn at the mark and at the limit, once each, and keep everything', () => {
    const { bench, sink, peer, marks } = limited('warn');
    for (const each of prefixes(15)) peer.update(internalRoutes([each]));
    bench.settle();
    expect(heldBy(sink)).toHaveLength(15);
    expect(marks()).toEqual(['warn 8', 'warn 11']);
  });

  it('drop the surplus, keep replacing what is there, and take others when there is room', () => {
    const { bench, sink, peer, marks } = limited('drop');
    peer.update(internalRoutes(prefixes(15)));
    bench.settle();
    expect(heldBy(sink)).toEqual([...prefixes(10)].sort());
    expect(marks()).toEqual(['warn 8', 'drop 11']);
    peer.update(internalRoutes(prefixes(15), { med: 5 }));
    bench.settle();
    expect(heldBy(sink)).toHaveLength(10);
    peer.update({ withdrawn: prefixes(5) });
    peer.update(internalRoutes(prefixes(5, 10)));
    bench.settle();
    expect(heldBy(sink)).toEqual([...prefixes(10, 5)].sort());
    const { rib } = bench.speaker.instance.family(ipv4Unicast);
    expect([rib.nlri.size, rib.routeCount]).toEqual([10, 10]);
    expect(peer.view.state).toBe('established');
  });

  it.each([
    ['beyond the limit', '172.31.0.0/16'],
    ['a multicast prefix', '224.1.0.0/16'],
  ])('an UPDATE with new attributes of which nothing is stored (%s) costs nothing', (_, unwanted) => {
    const { bench, peer } = limited('drop');
    peer.update(internalRoutes(prefixes(10)));
    bench.settle();
    const { tables } = bench.speaker.instance;
    peer.update(internalRoutes([unwanted], { med: 77 }));
    bench.settle();
    expect(bench.internalErrors).toEqual([]);
    expect(peer.view.state).toBe('established');
    expect([tables.attributes.size, tables.paths.size]).toEqual([1, 1]);
  });

  it('end the session with Cease/1 and its data, and take the routes out', () => {
    const { bench, sink, peer, marks } = limited('idle');
    peer.update(internalRoutes(prefixes(11)));
    bench.settle();
    // RFC 4486 §4: AFI, SAFI, the limit.
    expect(peer.notifications).toEqual([
      { type: 'notification', code: 6, subcode: 1, data: Uint8Array.of(0, 1, 1, 0, 0, 0, 10) },
    ]);
    expect(peer.open).toBe(false);
    expect(heldBy(sink)).toEqual([]);
    expect(marks()).toEqual(['warn 8', 'idle 11']);
    bench.pass(3600);
    expect(new RawPeer(bench, '10.0.0.2').view.state, 'waits for the operator').not.toBe('established');
    bench.management.peerAction('10.0.0.2', { type: 'enable' });
    expect(new RawPeer(bench, '10.0.0.2').view.state).toBe('established');
  });

  it('let the session try again after the restart time', () => {
    const { bench, peer } = limited('idle', 30);
    peer.update(internalRoutes(prefixes(11)));
    bench.pass(20);
    expect(new RawPeer(bench, '10.0.0.2').view.state).not.toBe('established');
    bench.pass(12);
    expect(new RawPeer(bench, '10.0.0.2').view.state).toBe('established');
  });

  it('end the session also when another limit was passed in it before', () => {
    const { bench, sink, peer, marks } = limited('drop');
    peer.update(internalRoutes(prefixes(15)));
    peer.update({ withdrawn: prefixes(15) });
    bench.settle();
    const limits = (action: MaxPrefixesSettings['action'], limit: number) => {
      const settings = { limit, action, warnPercent: 80, restartSeconds: undefined };
      const maxPrefixes = new Map([[ipv4Unicast, settings]]);
      return scene([client('10.0.0.2', { maxPrefixes }), client('10.0.0.3')]);
    };
    bench.speaker.reconfigure(limits('idle', 5));
    // The same once more says nothing anew.
    bench.speaker.reconfigure(limits('idle', 5));
    peer.update(internalRoutes(prefixes(6)));
    bench.settle();
    expect(marks()).toEqual(['warn 8', 'drop 11', 'warn 4', 'idle 6']);
    expect([peer.open, heldBy(sink)]).toEqual([false, []]);
  });

  it('are told once, however often the settings are read again', () => {
    const { bench, peer, marks } = limited('warn');
    const maxPrefixes = () =>
      new Map([
        [ipv4Unicast, { limit: 10, action: 'warn', warnPercent: 80, restartSeconds: undefined } as const],
      ]);
    for (let times = 0; times < 3; times++) {
      peer.update(internalRoutes(prefixes(15, 15 * times)));
      bench.settle();
      bench.speaker.reconfigure(
        scene([client('10.0.0.2', { maxPrefixes: maxPrefixes() }), client('10.0.0.3')]),
      );
    }
    expect(marks()).toEqual(['warn 8', 'warn 11']);
  });

  it('do not count what a lost session left behind', () => {
    const { bench, sink, peer, marks } = limited('idle');
    peer.update(internalRoutes(prefixes(7)));
    bench.settle();
    peer.drop();
    bench.wait(2);
    const again = new RawPeer(bench, '10.0.0.2', { settle: false });
    again.update(internalRoutes(prefixes(7, 100)));
    bench.settle();
    expect(again.view.state).toBe('established');
    expect(heldBy(sink)).toEqual([...prefixes(7, 100)].sort());
    expect(marks()).toEqual([]);
  });
});

describe('dynamic peers', () => {
  function range(limit: number) {
    const { address: _address, ...template } = client('10.9.0.1');
    return scene([client('10.0.0.2')], {
      dynamicPeers: [{ range: prefix('10.9.0.0/24'), limit, template }],
    });
  }

  it('come to be with their first connection, up to a limit, and are gone with their last', () => {
    const bench = new Bench(range(2));
    const fixed = new RawPeer(bench, '10.0.0.2');
    const one = new RawPeer(bench, '10.9.0.1');
    const two = new RawPeer(bench, '10.9.0.2');
    one.update(internalRoutes(prefixes(3)));
    bench.settle();
    expect([heldBy(two).length, heldBy(fixed).length]).toEqual([3, 3]);
    expect(bench.management.status().peers).toMatchObject({ configured: 1, established: 3, dynamic: 2 });
    expect(new RawPeer(bench, '10.9.0.3').open).toBe(false);
    expect(bench.events.find((event) => event.type === 'connection-refused')).toMatchObject({
      remote: '10.9.0.3',
      reason: 'the range 10.9.0.0/24 is full: limit 2',
    });
    one.drop();
    bench.pass(3);
    expect(bench.management.status().peers.dynamic).toBe(1);
    expect(heldBy(fixed)).toEqual([]);
    expect(new RawPeer(bench, '10.9.0.3').open).toBe(true);
    expect(new RawPeer(bench, '10.8.0.3').open, 'outside the range').toBe(false);
    expect(bench.internalErrors).toEqual([]);
  });

  it('leave nothing behind, however many came and went', () => {
    const bench = new Bench(range(5));
    for (let round = 0; round < 200; round++) {
      const peer = new RawPeer(bench, `10.9.0.${1 + (round % 250)}`);
      peer.update(internalRoutes(prefixes(3, round)));
      bench.settle();
      peer.drop();
      bench.pass(2);
    }
    const { tables } = bench.speaker.instance;
    expect(bench.management.status().peers.dynamic).toBe(0);
    expect(tables.peers.top).toBeLessThan(8);
    expect([tables.paths.size, tables.attributes.size, tables.nextHops.size]).toEqual([0, 0, 0]);
    expect(bench.internalErrors).toEqual([]);
  });
});

describe('the hold timer', () => {
  it('ends the session of a silent peer', () => {
    const bench = new Bench(scene([client('10.0.0.2')]));
    const peer = new RawPeer(bench, '10.0.0.2');
    bench.pass(89, { alive: false });
    expect(peer.open).toBe(true);
    bench.pass(2, { alive: false });
    expect(peer.notifications).toMatchObject([{ code: 4, subcode: 0 }]);
  });

  it('does not end it while we are the ones who did not read', () => {
    const bench = new Bench(scene([client('10.0.0.2')]));
    const peer = new RawPeer(bench, '10.0.0.2');
    bench.lag = 60_000;
    bench.pass(92, { alive: false });
    expect(peer.open).toBe(true);
    // We have caught up, and what lay in the socket was read.
    bench.lag = 0;
    peer.update(internalRoutes(prefixes(1)));
    bench.pass(80, { alive: false });
    expect(peer.open).toBe(true);
    expect(bench.peer('10.0.0.2').establishedCount).toBe(1);
  });

  it('is fed by UPDATEs as by KEEPALIVEs', () => {
    const bench = new Bench(scene([client('10.0.0.2')]));
    const peer = new RawPeer(bench, '10.0.0.2');
    for (let i = 0; i < 10; i++) {
      bench.pass(60, { alive: false });
      peer.update(internalRoutes(prefixes(1, i)));
    }
    expect(peer.open).toBe(true);
  });
});
