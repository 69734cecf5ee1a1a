/**
 * What the speaker is told to do: the result of `config/`, complete (no defaults left to apply) and valid.
 * Times in seconds. Lists are sorted as the operator wrote them.
 */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { RouteDistinguisher } from '../net/route-distinguisher.ts';
import type { RouteTarget } from '../net/route-target.ts';
import type { PolicyDefinition } from '../policy/definition.ts';

export interface RouterSettings {
  readonly asn: number;
  readonly routerId: number;
  readonly clusterId: number;
  readonly listen: readonly ListenAddress[];
  readonly clientToClientReflection: boolean;
  /** `kernel`: through the routes of the instance's own network namespace or table. */
  readonly nextHopResolution: 'none' | 'static' | 'kernel';
  /** For `static`: the longest match wins; `cost` is the IGP cost of the decision. */
  readonly nextHops: readonly { readonly prefix: Prefix; readonly cost: number }[];
  readonly decision: {
    readonly medMissing: 'best' | 'worst';
    readonly alwaysCompareMed: boolean;
    readonly preferOldestExternal: boolean;
    /** The most next hops of one route in the kernel; 1 is no multipath. What is announced does not change. */
    readonly multipath: number;
  };
  /** RFC 4724 restarter: null when this instance never restarts gracefully. */
  readonly gracefulRestart:
    | {
        readonly restartTimeSeconds: number;
        readonly selectionDeferralSeconds: number;
        readonly notification: boolean;
      }
    | undefined;
  readonly hostName: string;
}

export interface ListenAddress {
  /** `undefined`: all addresses, IPv4 and IPv6. */
  readonly address: IpAddress | undefined;
  readonly port: number;
}

/** What the sockets of a peer are prepared with; a host that cannot do it refuses the settings before they count. */
export interface TransportSettings {
  /** TCP MD5 signature (RFC 2385): the file that holds the key, never the key itself. */
  readonly md5KeyFile: string | undefined;
  /** GTSM (RFC 5082): the peer is at most so many hops away, 1 for a neighbour. Sends with TTL 255. */
  readonly ttlSecurityHops: number | undefined;
  /** TTL of what we send; `undefined` leaves it to the system. Never together with `ttlSecurityHops`. */
  readonly ttl: number | undefined;
}

export interface TimerSettings {
  readonly holdSeconds: number;
  readonly keepaliveSeconds: number;
  readonly connectRetrySeconds: number;
  readonly delayOpenSeconds: number;
  readonly idleHoldSeconds: number;
  readonly idleHoldMaxSeconds: number;
  readonly sendHoldSeconds: number;
  readonly advertisementIntervalSeconds: number;
}

export interface MaxPrefixesSettings {
  readonly limit: number;
  readonly action: 'warn' | 'drop' | 'idle';
  /** Percentage at which a warning is logged. */
  readonly warnPercent: number;
  /** For `idle`: try again after this long; `undefined` waits for the operator. */
  readonly restartSeconds: number | undefined;
}

/** Everything about one peer but its address: also what a dynamic range gives its peers. */
export interface PeerTemplate {
  readonly remoteAs: number;
  readonly description: string;
  readonly group: string | undefined;
  /** The port we connect to. */
  readonly port: number;
  readonly localAddress: IpAddress | undefined;
  readonly transport: TransportSettings;
  /** Shown to an external peer instead of `router.asn`. */
  readonly localAs: number;
  readonly passive: boolean;
  readonly shutdown: { readonly message: string } | undefined;
  readonly routeReflectorClient: boolean;
  readonly families: readonly FamilyKey[];
  readonly timers: TimerSettings;
  /** `undefined` on an external peer: nothing is exchanged (RFC 8212). Internal peers get accept-all. */
  readonly importPolicy: string | undefined;
  readonly exportPolicy: string | undefined;
  readonly maxPrefixes: ReadonlyMap<FamilyKey, MaxPrefixesSettings>;
  readonly nextHopSelf: boolean;
  /** How often our own AS may stand in a received AS_PATH. */
  readonly allowOwnAs: number;
  readonly removePrivateAs: boolean;
  readonly asOverride: boolean;
  /** eBGP only: the first AS of the path must be the peer's (RFC 4271 §6.3). */
  readonly enforceFirstAs: boolean;
  readonly sendCommunities: boolean;
  readonly addPath: {
    readonly receive: boolean;
    /** `undefined` sends the best path only, without path identifiers. */
    readonly send: { readonly mode: 'all' } | { readonly mode: 'best'; readonly count: number } | undefined;
  };
  readonly extendedNextHop: boolean;
  readonly extendedMessage: boolean;
  readonly enhancedRouteRefresh: boolean;
  readonly fourOctetAs: boolean;
  /** Keep the peer's routes while it restarts; `undefined` says nothing about graceful restart. */
  readonly gracefulRestart:
    | { readonly helper: boolean; readonly notification: boolean; readonly maxStaleSeconds: number }
    | undefined;
  /** RFC 8326: routes with GRACEFUL_SHUTDOWN get LOCAL_PREF 0 on import. */
  readonly gracefulShutdown: boolean;
}

