/** Monitoring stations over the API and in the metrics: one instance's only. */
import { describe, expect, it } from 'vitest';
import { stationSchema } from '../../src/api/station-routes.ts';
import type { StationView } from '../../src/speaker/views.ts';
import { FakeManagement } from './fake-ports.ts';
import { runningApi } from './running-api.ts';

const connected: StationView = {
  name: 'collector',
  address: '192.0.2.9',
  port: 11019,
  monitor: ['pre-policy', 'loc-rib'],
  state: 'connected',
  since: 1000.5,
  retryAt: undefined,
  lastError: undefined,
  connections: 2,
  synchronised: true,
  owed: 3,
  counters: { messages: 10, octets: 2000, announced: 7, withdrawn: 1 },
};
const waiting: StationView = {
  ...connected,
  name: 'backup',
  state: 'waiting',
  retryAt: 31_000,
  lastError: 'connection refused',
};
const plain = (view: StationView) => JSON.parse(JSON.stringify(view));

describe('/v1/bmp', () => {
  it('lists stations with the clock of their times', async () => {
    const { client, speaker } = await runningApi();
    speaker.stationViews = [connected, waiting];
    const answer = await client.getJson('/v1/bmp');
    expect(answer).toEqual({ now: expect.any(Number), stations: [plain(connected), plain(waiting)] });
    expect(stationSchema.parse(plain(waiting))).toEqual(plain(waiting));
  });

  it('lists those of the tenant that was asked for', async () => {
    const contoso = new FakeManagement();
    contoso.stationViews = [waiting];
    const { client } = await runningApi({}, undefined, { contoso });
    expect(await client.getJson('/v1/bmp?tenant=contoso')).toMatchObject({ stations: [{ name: 'backup' }] });
    expect(await client.getJson('/v1/bmp?tenant=default')).toMatchObject({ stations: [] });
  });

  it('fills the metrics', async () => {
    const { client, speaker } = await runningApi();
    speaker.stationViews = [connected, waiting];
    const text = await client.getText('/metrics');
    const of = (name: string) => `{tenant="default",slot="main",station="${name}"}`;
    for (const line of [
      `bmp_station_up${of('collector')} 1`,
      `bmp_station_up${of('backup')} 0`,
      `bmp_station_owed_routes${of('collector')} 3`,
      `bmp_station_messages${of('collector')} 10`,
      `bmp_station_bytes${of('collector')} 2000`,
    ])
      expect(text.split('\n')).toContain(line);
  });
});
