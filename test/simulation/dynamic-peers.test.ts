import { describe, expect, it } from 'vitest';
import {
  address,
  instanceSettings,
  networkSettings,
  peerSettings,
  prefix,
  routerSettings,
} from '../support/settings.ts';
import { internalErrors, Network, type Node, ribLines } from './network.ts';

const reflector = '10.0.0.1';

function build(limit: number): { readonly network: Network; readonly rr: Node } {
  const network = new Network(11);
  const { address: _, ...template } = peerSettings('10.9.0.1', { routeReflectorClient: true });
  const rr = network.node(
    reflector,
    instanceSettings(routerSettings({ routerId: address(reflector).toUint32() }), [], {
      dynamicPeers: [{ range: prefix('10.9.0.0/16'), limit, template }],
    }),
  );
  rr.start();
  return { network, rr };
}

function client(network: Network, own: string): Node {
  const node = network.node(
    own,
    instanceSettings(routerSettings({ routerId: address(own).toUint32() }), [peerSettings(reflector)], {
      networks: [networkSettings(`172.16.${own.split('.')[3]}.0/24`, { nextHop: address(own) })],
    }),
  );
  node.start();
  return node;
}

const dynamicCount = (rr: Node) => rr.management.status().peers.dynamic;

describe('dynamic peers', () => {
  it('come up when they connect, exchange routes, and are forgotten when they leave', () => {
    const { network, rr } = build(10);
    const clients = ['10.9.0.1', '10.9.0.2', '10.9.0.3'].map((own) => client(network, own));
    network.runUntil(
      () => clients.every((node) => ribLines(node).length === 3),
      60,
      'three routes everywhere',
    );
    expect(dynamicCount(rr)).toBe(3);
    for (const node of clients) node.kill();
    network.runUntil(() => dynamicCount(rr) === 0, 900, 'no dynamic peers');
    network.run(1);
    expect(rr.speaker.instance.tables.paths.size).toBe(0);
    expect(internalErrors(network)).toEqual([]);
  });

  it('are refused beyond the limit of their range, with a reason', () => {
    const { network, rr } = build(1);
    client(network, '10.9.0.1');
    network.runUntil(() => rr.management.status().peers.established === 1, 60, 'first client up');
    client(network, '10.9.0.2');
    network.run(30);
    expect(dynamicCount(rr)).toBe(1);
    const refusal = rr.events.find((event) => event.type === 'connection-refused');
    expect(refusal).toMatchObject({ remote: '10.9.0.2', reason: 'the range 10.9.0.0/16 is full: limit 1' });
  });

  it('are not made for addresses outside every range', () => {
    const { network, rr } = build(1);
    client(network, '10.8.0.1');
    network.run(30);
    expect(dynamicCount(rr)).toBe(0);
  });
});
