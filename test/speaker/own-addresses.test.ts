/** RFC 4271 §5.1.3: no route goes through an address of our own, whenever it became ours. */
import { expect, it } from 'vitest';
import { Bench, heldBy, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, scene } from '../simulation/scenes.ts';

it('judges routes again when their next hop becomes our own address, and when it no longer is', () => {
  const bench = new Bench(scene(['10.0.0.2', '10.0.0.3', '10.9.9.2'].map((text) => client(text))));
  const sink = new RawPeer(bench, '10.0.0.3');
  const peer = new RawPeer(bench, '10.0.0.2');
  peer.update(internalRoutes(['10.1.0.0/16'], {}, '10.9.9.1'));
  peer.update(internalRoutes(['10.2.0.0/16'], {}, '10.9.9.7'));
  bench.settle();
  expect(heldBy(sink)).toEqual(['10.1.0.0/16', '10.2.0.0/16']);
  const other = new RawPeer(bench, '10.9.9.2', { localAddress: '10.9.9.1' });
  bench.settle();
  expect(other.view.state).toBe('established');
  expect(heldBy(sink)).toEqual(['10.2.0.0/16']);
  const { candidates } = bench.management.explain('10.1.0.0/16', undefined);
  expect(candidates.map(({ reason }) => reason)).toEqual(['its next hop is one of our own addresses']);
  other.drop();
  bench.settle();
  expect(heldBy(sink)).toEqual(['10.1.0.0/16', '10.2.0.0/16']);
  expect(bench.internalErrors).toEqual([]);
});
