/** A station that is not there: when it is tried again (RFC 7854 §3.2). */
import { describe, expect, it } from 'vitest';
import { PeerType } from '../../src/bmp/messages.ts';
import { monitoredSpeaker } from '../../src/bmp/monitored-speaker.ts';
import { Station } from '../../src/bmp/station.ts';
import { Bench } from '../simulation/raw-peer.ts';
import { scene } from '../simulation/scenes.ts';
import { address } from '../support/settings.ts';

function stationOf(random: number) {
  const bench = new Bench(scene([]));
  const log: string[] = [];
  const settings = {
    name: 'a',
    address: address('192.0.2.9'),
    port: 1,
    localAddress: undefined,
    monitor: new Set(['loc-rib'] as const),
    statisticsSeconds: undefined,
  };
  const session = {
    monitor: settings.monitor,
    statisticsSeconds: undefined,
    sysName: '',
    sysDescr: '',
    tableName: 'global',
    peerType: PeerType.global,
    distinguisher: new Uint8Array(8),
    asn: 65000,
    routerId: 1,
  };
  const station = new Station(settings, session, monitoredSpeaker(bench.speaker), {
    now: () => bench.clock,
    wallClock: () => 0,
    random: () => random,
    connect: () => void log.push('connect'),
    send: () => true,
    wake: () => {},
    close: () => void log.push('close'),
  });
  station.start();
  /** Fails, and waits for the next try; how long that was, in seconds. */
  const wait = () => {
    station.failed('refused');
    const seconds = (station.nextDeadline() - bench.clock) / 1000;
    bench.clock = station.nextDeadline();
    station.advance(bench.clock);
    return seconds;
  };
  return { bench, log, station, wait };
}

describe('a station that is not there', () => {
  it.each([
    [0, [30, 60, 120, 240, 480, 720, 720]],
    [0.8, [36, 72, 144, 288, 576, 720, 720]],
  ])('is tried again later and later, random %f', (random, waits) => {
    const { log, wait } = stationOf(random);
    expect(waits.map(() => Math.round(wait() * 1000) / 1000)).toEqual(waits);
    expect(log).toEqual(Array.from({ length: 8 }, () => 'connect'));
  });

  it('is not tried before its time', () => {
    const { bench, log, station } = stationOf(0);
    station.failed('refused');
    expect(station.status()).toMatchObject({ state: 'waiting', lastError: 'refused', retryAt: 30_000 });
    bench.clock = 29_999;
    station.advance(bench.clock);
    expect(log).toEqual(['connect']);
  });

  it('begins anew with 30 s after a connection that lasted', () => {
    const { bench, station, wait } = stationOf(0);
    wait();
    wait();
    station.connected();
    expect(station.status()).toMatchObject({ state: 'connected', connections: 1, retryAt: undefined });
    bench.clock += 60_000;
    expect(wait(), 'shorter than the last wait').toBe(120);
    station.connected();
    bench.clock += 721_000;
    expect(wait()).toBe(30);
  });

  it('is left alone once it is stopped', () => {
    const { log, station } = stationOf(0);
    station.connected();
    station.stop('bye');
    station.failed('closed');
    expect(station.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(log).toEqual(['connect', 'close']);
  });
});
