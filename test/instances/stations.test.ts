/** Stations over real sockets: told everything, left alone by a reload that does not concern them, gone with a Termination. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RunningInstance } from '../../src/instances/running-instance.ts';
import type { InstanceSettings, StationSettings } from '../../src/speaker/settings.ts';
import { ReplayedStation } from '../bmp/support/station.ts';
import {
  address,
  instanceSettings,
  networkSettings,
  peerSettings,
  routerSettings,
} from '../support/settings.ts';

const host = '127.0.0.1';

class Collector {
  readonly replays: ReplayedStation[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      const replay = new ReplayedStation();
      this.replays.push(replay);
      this.#sockets.add(socket);
      let rest = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 5 && rest.length >= rest.readUInt32BE(1)) {
          const length = rest.readUInt32BE(1);
          replay.take(rest.subarray(0, length));
          rest = rest.subarray(length);
        }
      });
      socket.on('error', () => {});
    });
  }

  static async listen(): Promise<Collector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return new Collector(server);
  }

  get port(): number {
    const at = this.#server.address();
    if (at === null || typeof at === 'string') throw new Error('not listening');
    return at.port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

const leaving: (() => unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0)) await leave();
});

function stationAt(port: number, name = 'collector'): StationSettings {
  const monitor = new Set(['pre-policy', 'loc-rib'] as const);
  return {
    name,
    address: address(host),
    port,
    localAddress: undefined,
    monitor,
    statisticsSeconds: undefined,
  };
}

function settingsWith(stations: readonly StationSettings[], networks: readonly string[]): InstanceSettings {
  const router = routerSettings({ routerId: address('10.0.0.1').toUint32() });
  return instanceSettings(router, [], { stations, networks: networks.map((each) => networkSettings(each)) });
}

async function running(settings: InstanceSettings): Promise<RunningInstance> {
  const problems: unknown[] = [];
  const owner = { version: '1', event: () => {}, placed: () => {}, broken: (e: unknown) => problems.push(e) };
  const instance = new RunningInstance(settings, owner);
  leaving.push(() => instance.end({ type: 'silent' }, 0));
  await instance.listen(settings.router.listen);
  instance.start();
  return instance;
}

const locRib = (replay: ReplayedStation | undefined) =>
  [...(replay?.routes('loc-rib', 'loc-rib').keys() ?? [])].map((key) => key.split(' ')[1]).sort();

describe('stations of a running instance', () => {
  it('are told the Loc-RIB and its changes; a reload keeps their connection; the end is said', async () => {
    const collector = await Collector.listen();
    leaving.push(() => collector.close());
    const station = stationAt(collector.port);
    const instance = await running(settingsWith([station], ['203.0.113.0/24']));
    await expect.poll(() => locRib(collector.replays[0])).toEqual(['203.0.113.0/24']);
    instance.reconfigure(settingsWith([{ ...station }], ['203.0.113.0/24', '198.51.100.0/24']));
    await expect.poll(() => locRib(collector.replays[0])).toEqual(['198.51.100.0/24', '203.0.113.0/24']);
    instance.reconfigure(settingsWith([station], ['198.51.100.0/24']));
    await expect.poll(() => locRib(collector.replays[0])).toEqual(['198.51.100.0/24']);
    expect(collector.replays).toHaveLength(1);
    const [view] = instance.management.stations();
    expect(view).toMatchObject({
      name: 'collector',
      state: 'connected',
      connections: 1,
      synchronised: true,
      owed: 0,
    });
    instance.reconfigure(settingsWith([], ['198.51.100.0/24']));
    await expect.poll(() => collector.replays[0].log.at(-1)).toBe('termination');
    expect(collector.replays[0].complaints).toEqual([]);
    expect(instance.management.stations()).toEqual([]);
  });

  it('are told of a session with its ports, the real OPENs and its routes', async () => {
    const collector = await Collector.listen();
    leaving.push(() => collector.close());
    const probe = await Collector.listen();
    const { port } = probe;
    probe.close();
    const [near, far] = ['127.66.0.1', '127.66.0.2'].map(address);
    const routerOf = (own: typeof near, listen: readonly (typeof near)[]) =>
      routerSettings({ routerId: own.toUint32(), listen: listen.map((each) => ({ address: each, port })) });
    const monitored = instanceSettings(
      routerOf(near, [near]),
      [peerSettings(far.toString(), { passive: true })],
      { stations: [stationAt(collector.port)] },
    );
    await running(monitored);
    const peer = peerSettings(near.toString(), { port, localAddress: far });
    await running(
      instanceSettings(routerOf(far, []), [peer], { networks: [networkSettings('203.0.113.0/24')] }),
    );
    const routes = () => [...(collector.replays[0]?.routes(far.toString(), 'pre-policy').keys() ?? [])];
    await expect.poll(routes, { timeout: 15_000 }).toEqual(['ipv4-unicast 203.0.113.0/24 0']);
    const ups = collector.replays[0].messages.filter(
      ({ type, peer: of }) => type === 'peer-up' && of?.type === 0,
    );
    expect(ups).toHaveLength(1);
    expect(ups[0].body.readUInt16BE(16)).toBe(port);
    expect(ups[0].body.readUInt16BE(18)).toBeGreaterThan(0);
    expect(ups[0].bgp.map((open) => open.readUInt32BE(24))).toEqual([near.toUint32(), far.toUint32()]);
    expect(collector.replays[0].complaints).toEqual([]);
  }, 20_000);

  it('one that is not there is waited for, and does not hold up another', async () => {
    const collector = await Collector.listen();
    leaving.push(() => collector.close());
    const nobody = await Collector.listen();
    const { port } = nobody;
    nobody.close();
    const stations = [stationAt(port, 'nobody'), stationAt(collector.port)];
    const instance = await running(settingsWith(stations, ['203.0.113.0/24']));
    const view = (name: string) => instance.management.stations().find((each) => each.name === name);
    await expect.poll(() => view('nobody')?.state).toBe('waiting');
    expect(view('nobody')?.lastError).toContain('refused');
    const wait = (view('nobody')?.retryAt ?? 0) - (view('nobody')?.since ?? 0);
    expect(wait).toBeGreaterThanOrEqual(30_000);
    expect(wait).toBeLessThanOrEqual(37_500);
    await expect.poll(() => locRib(collector.replays[0])).toEqual(['203.0.113.0/24']);
  });
});
