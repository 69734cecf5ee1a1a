/**
 * One tenant on one slot as a tenant of heliod's configuration: the same keys that a person would write, so that the
 * same checks and defaults hold. The reflector has the tenant's sites as external peers and the tenant's other slots as
 * clients, all from its own address (RFC 4456); a client has one session, to the reflector.
 */
import type { DesiredTenant } from '../controller/desired.ts';
import { policyTerms } from '../controller/policy-terms.ts';
import { formatUint32 } from '../net/ip-address.ts';

export interface InstanceDocument {
  readonly tenant: string;
  readonly slot: string;
  readonly epoch: number;
  /** BgpPeers of the controller by the address of the session. */
  readonly peers: ReadonlyMap<string, string>;
  /** Does it reflect (RFC 4456)? */
  readonly reflects: boolean;
  /** Another gateway served the slot before: peers keep its routes and wait for us (RFC 4724 §4.1). */
  readonly takesOver: boolean;
  /** One entry of `tenants`, as plain data. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/**
 * Hold timers must outlive a takeover: a session that is lost before the standby speaks loses what graceful restart
 * would have kept.
 */
const defaultTimers = { holdSeconds: 30, keepaliveSeconds: 10 };
const defaultRestartSeconds = 120;
/** A site that sends more than it has networks is a mistake that must not fill the tenant's other gateways unseen. */
const defaultMaxPrefixes = 1000;
const selectionDeferralSeconds = 5;

/** A takeover ends when the site has a session again: the first try comes at once, the next ones soon. */
const connectRetry = '1s';

/** Not written in place: an object literal with a `then` looks like a promise to tools. */
const verdict = 'then';

/** Sessions end because gateways do: one that was up for some seconds owes no rest, or it would refuse the standby. */
const rest = { idleHold: '1s', idleHoldMax: '5s' };

type Reflector = NonNullable<DesiredTenant['reflector']>;

/** `secrets`: the directory with the keys that peers are named after. */
export function instanceDocument(tenant: DesiredTenant, netns: string, secrets: string): InstanceDocument {
  const { reflector, slot, epoch } = tenant;
  return {
    tenant: tenant.tenant,
    slot,
    epoch,
    peers: new Map(reflector?.peers.map(({ address, name }) => [address, name]) ?? []),
    reflects: reflector !== undefined,
    takesOver: epoch > 1,
    configuration: {
      name: tenant.tenant,
      slot,
      netns,
      asn: tenant.asn,
      routerId: reflector?.routerId ?? tenant.routerId,
      ...(reflector ? { clusterId: formatUint32(reflector.clusterId) } : {}),
      nextHopResolution: 'kernel',
      fib: {},
      gracefulRestart: {
        restartTime: seconds(tenant.restartSeconds ?? defaultRestartSeconds),
        selectionDeferral: seconds(selectionDeferralSeconds),
      },
      peers: reflector ? reflectorPeers(tenant, reflector, secrets) : clientPeers(tenant),
      networks: ownNetworks(tenant),
      policies: reflector ? policiesOf(reflector) : [],
    },
  };
}

function reflectorPeers(tenant: DesiredTenant, reflector: Reflector, secrets: string): readonly object[] {
  return [
    ...reflector.peers.map((peer) => ({
      ...sitePeer(tenant, reflector, peer),
      // A directory and a name without a slash.
      ...(peer.passwordRef === undefined ? {} : { md5: { keyFile: `${secrets}/${peer.passwordRef}` } }),
    })),
    ...reflector.clients.map((address) => ({
      address,
      remoteAs: tenant.asn,
      routeReflectorClient: true,
      localAddress: reflector.address,
      description: 'gateway of the tenant',
      timers: timersOf(tenant.timers),
    })),
  ];
}

function clientPeers({ asn, address, reflectorAddress, timers }: DesiredTenant): readonly object[] {
  if (reflectorAddress === undefined) return [];
  const session = { localAddress: address, description: 'reflector of the tenant', timers: timersOf(timers) };
  return [{ address: reflectorAddress, remoteAs: asn, ...session }];
}

function sitePeer(tenant: DesiredTenant, reflector: Reflector, peer: Reflector['peers'][number]): object {
  const {
    maxPrefixes = defaultMaxPrefixes,
    maxPrefixAction = 'warn',
    policyIn,
    policyOut,
    multihopTtl,
  } = peer;
  return {
    address: peer.address,
    remoteAs: peer.asn,
    localAddress: reflector.address,
    description: peer.name,
    timers: timersOf(peer.timers ?? tenant.timers),
    importPolicy: importName(policyIn),
    exportPolicy: policyOut ?? 'accept-all',
    ...(multihopTtl === undefined ? {} : { ttl: multihopTtl }),
    ...(peer.mode === 'passive' ? { passive: true } : {}),
    ...(peer.adminDown ? { shutdown: true } : {}),
    ...(peer.asOverride ? { asOverride: true } : {}),
    maxPrefixes: {
      limit: maxPrefixes,
      action: maxPrefixAction === 'teardown' ? 'idle' : maxPrefixAction,
    },
  };
}

/** What comes from a site passes this first: with its own policy, or without. */
function importName(policyIn: string | undefined): string {
  return `import.${policyIn ?? 'sites'}`;
}

/** What no rule matches is allowed. What a site sends never leads the tenant's gateways away from each other. */
function policiesOf({ policies, peers, ownPrefixes }: Reflector): readonly object[] {
  const rulesOf = (name: string | undefined) => policies.find((policy) => policy.name === name)?.rules ?? [];
  const own = ownPrefixes.map((text) => (/\/(32|128)$/.test(text) ? text : `${text} orlonger`));
  const guard = { name: 'not-of-the-gateways', match: { prefixes: own }, [verdict]: 'reject' };
  const imports = [...new Set(peers.map(({ policyIn }) => policyIn))].map((name) => ({
    name: importName(name),
    terms: [guard, ...policyTerms(rulesOf(name))],
    default: 'accept',
  }));
  const exports = policies
    .filter(({ name }) => peers.some(({ policyOut }) => policyOut === name))
    .map(({ name, rules }) => ({ name, terms: policyTerms(rules), default: 'accept' }));
  return [...imports, ...exports];
}

/** Static routes of the connections that end here, announced by whoever can forward to them. */
function ownNetworks({ connections }: DesiredTenant): readonly object[] {
  const prefixes = new Set(connections.flatMap(({ routes }) => routes.map(({ prefix }) => prefix)));
  return [...prefixes].map((prefix) => ({ prefix }));
}

function timersOf({ holdSeconds, keepaliveSeconds } = defaultTimers): object {
  return { hold: seconds(holdSeconds), keepalive: seconds(keepaliveSeconds), connectRetry, ...rest };
}

function seconds(count: number): string {
  return `${count}s`;
}
