// BIRD 2, from an abstract profile. One protocol per role; dynamic protocols are spawned per connection.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_ADDRESS } from '../engine/cache.ts';
import { type Profile, ROUTER_ID, type Role, roles } from '../engine/profile.ts';
import { familyOf } from '../wire/address.ts';
import { rangeOf, staticAddresses, targetAddress } from './addresses.ts';
import { execute, launch, versionFrom } from './process.ts';
import type { Changes, Control, StartOptions, Target } from './target.ts';

export const bird: Target = {
  name: 'bird',
  version: () => versionFrom('bird', ['--version'], /BIRD version (\S+)/),
  features: new Set([
    'connected-subnets',
    'graceful-restart',
    'add-path',
    'enhanced-refresh',
    'extended-messages',
    'extended-next-hop',
    'extended-optional-parameters',
    'origination',
    'max-prefix',
    'active',
    'graceful-shutdown',
    'aigp',
    'interior-costs',
    'confederation',
    'roles',
    'md5',
    'long-lived-restart',
    'ttl-security',
    'bfd',
    'vpn',
    'origin-validation',
    'validation-communities',
  ]),
  start: async (options) => {
    const { directory, port, profile } = options;
    // No aggregation, no MRAI, no switch for client-to-client reflection in this daemon.
    if (profile.aggregate !== 'none' || profile.advertisementSeconds > 0 || !profile.clientToClient)
      return undefined;
    // It refuses a configuration whose external peers have no policy (RFC 8212 by refusal).
    if (profile.notificationRestart || profile.withoutPolicy.length > 0) return undefined;
    const configuration = birdConfiguration(options);
    const file = join(directory, 'bird.conf');
    writeFileSync(file, configuration);
    const args = ['-f', '-c', file, '-s', join(directory, 'bird.ctl'), '-P', join(directory, 'bird.pid')];
    const logFile = join(directory, 'bird.log');
    const control = operator(options, file);
    return launch({
      command: 'bird',
      args,
      directory,
      address: targetAddress(profile),
      port,
      subnet: profile.subnet,
      configuration,
      logFile,
      control,
      again: { signal: 'SIGKILL', args: ['-R'] },
    });
  },
};

function operator(options: StartOptions, file: string): Control {
  const { directory, profile } = options;
  const birdc = (...words: readonly string[]) =>
    execute('birdc', ['-s', join(directory, 'bird.ctl'), ...words]);
  const changes = new Map<string, 'removed' | 'changed'>();
  return (command, neighbour, text) => {
    const role = roles.find((each) => staticAddresses(profile, each).includes(neighbour));
    if (role === undefined) return Promise.resolve(false);
    const name = `"to_${role.name}_${staticAddresses(profile, role).indexOf(neighbour)}"`;
    if (command === 'shutdown') return birdc('disable', name, `"${text}"`);
    if (command === 'reset') return birdc('restart', name);
    if (command === 'soft-in') return birdc('reload', 'in', name);
    changes.set(neighbour, command === 'remove' ? 'removed' : 'changed');
    writeFileSync(file, birdConfiguration(options, changes));
    return birdc('configure');
  };
}

function birdConfiguration(options: StartOptions, changes: Changes = new Map()): string {
  const { profile, directory } = options;
  const own = (family: 'v4' | 'v6') => profile.originates.filter((prefix) => familyOf(prefix) === family);
  return [
    `log "${join(directory, 'bird.log')}" all;`,
    `router id ${ROUTER_ID};`,
    'graceful restart wait 10;',
    'protocol device {}',
    ...(profile.liveness ? [liveness] : []),
    'ipv4 table hops4;',
    'ipv6 table hops6;',
    ...(profile.vpn ? ['vpn4 table labelled4;', 'vpn6 table labelled6;'] : []),
    // Next hops of test routes resolve through these.
    ...ways(profile),
    ...(own('v4').length > 0
      ? [
          `protocol static { ipv4; ${own('v4')
            .map((p) => `route ${p} blackhole;`)
            .join(' ')} }`,
        ]
      : []),
    ...(own('v6').length > 0
      ? [
          `protocol static { ipv6; ${own('v6')
            .map((p) => `route ${p} blackhole;`)
            .join(' ')} }`,
        ]
      : []),
    ...validation(options),
    ...roles.flatMap((role) => protocols(options, role, changes)),
    '',
  ].join('\n');
}

const liveness =
  'protocol bfd { accept ipv4 multihop; strict bind yes; multihop { interval 100 ms; multiplier 3; }; }';

/** With a distance each, without which AIGP says nothing. */
function ways({ interior }: Profile): string[] {
  const route = (prefix: string, cost: number) => `route ${prefix} via "lo" { igp_metric = ${cost}; };`;
  const inside = [route('10.9.0.0/24', 5), route('10.200.10.0/24', 10), route('10.200.20.0/24', 20)];
  const v4 = interior ? inside.join(' ') : route('0.0.0.0/0', 5);
  return [
    `protocol static { ipv4 { table hops4; }; ${v4} }`,
    `protocol static { ipv6 { table hops6; }; ${route('::/0', 5)} }`,
  ];
}

