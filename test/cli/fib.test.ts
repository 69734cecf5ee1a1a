import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FibRouteView, FibView } from '../../src/cli/views.ts';
import { FakeDaemon, helioctl, json, ndjson } from './fake-daemon.ts';

const fib: FibView = {
  place: 'host',
  table: 254,
  metric: 20,
  problem: undefined,
  installed: 1,
  pending: 0,
  failed: 1,
};
const routes: readonly FibRouteView[] = [
  {
    prefix: '192.0.2.0/24',
    nextHops: ['10.0.0.2', '10.0.0.3'],
    state: 'installed',
    installed: 'nexthop via 10.0.0.2 dev eth0 nexthop via 10.0.0.3 dev eth0',
    reason: undefined,
  },
  {
    prefix: '203.0.113.0/24',
    nextHops: ['172.31.0.1'],
    state: 'failed',
    installed: undefined,
    reason: 'Nexthop has invalid gateway',
  },
];

let daemon: FakeDaemon;
beforeAll(async () => {
  daemon = await FakeDaemon.start({ 'GET /v1/fib': json(fib), 'GET /v1/fib/routes': ndjson(routes) });
});
afterAll(() => daemon.stop());

async function page(...args: string[]): Promise<string> {
  daemon.asked.length = 0;
  const { code, out, err } = await helioctl(['fib', ...args], { daemon });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

test('fib: a line about all, then each with what the kernel has and why not', async () => {
  expect(await page()).toMatchInlineSnapshot(`
    "host, table 254, metric 20: 1 route installed, 0 pending, 1 failed
    Prefix              State      Next hop           In the kernel                                                Reason
    192.0.2.0/24        installed  10.0.0.2 10.0.0.3  nexthop via 10.0.0.2 dev eth0 nexthop via 10.0.0.3 dev eth0
    203.0.113.0/24      failed     172.31.0.1         -                                                            Nexthop has invalid gateway
    "
  `);
});

test('fib asks only for what it shows', async () => {
  await page('--failed', '--limit', '5');
  expect(daemon.asked.map(({ url }) => url)).toEqual(['/v1/fib', '/v1/fib/routes?state=failed&limit=5']);
  await page('--pending', '-o', 'ndjson');
  expect(daemon.asked.map(({ url }) => url)).toEqual(['/v1/fib/routes?state=pending']);
});

test('fib for programs', async () => {
  expect(JSON.parse(await page('-o', 'json'))).toEqual(JSON.parse(JSON.stringify({ ...fib, routes })));
  const lines = (await page('-o', 'ndjson')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(routes)));
});

test('fib says why nothing can be done', async () => {
  const problem = 'there is no ip (iproute2 is not installed)';
  const lame = await FakeDaemon.start({
    'GET /v1/fib': json({ ...fib, problem }),
    'GET /v1/fib/routes': ndjson([]),
  });
  const { out } = await helioctl(['fib'], { daemon: lame });
  expect(out).toContain(problem);
  await lame.stop();
});
