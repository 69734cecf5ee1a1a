import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchLine, batchOutcome, isGone } from '../../src/fib/batch.ts';
import { KnownAddresses, parseMonitorLine } from '../../src/fib/monitor-line.ts';
import { parseDestination } from '../../src/fib/parse-prefix.ts';
import { RouteReader } from '../../src/fib/parse-routes.ts';
import { destinationText, hopsText, type KernelRoute } from '../../src/fib/route.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { nlriOf } from './kernel.ts';

/** As `ip -N -j route show table all` printed them. */
const printed = [
  '{"dst":"10.1.0.0/16","table":"77","protocol":"186","metric":20,"flags":["linkdown"],"nexthops":[{"gateway":"10.0.0.2","dev":"tkv0","weight":1,"flags":["linkdown"]},{"gateway":"10.0.0.3","dev":"tkv1","weight":1,"flags":[]}]}',
  '{"dst":"default","gateway":"10.0.0.2","dev":"tkv0","protocol":"186","metric":20,"flags":[]}',
  '{"dst":"10.0.0.0/24","dev":"tkv0","protocol":"2","scope":"253","prefsrc":"10.0.0.1","flags":["linkdown"]}',
  '{"dst":"10.1.0.0/16","via":{"family":"inet6","host":"2001:db8::2"},"dev":"tkv0","protocol":"186","metric":20,"flags":[]}',
  '{"type":"6","dst":"10.2.0.0/16","protocol":"186","metric":20,"flags":[]}',
  '{"type":"2","dst":"10.0.0.1","dev":"tkv0","table":"255","protocol":"2","scope":"254","prefsrc":"10.0.0.1","flags":[]}',
  '{"dst":"default","gateway":"fe80::1","dev":"tkv0","protocol":"9","metric":1024,"flags":[],"pref":"medium"}',
  '{"dst":"2a02::/32","protocol":"186","metric":20,"flags":[],"pref":"medium","nexthops":[{"gateway":"2001:db8::2","dev":"tkv0","weight":1,"flags":[]},{"gateway":"2001:db8::3","dev":"tkv0","weight":1,"flags":[]}]}',
];

function readAll(text: string, chunk: number): { routes: KernelRoute[]; malformed: number } {
  const routes: KernelRoute[] = [];
  const reader = new RouteReader((route) => routes.push(route));
  for (let at = 0; at < text.length; at += chunk) reader.push(text.slice(at, at + chunk));
  reader.end();
  return { routes, malformed: reader.malformed };
}

const shown = ({ version, nlri, table, protocol, type, metric, hops }: KernelRoute) =>
  `${destinationText(version, nlri)} table ${table} proto ${protocol} type ${type} metric ${metric} ${hopsText(version, hops)}`;

describe('routes as ip prints them', () => {
  const expected = [
    '10.1.0.0/16 table 77 proto 186 type 1 metric 20 nexthop via 10.0.0.2 dev tkv0 nexthop via 10.0.0.3 dev tkv1',
    '0.0.0.0/0 table 254 proto 186 type 1 metric 20 via 10.0.0.2 dev tkv0',
    '10.0.0.0/24 table 254 proto 2 type 1 metric 0 dev tkv0',
    '10.1.0.0/16 table 254 proto 186 type 1 metric 20 via inet6 2001:db8::2 dev tkv0',
    '10.2.0.0/16 table 254 proto 186 type 6 metric 20 ',
    '10.0.0.1/32 table 255 proto 2 type 2 metric 0 dev tkv0',
    '::/0 table 254 proto 9 type 1 metric 1024 via fe80::1 dev tkv0',
    '2a02::/32 table 254 proto 186 type 1 metric 20 nexthop via 2001:db8::2 dev tkv0 nexthop via 2001:db8::3 dev tkv0',
  ];

  it.each([1, 2, 7, 64, 10_000])('are read whatever the chunks: %i characters each', (chunk) => {
    const { routes, malformed } = readAll(`[${printed.join(',')}]\n`, chunk);
    expect(routes.map(shown)).toEqual(expected);
    expect(malformed).toBe(0);
  });

  it('tell which ways out are dead', () => {
    const { routes } = readAll(`[${printed[0]}]`, 100);
    expect(routes[0].hops.map(({ device, alive }) => `${device} ${alive}`)).toEqual([
      'tkv0 false',
      'tkv1 true',
    ]);
  });

  it.each(['', '[]', '[]\n', '[ ]'])('none at all: %j', (text) => {
    expect(readAll(text, 3)).toEqual({ routes: [], malformed: 0 });
  });

  it('counts what was cut off in the middle', () => {
    expect(readAll(`[${printed[1]},{"dst":"10.2`, 5)).toMatchObject({ routes: [{}], malformed: 1 });
  });
});

