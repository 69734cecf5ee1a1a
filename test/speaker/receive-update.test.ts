/** From an UPDATE to the tables, where one message does several things to the same set. */
import { expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import { Bench, heldBy, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, scene } from '../simulation/scenes.ts';
import { testTimers } from '../support/settings.ts';

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

// What a session has agreed upon counts for its own UPDATEs, however they come between those of others.
it('reads path identifiers in the UPDATEs of who sends them, and in no others', () => {
  const addPath = { receive: true, send: undefined };
  const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3', { addPath }), client('10.0.0.4')]));
  const sink = new RawPeer(bench, '10.0.0.4');
  const plain = new RawPeer(bench, '10.0.0.2');
  const several = new RawPeer(bench, '10.0.0.3', { addPathSend: [ipv4Unicast] });
  for (let n = 0; n < 3; n++) {
    plain.update(internalRoutes([`10.1.${n}.0/24`]));
    const { announced = [], ...said } = internalRoutes([`10.2.${n}.0/24`]);
    several.update({ ...said, announced: announced.map((nlri) => ({ nlri: `${nlri}`, pathId: 7 })) });
  }
  bench.settle();
  expect([...heldBy(sink)].sort()).toEqual(
    [1, 2].flatMap((net) => [0, 1, 2].map((n) => `10.${net}.${n}.0/24`)),
  );
  expect([plain.view.state, several.view.state]).toEqual(['established', 'established']);
});

// RFC 9687: a session whose bytes leave is not stuck.
it.each([
  ['leave', true],
  ['do not leave', false],
])('a session lasts if its bytes %s within the send hold time: %s', (_, leave) => {
  const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
  const source = new RawPeer(bench, '10.0.0.2');
  const slow = new RawPeer(bench, '10.0.0.3');
  slow.accepts = false;
  source.update(internalRoutes(['10.1.0.0/16']));
  bench.settle();
  if (leave) slow.drained();
  bench.pass(testTimers.sendHoldSeconds + 10);
  expect(slow.open).toBe(leave);
});
