import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StationsPage, StationView } from '../../src/cli/views.ts';
import { FakeDaemon, helioctl, json } from './fake-daemon.ts';

const collector: StationView = {
  name: 'collector',
  address: '192.0.2.9',
  port: 11019,
  monitor: ['pre-policy', 'loc-rib'],
  state: 'connected',
  since: 1000,
  retryAt: undefined,
  lastError: undefined,
  connections: 1,
  synchronised: true,
  owed: 3,
  counters: { messages: 10, octets: 2048, announced: 7, withdrawn: 1 },
};
const page: StationsPage = {
  now: 61_000,
  stations: [
    collector,
    { ...collector, name: 'busy', address: '2001:db8::9', synchronised: false },
    {
      ...collector,
      name: 'backup',
      state: 'waiting',
      since: 51_000,
      retryAt: 82_000,
      lastError: 'connection refused',
    },
  ],
};

let daemon: FakeDaemon;
beforeAll(async () => {
  daemon = await FakeDaemon.start({ 'GET /v1/bmp': json(page) });
});
afterAll(() => daemon.stop());

test('bmp: a line per station, with what it is owed and why it is not there', async () => {
  const { code, out, err } = await helioctl(['bmp'], { daemon });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatchInlineSnapshot(`
    "Station    Address              Monitors            State         Since  Told  Owed     Sent  Reason
    collector  192.0.2.9:11019      pre-policy loc-rib  connected  00:01:00     8     3  2.0 KiB
    busy       [2001:db8::9]:11019  pre-policy loc-rib  connected  00:01:00     8    3+  2.0 KiB
    backup     192.0.2.9:11019      pre-policy loc-rib  waiting    00:00:10     8     -  2.0 KiB  connection refused; again in 00:00:21
    "
  `);
});

test('bmp asks for the tenant, and is the page itself for programs', async () => {
  daemon.asked.length = 0;
  const { out } = await helioctl(['--tenant', 'contoso', 'bmp', '-o', 'json'], { daemon });
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(page)));
  expect(daemon.asked.map(({ url }) => url)).toEqual(['/v1/bmp?tenant=contoso']);
});
