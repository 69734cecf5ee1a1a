/** New settings while sessions are up: what changed is sent, and nothing else; who did not change notices nothing. */
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { PolicyDefinition, PolicyTerm } from '../../src/policy/definition.ts';
import type { InstanceSettings, PeerSettings } from '../../src/speaker/settings.ts';
import { networkSettings, prefix } from '../support/settings.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, internalRoutes, ownRouter, passivePeer, prefixes, scene } from './scenes.ts';

const verdict = 'then';

/** Rejects what is inside the prefix; accepts the rest. */
function rejecting(name: string, ...texts: readonly string[]): PolicyDefinition {
  const terms = texts.map((text): PolicyTerm => {
    const range = prefix(text);
    return {
      name: text,
      match: { prefixes: [{ prefix: range, minLength: range.length, maxLength: 32 }] },
      set: {},
      [verdict]: 'reject',
    } as PolicyTerm;
  });
  return { name, terms, default: 'accept' };
}

function marking(name: string, localPref: number): PolicyDefinition {
  const term = { name: 'all', match: {}, set: { localPref }, [verdict]: 'accept' } as PolicyTerm;
  return { name, terms: [term], default: 'accept' };
}

const count = 100;

/** A feeder with 100 routes, and two sinks that share a policy. */
function world(policies: readonly PolicyDefinition[], sink: Partial<PeerSettings> = {}) {
  const settings = scene(
    [client('10.0.0.2'), client('10.0.0.3', sink), client('10.0.0.4', sink), client('10.0.0.5')],
    { policies },
  );
  const bench = new Bench(settings);
  const feeder = new RawPeer(bench, '10.0.0.2');
  feeder.update(internalRoutes(prefixes(count)));
  const sinks = ['10.0.0.3', '10.0.0.4', '10.0.0.5'].map((each) => new RawPeer(bench, each));
  bench.settle();
  return { bench, settings, feeder, sinks };
}

function reload(bench: Bench, settings: InstanceSettings): void {
  bench.speaker.reconfigure(settings);
  bench.settle();
  expect(bench.internalErrors).toEqual([]);
}

function changedPeer(
  settings: InstanceSettings,
  address: string,
  changes: Partial<PeerSettings>,
): InstanceSettings {
  const peers = settings.peers.map((peer) =>
    peer.address.toString() === address ? { ...peer, ...changes } : peer,
  );
  return { ...settings, peers };
}

/** What each sink hears of the NLRI while `action` runs. */
function heard(sinks: readonly RawPeer[], action: () => void) {
  const before = sinks.map(({ updates }) => [updates.announced, updates.withdrawn]);
  action();
  return sinks.map(({ updates }, i) => [updates.announced - before[i][0], updates.withdrawn - before[i][1]]);
}

function established(bench: Bench): readonly number[] {
  return bench.management.peers().map((peer) => peer.establishedCount);
}

