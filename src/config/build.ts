/** A file without mistakes becomes settings: groups merged in, defaults filled in, nothing left to decide. */
import { type FamilyKey, formatFamily } from '../net/family.ts';
import type { PolicyDefinition, PolicyTerm } from '../policy/definition.ts';
import {
  type DynamicPeersSettings,
  type InstanceSettings,
  instanceKey,
  type MaxPrefixesSettings,
  type NetworkSettings,
  type PeerSettings,
  type PeerTemplate,
  type Place,
  type RouterSettings,
  type StationSettings,
  type TimerSettings,
  type TransportSettings,
} from '../speaker/settings.ts';
import { familyLimit } from './check-peers.ts';
import type { Configuration, ControllerSettings, MachineFacts } from './configuration.ts';
import type { ControllerKeys } from './controller-schema.ts';
import {
  controllerDefaults,
  defaultFamilies,
  defaultKeepalive,
  defaultListen,
  defaultLogLevel,
  defaultSendHold,
  defaultSocket,
  dynamicDefaults,
  fibDefaults,
  instanceLimitDefaults,
  peerDefaults,
  policyDefault,
  routerDefaults,
  stationDefaults,
  tenantDefaults,
  timerDefaults,
  tokenDefaults,
  transportDefaults,
} from './defaults.ts';
import type { InstanceLists, RouterKeys, TenantKeys } from './instance-schema.ts';
import { mergeKeys } from './layers.ts';
import type { PeerKeys } from './peer-schema.ts';
import { formatListen } from './scalars.ts';
import type { ConfigFile } from './schema.ts';
import type { Loose } from './walk.ts';

export function buildConfiguration(file: ConfigFile, facts: MachineFacts): Configuration {
  const { router, tenants, api, log, controller } = file;
  const own = router
    ? [buildInstance(router, file, { ...nobody, tenant: tenantDefaults.routerName }, facts)]
    : [];
  return {
    instances: [...own, ...(tenants ?? []).map((tenant) => buildTenant(tenant, facts))],
    api: { socket: api?.socket ?? defaultSocket, tcp: buildTcp(api?.tcp) },
    log: { level: log?.level ?? defaultLogLevel },
    ...(controller ? { controller: buildController(controller) } : {}),
  };
}

function buildController({
  interfaces = [],
  secretsDirectory = controllerDefaults.secretsDirectory,
  ...keys
}: ControllerKeys): ControllerSettings {
  return { ...keys, secretsDirectory, interfaces };
}

function buildTcp(tcp: NonNullable<ConfigFile['api']>['tcp']): Configuration['api']['tcp'] {
  if (!tcp) return undefined;
  const whole = tcp.tokenFile === undefined ? [] : [{ file: tcp.tokenFile }];
  const tokens = [...whole, ...(tcp.tokens ?? [])].map(
    ({ file, tenant, access }: NonNullable<typeof tcp.tokens>[number]) => ({
      file,
      tenant,
      access: access ?? tokenDefaults.access,
    }),
  );
  return { listen: tcp.listen, tokens };
}

export function buildTenant(tenant: TenantKeys, facts: MachineFacts): InstanceSettings {
  const slot = tenant.slot ?? tenantDefaults.slot;
  return buildInstance(
    tenant,
    tenant,
    { tenant: tenant.name, slot, place: placeOf(tenant), vpn: buildVpn(tenant) },
    facts,
  );
}

function buildVpn({ rd, importTargets = [], exportTargets = [] }: TenantKeys): InstanceSettings['vpn'] {
  return rd && { rd, importTargets, exportTargets };
}

export function placeOf({ netns, device }: Pick<Loose<TenantKeys>, 'netns' | 'device'>): Place {
  if (netns !== undefined) return { type: 'netns', name: netns };
  return device === undefined ? { type: 'host' } : { type: 'device', name: device };
}

type Identity = Pick<InstanceSettings, 'tenant' | 'slot' | 'place' | 'vpn'>;

const nobody = { slot: tenantDefaults.slot, place: { type: 'host' }, vpn: undefined } as const;

/** Without the keys that have no value, as optional properties of the settings want it. */
type Compact<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Compact<T>;
}

