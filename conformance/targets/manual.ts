// Any router, configured by its operator: the suite prints what to configure and then tests by address.
//
// Each role of the tester has a network of its own, so that the router can tell roles apart by address: a /16 in 127/8
// for a daemon on this machine, or a /24 out of `network` for a router elsewhere.

import { type Profile, type ProfileName, profiles, ROUTER_ID, type Role, roles } from '../engine/profile.ts';
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

/** Profiles in which the target connects to the tester, or that bind it to addresses of this machine. */
const isPlayable = (profile: Profile): boolean =>
  !profile.active && profile.monitoring === undefined && profile.validation === undefined;

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
    `Listen on ${address} port ${port}, passive, multihop, hold time ${profile.holdSeconds} s, IPv4 and IPv6 unicast,`,
    'every next hop taken as resolvable, advertisement interval 0, no check of the first AS of a path,',
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
    'target:',
    `  asn: ${profile.asn}`,
    `  routerId: ${ROUTER_ID}`,
    ...(profile.clusterId === undefined ? [] : [`  clusterId: ${profile.clusterId}`]),
    `  originates: [${profile.originates.join(', ')}]`,
    'neighbours:',
    ...neighbours,
    '',
  ].join('\n');
}

export function manual(options: ManualOptions): Target {
  const { address, port, network } = options;
  const used = new Map<string, number>();
  if (network !== undefined) firstOctets(network);
  if (!isPlayable(profiles[options.profile]))
    throw new Error(`profile ${options.profile} has the target connect to addresses of this machine`);
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