describe('a reload', () => {
  it('of the same settings says nothing to anybody', () => {
    const { bench, settings, sinks } = world([rejecting('p', '10.0.3.0/24')], { exportPolicy: 'p' });
    expect(heard(sinks, () => reload(bench, structuredSettings(settings)))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(established(bench)).toEqual([1, 1, 1, 1]);
  });

  it('of an export policy sends its users the difference and others nothing', () => {
    const { bench, settings, sinks } = world([rejecting('p', '10.0.3.0/24')], { exportPolicy: 'p' });
    const policies = [rejecting('p', '10.0.3.0/24', '10.0.4.0/23')];
    expect(heard(sinks, () => reload(bench, { ...settings, policies }))).toEqual([
      [0, 2],
      [0, 2],
      [0, 0],
    ]);
    expect(heard(sinks, () => reload(bench, settings))).toEqual([
      [2, 0],
      [2, 0],
      [0, 0],
    ]);
    expect(heldBy(sinks[0])).toHaveLength(count - 1);
    expect(established(bench)).toEqual([1, 1, 1, 1]);
  });

  it('moves a peer to another update group without repeating what it has', () => {
    const { bench, settings, sinks } = world([rejecting('p', '10.0.3.0/24')], { exportPolicy: 'p' });
    const moved = changedPeer(settings, '10.0.0.3', { exportPolicy: undefined });
    expect(heard(sinks, () => reload(bench, moved))).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(
      bench.management
        .status()
        .updateGroups.map((group) => group.members)
        .sort(),
    ).toContain(1);
    expect(heard(sinks, () => reload(bench, settings))[0]).toEqual([0, 1]);
  });

  it('moves a congested peer with what it is still owed', () => {
    const { bench, settings, feeder, sinks } = world([rejecting('p', '10.0.3.0/24')], { exportPolicy: 'p' });
    sinks[0].accepts = false;
    feeder.update(internalRoutes(['10.5.0.0/24']));
    bench.settle();
    feeder.update({ withdrawn: prefixes(10) });
    feeder.update(internalRoutes(['10.5.1.0/24']));
    bench.settle();
    reload(bench, changedPeer(settings, '10.0.0.3', { exportPolicy: undefined }));
    expect(heldBy(sinks[0])).toHaveLength(count);
    sinks[0].drained();
    expect(heldBy(sinks[0])).toEqual(heldBy(sinks[2]));
    expect(sinks[0].updates.complaints).toEqual([]);
  });

  it('changes how many paths are sent without repeats', () => {
    const send = { mode: 'best' as const, count: 1 };
    const settings = scene([
      client('10.0.0.2'),
      client('10.0.0.3'),
      client('10.0.0.4', { addPath: { receive: false, send } }),
    ]);
    const bench = new Bench(settings);
    for (const each of ['10.0.0.2', '10.0.0.3'])
      new RawPeer(bench, each).update(
        internalRoutes(prefixes(5), { asPath: [] }, `198.51.100.${each.at(-1)}`),
      );
    const sink = new RawPeer(bench, '10.0.0.4', { addPathReceive: [ipv4Unicast] });
    bench.settle();
    expect(sink.updates.announced).toBe(5);
    const both = changedPeer(settings, '10.0.0.4', {
      addPath: { receive: false, send: { mode: 'best', count: 2 } },
    });
    expect(heard([sink], () => reload(bench, both))).toEqual([[5, 0]]);
    expect(heard([sink], () => reload(bench, settings))).toEqual([[0, 5]]);
    expect(established(bench)).toEqual([1, 1, 1]);
  });

  it('of an import policy judges the stored routes again, without asking the peer', () => {
    const { bench, settings, feeder, sinks } = world([]);
    const policies = [marking('high', 300)];
    feeder.log.length = 0;
    expect(
      heard(sinks, () =>
        reload(bench, { ...changedPeer(settings, '10.0.0.2', { importPolicy: 'high' }), policies }),
      ),
    ).toEqual([
      [count, 0],
      [count, 0],
      [count, 0],
    ]);
    expect(heard(sinks, () => reload(bench, settings))[0]).toEqual([count, 0]);
    expect(feeder.log).toEqual([]);
    expect(established(bench)).toEqual([1, 1, 1, 1]);
  });

  it('of an import policy that rejects and accepts again withdraws and announces', () => {
    const { bench, settings, sinks } = world([rejecting('in', '10.0.0.0/29')]);
    const rejectingIn = changedPeer(settings, '10.0.0.2', { importPolicy: 'in' });
    const wider = { ...rejectingIn, policies: [rejecting('in', '10.0.0.0/20')] };
    expect(heard(sinks, () => reload(bench, rejectingIn))[0]).toEqual([0, 0]);
    expect(heard(sinks, () => reload(bench, wider))[0]).toEqual([0, 16]);
    expect(bench.peer('10.0.0.2').families[0]).toMatchObject({ received: count, accepted: count - 16 });
    expect(heard(sinks, () => reload(bench, settings))[0]).toEqual([16, 0]);
  });

  it('that adds and removes peers leaves the others alone', () => {
    const { bench, settings, sinks } = world([]);
    const more = { ...settings, peers: [...settings.peers, client('10.0.0.6')] };
    expect(heard(sinks, () => reload(bench, more))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    const added = new RawPeer(bench, '10.0.0.6');
    expect(heldBy(added)).toHaveLength(count);
    added.update(internalRoutes(['10.7.0.0/24']));
    bench.settle();
    expect(heard(sinks, () => reload(bench, settings))[0]).toEqual([0, 1]);
    // RFC 4486: Cease, peer de-configured.
    expect(added.notifications).toMatchObject([{ code: 6, subcode: 3 }]);
    expect(established(bench)).toEqual([1, 1, 1, 1]);
    const again = { ...settings, peers: [...settings.peers, client('10.0.0.7')] };
    reload(bench, again);
    const other = new RawPeer(bench, '10.0.0.7');
    expect(heldBy(other), 'the new peer has nothing of the old one').toHaveLength(count);
    expect(bench.peer('10.0.0.7').families[0].received).toBe(0);
  });

  it('that makes a client a non-client changes what is sent of it and to it', () => {
    const settings = scene([client('10.0.0.2'), passivePeer('10.0.0.3'), passivePeer('10.0.0.4')]);
    const bench = new Bench(settings);
    const [feeder, ...sinks] = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((each) => new RawPeer(bench, each));
    feeder.update(internalRoutes(prefixes(4)));
    sinks[0].update(internalRoutes(['10.8.0.0/24']));
    bench.settle();
    expect([heldBy(sinks[0]).length, heldBy(feeder).length]).toEqual([4, 1]);
    reload(bench, changedPeer(settings, '10.0.0.2', { routeReflectorClient: false }));
    expect([heldBy(sinks[0]).length, heldBy(feeder).length]).toEqual([0, 0]);
    reload(bench, settings);
    expect([heldBy(sinks[0]).length, heldBy(feeder).length]).toEqual([4, 1]);
    expect(sinks[0].updates.complaints).toEqual([]);
    expect(established(bench)).toEqual([1, 1, 1]);
  });

  it('of client-to-client reflection withdraws between clients only', () => {
    const { bench, settings, sinks } = world([]);
    const router = { ...ownRouter, clientToClientReflection: false };
    expect(heard(sinks, () => reload(bench, { ...settings, router }))[0]).toEqual([0, count]);
    expect(heard(sinks, () => reload(bench, settings))[0]).toEqual([count, 0]);
  });

  it('of networks announces and withdraws them', () => {
    const { bench, settings, sinks } = world([]);
    const networks = [networkSettings('203.0.113.0/24'), networkSettings('203.0.114.0/24')];
    expect(heard(sinks, () => reload(bench, { ...settings, networks }))[0]).toEqual([2, 0]);
    expect(heard(sinks, () => reload(bench, { ...settings, networks: networks.slice(1) }))[0]).toEqual([
      0, 1,
    ]);
    const med = [networkSettings('203.0.114.0/24', { med: 5 })];
    expect(heard(sinks, () => reload(bench, { ...settings, networks: med }))[0]).toEqual([1, 0]);
  });

  it('of next hop resolution takes routes out and puts them back', () => {
    const { bench, settings, sinks } = world([]);
    const router = { ...ownRouter, nextHopResolution: 'static' as const };
    expect(heard(sinks, () => reload(bench, { ...settings, router }))[0]).toEqual([0, count]);
    const nextHops = [{ prefix: prefix('198.51.100.0/24'), cost: 5 }];
    expect(heard(sinks, () => reload(bench, { ...settings, router: { ...router, nextHops } }))[0]).toEqual([
      count,
      0,
    ]);
  });
});

/** Equal data, other objects: as a file that was read again gives. */
function structuredSettings(settings: InstanceSettings): InstanceSettings {
  return {
    ...settings,
    router: { ...settings.router },
    peers: settings.peers.map((peer) => ({ ...peer, timers: { ...peer.timers } })),
    policies: settings.policies.map((policy) => ({
      ...policy,
      terms: policy.terms.map((term) => ({ ...term })),
    })),
  };
}