function buildInstance(
  router: RouterKeys,
  lists: InstanceLists,
  identity: Identity,
  facts: MachineFacts,
): InstanceSettings {
  const groups = new Map((lists.peerGroups ?? []).map((group) => [group.name, group]));
  const merged = (keys: PeerKeys & { group?: string | undefined }): PeerKeys => {
    const group = keys.group === undefined ? undefined : groups.get(keys.group);
    return group ? mergeKeys<PeerKeys>(group, keys) : keys;
  };
  const template = (keys: PeerKeys & { group?: string | undefined }, version: 4 | 6) =>
    buildTemplate(merged(keys), keys.group, version, router.asn);
  return {
    name: instanceKey(identity.tenant, identity.slot),
    ...identity,
    fib: buildFib(router.fib),
    limits: { ...instanceLimitDefaults, ...router.limits },
    vpn: identity.vpn,
    router: buildRouter(router, facts),
    peers: (lists.peers ?? []).map(
      (peer): PeerSettings => ({ ...template(peer, peer.address.version), address: peer.address }),
    ),
    dynamicPeers: (lists.dynamicPeers ?? []).map(
      (entry): DynamicPeersSettings => ({
        range: entry.range,
        limit: entry.limit ?? dynamicDefaults.limit,
        template: { ...template(entry, entry.range.version), passive: true },
      }),
    ),
    networks: (lists.networks ?? []).map(buildNetwork),
    policies: (lists.policies ?? []).map(buildPolicy),
    ...(lists.bmp && { stations: lists.bmp.map(buildStation) }),
  };
}

function buildStation(keys: NonNullable<InstanceLists['bmp']>[number]): StationSettings {
  const { address, port } = keys.station;
  // `check-instance.ts` refuses a station without an address.
  if (address === undefined) throw new Error('broken invariant: a station without an address was valid');
  const seconds = keys.statistics ?? stationDefaults.statisticsSeconds;
  return {
    name: keys.name ?? formatListen(keys.station),
    address,
    port,
    localAddress: keys.localAddress,
    monitor: new Set(keys.monitor ?? stationDefaults.monitor),
    statisticsSeconds: seconds === 0 ? undefined : seconds,
  };
}

function buildFib(fib: RouterKeys['fib']): InstanceSettings['fib'] {
  if (!fib || !(fib.install ?? fibDefaults.install)) return undefined;
  return { table: fib.table ?? fibDefaults.table, metric: fib.metric ?? fibDefaults.metric };
}

function buildRouter(router: RouterKeys, facts: MachineFacts): RouterSettings {
  const restart = router.gracefulRestart || undefined;
  const restartDefaults = routerDefaults.gracefulRestart;
  return {
    asn: router.asn,
    routerId: router.routerId,
    clusterId: router.clusterId ?? router.routerId,
    listen: router.listen ?? [defaultListen],
    clientToClientReflection: router.clientToClientReflection ?? routerDefaults.clientToClientReflection,
    nextHopResolution: router.nextHopResolution ?? routerDefaults.nextHopResolution,
    nextHops: (router.nextHops ?? []).map(({ prefix, cost }) => ({
      prefix,
      cost: cost ?? routerDefaults.nextHopCost,
    })),
    decision: { ...routerDefaults.decision, ...compact(router.decision ?? {}) },
    gracefulRestart: restart && {
      restartTimeSeconds: restart.restartTime ?? restartDefaults.restartTimeSeconds,
      selectionDeferralSeconds: restart.selectionDeferral ?? restartDefaults.selectionDeferralSeconds,
      notification: restart.notification ?? restartDefaults.notification,
    },
    hostName: router.hostName ?? facts.hostName,
  };
}

function buildTemplate(
  keys: PeerKeys,
  group: string | undefined,
  version: 4 | 6,
  ownAs: number,
): PeerTemplate {
  const remoteAs = keys.remoteAs ?? 0;
  const families = keys.families ?? defaultFamilies(version);
  // RFC 8212 §2: only internal peers exchange routes without being told to.
  const policyByDefault = remoteAs === ownAs ? 'accept-all' : undefined;
  return {
    remoteAs,
    description: keys.description ?? peerDefaults.description,
    group,
    port: keys.port ?? peerDefaults.port,
    localAddress: keys.localAddress,
    transport: buildTransport(keys),
    localAs: keys.localAs ?? ownAs,
    passive: keys.passive ?? peerDefaults.passive,
    shutdown: buildShutdown(keys.shutdown),
    routeReflectorClient: keys.routeReflectorClient ?? peerDefaults.routeReflectorClient,
    families,
    timers: buildTimers(keys.timers ?? {}),
    importPolicy: keys.importPolicy ?? policyByDefault,
    exportPolicy: keys.exportPolicy ?? policyByDefault,
    maxPrefixes: buildMaxPrefixes(keys.maxPrefixes, families),
    nextHopSelf: keys.nextHopSelf ?? peerDefaults.nextHopSelf,
    allowOwnAs: keys.allowOwnAs ?? peerDefaults.allowOwnAs,
    removePrivateAs: keys.removePrivateAs ?? peerDefaults.removePrivateAs,
    asOverride: keys.asOverride ?? peerDefaults.asOverride,
    enforceFirstAs: keys.enforceFirstAs ?? peerDefaults.enforceFirstAs,
    sendCommunities: keys.sendCommunities ?? peerDefaults.sendCommunities,
    addPath: buildAddPath(keys.addPath),
    extendedNextHop: keys.extendedNextHop ?? peerDefaults.extendedNextHop,
    extendedMessage: keys.extendedMessage ?? peerDefaults.extendedMessage,
    enhancedRouteRefresh: keys.enhancedRouteRefresh ?? peerDefaults.enhancedRouteRefresh,
    fourOctetAs: keys.fourOctetAs ?? peerDefaults.fourOctetAs,
    gracefulRestart: buildGracefulRestart(keys.gracefulRestart),
    gracefulShutdown: keys.gracefulShutdown ?? peerDefaults.gracefulShutdown,
  };
}

