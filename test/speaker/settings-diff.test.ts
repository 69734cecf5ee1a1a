/** Each setting and what a change of it does; never may a session reset that was not announced. */
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { needsReset } from '../../src/session/reconfigure.ts';
import { sessionSettingsOf } from '../../src/speaker/session-settings.ts';
import type { InstanceSettings } from '../../src/speaker/settings.ts';
import {
  peerChanges,
  routerChanges,
  routerResetReasons,
  sameSettings,
  sessionResetReasons,
  softResetDirections,
} from '../../src/speaker/settings-diff.ts';
import { address, prefix } from '../support/settings.ts';

function instance(router: string, peer: string): InstanceSettings {
  const text = `version: 1
router: { asn: 65000, routerId: 10.0.0.1${router} }
policies: [ { name: p, terms: [] } ]
peers: [ { address: 10.0.0.2${peer} } ]
`;
  const result = loadConfig(text, 'h.yaml');
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.text).join('\n'));
  return result.config.instances[0];
}

const external = ', remoteAs: 65009, importPolicy: accept-all, exportPolicy: accept-all';

/** Key of the file, what it does. The peer is external where `internal` is not said. */
const peerRows = [
  ['localAddress: 10.0.0.9', 'reset'],
  ['localAs: 64999', 'reset'],
  ['families: [ipv4-unicast, ipv6-unicast]', 'reset'],
  ['timers: { hold: 2m, keepalive: 30s }', 'later'],
  ['timers: { keepalive: 10s }', 'later'],
  ['timers: { connectRetry: 3s }', 'later'],
  ['timers: { delayOpen: 3s }', 'later'],
  ['timers: { idleHold: 3s }', 'later'],
  ['timers: { idleHoldMax: 3s }', 'later'],
  ['timers: { sendHold: 20m }', 'later'],
  ['timers: { advertisementInterval: 3s }', 'later'],
  ['addPath: { receive: true }', 'reset'],
  ['addPath: { send: all }', 'reset'],
  ['extendedNextHop: true', 'reset'],
  ['extendedMessage: false', 'reset'],
  ['enhancedRouteRefresh: false', 'reset'],
  ['fourOctetAs: false', 'reset'],
  ['gracefulRestart: false', 'reset'],
  ['gracefulRestart: { notification: false }', 'reset'],
  ['gracefulRestart: { helper: false }', 'later'],
  ['gracefulRestart: { maxStale: 5m }', 'later'],
  ['allowOwnAs: 1', 'in'],
  ['enforceFirstAs: false', 'in'],
  ['gracefulShutdown: false', 'in'],
  ['maxPrefixes: { limit: 5 }', 'later'],
  ['nextHopSelf: true', 'out'],
  ['removePrivateAs: true', 'out'],
  ['asOverride: true', 'out'],
  ['sendCommunities: false', 'out'],
  ['shutdown: true', 'shutdown'],
  ['passive: true', 'later'],
  ['port: 1179', 'later'],
  ['description: new', 'later'],
] as const;

describe('a peer', () => {
  it.each(peerRows)('%s: %s', (keys, effect) => {
    const old = instance('', external).peers[0];
    const next = instance('', `${external}, ${keys}`).peers[0];
    for (const [a, b] of [
      [old, next],
      [next, old],
    ]) {
      expect(peerChanges(a, b).map((change) => change.effect)).toEqual([effect]);
      expect(sessionResetReasons(a, b).length).toBe(effect === 'reset' ? 1 : 0);
    }
  });

  it.each([
    ['remoteAs: 65001, importPolicy: accept-all, exportPolicy: accept-all', ['remoteAs'], 'reset'],
    ['remoteAs: 65009, importPolicy: p, exportPolicy: accept-all', ['importPolicy'], 'in'],
    ['remoteAs: 65009, importPolicy: accept-all, exportPolicy: p', ['exportPolicy'], 'out'],
  ] as const)('%s', (keys, changed, effect) => {
    const changes = peerChanges(instance('', external).peers[0], instance('', `, ${keys}`).peers[0]);
    expect(changes.map((change) => change.key)).toEqual(changed);
    expect(changes[0].effect).toBe(effect);
  });

  it('a client that becomes none is evaluated again both ways', () => {
    const old = instance('', ', remoteAs: 65000, routeReflectorClient: true').peers[0];
    const changes = peerChanges(old, instance('', ', remoteAs: 65000').peers[0]);
    expect(changes.map((change) => change.effect)).toEqual(['both']);
    expect(softResetDirections(changes)).toEqual({ in: true, out: true });
  });

  it('more paths need no new OPEN, some paths instead of one do', () => {
    const send = (text: string) => instance('', `${external}, addPath: { send: ${text} }`).peers[0];
    expect(peerChanges(send('all'), send('{ best: 3 }')).map((change) => change.effect)).toEqual(['out']);
    expect(sessionResetReasons(instance('', external).peers[0], send('{ best: 3 }'))).toEqual([
      'addPath.send none -> {count:3,mode:best}',
    ]);
  });

  it('says why in words', () => {
    const old = instance('', external).peers[0];
    const next = instance(
      '',
      `${external}, families: [ipv6-unicast], localAddress: 10.0.0.9, timers: { hold: 30s }`,
    );
    expect(sessionResetReasons(old, next.peers[0])).toEqual([
      'localAddress none -> 10.0.0.9',
      'families ipv4-unicast -> ipv6-unicast',
    ]);
  });

  it('the session never resets unannounced', () => {
    const old = instance('', external);
    for (const [keys] of peerRows) {
      const next = instance('', `${external}, ${keys}`);
      const session = ({ router, peers: [peer] }: InstanceSettings) =>
        sessionSettingsOf(router, peer, peer.address);
      if (needsReset(session(old), session(next))) {
        expect(sessionResetReasons(old.peers[0], next.peers[0]), keys).not.toEqual([]);
      }
    }
  });
});

