/** From text to settings: what is wrong and where, what is merged, what is filled in. */
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { fileCases, routerCases } from './bad/file.ts';
import { otherCases } from './bad/others.ts';
import { peerCases } from './bad/peers.ts';
import { firstPeer, issueExample, load } from './example.ts';

const head = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n';

function problems(text: string): string[] {
  const result = loadConfig(text, 'h.yaml');
  return result.ok ? [] : result.problems.map((problem) => problem.text);
}

function warnings(text: string): string[] {
  const result = loadConfig(text, 'h.yaml');
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.text).join('\n'));
  return result.warnings.map((warning) => warning.text);
}

describe.each([
  ['the file as a whole', fileCases],
  ['router', routerCases],
  ['peers and groups', peerCases],
  ['ranges, networks, policies, api, log', otherCases],
] as const)('one mistake in %s', (_name, cases) => {
  it.each(cases)('%s', (_title, text, expected) => {
    expect(problems(text)).toEqual(expected.map((line) => `h.yaml:${line}`));
  });
});

describe('several mistakes', () => {
  it('an AS path pattern is refused in the words of policy/', () => {
    const text = `${head}policies: [ { name: p, terms: [ { match: { asPath: ["_64500_", "(65000"] }, then: accept } ] } ]\n`;
    expect(problems(text)).toEqual([
      expect.stringMatching(
        /^h\.yaml:3:64: policies\.0\.terms\.0\.match\.asPath\.1: "\(65000": .*, at character [0-9]+$/,
      ),
    ]);
  });

  it('five different ones give five lines in the order of the file', () => {
    const text = [
      'version: 1',
      'router: { asn: 65000, routerId: 10.0.0.1 }',
      'peerGroups:',
      '  - { name: clients, remoteAs: 65000, timers: { hold: 90 } }',
      'peers:',
      '  - { address: 10.0.0.2, group: clents }',
      '  - { address: 10.0.0.3, group: clients, familes: [ipv4-unicast] }',
      'networks:',
      '  - { prefix: 203.0.113.7/24 }',
      '  - { prefix: 198.51.100.0/24, prefix: 192.0.2.0/24 }',
      '',
    ].join('\n');
    expect(problems(text)).toEqual([
      'h.yaml:4:55: peerGroups.0.timers.hold: a duration needs its unit: write 90s',
      'h.yaml:6:33: peers.0.group: there is no peer group "clents" (did you mean "clients"?)',
      'h.yaml:7:42: peers.1.familes: unknown key (did you mean "families"?)',
      'h.yaml:9:15: networks.0.prefix: 203.0.113.7/24 has host bits set: write 203.0.113.0/24',
      'h.yaml:10:32: networks.1.prefix: this key was given before, on line 10',
    ]);
  });

  it('a syntax error hides what is behind it, not what is before it', () => {
    const text = `${head}log: { level: loud }\npeers:\n  - { address: 10.0.0.2, group: later\nnetworks: []\n`;
    const found = problems(text);
    expect(found[0]).toBe(
      'h.yaml:3:15: log.level: expected one of trace, debug, info, warn, error, not "loud"',
    );
    expect(found[1]).toMatch(/^h\.yaml:6:1: YAML: /);
    expect(found).toHaveLength(2);
  });

  it('tells every bad element of a list and keeps the indices right', () => {
    expect(problems(`${head}peers:\n  - nonsense\n  - { address: 10.0.0.2, remoteAs: 0 }\n`)).toEqual([
      expect.stringMatching(
        /^h\.yaml:4:5: peers\.0: expected a map of keys \(address, group, .* not "nonsense"$/,
      ),
      'h.yaml:5:36: peers.1.remoteAs: AS 0 is reserved (RFC 7607)',
    ]);
  });

  it('says nothing of references into a section that cannot be read', () => {
    const text = `${head}policies: [ { terms: [] } ]\npeers:\n  - { address: 10.0.0.2, remoteAs: 65000, importPolicy: p }\n`;
    expect(problems(text)).toEqual(['h.yaml:3:13: policies.0.name: this key is missing']);
  });

  it('an alias bomb ends in one line', () => {
    const level = (n: number) =>
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(', ')}]`;
    const bomb = ['a0: &a0 [x]', ...Array.from({ length: 9 }, (_, i) => level(i + 1))].join('\n');
    const found = problems(bomb).filter((line) => line.includes('aliases'));
    expect(found).toHaveLength(1);
  });

  it.each([
    ['brackets', `log:\n  ${'['.repeat(200_000)}`, 2],
    ['lists', `log:\n  ${'- '.repeat(100_000)}x`, 2],
    ['keys', `${'? '.repeat(100_000)}x`, 1],
  ])('absurd nesting of %s is refused, not fatal', (_what, text, line) => {
    expect(problems(text)).toEqual([
      `h.yaml:${line}:1: YAML: the file cannot be read: it is nested too deeply here`,
    ]);
  });

  it.each([`log: ${'['.repeat(100)}${']'.repeat(100)}`, `${'- '.repeat(199)}x`, `${'? '.repeat(199)}x`])(
    'nesting up to the limit is read',
    (text) => expect(problems(text).join()).not.toContain('cannot be read'),
  );

  it('brackets inside texts do not count', () => {
    expect(
      problems(
        `${head}peers: [ { address: 10.0.0.2, remoteAs: 65000, description: "${'['.repeat(150)}" } ]\n`,
      ),
    ).toEqual([]);
  });
});

describe('warnings', () => {
  it.each([
    [
      'peers: [ { address: 192.0.2.9, remoteAs: 65009 } ]',
      '3:10: warning: peers.0: this external peer has neither importPolicy nor exportPolicy: nothing is exchanged (RFC 8212)',
    ],
    [
      'peers: [ { address: 192.0.2.9, remoteAs: 65009, exportPolicy: accept-all } ]',
      '3:10: warning: peers.0: this external peer has no importPolicy: no route is taken (RFC 8212)',
    ],
    [
      'peers: [ { address: 192.0.2.9, remoteAs: 65009, importPolicy: accept-all } ]',
      '3:10: warning: peers.0: this external peer has no exportPolicy: no route is sent (RFC 8212)',
    ],
    [
      'dynamicPeers: [ { range: 10.9.0.0/16, remoteAs: any } ]',
      '3:17: warning: dynamicPeers.0: external peers from here have neither importPolicy nor exportPolicy: nothing is exchanged (RFC 8212)',
    ],
    [
      'peers: [ { address: 10.0.0.2, remoteAs: 65000, asOverride: true } ]',
      '3:60: warning: peers.0.asOverride: asOverride does nothing on an internal peer',
    ],
    [
      'peers: [ { address: 10.0.0.2, remoteAs: 65000, maxPrefixes: { ipv6-unicast: { limit: 9 } }, families: [ipv4-unicast] } ]',
      '3:77: warning: peers.0.maxPrefixes.ipv6-unicast: ipv6-unicast is not among the families of the peer',
    ],
    [
      'policies: [ { name: p, terms: [ { set: { med: 1 }, then: reject } ] } ]',
      '3:40: warning: policies.0.terms.0.set: this does nothing: the term rejects',
    ],
    [
      'api: { tcp: { listen: "10.0.0.1:8179", tokenFile: /t } }',
      '3:23: warning: api.tcp.listen: the API can be reached from other machines, unencrypted',
    ],
  ])('%s', (text, expected) => {
    expect(warnings(`${head}${text}\n`)).toEqual([`h.yaml:${expected}`]);
  });

  it.each([
    [
      'nextHops: [ { prefix: 10.0.0.0/8 } ]',
      'router.nextHops: this table is not used: nextHopResolution is none',
    ],
    ['nextHopResolution: static', 'router.nextHopResolution: nextHops is empty: no route can be used'],
  ])('router %s', (keys, expected) => {
    const found = warnings(`version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1, ${keys} }\n`);
    expect(found).toEqual([expect.stringContaining(`warning: ${expected}`)]);
  });

  it('nobody can come in without a listener', () => {
    const text =
      'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1, listen: [] }\npeers: [ { address: 10.0.0.2, remoteAs: 65000, passive: true } ]\ndynamicPeers: [ { range: 10.9.0.0/16, remoteAs: 65000 } ]\n';
    expect(warnings(text)).toEqual([
      'h.yaml:3:57: warning: peers.0.passive: a passive peer cannot connect: router.listen is empty',
      'h.yaml:4:17: warning: dynamicPeers.0: nobody can connect from here: router.listen is empty',
    ]);
  });

  it('a loopback API and a good file have none', () => {
    expect(warnings(`${head}api: { tcp: { listen: "127.0.0.1:8179", tokenFile: /t } }\n`)).toEqual([]);
    expect(warnings(issueExample)).toEqual([]);
  });
});

describe('settings', () => {
  it('a minimal file: everything else is a default', () => {
    const {
      instances: [settings],
      api,
      log,
    } = load(head);
    expect(settings).toEqual({
      name: 'default',
      tenant: 'default',
      slot: 'main',
      place: { type: 'host' },
      fib: undefined,
      limits: { routes: undefined, peers: undefined, updatesPerSecond: undefined },
      router: {
        asn: 65000,
        routerId: 0x0a000001,
        clusterId: 0x0a000001,
        listen: [{ address: undefined, port: 179 }],
        clientToClientReflection: true,
        nextHopResolution: 'none',
        nextHops: [],
        decision: { medMissing: 'best', alwaysCompareMed: false, preferOldestExternal: false, multipath: 1 },
        gracefulRestart: undefined,
        hostName: '',
      },
      peers: [],
      dynamicPeers: [],
      networks: [],
      policies: [],
    });
    expect(api).toEqual({ socket: '/run/heliod/heliod.sock', tcp: undefined });
    expect(log).toEqual({ level: 'info' });
  });

  it('a minimal internal peer', () => {
    const { address, ...rest } = firstPeer('peers: [ { address: 10.0.0.2, remoteAs: 65000 } ]\n');
    expect(address.toString()).toBe('10.0.0.2');
    expect(rest).toEqual({
      remoteAs: 65000,
      description: '',
      group: undefined,
      port: 179,
      localAddress: undefined,
      transport: { md5KeyFile: undefined, ttlSecurityHops: undefined, ttl: undefined },
      localAs: 65000,
      passive: false,
      shutdown: undefined,
      routeReflectorClient: false,
      families: [ipv4Unicast],
      timers: {
        holdSeconds: 90,
        keepaliveSeconds: 30,
        connectRetrySeconds: 10,
        delayOpenSeconds: 0,
        idleHoldSeconds: 1,
        idleHoldMaxSeconds: 60,
        sendHoldSeconds: 480,
        advertisementIntervalSeconds: 0,
      },
      importPolicy: 'accept-all',
      exportPolicy: 'accept-all',
      maxPrefixes: new Map(),
      nextHopSelf: false,
      allowOwnAs: 0,
      removePrivateAs: false,
      asOverride: false,
      enforceFirstAs: true,
      sendCommunities: true,
      addPath: { receive: false, send: undefined },
      extendedNextHop: false,
      extendedMessage: true,
      enhancedRouteRefresh: true,
      fourOctetAs: true,
      gracefulRestart: { helper: true, notification: true, maxStaleSeconds: 360 },
      gracefulShutdown: true,
    });
  });

  it('defaults that depend on something', () => {
    const external = firstPeer(
      'peers: [ { address: "2001:db8::2", remoteAs: 65009, timers: { hold: 1h } } ]\n',
    );
    expect(external.families).toEqual([ipv6Unicast]);
    expect(external.importPolicy).toBeUndefined();
    expect(external.exportPolicy).toBeUndefined();
    expect(external.timers).toMatchObject({ keepaliveSeconds: 1200, sendHoldSeconds: 7200 });
    const silent = firstPeer(
      'peers: [ { address: 10.0.0.2, remoteAs: 65000, timers: { hold: 0s, keepalive: 30s } } ]\n',
    );
    expect(silent.timers).toMatchObject({ holdSeconds: 0, keepaliveSeconds: 0, sendHoldSeconds: 480 });
    expect(load(head).instances[0].router.hostName).toBe('');
    const named = loadConfig(head, 'h.yaml', { hostName: 'rr1' });
    expect(named.ok && named.config.instances[0].router.hostName).toBe('rr1');
  });

  it('the example of the issue', () => {
    const [settings] = load(issueExample).instances;
    expect(
      settings.peers.map((peer) => [String(peer.address), peer.remoteAs, peer.port, peer.passive]),
    ).toEqual([
      ['10.0.0.2', 65000, 179, false],
      ['10.0.0.3', 65000, 1179, true],
      ['192.0.2.9', 65009, 179, false],
    ]);
    expect(settings.peers[0]).toMatchObject({
      routeReflectorClient: true,
      description: 'frr',
      group: 'clients',
    });
    expect(settings.peers[0].families).toEqual([ipv4Unicast, ipv6Unicast]);
    expect(settings.peers[2].maxPrefixes).toEqual(
      new Map([[ipv4Unicast, { limit: 1000, action: 'idle', warnPercent: 75, restartSeconds: undefined }]]),
    );
    expect(settings.dynamicPeers[0]).toMatchObject({
      limit: 2000,
      template: { passive: true, remoteAs: 65000 },
    });
    const [term] = settings.policies[0].terms;
    expect([term.name, term.set, term.then]).toEqual(['term-1', { localPref: 200 }, 'accept']);
    expect(term.match.prefixes?.[0]).toMatchObject({ minLength: 8, maxLength: 24 });
  });

  it.each([
    ['"10.0.0.0/8"', 8, 8],
    ['"10.0.0.0/8 le 24"', 8, 24],
    ['"10.0.0.0/8 ge 16"', 16, 32],
    ['"10.0.0.0/8  ge 16  le 24"', 16, 24],
    ['"10.0.0.0/8 orlonger"', 8, 32],
    ['"2001:db8::/32 orlonger"', 32, 128],
    ['"0.0.0.0/0 le 0"', 0, 0],
  ])('prefix expression %s', (text, minLength, maxLength) => {
    const { policies } = load(
      `${head}policies: [ { name: p, terms: [ { match: { prefixes: [${text}] }, then: accept } ] } ]\n`,
    ).instances[0];
    expect(policies[0].terms[0].match.prefixes?.[0]).toMatchObject({ minLength, maxLength });
    expect(policies[0].default).toBe('reject');
  });

  it('MED can be removed, and absent conditions stay absent', () => {
    const { policies } = load(
      `${head}policies: [ { name: p, terms: [ { set: { med: none }, then: next } ] } ]\n`,
    ).instances[0];
    expect(policies[0].terms[0].set).toEqual({ med: null });
    expect(Object.keys(policies[0].terms[0].match)).toEqual([]);
  });

  it.each([
    ['500ms', 0.5],
    ['0s', 0],
    ['2m', 120],
    ['1h', 3600],
  ])('duration %s', (text, seconds) => {
    const keys = `timers: { connectRetry: 1s, delayOpen: 0s, idleHoldMax: 1h, idleHold: ${text} }`;
    expect(
      firstPeer(`peers: [ { address: 10.0.0.2, remoteAs: 65000, ${keys} } ]\n`).timers.idleHoldSeconds,
    ).toBe(seconds);
  });

  it.each([
    ['true', { message: '' }],
    ['{ message: back at noon }', { message: 'back at noon' }],
    ['false', undefined],
  ])('shutdown: %s', (text, expected) => {
    const peer = firstPeer(`peers: [ { address: 10.0.0.2, remoteAs: 65000, shutdown: ${text} } ]\n`);
    expect(peer.shutdown).toEqual(expected);
  });
});
