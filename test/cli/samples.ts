/** Views as a daemon would answer them, for golden pages. The daemon's clock stands at `now`. */
import type { ExplainView, PeerView, RouteView, StatusView } from '../../src/cli/views.ts';

const hour = 3_600_000;
export const now = 100 * 24 * hour;

const noMessages = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };

const idlePeer: PeerView = {
  address: '10.0.0.9',
  description: '',
  group: undefined,
  remoteAs: 65009,
  localAs: 65000,
  role: 'external',
  dynamic: false,
  passive: false,
  state: 'active',
  since: now - 72_000,
  establishedCount: 0,
  routerId: undefined,
  localAddress: undefined,
  holdTimeSeconds: undefined,
  keepaliveSeconds: undefined,
  reason: 'connection refused',
  lastDown: undefined,
  families: [],
  capabilities: undefined,
  messages: { received: noMessages, sent: noMessages },
  importPolicy: 'customer',
  exportPolicy: 'accept-all',
  timers: { connectRetry: now + 8000 },
  faults: [],
  sendQueue: 'idle',
};

function family(name: string, received: number, limit: number | undefined): PeerView['families'][number] {
  return {
    family: name,
    received,
    accepted: received - 1,
    best: received - 2,
    sent: 7,
    stale: 0,
    endOfRibReceived: true,
    endOfRibSent: name === 'ipv4-unicast',
    maxPrefixes: limit,
  };
}

const upPeer: PeerView = {
  ...idlePeer,
  address: '10.0.0.2',
  description: 'frr\u001b[31m',
  group: 'clients',
  remoteAs: 65000,
  role: 'client',
  state: 'established',
  since: now - 76 * hour,
  establishedCount: 2,
  routerId: '10.0.0.2',
  localAddress: '10.0.0.1',
  holdTimeSeconds: 90,
  keepaliveSeconds: 30,
  reason: undefined,
  lastDown: {
    at: now - 77 * hour,
    text: 'NOTIFICATION received: Cease, administrative reset "new line card"',
    reason: { type: 'hold-timer-expired' },
  },
  families: [family('ipv4-unicast', 100, 1000), family('ipv6-unicast', 20, undefined)],
  capabilities: {
    local: ['multiprotocol ipv4-unicast', 'graceful-restart 120 s', 'four-octet-as 65000', 'route-refresh'],
    remote: ['four-octet-as 65000', 'multiprotocol ipv4-unicast', 'graceful-restart 90 s', 'fqdn frr1'],
  },
  messages: {
    received: { ...noMessages, open: 2, update: 120, keepalive: 9000 },
    sent: { ...noMessages, open: 2, update: 14, keepalive: 9001 },
  },
  timers: { hold: now + 70_000, keepalive: now + 12_000 },
  faults: [
    { at: now - 5000, action: 'treat-as-withdraw', detail: 'ORIGIN has the value 7', bytes: '40010107' },
  ],
  sendQueue: 'in-sync',
};

export const peers: readonly PeerView[] = [upPeer, idlePeer];

export function route(prefix: string, more: Partial<RouteView> = {}): RouteView {
  return {
    family: 'ipv4-unicast',
    prefix,
    from: '10.0.0.2',
    best: true,
    stale: false,
    attributes: { origin: 'igp', asPath: '65001 65002', nextHop: '10.0.0.2', med: 0, localPref: 200 },
    ...more,
  };
}

export const routes: readonly RouteView[] = [
  route('203.0.113.0/24', { decidedBy: 'LOCAL_PREF' }),
  route('203.0.113.0/24', {
    from: '10.0.0.3',
    best: false,
    stale: true,
    attributes: { origin: 'egp', asPath: '65003', nextHop: '10.0.0.3', localPref: 100 },
  }),
  route('2001:db8:ffff:1234::/64', {
    family: 'ipv6-unicast',
    from: '10.0.0.4',
    best: false,
    ineligible: 'own ORIGINATOR_ID',
    attributes: {
      origin: 'incomplete',
      asPath: '',
      nextHop: '2001:db8::4',
      communities: ['65000:1', 'no-export'],
      largeCommunities: ['65000:1:2'],
      originatorId: '10.0.0.1',
      clusterList: ['10.0.0.1', '10.0.0.7'],
    },
  }),
];

export const explained: ExplainView = {
  family: 'ipv4-unicast',
  prefix: '203.0.113.0/24',
  candidates: [
    { route: routes[0], rank: 1, verdict: 'best', reason: 'LOCAL_PREF 200 > 100' },
    {
      route: { ...routes[2], prefix: '203.0.113.0/24' },
      rank: 0,
      verdict: 'ineligible',
      reason: 'own ORIGINATOR_ID',
    },
    { route: routes[1], rank: 2, verdict: 'lost', reason: 'LOCAL_PREF 100 < 200' },
  ],
  advertised: [
    { peer: '10.0.0.2', sent: false, reason: 'it came from this peer' },
    {
      peer: '10.0.0.33',
      sent: true,
      reason: 'reflected: client -> client',
      attributes: { ...routes[0].attributes, originatorId: '10.0.0.2', clusterList: ['10.0.0.1'] },
    },
    { peer: '192.0.2.9', sent: false, reason: 'no export policy (RFC 8212)' },
  ],
};

export const status: StatusView = {
  version: '0.1.0',
  asn: 65000,
  routerId: '10.0.0.1',
  clusterId: '10.0.0.1',
  now,
  startedAt: now - 90_000,
  peers: { configured: 2, established: 1, dynamic: 3, adminDown: 0 },
  families: [{ family: 'ipv4-unicast', prefixes: 100, paths: 120 }],
  memory: { attributeSets: 12, paths: 120, ribBytes: 1_572_864 },
  busy: false,
  updateGroups: [
    { family: 'ipv4-unicast', members: 2, lagging: 1, routes: 100, description: 'client, 4-octet AS' },
  ],
};
