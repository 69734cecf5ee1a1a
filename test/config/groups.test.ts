/** Peer groups: what is merged, key by key, and what is replaced. */
import { describe, expect, it } from 'vitest';
import { formatFamily, ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { firstPeer } from './example.ts';

describe('groups', () => {
  const group =
    'peerGroups: [ { name: g, remoteAs: 65000, description: of the group, passive: true, ' +
    'timers: { hold: 30s, connectRetry: 5s }, maxPrefixes: { limit: 100, action: warn }, ' +
    'addPath: { receive: true, send: all }, gracefulRestart: { helper: false, maxStale: 60s } } ]\n';
  const peer = (keys: string) => firstPeer(`${group}peers: [ { address: 10.0.0.2, group: g${keys} } ]\n`);

  it('give what the peer does not say', () => {
    expect(peer('')).toMatchObject({
      remoteAs: 65000,
      description: 'of the group',
      passive: true,
      group: 'g',
    });
  });

  it('lose against the peer, also where the peer says the default', () => {
    expect(peer(', passive: false, description: mine')).toMatchObject({
      passive: false,
      description: 'mine',
    });
  });

  it('nested keys are merged one by one', () => {
    expect(peer(', timers: { connectRetry: 7s }').timers).toMatchObject({
      holdSeconds: 30,
      keepaliveSeconds: 10,
      connectRetrySeconds: 7,
    });
    expect(peer(', addPath: { send: { best: 2 } }').addPath).toEqual({
      receive: true,
      send: { mode: 'best', count: 2 },
    });
    expect(peer(', gracefulRestart: { helper: true }').gracefulRestart).toEqual({
      helper: true,
      notification: true,
      maxStaleSeconds: 60,
    });
    expect(peer(', gracefulRestart: false').gracefulRestart).toBeUndefined();
  });

  it('limits: below a family before all families, each key by itself', () => {
    const limits = peer(
      ', families: [ipv4-unicast, ipv6-unicast], maxPrefixes: { warnPercent: 90, ipv6-unicast: { limit: 5 } }',
    ).maxPrefixes;
    const common = { action: 'warn', warnPercent: 90, restartSeconds: undefined };
    expect(limits.get(ipv4Unicast)).toEqual({ limit: 100, ...common });
    expect(limits.get(ipv6Unicast)).toEqual({ limit: 5, ...common });
  });

  it('limits of VPN families, below or for all', () => {
    const text =
      'families: [ipv4-unicast, vpnv4-unicast, route-target], maxPrefixes: { limit: 9, action: warn, vpnv4-unicast: { limit: 5, action: drop }, route-target: { limit: 3 } }';
    const limits = firstPeer(`peers: [ { address: 10.0.0.2, remoteAs: 65000, ${text} } ]\n`).maxPrefixes;
    expect([...limits].map(([family, { limit, action }]) => [formatFamily(family), limit, action])).toEqual([
      ['ipv4-unicast', 9, 'warn'],
      ['vpnv4-unicast', 5, 'drop'],
      ['route-target', 3, 'warn'],
    ]);
  });

  it('a limit for one family alone leaves the others without', () => {
    const { maxPrefixes } = firstPeer(
      'peers: [ { address: 10.0.0.2, remoteAs: 65000, families: [ipv4-unicast, ipv6-unicast], maxPrefixes: { ipv4-unicast: { limit: 7, action: drop } } } ]\n',
    );
    expect([...maxPrefixes.keys()]).toEqual([ipv4Unicast]);
  });
});
