/**
 * Settings back to YAML, with every value that counts written out: groups merged in, defaults filled in.
 * The text loads to the same settings again. Secrets never enter it, only the paths of their files.
 */
import { stringify } from 'yaml';
import { formatFamily } from '../net/family.ts';
import { formatUint32 } from '../net/ip-address.ts';
import { formatCommunity, formatCommunityPattern } from '../policy/community.ts';
import type { PolicyDefinition, PrefixRange } from '../policy/definition.ts';
import type {
  InstanceSettings,
  MaxPrefixesSettings,
  NetworkSettings,
  PeerTemplate,
  StationSettings,
  TimerSettings,
  TransportSettings,
} from '../speaker/settings.ts';
import type { Configuration } from './configuration.ts';
import { tenantDefaults } from './defaults.ts';
import { formatDuration, formatListen } from './scalars.ts';

export function renderConfig({ instances, api, log, controller }: Configuration): string {
  const own = instances.find(({ name }) => name === tenantDefaults.routerName);
  const tenants = instances.filter((instance) => instance !== own);
  const file = {
    version: 1,
    router: own && routerKeys(own),
    api: {
      socket: api.socket,
      tcp: api.tcp && tcpKeys(api.tcp),
    },
    ...(own && listKeys(own)),
    log: { level: log.level },
    controller: controller && {
      ...controller,
      interfaces: controller.interfaces.length > 0 ? controller.interfaces : undefined,
    },
    tenants: tenants.length > 0 ? tenants.map(tenantKeys) : undefined,
  };
  return toYaml(file);
}

function tcpKeys({ listen, tokens }: NonNullable<Configuration['api']['tcp']>): object {
  const [first] = tokens;
  const whole = first && first.tenant === undefined && first.access === 'read-write' ? first : undefined;
  const others = tokens.filter((token) => token !== whole);
  return {
    listen: formatListen(listen),
    tokenFile: whole?.file,
    tokens: others.length > 0 ? others : undefined,
  };
}

/** As an entry of `tenants`. */
export function renderTenant(tenant: InstanceSettings): string {
  return toYaml(tenantKeys(tenant));
}

function toYaml(value: object): string {
  return stringify(value, { lineWidth: 110, aliasDuplicateObjects: false });
}

function tenantKeys(tenant: InstanceSettings): object {
  const { place } = tenant;
  return {
    name: tenant.tenant,
    slot: tenant.slot,
    ...(place.type === 'host' ? {} : { [place.type]: place.name }),
    ...vpnKeys(tenant),
    ...routerKeys(tenant),
    ...listKeys(tenant),
  };
}

function vpnKeys({ vpn }: InstanceSettings): object {
  if (!vpn) return {};
  const { rd, importTargets, exportTargets } = vpn;
  return {
    rd: String(rd),
    importTargets: importTargets.map(String),
    exportTargets: exportTargets.map(String),
  };
}

function listKeys(settings: InstanceSettings): object {
  const { peers, dynamicPeers, networks, policies } = settings;
  return {
    peerGroups: groupNames(settings).map((name) => ({ name })),
    peers: peers.map((peer) => ({ address: String(peer.address), ...templateKeys(peer) })),
    dynamicPeers: dynamicPeers.map(({ range, limit, template }) => ({
      range: String(range),
      limit,
      ...templateKeys(template),
    })),
    networks: networks.map(networkKeys),
    policies: policies.map(policyKeys),
    bmp: settings.stations?.length ? settings.stations.map(stationKeys) : undefined,
  };
}

function stationKeys({ name, address, port, localAddress, monitor, statisticsSeconds }: StationSettings) {
  const station = formatListen({ address, port });
  return {
    station,
    // The default name is none that could be written.
    name: name === station ? undefined : name,
    monitor: [...monitor],
    statistics: formatDuration(statisticsSeconds ?? 0),
    localAddress: localAddress && String(localAddress),
  };
}

/** Their keys are in the peers already; the names alone keep `group` a valid reference. */
function groupNames({ peers, dynamicPeers }: InstanceSettings): string[] {
  const templates = [...peers, ...dynamicPeers.map(({ template }) => template)];
  return [...new Set(templates.flatMap(({ group }) => group ?? []))];
}

function routerKeys({ router, limits, fib }: InstanceSettings): object {
  const { gracefulRestart } = router;
  return {
    ...router,
    routerId: formatUint32(router.routerId),
    clusterId: formatUint32(router.clusterId),
    listen: router.listen.map(formatListen),
    nextHops: router.nextHops.map(({ prefix, cost }) => ({ prefix: String(prefix), cost })),
    gracefulRestart: gracefulRestart
      ? {
          restartTime: formatDuration(gracefulRestart.restartTimeSeconds),
          selectionDeferral: formatDuration(gracefulRestart.selectionDeferralSeconds),
          notification: gracefulRestart.notification,
        }
      : false,
    limits: Object.values(limits).some((limit) => limit !== undefined) ? limits : undefined,
    fib: fib && { install: true, ...fib },
  };
}