function buildTransport({ md5, ttlSecurity, ttl }: PeerKeys): TransportSettings {
  const hops =
    ttlSecurity === true ? transportDefaults.ttlSecurityHops : ttlSecurity ? ttlSecurity.hops : undefined;
  return { md5KeyFile: md5 ? md5.keyFile : undefined, ttlSecurityHops: hops, ttl };
}

function buildShutdown(shutdown: PeerKeys['shutdown']): PeerTemplate['shutdown'] {
  if (!shutdown) return undefined;
  return { message: shutdown === true ? '' : shutdown.message };
}

function buildTimers(timers: NonNullable<PeerKeys['timers']>): TimerSettings {
  const holdSeconds = timers.hold ?? timerDefaults.holdSeconds;
  const idleHoldSeconds = timers.idleHold ?? timerDefaults.idleHoldSeconds;
  return {
    holdSeconds,
    // RFC 4271 §4.4: without a hold time there are no keepalives.
    keepaliveSeconds: holdSeconds === 0 ? 0 : (timers.keepalive ?? defaultKeepalive(holdSeconds)),
    connectRetrySeconds: timers.connectRetry ?? timerDefaults.connectRetrySeconds,
    delayOpenSeconds: timers.delayOpen ?? timerDefaults.delayOpenSeconds,
    idleHoldSeconds,
    idleHoldMaxSeconds: timers.idleHoldMax ?? timerDefaults.idleHoldMaxSeconds,
    sendHoldSeconds: timers.sendHold ?? defaultSendHold(holdSeconds),
    advertisementIntervalSeconds: timers.advertisementInterval ?? timerDefaults.advertisementIntervalSeconds,
  };
}

function buildMaxPrefixes(
  limits: PeerKeys['maxPrefixes'],
  families: readonly FamilyKey[],
): ReadonlyMap<FamilyKey, MaxPrefixesSettings> {
  const result = new Map<FamilyKey, MaxPrefixesSettings>();
  for (const family of limits ? families : []) {
    const value = <K extends 'limit' | 'action' | 'warnPercent' | 'restart'>(key: K) =>
      limits && familyLimit(limits, formatFamily(family), key);
    const limit = value('limit');
    if (limit === undefined) continue;
    result.set(family, {
      limit,
      action: value('action') ?? peerDefaults.maxPrefixes.action,
      warnPercent: value('warnPercent') ?? peerDefaults.maxPrefixes.warnPercent,
      restartSeconds: value('restart'),
    });
  }
  return result;
}

function buildAddPath(addPath: PeerKeys['addPath']): PeerTemplate['addPath'] {
  const send = addPath?.send;
  return {
    receive: addPath?.receive ?? peerDefaults.addPathReceive,
    send:
      send === undefined ? undefined : send === 'all' ? { mode: 'all' } : { mode: 'best', count: send.best },
  };
}

function buildGracefulRestart(keys: PeerKeys['gracefulRestart']): PeerTemplate['gracefulRestart'] {
  if (keys === false) return undefined;
  const defaults = peerDefaults.gracefulRestart;
  return {
    helper: keys?.helper ?? defaults.helper,
    notification: keys?.notification ?? defaults.notification,
    maxStaleSeconds: keys?.maxStale ?? defaults.maxStaleSeconds,
  };
}

function buildNetwork(network: NonNullable<ConfigFile['networks']>[number]): NetworkSettings {
  const { prefix, nextHop, communities, med, localPref } = network;
  return { prefix, nextHop, communities: communities ?? [], med, localPref };
}

function buildPolicy(policy: NonNullable<ConfigFile['policies']>[number]): PolicyDefinition {
  return {
    name: policy.name,
    terms: policy.terms.map(
      (term, i): PolicyTerm => ({
        ...term,
        name: term.name ?? `term-${i + 1}`,
        match: compact(term.match ?? {}),
        set: compact(term.set ?? {}),
      }),
    ),
    default: policy.default ?? policyDefault,
  };
}
