/**
 * What the speaker shows of itself: plain data for the API, the CLI and tests, and `ManagementPort`, all that
 * the API may ask of it. Times are host milliseconds (monotonic); `StatusView.now` allows ages to be computed.
 * Addresses, prefixes, families, communities are text here, AS numbers numbers.
 */
import type { SessionDownReason } from '../session/contract.ts';

export type PeerState =
  | 'idle'
  | 'connect'
  | 'active'
  | 'open-sent'
  | 'open-confirm'
  | 'established'
  | 'admin-down';

export interface StatusView {
  readonly version: string;
  readonly asn: number;
  readonly routerId: string;
  readonly clusterId: string;
  readonly now: number;
  readonly startedAt: number;
  readonly peers: {
    readonly configured: number;
    readonly established: number;
    readonly dynamic: number;
    readonly adminDown: number;
  };
  readonly families: readonly {
    readonly family: string;
    readonly prefixes: number;
    readonly paths: number;
  }[];
  readonly memory: { readonly attributeSets: number; readonly paths: number; readonly ribBytes: number };
  /** Graceful restart still deferring, or route work pending. */
  readonly busy: boolean;
  readonly updateGroups: readonly {
    readonly family: string;
    readonly members: number;
    readonly lagging: number;
    readonly routes: number;
    readonly description: string;
  }[];
}

export interface PeerFamilyView {
  readonly family: string;
  readonly received: number;
  readonly accepted: number;
  readonly best: number;
  readonly sent: number;
  readonly stale: number;
  readonly endOfRibReceived: boolean;
  readonly endOfRibSent: boolean;
  readonly maxPrefixes: number | undefined;
}

export interface PeerView {
  readonly address: string;
  readonly description: string;
  readonly group: string | undefined;
  readonly remoteAs: number;
  readonly localAs: number;
  readonly role: 'client' | 'non-client' | 'external';
  readonly dynamic: boolean;
  readonly passive: boolean;
  readonly state: PeerState;
  /** When the present state began. */
  readonly since: number;
  readonly establishedCount: number;
  readonly routerId: string | undefined;
  readonly localAddress: string | undefined;
  readonly holdTimeSeconds: number | undefined;
  readonly keepaliveSeconds: number | undefined;
  /** In words: why it is not up, or why nothing is exchanged although it is (RFC 8212). */
  readonly reason: string | undefined;
  readonly lastDown:
    | { readonly at: number; readonly text: string; readonly reason: SessionDownReason }
    | undefined;
  readonly families: readonly PeerFamilyView[];
  /** Capabilities in words, as sent and as received. */
  readonly capabilities:
    | { readonly local: readonly string[]; readonly remote: readonly string[] }
    | undefined;
  readonly messages: { readonly received: MessageCounts; readonly sent: MessageCounts };
  readonly importPolicy: string;
  readonly exportPolicy: string;
  readonly timers: Readonly<Record<string, number>>;
  /** Malformed attributes and messages lately seen from this peer (RFC 7606), newest last, at most 16. */
  readonly faults: readonly {
    readonly at: number;
    readonly action: string;
    readonly detail: string;
    readonly bytes: string;
  }[];
  readonly sendQueue: 'in-sync' | 'lagging' | 'idle';
}

export interface MessageCounts {
  readonly open: number;
  readonly update: number;
  readonly notification: number;
  readonly keepalive: number;
  readonly routeRefresh: number;
}

/** Attributes in words; what is absent was absent on the wire. */
export interface AttributesView {
  readonly origin: string;
  readonly asPath: string;
  readonly nextHop: string;
  readonly med?: number;
  readonly localPref?: number;
  readonly atomicAggregate?: boolean;
  readonly aggregator?: string;
  readonly communities?: readonly string[];
  readonly extendedCommunities?: readonly string[];
  readonly largeCommunities?: readonly string[];
  readonly originatorId?: string;
  readonly clusterList?: readonly string[];
  readonly unknown?: readonly { readonly type: number; readonly flags: number; readonly value: string }[];
}

