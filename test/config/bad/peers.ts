/**
 * Bad files, one mistake each, in peers and groups: the exact line an operator reads, `line:column: path: message`. A second
 * line in a row would be a follow-up of the first mistake; there must be none.
 */
import { type BadFile, body, peer } from './rows.ts';

export const peerCases: readonly BadFile[] = [
  [
    'peer without address',
    body('peers:\n  - remoteAs: 65000\n'),
    ['4:5: peers.0.address: this key is missing'],
  ],
  [
    'bad address',
    body('peers:\n  - { address: 10.0.0.256, remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: expected an IPv4 or IPv6 address, not "10.0.0.256"'],
  ],
  [
    'leading zero',
    body('peers:\n  - { address: 010.0.0.1, remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: expected an IPv4 or IPv6 address, not "010.0.0.1"'],
  ],
  [
    'address with length',
    body('peers:\n  - { address: 10.0.0.2/32, remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: expected an address without a prefix length: write 10.0.0.2'],
  ],
  [
    'multicast address',
    body('peers:\n  - { address: 224.0.0.1, remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: 224.0.0.1 is a multicast address'],
  ],
  [
    'link-local address',
    body('peers:\n  - { address: "fe80::1", remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: fe80::1 is link-local: such sessions are not supported'],
  ],
  [
    'mapped address',
    body('peers:\n  - { address: "::ffff:10.0.0.2", remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: ::ffff:10.0.0.2 is an IPv4 address in IPv6 clothes: write 10.0.0.2'],
  ],
  [
    'unspecified address',
    body('peers:\n  - { address: "::", remoteAs: 65000 }\n'),
    ['4:16: peers.0.address: :: is the unspecified address'],
  ],
  [
    'no remote AS',
    body('peers:\n  - address: 10.0.0.2\n    description: x\n'),
    ['4:5: peers.0.remoteAs: this key is missing: it stands neither here nor in a group'],
  ],
  [
    'any on a peer',
    body('peers:\n  - { address: 10.0.0.2, remoteAs: any }\n'),
    ['4:36: peers.0.remoteAs: "any" is for dynamicPeers: a peer with an address has one AS'],
  ],
  [
    'remote AS a word',
    body('peers:\n  - { address: 10.0.0.2, remoteAs: external }\n'),
    ['4:36: peers.0.remoteAs: expected an AS number from 1 to 4294967295 or any, not "external"'],
  ],
  [
    'remote AS zero',
    body('peers:\n  - { address: 10.0.0.2, remoteAs: 0 }\n'),
    ['4:36: peers.0.remoteAs: AS 0 is reserved (RFC 7607)'],
  ],
  [
    'duplicate peer',
    body(
      'peers:\n  - { address: "2001:db8::2", remoteAs: 65000 }\n  - { address: "2001:DB8:0::2", remoteAs: 65000 }\n',
    ),
    ['5:16: peers.1.address: 2001:db8::2 was given before, in peers.0'],
  ],
  [
    'unknown key',
    peer('familes: [ipv4-unicast]'),
    ['4:43: peers.0.familes: unknown key (did you mean "families"?)'],
  ],
  [
    'unknown nested key',
    peer('timers: { holdTime: 90s }'),
    [
      '4:53: peers.0.timers.holdTime: unknown key; the keys here are hold, keepalive, connectRetry, delayOpen, idleHold, idleHoldMax, sendHold, advertisementInterval',
    ],
  ],
  [
    'unknown group',
    body('peerGroups: [ { name: clients } ]\npeers:\n  - { address: 10.0.0.2, group: clents }\n'),
    ['5:33: peers.0.group: there is no peer group "clents" (did you mean "clients"?)'],
  ],
  [
    'unknown policy',
    peer('importPolicy: acept-all'),
    ['4:57: peers.0.importPolicy: there is no policy "acept-all" (did you mean "accept-all"?)'],
  ],
  [
    'unknown policy, nothing near',
    peer('exportPolicy: customers'),
    ['4:57: peers.0.exportPolicy: there is no policy "customers"'],
  ],
  [
    'unknown family',
    peer('families: [ipv4-unicats]'),
    ['4:54: peers.0.families.0: "ipv4-unicats" is no family (did you mean "ipv4-unicast"?)'],
  ],
  [
    'family not known',
    peer('families: [l2vpn-evpn]'),
    [
      '4:54: peers.0.families.0: "l2vpn-evpn" is no family; there are ipv4-unicast, ipv6-unicast, vpnv4-unicast, vpnv6-unicast, route-target',
    ],
  ],
  ['families empty', peer('families: []'), ['4:53: peers.0.families: a session needs one family at least']],
  [
    'family twice',
    peer('families: [ipv4-unicast, ipv4-unicast]'),
    ['4:68: peers.0.families.1: ipv4-unicast is listed twice'],
  ],
  [
    'families a word',
    peer('families: ipv4-unicast'),
    ['4:53: peers.0.families: expected a list, not "ipv4-unicast": write [ipv4-unicast]'],
  ],
  [
    'duration without unit',
    peer('timers: { hold: 90 }'),
    ['4:59: peers.0.timers.hold: a duration needs its unit: write 90s'],
  ],
  [
    'duration without unit, quoted',
    peer('timers: { hold: "90" }'),
    ['4:59: peers.0.timers.hold: a duration needs its unit: write 90s'],
  ],
  [
    'duration with a wrong unit',
    peer('timers: { hold: 90sec }'),
    ['4:59: peers.0.timers.hold: expected a duration such as 90s, 2m or 1h, not "90sec"'],
  ],
  [
    'hold of two seconds',
    peer('timers: { hold: 2s }'),
    ['4:59: peers.0.timers.hold: must be 0s or from 3s to 65535s, not 2s (RFC 4271 §4.2)'],
  ],
  [
    'hold in milliseconds',
    peer('timers: { hold: 3500ms }'),
    ['4:59: peers.0.timers.hold: must be whole seconds, not 3500ms'],
  ],
  [
    'hold over 16 bits',
    peer('timers: { hold: 20h }'),
    ['4:59: peers.0.timers.hold: must be 0s or from 3s to 65535s, not 20h (RFC 4271 §4.2)'],
  ],
  [
    'keepalive over a third',
    peer('timers: { hold: 60s, keepalive: 30s }'),
    [
      '4:75: peers.0.timers.keepalive: keepalive 30s is more than a third of hold 60s: write 20s or less, or leave keepalive out',
    ],
  ],
  [
    'keepalive over a third of the default',
    peer('timers: { keepalive: 40s }'),
    [
      '4:64: peers.0.timers.keepalive: keepalive 40s is more than a third of hold 90s: write 30s or less, or leave keepalive out',
    ],
  ],
  [
    'keepalive from the group, hold from the peer',
    body(
      'peerGroups: [ { name: g, timers: { keepalive: 30s } } ]\npeers:\n  - { address: 10.0.0.2, remoteAs: 65000, group: g, timers: { hold: 30s } }\n',
    ),
    [
      '5:69: peers.0.timers.hold: keepalive 30s is more than a third of hold 30s: write 10s or less, or leave keepalive out',
    ],
  ],
  [
    'send hold below hold',
    peer('timers: { hold: 90s, sendHold: 60s }'),
    ['4:74: peers.0.timers.sendHold: sendHold 60s must be more than hold 90s, or 0s (RFC 9687)'],
  ],
  [
    'idle hold above its maximum',
    peer('timers: { idleHold: 90s }'),
    ['4:63: peers.0.timers.idleHold: idleHold 90s is more than idleHoldMax 60s'],
  ],
  [
    'local address of the other version',
    peer('localAddress: "2001:db8::1"'),
    ['4:57: peers.0.localAddress: 2001:db8::1 is IPv6, the peer 10.0.0.2 is IPv4'],
  ],
  [
    'local address of the peer',
    peer('localAddress: 10.0.0.2'),
    ['4:57: peers.0.localAddress: 10.0.0.2 is the address of the peer itself'],
  ],
  [
    'our own listen address',
    'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1, listen: ["10.0.0.2:1179"] }\npeers:\n  - { address: 10.0.0.2, port: 1179, remoteAs: 65000 }\n',
    ['4:16: peers.0.address: 10.0.0.2 port 1179 is our own router.listen address'],
  ],
  ['port', peer('port: 65536'), ['4:49: peers.0.port: expected a port from 1 to 65535, not 65536']],
  [
    'client that is external',
    body(
      'peers:\n  - { address: 10.0.0.2, remoteAs: 65009, routeReflectorClient: true, importPolicy: accept-all, exportPolicy: accept-all }\n',
    ),
    [
      '4:65: peers.0.routeReflectorClient: an external peer (its AS is 65009, ours 65000) cannot be a route reflector client (RFC 4456)',
    ],
  ],
  [
    'client by its group',
    body(
      'peerGroups: [ { name: g, routeReflectorClient: true } ]\npeers:\n  - { address: 10.0.0.2, remoteAs: 65009, group: g }\n',
    ),
    [
      '5:36: peers.0.remoteAs: an external peer (its AS is 65009, ours 65000) cannot be a route reflector client (RFC 4456)',
    ],
  ],
  [
    'local AS inside',
    peer('localAs: 65001'),
    ['4:52: peers.0.localAs: localAs 65001 is for external peers, and AS 65000 is our own'],
  ],
  [
    'local AS of the peer',
    body('peers:\n  - { address: 10.0.0.2, remoteAs: 65009, localAs: 65009 }\n'),
    [
      '4:52: peers.0.localAs: localAs 65009 is the AS of the peer: set router.asn to it for an internal session',
    ],
  ],
  [
    'shutdown text',
    peer('shutdown: maintenance'),
    ['4:53: peers.0.shutdown: expected true, false or { message: text }, not "maintenance"'],
  ],
  [
    'shutdown message too long',
    peer(`shutdown: { message: ${'x'.repeat(256)} }`),
    ['4:64: peers.0.shutdown.message: is 256 octets long: 255 at most'],
  ],
  [
    'max prefixes without limit',
    peer('maxPrefixes: { action: warn }'),
    ['4:56: peers.0.maxPrefixes.limit: this key is missing: a limit is needed'],
  ],
  [
    'max prefixes zero',
    peer('maxPrefixes: { limit: 0 }'),
    ['4:65: peers.0.maxPrefixes.limit: expected a number of prefixes from 1 to 4294967295, not 0'],
  ],
  [
    'max prefixes action',
    peer('maxPrefixes: { limit: 10, action: shutdown }'),
    ['4:77: peers.0.maxPrefixes.action: expected one of warn, drop, idle, not "shutdown"'],
  ],
  [
    'restart without idle',
    peer('maxPrefixes: { limit: 10, action: warn, restart: 5m }'),
    ['4:92: peers.0.maxPrefixes.restart: restart is for action idle, and the action is warn'],
  ],
  [
    'family limit without limit',
    peer('maxPrefixes: { ipv4-unicast: { action: drop } }'),
    ['4:72: peers.0.maxPrefixes.ipv4-unicast.limit: this key is missing: a limit is needed'],
  ],
  [
    'max prefixes a number',
    peer('maxPrefixes: 1000'),
    [
      '4:56: peers.0.maxPrefixes: expected a map of keys (limit, action, warnPercent, restart, ipv4-unicast, ipv6-unicast, vpnv4-unicast, vpnv6-unicast ...), not 1000',
    ],
  ],
  [
    'add path send',
    peer('addPath: { send: best }'),
    ['4:60: peers.0.addPath.send: expected all or { best: N }, not "best"'],
  ],
  [
    'add path best none',
    peer('addPath: { send: { best: 0 } }'),
    ['4:68: peers.0.addPath.send.best: expected a number of paths from 1 to 255, not 0'],
  ],
  [
    'add path receive',
    peer('addPath: { receive: both }'),
    ['4:63: peers.0.addPath.receive: expected true or false, not "both"'],
  ],
  [
    'graceful restart word',
    peer('gracefulRestart: "off"'),
    ['4:60: peers.0.gracefulRestart: expected false or a map (helper, notification, maxStale), not "off"'],
  ],
  ['null value', peer('description: '), ['4:43: peers.0.description: expected a text, not nothing']],
  [
    'group without name',
    body('peerGroups: [ { remoteAs: 65000 } ]\n'),
    ['3:15: peerGroups.0.name: this key is missing'],
  ],
  [
    'group twice',
    body('peerGroups: [ { name: a }, { name: a } ]\n'),
    ['3:36: peerGroups.1.name: a was given before, in peerGroups.0'],
  ],
  [
    'group name',
    body('peerGroups: [ { name: "my group" } ]\n'),
    [
      '3:23: peerGroups.0.name: "my group" is no name: letters, digits, "-", "_" and "." (64 at most), a letter or digit first',
    ],
  ],
  [
    'group in a group',
    body('peerGroups: [ { name: a }, { name: b, group: a } ]\n'),
    [
      '3:39: peerGroups.1.group: unknown key; the keys here are name, remoteAs, description, port, localAddress, localAs, passive, shutdown ...',
    ],
  ],
  [
    'one mistake in a group is told once',
    body(
      'peerGroups: [ { name: g, remoteAs: 65000, timers: { keepalive: 40s } } ]\npeers:\n  - { address: 10.0.0.2, group: g }\n  - { address: 10.0.0.3, group: g }\n',
    ),
    [
      '3:64: peerGroups.0.timers.keepalive: keepalive 40s is more than a third of hold 90s: write 30s or less, or leave keepalive out',
    ],
  ],
  [
    'no follow-up of a bad group key',
    body('peerGroups: [ { name: g, remoteAs: x } ]\npeers:\n  - { address: 10.0.0.2, group: g }\n'),
    ['3:36: peerGroups.0.remoteAs: expected an AS number from 1 to 4294967295 or any, not "x"'],
  ],
];
