/** VRFs of one daemon and a hub: who gets what of whom (RFC 4364 §4), loops that end, nothing left behind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Unicast, routeTargetConstrain, vpnIpv4Unicast } from '../../src/net/family.ts';
import { RouteDistinguisher } from '../../src/net/route-distinguisher.ts';
import { RouteTarget } from '../../src/net/route-target.ts';
import { VpnExchange } from '../../src/vrf/exchange.ts';
import { Bench, heldBy, RawPeer } from '../simulation/raw-peer.ts';
import { client, externalRoutes, passivePeer, scene } from '../simulation/scenes.ts';
import { address, routerSettings } from '../support/settings.ts';

const families = [ipv4Unicast, vpnIpv4Unicast, routeTargetConstrain];
const targetsOf = (texts: readonly string[]) => texts.map((text) => RouteTarget.parse(text) as RouteTarget);

interface Site {
  readonly bench: Bench;
  readonly ce: RawPeer;
}

/** A hub of AS 65000 with one PE as its client, and VRFs of AS 65100, 65101, ... with a CE of AS 65200, ... each. */
class World {
  readonly exchange = new VpnExchange({ seed: 7, changed: () => {} });
  readonly hub = new Bench(scene([client('10.0.0.2', { families })]));
  readonly pe = new RawPeer(this.hub, '10.0.0.2', { families: [ipv4Unicast, vpnIpv4Unicast] });
  readonly sites = new Map<string, Site>();

  constructor() {
    this.exchange.setHub({ ...this.sideOf(this.hub), asn: 65000 });
  }

  sideOf(bench: Bench) {
    return { instance: bench.speaker.instance, routerId: address('10.0.0.1').toUint32(), wake: () => {} };
  }

  add(name: string, imports: readonly string[], exports: readonly string[]): Site {
    const number = this.sites.size;
    const router = routerSettings({ routerId: address('10.0.0.1').toUint32(), asn: 65100 + number });
    const ceAs = 65200 + number;
    const bench = new Bench(
      scene([passivePeer('10.9.0.2', { remoteAs: ceAs, localAs: router.asn })], { router }),
    );
    const ce = new RawPeer(bench, '10.9.0.2', { asn: ceAs, localAs: router.asn });
    const site = { bench, ce };
    this.sites.set(name, site);
    this.attach(name, imports, exports);
    return site;
  }

  attach(name: string, imports: readonly string[], exports: readonly string[]): void {
    const { bench } = this.sites.get(name) as Site;
    this.exchange.attach({
      ...this.sideOf(bench),
      name,
      asn: bench.speaker.settings.router.asn,
      rd: RouteDistinguisher.parse(`65000:${name.charCodeAt(0)}`) as RouteDistinguisher,
      importTargets: targetsOf(imports),
      exportTargets: targetsOf(exports),
    });
    this.settle();
  }

  settle(): void {
    const benches = [this.hub, ...[...this.sites.values()].map(({ bench }) => bench)];
    for (let rounds = 0; ; rounds++) {
      if (rounds > 100) throw new Error('does not come to rest');
      for (const bench of benches) bench.settle();
      if (!this.exchange.hasWork) break;
      this.exchange.work(3);
    }
    for (const bench of benches) expect(bench.internalErrors).toEqual([]);
  }

  announce(name: string, prefixes: readonly string[], extendedCommunities: readonly string[] = []): void {
    const { bench, ce } = this.sites.get(name) as Site;
    const asn = bench.peer('10.9.0.2').remoteAs;
    const extra = extendedCommunities.length === 0 ? {} : { extendedCommunities };
    ce.update(externalRoutes(asn, prefixes, extra, '10.9.0.2'));
    this.settle();
  }

  withdraw(name: string, prefixes: readonly string[]): void {
    this.sites.get(name)?.ce.update({ withdrawn: prefixes });
    this.settle();
  }

  heldByCe(name: string): readonly string[] {
    return heldBy((this.sites.get(name) as Site).ce);
  }

  /** `prefix nextHop from best?` of every route of a VRF. */
  table(name: string): readonly string[] {
    const { bench } = this.sites.get(name) as Site;
    const routes = bench.management.routes({ view: 'loc-rib' }).next(10000) ?? [];
    return routes
      .map(
        ({ prefix, attributes, from, best }) =>
          `${prefix} ${attributes.nextHop} ${from}${best ? ' best' : ''}`,
      )
      .sort();
  }
}

