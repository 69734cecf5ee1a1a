/** What a gateway holds in its own network: VIPs with the slots they belong to, and who is told of them. */
import { describe, expect, it } from 'vitest';
import { Admission } from '../../src/agent/admission.ts';
import { nothing, targetOf } from '../../src/agent/target.ts';
import { loadTenant } from '../../src/config/load-tenant.ts';
import type { DesiredState, DesiredUnderlay } from '../../src/controller/desired.ts';
import { formatUint32 } from '../../src/net/ip-address.ts';
import { GatewayWorld } from './gateway-world.ts';

const facts = { gateway: 'g', interfaceOf: (vlan: number) => `vlan${vlan}`, secrets: '/keys' };
const bgp = { localAsn: 65534, peers: [{ address: '10.255.0.1', asn: 65533 }] };
const underlay: DesiredUnderlay = {
  address: '10.255.0.11',
  vips: [
    { slot: 's1', address: '198.51.100.1', isAnnounced: true },
    { slot: 's2', address: '198.51.100.2', isAnnounced: true },
    { slot: 's1', address: '203.0.113.1', isAnnounced: false },
    { slot: 's2', address: '203.0.113.1', isAnnounced: false },
  ],
  bgp,
};

function desired(part: Partial<DesiredState> = {}): DesiredState {
  return { revision: 5, gateway: 'g', slots: [], tenants: [], underlay, ...part };
}

function settingsOf(state: DesiredState) {
  const loaded = loadTenant(JSON.stringify(targetOf(state, facts).underlay), 'u', { hostName: 'g' }, []);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('; '));
  return loaded.settings;
}

describe('the network of a gateway itself', () => {
  it('has every VIP once on its loopback, and announces those of its slots', () => {
    expect(targetOf(desired(), facts).spaces).toEqual([
      {
        ...{ name: 'g', isHome: true, links: [], routes: [] },
        addresses: ['198.51.100.1', '198.51.100.2', '203.0.113.1'],
      },
    ]);
    const { router, peers, networks } = settingsOf(desired());
    expect(networks.map(({ prefix }) => String(prefix))).toEqual(['198.51.100.1/32', '198.51.100.2/32']);
    expect(formatUint32(router.routerId)).toBe('10.255.0.11');
    expect(peers).toMatchObject([
      {
        remoteAs: 65533,
        importPolicy: 'reject-all',
        // Nothing may outlive the session: the standby announces the same.
        gracefulRestart: undefined,
        timers: { holdSeconds: 3 },
      },
    ]);
  });

  it.each([
    [
      'of IPv6 with a router id of its own',
      { ...underlay, address: '2001:db8::b', bgp: { ...bgp, routerId: '192.0.2.7' } },
      '192.0.2.7',
    ],
    ['without a VIP', { ...underlay, vips: [] }, '10.255.0.11'],
  ])('is a configuration that holds: %s', (_, its, routerId) => {
    expect(formatUint32(settingsOf(desired({ underlay: its })).router.routerId)).toBe(routerId);
  });

  it('has no instance without routers to tell, and nothing at all when it is fenced', () => {
    const { bgp: _, ...silent } = underlay;
    expect(targetOf(desired({ underlay: silent }), facts).underlay).toBeUndefined();
    expect(nothing(5)).toMatchObject({ spaces: [], instances: [] });
    expect(nothing(5).underlay).toBeUndefined();
  });

  it('F38: the agent names the routers that can be told of VIPs, a spare’s too', () => {
    const world = new GatewayWorld();
    world.start();
    world.answer({ desired: desired() });
    expect(world.reports.at(-1)).toMatchObject({ held: [], underlayUp: [] });
    world.routers = ['10.255.0.1'];
    const before = world.reports.length;
    world.agent.observed();
    expect(world.reports.slice(before)).toMatchObject([{ held: [], underlayUp: ['10.255.0.1'] }]);
  });

  it('leaves out VIPs of a slot whose epoch is over', () => {
    const admission = new Admission();
    const slots = [{ slot: 's1', epoch: 3 }];
    admission.take({ term: 1, revision: 4, desired: desired({ slots }) });
    const late = desired({
      slots: [
        { slot: 's1', epoch: 2 },
        { slot: 's2', epoch: 1 },
      ],
    });
    const taken = admission.take({ term: 1, revision: 5, desired: late });
    if (taken.type !== 'taken') throw new Error(taken.reason);
    expect(taken.refused).toEqual([{ slot: 's1', epoch: 2 }]);
    expect(taken.desired.underlay?.vips.map(({ slot }) => slot)).toEqual(['s2', 's2']);
  });
});
