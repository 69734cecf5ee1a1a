/**
 * What sites and clients may send to a gateway: from the controller's resources through the desired state to the
 * instances of the gateway, each a speaker with neighbours that are nothing but bytes. F27, F29, F43 of docs/controller.md.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { targetOf } from '../../src/agent/target.ts';
import { loadTenant } from '../../src/config/load-tenant.ts';
import { desiredState } from '../../src/controller/desired.ts';
import type { BgpPeerSpec } from '../../src/controller/resources.ts';
import type { InstanceSettings } from '../../src/speaker/settings.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { connection, gateway, peer, pool, put, tenant } from '../controller/builders.ts';
import { World } from '../controller/world.ts';
import { Bench, heldBy, RawPeer } from '../simulation/raw-peer.ts';
import { externalRoutes, internalRoutes, prefixes } from '../simulation/scenes.ts';
import { address } from '../support/settings.ts';

const reflector = '10.1.255.1';
const asn = 64512;
const sites = { berlin: ['172.16.1.2', 65001], oslo: ['172.16.2.2', 65002] } as const;
const facts = { gateway: 'a1', interfaceOf: (vlan: number) => `vlan${vlan}`, secrets: '/keys' };

let world: World;

/** Contoso and Woodgrove reflect on a1 with the same two sites each; Contoso has clients on a2 and a3. */
beforeEach(() => {
  world = new World();
  const names = ['a1', 'a2', 'a3', 'a4'];
  world.write(
    put('pools', pool('a')),
    put('gateways', ...names.map((name, at) => gateway(name, 'a', at + 1))),
  );
  world.run(8000);
  for (const [at, owner] of ['contoso', 'woodgrove'].entries()) {
    const edge = (name: string, kbps: number, net: number) =>
      connection(`${owner}-${name}`, owner, kbps, { remoteAddress: `192.0.2.${at * 10 + net}` });
    world.write(put('tenants', tenant(owner, ['a'], { asn })));
    world.write(put('connections', edge('berlin', 400_000, 1), edge('oslo', 400_000, 2)));
    world.write(put('peers', site(owner, 'berlin'), site(owner, 'oslo')));
  }
  for (const number of [3, 4]) {
    const large = { remoteAddress: `192.0.2.${number}` };
    world.write(put('connections', connection(`contoso-${number}`, 'contoso', 4_500_000, large)));
  }
  world.run(3000);
});

function site(owner: string, name: keyof typeof sites, more: Partial<BgpPeerSpec> = {}) {
  const known = peer(`${owner}-${name}`, owner, sites[name][0], `${owner}-${name}`);
  return { ...known, spec: { ...known.spec, asn: sites[name][1], ...more } };
}

/** The instance of the tenant on a1. The bench has no kernel to ask for next hops, and nobody to install routes for. */
function settingsOf(owner: string): InstanceSettings {
  const { instances } = targetOf(desiredState(world.snapshot, 'a1'), facts);
  const document = instances.find(({ tenant: known }) => known === owner) ?? expect.fail(`no ${owner}`);
  expect(document.reflects).toBe(true);
  const loaded = loadTenant(JSON.stringify(document.configuration), owner, { hostName: 'a1' }, []);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('; '));
  const { router, ...settings } = loaded.settings;
  return { ...settings, fib: undefined, router: { ...router, nextHopResolution: 'none' } };
}

const own = { localAs: asn, localAddress: reflector, holdTimeSeconds: 30 };

/** The reflector of a tenant, with all its neighbours up. */
function scene(owner = 'contoso') {
  const bench = new Bench(settingsOf(owner));
  const [berlin, oslo] = Object.values(sites).map(
    ([remote, number]) => new RawPeer(bench, remote, { ...own, asn: number }),
  );
  const clients = (world.snapshot.tenants.get(owner)?.status.instances ?? [])
    .filter((client) => bench.management.peers().some((known) => known.address === client.address))
    .map((client) => new RawPeer(bench, client.address, { ...own, asn }));
  if (!berlin || !oslo) throw new Error('there are two sites');
  bench.settle();
  return { bench, berlin, oslo, clients };
}

const established = ({ bench }: { readonly bench: Bench }) =>
  bench.management.peers().map(({ state, establishedCount }) => `${state} ${establishedCount}`);

/** Woodgrove, of the same gateway, with routes of its own. */
function bystander() {
  const other = scene('woodgrove');
  other.berlin.update(externalRoutes(65001, prefixes(2), {}, sites.berlin[0]));
  other.bench.settle();
  const state = () => JSON.stringify([established(other), heldBy(other.oslo), other.bench.events.length]);
  const before = state();
  return () => expect(state()).toBe(before);
}

const from = (name: keyof typeof sites, list: readonly string[], more: Partial<PathAttributes> = {}) =>
  externalRoutes(sites[name][1], list, more, sites[name][0]);

