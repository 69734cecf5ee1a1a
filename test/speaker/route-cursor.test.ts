import { describe, expect, it } from 'vitest';
import type { RouteQuery } from '../../src/speaker/views.ts';
import { Network } from '../simulation/network.ts';
import { address, instanceSettings, networkSettings, routerSettings } from '../support/settings.ts';

const own = '10.0.0.1';
const prefixes = ['203.0.113.0/24', '198.51.100.0/24', '2001:db8:1::/48'];

function found(query: RouteQuery): string[] {
  const network = new Network(5);
  const node = network.node(
    own,
    instanceSettings(routerSettings({ routerId: address(own).toUint32() }), [], {
      networks: prefixes.map((text) =>
        networkSettings(text, { nextHop: address(text.includes(':') ? '2001:db8::1' : own) }),
      ),
    }),
  );
  node.start();
  network.run(1);
  const cursor = node.management.routes(query);
  const out: string[] = [];
  for (let slice = cursor.next(1); slice !== undefined; slice = cursor.next(1)) {
    out.push(...slice.map((route) => route.prefix));
  }
  return out.sort();
}

describe('a walk over a RIB', () => {
  it('goes through every family when none is named', () => {
    expect(found({ view: 'loc-rib' })).toEqual([...prefixes].sort());
    expect(found({ view: 'loc-rib', best: true })).toEqual([...prefixes].sort());
  });

  it('stays in the family that is named, or that the prefix belongs to', () => {
    expect(found({ view: 'loc-rib', family: 'ipv6-unicast' })).toEqual(['2001:db8:1::/48']);
    expect(found({ view: 'loc-rib', family: 'ipv4-unicast' })).toHaveLength(2);
    expect(found({ view: 'loc-rib', prefix: '2001:db8::/32', match: 'longer' })).toEqual(['2001:db8:1::/48']);
  });
});
