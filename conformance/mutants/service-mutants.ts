// Faults in what stands around the routes: who may reach a session, restarts, refresh, VPN memberships.

import type { Mutant } from './mutant.ts';

export const serviceMutants: readonly Mutant[] = [
  {
    name: 'memberships-of-clients-hidden',
    file: 'export/told-route.js',
    find: 'if (roleOf(best) !== PeerRole.nonClient)',
    replace: 'if (true)',
    rfc: ['4684'],
    red: ['RFC4684-3.2-02'],
  },
  {
    name: 'memberships-not-obeyed',
    file: 'export/propagation.js',
    find: 'if (targetFilter && !targetFilter.admits(context.attributes, context.paths.attributes[path]))',
    replace: 'if (false)',
    rfc: ['4684'],
    red: [
      'RFC4684-4-01',
      'RFC4684-4-03/bits-64',
      'RFC4684-4-03/bits-95',
      'RFC4684-4-04',
      'RFC4684-4-05',
      'RFC4684-6-01',
      'RFC4684-6-03',
    ],
  },
  {
    name: 'refresh-without-bound',
    file: 'speaker/peer-routes.js',
    find: 'if (state.staleUntil > now && state.refreshUntil > now)',
    replace: 'if (state.staleUntil > now)',
    rfc: ['7313'],
    red: ['RFC7313-4-06'],
  },
  {
    name: 'selection-not-deferred',
    file: 'speaker/family-state.js',
    find: 'return this.#hooks.selectionDeferred() ? 0 : this.rib.dirtyCount',
    replace: 'return this.rib.dirtyCount',
    rfc: ['4724'],
    red: ['RFC4724-4.1-01'],
  },
  {
    name: 'distance-checked-once',
    file: 'runtime/transport.js',
    find: 'leastTimeToLive(version, hops === undefined ? 0 : leastTtlAfter(hops))',
    replace: 'leastTimeToLive(version, 0)',
    rfc: ['5082'],
    red: ['RFC5082-3-03'],
  },
  {
    name: 'next-hops-anywhere',
    file: 'rib/eligibility.js',
    find: '!rules.link.has(nextHop.bytes)',
    replace: 'false',
    rfc: ['4271'],
    red: ['RFC4271-6.3-07'],
  },
  {
    name: 'the-peers-own-address-as-third-party',
    file: 'export/propagation.js',
    find: 'const isPeer = settings.peerNextHop?.equals(address) ?? false;',
    replace: 'const isPeer = false;',
    rfc: ['4271'],
    red: ['RFC4271-5.1.3-04'],
  },
  {
    name: 'own-address-as-next-hop',
    file: 'rib/eligibility.js',
    find: "if (rules.isOwnAddress(nextHop.bytes)) return 'next-hop-self';",
    replace: '',
    rfc: ['4271'],
    red: ['RFC4271-6.3-09'],
  },
];