describe('the router', () => {
  it.each([
    ['clusterId: 10.0.0.9', 'both'],
    ['listen: ["10.0.0.1:179"]', 'later'],
    ['clientToClientReflection: false', 'out'],
    ['nextHopResolution: static', 'decide'],
    ['nextHopResolution: kernel', 'decide'],
    ['decision: { multipath: 4 }', 'decide'],
    ['nextHops: [ { prefix: 10.0.0.0/8, cost: 4 } ]', 'decide'],
    ['decision: { medMissing: worst }', 'decide'],
    ['decision: { alwaysCompareMed: true }', 'decide'],
    ['decision: { preferOldestExternal: true }', 'decide'],
    ['gracefulRestart: { restartTime: 60s }', 'reset'],
    ['hostName: rr1', 'later'],
  ])('%s: %s', (keys, effect) => {
    const changes = routerChanges(instance('', external).router, instance(`, ${keys}`, external).router);
    expect(changes.map((change) => change.effect)).toEqual([effect]);
  });

  it('who we are is in every OPEN', () => {
    const { router } = instance('', external);
    expect(routerResetReasons(router, { ...router, asn: 65001, routerId: 0x0a000002 })).toEqual([
      'asn 65000 -> 65001',
      'routerId 10.0.0.1 -> 10.0.0.2',
    ]);
    const restart = { restartTimeSeconds: 120, selectionDeferralSeconds: 360, notification: true };
    const old = { ...router, gracefulRestart: restart };
    expect(
      routerResetReasons(old, { ...old, gracefulRestart: { ...restart, selectionDeferralSeconds: 9 } }),
    ).toEqual([]);
    expect(
      routerResetReasons(old, { ...old, gracefulRestart: { ...restart, restartTimeSeconds: 9 } }),
    ).toHaveLength(1);
  });
});

describe('equality', () => {
  it('of equal files, read twice', () => {
    expect(sameSettings(instance('', external), instance('', external))).toBe(true);
    expect(peerChanges(instance('', external).peers[0], instance('', external).peers[0])).toEqual([]);
  });

  it.each([
    [new Map([[1, 2]]), new Map([[1, 3]]), false],
    [
      new Map([
        [1, 'a'],
        [2, 'b'],
      ]),
      new Map([
        [2, 'b'],
        [1, 'a'],
      ]),
      true,
    ],
    [new Map([[1, 2]]), new Map([[2, 2]]), false],
    [new Map([[1, 2]]), new Map(), false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: { b: [address('10.0.0.1')] } }, { a: { b: [address('10.0.0.1')] } }, true],
    [{ a: { b: [address('10.0.0.1')] } }, { a: { b: [address('10.0.0.2')] } }, false],
    [prefix('10.0.0.0/8'), prefix('10.0.0.0/9'), false],
    [[1, 2], [1, 2, 3], false],
    [[], {}, false],
    [[1, 2], [2, 1], false],
    [undefined, undefined, true],
    [undefined, null, false],
  ])('%o, %o: %s', (a, b, expected) => {
    expect(sameSettings(a, b)).toBe(expected);
  });
});
