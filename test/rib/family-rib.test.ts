/** Adj-RIBs-In and Loc-RIB against a Map of objects: routes, counters, stale marks, ids. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerRole } from '../../src/rib/peer-columns.ts';
import { RibWorld } from './rib-world.ts';

const peerCount = 3;

interface Twin {
  readonly peer: number;
  readonly nlri: number;
  readonly pathId: number;
  accepted: boolean;
  generation: number;
}

const operation = fc.record({
  kind: fc.constantFrom('announce', 'announce', 'announce', 'withdraw', 'stale', 'sweep', 'judge', 'decide'),
  peer: fc.nat(peerCount - 1),
  nlri: fc.nat(9),
  pathId: fc.nat(1),
  med: fc.nat(5),
  accept: fc.boolean(),
});

class Model {
  readonly routes = new Map<string, Twin>();
  readonly generations = [0, 0, 0];
  readonly world = new RibWorld(
    [1, 2, 3].map((i) => ({ role: PeerRole.client, bgpIdentifier: i, address: i })),
  );

  apply({
    kind,
    peer,
    nlri,
    pathId,
    med,
    accept,
  }: typeof operation extends fc.Arbitrary<infer T> ? T : never): void {
    const { rib, peerIds } = this.world;
    const key = `${peer} ${nlri} ${pathId}`;
    const known = this.routes.get(key);
    const find = () => rib.findRoute(this.world.nlri(nlri), peerIds[peer], pathId);
    switch (kind) {
      case 'announce':
        this.world.announce(this.world.nlri(nlri), { peer, pathId, attributes: { med } }, accept ? 0 : 6);
        this.routes.set(key, { peer, nlri, pathId, accepted: accept, generation: this.generations[peer] });
        return;
      case 'withdraw':
        if (known === undefined) return;
        rib.withdraw(find());
        this.routes.delete(key);
        return;
      case 'stale':
        rib.markAllStale(peerIds[peer]);
        this.generations[peer]++;
        return;
      case 'judge':
        if (known === undefined) return;
        rib.setAccepted(find(), accept ? rib.path[find()] : 0, accept ? 0 : 6);
        known.accepted = accept;
        return;
      case 'sweep':
        this.#sweep(peer);
        return;
      case 'decide':
        this.world.decide();
    }
  }

  #sweep(peer: number): void {
    const { rib, peerIds } = this.world;
    const before = this.generations[peer];
    for (let route = 1; route < rib.routeTop; route++) {
      if (rib.path[route] !== 0 && rib.peer[route] === peerIds[peer] && rib.isOlder(route, before & 255))
        rib.withdraw(route);
    }
    for (const [key, twin] of this.routes) {
      if (twin.peer === peer && twin.generation < before) this.routes.delete(key);
    }
  }

  check(): void {
    const { rib, peerIds } = this.world;
    this.world.decide();
    const all = [...this.routes.values()];
    expect(rib.routeCount).toBe(all.length);
    peerIds.forEach((id, peer) => {
      const mine = all.filter((each) => each.peer === peer);
      expect(rib.heldBy(id)).toBe(mine.length);
      expect(rib.acceptedFrom(id)).toBe(mine.filter((each) => each.accepted).length);
      expect(rib.freshFrom(id)).toBe(
        mine.filter((each) => each.generation === this.generations[peer]).length,
      );
      for (const each of mine) {
        const route = rib.findRoute(this.world.nlri(each.nlri), id, each.pathId);
        expect(route).not.toBe(0);
        expect(rib.isStale(route)).toBe(each.generation !== this.generations[peer]);
        expect(rib.acceptedOf(route) !== 0).toBe(each.accepted);
      }
    });
    this.#checkBest(all);
  }

  #checkBest(all: readonly Twin[]): void {
    const { rib, peerIds } = this.world;
    const bestFrom = new Map<number, number>();
    let best = 0;
    for (let number = 0; number < 10; number++) {
      const some = all.some((each) => each.nlri === number && each.accepted);
      const nlri = this.world.nlri(number);
      rib.reserveNlri(nlri);
      expect(rib.best[nlri] !== 0).toBe(some);
      if (!some) continue;
      best++;
      const from = rib.peer[rib.best[nlri]];
      bestFrom.set(from, (bestFrom.get(from) ?? 0) + 1);
    }
    expect(rib.bestCount).toBe(best);
    for (const id of peerIds) expect(rib.bestFrom(id)).toBe(bestFrom.get(id) ?? 0);
  }
}

describe('FamilyRib', () => {
  it('is a Map of routes by peer, NLRI and path identifier, with exact counters', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 150, size: 'max' }), (operations) => {
        const model = new Model();
        for (const each of operations) model.apply(each);
        model.check();
        for (const peer of [0, 1, 2]) {
          for (const kind of ['stale', 'sweep'] as const)
            model.apply({ kind, peer, nlri: 0, pathId: 0, med: 0, accept: false });
        }
        model.check();
        const { paths, attributes, nextHops } = model.world;
        expect([paths.size, attributes.size, nextHops.size]).toEqual([0, 0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it('tells old from new over the turn of the generation counter', () => {
    const { world } = new Model();
    const { rib, peerIds } = world;
    const [peer] = peerIds;
    for (let i = 0; i < 250; i++) rib.markAllStale(peer);
    const old = world.announce(world.nlri(1), { peer: 0 });
    for (let i = 0; i < 10; i++) rib.markAllStale(peer);
    const fresh = world.announce(world.nlri(2), { peer: 0 });
    const now = rib.generationOf(peer);
    expect([rib.isOlder(old, now), rib.isOlder(fresh, now)]).toEqual([true, false]);
    rib.markAllStale(peer);
    expect([rib.isOlder(old, now), rib.isOlder(fresh, now)]).toEqual([true, false]);
  });

  it('decides an NLRI once, however often it changed', () => {
    const { world } = new Model();
    const nlri = world.nlri(1);
    for (let i = 0; i < 100; i++) world.announce(nlri, { peer: 0, attributes: { med: i } });
    expect(world.rib.dirtyCount).toBe(1);
    expect([world.rib.takeDirty(), world.rib.takeDirty()]).toEqual([nlri, 0]);
  });

  it('hands out dirty NLRI in order of change, through growth and consumption', () => {
    const { world } = new Model();
    const { rib } = world;
    const seen: number[] = [];
    const wanted: number[] = [];
    for (let i = 0; i < 5000; i++) {
      const nlri = rib.nlri.intern(Uint8Array.of(32, 10, i >> 8, i & 255, 1), 0);
      world.announce(nlri, { peer: 0 });
      wanted.push(nlri);
      if (i % 3 === 0) seen.push(rib.takeDirty());
    }
    while (rib.dirtyCount > 0) seen.push(rib.takeDirty());
    expect(seen).toEqual(wanted);
  });
});
