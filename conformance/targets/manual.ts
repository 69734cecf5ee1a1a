// Any router, configured by its operator: the suite prints what to configure and then tests by address.
//
// Each role of the tester has a network of its own, so that the router can tell roles apart by address: a /16 in 127/8
// for a daemon on this machine, or a /24 out of `network` for a router elsewhere.

import { connect } from 'node:net';
import {
  type Profile,
  type ProfileName,
  profiles,
  ROUTER_ID,
  type Role,
  roleOf,
  roles,
} from '../engine/profile.ts';
import { roleAddress, STATIC_PER_ROLE } from './addresses.ts';
import type { Feature, Instance, Target } from './target.ts';

export interface ManualOptions {
  readonly address: string;
  readonly port: number;
  /** The one that its operator has configured. */
  readonly profile: ProfileName;
  /** What it has beyond what every speaker has. */
  readonly features: readonly Feature[];
  /** `10.77.0.0/16`: where the tester's addresses are; in 127/8 without it. */
  readonly network: string | undefined;
}

/** First and second octet of an IPv4 /16; throws on anything else. */
function firstOctets(network: string): string {
  const [, first = '', second = ''] = /^(\d{1,3})\.(\d{1,3})\.0\.0\/16$/.exec(network) ?? [];
  if (first === '' || Number(first) > 223 || Number(second) > 255)
    throw new Error(`--network wants an IPv4 network of 16 bits, such as 10.77.0.0/16, not ${network}`);
  return `${first}.${second}`;
}

/** Octets that a role's addresses have in common, and the prefix to configure. */
const prefixOf = (role: Role, network: string | undefined): string =>
  network === undefined ? `127.${role.net}.0.0/16` : `${firstOctets(network)}.${role.net}.0/24`;

function addressOf(role: Role, network: string | undefined, ordinal: number): string {
  if (network === undefined) return roleAddress(role, ordinal);
  return `${firstOctets(network)}.${role.net}.${1 + (ordinal % 250)}`;
}

/** Profiles in which the target connects to nobody, and that do not bind it to addresses of this machine. */
const isPlayable = (profile: Profile): boolean =>
  !profile.active && !profile.subnet && profile.monitoring === undefined && profile.validation === undefined;

/** Settings beyond those of every profile, as YAML. */
function knobs(profile: Profile): string[] {
  const { maxPrefixes, restartSeconds, longLivedSeconds, extendedMessages, md5Key } = profile;
  const known = (key: string, value: unknown) => (value === undefined ? [] : [`  ${key}: ${String(value)}`]);
  const on = (key: string, value: boolean) => (value ? [`  ${key}: true`] : []);
  return [
    ...(profile.clientToClient ? [] : ['  clientToClientReflection: false']),
    ...(profile.aggregate === 'none'
      ? []
      : [`  aggregate: { prefix: 10.60.0.0/16, asSet: ${profile.aggregate === 'as-set'} }`]),
    ...known('maxPrefixesFromE1', maxPrefixes),
    ...(profile.withoutPolicy.length === 0 ? [] : [`  noPolicyFor: [${profile.withoutPolicy.join(', ')}]`]),
    ...known('extendedMessages', extendedMessages),
    ...on('addPathBothWays', profile.addPath),
    ...on('enhancedRouteRefresh', profile.enhancedRefresh),
    ...known('gracefulRestartSeconds', restartSeconds),
    ...on('gracefulRestartNotification', profile.notificationRestart),
    ...known('longLivedStaleSeconds', longLivedSeconds),
    ...on('extendedNextHop', profile.extendedNextHop),
    ...on('honourGracefulShutdown', profile.gracefulShutdown),
    ...on('nextHopSelfInside', profile.nextHopSelf),
    ...known('confederation', profile.confederation),
    ...(profile.interior
      ? ['  nextHopCosts: { 10.9.0.0/24: 5, 10.200.10.0/24: 10, 10.200.20.0/24: 20, "2001:db8::/32": 5 }']
      : []),
    ...(Object.keys(profile.localRoles).length === 0
      ? []
      : [
          `  localRoles: { ${Object.entries(profile.localRoles)
            .map(([role, own]) => `${role}: ${own}`)
            .join(', ')} }`,
          `  strictRoles: ${profile.strictRoles}`,
        ]),
    ...on('prefixFiltersFromNeighbours', profile.prefixFilters),
    ...known('md5KeyOfE1', md5Key),
    ...on('ttlSecurityOfE1', profile.ttlSecurity),
    ...on('bfdOfE1', profile.liveness),
  ];
}

const families = (profile: Profile): string =>
  [
    'ipv4-unicast',
    'ipv6-unicast',
    ...(profile.vpn ? ['vpnv4-unicast', 'vpnv6-unicast'] : []),
    ...(profile.routeTargets ? ['route-target'] : []),
  ].join(', ');

