// Any router, configured by its operator: the suite prints what to configure and then tests by address.
//
// The tester's addresses must be reachable from the router; with the default roles they lie in 127/8, which only suits
// a daemon on the same machine.

import { type Profile, ROUTER_ID, roles } from '../engine/profile.ts';
import { STATIC_PER_ROLE } from './addresses.ts';
import type { Instance, Target } from './target.ts';

/** What the operator has to configure, in prose and as YAML. */
export function instructions(profile: Profile, address: string, port: number): string {
  const neighbours = roles.map((role) => {
    const asn = role.kind === 'ebgp' ? role.asn : profile.asn;
    const from =
      profile.neighbours === 'range'
        ? `127.${role.net}.0.0/16`
        : `127.${role.net}.0.1 to 127.${role.net}.0.${STATIC_PER_ROLE}`;
    return `  - { role: ${role.name}, from: "${from}", remoteAs: ${asn}, kind: ${role.kind}${
      role.kind === 'client' && profile.reflector ? ', routeReflectorClient: true' : ''
    } }`;
  });
  return [
    `Profile ${profile.name}: ${profile.prose}.`,
    `Listen on ${address} port ${port}, passive, multihop, hold time ${profile.holdSeconds} s, IPv4 and IPv6 unicast,`,
    'every next hop taken as resolvable, advertisement interval 0, no check of the first AS of a path,',
    profile.restartSeconds === undefined
      ? 'no graceful restart.'
      : `graceful restart, ${profile.restartSeconds} s.`,
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

export function manual(address: string, port: number): Target {
  return {
    name: 'manual',
    version: () => Promise.resolve('unknown'),
    features: new Set(['extended-optional-parameters']),
    start: ({ profile }) => {
      // One router has one configuration at a time: the one the operator was told.
      if (profile.name !== 'P0') return Promise.resolve(undefined);
      const instance: Instance = {
        address,
        port,
        configuration: instructions(profile, address, port),
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