describe('prefixes as ip prints them', () => {
  const address = (octets: number) => fc.uint8Array({ minLength: octets, maxLength: octets });

  it('are read like the strict parser reads them, IPv4', () => {
    fc.assert(
      fc.property(address(4), fc.integer({ min: 0, max: 32 }), (octets, length) => {
        const nlri = Uint8Array.of(length, ...octets);
        expect(parseDestination(`${IpAddress.fromBytes(octets)}/${length}`, 4)).toEqual(nlri);
      }),
    );
  });

  it('are read like the strict parser reads them, IPv6 with all its gaps', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65_535 }));
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 128 }), (values, length) => {
        const octets = Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
        const nlri = Uint8Array.of(length, ...octets);
        expect(parseDestination(`${IpAddress.fromBytes(octets)}/${length}`, 6)).toEqual(nlri);
      }),
    );
  });

  it.each([
    ['10.0.0.0/33', 4],
    ['10.0.0.256', 4],
    ['1.2.3.4.5', 4],
    ['10..0.0', 4],
    ['hello', 4],
    ['2001:db8::/129', 6],
    ['2001:db8', 6],
    ['1:2:3:4:5:6:7:8:9', 6],
    ['1:2:3:4::5:6:7:8:9', 6],
    ['12345::', 6],
    ['g::', 6],
  ] as const)('refuses %s', (text, version) => {
    expect(parseDestination(text, version)).toBeUndefined();
  });
});

describe('lines of a batch', () => {
  it.each([
    [
      '10.0.0.0/8',
      'via 192.0.2.1 dev eth0',
      'route replace 10.0.0.0/8 proto bgp metric 179 table 254 via 192.0.2.1 dev eth0',
    ],
    ['2001:db8::/32', '', 'route del 2001:db8::/32 proto bgp metric 179 table 254'],
    ['0.0.0.0/0', '', 'route del 0.0.0.0/0 proto bgp metric 179 table 254'],
  ])('%s %s', (prefix, hops, line) => {
    const version = prefix.includes(':') ? 6 : 4;
    expect(batchLine({ version, nlri: nlriOf(prefix), hops }, { table: 254, metric: 179 })).toBe(line);
  });
});

describe('what became of a batch', () => {
  const stderr = [
    'RTNETLINK answers: File exists',
    'Command failed -:2',
    'Error: Nexthop has invalid gateway.',
    'Command failed -:3',
    'Cannot find device "nope"',
    'Command failed -:4',
    '',
  ];

  it('is told line by line', () => {
    const outcome = batchOutcome({ code: 1, stderr: stderr.join('\n'), problem: undefined });
    expect(outcome).toEqual({
      type: 'done',
      failed: new Map([
        [1, 'File exists'],
        [2, 'Nexthop has invalid gateway'],
        [3, 'Cannot find device "nope"'],
      ]),
    });
  });

  it.each([
    ['nothing failed', { code: 0, stderr: '' }, { type: 'done', failed: new Map() }],
    [
      'it stopped at a line that it does not understand',
      { code: 1, stderr: `${stderr.join('\n')}Error: any valid prefix is expected rather than "bogus".\n` },
      { type: 'broken', reason: 'any valid prefix is expected rather than "bogus"' },
    ],
    [
      'the namespace is gone',
      { code: 255, stderr: 'Cannot open network namespace "x": No such file or directory\n' },
      { type: 'broken', reason: 'Cannot open network namespace "x": No such file or directory' },
    ],
    ['it was killed', { code: undefined, stderr: '' }, { type: 'broken', reason: 'ip ended with a signal' }],
  ])('%s', (_, end, outcome) => {
    expect(batchOutcome({ ...end, problem: undefined })).toEqual(outcome);
  });

  it('is unknown when ip never ran', () => {
    expect(batchOutcome({ code: undefined, stderr: '', problem: 'there is no ip' })).toEqual({
      type: 'broken',
      reason: 'there is no ip',
    });
  });

  it.each([
    ['No such process', true],
    ['FIB table does not exist', true],
    ['ipv4: FIB table does not exist', true],
    ['Operation not permitted', false],
  ])('a removal that failed with "%s" has done its work: %s', (reason, gone) => {
    expect(isGone(reason)).toBe(gone);
  });
});

