// The abstract target configurations that cases ask for; an adapter turns one into its daemon's own language.
//
// Owns the roles of the tester's neighbours and the named profiles. Every role lives in its own 127.x/16, so that a
// case can take a fresh address per connection and no back-off of the target stands between two cases.

export type RoleName = 'e1' | 'e2' | 'e3' | 'b' | 'canary' | 'client' | 'nonclient';

export interface Role {
  readonly name: RoleName;
  readonly asn: number;
  readonly kind: 'ebgp' | 'client' | 'nonclient';
  /** Second octet of the role's /16 in 127/8. */
  readonly net: number;
}

export const TARGET_ASN = 65000;
export const ROUTER_ID = '10.0.0.1';
export const CLUSTER_ID = '10.0.0.99';

export const roles: readonly Role[] = [
  { name: 'e1', asn: 65001, kind: 'ebgp', net: 1 },
  { name: 'e2', asn: 65002, kind: 'ebgp', net: 2 },
  { name: 'e3', asn: 65003, kind: 'ebgp', net: 3 },
  { name: 'b', asn: 70000, kind: 'ebgp', net: 4 },
  { name: 'canary', asn: 65099, kind: 'ebgp', net: 19 },
  { name: 'client', asn: TARGET_ASN, kind: 'client', net: 11 },
  { name: 'nonclient', asn: TARGET_ASN, kind: 'nonclient', net: 12 },
];

/** The neighbours a case may play. `e1b` is a second neighbour in e1's AS. */
export const seats = {
  e1: 'e1',
  e1b: 'e1',
  e2: 'e2',
  e2b: 'e2',
  e3: 'e3',
  b: 'b',
  canary: 'canary',
  c1: 'client',
  c2: 'client',
  c3: 'client',
  n1: 'nonclient',
  n2: 'nonclient',
} as const satisfies Record<string, RoleName>;

export type Seat = keyof typeof seats;

export function roleOf(name: RoleName): Role {
  const found = roles.find((role) => role.name === name);
  if (found === undefined) throw new Error(`no role ${name}`);
  return found;
}

/** RFC 9234 §4: what the target is to a neighbour. */
export type LocalRole = 'provider' | 'customer' | 'peer' | 'rs' | 'rs-client';

/** What a BMP station is told (RFC 7854, RFC 8671, RFC 9069). */
export type MonitoredView = 'pre-policy' | 'post-policy' | 'loc-rib' | 'adj-out' | 'mirroring';

export interface Monitoring {
  readonly views: readonly MonitoredView[];
  readonly statisticsSeconds: number;
}

export interface Profile {
  readonly name: string;
  /** For the operator of a `manual` target: what differs from P0, in prose. */
  readonly prose: string;
  readonly asn: number;
  readonly neighbours: 'range' | 'static';
  readonly reflector: boolean;
  readonly clusterId: string | undefined;
  readonly clientToClient: boolean;
  readonly holdSeconds: number;
  readonly originates: readonly string[];
  readonly aggregate: 'none' | 'plain' | 'as-set';
  /** The target is 10.201.0.1, one hop from its neighbours in 10.201.0.0/24, in a network namespace of its own. */
  readonly subnet: boolean;
  /** The target connects to the tester at 127.x.0.1 of each role, port `testerPort`. */
  readonly active: boolean;
  readonly maxPrefixes: number | undefined;
  /** Roles without any policy, RFC 8212. */
  readonly withoutPolicy: readonly RoleName[];
  readonly extendedMessages: boolean | undefined;
  readonly addPath: boolean;
  readonly enhancedRefresh: boolean;
  readonly restartSeconds: number | undefined;
  readonly notificationRestart: boolean;
  /** Long-lived graceful restart (RFC 9494) with this stale time. */
  readonly longLivedSeconds: number | undefined;
  readonly extendedNextHop: boolean;
  readonly enforceFirstAs: boolean;
  readonly advertisementSeconds: number;
  readonly gracefulShutdown: boolean;
  readonly nextHopSelf: boolean;
  /** The target's AS is a member of the confederation (RFC 5065) of this number, and so is e3's. */
  readonly confederation: number | undefined;
  /**
   * Next hops are resolved: 10.9.0.0/24 costs 5, 10.200.10.0/24 10 and 10.200.20.0/24 20; nothing leads to others in 10/8.
   */
  readonly interior: boolean;
  /** The target's role toward neighbours (RFC 9234); none where not named. */
  readonly localRoles: Partial<Readonly<Record<RoleName, LocalRole>>>;
  /** A neighbour without a role is refused (RFC 9234 §4.2, strict mode). */
  readonly strictRoles: boolean;
  /** VPN-IPv4 and VPN-IPv6 with every neighbour, beside unicast. */
  readonly vpn: boolean;
  /** Filters on prefixes taken from neighbours (RFC 5291, RFC 5292). */
  readonly prefixFilters: boolean;
  /** TCP MD5 signature (RFC 2385) on the sessions of e1, with this key. */
  readonly md5Key: string | undefined;
  /** GTSM (RFC 5082) on the sessions of e1, one hop. */
  readonly ttlSecurity: boolean;
  /** BFD (RFC 5880) with e1, over several hops, 100 ms and three times. */
  readonly liveness: boolean;
  /** RT-constrain (RFC 4684) with every neighbour, beside VPN. */
  readonly routeTargets: boolean;
  /** The target streams to a BMP station at 127.20.0.1, port `testerPort`. */
  readonly monitoring: Monitoring | undefined;
  /**
   * The target asks an RPKI cache at 127.21.0.1, port `testerPort`. `mark`: routes that come in get the community
   * 65000:1 (valid), 65000:2 (not found) or 65000:3 (invalid); `extended`: that of RFC 8097; `ignore`: no policy looks.
   */
  readonly validation: 'mark' | 'extended' | 'ignore' | undefined;
}