describe('F27: a site announces more prefixes than it may', () => {
  function overflow(more: Partial<BgpPeerSpec>, count = 1001) {
    world.write(put('peers', site('contoso', 'berlin', more)));
    const quiet = bystander();
    const played = scene();
    played.oslo.update(from('oslo', ['192.168.2.0/24']));
    for (let sent = 0; sent < count; sent += 100)
      played.berlin.update(from('berlin', prefixes(Math.min(100, count - sent), sent)));
    played.bench.settle();
    quiet();
    const said = played.bench.events.flatMap((event) =>
      event.type === 'max-prefixes' ? [`${event.action} ${event.count}`] : [],
    );
    return { ...played, said };
  }

  it.each([
    ['is warned of beyond 1000, unless something else is said', {}, 'warn 1001', 1002],
    ['the surplus is left out', { maxPrefixAction: 'drop' }, 'drop 1001', 1001],
    ['beyond the limit that is said', { maxPrefixAction: 'drop', maxPrefixes: 999 }, 'drop 1000', 1000],
  ] as const)('%s', (_, more, last, heard) => {
    const { said, clients, oslo, bench, berlin } = overflow(more);
    expect(said.at(-1)).toBe(last);
    for (const known of clients) expect(heldBy(known)).toHaveLength(heard);
    expect(heldBy(oslo)).toHaveLength(heard - 1);
    expect(heldBy(berlin)).toEqual(['192.168.2.0/24']);
    expect(new Set(established({ bench }))).toEqual(new Set(['established 1']));
  });

  it('its session ends, and no other, until its peer was down and is up again', () => {
    const { said, clients, oslo, bench, berlin } = overflow({ maxPrefixAction: 'teardown' });
    expect(said.at(-1)).toBe('idle 1001');
    // RFC 4486 §4: AFI, SAFI, the limit.
    expect(berlin.notifications).toMatchObject([
      { code: 6, subcode: 1, data: Uint8Array.of(0, 1, 1, 0, 0, 3, 232) },
    ]);
    for (const known of clients) expect(heldBy(known)).toEqual(['192.168.2.0/24']);
    expect(heldBy(oslo)).toEqual([]);
    expect(bench.peer(sites.oslo[0])).toMatchObject({ state: 'established', establishedCount: 1 });
    expect(established({ bench }).filter((state) => state === 'established 1')).toHaveLength(3);
    const again = () => new RawPeer(bench, sites.berlin[0], { ...own, asn: sites.berlin[1] });
    bench.pass(600);
    expect(again().view.state).not.toBe('established');
    for (const adminDown of [true, false]) {
      world.write(put('peers', site('contoso', 'berlin', { maxPrefixAction: 'teardown', adminDown })));
      bench.speaker.reconfigure(settingsOf('contoso'));
      bench.pass(2);
    }
    expect(again().view.state).toBe('established');
  });
});

describe('F29: a site sends an UPDATE that is malformed', () => {
  it('its routes are taken as withdrawn (RFC 7606); no session ends, and other tenants notice nothing', () => {
    const quiet = bystander();
    const { bench, berlin, oslo, clients } = scene();
    const [first, second] = prefixes(2);
    berlin.update(from('berlin', [first, second]));
    bench.settle();
    for (const known of [oslo, ...clients]) expect(heldBy(known)).toEqual([first, second]);
    berlin.send(withOrigin(encodeUpdate(from('berlin', [first])), 7));
    bench.settle();
    for (const known of [oslo, ...clients]) {
      expect(heldBy(known)).toEqual([second]);
      expect(known.updates.complaints).toEqual([]);
    }
    expect(new Set(established({ bench }))).toEqual(new Set(['established 1']));
    expect([berlin.notifications, bench.internalErrors]).toEqual([[], []]);
    quiet();
    // And is believed again when it says it right.
    berlin.update(from('berlin', [first]));
    bench.settle();
    expect(heldBy(oslo)).toEqual([first, second]);
  });
});

/** RFC 4271 §5.1.1: 0, 1 or 2. */
function withOrigin(update: Uint8Array, value: number): Uint8Array {
  const bytes = update.slice();
  const at = bytes.findIndex((_, i) => bytes[i] === 0x40 && bytes[i + 1] === 1 && bytes[i + 2] === 1);
  bytes[at + 3] = value;
  return bytes;
}

describe('F43: a client sends back what the reflector told it', () => {
  const prefix = '192.168.9.0/24';

  function reflected() {
    const quiet = bystander();
    const played = scene();
    const [one, two] = played.clients;
    if (!one || !two) throw new Error('there are two clients');
    const heard: Uint8Array[] = [];
    const hear = two.hear.bind(two);
    two.hear = (bytes) => {
      heard.push(bytes.slice());
      return hear(bytes);
    };
    one.update(internalRoutes([prefix], {}, one.address.toString()));
    played.bench.settle();
    expect(heldBy(two)).toEqual([prefix]);
    const dropped = () =>
      played.bench.management
        .explain(prefix, undefined)
        .candidates.flatMap(({ verdict, reason }) => (verdict === 'ineligible' ? [reason] : []));
    return { ...played, quiet, one, two, heard, dropped };
  }

  it('is dropped by its CLUSTER_LIST (RFC 4456 §8), and nobody is told', () => {
    const { bench, one, two, oslo, heard, dropped, quiet } = reflected();
    const before = [one, oslo].map(({ updates }) => updates.announced + updates.withdrawn);
    for (const bytes of heard) two.send(bytes);
    bench.settle();
    expect(dropped()).toMatchObject([expect.stringMatching(/CLUSTER_LIST/)]);
    expect([one, oslo].map(({ updates }) => updates.announced + updates.withdrawn)).toEqual(before);
    // The way it has goes as it came.
    one.update({ withdrawn: [prefix] });
    bench.settle();
    expect(heldBy(oslo)).toEqual([]);
    quiet();
  });

  it('is dropped by its ORIGINATOR_ID where that is the reflector’s own', () => {
    const { bench, one, two, oslo, dropped, quiet } = reflected();
    const originatorId = address(reflector).toUint32();
    two.update(internalRoutes([prefix], { originatorId, localPref: 200 }, two.address.toString()));
    bench.settle();
    expect(dropped()).toMatchObject([expect.stringMatching(/ORIGINATOR_ID/)]);
    one.update({ withdrawn: [prefix] });
    bench.settle();
    expect(heldBy(oslo)).toEqual([]);
    quiet();
  });
});