function templateKeys(template: PeerTemplate): object {
  const { shutdown, localAddress, addPath, gracefulRestart } = template;
  const send = addPath.send;
  return {
    group: template.group,
    remoteAs: template.remoteAs === 0 ? 'any' : template.remoteAs,
    description: template.description,
    port: template.port,
    localAddress: localAddress && String(localAddress),
    localAs: template.localAs,
    passive: template.passive,
    shutdown: shutdown ? shutdown : false,
    ...transportKeys(template.transport),
    routeReflectorClient: template.routeReflectorClient,
    families: template.families.map(formatFamily),
    timers: timerKeys(template.timers),
    importPolicy: template.importPolicy,
    exportPolicy: template.exportPolicy,
    maxPrefixes: maxPrefixesKeys(template.maxPrefixes),
    nextHopSelf: template.nextHopSelf,
    allowOwnAs: template.allowOwnAs,
    removePrivateAs: template.removePrivateAs,
    asOverride: template.asOverride,
    enforceFirstAs: template.enforceFirstAs,
    sendCommunities: template.sendCommunities,
    addPath: {
      receive: addPath.receive,
      send: send && (send.mode === 'all' ? 'all' : { best: send.count }),
    },
    extendedNextHop: template.extendedNextHop,
    extendedMessage: template.extendedMessage,
    enhancedRouteRefresh: template.enhancedRouteRefresh,
    fourOctetAs: template.fourOctetAs,
    gracefulRestart: gracefulRestart
      ? {
          helper: gracefulRestart.helper,
          notification: gracefulRestart.notification,
          maxStale: formatDuration(gracefulRestart.maxStaleSeconds),
        }
      : false,
    gracefulShutdown: template.gracefulShutdown,
  };
}

function transportKeys({ md5KeyFile, ttlSecurityHops, ttl }: TransportSettings): object {
  return {
    md5: md5KeyFile === undefined ? false : { keyFile: md5KeyFile },
    ttlSecurity: ttlSecurityHops === undefined ? false : { hops: ttlSecurityHops },
    ttl,
  };
}

function timerKeys(timers: TimerSettings): object {
  return {
    hold: formatDuration(timers.holdSeconds),
    // Without a hold timer there are no keepalives either (RFC 4271 §4.4).
    keepalive: timers.holdSeconds === 0 ? undefined : formatDuration(timers.keepaliveSeconds),
    connectRetry: formatDuration(timers.connectRetrySeconds),
    delayOpen: formatDuration(timers.delayOpenSeconds),
    idleHold: formatDuration(timers.idleHoldSeconds),
    idleHoldMax: formatDuration(timers.idleHoldMaxSeconds),
    sendHold: formatDuration(timers.sendHoldSeconds),
    advertisementInterval: formatDuration(timers.advertisementIntervalSeconds),
  };
}

function maxPrefixesKeys(limits: PeerTemplate['maxPrefixes']): object | undefined {
  if (limits.size === 0) return undefined;
  const keys = ({ limit, action, warnPercent, restartSeconds }: MaxPrefixesSettings) => ({
    limit,
    action,
    warnPercent,
    restart: restartSeconds === undefined ? undefined : formatDuration(restartSeconds),
  });
  return Object.fromEntries([...limits].map(([family, limit]) => [formatFamily(family), keys(limit)]));
}

function networkKeys({ prefix, nextHop, communities, med, localPref }: NetworkSettings): object {
  return {
    prefix: String(prefix),
    nextHop: nextHop && String(nextHop),
    communities: communities.map(formatCommunity),
    med,
    localPref,
  };
}

function rangeText({ prefix, minLength, maxLength }: PrefixRange): string {
  if (minLength === prefix.length && maxLength === prefix.length) return String(prefix);
  return `${prefix} ge ${minLength} le ${maxLength}`;
}

function policyKeys(policy: PolicyDefinition): object {
  return { ...policy, terms: policy.terms.map(termKeys) };
}

function termKeys(term: PolicyDefinition['terms'][number]): object {
  const { match, set, name, ...verdict } = term;
  return {
    name,
    match: {
      ...match,
      prefixes: match.prefixes?.map(rangeText),
      communities: match.communities?.map(formatCommunityPattern),
      nextHops: match.nextHops?.map(String),
      peers: match.peers?.map(String),
      families: match.families?.map(formatFamily),
    },
    set: {
      ...set,
      med: set.med === null ? 'none' : set.med,
      addCommunities: set.addCommunities?.map(formatCommunityPattern),
      removeCommunities: set.removeCommunities?.map(formatCommunityPattern),
      replaceCommunities: set.replaceCommunities?.map(formatCommunityPattern),
      nextHop: set.nextHop === undefined ? undefined : String(set.nextHop),
    },
    ...verdict,
  };
}
