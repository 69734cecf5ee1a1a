/** From an UPDATE to the tables, where one message does several things to the same set. */
import { expect, it } from 'vitest';
import { Bench, heldBy, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, scene } from '../simulation/scenes.ts';

// A route that import rejects is nobody else's: when it goes, its set goes at once.
it.each(['accept-all', 'reject-all'])(
  'withdraws the last route of a set and announces another with that very set (%s)',
  (importPolicy) => {
    const bench = new Bench(scene([client('10.0.0.2', { importPolicy }), client('10.0.0.3')]));
    const sink = new RawPeer(bench, '10.0.0.3');
    const peer = new RawPeer(bench, '10.0.0.2');
    peer.update(internalRoutes(['10.1.0.0/16'], { med: 7 }));
    bench.settle();
    peer.update({ withdrawn: ['10.1.0.0/16'], ...internalRoutes(['10.2.0.0/16'], { med: 7 }) });
    bench.settle();
    expect(heldBy(sink)).toEqual(importPolicy === 'accept-all' ? ['10.2.0.0/16'] : []);
    const { tables } = bench.speaker.instance;
    expect([tables.attributes.size, tables.paths.size]).toEqual([1, 1]);
    // Another set must not get the id of one that is in use.
    peer.update(internalRoutes(['10.3.0.0/16'], { med: 8 }));
    bench.settle();
    expect([tables.attributes.size, tables.paths.size]).toEqual([2, 2]);
    peer.update({ withdrawn: ['10.2.0.0/16', '10.3.0.0/16'] });
    bench.settle();
    expect([tables.attributes.size, tables.paths.size]).toEqual([0, 0]);
    expect(bench.internalErrors).toEqual([]);
    expect(peer.view.state).toBe('established');
  },
);