export interface RouteView {
  readonly family: string;
  /** Of a VPN route with its route distinguisher: `65000:100:10.0.0.0/8`. */
  readonly prefix: string;
  /** The MPLS label, where the family has labels. */
  readonly label?: number;
  /** RFC 7911 path identifier where one was received (adj-in) or sent (adj-out). */
  readonly pathId?: number;
  /** Peer it came from; `local` for our own. In adj-out: also `to`. */
  readonly from: string;
  readonly to?: string;
  readonly best: boolean;
  readonly stale: boolean;
  /** Why it takes no part in the decision. */
  readonly ineligible?: string;
  /** On the best route: the step that decided for it against the second best. */
  readonly decidedBy?: string;
  readonly attributes: AttributesView;
}

export interface RouteQuery {
  readonly family?: string;
  readonly view: 'loc-rib' | 'adj-in' | 'adj-out';
  /** Required for adj-out; filters the others. */
  readonly peer?: string;
  readonly prefix?: string;
  readonly match?: 'exact' | 'longer' | 'shorter' | 'lpm';
  /** VPN families: only this route distinguisher. */
  readonly rd?: string;
  readonly community?: string;
  readonly asPath?: string;
  readonly originAs?: number;
  /** adj-in and loc-rib: only routes that are best. */
  readonly best?: boolean;
}

/** Walks a RIB without a copy of it: routes that come and go during the walk may or may not be seen. */
export interface RouteCursor {
  /** Looks at up to `budget` table entries and returns the matches among them; `undefined` at the end. */
  next(budget: number): readonly RouteView[] | undefined;
}

export interface ExplainView {
  readonly family: string;
  readonly prefix: string;
  readonly candidates: readonly {
    readonly route: RouteView;
    readonly rank: number;
    readonly verdict: 'best' | 'lost' | 'ineligible';
    /** In words: `LOCAL_PREF 100 < 200`, `own ORIGINATOR_ID`, `rejected by import policy customer, term 1`. */
    readonly reason: string;
  }[];
  readonly advertised: readonly {
    readonly peer: string;
    readonly sent: boolean;
    /** `sent as received`, `reflected: client -> client`, or why it was suppressed. */
    readonly reason: string;
    readonly attributes?: AttributesView;
  }[];
}

export type SpeakerEvent =
  | {
      readonly type: 'peer-state';
      readonly at: number;
      readonly peer: string;
      readonly from: PeerState;
      readonly to: PeerState;
      readonly reason: string | undefined;
    }
  | {
      readonly type: 'peer-added' | 'peer-removed';
      readonly at: number;
      readonly peer: string;
      readonly dynamic: boolean;
    }
  | {
      readonly type: 'notification-sent' | 'notification-received';
      readonly at: number;
      readonly peer: string;
      readonly code: number;
      readonly subcode: number;
      readonly text: string;
      readonly data: string;
    }
  | {
      readonly type: 'malformed-update';
      readonly at: number;
      readonly peer: string;
      readonly action: string;
      readonly detail: string;
      readonly bytes: string;
    }
  | {
      readonly type: 'max-prefixes';
      readonly at: number;
      readonly peer: string;
      readonly family: string;
      readonly limit: number;
      readonly count: number;
      readonly action: string;
    }
  | {
      readonly type: 'end-of-rib';
      readonly at: number;
      readonly peer: string;
      readonly family: string;
      readonly direction: 'received' | 'sent';
    }
  | {
      readonly type: 'stale-routes';
      readonly at: number;
      readonly peer: string;
      readonly family: string;
      readonly phase: 'kept' | 'removed';
      readonly count: number;
    }
  | {
      readonly type: 'connection-refused';
      readonly at: number;
      readonly remote: string;
      readonly reason: string;
    }
  /** The instance holds as many routes as it may: what comes above is dropped. */
  | { readonly type: 'route-limit'; readonly at: number; readonly limit: number; readonly count: number }
  | { readonly type: 'configuration'; readonly at: number; readonly summary: string }
  /** Only while somebody subscribed to routes. `attributes` undefined: withdrawn. */
  | {
      readonly type: 'route';
      readonly at: number;
      readonly family: string;
      readonly prefix: string;
      readonly route: RouteView | undefined;
    }
  /** A best route is not in the kernel as it should be; without a prefix, the kernel's routes cannot be read at all. */
  | {
      readonly type: 'fib-failure';
      readonly at: number;
      readonly prefix: string | undefined;
      readonly reason: string;
    }
  | {
      readonly type: 'internal-error';
      readonly at: number;
      readonly peer: string | undefined;
      readonly detail: string;
    };

