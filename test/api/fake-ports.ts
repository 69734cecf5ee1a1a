import type { ConfigDiff, ConfigPort, ConfigProblem, TenantChange } from '../../src/api/ports.ts';
import {
  type ExplainView,
  type FibPort,
  ManagementError,
  type ManagementPort,
  type NetworkView,
  type PeerAction,
  type PeerView,
  type RouteCursor,
  type RouteQuery,
  type RouteView,
  type SpeakerEvent,
  type StationView,
  type StatusView,
} from '../../src/speaker/views.ts';

const messages = { open: 1, update: 2, notification: 3, keepalive: 4, routeRefresh: 5 };

/** With every optional field filled in, so that nothing of the shape goes untested. */
export const peer: PeerView = {
  address: '10.0.0.2',
  description: 'frr',
  group: 'clients',
  remoteAs: 65000,
  localAs: 65000,
  role: 'client',
  dynamic: false,
  passive: false,
  state: 'established',
  since: 4000,
  establishedCount: 2,
  routerId: '10.0.0.2',
  localAddress: '10.0.0.1',
  holdTimeSeconds: 90,
  keepaliveSeconds: 30,
  reason: undefined,
  lastDown: {
    at: 3000,
    text: 'NOTIFICATION received: Cease/Administrative Shutdown',
    reason: { type: 'notification-received', code: 6, subcode: 2, data: Uint8Array.of(1, 0x68) },
  },
  families: [
    {
      family: 'ipv4-unicast',
      received: 10,
      accepted: 9,
      best: 8,
      sent: 7,
      stale: 0,
      endOfRibReceived: true,
      endOfRibSent: true,
      maxPrefixes: 1000,
    },
  ],
  capabilities: { local: ['route refresh'], remote: ['route refresh'] },
  messages: { received: messages, sent: messages },
  importPolicy: 'accept-all',
  exportPolicy: 'accept-all',
  timers: { hold: 99_000 },
  faults: [{ at: 3500, action: 'treat-as-withdraw', detail: 'ORIGIN 7', bytes: '400101' }],
  sendQueue: 'in-sync',
};

export const idlePeer: PeerView = {
  ...peer,
  address: '2001:db8::2',
  group: undefined,
  state: 'active',
  routerId: undefined,
  localAddress: undefined,
  holdTimeSeconds: undefined,
  keepaliveSeconds: undefined,
  reason: 'connection refused',
  lastDown: undefined,
  families: [],
  capabilities: undefined,
  timers: {},
  faults: [],
  sendQueue: 'lagging',
};

export const route: RouteView = {
  family: 'ipv4-unicast',
  prefix: '203.0.113.0/24',
  pathId: 1,
  from: '10.0.0.2',
  to: '10.0.0.3',
  best: true,
  stale: false,
  ineligible: 'own ORIGINATOR_ID',
  decidedBy: 'LOCAL_PREF 200 > 100',
  attributes: {
    origin: 'igp',
    asPath: '65001 65002',
    nextHop: '10.0.0.2',
    med: 1,
    localPref: 100,
    atomicAggregate: true,
    aggregator: '65001 10.0.0.9',
    communities: ['65000:1'],
    extendedCommunities: ['rt:65000:1'],
    largeCommunities: ['65000:1:2'],
    originatorId: '10.0.0.2',
    clusterList: ['10.0.0.1'],
    unknown: [{ type: 99, flags: 224, value: '00' }],
  },
};

export const status: StatusView = {
  version: '0.0.0',
  asn: 65000,
  routerId: '10.0.0.1',
  clusterId: '10.0.0.1',
  now: 5000,
  startedAt: 1000,
  peers: { configured: 2, established: 1, dynamic: 0, adminDown: 0 },
  families: [{ family: 'ipv4-unicast', prefixes: 8, paths: 9 }],
  memory: { attributeSets: 3, paths: 9, ribBytes: 65536 },
  busy: false,
  updateGroups: [{ family: 'ipv4-unicast', members: 1, lagging: 0, routes: 8, description: 'clients' }],
};

const explanation: ExplainView = {
  family: 'ipv4-unicast',
  prefix: route.prefix,
  candidates: [{ route, rank: 1, verdict: 'best', reason: 'LOCAL_PREF 200 > 100' }],
  advertised: [
    { peer: '10.0.0.3', sent: true, reason: 'reflected', attributes: route.attributes },
    { peer: '10.0.0.2', sent: false, reason: 'source' },
  ],
};

