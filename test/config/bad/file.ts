/**
 * Bad files, one mistake each, in the file as a whole and in router: the exact line an operator reads, `line:column: path: message`. A second
 * line in a row would be a follow-up of the first mistake; there must be none.
 */
import { type BadFile, body, router } from './rows.ts';

export const fileCases: readonly BadFile[] = [
  ['empty file', '', ['1:1: the file is empty: it needs version and router']],
  ['only a comment', '# nothing\n', ['1:1: the file is empty: it needs version and router']],
  [
    'a list instead of a map',
    '- version: 1\n',
    [
      '1:1: expected a map of keys (version, router, api, peerGroups, peers, dynamicPeers, networks, policies ...), not a list',
    ],
  ],
  [
    'a text',
    'hello\n',
    [
      '1:1: expected a map of keys (version, router, api, peerGroups, peers, dynamicPeers, networks, policies ...), not "hello"',
    ],
  ],
  ['missing router', 'version: 1\n', ['1:1: router: this key is missing']],
  ['missing version', 'router: { asn: 65000, routerId: 10.0.0.1 }\n', ['1:1: version: this key is missing']],
  [
    'unknown version',
    'version: 2\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n',
    ['1:10: version: this heliod reads version 1, not 2'],
  ],
  ['unknown section', body('peer: []\n'), ['3:1: peer: unknown key (did you mean "peers"?)']],
  [
    'unknown section, nothing near',
    body('zebra: 1\n'),
    [
      '3:1: zebra: unknown key; the keys here are version, router, api, peerGroups, peers, dynamicPeers, networks, policies ...',
    ],
  ],
  ['section without a value', body('peers:\n'), ['3:1: peers: expected a list, not nothing']],
  [
    'map where a list belongs',
    body('peers: { address: 10.0.0.2 }\n'),
    ['3:8: peers: expected a list, not a map'],
  ],
  [
    'duplicate key',
    body('log: { level: info }\nlog: { level: debug }\n'),
    ['4:1: log: this key was given before, on line 3'],
  ],
  ['key that is a list', body('[a, b]: 1\n'), ['1:1: a key must be a plain word, not a list or a map']],
  ['unresolved alias', body('log: *nowhere\n'), ['3:6: log: the alias *nowhere names no anchor above it']],
  [
    'alias inside its anchor',
    body('networks: &n [ *n ]\n'),
    ['3:16: networks.0: the alias *n stands inside what it names'],
  ],
  [
    'YAML syntax',
    body('peers:\n  - { address: 10.0.0.2\nlog: { level: info }\n'),
    ['5:1: YAML: Flow map in block collection must be sufficiently indented and end with a }'],
  ],
  ['tab as indentation', body('log:\n\tlevel: info\n'), ['4:1: YAML: Tabs are not allowed as indentation']],
  ['unknown tag', body('log: !secret { level: info }\n'), ['3:6: YAML: Unresolved tag: !secret']],
  ['two documents', body('---\nversion: 1\n'), ['3:1: YAML: one document per file: take the "---" away']],
];

