// FRRouting's bgpd, alone and without zebra, from an abstract profile.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATION_ADDRESS } from '../engine/collector.ts';
import { type Profile, ROUTER_ID, type Role, roles } from '../engine/profile.ts';
import { familyOf } from '../wire/address.ts';
import { rangeOf, staticAddresses, targetAddress } from './addresses.ts';
import { execute, launch, versionFrom } from './process.ts';
import type { Control, StartOptions, Target } from './target.ts';

const BGPD = '/usr/lib/frr/bgpd';

export const frr: Target = {
  name: 'frr',
  version: () => versionFrom(BGPD, ['--version'], /bgpd version (\S+)/),
  features: new Set([
    'graceful-restart',
    'notification-restart',
    'add-path',
    'enhanced-refresh',
    'extended-messages',
    'extended-optional-parameters',
    'aggregation',
    'origination',
    'max-prefix',
    'active',
    'mrai',
    'confederation',
    'graceful-shutdown',
    'prefix-sid',
    'ipv6-extended-communities',
    'roles',
    'md5',
    'long-lived-restart',
    'prefix-orf',
    'ttl-security',
    'vpn',
    'bmp',
    'bmp-mirroring',
  ]),
  start: async (options) => {
    const { directory, port, profile } = options;
    // Without zebra its next-hop tracking never lets it connect.
    if (profile.active) return undefined;
    const configuration = frrConfiguration(options);
    const file = join(directory, 'bgpd.conf');
    const logFile = join(directory, 'bgpd.log');
    writeFileSync(file, configuration);
    const args = [
      '-Z',
      '-n',
      '-S',
      '-f',
      file,
      '-l',
      targetAddress(profile),
      '-p',
      String(port),
      '--vty_socket',
      directory,
    ];
    args.push(
      '-i',
      join(directory, 'bgpd.pid'),
      '-P',
      '0',
      '--log',
      `file:${logFile}`,
      '--log-level',
      'info',
    );
    if (profile.monitoring !== undefined) args.push('-M', 'bmp');
    const control = operator(options);
    return launch({
      command: BGPD,
      args,
      directory,
      address: targetAddress(profile),
      port,
      subnet: profile.subnet,
      configuration,
      logFile,
      control,
      again: { signal: 'SIGKILL', args: [] },
    });
  },
};

function operator({ directory, profile }: StartOptions): Control {
  const vtysh = (...lines: readonly string[]) =>
    execute('vtysh', [
      '--vty_socket',
      directory,
      '--config_dir',
      directory,
      '-d',
      'bgpd',
      ...lines.flatMap((line) => ['-c', line]),
    ]);
  const configure = (line: string) => vtysh('configure terminal', `router bgp ${profile.asn}`, line);
  return (command, neighbour, text) => {
    if (command === 'reset') return vtysh(`clear bgp ${neighbour}`);
    if (command === 'soft-in') return vtysh(`clear bgp ${neighbour} soft in`);
    if (command === 'remove') return configure(`no neighbor ${neighbour}`);
    if (command === 'change') return configure(`neighbor ${neighbour} ebgp-multihop 7`);
    return configure(`neighbor ${neighbour} shutdown${text === '' ? '' : ` message ${text}`}`);
  };
}

function frrConfiguration(options: StartOptions): string {
  const { profile } = options;
  const groups = roles.flatMap((role) => group(profile, role, options));
  const families = (['ipv4', 'ipv6'] as const).flatMap((family) => [
    ...addressFamily(profile, family),
    ...(profile.vpn ? vpnFamily(profile, family) : []),
  ]);
  return [
    'hostname target',
    'route-map all permit 10',
    'exit',
    `router bgp ${profile.asn}`,
    ` bgp router-id ${ROUTER_ID}`,
    ...(profile.clusterId === undefined ? [] : [` bgp cluster-id ${profile.clusterId}`]),
    ...(profile.withoutPolicy.length > 0 ? [' bgp ebgp-requires-policy'] : [' no bgp ebgp-requires-policy']),
    ...(profile.confederation === undefined
      ? []
      : [` bgp confederation identifier ${profile.confederation}`, ' bgp confederation peers 65003']),
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ' no bgp enforce-first-as',
    ' bgp allow-martian-nexthop',
    ...(profile.clientToClient ? [] : [' no bgp client-to-client reflection']),
    ' bgp listen limit 5000',
    ' coalesce-time 0',
    ' bgp deterministic-med',
    ' bgp bestpath compare-routerid',
    ...gracefulRestart(profile),
    ...groups,
    ...families,
    ...monitoring(options),
    'exit',
    '',
  ].join('\n');
}

function monitoring({ profile, testerPort }: StartOptions): string[] {
  if (profile.monitoring === undefined) return [];
  const { views, statisticsSeconds } = profile.monitoring;
  const monitored = views.filter((view) => view !== 'mirroring');
  return [
    ' bmp targets tester',
    ...(views.includes('mirroring') ? ['  bmp mirror'] : []),
    ...['ipv4', 'ipv6'].flatMap((family) =>
      monitored.map((view) => `  bmp monitor ${family} unicast ${view}`),
    ),
    `  bmp stats interval ${statisticsSeconds * 1000}`,
    `  bmp connect ${STATION_ADDRESS} port ${testerPort} min-retry 1000 max-retry 2000`,
    ' exit',
  ];
}

