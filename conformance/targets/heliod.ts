// heliod, from an abstract profile in its YAML. It is started like any other daemon, through its launcher.

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STATION_ADDRESS } from '../engine/collector.ts';
import { type Profile, ROUTER_ID, type Role, roles } from '../engine/profile.ts';
import { rangeOf, staticAddresses, targetAddress } from './addresses.ts';
import { execute, launch, versionFrom } from './process.ts';
import type { Changes, Control, StartOptions, Target } from './target.ts';

/** The launcher of this build; HELIOD names another one. */
function ownLauncher(): string {
  return process.env.HELIOD ?? fileURLToPath(new URL('../../../bin/heliod.js', import.meta.url));
}

/** heliod started through this launcher: the one of the build, or of a copy with a fault in it (mutants/). */
export const heliodAt = (launcher: string): Target => ({
  name: 'heliod',
  version: () => versionFrom(process.execPath, [launcher, '--version'], /(\d\S*)/),
  features: new Set([
    'connected-subnets',
    'graceful-restart',
    'notification-restart',
    'add-path',
    'enhanced-refresh',
    'extended-messages',
    'extended-next-hop',
    'extended-optional-parameters',
    'origination',
    'max-prefix',
    'active',
    'mrai',
    'graceful-shutdown',
    'md5',
    'ttl-security',
    'vpn',
    'route-target-membership',
    'interior-costs',
    'bmp',
    'bmp-loc-rib',
  ]),
  start: async (options) => {
    if (options.profile.confederation !== undefined) return undefined;
    const { directory, port, profile } = options;
    if (profile.aggregate !== 'none') return undefined;
    const configuration = heliodConfiguration(options);
    const file = join(directory, 'heliod.yaml');
    writeFileSync(file, configuration);
    if (profile.md5Key !== undefined)
      writeFileSync(join(directory, 'e1.key'), `${profile.md5Key}\n`, { mode: 0o600 });
    const args = [launcher, '--config', file];
    const control = operator(launcher, options, file);
    return launch({
      command: process.execPath,
      args,
      directory,
      address: targetAddress(profile),
      port,
      subnet: profile.subnet,
      configuration,
      control,
      again: { signal: 'SIGTERM', args: [] },
    });
  },
});

export const heliod: Target = heliodAt(ownLauncher());

const socketOf = (directory: string): string => join(directory, 'heliod.sock');

/** helioctl of the same build; what it has no action for is a reload with another configuration. */
function operator(launcher: string, options: StartOptions, file: string): Control {
  const helioctl = (...args: readonly string[]) =>
    execute(process.execPath, [
      join(dirname(launcher), 'helioctl.js'),
      '--socket',
      socketOf(options.directory),
      ...args,
    ]);
  const changes = new Map<string, 'removed' | 'changed'>();
  return (command, neighbour, text) => {
    const reason = text === '' ? [] : ['--reason', text];
    if (command === 'shutdown') return helioctl('peers', 'disable', neighbour, ...reason);
    if (command === 'reset') return helioctl('peers', 'reset', neighbour, ...reason);
    if (command === 'soft-in') return helioctl('peers', 'soft-in', neighbour);
    changes.set(neighbour, command === 'remove' ? 'removed' : 'changed');
    writeFileSync(file, heliodConfiguration(options, changes));
    return helioctl('config', 'reload');
  };
}

function heliodConfiguration(options: StartOptions, changes: Changes = new Map()): string {
  const { profile, port, directory } = options;
  const peers =
    profile.neighbours === 'static' ? roles.flatMap((role) => staticPeers(options, role, changes)) : [];
  const ranges = profile.neighbours === 'range' ? roles.map((role) => range(profile, role)) : [];
  return [
    'version: 1',
    'router:',
    `  asn: ${profile.asn}`,
    `  routerId: ${ROUTER_ID}`,
    ...(profile.clusterId === undefined ? [] : [`  clusterId: ${profile.clusterId}`]),
    ...(profile.clientToClient ? [] : ['  clientToClientReflection: false']),
    ...(profile.restartSeconds === undefined
      ? []
      : [
          `  gracefulRestart: { restartTime: ${profile.restartSeconds}s, notification: ${profile.notificationRestart}, selectionDeferral: 10s }`,
        ]),
    ...(profile.interior ? interior : []),
    `  listen: ["${targetAddress(profile)}:${port}"]`,
    `api: { socket: ${socketOf(directory)} }`,
    ...monitoring(options),
    'peerGroups:',
    ...roles.flatMap((role) => peerGroup(options, role)),
    ...(peers.length > 0 ? ['peers:', ...peers] : []),
    ...(ranges.length > 0 ? ['dynamicPeers:', ...ranges] : []),
    ...(profile.originates.length > 0 ? ['networks:', ...profile.originates.map(network)] : []),
    'policies:',
    // A loopback session has no IPv6 address of ours to announce as next hop.
    '  - name: to-external',
    '    terms:',
    '      - { match: { families: [ipv6-unicast] }, set: { nextHop: "2001:db8::1" }, then: accept }',
    '    default: accept',
    'log: { level: info }',
    '',
  ].join('\n');
}