describe('lines of ip monitor', () => {
  it.each([
    [
      '[nsid 0]2: ifb0    inet 10.0.0.1/24 scope global tkv0',
      { namespace: 0, kind: 'address', address: '2 inet 10.0.0.1/24' },
    ],
    ['[nsid current]Deleted 1: lo    inet6 ::1/128 scope host', { kind: 'address', deleted: true }],
    ['[nsid 12]2: tkv0@if2: <BROADCAST,UP> mtu 1500 state DOWN', { namespace: 12, kind: 'link' }],
    ['2: tkv0@if2: <BROADCAST,UP> mtu 1500', { namespace: undefined, kind: 'link' }],
    [
      '[nsid 0]Deleted 10.5.0.0/16 via 10.0.0.2 dev ifb0 proto bgp metric 20 ',
      { kind: 'route', deleted: true, destination: '10.5.0.0/16', protocol: 'bgp', metric: 20 },
    ],
    [
      '[nsid current]local 10.0.0.1 dev lo table local proto kernel scope host',
      { namespace: 'current', kind: 'route', deleted: false, destination: '10.0.0.1', protocol: 'kernel' },
    ],
    ['Deleted default via 10.0.0.1 dev x proto bgp metric 9', { destination: 'default', metric: 9 }],
    ['unreachable default dev lo metric 4', { destination: 'default', metric: 4 }],
    ['[nsid 3]2a01::/32 proto bgp metric 20 pref medium', { destination: '2a01::/32', namespace: 3 }],
  ])('%s', (line, event) => {
    expect(parseMonitorLine(line)).toMatchObject(event);
  });

  it.each(['', '       valid_lft forever preferred_lft forever', '\tnexthop via 10.0.0.3 dev x', '[nsid 0]'])(
    'continues the line before: %j',
    (line) => {
      expect(parseMonitorLine(line)).toBeUndefined();
    },
  );
});

describe('an address', () => {
  const heard = (known: KnownAddresses, ...lines: readonly string[]) =>
    lines.map((line) => {
      const event = parseMonitorLine(line);
      return event !== undefined && known.isNews(event);
    });
  const added = '[nsid 7]1: lo    inet 10.0.0.1/32 scope global dynamic lo';
  const deleted = added.replace(']', ']Deleted ');

  it('is news when it comes and goes, not when it is given more time', () => {
    expect(heard(new KnownAddresses(), added, added, added, deleted, added, added)).toEqual([
      ...[true, false, false],
      ...[true, true, false],
    ]);
  });

  it('is another one on another interface, in another namespace, with another length', () => {
    const others = [added.replace('1: lo', '2: eth0'), added.replace('7', '8'), added.replace('/32', '/24')];
    expect(heard(new KnownAddresses(), added, ...others)).toEqual([true, true, true, true]);
  });

  it('is news again after events were lost', () => {
    const known = new KnownAddresses();
    heard(known, added);
    known.forget();
    expect(heard(known, added)).toEqual([true]);
  });
});