const base: Profile = {
  name: 'P0',
  prose: 'passive neighbours accepted from address ranges, every route accepted and sent, route reflector',
  asn: TARGET_ASN,
  neighbours: 'range',
  reflector: true,
  clusterId: CLUSTER_ID,
  clientToClient: true,
  holdSeconds: 90,
  originates: [],
  aggregate: 'none',
  subnet: false,
  active: false,
  maxPrefixes: undefined,
  withoutPolicy: [],
  extendedMessages: undefined,
  addPath: false,
  enhancedRefresh: false,
  restartSeconds: undefined,
  notificationRestart: false,
  longLivedSeconds: undefined,
  extendedNextHop: false,
  enforceFirstAs: false,
  advertisementSeconds: 0,
  gracefulShutdown: false,
  nextHopSelf: false,
  confederation: undefined,
  interior: false,
  localRoles: {},
  strictRoles: false,
  vpn: false,
  routeTargets: false,
  prefixFilters: false,
  md5Key: undefined,
  ttlSecurity: false,
  liveness: false,
  monitoring: undefined,
  validation: undefined,
};

const localRoles = {
  e1: 'provider',
  e2: 'customer',
  e3: 'peer',
  b: 'rs',
  canary: 'rs-client',
} as const;

const monitoring = (...views: readonly MonitoredView[]): Monitoring => ({ views, statisticsSeconds: 15 });

const derive = (name: string, prose: string, change: Partial<Profile>): Profile => ({
  ...base,
  name,
  prose,
  ...change,
});

