/**
 * Bad files, one mistake each, in ranges, networks, policies, api and log: the exact line an operator reads, `line:column: path: message`. A second
 * line in a row would be a follow-up of the first mistake; there must be none.
 */
import { type BadFile, body, term } from './rows.ts';

export const otherCases: readonly BadFile[] = [
  [
    'range with host bits',
    body('dynamicPeers: [ { range: 10.9.0.1/16, remoteAs: 65000 } ]\n'),
    ['3:26: dynamicPeers.0.range: 10.9.0.1/16 has host bits set: write 10.9.0.0/16'],
  ],
  [
    'range without remote AS',
    body('dynamicPeers: [ { range: 10.9.0.0/16 } ]\n'),
    ['3:17: dynamicPeers.0.remoteAs: this key is missing: it stands neither here nor in a group'],
  ],
  [
    'range twice',
    body(
      'dynamicPeers: [ { range: 10.9.0.0/16, remoteAs: 65000 }, { range: 10.9.0.0/16, remoteAs: 65000 } ]\n',
    ),
    ['3:67: dynamicPeers.1.range: 10.9.0.0/16 was given before, in dynamicPeers.0'],
  ],
  [
    'range that is active',
    body('dynamicPeers: [ { range: 10.9.0.0/16, remoteAs: 65000, passive: false } ]\n'),
    ['3:65: dynamicPeers.0.passive: peers of a range are always passive: leave the key out'],
  ],
  [
    'clients of any AS',
    body('dynamicPeers: [ { range: 10.9.0.0/16, remoteAs: any, routeReflectorClient: true } ]\n'),
    [
      '3:76: dynamicPeers.0.routeReflectorClient: a peer of any AS cannot be a route reflector client (RFC 4456)',
    ],
  ],
  [
    'range local address',
    body('dynamicPeers: [ { range: 10.9.0.0/16, remoteAs: 65000, localAddress: "2001:db8::1" } ]\n'),
    ['3:70: dynamicPeers.0.localAddress: 2001:db8::1 is IPv6, the range is IPv4'],
  ],
  [
    'range limit',
    body('dynamicPeers: [ { range: 10.9.0.0/16, remoteAs: 65000, limit: many } ]\n'),
    ['3:63: dynamicPeers.0.limit: expected a number of peers from 1 to 1000000, not "many"'],
  ],
  [
    'network with host bits',
    body('networks: [ { prefix: 203.0.113.7/24 } ]\n'),
    ['3:23: networks.0.prefix: 203.0.113.7/24 has host bits set: write 203.0.113.0/24'],
  ],
  [
    'network with IPv6 host bits',
    body('networks: [ { prefix: "2001:db8::1/32" } ]\n'),
    ['3:23: networks.0.prefix: 2001:db8::1/32 has host bits set: write 2001:db8::/32'],
  ],
  [
    'network without length',
    body('networks: [ { prefix: 203.0.113.0 } ]\n'),
    ['3:23: networks.0.prefix: a prefix needs its length: write 203.0.113.0/32'],
  ],
  [
    'network length',
    body('networks: [ { prefix: 203.0.113.0/33 } ]\n'),
    [
      '3:23: networks.0.prefix: expected a prefix such as 192.0.2.0/24 or 2001:db8::/32, not "203.0.113.0/33"',
    ],
  ],
  [
    'network twice',
    body('networks: [ { prefix: 203.0.113.0/24 }, { prefix: 203.0.113.0/24 } ]\n'),
    ['3:51: networks.1.prefix: 203.0.113.0/24 was given before, in networks.0'],
  ],
  [
    'network next hop version',
    body('networks: [ { prefix: "2001:db8::/32", nextHop: 10.0.0.1 } ]\n'),
    ['3:49: networks.0.nextHop: 10.0.0.1 is IPv4, the prefix 2001:db8::/32 is IPv6'],
  ],
  [
    'network community',
    body('networks: [ { prefix: 203.0.113.0/24, communities: ["65000:*"] } ]\n'),
    ['3:53: networks.0.communities.0: 65000:* has a "*": only a whole community can be put on a route'],
  ],
  [
    'network large community',
    body('networks: [ { prefix: 203.0.113.0/24, communities: ["large:65000:1:2"] } ]\n'),
    [
      '3:53: networks.0.communities.0: expected a standard community such as 65000:100 or no-export, not "large:65000:1:2"',
    ],
  ],
  [
    'policy built in',
    body('policies: [ { name: accept-all, terms: [] } ]\n'),
    ['3:21: policies.0.name: "accept-all" is built in: choose another name'],
  ],
  [
    'policy twice',
    body('policies: [ { name: p, terms: [] }, { name: p, terms: [] } ]\n'),
    ['3:45: policies.1.name: p was given before, in policies.0'],
  ],
  [
    'policy without terms',
    body('policies: [ { name: p } ]\n'),
    ['3:13: policies.0.terms: this key is missing'],
  ],
  [
    'policy default',
    body('policies: [ { name: p, terms: [], default: next } ]\n'),
    ['3:44: policies.0.default: expected accept or reject, not "next"'],
  ],
  ['term without then', term('match: {}'), ['4:25: policies.0.terms.0.then: this key is missing']],
  [
    'term then',
    term('then: acept'),
    [
      '4:33: policies.0.terms.0.then: expected one of accept, reject, next, not "acept" (did you mean "accept"?)',
    ],
  ],
  [
    'terms with one name',
    body('policies: [ { name: p, terms: [ { name: a, then: next }, { name: a, then: next } ] } ]\n'),
    ['3:66: policies.0.terms.1.name: a was given before, in policies.0.terms.0'],
  ],
  [
    'prefix expression host bits',
    term('match: { prefixes: ["10.0.0.1/8 le 24"] }, then: accept'),
    ['4:47: policies.0.terms.0.match.prefixes.0: 10.0.0.1/8 has host bits set: write 10.0.0.0/8'],
  ],
  [
    'prefix expression words',
    term('match: { prefixes: ["10.0.0.0/8 upto 24"] }, then: accept'),
    [
      '4:47: policies.0.terms.0.match.prefixes.0: "upto 24" is not understood: write "ge N", "le N", "ge N le N" or "orlonger"',
    ],
  ],
  [
    'prefix expression le below',
    term('match: { prefixes: ["10.0.0.0/8 le 4"] }, then: accept'),
    ['4:47: policies.0.terms.0.match.prefixes.0: the lengths in "le 4" must rise from 8 to 32'],
  ],
  [
    'prefix expression ge over le',
    term('match: { prefixes: ["10.0.0.0/8 ge 24 le 16"] }, then: accept'),
    ['4:47: policies.0.terms.0.match.prefixes.0: the lengths in "ge 24 le 16" must rise from 8 to 32'],
  ],
  [
    'prefix expression le over 32',
    term('match: { prefixes: ["10.0.0.0/8 le 33"] }, then: accept'),
    ['4:47: policies.0.terms.0.match.prefixes.0: the lengths in "le 33" must rise from 8 to 32'],
  ],
  [
    'empty condition',
    term('match: { prefixes: [] }, then: accept'),
    [
      '4:46: policies.0.terms.0.match.prefixes: an empty list matches nothing: leave the key out for every route',
    ],
  ],
  [
    'unknown condition',
    term('match: { prefix: ["10.0.0.0/8"] }, then: accept'),
    ['4:36: policies.0.terms.0.match.prefix: unknown key (did you mean "prefixes"?)'],
  ],
  [
    'community pattern',
    term('match: { communities: ["65000:70000"] }, then: accept'),
    [
      '4:50: policies.0.terms.0.match.communities.0: expected a community such as 65000:100, 65000:1:2, rt:65000:100 or no-export; "*" stands for any part, not "65000:70000"',
    ],
  ],
  [
    'community added with a star',
    term('set: { addCommunities: ["65000:*"] }, then: accept'),
    [
      '4:51: policies.0.terms.0.set.addCommunities.0: 65000:* has a "*": only a whole community can be put on a route',
    ],
  ],
  [
    'well-known community misspelt',
    term('match: { communities: [no-exprot] }, then: accept'),
    ['4:50: policies.0.terms.0.match.communities.0: "no-exprot" is no community (did you mean "no-export"?)'],
  ],
  [
    'community added misspelt',
    term('set: { addCommunities: [no-exprot] }, then: accept'),
    [
      '4:51: policies.0.terms.0.set.addCommunities.0: "no-exprot" is no community (did you mean "no-export"?)',
    ],
  ],
  [
    'AS path pattern too long',
    term(`match: { asPath: ["${'1 '.repeat(600)}"] }, then: accept`),
    ['4:45: policies.0.terms.0.match.asPath.0: the pattern is longer than 1000 characters'],
  ],
  [
    'origin',
    term('match: { origins: [igb] }, then: accept'),
    [
      '4:46: policies.0.terms.0.match.origins.0: expected one of igp, egp, incomplete, not "igb" (did you mean "igp"?)',
    ],
  ],
  [
    'local pref',
    term('set: { localPref: high }, then: accept'),
    ['4:45: policies.0.terms.0.set.localPref: expected a LOCAL_PREF from 0 to 4294967295, not "high"'],
  ],
  [
    'MED word',
    term('set: { med: null }, then: accept'),
    [
      '4:34: policies.0.terms.0.set.med: expected a MED from 0 to 4294967295, or none to remove it, not nothing',
    ],
  ],
  [
    'prepend',
    term('set: { prepend: [65000, 0] }, then: accept'),
    ['4:51: policies.0.terms.0.set.prepend.1: AS 0 is reserved (RFC 7607)'],
  ],
  [
    'prepend a number',
    term('set: { prepend: 65000 }, then: accept'),
    ['4:43: policies.0.terms.0.set.prepend: expected a list, not 65000: write [65000]'],
  ],
  [
    'next hop word',
    term('set: { nextHop: me }, then: accept'),
    ['4:43: policies.0.terms.0.set.nextHop: expected self, peer or an address, not "me"'],
  ],
  [
    'next hop multicast',
    term('set: { nextHop: 224.0.0.1 }, then: accept'),
    ['4:43: policies.0.terms.0.set.nextHop: 224.0.0.1 is a multicast address'],
  ],
  [
    'log level',
    body('log: { level: verbose }\n'),
    ['3:15: log.level: expected one of trace, debug, info, warn, error, not "verbose"'],
  ],
  [
    'socket path',
    body('api: { socket: heliod.sock }\n'),
    ['3:16: api.socket: expected an absolute path, not "heliod.sock"'],
  ],
  [
    'API on TCP without token',
    body('api: { tcp: { listen: "127.0.0.1:8179" } }\n'),
    ['3:13: api.tcp.tokenFile: this key is missing: a token is needed, here or in tokens'],
  ],
  [
    'API on TCP without port',
    body('api: { tcp: { listen: 127.0.0.1, tokenFile: /etc/heliod/token } }\n'),
    ['3:23: api.tcp.listen: needs a port: write 127.0.0.1:8179'],
  ],
];
