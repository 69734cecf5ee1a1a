import { describe, expect, it } from 'vitest';
import {
  address,
  instanceSettings,
  networkSettings,
  peerSettings,
  routerSettings,
} from '../support/settings.ts';
import { internalErrors, Network, type Node, ribLines } from './network.ts';

const reflectors = ['10.0.0.1', '10.0.0.2'];
const clientAddress = (i: number) => `10.0.1.${i + 1}`;

/** Two reflectors, non-clients of each other, and clients of both; each client originates routes of its own. */
function build(
  seed: number,
  clients: number,
  routesPerClient: number,
): { network: Network; rrs: Node[]; leaves: Node[] } {
  const network = new Network(seed);
  const rrs = reflectors.map((own) =>
    network.node(
      own,
      instanceSettings(routerSettings({ routerId: address(own).toUint32() }), [
        ...reflectors.filter((other) => other !== own).map((other) => peerSettings(other)),
        ...Array.from({ length: clients }, (_, i) =>
          peerSettings(clientAddress(i), { routeReflectorClient: true }),
        ),
      ]),
    ),
  );
  const leaves = Array.from({ length: clients }, (_, i) =>
    network.node(
      clientAddress(i),
      instanceSettings(
        routerSettings({ routerId: address(clientAddress(i)).toUint32() }),
        reflectors.map((rr) => peerSettings(rr)),
        {
          networks: Array.from({ length: routesPerClient }, (_, r) => [
            networkSettings(`172.${i + 16}.${r}.0/24`, { nextHop: address(clientAddress(i)) }),
            networkSettings(`2001:db8:${(i + 1).toString(16)}:${r.toString(16)}::/64`, {
              nextHop: address(`2001:db8:ffff::${i + 1}`),
            }),
          ]).flat(),
        },
      ),
    ),
  );
  for (const node of [...rrs, ...leaves]) node.start();
  return { network, rrs, leaves };
}

describe('a reflector pair with 20 clients', () => {
  it.each([1, 2, 3, 4, 5])(
    'converges to the same RIB everywhere despite lost connections (seed %i)',
    (seed) => {
      const { network, rrs, leaves } = build(seed, 20, 5);
      const expected = 20 * 5 * 2;
      for (let i = 0; i < 60; i++) {
        network.run(network.random() * 3);
        const rr = rrs[Math.floor(network.random() * 2)];
        const leaf = leaves[Math.floor(network.random() * leaves.length)];
        network.cut(rr, network.random() < 0.2 ? rrs[rr === rrs[0] ? 1 : 0] : leaf);
      }
      const all = [...rrs, ...leaves];
      network.runUntil(
        () => all.every((node) => ribLines(node).length === expected),
        600,
        'all routes everywhere',
      );
      network.run(30);
      const reference = ribLines(leaves[0]).map((line) => line.replace(/ \d*$/, ''));
      for (const node of all) {
        expect(
          ribLines(node).map((line) => line.replace(/ \d*$/, '')),
          `${node.address} (seed ${seed})`,
        ).toEqual(reference.map((line) => line.replace(/ self /, ' ')));
      }
      expect(internalErrors(network)).toEqual([]);
    },
  );

  it('holds nothing after all peers are gone', () => {
    const { network, rrs, leaves } = build(7, 20, 5);
    network.run(60);
    expect(ribLines(rrs[0])).toHaveLength(200);
    for (const node of [...leaves, rrs[1]]) node.kill();
    network.runUntil(() => rrs[0].management.status().families.every((f) => f.paths === 0), 600, 'empty RIB');
    network.run(400);
    const { tables, families } = rrs[0].speaker.instance;
    expect({
      attributes: tables.attributes.size,
      paths: tables.paths.size,
      nextHops: tables.nextHops.size,
    }).toEqual({
      attributes: 0,
      paths: 0,
      nextHops: 0,
    });
    for (const { rib, groups } of families.values()) {
      expect([rib.nlri.size, rib.routeCount, rib.bestCount, groups.size]).toEqual([0, 0, 0, 0]);
    }
    expect(internalErrors(network)).toEqual([]);
  });
});
