/**
 * A small bench that fails only when something went grossly wrong. No absolute times: how much faster than the naive
 * twin in the same process, how many bytes of objects are allocated and how many writes are made per 1,000 routes, all
 * through the whole speaker but its sockets. The figures that the bounds stand for are in docs/performance.md.
 */
import { describe, expect, it } from 'vitest';
import { makeTable } from '../../bench/full-table.ts';
import { allocated } from '../../bench/micro/allocated.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, scene } from '../simulation/scenes.ts';
import { NaiveReflector } from './naive-reflector.ts';

const routes = 40_000;
const chunkOctets = 64 * 1024;
const table = makeTable(routes, 1);

/** A reflector with two speakers and one listener that only counts. */
class Run {
  readonly bench = new Bench(scene(['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((text) => client(text))));
  readonly first = new RawPeer(this.bench, '10.0.0.2');
  readonly second = new RawPeer(this.bench, '10.0.0.3');
  writes = 0;
  octets = 0;

  constructor() {
    for (const peer of [this.first, this.second]) peer.hear = () => true;
    new RawPeer(this.bench, '10.0.0.4').hear = (bytes) => {
      this.writes++;
      this.octets += bytes.length;
      return true;
    };
  }

  /** As a host would: a chunk is read, then there is a turn of work. */
  take(peer: RawPeer, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += chunkOctets) {
      peer.send(bytes.subarray(at, at + chunkOctets));
      this.bench.settle();
    }
  }

  get prefixes(): number {
    let best = 0;
    for (const { rib } of this.bench.speaker.instance.families.values()) best += rib.bestCount;
    return best;
  }
}

/** The table once more from another peer, then gone from the first: every destination changes its best route. */
function changeEverything(run: Run): void {
  run.take(run.second, table.bytes);
  run.first.drop();
  run.bench.settle();
}

/** Milliseconds, the least of `times` runs: others on the machine only ever make it longer. */
function leastTime(times: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    run();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

const perThousand = (figure: number): number => (figure * 1000) / routes;

describe('no gross regression', () => {
  it('a table goes through the speaker several times as fast as through the naive twin', () => {
    const ours = leastTime(5, () => {
      const run = new Run();
      run.take(run.first, table.bytes);
      expect(run.prefixes).toBe(routes);
    });
    const naive = leastTime(2, () => {
      const twin = new NaiveReflector();
      twin.received('10.0.0.2', table.bytes);
      expect(twin.best.size).toBe(routes);
    });
    const figures = `naive ${naive.toFixed(0)} ms, speaker ${ours.toFixed(0)} ms: ${(naive / ours).toFixed(1)} x`;
    process.stderr.write(`${figures}\n`);
    expect(naive / ours, figures).toBeGreaterThan(2);
  });

  it('a change of every best route does too', () => {
    const ours = leastTime(5, () => {
      const run = new Run();
      run.take(run.first, table.bytes);
      const before = run.octets;
      changeEverything(run);
      expect(run.octets).toBeGreaterThan(before + routes);
    });
    const naive = leastTime(2, () => {
      const twin = new NaiveReflector();
      twin.received('10.0.0.2', table.bytes);
      twin.received('10.0.0.3', table.bytes);
    });
    const figures = `naive ${naive.toFixed(0)} ms, speaker ${ours.toFixed(0)} ms: ${(naive / ours).toFixed(1)} x`;
    process.stderr.write(`${figures}\n`);
    expect(naive / ours, figures).toBeGreaterThan(2);
  });

  it('a new table and a change of every best route allocate next to no objects', () => {
    // Until the code is compiled, numbers above 2^30 are objects too.
    for (let i = 0; i < 6; i++) {
      const warm = new Run();
      warm.take(warm.first, table.bytes);
      changeEverything(warm);
    }
    const run = new Run();
    const table1 = perThousand(allocated(() => run.take(run.first, table.bytes)));
    const change = perThousand(allocated(() => changeEverything(run)));
    const figures = `bytes of objects per 1,000 routes: ${table1.toFixed(0)} of a new table, ${change.toFixed(0)} of a change`;
    process.stderr.write(`${figures}\n`);
    // One object of the smallest kind per route would be 16,000 and more.
    expect(table1, figures).toBeLessThan(12_000);
    expect(change, figures).toBeLessThan(24_000);
  });

  it('few writes carry many routes, packed at least as well as they came', () => {
    const run = new Run();
    run.take(run.first, table.bytes);
    const writes = perThousand(run.writes);
    process.stderr.write(
      `writes per 1,000 routes: ${writes.toFixed(2)}; octets out ${run.octets}, in ${table.bytes.length}\n`,
    );
    expect(writes).toBeLessThan(5);
    // ORIGINATOR_ID and CLUSTER_LIST make each UPDATE 14 octets longer, and that is all.
    expect(run.octets).toBeLessThan(table.bytes.length + table.updates * 14 + 1000);
  });
});
