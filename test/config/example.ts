/** The configuration example of the issue, and a loader for files that must be good. */
import type { Configuration } from '../../src/config/configuration.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { PeerSettings } from '../../src/speaker/settings.ts';

export function load(text: string): Configuration {
  const result = loadConfig(text, 'good.yaml');
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.text).join('\n'));
  return result.config;
}

/** The first peer of a file that has the router already. */
export function firstPeer(text: string): PeerSettings {
  return load(`version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n${text}`).instances[0].peers[0];
}

export const issueExample = `version: 1
router:
  asn: 65000
  routerId: 10.0.0.1
  clusterId: 10.0.0.1
  listen: ["10.0.0.1:179", "[2001:db8::1]:179"]
api: { socket: /run/heliod/heliod.sock }
peerGroups:
  - { name: clients, remoteAs: 65000, routeReflectorClient: true, families: [ipv4-unicast, ipv6-unicast],
      timers: { hold: 90s, keepalive: 30s, connectRetry: 10s } }
peers:
  - { address: 10.0.0.2, group: clients, description: frr }
  - { address: 10.0.0.3, port: 1179, localAddress: 10.0.0.1, group: clients, passive: true }
  - { address: 192.0.2.9, remoteAs: 65009, importPolicy: customer, exportPolicy: accept-all, maxPrefixes: { limit: 1000, action: idle } }
dynamicPeers:
  - { range: 10.9.0.0/16, group: clients, limit: 2000 }
networks:
  - { prefix: 203.0.113.0/24, nextHop: 10.0.0.1 }
policies:
  - { name: customer, terms: [ { match: { prefixes: ["10.0.0.0/8 le 24"] }, set: { localPref: 200 }, then: accept } ], default: reject }
log: { level: info }
`;