export const profiles = {
  P0: base,
  Pst: derive('Pst', 'as P0, with each neighbour configured by its address', { neighbours: 'static' }),
  P30: derive('P30', 'as P0, with a hold time of 30 s', { holdSeconds: 30 }),
  Pnr: derive('Pnr', 'as P0, without route reflection', { reflector: false }),
  Pnc: derive('Pnc', 'as P0, without a configured cluster id', { clusterId: undefined }),
  Pncc: derive('Pncc', 'as P0, with client-to-client reflection off', { clientToClient: false }),
  Pact: derive('Pact', 'active: the target connects to the tester, retry every 5 s', {
    active: true,
    neighbours: 'static',
  }),
  Porig: derive('Porig', 'as P0, and originates 10.99.0.0/24 and 2001:db8:99::/48', {
    originates: ['10.99.0.0/24', '2001:db8:99::/48'],
  }),
  Pnear: derive(
    'Pnear',
    'as P0, one hop away from all neighbours, which are in the subnet 10.201.0.0/24 with it',
    {
      subnet: true,
    },
  ),
  Pas4: derive('Pas4', 'as P0, with the target in AS 70001', { asn: 70001 }),
  Pagg: derive('Pagg', 'as P0, aggregating 10.60.0.0/16 with an AS_SET', { aggregate: 'as-set' }),
  Pmax: derive('Pmax', 'as P0, with at most 3 prefixes from e1, then session end', { maxPrefixes: 3 }),
  Ppol0: derive('Ppol0', 'as P0, but e1 has neither import nor export policy', { withoutPolicy: ['e1'] }),
  Pxm: derive('Pxm', 'as P0, with extended messages on', { extendedMessages: true }),
  Pnoxm: derive('Pnoxm', 'as P0, with extended messages off', { extendedMessages: false }),
  Pas: derive('Pas', 'as P0, with the first AS of a path checked', { enforceFirstAs: true }),
  Pap: derive('Pap', 'as P0, with ADD-PATH both ways in both families', { addPath: true }),
  Perr: derive('Perr', 'as P0, with enhanced route refresh', { enhancedRefresh: true }),
  Perrgr: derive('Perrgr', 'as Pgr, with enhanced route refresh', {
    enhancedRefresh: true,
    restartSeconds: 5,
  }),
  Pgr: derive('Pgr', 'as P0, with graceful restart, restart time 5 s', { restartSeconds: 5 }),
  Pgrx: derive('Pgrx', 'as Pgr, with the N bit of RFC 8538', {
    restartSeconds: 5,
    notificationRestart: true,
  }),
  Pgrst: derive(
    'Pgrst',
    'as Pgr, with each neighbour configured by its address; after a restart routes are chosen within 10 s',
    { restartSeconds: 5, neighbours: 'static' },
  ),
  Pgrxst: derive('Pgrxst', 'as Pgrx, with each neighbour configured by its address', {
    restartSeconds: 5,
    notificationRestart: true,
    neighbours: 'static',
  }),
  Pll: derive('Pll', 'as Pgr, with long-lived graceful restart, stale time 10 s', {
    restartSeconds: 5,
    longLivedSeconds: 10,
  }),
  Penh: derive('Penh', 'as P0, with extended next hop encoding for 1/1', { extendedNextHop: true }),
  Pmrai: derive('Pmrai', 'as P0, with an advertisement interval of 5 s', { advertisementSeconds: 5 }),
  Pgsh: derive('Pgsh', 'as P0, honouring GRACEFUL_SHUTDOWN', { gracefulShutdown: true }),
  Pnhs: derive('Pnhs', 'as P0, with next-hop self toward iBGP peers', { nextHopSelf: true }),
  Pint: derive(
    'Pint',
    'as P0, resolving next hops: 10.9.0.0/24 costs 5, 10.200.10.0/24 10, 10.200.20.0/24 20, nothing else in 10/8 is reached',
    { interior: true },
  ),
  Pconf: derive('Pconf', 'as P0, with 65000 and 65003 (e3) as members of the confederation 64900', {
    confederation: 64900,
  }),
  Prole: derive(
    'Prole',
    'as P0, with local roles: e1 provider, e2 customer, e3 peer, b route server, canary client of one',
    {
      localRoles,
    },
  ),
  Pstrict: derive('Pstrict', 'as P0, provider of e1, strict: e1 must have a role', {
    localRoles: { e1: 'provider' },
    neighbours: 'static',
    strictRoles: true,
  }),
  Prolevpn: derive('Prolevpn', 'as Prole, with VPN-IPv4 and VPN-IPv6', { localRoles, vpn: true }),
  Pvpn: derive('Pvpn', 'as P0, with VPN-IPv4 and VPN-IPv6', { vpn: true }),
  Pvpnpe: derive('Pvpnpe', 'as Pvpn, without route reflection', { vpn: true, reflector: false }),
  Porf: derive('Porf', 'as P0, taking outbound filters on prefixes from neighbours', { prefixFilters: true }),
  Pmd5: derive('Pmd5', 'as Pst, with a TCP MD5 signature on the sessions of e1, key "heliograph"', {
    neighbours: 'static',
    md5Key: 'heliograph',
  }),
  Pttl: derive('Pttl', 'as Pst, with TTL security (GTSM) of one hop on the sessions of e1', {
    neighbours: 'static',
    ttlSecurity: true,
  }),
  Pbfd: derive('Pbfd', 'as P0, with BFD on the sessions of e1, 100 ms, lost after three', { liveness: true }),
  Prtc: derive('Prtc', 'as Pvpn, with RT-constrain', { vpn: true, routeTargets: true }),
  Prov: derive('Prov', 'as P0, with an RPKI cache; routes get 65000:1 valid, :2 not found, :3 invalid', {
    validation: 'mark',
  }),
  Provext: derive('Provext', 'as P0, with an RPKI cache; routes get the extended community of RFC 8097', {
    validation: 'extended',
  }),
  Provno: derive('Provno', 'as P0, with an RPKI cache and no policy that looks at it', {
    validation: 'ignore',
  }),
  Pbmp: derive('Pbmp', 'as P0, with a BMP station: routes before policy, statistics every 15 s', {
    monitoring: monitoring('pre-policy'),
  }),
  Pbmpst: derive('Pbmpst', 'as Pbmp, with each neighbour configured by its address', {
    monitoring: monitoring('pre-policy'),
    neighbours: 'static',
  }),
  Pbmppost: derive('Pbmppost', 'as P0, with a BMP station: routes before and after policy', {
    monitoring: monitoring('pre-policy', 'post-policy'),
  }),
  Pbmploc: derive('Pbmploc', 'as P0, with a BMP station: Loc-RIB', { monitoring: monitoring('loc-rib') }),
  Pbmpout: derive('Pbmpout', 'as P0, with a BMP station: Adj-RIB-Out', { monitoring: monitoring('adj-out') }),
  Pbmpmir: derive('Pbmpmir', 'as P0, with a BMP station: route mirroring', {
    monitoring: monitoring('mirroring'),
  }),
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;
