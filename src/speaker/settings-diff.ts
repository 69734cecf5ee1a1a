/**
 * What a change of settings does to a session: reset it, run routes through its policies again, or nothing.
 * One row per key, so a new key cannot be forgotten. `speaker/` acts on it, `config/` shows it before.
 * Does not own the content of policies: whoever asks knows which policies changed.
 */
import { formatFamily } from '../net/family.ts';
import { formatUint32 } from '../net/ip-address.ts';
import type { PeerSettings, PeerTemplate, RouterSettings } from './settings.ts';

/**
 * `reset`: it was agreed in OPEN or belongs to the connection, so a new session is needed (Cease/6, RFC 4486).
 * `in`, `out`, `both`: routes are evaluated again, the session stays. `later`: counts from the next time it is
 * used. `decide`: best paths are chosen again, and what follows from it is sent. `shutdown`: the session ends or may start.
 */
export type SettingEffect = 'reset' | 'in' | 'out' | 'both' | 'decide' | 'later' | 'shutdown';

/** Where it depends on the values. */
type EffectRule = SettingEffect | ((from: unknown, to: unknown) => SettingEffect);
type Effects<T> = { readonly [K in keyof T]-?: EffectRule | NestedEffects<NonNullable<T[K]>> };
type NestedEffects<T> = T extends readonly unknown[] | ReadonlyMap<unknown, unknown>
  ? never
  : T extends object
    ? { readonly [K in keyof T]-?: EffectRule }
    : never;

const peerEffects: Effects<Omit<PeerTemplate, 'group'>> = {
  remoteAs: 'reset',
  localAs: 'reset',
  localAddress: 'reset',
  // A new key counts at once where the host can change it (RFC 2385 §4.5 leaves it to us).
  transport: { md5KeyFile: 'later', ttlSecurityHops: 'reset', ttl: 'reset' },
  families: 'reset',
  extendedNextHop: 'reset',
  extendedMessage: 'reset',
  enhancedRouteRefresh: 'reset',
  fourOctetAs: 'reset',
  // The capability says whether several paths are sent, not how many.
  addPath: {
    receive: 'reset',
    send: (from, to) => (from === undefined || to === undefined ? 'reset' : 'out'),
  },
  gracefulRestart: { helper: 'later', notification: 'reset', maxStaleSeconds: 'later' },
  timers: {
    // Told in OPEN: a running session keeps what it agreed on.
    holdSeconds: 'later',
    keepaliveSeconds: 'later',
    connectRetrySeconds: 'later',
    delayOpenSeconds: 'later',
    idleHoldSeconds: 'later',
    idleHoldMaxSeconds: 'later',
    sendHoldSeconds: 'later',
    advertisementIntervalSeconds: 'later',
  },
  importPolicy: 'in',
  allowOwnAs: 'in',
  enforceFirstAs: 'in',
  gracefulShutdown: 'in',
  exportPolicy: 'out',
  nextHopSelf: 'out',
  removePrivateAs: 'out',
  asOverride: 'out',
  sendCommunities: 'out',
  // Decides what is sent to the peer and, as its routes are a client's, what of it is sent to others.
  routeReflectorClient: 'both',
  shutdown: 'shutdown',
  // Counted from the next route on; what was dropped comes back with a soft reset in.
  maxPrefixes: 'later',
  passive: 'later',
  port: 'later',
  description: 'later',
};

const routerEffects: Effects<RouterSettings> = {
  asn: 'reset',
  routerId: 'reset',
  // In the graceful restart capability of every OPEN.
  gracefulRestart: { restartTimeSeconds: 'reset', notification: 'reset', selectionDeferralSeconds: 'later' },
  // RFC 4456 §8: looked for in what comes, added to what goes.
  clusterId: 'both',
  clientToClientReflection: 'out',
  nextHopResolution: 'decide',
  nextHops: 'decide',
  decision: {
    medMissing: 'decide',
    alwaysCompareMed: 'decide',
    preferOldestExternal: 'decide',
    multipath: 'decide',
  },
  listen: 'later',
  hostName: 'later',
};