export interface PeerSettings extends PeerTemplate {
  readonly address: IpAddress;
}

export interface DynamicPeersSettings {
  readonly range: Prefix;
  readonly limit: number;
  readonly template: PeerTemplate;
}

export interface NetworkSettings {
  readonly prefix: Prefix;
  /** `undefined`: our own address on each session. */
  readonly nextHop: IpAddress | undefined;
  readonly communities: readonly number[];
  readonly med: number | undefined;
  readonly localPref: number | undefined;
}

/** In which network world an instance has its sockets and routes. */
export type Place =
  | { readonly type: 'host' }
  /** A named Linux network namespace (`ip netns`). */
  | { readonly type: 'netns'; readonly name: string }
  /** A device or VRF device (SO_BINDTODEVICE). */
  | { readonly type: 'device'; readonly name: string };

/** Best routes into the kernel of the instance's place. */
export interface FibSettings {
  readonly table: number;
  readonly metric: number;
}

/** The instance as a VRF (RFC 4364 §3): what of its unicast routes leaves it, and what comes in. */
export interface VpnSettings {
  readonly rd: RouteDistinguisher;
  /** VPN routes with any of these come in. */
  readonly importTargets: readonly RouteTarget[];
  /** What its own routes carry; with none, nothing leaves it. */
  readonly exportTargets: readonly RouteTarget[];
}

/** A table that a monitoring station is shown: the Adj-RIBs-In as received or as accepted, or the Loc-RIB. */
export type MonitorView = 'pre-policy' | 'post-policy' | 'loc-rib';

/** A BMP station that we connect to (RFC 7854). */
export interface StationSettings {
  /** How the operator calls it: unique in its instance. */
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number;
  readonly localAddress: IpAddress | undefined;
  readonly monitor: ReadonlySet<MonitorView>;
  /** Statistics Reports; `undefined` sends none. */
  readonly statisticsSeconds: number | undefined;
}

/** What one instance may take of the daemon; `undefined` is no limit. */
export interface InstanceLimits {
  /** Routes in all its Adj-RIBs-In together. */
  readonly routes: number | undefined;
  /** Peers, configured and dynamic. */
  readonly peers: number | undefined;
  /** UPDATE messages per second, over all its peers. */
  readonly updatesPerSecond: number | undefined;
}

/** The slot of an instance whose operator named none. */
export const mainSlot = 'main';

/** `contoso`, or `contoso/edge2` for another slot than `main`: how people read and write the key (tenant, slot). */
export function instanceKey(tenant: string, slot: string): string {
  return slot === mainSlot ? tenant : `${tenant}/${slot}`;
}

/** One routing instance. Its key is (tenant, slot): one daemon may serve two slots of one tenant. */
export interface InstanceSettings {
  /** The key as people read and write it: `contoso`, or `contoso/edge2` for another slot than `main`. */
  readonly name: string;
  /** `default` for the instance of the `router` block. */
  readonly tenant: string;
  readonly slot: string;
  readonly place: Place;
  /** `undefined`: nothing is installed. */
  readonly fib: FibSettings | undefined;
  readonly limits: InstanceLimits;
  /** `undefined`: it has nothing to do with any VPN. Of the default instance it is always that. */
  readonly vpn: VpnSettings | undefined;
  readonly router: RouterSettings;
  readonly peers: readonly PeerSettings[];
  readonly dynamicPeers: readonly DynamicPeersSettings[];
  readonly networks: readonly NetworkSettings[];
  readonly policies: readonly PolicyDefinition[];
  /** None where it is not given. */
  readonly stations?: readonly StationSettings[];
}
