import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FakeDaemon, helioctl, json, ndjson } from './fake-daemon.ts';
import { routes, status } from './samples.ts';

let daemon: FakeDaemon;

beforeAll(async () => {
  const done = json({});
  daemon = await FakeDaemon.start({
    'GET /v1/routes': ndjson(routes),
    'GET /v1/status': json(status),
    'GET /readyz': done,
    'POST /v1/peers/10.0.0.2/actions/reset': done,
    'POST /v1/peers/10.0.0.2/actions/disable': done,
    'POST /v1/peers/10.0.0.2/actions/enable': done,
    'POST /v1/peers/10.0.0.2/actions/soft-in': done,
    'POST /v1/peers/2001%3Adb8%3A%3A2/actions/soft-out': done,
    'POST /v1/networks': done,
    'DELETE /v1/networks': done,
  });
});
beforeEach(() => {
  daemon.asked.length = 0;
});
afterAll(() => daemon.stop());

test.each([
  { args: [], query: 'view=loc-rib' },
  { args: ['10.0.0.0/8'], query: 'prefix=10.0.0.0/8&match=exact&view=loc-rib' },
  { args: ['10.1.2.3'], query: 'prefix=10.1.2.3/32&match=lpm&view=loc-rib' },
  { args: ['2001:db8::1', '--shorter'], query: 'prefix=2001:db8::1/128&match=shorter&view=loc-rib' },
  {
    args: ['10.0.0.0/8', '--longer', '--best'],
    query: 'prefix=10.0.0.0/8&match=longer&view=loc-rib&best=true',
  },
  { args: ['--view', 'adj-in', '--peer', '10.0.0.2'], query: 'view=adj-in&peer=10.0.0.2' },
  { args: ['--family', 'ipv6-unicast', '--limit', '9'], query: 'family=ipv6-unicast&view=loc-rib&limit=10' },
  { args: ['--rd', '65000:100'], query: 'rd=65000:100&view=loc-rib' },
  {
    args: ['65000:100:10.0.0.0/8'],
    query: 'prefix=10.0.0.0/8&match=exact&rd=65000:100&view=loc-rib',
  },
  {
    args: ['0x0000fde800000064:2001:db8::1'],
    query: 'prefix=2001:db8::1/128&match=lpm&rd=0x0000fde800000064&view=loc-rib',
  },
  // Digits alone: what can be an IPv6 prefix is one, unless the distinguisher is beside it.
  { args: ['2001:500:88::/48'], query: 'prefix=2001:500:88::/48&match=exact&view=loc-rib' },
  {
    args: ['88::/48', '--rd', '2001:500', '--longer'],
    query: 'prefix=88::/48&match=longer&rd=2001:500&view=loc-rib',
  },
  {
    args: ['--community', '65000:*', '--as-path', '^65001_', '--origin-as', '65002'],
    query: 'view=loc-rib&community=65000:*&as-path=^65001_&origin-as=65002',
  },
])('routes $args asks for $query', async ({ args, query }) => {
  await helioctl(['routes', ...args], { daemon });
  const url = new URL(daemon.asked[0].url, 'http://x');
  expect(url.pathname).toBe('/v1/routes');
  expect([...url.searchParams].map((pair) => pair.join('=')).join('&')).toBe(query);
  expect(daemon.asked[0].accept).toBe('application/x-ndjson');
});

test.each([
  { args: ['reset', '10.0.0.2', '--reason', 'new line card'], body: { message: 'new line card' } },
  { args: ['disable', '10.0.0.2'], body: {} },
  { args: ['enable', '10.0.0.2'], body: {} },
  { args: ['soft-in', '10.0.0.2'], body: {} },
  { args: ['soft-out', '2001:db8::2'], body: {} },
])('peers $args posts the action and tells on stderr', async ({ args, body }) => {
  const ran = await helioctl(['peers', ...args], { daemon });
  expect({ code: ran.code, out: ran.out }).toEqual({ code: 0, out: '' });
  expect(ran.err).toContain(args[1]);
  expect(JSON.parse(daemon.asked[0].body)).toEqual(body);
  expect((await helioctl(['-q', 'peers', ...args], { daemon })).err).toBe('');
});

test('networks add and remove', async () => {
  const options = [
    '--next-hop',
    '10.0.0.1',
    '--community',
    '65000:1',
    '--community',
    'no-export',
    '--med',
    '5',
  ];
  await helioctl(['networks', 'add', '203.0.113.0/24', ...options], { daemon });
  await helioctl(['networks', 'remove', '2001:db8::/32'], { daemon });
  expect(JSON.parse(daemon.asked[0].body)).toEqual({
    prefix: '203.0.113.0/24',
    nextHop: '10.0.0.1',
    communities: ['65000:1', 'no-export'],
    med: 5,
  });
  const { method, url } = daemon.asked[1];
  expect(`${method} ${decodeURIComponent(url)}`).toBe('DELETE /v1/networks?prefix=2001:db8::/32');
});

test('--limit tells whether there is more', async () => {
  const cut = await helioctl(['routes', '--limit', '2', '-o', 'json'], { daemon });
  expect(JSON.parse(cut.out)).toEqual({ routes: routes.slice(0, 2), truncated: true });
  expect(cut.err).toBe('there are more: stopped at --limit 2\n');
  const whole = await helioctl(['routes', '--limit', '3', '-o', 'json'], { daemon });
  expect(JSON.parse(whole.out).truncated).toBe(false);
  expect(whole.err).toBe('');
});

test('--limit cuts the lines of ndjson, too', async () => {
  const lines = routes.map((route) => `${JSON.stringify(route)}\n`);
  const cut = await helioctl(['routes', '--limit', '2', '-o', 'ndjson'], { daemon });
  expect(cut.out).toBe(lines.slice(0, 2).join(''));
  expect(cut.err).toBe('there are more: stopped at --limit 2\n');
  const whole = await helioctl(['routes', '--limit', '3', '-o', 'ndjson'], { daemon });
  expect(whole.out).toBe(lines.join(''));
  expect(whole.err).toBe('');
});

test('global options may stand anywhere', async () => {
  const outputs = await Promise.all([
    helioctl(['-o', 'ndjson', 'status'], { daemon }),
    helioctl(['status', '-o', 'ndjson'], { daemon }),
    helioctl(['status', '--output=ndjson'], { daemon }),
  ]);
  expect(new Set(outputs.map(({ out }) => out)).size).toBe(1);
  expect(JSON.parse(outputs[0].out).asn).toBe(65000);
});
