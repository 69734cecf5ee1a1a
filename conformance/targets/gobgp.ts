// GoBGP's gobgpd, from an abstract profile in its TOML.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_ADDRESS } from '../engine/cache.ts';
import { STATION_ADDRESS } from '../engine/collector.ts';
import { type Profile, ROUTER_ID, type Role, roles } from '../engine/profile.ts';
import { rangeOf, staticAddresses, targetAddress } from './addresses.ts';
import { execute, launch, versionFrom } from './process.ts';
import type { Control, StartOptions, Target } from './target.ts';

export const gobgp: Target = {
  name: 'gobgp',
  version: () => versionFrom('gobgpd', ['--version'], /gobgpd version (\S+)/),
  features: new Set([
    'connected-subnets',
    'graceful-restart',
    'notification-restart',
    'add-path',
    'extended-next-hop',
    'max-prefix',
    'active',
    'aigp',
    'confederation',
    'tunnel-encap',
    'ipv6-extended-communities',
    'prefix-sid',
    'md5',
    'long-lived-restart',
    'ttl-security',
    'vpn',
    'route-target-membership',
    'bmp',
    'bmp-loc-rib',
    'bmp-mirroring',
    'origin-validation',
  ]),
  start: async (options) => {
    const { directory, port, profile } = options;
    const unsupported =
      profile.originates.length > 0 ||
      profile.aggregate !== 'none' ||
      profile.advertisementSeconds > 0 ||
      !profile.clientToClient ||
      profile.withoutPolicy.length > 0 ||
      profile.extendedMessages === true ||
      profile.enhancedRefresh ||
      profile.gracefulShutdown ||
      profile.validation === 'extended' ||
      // A dynamic neighbour does not take ADD-PATH from its group.
      profile.addPath ||
      profile.enforceFirstAs;
    if (unsupported) return undefined;
    const configuration = gobgpConfiguration(options);
    const file = join(directory, 'gobgpd.toml');
    writeFileSync(file, configuration);
    const api = `unix://${join(directory, 'api.sock')}`;
    const args = ['-f', file, '--api-hosts', api, '--pprof-disable'];
    const control = operator(api);
    const instance = await launch({
      command: 'gobgpd',
      args,
      directory,
      address: targetAddress(profile),
      port,
      subnet: profile.subnet,
      configuration,
      control,
      again: { signal: 'SIGTERM', args: ['-r'] },
    });
    await allNeighbours(api, profile);
    return instance;
  },
};