function validation({ profile, testerPort }: StartOptions): string[] {
  if (profile.validation === undefined) return [];
  const give = (state: number): string =>
    profile.validation === 'mark'
      ? `bgp_community.add((65000, ${state}));`
      : `bgp_ext_community.add((generic, 0x43000000, ${state === 3 ? 2 : state === 2 ? 1 : 0}));`;
  const clear = profile.validation === 'mark' ? '' : 'bgp_ext_community.delete([(generic, 0x43000000, *)]);';
  const filter = (family: 'v4' | 'v6') => [
    `filter mark${family} {`,
    `  ${clear}`,
    `  if roa_check(payloads${family}, net, origin_of()) = ROA_VALID then { ${give(1)} accept; }`,
    `  if roa_check(payloads${family}, net, origin_of()) = ROA_INVALID then { ${give(3)} accept; }`,
    `  ${give(2)} accept;`,
    '}',
  ];
  return [
    'roa4 table payloadsv4;',
    'roa6 table payloadsv6;',
    // RFC 6811 §2: with an empty AS_PATH the origin is the own AS.
    `function origin_of() { if bgp_path.len = 0 then return ${profile.asn}; return bgp_path.last; }`,
    `protocol rpki { roa4 { table payloadsv4; }; roa6 { table payloadsv6; }; remote ${CACHE_ADDRESS} port ${testerPort}; retry 1; }`,
    ...filter('v4'),
    ...filter('v6'),
  ];
}

function protocols(options: StartOptions, role: Role, changes: Changes): string[] {
  const { profile } = options;
  if (profile.neighbours === 'range')
    return protocol(
      options,
      role,
      role.name,
      `neighbor range ${rangeOf(profile, role)}`,
      `dynamic name "${role.name}_";`,
    );
  return staticAddresses(profile, role).flatMap((address, i) =>
    changes.get(address) === 'removed'
      ? []
      : protocol(
          options,
          role,
          `${role.name}_${i}`,
          `neighbor ${address}`,
          changes.has(address) ? 'interpret communities off;' : '',
        ),
  );
}

function protocol(
  options: StartOptions,
  role: Role,
  name: string,
  neighbour: string,
  extra: string,
): string[] {
  const { profile, port, testerPort } = options;
  const asn = role.kind === 'ebgp' ? role.asn : profile.asn;
  const near = profile.ttlSecurity && role.name === 'e1';
  const reflects = profile.reflector && role.kind === 'client';
  return [
    `protocol bgp to_${name} {`,
    `  local ${targetAddress(profile)} port ${port} as ${profile.asn};`,
    `  ${neighbour}${profile.active ? ` port ${testerPort}` : ''} as ${asn};`,
    `  ${extra} ${near ? 'multihop 1; ttl security on;' : profile.subnet ? 'direct;' : 'multihop;'} strict bind yes; ${profile.active ? '' : 'passive;'}`,
    `  hold time ${profile.holdSeconds}; connect retry time 5; connect delay time 1; error wait time 1,1;`,
    ...(reflects ? ['  rr client;'] : []),
    // The cluster id may only be set where reflection can happen.
    ...(profile.reflector && role.kind !== 'ebgp' && profile.clusterId !== undefined
      ? [`  rr cluster id ${profile.clusterId};`]
      : []),
    `  graceful restart ${profile.restartSeconds === undefined ? 'off' : `on; graceful restart time ${profile.restartSeconds}`};`,
    ...(profile.longLivedSeconds === undefined
      ? []
      : [`  long lived graceful restart on; long lived stale time ${profile.longLivedSeconds};`]),
    `  enable extended messages ${profile.extendedMessages === true ? 'on' : 'off'};`,
    ...(role.kind === 'ebgp' && profile.enforceFirstAs ? ['  enforce first as on;'] : []),
    ...(profile.md5Key !== undefined && role.name === 'e1' ? [`  password "${profile.md5Key}";`] : []),
    ...(profile.liveness && role.name === 'e1' ? ['  bfd on;'] : []),
    ...confederation(profile, role),
    ...localRole(profile, role),
    channel(profile, role, 'v4'),
    channel(profile, role, 'v6'),
    ...(profile.vpn ? vpnChannels() : []),
    '}',
  ];
}

function confederation(profile: Profile, role: Role): string[] {
  if (profile.confederation === undefined) return [];
  const member = role.name === 'e3' ? ' confederation member yes;' : '';
  return [`  confederation ${profile.confederation};${member}`];
}

function localRole(profile: Profile, role: Role): string[] {
  const name = profile.localRoles[role.name];
  if (name === undefined) return [];
  const own = { rs: 'rs_server', 'rs-client': 'rs_client' }[name as string] ?? name;
  return [`  local role ${own}; require roles ${profile.strictRoles ? 'on' : 'off'};`];
}

const vpnChannels = (): string[] => [
  '  vpn4 mpls { table labelled4; import all; export all; igp table hops4; };',
  '  vpn6 mpls { table labelled6; import all; export all; igp table hops6; next hop address 2001:db8::1; };',
];

function channel(profile: Profile, role: Role, family: 'v4' | 'v6'): string {
  const without = profile.withoutPolicy.includes(role.name);
  const gshut =
    profile.validation === 'mark' || profile.validation === 'extended'
      ? `import filter mark${family}`
      : profile.gracefulShutdown
        ? 'import filter { if (65535, 0) ~ bgp_community then bgp_local_pref = 0; accept; }'
        : 'import all';
  const own =
    profile.originates.length > 0 ? 'export where (source = RTS_BGP || source = RTS_STATIC)' : 'export all';
  return [
    `  ${family === 'v4' ? 'ipv4' : 'ipv6'} {`,
    without ? '' : `${gshut}; ${own};`,
    `igp table ${family === 'v4' ? 'hops4' : 'hops6'}; gateway ${profile.subnet ? 'direct' : 'recursive'};`,
    family === 'v6' ? 'next hop address 2001:db8::1;' : '',
    profile.extendedNextHop && family === 'v4' ? 'extended next hop on; igp table hops6;' : '',
    profile.addPath ? 'add paths on;' : '',
    profile.nextHopSelf && role.kind !== 'ebgp' ? 'next hop self;' : '',
    profile.maxPrefixes !== undefined && role.name === 'e1'
      ? `import limit ${profile.maxPrefixes} action disable;`
      : '',
    '};',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
