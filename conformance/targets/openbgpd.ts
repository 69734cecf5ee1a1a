// OpenBGPD (portable), from an abstract profile. Needs root: it changes to its own user and a chroot.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_ADDRESS } from '../engine/cache.ts';
import { type Profile, ROUTER_ID, type Role, roles } from '../engine/profile.ts';
import { rangeOf, staticAddresses, targetAddress } from './addresses.ts';
import { execute, launch, versionFrom } from './process.ts';
import type { Changes, Control, StartOptions, Target } from './target.ts';

export const openbgpd: Target = {
  name: 'openbgpd',
  version: () => versionFrom('bgpd', ['-V'], /OpenBGPD (\S+)/),
  features: new Set([
    'connected-subnets',
    'add-path',
    'enhanced-refresh',
    'origination',
    'max-prefix',
    'active',
    'otc',
    'roles',
    // No 'md5': the portable edition sets no key on its sockets and then refuses such neighbours.
    'ttl-security',
    'vpn',
    'graceful-shutdown',
    'origin-validation',
    'validation-communities',
  ]),
  obstacle: () => (process.getuid?.() === 0 ? undefined : 'only root can start it'),
  start: async (options) => {
    const { directory, port, profile } = options;
    const unsupported =
      profile.aggregate !== 'none' ||
      profile.advertisementSeconds > 0 ||
      !profile.clientToClient ||
      profile.extendedMessages === true ||
      profile.extendedNextHop ||
      profile.restartSeconds !== undefined ||
      profile.withoutPolicy.length > 1;
    if (unsupported) return undefined;
    const configuration = openbgpdConfiguration(options);
    const file = join(directory, 'bgpd.conf');
    writeFileSync(file, configuration);
    chmodSync(file, 0o600);
    // Its chroot is fixed at compile time, so each instance gets a /run of its own in a private mount namespace.
    const script = `mount -t tmpfs tmpfs /run && mkdir -m 755 /run/openbgpd && exec bgpd -d -v -f '${file}'`;
    const args = ['-m', 'sh', '-c', script];
    const control = operator(options, file);
    return launch({
      command: 'unshare',
      args,
      directory,
      address: targetAddress(profile),
      port,
      subnet: profile.subnet,
      configuration,
      control,
    });
  },
};

function operator(options: StartOptions, file: string): Control {
  const bgpctl = (...words: readonly string[]) =>
    execute('bgpctl', ['-s', join(options.directory, 'bgpd.sock'), ...words]);
  const changes = new Map<string, 'removed' | 'changed'>();
  return (command, neighbour, text) => {
    const reason = text === '' ? [] : [text];
    if (command === 'shutdown') return bgpctl('neighbor', neighbour, 'down', ...reason);
    if (command === 'reset') return bgpctl('neighbor', neighbour, 'clear', ...reason);
    if (command === 'soft-in') return bgpctl('neighbor', neighbour, 'refresh');
    changes.set(neighbour, command === 'remove' ? 'removed' : 'changed');
    writeFileSync(file, openbgpdConfiguration(options, changes));
    chmodSync(file, 0o600);
    return bgpctl('reload');
  };
}

function openbgpdConfiguration(options: StartOptions, changes: Changes = new Map()): string {
  const { profile, directory, port } = options;
  return [
    `AS ${profile.asn}`,
    `router-id ${ROUTER_ID}`,
    `listen on ${targetAddress(profile)} port ${port}`,
    `socket "${join(directory, 'bgpd.sock')}"`,
    'fib-update no',
    'nexthop qualify via default',
    'connect-retry 5',
    ...profile.originates.map((prefix) => `network ${prefix}`),
    ...roles.flatMap((role) => neighbours(options, role, changes)),
    ...(profile.withoutPolicy.length === 0
      ? ['allow from any', 'allow to any']
      : roles
          .filter((role) => !profile.withoutPolicy.includes(role.name))
          .flatMap((role) => [`allow from group "${role.name}"`, `allow to group "${role.name}"`])),
    ...validation(options),
    ...(profile.gracefulShutdown ? ['match from any community GRACEFUL_SHUTDOWN set localpref 0'] : []),
    '',
  ].join('\n');
}

function validation({ profile, testerPort }: StartOptions): string[] {
  if (profile.validation === undefined) return [];
  const server = `rtr ${CACHE_ADDRESS} { port ${testerPort} }`;
  if (profile.validation === 'ignore') return [server];
  const marks = ['valid', 'not-found', 'invalid'].map((state, i) => {
    const mark = profile.validation === 'mark' ? `community 65000:${i + 1}` : `ext-community ovs ${state}`;
    return `match from any ovs ${state} set ${mark}`;
  });
  return [server, ...marks];
}

function neighbours(options: StartOptions, role: Role, changes: Changes): string[] {
  const { profile } = options;
  const addresses =
    profile.neighbours === 'range' ? [rangeOf(profile, role)] : staticAddresses(profile, role);
  return [
    `group "${role.name}" {`,
    ...addresses
      .filter((address) => changes.get(address) !== 'removed')
      .map((address) => {
        const other = changes.has(address) ? ['announce refresh no'] : [];
        return `  neighbor ${address} { ${[...settings(options, role, profile), ...other].join('; ')} }`;
      }),
    '}',
  ].map((line) =>
    line
      .replaceAll('; ', '\n    ')
      .replace('{ remote', '{\n    remote')
      .replace(/([^{\s]) }$/, '$1\n  }'),
  );
}

function settings(options: StartOptions, role: Role, profile: Profile): string[] {
  const external = role.kind === 'ebgp';
  const near = profile.ttlSecurity && role.name === 'e1';
  const cluster = profile.clusterId === undefined ? '' : ` ${profile.clusterId}`;
  return [
    `remote-as ${external ? role.asn : profile.asn}`,
    `local-address ${targetAddress(profile)}`,
    `holdtime ${profile.holdSeconds}`,
    'announce IPv4 unicast',
    'announce IPv6 unicast',
    ...(profile.vpn ? ['announce IPv4 vpn', 'announce IPv6 vpn'] : []),
    ...localRole(profile, role),
    ...(external
      ? [
          ...(near ? ['ttl-security yes'] : profile.subnet ? [] : ['multihop 255']),
          `enforce neighbor-as ${profile.enforceFirstAs ? 'yes' : 'no'}`,
        ]
      : []),
    ...(profile.active ? [`port ${options.testerPort}`] : ['passive']),
    ...(profile.reflector && role.kind === 'client' ? [`route-reflector${cluster}`] : []),
    ...(profile.addPath ? ['announce add-path recv yes', 'announce add-path send all'] : []),
    ...(profile.enhancedRefresh ? ['announce enhanced refresh yes'] : []),
    ...(profile.maxPrefixes !== undefined && role.name === 'e1' ? [`max-prefix ${profile.maxPrefixes}`] : []),
    ...(profile.nextHopSelf && !external ? ['set nexthop self'] : []),
  ];
}

function localRole(profile: Profile, role: Role): string[] {
  const name = profile.localRoles[role.name];
  if (name === undefined) return [];
  return [`announce policy ${name}${profile.strictRoles ? ' enforce' : ''}`];
}