describe('the exchange between VRFs', () => {
  it('takes room below the limit of routes, though only routes of peers are dropped', () => {
    const world = new World();
    world.add('a', [], ['65000:1']);
    const { bench } = world.add('b', ['65000:1'], []);
    const { receiver } = bench.speaker.instance;
    receiver.setLimits({ routes: 2, peers: undefined, updatesPerSecond: undefined });
    world.announce('a', ['172.16.0.0/16', '172.17.0.0/16', '172.18.0.0/16']);
    world.announce('b', ['10.0.0.0/8']);
    expect(world.table('b').map((line) => line.split(' ')[0])).toEqual([
      '172.16.0.0/16',
      '172.17.0.0/16',
      '172.18.0.0/16',
    ]);
    world.withdraw('a', ['172.16.0.0/16', '172.17.0.0/16']);
    world.announce('b', ['10.0.0.0/8']);
    expect(world.table('b')).toHaveLength(2);
  });

  it('exports with distinguisher, label and targets, our address as next hop, and imports by target', () => {
    const world = new World();
    world.add('a', ['65000:1'], ['65000:1']);
    world.add('b', ['65000:1'], []);
    world.add('c', ['65000:2'], ['65000:2']);
    world.announce('a', ['172.16.0.0/16']);
    const sent = world.pe.updates.routes.get('vpnv4-unicast 65000:97:172.16.0.0/16 0');
    expect([sent?.label, sent?.nextHop]).toEqual([16, '10.0.0.1']);
    expect(sent?.attributes).toContain('0002fde800000001');
    expect(world.table('b')).toEqual(['172.16.0.0/16 10.9.0.2 vpn best']);
    expect(world.heldByCe('b')).toEqual(['172.16.0.0/16']);
    expect(world.sites.get('b')?.ce.updates.routes.get('ipv4-unicast 172.16.0.0/16 0')?.nextHop).toBe(
      '10.0.0.1',
    );
    // Never back into the VRF it came from, and nowhere it is not wanted.
    expect(world.table('a')).toEqual(['172.16.0.0/16 10.9.0.2 10.9.0.2 best']);
    expect(world.table('c')).toEqual([]);
    world.withdraw('a', ['172.16.0.0/16']);
    expect([world.table('b'), heldBy(world.pe)]).toEqual([[], []]);
  });

  it('what a remote PE announces comes in by target and goes again; what has no such target does not', () => {
    const world = new World();
    world.add('a', ['65000:1'], ['65000:1']);
    const vpn = (nlri: string, targets: readonly string[]) =>
      world.pe.update({
        mpReach: {
          family: vpnIpv4Unicast,
          nextHops: [address('198.51.100.9')],
          nlri: [{ nlri, label: 300 }],
        },
        attributes: { origin: 'igp', asPath: [], localPref: 100, extendedCommunities: targets },
      });
    vpn('65000:500:10.1.0.0/16', ['0002fde800000001']);
    vpn('65000:501:10.1.0.0/16', ['0002fde800000001']);
    vpn('65000:500:10.2.0.0/16', ['0002fde800000009']);
    vpn('65000:500:10.3.0.0/16', []);
    world.settle();
    // The two of two distinguishers are two candidates for one prefix.
    expect(world.table('a')).toEqual(['10.1.0.0/16 198.51.100.9 vpn', '10.1.0.0/16 198.51.100.9 vpn best']);
    expect(world.heldByCe('a')).toEqual(['10.1.0.0/16']);
    // A target is no more: the route leaves the VRF.
    vpn('65000:500:10.1.0.0/16', ['0002fde800000009']);
    world.settle();
    expect(world.table('a')).toHaveLength(1);
    world.pe.drop();
    world.settle();
    expect(world.table('a')).toEqual([]);
  });

  it('a customer cannot put himself into the VPN of another with a route target of his own', () => {
    const world = new World();
    world.add('a', ['65000:1'], ['65000:1']);
    world.add('b', ['65000:2'], ['65000:2']);
    world.announce('a', ['172.16.0.0/16'], ['0002fde800000002', '0003fde800000005']);
    expect(world.table('b')).toEqual([]);
    const sent = world.pe.updates.routes.get('vpnv4-unicast 65000:97:172.16.0.0/16 0');
    expect(sent?.attributes).not.toContain('0002fde800000002');
    // Other communities are his own affair.
    expect(sent?.attributes).toContain('0003fde800000005');
  });

  it('the route of the customer himself is preferred to the one out of the VPN', () => {
    const world = new World();
    world.add('a', ['65000:1'], ['65000:1']);
    world.add('b', ['65000:1'], ['65000:1']);
    world.announce('a', ['172.16.0.0/16']);
    world.announce('b', ['172.16.0.0/16']);
    for (const name of ['a', 'b'])
      expect(world.table(name)).toEqual([
        '172.16.0.0/16 10.9.0.2 10.9.0.2 best',
        '172.16.0.0/16 10.9.0.2 vpn',
      ]);
  });

  it('import targets are announced to those who know route target constrain', () => {
    const world = new World();
    const { hub } = world;
    const knowing = () => hub.management.routes({ view: 'loc-rib', family: 'route-target' }).next(100);
    world.add('a', ['65000:1', '65000:2'], []);
    world.add('b', ['65000:2'], []);
    expect(
      knowing()
        ?.map(({ prefix }) => prefix)
        .sort(),
    ).toEqual(['65000:rt:65000:1', '65000:rt:65000:2']);
    world.exchange.detach('a');
    world.settle();
    expect(knowing()?.map(({ prefix }) => prefix)).toEqual(['65000:rt:65000:2']);
  });

  it('targets that change, a hub that goes and comes', () => {
    const world = new World();
    world.add('a', ['65000:1'], ['65000:1']);
    world.add('b', ['65000:1'], ['65000:1']);
    world.announce('a', ['172.16.0.0/16']);
    expect(world.table('b')).toHaveLength(1);
    world.attach('b', ['65000:2'], ['65000:1']);
    expect(world.table('b')).toEqual([]);
    world.attach('b', ['65000:1'], ['65000:1']);
    expect(world.table('b')).toHaveLength(1);
    world.exchange.setHub(undefined);
    world.settle();
    expect([world.table('b'), heldBy(world.pe)]).toEqual([[], []]);
    world.exchange.setHub({ ...world.sideOf(world.hub), asn: 65000 });
    world.settle();
    expect([world.table('b').length, heldBy(world.pe).length]).toEqual([1, 1]);
  });

  const names = ['a', 'b', 'c'] as const;
  const someTargets = fc.subarray(['65000:1', '65000:2', '65000:3']);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('announce' as const), of: fc.nat(2), prefix: fc.nat(3) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constant('withdraw' as const), of: fc.nat(2), prefix: fc.nat(3) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('attach' as const),
        of: fc.nat(2),
        imports: someTargets,
        exports: someTargets,
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('detach' as const), of: fc.nat(2) }) },
  );

  it('whatever the targets, routes are where targets say so and nowhere else; in the end nothing is left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const world = new World();
        const model = names.map(() => ({
          own: new Set<number>(),
          imports: [] as string[],
          exports: [] as string[],
        }));
        for (const name of names) world.add(name, [], []);
        for (const each of steps) {
          const name = names[each.of];
          const vrf = model[each.of];
          if (each.type === 'announce') {
            vrf.own.add(each.prefix);
            world.announce(name, [`172.${16 + each.prefix}.0.0/16`]);
          } else if (each.type === 'withdraw') {
            vrf.own.delete(each.prefix);
            world.withdraw(name, [`172.${16 + each.prefix}.0.0/16`]);
          } else if (each.type === 'attach') {
            Object.assign(vrf, { imports: each.imports, exports: each.exports });
            world.attach(name, each.imports, each.exports);
          } else {
            Object.assign(vrf, { imports: [], exports: [] });
            world.exchange.detach(name);
            world.settle();
          }
        }
        model.forEach((vrf, i) => {
          const expected = [...vrf.own].map((prefix) => `172.${16 + prefix}.0.0/16 10.9.0.2`);
          model.forEach((other, j) => {
            if (i === j || !other.exports.some((target) => vrf.imports.includes(target))) return;
            expected.push(...[...other.own].map((prefix) => `172.${16 + prefix}.0.0/16 vpn`));
          });
          const found = world
            .table(names[i])
            .map((line) => line.replace(/ 10\.9\.0\.2( \S+)( best)?$/, '$1'));
          expect(found.sort()).toEqual(expected.sort());
        });
        for (const name of names) world.exchange.detach(name);
        world.settle();
        const { tables, families: states } = world.hub.speaker.instance;
        expect(states.get(vpnIpv4Unicast)?.rib.routeCount ?? 0).toBe(0);
        expect([tables.paths.size, tables.attributes.size]).toEqual([0, 0]);
        for (const { bench } of world.sites.values()) {
          const { rib } = bench.speaker.instance.family(ipv4Unicast);
          for (let route = 1; route < rib.routeTop; route++) {
            if (rib.path[route] !== 0)
              expect(bench.speaker.instance.tables.peers.nameOf(rib.peer[route])).toBeUndefined();
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