/** What the operator has to configure, in prose and as YAML. */
export function instructions({ address, port, profile: name, network }: ManualOptions): string {
  const profile: Profile = profiles[name];
  const neighbours = roles.map((role) => {
    const asn = role.kind === 'ebgp' ? role.asn : profile.asn;
    const last = STATIC_PER_ROLE - 1;
    const from =
      profile.neighbours === 'range'
        ? prefixOf(role, network)
        : `${addressOf(role, network, 0)} to ${addressOf(role, network, last)}`;
    return `  - { role: ${role.name}, from: "${from}", remoteAs: ${asn}, kind: ${role.kind}${
      role.kind === 'client' && profile.reflector ? ', routeReflectorClient: true' : ''
    } }`;
  });
  return [
    `Profile ${profile.name}: ${profile.prose}.`,
    `Listen on ${address} port ${port}, passive, multihop, hold time ${profile.holdSeconds} s, ${families(profile)},`,
    `${profile.interior ? 'next hops resolved as below' : 'every next hop taken as resolvable'}, advertisement interval ${profile.advertisementSeconds}, ${
      profile.enforceFirstAs ? 'the first AS of a path checked' : 'no check of the first AS of a path'
    },`,
    'IPv6 routes told to external neighbours with the next hop 2001:db8::1 (the sessions are of IPv4),',
    profile.restartSeconds === undefined
      ? 'no graceful restart.'
      : `graceful restart, ${profile.restartSeconds} s.`,
    ...(network === undefined
      ? ['The tester speaks from 127/8: for a router that is not on this machine, give --network.']
      : [
          `The router reaches ${network} by this machine, which answers for all of it:`,
          `  ip route add local ${network} dev lo`,
        ]),
    '',
    '---',
    'target:',
    `  address: ${address}`,
    `  port: ${port}`,
    `  asn: ${profile.asn}`,
    `  routerId: ${ROUTER_ID}`,
    ...(profile.clusterId === undefined ? [] : [`  clusterId: ${profile.clusterId}`]),
    `  families: [${families(profile)}]`,
    '  passive: true',
    `  holdSeconds: ${profile.holdSeconds}`,
    `  advertisementSeconds: ${profile.advertisementSeconds}`,
    `  checkFirstAs: ${profile.enforceFirstAs}`,
    `  originates: [${profile.originates.map((prefix) => `"${prefix}"`).join(', ')}]`,
    ...knobs(profile),
    'neighbours:',
    ...neighbours,
    '...',
    '',
  ].join('\n');
}

const LOOK_MS = 500;
const NO_ADDRESS = 'no such address';
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'it resets the connection: is this address one of its neighbours?',
  EADDRNOTAVAIL: NO_ADDRESS,
};

/**
 * Waits until the router answers a neighbour of the tester. Throws with what stands in the way: a router that is not
 * there, or does not know the tester, would make every case inconclusive.
 */
export async function awaitRouter(
  options: ManualOptions,
  withinMs: number,
  say: (text: string) => void,
): Promise<void> {
  const { address, port, network } = options;
  const localAddress = addressOf(roleOf('canary'), network, STATIC_PER_ROLE - 1);
  const until = performance.now() + withinMs;
  for (let told = false; ; told = true) {
    const error = await knock({ address, port, localAddress }, Math.max(withinMs, LOOK_MS));
    if (error === undefined) return;
    if (error === NO_ADDRESS)
      throw new Error(
        `this machine does not answer for ${localAddress}: ip route add local ${network ?? '127.0.0.0/8'} dev lo`,
      );
    if (performance.now() >= until)
      throw new Error(`no BGP at ${address} port ${port}, asked from ${localAddress}: ${error}`);
    if (!told) say(`Waiting for the router at ${address} port ${port} (--wait SECONDS says how long) ...\n`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Knock {
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
}

/** Undefined once the router has said something, otherwise why not. */
function knock({ address: host, port, localAddress }: Knock, withinMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress });
    const done = (answer: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done('no answer'), withinMs);
    // An OPEN, or a NOTIFICATION at worst: a speaker that takes the neighbour says something at once.
    socket.once('data', () => done(undefined));
    socket.once('end', () => done('it closes the connection: is this address one of its neighbours?'));
    socket.once('error', (error: NodeJS.ErrnoException) => done(words[error.code ?? ''] ?? error.message));
  });
}

export function manual(options: ManualOptions): Target {
  const { address, port, network } = options;
  const used = new Map<string, number>();
  if (network !== undefined) firstOctets(network);
  if (!isPlayable(profiles[options.profile]))
    throw new Error(`profile ${options.profile} wants addresses that only a target on this machine can have`);
  return {
    name: 'manual',
    version: () => Promise.resolve('unknown'),
    features: new Set<Feature>(['extended-optional-parameters', ...options.features]),
    single: {
      takeAddress: (role) => {
        const ordinal = used.get(role.name) ?? 0;
        used.set(role.name, ordinal + 1);
        const count = profiles[options.profile].neighbours === 'range' ? ordinal : ordinal % STATIC_PER_ROLE;
        return addressOf(role, network, count);
      },
    },
    start: ({ profile }) => {
      // One router has one configuration at a time: the one the operator was told.
      if (profile.name !== options.profile) return Promise.resolve(undefined);
      const instance: Instance = {
        address,
        port,
        configuration: instructions(options),
        exit: () => undefined,
        log: () => '',
        residentOctets: () => undefined,
        terminate: () => undefined,
        stop: () => Promise.resolve(),
      };
      return Promise.resolve(instance);
    },
  };
}
