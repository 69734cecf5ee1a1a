/** Complete settings for tests: what config/ would make of an almost empty file. */
import type { GroupSettings } from '../../src/export/group-settings.ts';
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Prefix } from '../../src/net/prefix.ts';
import { acceptAll } from '../../src/policy/definition.ts';
import { compilePolicy } from '../../src/policy/evaluate.ts';
import type {
  InstanceSettings,
  NetworkSettings,
  PeerSettings,
  RouterSettings,
  TimerSettings,
} from '../../src/speaker/settings.ts';

export function address(text: string): IpAddress {
  const parsed = IpAddress.parse(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
}

export function prefix(text: string): Prefix {
  const parsed = Prefix.parse(text);
  if (parsed === undefined) throw new Error(`no prefix: ${text}`);
  return parsed;
}

export const bothFamilies: readonly FamilyKey[] = [ipv4Unicast, ipv6Unicast];

export const testTimers: TimerSettings = {
  holdSeconds: 90,
  keepaliveSeconds: 30,
  connectRetrySeconds: 10,
  delayOpenSeconds: 0,
  idleHoldSeconds: 1,
  idleHoldMaxSeconds: 60,
  sendHoldSeconds: 480,
  advertisementIntervalSeconds: 0,
};

export function routerSettings(
  changes: Partial<RouterSettings> & { readonly routerId: number },
): RouterSettings {
  return {
    asn: 65000,
    clusterId: changes.routerId,
    listen: [],
    clientToClientReflection: true,
    nextHopResolution: 'none',
    nextHops: [],
    decision: { medMissing: 'best', alwaysCompareMed: false, preferOldestExternal: false, multipath: 1 },
    gracefulRestart: undefined,
    hostName: 'test',
    ...changes,
  };
}

export function peerSettings(text: string, changes: Partial<PeerSettings> = {}): PeerSettings {
  return {
    address: address(text),
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
    families: bothFamilies,
    timers: testTimers,
    importPolicy: 'accept-all',
    exportPolicy: 'accept-all',
    maxPrefixes: new Map(),
    nextHopSelf: false,
    allowOwnAs: 0,
    removePrivateAs: false,
    asOverride: false,
    enforceFirstAs: false,
    sendCommunities: true,
    addPath: { receive: false, send: undefined },
    extendedNextHop: false,
    extendedMessage: true,
    enhancedRouteRefresh: true,
    fourOctetAs: true,
    gracefulRestart: { helper: true, notification: true, maxStaleSeconds: 300 },
    gracefulShutdown: true,
    ...changes,
  };
}

export function networkSettings(text: string, changes: Partial<NetworkSettings> = {}): NetworkSettings {
  return {
    prefix: prefix(text),
    nextHop: undefined,
    communities: [],
    med: undefined,
    localPref: undefined,
    ...changes,
  };
}

export function instanceSettings(
  router: RouterSettings,
  peers: readonly PeerSettings[],
  changes: Partial<InstanceSettings> = {},
): InstanceSettings {
  return {
    name: 'default',
    tenant: 'default',
    slot: 'main',
    place: { type: 'host' },
    fib: undefined,
    limits: { routes: undefined, peers: undefined, updatesPerSecond: undefined },
    vpn: undefined,
    router,
    peers,
    dynamicPeers: [],
    networks: [],
    policies: [],
    ...changes,
  };
}

/** An update group of clients of AS 65000 that are sent everything. */
export function clientGroup(changes: Partial<GroupSettings> = {}): GroupSettings {
  return {
    family: ipv4Unicast,
    target: 'client',
    localAs: 65000,
    clusterId: 0x0a000001,
    clientToClientReflection: true,
    fourOctetAs: true,
    maxMessage: 4096,
    extendedNextHop: false,
    addPathLimit: undefined,
    policy: compilePolicy(acceptAll),
    nextHopSelf: false,
    ownNextHop: undefined,
    sharedSubnet: undefined,
    sendCommunities: true,
    removePrivateAs: false,
    overrideAs: 0,
    advertisementIntervalSeconds: 0,
    peerNextHop: undefined,
    ...changes,
  };
}