export type PeerAction =
  | { readonly type: 'reset'; readonly message: string }
  | { readonly type: 'enable' }
  | { readonly type: 'disable'; readonly message: string }
  | { readonly type: 'soft-in' }
  | { readonly type: 'soft-out' };

/** Refusals the port can answer with; the API maps them to problem types and exit codes. */
export type ManagementRefusal =
  | 'no-such-peer'
  | 'no-such-family'
  | 'peer-not-established'
  | 'bad-prefix'
  | 'bad-pattern'
  | 'duplicate-network'
  | 'no-such-network'
  | 'peer-required';

export class ManagementError extends Error {
  readonly code: ManagementRefusal;
  constructor(code: ManagementRefusal, message: string) {
    super(message);
    this.name = 'ManagementError';
    this.code = code;
  }
}

/** A monitoring station (RFC 7854). Times in host milliseconds. */
export interface StationView {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly monitor: readonly string[];
  readonly state: 'connecting' | 'connected' | 'waiting' | 'stopped';
  readonly since: number;
  readonly retryAt: number | undefined;
  readonly lastError: string | undefined;
  /** How often it was connected. */
  readonly connections: number;
  /** It was told all that there is. */
  readonly synchronised: boolean;
  /** Routes that wait for it to read. */
  readonly owed: number;
  /** Of the present or last connection; announced and withdrawn count NLRI. */
  readonly counters: {
    readonly messages: number;
    readonly octets: number;
    readonly announced: number;
    readonly withdrawn: number;
  };
}

/** The kernel's routes of an instance: what is installed there and what is not. */
export interface FibView {
  /** `host`, `netns contoso`, `device vrf-contoso`. */
  readonly place: string;
  readonly table: number;
  readonly metric: number;
  /** Why nothing can be done at present; `undefined` when all is well. */
  readonly problem: string | undefined;
  readonly installed: number;
  /** Destinations that wait for their turn. */
  readonly pending: number;
  readonly failed: number;
}

export interface FibRouteView {
  readonly prefix: string;
  /** Of the best route; none for a route that is to be removed. */
  readonly nextHops: readonly string[];
  readonly state: 'installed' | 'pending' | 'failed';
  /** What the kernel has, as `ip route` writes it: `via 10.0.0.2 dev eth0`. */
  readonly installed: string | undefined;
  /** Of a failure, in the kernel's words where it refused. */
  readonly reason: string | undefined;
}

/** As RouteCursor, over destinations. */
export interface FibCursor {
  next(budget: number): readonly FibRouteView[] | undefined;
}

/** What a host that installs routes shows of it. */
export interface FibPort {
  view(): FibView;
  routes(query: FibQuery): FibCursor;
}

export interface FibQuery {
  /** Only those in this state. */
  readonly state?: FibRouteView['state'];
}

/** Every method is synchronous and cheap but for `routes`, which is walked in slices. Refusals are ManagementErrors. */
export interface ManagementPort {
  status(): StatusView;
  peers(): readonly PeerView[];
  peer(address: string): PeerView;
  peerAction(address: string, action: PeerAction): void;
  routes(query: RouteQuery): RouteCursor;
  explain(prefix: string, family: string | undefined): ExplainView;
  /** `undefined`: best routes are not installed. */
  fib(): FibPort | undefined;
  /** Missing where nothing reports to stations. */
  stations?(): readonly StationView[];
  networks(): readonly NetworkView[];
  addNetwork(network: NewNetwork): void;
  removeNetwork(prefix: string): void;
  /** `routes: true` also delivers best-path changes. Returns the way to stop. */
  subscribe(options: { readonly routes: boolean }, listener: (event: SpeakerEvent) => void): () => void;
}

/** A network to originate until it is removed or the process ends. */
export interface NewNetwork {
  readonly prefix: string;
  readonly nextHop?: string;
  readonly communities?: readonly string[];
  readonly med?: number;
  readonly localPref?: number;
}

export interface NetworkView {
  readonly prefix: string;
  readonly nextHop: string | undefined;
  readonly source: 'configuration' | 'api';
}