function monitoring({ profile, testerPort }: StartOptions): string[] {
  if (profile.monitoring === undefined) return [];
  const { views, statisticsSeconds } = profile.monitoring;
  return [
    'bmp:',
    `  - { station: "${STATION_ADDRESS}:${testerPort}", monitor: [${views.join(', ')}], statistics: ${statisticsSeconds}s }`,
  ];
}

const interior = [
  '  nextHopResolution: static',
  '  nextHops:',
  ...[
    ['10.9.0.0/24', 5],
    ['10.200.10.0/24', 10],
    ['10.200.20.0/24', 20],
    ['2001:db8::/32', 5],
  ].map(([prefix, cost]) => `    - { prefix: "${prefix}", cost: ${cost} }`),
];

function peerGroup({ profile, directory }: StartOptions, role: Role): string[] {
  const policy = !profile.withoutPolicy.includes(role.name);
  const internal = role.kind !== 'ebgp';
  const interval = profile.advertisementSeconds;
  const keys: string[] = [
    `name: ${role.name}`,
    `remoteAs: ${internal ? profile.asn : role.asn}`,
    `localAddress: ${targetAddress(profile)}`,
    `families: [${families(profile).join(', ')}]`,
    `timers: { hold: ${profile.holdSeconds}s, keepalive: ${Math.floor(profile.holdSeconds / 3)}s, connectRetry: 5s, advertisementInterval: ${interval}s }`,
    ...(policy
      ? ['importPolicy: accept-all', `exportPolicy: ${internal ? 'accept-all' : 'to-external'}`]
      : []),
    ...(internal ? [] : [`enforceFirstAs: ${profile.enforceFirstAs}`]),
    ...(role.kind === 'client' && profile.reflector ? ['routeReflectorClient: true'] : []),
    ...(profile.maxPrefixes !== undefined && role.name === 'e1'
      ? [`maxPrefixes: { limit: ${profile.maxPrefixes}, action: idle }`]
      : []),
    ...(profile.md5Key !== undefined && role.name === 'e1'
      ? [`md5: { keyFile: ${join(directory, 'e1.key')} }`]
      : []),
    ...(profile.ttlSecurity && role.name === 'e1' ? ['ttlSecurity: true'] : []),
    ...(profile.subnet && !internal ? ['ttl: 1'] : []),
    ...(profile.nextHopSelf && internal ? ['nextHopSelf: true'] : []),
    ...(profile.addPath ? ['addPath: { receive: true, send: all }'] : []),
    ...(profile.extendedNextHop ? ['extendedNextHop: true'] : []),
    ...(profile.extendedMessages === undefined ? [] : [`extendedMessage: ${profile.extendedMessages}`]),
    `enhancedRouteRefresh: ${profile.enhancedRefresh}`,
    `gracefulShutdown: ${profile.gracefulShutdown}`,
    `gracefulRestart: ${gracefulRestart(profile)}`,
  ];
  return [`  - { ${keys.join(', ')} }`];
}

const families = (profile: Profile): string[] => [
  'ipv4-unicast',
  'ipv6-unicast',
  ...(profile.vpn ? ['vpnv4-unicast', 'vpnv6-unicast'] : []),
  ...(profile.routeTargets ? ['route-target'] : []),
];

const gracefulRestart = (profile: Profile): string =>
  profile.restartSeconds === undefined
    ? 'false'
    : `{ helper: true, notification: ${profile.notificationRestart}, maxStale: 10s }`;

const network = (prefix: string): string =>
  prefix.includes(':') ? `  - { prefix: "${prefix}", nextHop: "2001:db8::1" }` : `  - { prefix: ${prefix} }`;

const range = (profile: Profile, role: Role): string =>
  `  - { range: ${rangeOf(profile, role)}, group: ${role.name}, limit: 5000 }`;

function staticPeers(options: StartOptions, role: Role, changes: Changes): string[] {
  const { profile, testerPort } = options;
  const how = profile.active ? `port: ${testerPort}` : 'passive: true';
  return staticAddresses(profile, role)
    .filter((address) => changes.get(address) !== 'removed')
    .map((address) => {
      const other = changes.has(address) ? ', extendedMessage: false, enhancedRouteRefresh: true' : '';
      return `  - { address: ${address}, group: ${role.name}, ${how}${other} }`;
    });
}
