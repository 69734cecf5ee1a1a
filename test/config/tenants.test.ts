/** Tenants in the file: what they become, what is wrong about them and where, what a reload does to each. */
import { describe, expect, it } from 'vitest';
import type { MachineFacts } from '../../src/config/configuration.ts';
import { diffConfigurations } from '../../src/config/diff.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderConfig } from '../../src/config/render.ts';
import { load } from './example.ts';

const head = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\ntenants:\n';
const contoso = '  - { name: contoso, netns: red, asn: 65001, routerId: 10.0.0.1 }\n';

function said(text: string, facts: Partial<MachineFacts> = {}): string[] {
  const result = loadConfig(text, 'h', { hostName: '', ...facts });
  return (result.ok ? result.warnings : result.problems).map((problem) => problem.text);
}

describe('tenants', () => {
  it('become instances behind that of the router block', () => {
    const { instances } = load(
      `${head}${contoso}  - { name: contoso, slot: edge2, device: veth0, asn: 65001, routerId: 10.0.0.2, fib: { table: 100 }, limits: { routes: 10 } }\n`,
    );
    expect(
      instances.map(({ name, tenant, slot, place, fib, limits }) => [name, tenant, slot, place, fib, limits]),
    ).toEqual([
      ['default', 'default', 'main', { type: 'host' }, undefined, {}],
      ['contoso', 'contoso', 'main', { type: 'netns', name: 'red' }, undefined, {}],
      [
        'contoso/edge2',
        'contoso',
        'edge2',
        { type: 'device', name: 'veth0' },
        { table: 100, metric: 20 },
        { routes: 10 },
      ],
    ]);
    expect(load(renderConfig(load(`${head}${contoso}`)))).toEqual(load(`${head}${contoso}`));
  });

  it('need no router block', () => {
    const { instances } = load(`version: 1\ntenants:\n${contoso}`);
    expect(instances.map(({ name }) => name)).toEqual(['contoso']);
  });

  it('have a part in VPNs, which is rendered, and told by a reload', () => {
    const vpn = (rest: string) =>
      load(`${head}  - { name: a, netns: n, asn: 1, routerId: 1.1.1.1, rd: 65000:7, ${rest} }\n`);
    const both = vpn('importTargets: [ "65000:1", "192.0.2.1:2" ], exportTargets: [ 65000:1 ]');
    expect(JSON.parse(JSON.stringify(both.instances[1].vpn))).toEqual({
      rd: '65000:7',
      importTargets: ['65000:1', '192.0.2.1:2'],
      exportTargets: ['65000:1'],
    });
    expect(load(renderConfig(both))).toEqual(both);
    const { lines } = diffConfigurations(both, vpn('importTargets: [ 65000:1 ]'));
    expect(lines.map(({ subject, details }) => [subject, details])).toEqual([
      ['tenant a vpn', ['rd 65000:7', 'import 65000:1', 'export nothing']],
    ]);
  });

  it('have groups and policies of their own, merged with their own AS', () => {
    const text = `${head}  - name: contoso
    netns: red
    asn: 65001
    routerId: 10.0.0.1
    peerGroups: [ { name: g, remoteAs: 65001, port: 1179 } ]
    peers: [ { address: 10.0.0.2, group: g } ]
`;
    const peer = load(text).instances[1].peers[0];
    expect([peer.remoteAs, peer.port, peer.localAs, peer.importPolicy]).toEqual([
      65001,
      1179,
      65001,
      'accept-all',
    ]);
  });

  it.each<[string, string, string[]]>([
    [
      'the same key twice',
      `${head}${contoso}${contoso.replace('red', 'blue')}`,
      ['h:5:13: tenants.1.name: contoso was given before, in tenants.0'],
    ],
    [
      'the same listener in one namespace',
      `${head}${contoso}  - { name: b, netns: red, asn: 1, routerId: 1.1.1.1, listen: ["10.0.0.1:179"] }\n`,
      [
        'h:5:64: tenants.1.listen.0: 10.0.0.1 port 179 is taken by tenants.0, which has its sockets in the same place',
      ],
    ],
    [
      'a tenant beside the router, both everywhere',
      `${head}  - { name: b, asn: 1, routerId: 1.1.1.1 }\n`,
      ['h:4:5: tenants.0: any address port 179 is taken by router, which has its sockets in the same place'],
    ],
    [
      'one kernel table for two',
      `version: 1
router: { asn: 1, routerId: 1.1.1.1, fib: {} }
tenants: [ { name: b, asn: 1, routerId: 1.1.1.1, listen: [], fib: { table: 254 } } ]
`,
      ['h:3:67: tenants.0.fib: table 254 is taken by router, which is in the same place'],
    ],
    [
      'the name of the router block',
      `${head}  - { name: default, netns: n, asn: 1, routerId: 1.1.1.1 }\n`,
      ['h:4:13: tenants.0.name: "default" is the instance of the router block: choose another name'],
    ],
    [
      'a route distinguisher of two tenants',
      `${head}  - { name: a, netns: a, asn: 1, routerId: 1.1.1.1, rd: 65000:7 }
  - { name: b, netns: b, asn: 1, routerId: 1.1.1.1, rd: 65000:7 }\n`,
      ['h:5:57: tenants.1.rd: 65000:7 is the route distinguisher of tenants.0'],
    ],
    [
      'route targets without a distinguisher, and none at all',
      `${head}  - { name: a, netns: a, asn: 1, routerId: 1.1.1.1, importTargets: [ "65000:7" ] }
  - { name: b, netns: b, asn: 1, routerId: 1.1.1.1, rd: 65000:7, exportTargets: [ "65000" ] }\n`,
      [
        'h:4:68: tenants.0.importTargets: route targets need an rd, which is missing',
        'h:5:83: tenants.1.exportTargets.0: expected a route target such as "65000:100", not "65000"',
      ],
    ],
    [
      'a VPN without the default instance',
      'version: 1\ntenants:\n  - { name: a, netns: a, asn: 1, routerId: 1.1.1.1, rd: 65000:7 }\n',
      ['h:3:57: tenants.0.rd: VPN routes meet in the default instance: router is missing'],
    ],
    [
      'two places, and a name that is none',
      `${head}  - { name: b, netns: ../x, device: vrf-with-a-very-long-name, asn: 1, routerId: 1.1.1.1 }\n`,
      [
        'h:4:23: tenants.0.netns: "../x" is no name of a network namespace',
        'h:4:37: tenants.0.device: "vrf-with-a-very-long-name" is no name of a device: 15 characters at most, without "/", ":" and blanks',
      ],
    ],
    [
      'mistakes in peers, by their path',
      `${head}  - name: b
    netns: n
    asn: 1
    routerId: 1.1.1.1
    limits: { peers: 1 }
    peers:
      - { address: 10.0.0.2, remoteAs: 1, group: g }
      - { address: 10.0.0.2, remoteAs: 1, importPolicy: nope }
`,
      [
        'h:8:22: tenants.0.limits.peers: there are 2 peers already',
        'h:10:50: tenants.0.peers.0.group: there is no peer group "g"',
        'h:11:20: tenants.0.peers.1.address: 10.0.0.2 was given before, in tenants.0.peers.0',
        'h:11:57: tenants.0.peers.1.importPolicy: there is no policy "nope"',
      ],
    ],
    [
      'a VRF without its table',
      `${head}  - { name: b, device: vrf-b, asn: 1, routerId: 1.1.1.1, fib: {} }\n`,
      ['h:4:63: tenants.0.fib.table: this key is missing: say which table the VRF has'],
    ],
    [
      'peers that belong to no instance',
      `version: 1\npeers: [ { address: 10.0.0.2, remoteAs: 1 } ]\ntenants:\n${contoso}`,
      ['h:2:1: peers: these belong to router, which is missing'],
    ],
  ])('%s', (_title, text, expected) => {
    const lines = said(text);
    expect(lines.length).toBe(expected.length);
    for (const [i, line] of lines.entries()) expect(line).toContain(expected[i]);
  });

  it('an unknown namespace is a warning: it may come; without sockets for it, it is a mistake', () => {
    const text = `${head}${contoso}`;
    expect(said(text, { placeProblem: () => 'network namespace red does not exist' })).toEqual([
      'h:4:29: warning: tenants.0.netns: network namespace red does not exist: the tenant is down until it is there',
    ]);
    expect(said(text, { socketProblem: () => 'needs koffi' })).toEqual([
      'h:4:29: tenants.0.netns: netns needs koffi',
    ]);
  });
});

