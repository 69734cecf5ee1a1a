/** Files without mistakes, of every kind, as plain data: `stringify` makes them YAML. */
import fc from 'fast-check';

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(fc.integer({ min: 1, max: 126 }), octet, octet).map(([a, b, c]) => `${a}.${b}.${c}.1`);
const ipv6 = fc.integer({ min: 1, max: 65535 }).map((n) => `2001:db8:${n.toString(16)}::1`);
const asn = fc.oneof(fc.integer({ min: 1, max: 23455 }), fc.integer({ min: 23457, max: 4294967295 }));
const uint32 = fc.integer({ min: 0, max: 4294967295 });
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((n) => `${n}s`);
const milliseconds = fc.integer({ min: 1, max: 60_000 }).map((n) => `${n}ms`);
const familyNames = ['ipv4-unicast', 'ipv6-unicast'] as const;
const families = fc.shuffledSubarray([...familyNames], { minLength: 1 });
const text = fc.string({ maxLength: 40 });
const part16 = fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.constant('*'));
const standard = fc.tuple(fc.nat(65535), fc.nat(65535)).map((parts) => parts.join(':'));
const large = fc.tuple(uint32, uint32, uint32).map((parts) => parts.join(':'));
const extended = fc.constantFrom('rt:65000:100', 'soo:192.0.2.1:7', 'rt:4200000000:9', '0x4300000000000001');
const community = fc.oneof(standard, large, extended, fc.constantFrom('no-export', 'blackhole'));
const pattern = fc.oneof(
  community,
  fc.tuple(part16, part16).map((parts) => parts.join(':')),
);