function gracefulRestart(profile: Profile): string[] {
  if (profile.restartSeconds === undefined) return [' bgp graceful-restart-disable'];
  return [
    ' bgp graceful-restart',
    ` bgp graceful-restart restart-time ${profile.restartSeconds}`,
    ' bgp graceful-restart stalepath-time 10',
    ' bgp graceful-restart select-defer-time 10',
    ...(profile.longLivedSeconds === undefined
      ? []
      : [` bgp long-lived-graceful-restart stale-time ${profile.longLivedSeconds}`]),
    ...(profile.notificationRestart ? [' bgp graceful-restart notification'] : []),
  ];
}

function group(profile: Profile, role: Role, options: StartOptions): string[] {
  const n = ` neighbor ${role.name}`;
  const asn = role.kind === 'ebgp' ? role.asn : profile.asn;
  const near = profile.ttlSecurity && role.name === 'e1';
  const lines = [
    `${n} peer-group`,
    `${n} remote-as ${asn}`,
    ...(role.kind === 'ebgp' && !profile.subnet
      ? [near ? `${n} ttl-security hops 1` : `${n} ebgp-multihop 255`, `${n} disable-connected-check`]
      : []),
    ...(profile.md5Key !== undefined && role.name === 'e1' ? [`${n} password ${profile.md5Key}`] : []),
    ...(profile.enforceFirstAs && role.kind === 'ebgp' ? [`${n} enforce-first-as`] : []),
    `${n} update-source ${targetAddress(profile)}`,
    `${n} advertisement-interval ${profile.advertisementSeconds}`,
    `${n} timers ${Math.floor(profile.holdSeconds / 3)} ${profile.holdSeconds}`,
    `${n} timers connect 5`,
    ...(profile.extendedNextHop ? [`${n} capability extended-nexthop`] : []),
    ...localRole(profile, role, role.name),
    ...(profile.active ? [`${n} port ${options.testerPort}`] : [`${n} passive`]),
  ];
  if (profile.neighbours === 'range')
    return [...lines, ` bgp listen range ${rangeOf(profile, role)} peer-group ${role.name}`];
  return [
    ...lines,
    ...staticAddresses(profile, role).flatMap((address) => [
      ` neighbor ${address} peer-group ${role.name}`,
      ...localRole(profile, role, address),
    ]),
  ];
}

function localRole(profile: Profile, role: Role, neighbour: string): string[] {
  const name = profile.localRoles[role.name];
  if (name === undefined) return [];
  const own = name === 'rs' ? 'rs-server' : name;
  return [` neighbor ${neighbour} local-role ${own}${profile.strictRoles ? ' strict-mode' : ''}`];
}

function vpnFamily(profile: Profile, family: 'ipv4' | 'ipv6'): string[] {
  const lines = roles.flatMap((role) => [
    `  neighbor ${role.name} activate`,
    ...(role.kind === 'client' && profile.reflector
      ? [`  neighbor ${role.name} route-reflector-client`]
      : []),
  ]);
  return [` address-family ${family} vpn`, ...lines, ' exit-address-family'];
}

function addressFamily(profile: Profile, family: 'ipv4' | 'ipv6'): string[] {
  const own = profile.originates.filter((prefix) => (familyOf(prefix) === 'v4') === (family === 'ipv4'));
  const lines = roles.flatMap((role) => {
    const n = `  neighbor ${role.name}`;
    return [
      `${n} activate`,
      ...(role.kind === 'client' && profile.reflector ? [`${n} route-reflector-client`] : []),
      ...(profile.nextHopSelf && role.kind !== 'ebgp' ? [`${n} next-hop-self`] : []),
      ...(profile.addPath ? [`${n} addpath-tx-all-paths`] : []),
      // What came in is told from a copy that it keeps only then.
      ...(profile.monitoring === undefined ? [] : [`${n} soft-reconfiguration inbound`]),
      ...(profile.prefixFilters ? [`${n} capability orf prefix-list receive`] : []),
      ...(profile.maxPrefixes !== undefined && role.name === 'e1'
        ? [`${n} maximum-prefix ${profile.maxPrefixes}`]
        : []),
      ...(profile.withoutPolicy.length > 0 && !profile.withoutPolicy.includes(role.name)
        ? [`${n} route-map all in`, `${n} route-map all out`]
        : []),
    ];
  });
  const aggregate = profile.aggregate !== 'none' && family === 'ipv4';
  return [
    ` address-family ${family} unicast`,
    ...own.map((prefix) => `  network ${prefix}`),
    ...(aggregate
      ? [`  aggregate-address 10.60.0.0/16${profile.aggregate === 'as-set' ? ' as-set' : ''}`]
      : []),
    ...lines,
    ' exit-address-family',
  ];
}