describe('what a reload does to tenants', () => {
  const peers = contoso.replace(' }', ', peers: [ { address: 10.0.0.2, remoteAs: 65001 } ] }');
  const diff = (old: string, next: string) =>
    diffConfigurations(load(head + old), load(head + next)).lines.map(
      ({ change, subject, effect, details }) => `${change} ${subject}: ${effect} [${details.join('; ')}]`,
    );
  const none = '  []\n';

  it.each<[string, string, string, string[]]>([
    ['nothing', peers, peers, []],
    [
      'one comes',
      none,
      peers,
      [
        'add tenant contoso: starts [asn 65001; sockets in netns red]',
        'add tenant contoso peer 10.0.0.2: session starts [remoteAs 65001]',
      ],
    ],
    [
      'one goes',
      peers,
      none,
      [
        'remove tenant contoso: all its sessions end []',
        'remove tenant contoso peer 10.0.0.2: session ends []',
      ],
    ],
    [
      'one changes',
      peers,
      peers
        .replace('remoteAs: 65001', 'remoteAs: 65001, port: 1179')
        .replace('asn', 'limits: { routes: 5 }, asn'),
      [
        'change tenant contoso limits: no session is touched [routes none -> 5]',
        'change tenant contoso peer 10.0.0.2: no session is touched [port 179 -> 1179]',
      ],
    ],
    [
      'one moves',
      peers,
      peers.replace('red', 'blue'),
      [
        'change tenant contoso: all its sessions end, and it starts anew [place netns red -> netns blue]',
        'add tenant contoso peer 10.0.0.2: session starts [remoteAs 65001]',
      ],
    ],
  ])('%s', (_title, old, next, expected) => expect(diff(old, next)).toEqual(expected));
});
