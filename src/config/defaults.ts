/**
 * Every default there is, in the words of the file: `build.ts` fills them in, the JSON Schema and
 * docs/configuration.md show them. Times in seconds. Those that depend on other keys are functions.
 */
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../net/family.ts';
import { type ListenAddress, mainSlot } from '../speaker/settings.ts';

export const defaultPort = 179;
/** On all addresses. */
export const defaultListen: ListenAddress = { address: undefined, port: defaultPort };
export const defaultSocket = '/run/heliod/heliod.sock';
export const defaultLogLevel = 'info';

export const routerDefaults = {
  clientToClientReflection: true,
  nextHopResolution: 'none',
  nextHopCost: 0,
  decision: { medMissing: 'best', alwaysCompareMed: false, preferOldestExternal: false, multipath: 1 },
  /** Of a restarter; there is none unless `router.gracefulRestart` is given. */
  gracefulRestart: { restartTimeSeconds: 120, selectionDeferralSeconds: 60, notification: true },
} as const;

/** A station of RFC 7854. */
export const stationDefaults = { monitor: ['pre-policy'], statisticsSeconds: 60 } as const;

export const peerDefaults = {
  description: '',
  port: defaultPort,
  passive: false,
  routeReflectorClient: false,
  nextHopSelf: false,
  allowOwnAs: 0,
  removePrivateAs: false,
  asOverride: false,
  enforceFirstAs: true,
  sendCommunities: true,
  addPathReceive: false,
  extendedNextHop: false,
  extendedMessage: true,
  enhancedRouteRefresh: true,
  fourOctetAs: true,
  gracefulShutdown: true,
  gracefulRestart: { helper: true, notification: true, maxStaleSeconds: 360 },
  maxPrefixes: { action: 'idle', warnPercent: 75 },
} as const;

/** Of `ttlSecurity: true`. Without such keys it is plain TCP with the TTL of the system. */
export const transportDefaults = { ttlSecurityHops: 1 } as const;

export const instanceLimitDefaults = {
  routes: undefined,
  peers: undefined,
  updatesPerSecond: undefined,
} as const;

/** Of `fib: {}`; without the key nothing is installed. Table 254 is the main one. */
export const fibDefaults = { install: true, table: 254, metric: 20 } as const;

export const controllerDefaults = { secretsDirectory: '/etc/heliod/secrets' } as const;

/** `routerName`: what the instance of the router block is called. */
export const tenantDefaults = { slot: mainSlot, routerName: 'default' } as const;

export const timerDefaults = {
  holdSeconds: 90,
  connectRetrySeconds: 10,
  delayOpenSeconds: 0,
  idleHoldSeconds: 1,
  idleHoldMaxSeconds: 60,
  advertisementIntervalSeconds: 0,
} as const;

export const tokenDefaults = { access: 'read-write' } as const;
export const dynamicDefaults = { limit: 100 } as const;
export const policyDefault = 'reject';

/** RFC 4271 §10: a third of the hold time. */
export function defaultKeepalive(holdSeconds: number): number {
  return Math.floor(holdSeconds / 3);
}

/** RFC 9687: twice the hold time, 8 minutes at least. */
export function defaultSendHold(holdSeconds: number): number {
  return Math.max(480, 2 * holdSeconds);
}

/** The unicast family of the session's own addresses. */
export function defaultFamilies(version: 4 | 6): readonly FamilyKey[] {
  return [version === 4 ? ipv4Unicast : ipv6Unicast];
}
