/** Route target constrain (RFC 4684): who says what it wants is sent that and nothing else; who says nothing gets all. */
import { describe, expect, it } from 'vitest';
import { formatFamily, ipv4Unicast, routeTargetConstrain, vpnIpv4Unicast } from '../../src/net/family.ts';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { fromHex } from '../../src/wire/bytes.ts';
import { address } from '../support/settings.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, passivePeer, scene } from './scenes.ts';

const families = [ipv4Unicast, vpnIpv4Unicast, routeTargetConstrain];
const legacy = [ipv4Unicast, vpnIpv4Unicast];
const target = (number: number) => `0002fde8${number.toString(16).padStart(8, '0')}`;
const routes = (peer: RawPeer) => heldBy(peer).filter((text) => / ?65000:1:/.test(text));

function memberships(peer: RawPeer, wanted: readonly string[], withdrawn: readonly string[] = []): void {
  if (wanted.length > 0)
    peer.update({
      mpReach: { family: routeTargetConstrain, nextHops: [peer.address], nlri: wanted },
      attributes: { origin: 'igp', asPath: [], localPref: 100 },
    });
  if (withdrawn.length > 0) peer.update({ mpUnreach: { family: routeTargetConstrain, nlri: withdrawn } });
  peer.bench.settle();
}

function announce(peer: RawPeer, prefix: string, targets: readonly number[]): void {
  peer.update({
    mpReach: {
      family: vpnIpv4Unicast,
      nextHops: [peer.address],
      nlri: [{ nlri: `65000:1:${prefix}`, label: 100 }],
    },
    attributes: {
      origin: 'igp',
      asPath: [],
      localPref: 100,
      ...(targets.length === 0 ? {} : { extendedCommunities: targets.map(target) }),
    },
  });
  peer.bench.settle();
}

/** A reflector, a PE that announces, one that says what it wants, and one that knows nothing of memberships. */
function reflector(sourceFamilies = families) {
  const bench = new Bench(
    scene([
      client('10.0.0.2', { families }),
      client('10.0.0.3', { families }),
      client('10.0.0.4', { families }),
    ]),
  );
  const source = new RawPeer(bench, '10.0.0.2', { families: sourceFamilies });
  const picky = new RawPeer(bench, '10.0.0.3', { families });
  announce(source, '10.1.0.0/16', [1]);
  announce(source, '10.2.0.0/16', [2]);
  announce(source, '10.3.0.0/16', [1, 2]);
  announce(source, '10.4.0.0/16', []);
  return { bench, source, picky };
}

const [first, second, both, none] = [1, 2, 3, 4].map((n) => `65000:1:10.${n}.0.0/16`);

describe('what a peer wants', () => {
  it('is awaited until its End-of-RIB, and filters what it is sent', () => {
    const { bench, picky } = reflector();
    expect(routes(picky)).toEqual([]);
    memberships(picky, ['65000:rt:65000:1']);
    expect(routes(picky)).toEqual([]);
    picky.endOfRib(routeTargetConstrain);
    bench.settle();
    expect(routes(picky)).toEqual([first, both]);
    expect(bench.internalErrors).toEqual([]);
  });

  it('is awaited for a minute at most', () => {
    const { bench, picky } = reflector();
    memberships(picky, ['65000:rt:65000:2']);
    bench.pass(59);
    expect(routes(picky)).toEqual([]);
    bench.pass(2);
    expect(routes(picky)).toEqual([second, both]);
    // And what it wants later counts all the same.
    memberships(picky, ['65000:rt:65000:1']);
    expect(routes(picky)).toEqual([first, second, both]);
  });

  it('may change: the difference is told, no more', () => {
    const { bench, picky } = reflector();
    memberships(picky, ['65000:rt:65000:1']);
    picky.endOfRib(routeTargetConstrain);
    bench.settle();
    const before = picky.updates.announced;
    memberships(picky, ['65000:rt:65000:2'], ['65000:rt:65000:1']);
    expect(routes(picky)).toEqual([second, both]);
    expect(picky.updates.complaints).toEqual([]);
    // 10.2.0.0/16, and the membership as it comes back; 10.3.0.0/16 is not sent again.
    const vpn = picky.updates.announced - before;
    expect(vpn).toBeLessThanOrEqual(2);
    memberships(picky, [], ['65000:rt:65000:2']);
    expect(routes(picky)).toEqual([]);
  });

  it.each([
    ['the default', 'default', [first, second, both, none]],
    ['all of an origin', '65000:0x/32', [first, second, both, none]],
    ['targets that begin alike', '65000:0x0002fde8/64', [first, second, both]],
    ['targets of another AS', '65000:0x0002fde9/64', []],
    ['a target nobody has', '65000:rt:65000:9', []],
  ])('%s', (_name, wanted, expected) => {
    const { bench, picky } = reflector();
    memberships(picky, [wanted]);
    picky.endOfRib(routeTargetConstrain);
    bench.settle();
    expect(routes(picky)).toEqual(expected);
  });

  it('explain says why a route does not go', () => {
    const { bench, picky } = reflector();
    picky.endOfRib(routeTargetConstrain);
    bench.settle();
    const told = bench.management
      .explain(first, undefined)
      .advertised.find(({ peer }) => peer === '10.0.0.3');
    expect(told?.reason).toMatch(/RFC 4684/);
  });

  it('a peer that does not know of memberships gets everything, and then we want everything', () => {
    const { bench, source } = reflector();
    expect(heldBy(source)).not.toContain('default');
    const old = new RawPeer(bench, '10.0.0.4', { families: legacy });
    expect(routes(old)).toEqual([first, second, both, none]);
    expect(heldBy(source)).toContain('default');
    old.drop();
    bench.settle();
    expect(heldBy(source)).not.toContain('default');
    expect(bench.internalErrors).toEqual([]);
  });
});

