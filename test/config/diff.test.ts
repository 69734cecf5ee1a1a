/** What a reload would do, line by line. */
import { describe, expect, it } from 'vitest';
import { diffConfigurations } from '../../src/config/diff.ts';
import { issueExample, load } from './example.ts';

/** `change subject: effect [details]` */
function diff(old: string, next: string): string[] {
  return diffConfigurations(load(old), load(next)).lines.map(
    ({ change, subject, effect, details }) =>
      `${change} ${subject}: ${effect}${details.length > 0 ? ` [${details.join('; ')}]` : ''}`,
  );
}

/** The example with one text replaced by another; it must be there. */
function edited(from: string, to: string, text = issueExample): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

describe('config diff', () => {
  it('of the same file is empty, comments and order aside', () => {
    expect(diff(issueExample, `# a comment\n${issueExample}`)).toEqual([]);
    const [first, second] = issueExample.split('\n').filter((line) => line.startsWith('  - { address: 10.0'));
    expect(diff(issueExample, edited(`${first}\n${second}`, `${second}\n${first}`))).toEqual([]);
  });

  it.each<[string, string, readonly string[]]>([
    [
      'description: frr',
      'description: old frr',
      ['change peer 10.0.0.2: no session is touched [description "frr" -> "old frr"]'],
    ],
    [
      '  - { address: 10.0.0.2, group: clients, description: frr }\n',
      '',
      ['remove peer 10.0.0.2: session ends'],
    ],
    [
      'peers:\n',
      'peers:\n  - { address: 10.0.0.4, group: clients }\n  - { address: 10.0.0.5, group: clients, shutdown: true }\n',
      [
        'add peer 10.0.0.4: session starts [remoteAs 65000]',
        'add peer 10.0.0.5: stays shut down [remoteAs 65000]',
      ],
    ],
    [
      'hold: 90s',
      'hold: 180s',
      [
        'change peer 10.0.0.2: no session is touched [timers.holdSeconds 90 -> 180]',
        'change peer 10.0.0.3: no session is touched [timers.holdSeconds 90 -> 180]',
        'change dynamic peers 10.9.0.0/16: no session is touched [timers.holdSeconds 90 -> 180]',
      ],
    ],
    [
      'description: frr',
      'description: frr, shutdown: { message: later }',
      ['change peer 10.0.0.2: session is shut down [shutdown none -> {message:later}]'],
    ],
    [
      'localPref: 200',
      'localPref: 300',
      [
        'change policy customer: soft reset of the peers that use it (1) [used by peer 192.0.2.9]',
        'change peer 192.0.2.9: soft reset in [policy customer changes]',
      ],
    ],
    [
      'exportPolicy: accept-all',
      'exportPolicy: reject-all',
      ['change peer 192.0.2.9: soft reset out [exportPolicy "accept-all" -> "reject-all"]'],
    ],
    [
      'importPolicy: customer, exportPolicy: accept-all',
      'importPolicy: accept-all, exportPolicy: customer',
      [
        'change peer 192.0.2.9: soft reset in and out [importPolicy "customer" -> "accept-all"; exportPolicy "accept-all" -> "customer"]',
      ],
    ],
    [
      'policies:\n',
      'policies:\n  - { name: spare, terms: [] }\n',
      ['add policy spare: no session is touched'],
    ],
    [
      'limit: 1000',
      'limit: 2000',
      [
        'change peer 192.0.2.9: no session is touched [maxPrefixes ipv4-unicast {action:idle,limit:1000,warnPercent:75} -> ipv4-unicast {action:idle,limit:2000,warnPercent:75}]',
      ],
    ],
    [
      'limit: 2000',
      'limit: 3000',
      ['change dynamic peers 10.9.0.0/16: no session is touched [limit 2000 -> 3000]'],
    ],
    [
      '10.9.0.0/16',
      '10.8.0.0/16',
      [
        'remove dynamic peers 10.9.0.0/16: sessions from this range end',
        'add dynamic peers 10.8.0.0/16: no session is touched [limit 2000]',
      ],
    ],
    [
      '203.0.113.0/24, nextHop: 10.0.0.1',
      '203.0.113.0/24',
      ['change network 203.0.113.0/24: announced anew, no session is touched'],
    ],
    [
      '203.0.113.0/24',
      '198.51.100.0/24',
      [
        'remove network 203.0.113.0/24: withdrawn, no session is touched',
        'add network 198.51.100.0/24: announced, no session is touched',
      ],
    ],
    [
      'clusterId: 10.0.0.1',
      'clusterId: 10.0.0.9',
      [
        'change router: soft reset in and out of all sessions [clusterId 10.0.0.1 -> 10.0.0.9]',
        ...['10.0.0.2', '10.0.0.3', '192.0.2.9'].map(
          (peer) => `change peer ${peer}: soft reset in and out [router.clusterId 10.0.0.1 -> 10.0.0.9]`,
        ),
        'change dynamic peers 10.9.0.0/16: soft reset in and out [router.clusterId 10.0.0.1 -> 10.0.0.9]',
      ],
    ],
    [
      'asn: 65000',
      'asn: 65000\n  decision: { alwaysCompareMed: true }',
      [
        'change router: no session is touched, best paths are chosen again [decision.alwaysCompareMed false -> true]',
      ],
    ],
    [
      'asn: 65000',
      'asn: 65000\n  hostName: rr1',
      ['change router: no session is touched [hostName "" -> "rr1"]'],
    ],
    ['level: info', 'level: debug', ['change log: no session is touched [level info -> debug]']],
    ['heliod.sock', 'other.sock', ['change api: counts when heliod is restarted']],
  ])('%s becomes %s', (from, to, expected) => {
    expect(diff(issueExample, edited(from, to))).toEqual(expected);
  });

  it('a new router id resets every session, one by one', () => {
    const lines = diff(issueExample, edited('routerId: 10.0.0.1', 'routerId: 10.0.0.7'));
    expect(lines[0]).toBe('change router: all sessions reset [routerId 10.0.0.1 -> 10.0.0.7]');
    expect(
      lines.filter((line) => line.startsWith('change peer') && line.includes('session resets')),
    ).toHaveLength(3);
  });

  it('the end of a shutdown starts the session', () => {
    const down = edited('description: frr', 'description: frr, shutdown: true');
    expect(diff(down, issueExample)).toEqual([
      'change peer 10.0.0.2: session starts [shutdown {message:} -> none]',
    ]);
    expect(diff(down, edited('shutdown: true', 'shutdown: true, port: 1179', down))).toEqual([
      'change peer 10.0.0.2: stays shut down [port 179 -> 1179]',
    ]);
  });

  it('keys moved into a group change nothing', () => {
    const moved = edited(
      '  - { address: 10.0.0.2, group: clients, description: frr }',
      '  - { address: 10.0.0.2, remoteAs: 65000, routeReflectorClient: true, families: [ipv4-unicast, ipv6-unicast], description: frr }',
    );
    expect(diff(issueExample, moved)).toEqual([]);
  });
});