/** It listens before it has read all its neighbours, and refuses those it does not know yet. */
async function allNeighbours(api: string, profile: Profile): Promise<void> {
  const last = profile.neighbours === 'static' ? roles.at(-1) : undefined;
  const address = last === undefined ? undefined : staticAddresses(profile, last).at(-1);
  if (address === undefined) return;
  const until = performance.now() + 5000;
  const there = () => execute('gobgp', ['--target', api, 'neighbor', address]).catch(() => false);
  while (!(await there()) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function operator(api: string): Control {
  const gobgpctl = (...words: readonly string[]) => execute('gobgp', ['--target', api, 'neighbor', ...words]);
  return (command, neighbour, text) => {
    const reason = text === '' ? [] : ['--reason', text];
    if (command === 'shutdown') return gobgpctl(neighbour, 'shutdown', ...reason);
    if (command === 'reset') return gobgpctl(neighbour, 'reset', ...reason);
    if (command === 'soft-in') return gobgpctl(neighbour, 'softresetin');
    if (command === 'remove') return gobgpctl('del', neighbour);
    return Promise.resolve(false);
  };
}

function gobgpConfiguration(options: StartOptions): string {
  const { profile, port } = options;
  return [
    '[global.config]',
    `  as = ${profile.asn}`,
    `  router-id = "${ROUTER_ID}"`,
    `  port = ${port}`,
    `  local-address-list = ["${targetAddress(profile)}"]`,
    ...(profile.confederation === undefined
      ? []
      : [
          `[global.confederation.config]\n  enabled = true\n  identifier = ${profile.confederation}\n  member-as-list = [65003]`,
        ]),
    ...monitoring(options),
    ...validation(options),
    ...roles.flatMap((role) => peerGroup(options, role)),
    ...roles.flatMap((role) => members(profile, role)),
    '',
  ].join('\n');
}

function monitoring({ profile, testerPort }: StartOptions): string[] {
  if (profile.monitoring === undefined) return [];
  const { views, statisticsSeconds } = profile.monitoring;
  const [view = 'pre-policy'] = views;
  const policy =
    views.length > 1 ? 'all' : ({ 'loc-rib': 'local-rib', mirroring: 'pre-policy' }[view as string] ?? view);
  return [
    '[[bmp-servers]]',
    `  [bmp-servers.config]\n    address = "${STATION_ADDRESS}"\n    port = ${testerPort}`,
    `    route-monitoring-policy = "${policy}"\n    statistics-timeout = ${statisticsSeconds}`,
    ...(views.includes('mirroring') ? ['    route-mirroring-enabled = true'] : []),
  ];
}

function validation({ profile, testerPort }: StartOptions): string[] {
  if (profile.validation === undefined) return [];
  const states = ['valid', 'not-found', 'invalid'];
  const server = `[[rpki-servers]]\n  [rpki-servers.config]\n    address = "${CACHE_ADDRESS}"\n    port = ${testerPort}`;
  if (profile.validation !== 'mark') return [server];
  return [
    '[global.apply-policy.config]\n  import-policy-list = ["mark"]\n  default-import-policy = "accept-route"',
    server,
    '[[policy-definitions]]\n  name = "mark"',
    ...states.flatMap((state, i) => [
      `  [[policy-definitions.statements]]\n    name = "${state}"`,
      `    [policy-definitions.statements.conditions.bgp-conditions]\n      rpki-validation-result = "${state}"`,
      '    [policy-definitions.statements.actions]\n      route-disposition = "accept-route"',
      '    [policy-definitions.statements.actions.bgp-actions.set-community]\n      options = "add"',
      `      [policy-definitions.statements.actions.bgp-actions.set-community.set-community-method]\n        communities-list = ["65000:${i + 1}"]`,
    ]),
  ];
}

function peerGroup(options: StartOptions, role: Role): string[] {
  const { profile, testerPort } = options;
  const asn = role.kind === 'ebgp' ? role.asn : profile.asn;
  const near = profile.ttlSecurity && role.name === 'e1';
  const family = (name: string) => [
    '  [[peer-groups.afi-safis]]',
    `    [peer-groups.afi-safis.config]\n      afi-safi-name = "${name}"`,
    ...(profile.restartSeconds === undefined
      ? []
      : ['    [peer-groups.afi-safis.mp-graceful-restart.config]\n      enabled = true']),
    ...(profile.longLivedSeconds === undefined
      ? []
      : [
          `    [peer-groups.afi-safis.long-lived-graceful-restart.config]\n      enabled = true\n      restart-time = ${profile.longLivedSeconds}`,
        ]),
    ...(profile.maxPrefixes !== undefined && role.name === 'e1'
      ? [`    [peer-groups.afi-safis.prefix-limit.config]\n      max-prefixes = ${profile.maxPrefixes}`]
      : []),
  ];
  return [
    '[[peer-groups]]',
    `  [peer-groups.config]\n    peer-group-name = "${role.name}"\n    peer-as = ${asn}`,
    ...(profile.md5Key !== undefined && role.name === 'e1'
      ? [`    auth-password = "${profile.md5Key}"`]
      : []),
    `  [peer-groups.transport.config]\n    passive-mode = ${!profile.active}\n    local-address = "${targetAddress(profile)}"`,
    ...(profile.active ? [`    remote-port = ${testerPort}`] : []),
    ...(near ? ['  [peer-groups.ttl-security.config]\n    enabled = true\n    ttl-min = 255'] : []),
    ...(role.kind === 'ebgp' && !near && !profile.subnet
      ? ['  [peer-groups.ebgp-multihop.config]\n    enabled = true\n    multihop-ttl = 255']
      : []),
    '  [peer-groups.timers.config]',
    `    hold-time = ${profile.holdSeconds}\n    keepalive-interval = ${Math.floor(profile.holdSeconds / 3)}`,
    '    connect-retry = 5\n    idle-hold-time-after-reset = 1',
    ...(profile.restartSeconds === undefined
      ? []
      : [
          '  [peer-groups.graceful-restart.config]\n    enabled = true',
          `    restart-time = ${profile.restartSeconds}\n    deferral-time = 10`,
          ...(profile.notificationRestart ? ['    notification-enabled = true'] : []),
          ...(profile.longLivedSeconds === undefined ? [] : ['    long-lived-enabled = true']),
        ]),
    ...(profile.reflector && role.kind === 'client'
      ? [
          '  [peer-groups.route-reflector.config]\n    route-reflector-client = true',
          `    route-reflector-cluster-id = "${profile.clusterId ?? ROUTER_ID}"`,
        ]
      : []),
    ...family('ipv4-unicast'),
    ...family('ipv6-unicast'),
    ...(profile.vpn ? [...family('l3vpn-ipv4-unicast'), ...family('l3vpn-ipv6-unicast')] : []),
    ...(profile.routeTargets ? family('rtc') : []),
  ];
}

function members(profile: Profile, role: Role): string[] {
  if (profile.neighbours === 'range')
    return [
      '[[dynamic-neighbors]]',
      `  [dynamic-neighbors.config]\n    prefix = "${rangeOf(profile, role)}"\n    peer-group = "${role.name}"`,
    ];
  return staticAddresses(profile, role).flatMap((address) => [
    '[[neighbors]]',
    `  [neighbors.config]\n    neighbor-address = "${address}"\n    peer-group = "${role.name}"`,
  ]);
}
