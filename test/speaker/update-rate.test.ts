/** `limits.updatesPerSecond`: how long the peers of an instance have to wait, and that nothing they say is lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import { UpdateRate } from '../../src/speaker/update-rate.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, prefixes, scene } from '../simulation/scenes.ts';

function take(rate: UpdateRate, updates: number, now: number): number {
  for (let i = 0; i < updates; i++) rate.count();
  rate.settle(now);
  return rate.restUntil;
}

describe('the rate of UPDATEs', () => {
  it.each([
    ["a second's worth at once is free", [[100, 1000]], 0],
    ['one more waits for its share', [[101, 1000]], 1010],
    ["ten seconds' worth at once has to rest for nine", [[1000, 1000]], 10_000],
    [
      'what was not used is not saved up beyond a second',
      [
        [0, 1000],
        [101, 60_000],
      ],
      60_010,
    ],
    [
      'the allowance comes back with time',
      [
        [100, 1000],
        [50, 1500],
      ],
      0,
    ],
    [
      'but no faster',
      [
        [100, 1000],
        [60, 1500],
      ],
      1600,
    ],
  ] as const)('%s', (_, chunks, expected) => {
    const rate = new UpdateRate();
    rate.set(100);
    const rests = chunks.map(([updates, now]) => take(rate, updates, now));
    expect(rests.at(-1)).toBeCloseTo(expected, 6);
  });

  it('without a limit nobody rests', () => {
    const rate = new UpdateRate();
    rate.set(undefined);
    expect(take(rate, 1_000_000, 1)).toBe(0);
    rate.set(10);
    expect(take(rate, 11, 5)).toBeGreaterThan(5);
    rate.set(undefined);
    expect(take(rate, 1_000_000, 6)).toBe(0);
  });

  it('whoever rests as told never takes more than the rate and one burst', () => {
    const chunk = fc.record({
      updates: fc.integer({ min: 1, max: 40 }),
      pause: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(chunk, { minLength: 1 }),
        (perSecond, chunks) => {
          const rate = new UpdateRate();
          rate.set(perSecond);
          let [now, taken, last] = [0, 0, 0];
          for (const { updates, pause } of chunks) {
            now = Math.max(now + pause, rate.restUntil);
            // The chunk that goes over is what was read already when the limit was found reached.
            expect(taken).toBeLessThanOrEqual(perSecond + (now * perSecond) / 1000 + 1e-6);
            taken += updates;
            last = now;
            take(rate, updates, now);
          }
          expect(rate.restUntil).toBeLessThanOrEqual(last + (taken * 1000) / perSecond + 1e-6);
        },
      ),
    );
  });

  it('a speaker rests after too many, drops nothing, and a new limit counts from the reload on', () => {
    const limits = { routes: undefined, peers: undefined, updatesPerSecond: 10 };
    const settings = { ...scene([client('10.0.0.2')]), limits };
    const bench = new Bench(settings);
    const peer = new RawPeer(bench, '10.0.0.2');
    bench.clock = 1000;
    for (let n = 0; n < 30; n++) peer.update(internalRoutes(prefixes(1, n)));
    expect(bench.speaker.restUntil).toBe(3000);
    bench.settle();
    expect(bench.speaker.instance.family(ipv4Unicast).rib.bestCount).toBe(30);
    bench.speaker.reconfigure({ ...settings, limits: { ...limits, updatesPerSecond: undefined } });
    expect(bench.speaker.restUntil).toBe(0);
  });
});