/** `total` routes, made as they are asked for. Counts what was asked, so that a test sees when the walk stops. */
export class FakeCursor implements RouteCursor {
  readonly #total: number;
  #at = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get lookedAt(): number {
    return this.#at;
  }

  next(budget: number): readonly RouteView[] | undefined {
    if (this.#at >= this.#total) return undefined;
    const count = Math.min(budget, this.#total - this.#at);
    const first = this.#at;
    this.#at += count;
    return Array.from({ length: count }, (_, i) => ({ ...route, prefix: prefixOf(first + i) }));
  }
}

export function prefixOf(index: number): string {
  return `${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}.0/24`;
}

export class FakeManagement implements ManagementPort {
  readonly actions: unknown[] = [];
  readonly added: unknown[] = [];
  readonly queries: RouteQuery[] = [];
  list: readonly PeerView[] = [peer, idlePeer];
  total = 3;
  cursor: FakeCursor | undefined;
  /** Thrown by the next call of `status`. */
  failure: Error | undefined;
  readonly #listeners = new Map<(event: SpeakerEvent) => void, boolean>();

  get routeListeners(): number {
    return [...this.#listeners.values()].filter(Boolean).length;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  emit(event: SpeakerEvent): void {
    for (const [listener, routes] of this.#listeners) {
      if (routes || event.type !== 'route') listener(event);
    }
  }

  stationViews: readonly StationView[] = [];

  stations(): readonly StationView[] {
    return this.stationViews;
  }

  fibPort: FibPort | undefined;

  fib(): FibPort | undefined {
    return this.fibPort;
  }

  status(): StatusView {
    if (this.failure) throw this.failure;
    return status;
  }

  peers(): readonly PeerView[] {
    return this.list;
  }

  peer(address: string): PeerView {
    const found = this.list.find((view) => view.address === address);
    if (!found) throw new ManagementError('no-such-peer', `no peer ${address}`);
    return found;
  }

  peerAction(address: string, action: PeerAction): void {
    const { state } = this.peer(address);
    if (action.type === 'soft-in' && state !== 'established') {
      throw new ManagementError('peer-not-established', `${address} is ${state}`);
    }
    this.actions.push([address, action]);
  }

  routes(query: RouteQuery): RouteCursor {
    this.queries.push(query);
    if (query.view === 'adj-out' && !query.peer)
      throw new ManagementError('peer-required', 'adj-out needs a peer');
    if (query.prefix === 'x') throw new ManagementError('bad-prefix', 'x is no prefix');
    if (query.asPath === '(') throw new ManagementError('bad-pattern', '( is no pattern');
    if (query.family === 'ipx') throw new ManagementError('no-such-family', 'no family ipx');
    this.cursor = new FakeCursor(this.total);
    return this.cursor;
  }

  explain(prefix: string): ExplainView {
    if (prefix === 'x') throw new ManagementError('bad-prefix', 'x is no prefix');
    return explanation;
  }

  networks(): readonly NetworkView[] {
    return [
      { prefix: '192.0.2.0/24', nextHop: undefined, source: 'api' },
      { prefix: '198.51.100.0/24', nextHop: '10.0.0.1', source: 'configuration' },
    ];
  }

  addNetwork(network: { readonly prefix: string }): void {
    if (network.prefix === '192.0.2.0/24')
      throw new ManagementError('duplicate-network', 'it is there already');
    this.added.push(network);
  }

  removeNetwork(prefix: string): void {
    if (prefix !== '192.0.2.0/24') throw new ManagementError('no-such-network', `no network ${prefix}`);
    this.added.push({ removed: prefix });
  }

  subscribe({ routes }: { readonly routes: boolean }, listener: (event: SpeakerEvent) => void): () => void {
    this.#listeners.set(listener, routes);
    return () => this.#listeners.delete(listener);
  }
}

const problems: readonly ConfigProblem[] = [{ text: 'heliod.yaml:3:1: router.asn: missing' }];

export const diff: ConfigDiff = {
  lines: [{ change: 'add', subject: 'peer 10.0.0.9', effect: 'session starts', details: ['group clients'] }],
};

export class FakeConfig implements ConfigPort {
  generation = 1;
  bad = false;

  async reload(): ReturnType<ConfigPort['reload']> {
    if (this.bad) return { ok: false, problems };
    return { ok: true, diff, generation: ++this.generation };
  }

  diff(text: string, fileName: string): ReturnType<ConfigPort['diff']> {
    if (text === 'bad') return { ok: false, problems: [{ text: `${fileName}:1:1: bad` }] };
    return { ok: true, diff };
  }

  show(): string {
    return 'version: 1\n';
  }

  readonly tenantChanges: unknown[] = [];
  /** What the next change of a tenant is answered. */
  tenantAnswer: TenantChange = { ok: true, key: 'contoso', diff };

  showTenant(key: string): string | undefined {
    return key === 'default' ? undefined : `name: ${key}\n`;
  }

  async addTenant(...change: readonly string[]): Promise<TenantChange> {
    this.tenantChanges.push(['add', ...change]);
    return this.tenantAnswer;
  }

  async putTenant(...change: readonly string[]): Promise<TenantChange> {
    this.tenantChanges.push(['put', ...change]);
    return this.tenantAnswer;
  }

  async removeTenant(...change: readonly string[]): Promise<TenantChange> {
    this.tenantChanges.push(['remove', ...change]);
    return this.tenantAnswer;
  }

  lastReload(): ReturnType<ConfigPort['lastReload']> {
    return this.bad ? { at: 1, ok: false, problems } : undefined;
  }
}
