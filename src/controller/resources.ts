/**
 * The controller's resources as plain data: what clients write (System, GatewayPool, Gateway, Tenant, Connection,
 * BgpPeer, RoutePolicy) and what only the planner writes (Slot, Route, LbRule, OverlayRoute, FailoverEvent).
 * Owns the shapes and their defaults, not the rules about them (admission.ts) and not their storage.
 * Rates are kbit/s, instants are milliseconds of the controller's clock, addresses and prefixes canonical text.
 */
export type ConnectionType = 'IPSEC' | 'GRE' | 'L3';
export const connectionTypes: readonly ConnectionType[] = ['IPSEC', 'GRE', 'L3'];
export type PoolType = 'All' | 'S2sIpsec' | 'S2sGre' | 'Forwarding';

export type GatewayPhase =
  | 'Registering'
  | 'Spare'
  | 'Active'
  | 'Suspect'
  | 'Failed'
  | 'Returning'
  | 'Draining'
  | 'Drained'
  | 'Quarantined';
export type SlotPhase = 'Bound' | 'Releasing' | 'Unbound';
export type RrPhase = 'None' | 'Designated' | 'Starting' | 'Syncing' | 'Serving' | 'Interrupted' | 'Moving';
export type ConnectionPhase =
  | 'Pending'
  | 'Scheduled'
  | 'Provisioning'
  | 'TunnelUp'
  | 'Routed'
  | 'Interrupted'
  | 'Deleting';

export interface Resource<Spec, Status> {
  readonly name: string;
  readonly generation: number;
  /** Set by a client's delete; the planner removes the object when nothing of it is left anywhere. */
  readonly deleting?: boolean;
  readonly spec: Spec;
  readonly status: Status;
}