/** All keys optional. */
function some<T>(keys: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> {
  return fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
}

const prefix = fc.oneof(
  fc.tuple(octet, octet, fc.integer({ min: 16, max: 24 })).map(([a, b, l]) => `${a}.${b}.0.0/${l}`),
  fc.integer({ min: 1, max: 65535 }).map((n) => `2001:${n.toString(16)}::/32`),
);
const prefixRange = fc
  .tuple(prefix, fc.constantFrom('', ' le 32', ' ge 32', ' orlonger', ' ge 32 le 32'))
  .map(([base, range]) => base + range);

const limits = some({
  action: fc.constantFrom('warn', 'drop', 'idle'),
  warnPercent: fc.integer({ min: 1, max: 100 }),
});
const maxPrefixes = fc
  .tuple(
    fc.integer({ min: 1, max: 4294967295 }),
    limits,
    some({
      'ipv4-unicast': limits,
      'ipv6-unicast': limits,
      'vpnv4-unicast': limits,
      'vpnv6-unicast': limits,
    }),
  )
  .map(([limit, common, perFamily]) => ({ limit, ...common, ...perFamily }));

const timers = some({
  hold: fc.oneof(fc.constant('0s'), seconds(90, 65535), fc.constantFrom('2m', '1h')),
  keepalive: seconds(1, 30),
  connectRetry: milliseconds.map((value) => (value.length > 5 ? value : '3s')),
  delayOpen: milliseconds,
  idleHold: seconds(0, 20),
  idleHoldMax: seconds(30, 60),
  sendHold: fc.constantFrom('0s', '131070s'),
  advertisementInterval: milliseconds,
});

export const peerKeys = some({
  description: text,
  port: fc.integer({ min: 1, max: 65535 }),
  passive: fc.boolean(),
  shutdown: fc.oneof(fc.boolean(), fc.record({ message: text })),
  ttlSecurity: fc.oneof(fc.boolean(), fc.record({ hops: fc.integer({ min: 1, max: 254 }) })),
  families,
  timers,
  importPolicy: fc.constantFrom('accept-all', 'reject-all', 'policy-0'),
  exportPolicy: fc.constantFrom('accept-all', 'reject-all', 'policy-0'),
  maxPrefixes,
  nextHopSelf: fc.boolean(),
  allowOwnAs: fc.integer({ min: 0, max: 255 }),
  removePrivateAs: fc.boolean(),
  asOverride: fc.boolean(),
  enforceFirstAs: fc.boolean(),
  sendCommunities: fc.boolean(),
  addPath: some({
    receive: fc.boolean(),
    send: fc.oneof(fc.constant('all'), fc.record({ best: fc.integer({ min: 1, max: 255 }) })),
  }),
  extendedNextHop: fc.boolean(),
  extendedMessage: fc.boolean(),
  enhancedRouteRefresh: fc.boolean(),
  fourOctetAs: fc.boolean(),
  gracefulRestart: fc.oneof(
    fc.constant(false),
    some({ helper: fc.boolean(), notification: fc.boolean(), maxStale: seconds(1, 86400) }),
  ),
  gracefulShutdown: fc.boolean(),
});

const match = some({
  prefixes: fc.array(prefixRange, { minLength: 1, maxLength: 3 }),
  communities: fc.array(pattern, { minLength: 1, maxLength: 3 }),
  asPath: fc.array(fc.constantFrom('_64500_', '^65001', '65002$', '^$'), { minLength: 1, maxLength: 2 }),
  nextHops: fc.array(fc.oneof(ipv4, ipv6, prefix), { minLength: 1, maxLength: 2 }),
  peers: fc.array(fc.oneof(ipv4, ipv6), { minLength: 1, maxLength: 2 }),
  origins: fc.shuffledSubarray(['igp', 'egp', 'incomplete'], { minLength: 1 }),
  families,
});
const set = some({
  localPref: uint32,
  med: fc.oneof(uint32, fc.constant('none')),
  addCommunities: fc.array(community, { maxLength: 3 }),
  removeCommunities: fc.array(pattern, { maxLength: 3 }),
  replaceCommunities: fc.array(community, { maxLength: 3 }),
  prepend: fc.array(asn, { maxLength: 3 }),
  origin: fc.constantFrom('igp', 'egp', 'incomplete'),
  nextHop: fc.oneof(fc.constantFrom('self', 'peer'), ipv4, ipv6),
});
const verdict = fc.constantFrom('accept', 'reject', 'next');
const term = fc
  .tuple(verdict, some({ match, set }))
  .map(([decision, rest]) => Object.assign(rest, Object.fromEntries([['then', decision]])));
const policy = fc.record(
  { terms: fc.array(term, { maxLength: 3 }), default: fc.constantFrom('accept', 'reject') },
  { requiredKeys: ['terms'] },
);

const router = some({
  clusterId: ipv4,
  listen: fc.constantFrom([], ['*:1179'], ['192.0.2.1:179', '[2001:db8:ffff::9]:1179']),
  clientToClientReflection: fc.boolean(),
  nextHopResolution: fc.constantFrom('none', 'static', 'kernel'),
  nextHops: fc.uniqueArray(fc.record({ prefix, cost: fc.nat(1000) }), {
    maxLength: 3,
    selector: (hop) => hop.prefix,
  }),
  decision: some({
    medMissing: fc.constantFrom('best', 'worst'),
    alwaysCompareMed: fc.boolean(),
    preferOldestExternal: fc.boolean(),
    multipath: fc.integer({ min: 1, max: 64 }),
  }),
  gracefulRestart: fc.oneof(
    fc.constant(false),
    some({ restartTime: seconds(1, 4095), selectionDeferral: seconds(1, 3600), notification: fc.boolean() }),
  ),
  hostName: fc.string({ maxLength: 20 }),
});

const ownAs = 65000;
const remoteAs = fc.constantFrom(ownAs, 65001, 4200000000);
const group = fc.constantFrom(undefined, 'group-0');
const withGroup = (keys: { group?: string | undefined }) =>
  keys.group === undefined
    ? Object.fromEntries(Object.entries(keys).filter(([key]) => key !== 'group'))
    : keys;

const peers = fc.uniqueArray(
  fc.tuple(fc.oneof(ipv4, ipv6), remoteAs, group, peerKeys).map(([address, as, name, keys]) => ({
    address,
    remoteAs: as,
    ...keys,
    ...(name ? { group: name } : {}),
  })),
  { maxLength: 4, selector: (peer) => peer.address },
);

const dynamicPeers = fc.uniqueArray(
  fc
    .tuple(prefix, fc.oneof(remoteAs, fc.constant('any')), fc.integer({ min: 1, max: 5000 }), peerKeys)
    .map(([range, as, limit, { passive: _passive, ...keys }]) => ({ range, remoteAs: as, limit, ...keys })),
  { maxLength: 2, selector: (entry) => entry.range },
);

const networks = fc.uniqueArray(
  fc
    .tuple(
      prefix,
      some({ communities: fc.array(standard, { maxLength: 3 }), med: uint32, localPref: uint32 }),
    )
    .map(([base, keys]) => ({ prefix: base, ...keys })),
  { maxLength: 3, selector: (network) => network.prefix },
);

const limitsAndFib = some({
  limits: some({ routes: fc.integer({ min: 1, max: 1e6 }), peers: fc.integer({ min: 4, max: 100 }) }),
  fib: some({ install: fc.boolean(), metric: fc.integer({ min: 1, max: 4294967295 }) }),
});

/** An instance: its router keys, and its lists. */
const instance = fc
  .tuple(
    router,
    limitsAndFib,
    peerKeys,
    peers,
    dynamicPeers,
    networks,
    fc.array(policy, { minLength: 1, maxLength: 3 }),
  )
  .map(([routerKeys, more, groupKeys, peerList, ranges, networkList, policies]) => ({
    router: { asn: ownAs, routerId: '10.0.0.1', ...routerKeys, ...more },
    lists: {
      peerGroups: [{ name: 'group-0', ...groupKeys }],
      peers: peerList.map((peer) => withGroup(peer) as typeof peer),
      dynamicPeers: ranges,
      networks: networkList,
      policies: policies.map((entry, i) => ({ name: `policy-${i}`, ...entry })),
    },
  }));

/** Each in a namespace of its own: they may listen where they like. */
const tenants = fc.array(fc.tuple(instance, fc.boolean()), { maxLength: 2 }).map((list) =>
  list.map(([{ router: keys, lists }, other], i) => ({
    name: other ? 'contoso' : `tenant-${i}`,
    ...(other ? { slot: `slot-${i}` } : {}),
    netns: `namespace-${i}`,
    ...(other
      ? { rd: `65000:${i}`, importTargets: ['65000:1'], exportTargets: ['192.0.2.1:7', '65000:1'] }
      : {}),
    ...keys,
    ...lists,
  })),
);

export const configFile = fc.tuple(instance, tenants).map(([{ router: keys, lists }, list]) => ({
  version: 1,
  router: keys,
  ...lists,
  log: { level: 'info' },
  ...(list.length > 0 ? { tenants: list } : {}),
}));