export interface SettingChange {
  /** `timers.holdSeconds`. */
  readonly key: string;
  readonly effect: SettingEffect;
  readonly from: unknown;
  readonly to: unknown;
}

/** Every setting in which the two differ. Dynamic ranges compare their templates. */
export function peerChanges(old: PeerTemplate, next: PeerTemplate): SettingChange[] {
  return changes(peerEffects, old, next);
}

export function routerChanges(old: RouterSettings, next: RouterSettings): SettingChange[] {
  return changes(routerEffects, old, next);
}

/** Why the session of a peer cannot go on with the new settings, in words; empty when it can. */
export function sessionResetReasons(old: PeerSettings, next: PeerSettings): string[] {
  return resetReasons(peerChanges(old, next));
}

/** The same for what all sessions share. */
export function routerResetReasons(old: RouterSettings, next: RouterSettings): string[] {
  return resetReasons(routerChanges(old, next));
}

/** Which way routes must be evaluated again, apart from changes inside the policies themselves. */
export function softResetDirections(changed: readonly SettingChange[]): {
  readonly in: boolean;
  readonly out: boolean;
} {
  const any = (...effects: readonly SettingEffect[]) =>
    changed.some(({ effect }) => effects.includes(effect));
  return { in: any('in', 'both'), out: any('out', 'both') };
}

/** `timers.holdSeconds 90 -> 30`, for people. */
export function describeChange({ key, from, to }: SettingChange): string {
  return `${key} ${describe(key, from)} -> ${describe(key, to)}`;
}

/** Equal as data: addresses, prefixes, maps and lists by value. */
export function sameSettings(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isMap(a) || !isMap(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  // Addresses, prefixes, route targets: as they are written.
  if ('toJSON' in a || 'toJSON' in b) return canonical(a) === canonical(b);
  if (a instanceof Map && b instanceof Map) {
    for (const [key, value] of a) if (!b.has(key) || !sameSettings(value, b.get(key))) return false;
    return a.size === b.size;
  }
  for (const key of Object.keys(a)) if (!sameSettings(memberOf(a, key), memberOf(b, key))) return false;
  // A member that is absent is as one that is undefined.
  return Object.keys(b).every((key) => key in a || memberOf(b, key) === undefined);
}

function resetReasons(changed: readonly SettingChange[]): string[] {
  return changed.filter(({ effect }) => effect === 'reset').map(describeChange);
}

function changes(effects: object, old: object, next: object, above = ''): SettingChange[] {
  const found: SettingChange[] = [];
  for (const [key, effect] of Object.entries(effects) as [string, EffectRule | object][]) {
    const from = memberOf(old, key);
    const to = memberOf(next, key);
    if (sameSettings(from, to)) continue;
    if (typeof effect === 'string') found.push({ key: above + key, effect, from, to });
    else if (typeof effect === 'function')
      found.push({ key: above + key, effect: effect(from, to), from, to });
    else if (isMap(from) && isMap(to)) found.push(...changes(effect, from, to, `${above}${key}.`));
    // One side has none at all, which the OPEN shows.
    else found.push({ key: above + key, effect: 'reset', from, to });
  }
  return found;
}

function memberOf(value: object, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key];
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function canonical(value: unknown): string {
  const ordered = (_key: string, member: unknown): unknown => {
    if (member instanceof Map) return [...member].sort(([a], [b]) => Number(a) - Number(b));
    if (!isMap(member) || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(value, ordered) ?? 'undefined';
}

function describe(key: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (key === 'families' && Array.isArray(value)) return value.map(formatFamily).join(', ');
  if (key === 'maxPrefixes' && value instanceof Map) {
    return (
      [...value].map(([family, limits]) => `${formatFamily(family)} ${unquoted(limits)}`).join(', ') || 'none'
    );
  }
  if ((key === 'routerId' || key === 'clusterId') && typeof value === 'number') return formatUint32(value);
  return typeof value === 'string' ? JSON.stringify(value) : unquoted(value);
}

function unquoted(value: unknown): string {
  return canonical(value).replaceAll('"', '');
}