export interface Condition {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

export interface SystemSpec {
  readonly onControllerLoss: 'fence' | 'headless';
  readonly quarantine?: {
    readonly failures: number;
    readonly windowSeconds: number;
    readonly cleanSeconds: number;
  };
}
export interface SystemStatus {
  /** Numbers for names that are never used twice. */
  readonly nextSlot: number;
  readonly nextEvent: number;
}
export type System = Resource<SystemSpec, SystemStatus>;

export interface GatewayPoolSpec {
  readonly type: PoolType;
  /** N of M+N: how many healthy spares the activation of a new slot must leave. */
  readonly redundantGatewayCount: number;
  readonly gatewayCapacityKbps: number;
  readonly capacityProfile?: 'fixed2019' | 'ratio2016' | Readonly<Record<ConnectionType, number>>;
  readonly accounting?: 'sum' | 'max';
  readonly limits?: { readonly tenants?: number; readonly connections?: number; readonly routes?: number };
  readonly publicVips?: readonly string[];
  readonly greVipSubnets?: readonly string[];
  readonly onStandbyExhausted?: 'CoHost' | 'Wait';
  readonly detection?: {
    readonly renewMs?: number;
    readonly leaseTtlMs?: number;
    readonly marginMs?: number;
  };
}
export interface GatewayPoolStatus {
  readonly gateways: number;
  readonly healthy: number;
  readonly active: number;
  readonly spare: number;
  readonly reserveSatisfied: boolean;
  readonly loadPermille: number;
  readonly largestFreeKbps: Readonly<Record<ConnectionType, number>>;
  readonly conditions: readonly Condition[];
}
export type GatewayPool = Resource<GatewayPoolSpec, GatewayPoolStatus>;

export interface UnderlayBgp {
  readonly localAsn: number;
  /** Default: the provider address, where that is of IPv4. */
  readonly routerId?: string;
  readonly peers: readonly { readonly address: string; readonly asn: number }[];
}

export interface GatewaySpec {
  readonly pool: string;
  readonly adminState: 'InService' | 'Draining' | 'OutOfService';
  readonly faultDomain?: string;
  /** The provider address: where LbRules and OverlayRoutes point. */
  readonly underlayAddress: string;
  readonly controlAddress: string;
  /** Its sessions with routers of the underlay (top of rack), which GRE VIPs are announced to. */
  readonly underlayBgp?: UnderlayBgp;
  /** VLANs that reach this gateway; without it, every one does. */
  readonly l3Vlans?: readonly number[];
  /** What an operator said: `fail` wants the gateway's slots elsewhere, `dead` vouches that it is switched off. */
  readonly verdict?: 'fail' | 'dead';
}
export interface GatewayStatus {
  readonly phase: GatewayPhase;
  /** Spare again only after a report of holding nothing at this revision or a later one. */
  readonly wipeRevision: number;
  readonly failures: readonly number[];
  readonly idleSince: number;
  readonly loadUnits: number;
  readonly capacityUnits: number;
  readonly tenants: number;
  /** Routers of `underlayBgp` with which its agent says that a session is Established. Absent without one, or unsaid. */
  readonly underlayUp?: readonly string[];
  readonly conditions: readonly Condition[];
}
export type Gateway = Resource<GatewaySpec, GatewayStatus>;

export interface SlotStatus {
  readonly phase: SlotPhase;
  /** Who serves it, or is still letting go of it. */
  readonly gateway: string | null;
  readonly epoch: number;
  readonly releasing?: Releasing;
  readonly unboundSince?: number;
  readonly unboundReason?: 'NoCapacity' | 'NoVlan';
  readonly greVip?: string;
}
export interface Releasing {
  readonly afterRevision: number;
  /** Who gets it next, with its room kept free; `null`: nobody chosen yet; absent: the slot ends here. */
  readonly target?: string | null;
  readonly trigger: FailoverTrigger;
}
export type Slot = Resource<{ readonly pool: string }, SlotStatus>;

export interface BgpTimers {
  readonly holdSeconds: number;
  readonly keepaliveSeconds: number;
}
export interface TenantSpec {
  readonly routingDomain: string;
  /** In order of preference. */
  readonly pools: readonly string[];
  readonly asn: number;
  readonly rr: { readonly address: string; readonly routerId?: string; readonly clusterId?: number };
  readonly gatewaySubnets: readonly string[];
  readonly routing: 'Static' | 'Dynamic' | 'Both';
  readonly timers?: BgpTimers;
  readonly restartSeconds?: number;
}
/** One (tenant, slot): an address and a router id of its own, for as long as the tenant is served there. */
export interface TenantInstance {
  readonly slot: string;
  readonly address: string;
  readonly routerId: string;
}
export interface TenantStatus {
  readonly rrSlot: string | null;
  readonly rrPhase: RrPhase;
  readonly instances: readonly TenantInstance[];
  /** VXLAN network identifier (RFC 7348 §5) of the tenant's own segment; given with its first instance. */
  readonly vni?: number;
  /** The role moves away from a slot that is still served: nobody gets it before that gateway has let go. */
  readonly rrMove?: { readonly gateway: string; readonly afterRevision: number };
  readonly deletion?: { readonly stage: DeletionStage; readonly afterRevision: number };
  readonly conditions: readonly Condition[];
}
export type DeletionStage = 'ClosePeers' | 'RemoveRoutes' | 'RemoveRules' | 'Unbind' | 'RemoveInstances';
export type Tenant = Resource<TenantSpec, TenantStatus>;

export interface ConnectionSpec {
  readonly tenant: string;
  readonly type: ConnectionType;
  readonly inKbps: number;
  readonly outKbps: number;
  readonly remoteAddress?: string;
  readonly gre?: { readonly key: number };
  readonly l3?: { readonly vlan: number; readonly localAddress: string; readonly peerAddress: string };
  readonly routes: readonly { readonly prefix: string; readonly metric: number }[];
  readonly vip?: string;
}
export interface PlacementRecord {
  readonly reason: PlacementReason;
  readonly explanation: string;
  readonly freeAfterUnits: number;
  readonly at: number;
}
export type PlacementReason = 'OriginalGateway' | 'TenantGateway' | 'BestFit' | 'NewSlot';
export type PendingReason =
  | 'NoCompatiblePool'
  | 'LargerThanAnyGateway'
  | 'NoCapacity'
  | 'TenantLimit'
  | 'ConnectionLimit'
  | 'NoVip'
  | 'NoVlan'
  | 'NoGateways'
  | 'NoInstanceAddress';
export interface PendingRecord {
  readonly reason: PendingReason;
  readonly message: string;
  readonly neededUnits: number;
  readonly largestFreeUnits: number;
  readonly wouldFitIf: readonly ('addGateway' | 'lowerN' | 'raiseCapacity')[];
}
export interface ConnectionStatus {
  readonly phase: ConnectionPhase;
  readonly slot: string | null;
  readonly placement?: PlacementRecord;
  readonly pending?: PendingRecord;
  /** The rates that hold; a greater wish waits as `ResizePending` until it fits. */
  readonly granted?: { readonly inKbps: number; readonly outKbps: number };
  readonly localEndpoint?: string;
  readonly deletionRevision?: number;
  readonly conditions: readonly Condition[];
}
export type Connection = Resource<ConnectionSpec, ConnectionStatus>;

export interface BgpPeerSpec {
  readonly tenant: string;
  readonly address: string;
  readonly asn: number;
  /** The pin: a host route for the peer over this connection. */
  readonly connection: string;
  readonly backupConnections?: readonly string[];
  /** TTL of what is sent to it. Absent: that of the system. */
  readonly multihopTtl?: number;
  /** What the gateways call the file with the key of TCP MD5 (RFC 2385). */
  readonly passwordRef?: string;
  /** The most prefixes per family. Default: 1000. */
  readonly maxPrefixes?: number;
  /** Beyond them: only log (the default), leave out the surplus, or end the session with Cease/1 (RFC 4486). */
  readonly maxPrefixAction?: 'warn' | 'drop' | 'teardown';
  readonly policyIn?: string;
  readonly policyOut?: string;
  readonly timers?: BgpTimers;
  readonly mode?: 'mixed' | 'passive';
  readonly adminDown?: boolean;
  readonly asOverride?: boolean;
}
export type BgpPeer = Resource<BgpPeerSpec, { readonly conditions: readonly Condition[] }>;

/** The first rule that matches decides; what none matches is allowed. `match` and `set` are in heliod's language. */
export interface RoutePolicySpec {
  readonly tenant: string;
  readonly rules: readonly RoutePolicyRule[];
}
export interface RoutePolicyRule {
  readonly match: object;
  readonly action: 'allow' | 'deny';
  readonly set?: object;
}
export type RoutePolicy = Resource<RoutePolicySpec, object>;

/** A route of the tenant's reflector and where it ends; `connection` is null when the next hop matches nothing. */
export interface Route {
  readonly name: string;
  readonly tenant: string;
  readonly prefix: string;
  readonly nextHop: string;
  readonly metric: number;
  readonly connection: string | null;
  readonly slot: string | null;
  readonly rrEpoch: number;
  readonly state: 'Fresh' | 'Stale';
  readonly staleUntil?: number;
}
export interface LbRule {
  readonly name: string;
  readonly vip: string;
  readonly remoteAddress: string;
  readonly protocols: readonly ['esp', 'udp/500', 'udp/4500'];
  readonly dip: string;
  readonly slot: string;
  readonly epoch: number;
  readonly returnPath: 'direct';
}
export interface OverlayRoute {
  readonly name: string;
  readonly tenant: string;
  readonly prefix: string;
  readonly nextHopPa: string;
  readonly metric: number;
  readonly slot: string;
  readonly epoch: number;
  readonly fromRevision: number;
}

export type FailoverTrigger =
  | 'LeaseExpired'
  | 'AgentFault'
  | 'Operator'
  | 'Drain'
  | 'CapacityReturned'
  | 'Restore';
export const failoverSteps = [
  'Detect',
  'Fence',
  'Choose',
  'Bind',
  'PushConfig',
  'MoveAddresses',
  'RepointSLB',
  'StartRR',
  'StartClients',
  'Tunnels',
  'Peer',
  'Sync',
  'Policies',
  'Verify',
] as const;
export type FailoverStep = (typeof failoverSteps)[number];
export interface FailoverEvent {
  readonly name: string;
  readonly slot: string;
  readonly kind: 'Failure' | 'PlannedMove' | 'Reconcile';
  readonly trigger: FailoverTrigger;
  readonly from: string | null;
  readonly to: string | null;
  readonly fromEpoch: number;
  readonly toEpoch: number;
  readonly tenants: readonly string[];
  readonly rrFor: readonly string[];
  readonly revision: number;
  readonly startedAt: number;
  readonly steps: readonly {
    readonly name: FailoverStep;
    readonly endedAt: number;
    readonly detail?: string;
  }[];
  readonly outcome: 'InProgress' | 'Completed' | 'CoHosted' | 'Unbound' | 'Superseded';
}
