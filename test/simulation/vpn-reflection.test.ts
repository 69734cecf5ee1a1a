/** VPN routes through a reflector that has no VRF (RFC 4364 §4.3.3): labels, next hops, what is packed together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FamilyKey, ipv4Unicast, vpnIpv4Unicast, vpnIpv6Unicast } from '../../src/net/family.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import type { NlriText, UpdateFields } from '../../src/wire/update-encode.ts';
import { address } from '../support/settings.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, passivePeer, scene } from './scenes.ts';

const families = [ipv4Unicast, vpnIpv4Unicast, vpnIpv6Unicast];
const target = '0002fde800000064';

function vpnRoutes(
  nlri: readonly NlriText[],
  attributes: Partial<PathAttributes> = {},
  family: FamilyKey = vpnIpv4Unicast,
  nextHop = '198.51.100.1',
): UpdateFields {
  return {
    mpReach: { family, nextHops: [address(nextHop)], nlri },
    attributes: {
      origin: 'igp',
      asPath: [],
      localPref: 100,
      extendedCommunities: [target],
      ...attributes,
    },
  };
}

const withdrawal = (nlri: readonly NlriText[], family: FamilyKey = vpnIpv4Unicast): UpdateFields => ({
  mpUnreach: { family, nlri },
});

function reflector() {
  const bench = new Bench(
    scene([
      client('10.0.0.2', { families }),
      client('10.0.0.3', { families }),
      passivePeer('10.0.0.4', { families }),
    ]),
  );
  const peer = (text: string) => new RawPeer(bench, text, { families });
  return { bench, pe: peer('10.0.0.2'), sink: peer('10.0.0.3'), nonClient: peer('10.0.0.4') };
}

const keyOf = (nlri: string, family = 'vpnv4-unicast') => `${family} ${nlri} 0`;

describe('a reflector without VRFs', () => {
  it('passes routes on with label, targets and next hop as they came', () => {
    const { bench, pe, sink, nonClient } = reflector();
    pe.update(vpnRoutes([{ nlri: '65000:1:10.1.0.0/16', label: 100 }]));
    pe.update(vpnRoutes([{ nlri: '65000:1:2001:db8::/32', label: 200 }], {}, vpnIpv6Unicast, '2001:db8::9'));
    bench.settle();
    for (const { updates } of [sink, nonClient]) {
      expect(updates.complaints).toEqual([]);
      const route = updates.routes.get(keyOf('65000:1:10.1.0.0/16'));
      expect([route?.label, route?.nextHop]).toEqual([100, '198.51.100.1']);
      expect(route?.attributes).toContain(target);
      const six = updates.routes.get(keyOf('65000:1:2001:db8::/32', 'vpnv6-unicast'));
      expect([six?.label, six?.nextHop]).toEqual([200, '2001:db8::9']);
    }
    expect(heldBy(pe)).toEqual([]);
    expect(bench.internalErrors).toEqual([]);
  });

  it('keeps equal prefixes of two VPNs apart', () => {
    const { bench, pe, sink } = reflector();
    const nlri = ['65000:1', '65000:2', '192.0.2.1:2'].map((rd, i) => ({
      nlri: `${rd}:10.1.0.0/16`,
      label: 100 + i,
    }));
    pe.update(vpnRoutes(nlri));
    bench.settle();
    expect(heldBy(sink)).toEqual(nlri.map((each) => each.nlri).sort());
    pe.update(withdrawal([nlri[1]]));
    bench.settle();
    expect(heldBy(sink)).toHaveLength(2);
  });

  it('a new label is a new announcement of the same destination, and any label withdraws it', () => {
    const { bench, pe, sink } = reflector();
    const nlri = '65000:1:10.1.0.0/16';
    for (const label of [100, 101]) {
      pe.update(vpnRoutes([{ nlri, label }]));
      bench.settle();
      expect(sink.updates.routes.get(keyOf(nlri))?.label).toBe(label);
    }
    expect([sink.updates.announced, sink.updates.withdrawn]).toEqual([2, 0]);
    pe.update(vpnRoutes([{ nlri, label: 101 }]));
    bench.settle();
    expect(sink.updates.announced).toBe(2);
    pe.update(withdrawal([{ nlri, label: 7 }]));
    bench.settle();
    expect(heldBy(sink)).toEqual([]);
    const { tables, families: states } = bench.speaker.instance;
    expect([tables.attributes.size, tables.paths.size, states.get(vpnIpv4Unicast)?.rib.nlri.size]).toEqual([
      0, 0, 0,
    ]);
  });

  it('routes that differ in nothing but their labels share an UPDATE', () => {
    const { bench, pe, sink } = reflector();
    const nlri = Array.from({ length: 100 }, (_, i) => ({ nlri: `65000:1:10.1.${i}.0/24`, label: 1000 + i }));
    const before = sink.log.filter((each) => each === 'update').length;
    pe.update(vpnRoutes(nlri));
    bench.settle();
    expect(sink.log.filter((each) => each === 'update').length - before).toBe(1);
    const labels = nlri.map((each) => sink.updates.routes.get(keyOf(each.nlri))?.label);
    expect(labels).toEqual(nlri.map((each) => each.label));
  });

  it('nothing of a VPN goes to another AS, and explain says why', () => {
    const bench = new Bench(
      scene([client('10.0.0.2', { families }), passivePeer('10.0.0.5', { families, remoteAs: 65009 })]),
    );
    const pe = new RawPeer(bench, '10.0.0.2', { families });
    const external = new RawPeer(bench, '10.0.0.5', { families, asn: 65009 });
    const nlri = '65000:1:10.1.0.0/16';
    pe.update(vpnRoutes([{ nlri, label: 100 }]));
    bench.settle();
    expect(heldBy(external)).toEqual([]);
    const told = bench.management.explain(nlri, undefined);
    expect(told.candidates[0].route.label).toBe(100);
    expect(told.advertised.find(({ peer }) => peer === '10.0.0.5')?.reason).toMatch(/internal peers only/);
  });

  it('answers questions by distinguisher and by prefix', () => {
    const { bench, pe } = reflector();
    pe.update(
      vpnRoutes(
        ['65000:1:10.0.0.0/8', '65000:1:10.1.0.0/16', '65000:2:10.1.0.0/16'].map((nlri) => ({
          nlri,
          label: 16,
        })),
      ),
    );
    bench.settle();
    const found = (query: object) =>
      bench.management
        .routes({ view: 'loc-rib', ...query })
        .next(1000)
        ?.map(({ prefix }) => prefix)
        .sort();
    const family = 'vpnv4-unicast';
    expect(found({ family, rd: '65000:2' })).toEqual(['65000:2:10.1.0.0/16']);
    expect(found({ family, prefix: '10.1.0.0/16' })).toEqual(['65000:1:10.1.0.0/16', '65000:2:10.1.0.0/16']);
    expect(found({ prefix: '65000:1:10.1.0.0/16' })).toEqual(['65000:1:10.1.0.0/16']);
    expect(found({ prefix: '65000:1:10.0.0.0/8', match: 'longer' })).toEqual([
      '65000:1:10.0.0.0/8',
      '65000:1:10.1.0.0/16',
    ]);
    expect(found({ family, prefix: '10.1.2.0/24', match: 'shorter', rd: '65000:1' })).toHaveLength(2);
    // The family follows from the prefix.
    const rd = '65000:1';
    expect(found({ rd, prefix: '10.1.0.0/16' })).toEqual(['65000:1:10.1.0.0/16']);
    expect(found({ rd, prefix: '10.0.0.0/8', match: 'longer' })).toHaveLength(2);
    expect(found({ rd, prefix: '10.1.2.3', match: 'lpm' })).toHaveLength(2);
    expect(found({ rd, prefix: '10.1.0.0/16', family: 'ipv4-unicast' })).toBeUndefined();
    expect(() => found({ rd: 'red', prefix: '10.1.0.0/16' })).toThrow('red is no route distinguisher');
  });

  it('takes no more of a peer than its maxPrefixes of the family', () => {
    const limit = { limit: 2, action: 'drop', warnPercent: 75, restartSeconds: undefined } as const;
    const maxPrefixes = new Map([[vpnIpv4Unicast, limit]]);
    const bench = new Bench(
      scene([client('10.0.0.2', { families, maxPrefixes }), client('10.0.0.3', { families })]),
    );
    const [pe, sink] = ['10.0.0.2', '10.0.0.3'].map((text) => new RawPeer(bench, text, { families }));
    // One prefix in three VPNs is three destinations.
    const nlri = ['65000:1:10.1.0.0/16', '65000:2:10.1.0.0/16', '65000:3:10.1.0.0/16'];
    pe.update(vpnRoutes(nlri.map((each) => ({ nlri: each, label: 16 }))));
    bench.settle();
    expect(heldBy(sink)).toHaveLength(2);
    pe.update(withdrawal([{ nlri: nlri[0] }]));
    pe.update(vpnRoutes([{ nlri: nlri[2], label: 16 }]));
    bench.settle();
    expect(heldBy(sink).toSorted()).toEqual(nlri.slice(1));
  });

  it('takes a text for a prefix where it may be one or a VPN route', () => {
    const { bench, pe } = reflector();
    const [nlri, family] = ['2001:500:88::/48', 'vpnv6-unicast'];
    pe.update(vpnRoutes([{ nlri, label: 16 }], {}, vpnIpv6Unicast, '2001:db8::9'));
    bench.settle();
    const found = (query: object) => bench.management.routes({ view: 'loc-rib', ...query }).next(1000);
    expect(found({ prefix: nlri })).toEqual([]);
    expect(found({ prefix: nlri, family })).toHaveLength(1);
    expect(found({ prefix: '88::/48', rd: '2001:500' })).toHaveLength(1);
  });

  it('whatever is announced and withdrawn, the others hold what the PE last said, and nothing is left at the end', () => {
    const step = fc.record({
      rd: fc.nat(2),
      prefix: fc.nat(4),
      label: fc.option(fc.integer({ min: 16, max: 20 }), { nil: undefined }),
      med: fc.nat(1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(5), (steps, settleEvery) => {
        const { bench, pe, sink } = reflector();
        const expected = new Map<string, number>();
        steps.forEach(({ rd, prefix, label, med }, i) => {
          const nlri = `65000:${rd}:10.${prefix}.0.0/16`;
          if (label === undefined) {
            pe.update(withdrawal([nlri]));
            expected.delete(nlri);
          } else {
            pe.update(vpnRoutes([{ nlri, label }], { med }));
            expected.set(nlri, label);
          }
          if (i % (settleEvery + 1) === 0) bench.settle();
        });
        bench.settle();
        const held = new Map(heldBy(sink).map((nlri) => [nlri, sink.updates.routes.get(keyOf(nlri))?.label]));
        expect([...held].sort()).toEqual([...expected].sort());
        expect(sink.updates.complaints).toEqual([]);
        pe.drop();
        bench.settle();
        expect(heldBy(sink)).toEqual([]);
        expect(bench.speaker.instance.tables.paths.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