export const routerCases: readonly BadFile[] = [
  [
    'AS 0',
    'version: 1\nrouter: { asn: 0, routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: AS 0 is reserved (RFC 7607)'],
  ],
  [
    'AS_TRANS',
    'version: 1\nrouter: { asn: 23456, routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: AS 23456 is AS_TRANS, nobody has it (RFC 6793)'],
  ],
  [
    'AS too large',
    'version: 1\nrouter: { asn: 4294967296, routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: expected an AS number from 1 to 4294967295, not 4294967296'],
  ],
  [
    'AS negative',
    'version: 1\nrouter: { asn: -1, routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: expected an AS number from 1 to 4294967295, not -1'],
  ],
  [
    'AS in quotes',
    'version: 1\nrouter: { asn: "65000", routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: an AS number is written without quotes: 65000'],
  ],
  [
    'AS with a dot, in quotes',
    'version: 1\nrouter: { asn: "1.10", routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: AS numbers are not written with a dot: write 65546'],
  ],
  [
    'AS with a dot',
    'version: 1\nrouter: { asn: 1.10, routerId: 10.0.0.1 }\n',
    ['2:16: router.asn: AS numbers are not written with a dot, like 1.1'],
  ],
  [
    'router id zero',
    'version: 1\nrouter: { asn: 65000, routerId: 0.0.0.0 }\n',
    ['2:33: router.routerId: 0.0.0.0 is no identifier (RFC 6286 §2.1)'],
  ],
  [
    'router id IPv6',
    'version: 1\nrouter: { asn: 65000, routerId: "2001:db8::1" }\n',
    ['2:33: router.routerId: expected four numbers with dots such as 10.0.0.1, not "2001:db8::1"'],
  ],
  [
    'router id missing',
    'version: 1\nrouter: { asn: 65000 }\n',
    ['2:9: router.routerId: this key is missing'],
  ],
  [
    'router id misspelt is not missing too',
    'version: 1\nrouter: { asn: 65000, router-id: 10.0.0.1 }\n',
    ['2:23: router.router-id: unknown key (did you mean "routerId"?)'],
  ],
  [
    'cluster id a number',
    router('clusterId: 1'),
    ['2:54: router.clusterId: expected four numbers with dots such as 10.0.0.1, not 1'],
  ],
  [
    'listen not a list',
    router('listen: 10.0.0.1:179'),
    ['2:51: router.listen: expected a list, not "10.0.0.1:179": write [10.0.0.1:179]'],
  ],
  [
    'listen IPv6 without brackets',
    router('listen: ["2001:db8::1"]'),
    ['2:52: router.listen.0: an IPv6 address with a port stands in brackets: "[2001:db8::1]:179"'],
  ],
  [
    'listen port',
    router('listen: ["10.0.0.1:70000"]'),
    ['2:52: router.listen.0: port 70000 is none: 1 to 65535'],
  ],
  [
    'listen no address',
    router('listen: ["localhost:179"]'),
    [
      '2:52: router.listen.0: expected an address and a port such as 10.0.0.1:179, "[2001:db8::1]:179" or "*:179", not "localhost:179"',
    ],
  ],
  [
    'listen twice',
    router('listen: ["10.0.0.1", "10.0.0.1:179"]'),
    ['2:64: router.listen.1: router.listen.0 takes this address and port already'],
  ],
  [
    'listen on all and one',
    router('listen: ["*:179", "10.0.0.1:179"]'),
    ['2:61: router.listen.1: router.listen.0 takes this address and port already'],
  ],
  [
    'next hop resolution',
    router('nextHopResolution: kernal'),
    [
      '2:62: router.nextHopResolution: expected one of none, static, kernel, not "kernal" (did you mean "kernel"?)',
    ],
  ],
  [
    'next hop twice',
    router(
      'nextHopResolution: static, nextHops: [ { prefix: 10.0.0.0/8 }, { prefix: 10.0.0.0/8, cost: 5 } ]',
    ),
    ['2:116: router.nextHops.1.prefix: 10.0.0.0/8 was given before, in router.nextHops.0'],
  ],
  [
    'next hop cost',
    router('nextHopResolution: static, nextHops: [ { prefix: 10.0.0.0/8, cost: -5 } ]'),
    ['2:110: router.nextHops.0.cost: expected a cost from 0 to 4294967294, not -5'],
  ],
  [
    'decision word',
    router('decision: { medMissing: wurst }'),
    ['2:67: router.decision.medMissing: expected best or worst, not "wurst" (did you mean "worst"?)'],
  ],
  [
    'yes is no boolean',
    router('clientToClientReflection: yes'),
    ['2:69: router.clientToClientReflection: expected true or false, not "yes" (did you mean true?)'],
  ],
  [
    'restart time over 12 bits',
    router('gracefulRestart: { restartTime: 2h }'),
    ['2:75: router.gracefulRestart.restartTime: must be from 1s to 4095s, not 2h (RFC 4724 §3)'],
  ],
  [
    'graceful restart true',
    router('gracefulRestart: true'),
    [
      '2:60: router.gracefulRestart: expected false or a map (restartTime, selectionDeferral, notification), not true',
    ],
  ],
  [
    'host name too long',
    router(`hostName: ${'h'.repeat(65)}`),
    ['2:53: router.hostName: is 65 octets long: 64 at most'],
  ],
];