describe('reflection of memberships (RFC 4684 §3.2)', () => {
  it('clients are told as ours, also the one it came from', () => {
    const { bench, source, picky } = reflector();
    memberships(picky, ['65000:rt:65000:1']);
    for (const peer of [source, picky]) {
      const told = peer.updates.routes.get('route-target 65000:rt:65000:1 0');
      expect(told?.nextHop).toBe('10.0.0.1');
      const bytes = fromHex(told?.attributes ?? '') as Uint8Array;
      expect(decodePathAttributes(bytes, 0, bytes.length).originatorId).toBe(address('10.0.0.1').toUint32());
    }
    memberships(picky, [], ['65000:rt:65000:1']);
    for (const peer of [source, picky]) expect(heldBy(peer)).not.toContain('65000:rt:65000:1');
    expect(bench.internalErrors).toEqual([]);
  });

  it('non-clients are told the path of a client, also where that of a non-client is better', () => {
    const bench = new Bench(
      scene([
        client('10.0.0.2', { families }),
        passivePeer('10.0.0.3', { families }),
        passivePeer('10.0.0.4', { families }),
      ]),
    );
    const [ours, better, other] = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map(
      (text) => new RawPeer(bench, text, { families }),
    );
    const key = 'route-target 65000:rt:65000:1 0';
    const join = (peer: RawPeer, localPref: number) => {
      peer.update({
        mpReach: { family: routeTargetConstrain, nextHops: [peer.address], nlri: ['65000:rt:65000:1'] },
        attributes: { origin: 'igp', asPath: [], localPref },
      });
      bench.settle();
    };
    const preferenceAt = (peer: RawPeer) => {
      const bytes = fromHex(peer.updates.routes.get(key)?.attributes ?? '') as Uint8Array;
      return bytes.length === 0 ? undefined : decodePathAttributes(bytes, 0, bytes.length).localPref;
    };
    join(better, 200);
    expect(preferenceAt(other)).toBeUndefined();
    join(ours, 100);
    expect([preferenceAt(other), preferenceAt(better)]).toEqual([100, 100]);
    expect(preferenceAt(ours)).toBe(200);
    join(ours, 110);
    expect(preferenceAt(other)).toBe(110);
    memberships(ours, [], ['65000:rt:65000:1']);
    expect(preferenceAt(other)).toBeUndefined();
    join(ours, 100);
    memberships(better, [], ['65000:rt:65000:1']);
    expect(preferenceAt(other)).toBe(100);
    expect(bench.internalErrors).toEqual([]);
    for (const peer of [ours, better, other]) peer.drop();
    bench.settle();
    const { tables } = bench.speaker.instance;
    expect([tables.paths.size, tables.attributes.size]).toEqual([0, 0]);
  });

  it('nothing is left when all are gone', () => {
    const { bench, source, picky } = reflector();
    memberships(picky, ['65000:rt:65000:1']);
    picky.drop();
    source.drop();
    bench.settle();
    const { tables } = bench.speaker.instance;
    expect([tables.paths.size, tables.attributes.size]).toEqual([0, 0]);
  });

  it('goes back to a client and not to a non-client, also when the one becomes the other', () => {
    const peers = [client('10.0.0.2', { families }), client('10.0.0.3', { families })];
    const settings = scene(peers);
    const bench = new Bench(settings);
    const [, picky] = ['10.0.0.2', '10.0.0.3'].map((each) => new RawPeer(bench, each, { families }));
    memberships(picky, ['65000:rt:65000:1', '65000:rt:65000:2']);
    const own = () => heldBy(picky).filter((text) => /rt:65000:[12]/.test(text));
    const sent = () =>
      bench.peer('10.0.0.3').families.find(({ family }) => family === formatFamily(routeTargetConstrain))
        ?.sent;
    expect(own()).toHaveLength(2);
    const held = sent() ?? 0;
    const nonClient = { ...peers[1], routeReflectorClient: false };
    for (const [peer, expected] of [
      [nonClient, 0],
      [peers[1], 2],
      [nonClient, 0],
    ] as const) {
      bench.speaker.reconfigure({ ...settings, peers: [peers[0], peer] });
      bench.settle();
      expect(own()).toHaveLength(expected);
      expect(sent()).toBe(held - 2 + expected);
    }
    expect(picky.updates.complaints).toEqual([]);
    expect(bench.internalErrors).toEqual([]);
  });
});
