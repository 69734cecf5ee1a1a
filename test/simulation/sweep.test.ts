/** A session that drops and returns in the middle of the sweep of its million routes, twice. */
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { Bench, RawPeer } from './raw-peer.ts';
import { client, scene } from './scenes.ts';

const total = 1_000_000;
const perMessage = 900;

/** Packed UPDATEs for the /24s numbered `[from, to)`, `sets` distinct attribute sets in turn. */
function fullTable(from: number, to: number, sets: number): readonly Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = from, n = 0; at < to; at += perMessage, n++) {
    const attributes = encodePathAttributes({
      origin: 'igp',
      asPath: [{ type: 'sequence', asns: [65100, 1 + (n % sets)] }],
      localPref: 100,
    });
    messages.push(update(attributes, at, Math.min(to, at + perMessage)));
  }
  return messages;
}

function update(canonical: Uint8Array, from: number, to: number): Uint8Array {
  // NEXT_HOP goes between AS_PATH and LOCAL_PREF, which is the last seven octets.
  const split = canonical.length - 7;
  const length = 23 + canonical.length + 7 + (to - from) * 4;
  const out = new Uint8Array(length).fill(0xff, 0, 16);
  out.set([length >> 8, length & 255, 2, 0, 0, 0, canonical.length + 7], 16);
  out.set(canonical.subarray(0, split), 23);
  out.set([0x40, 3, 4, 198, 51, 100, 1], 23 + split);
  out.set(canonical.subarray(split), 30 + split);
  let at = 30 + canonical.length;
  for (let n = from; n < to; n++) {
    out[at] = 24;
    out[at + 1] = 1 + (n >> 16);
    out[at + 2] = (n >> 8) & 255;
    out[at + 3] = n & 255;
    at += 4;
  }
  return out;
}

describe('a million routes', () => {
  it('survive a session that drops and returns in the middle of their sweep, twice', () => {
    const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
    const sink = new RawPeer(bench, '10.0.0.3');
    let heard = 0;
    // The sink only counts: a million entries in a Map would be the test's cost, not the speaker's.
    sink.hear = (bytes) => {
      heard += bytes.length;
      return true;
    };
    const table = fullTable(0, total, 500);
    const later = fullTable(total / 2, total + total / 10, 400);
    let feeder = new RawPeer(bench, '10.0.0.2');
    for (const message of table) feeder.send(message);
    bench.settle();
    const { rib } = bench.speaker.instance.family(ipv4Unicast);
    expect([rib.routeCount, rib.bestCount]).toEqual([total, total]);
    expect(sink.view.families[0].sent).toBe(total);

    for (const round of [1, 2]) {
      const before = rib.routeCount;
      feeder.drop();
      for (let turn = 0; turn < 4; turn++) bench.speaker.work(bench.clock);
      const left = rib.routeCount;
      expect(left, `round ${round}: the sweep is under way`).toBeGreaterThan(0);
      expect(left).toBeLessThan(before);
      bench.wait(2);
      feeder = new RawPeer(bench, '10.0.0.2', { settle: false });
      expect(feeder.view.state).toBe('established');
      expect(rib.routeCount, `round ${round}: the sweep is still under way`).toBe(left);
      // Half of the new table, then the same again: between the slices of the sweep.
      later.forEach((message, i) => {
        feeder.send(message);
        if (i % 50 === 0) bench.speaker.work(bench.clock);
        if (round === 1 && i === 300) {
          feeder.drop();
          bench.speaker.work(bench.clock);
          bench.wait(2);
          feeder = new RawPeer(bench, '10.0.0.2', { settle: false });
          for (const again of later.slice(0, i + 1)) feeder.send(again);
        }
      });
      bench.settle();
      const kept = total / 2 + total / 10;
      expect([rib.routeCount, rib.bestCount, rib.nlri.size], `round ${round}`).toEqual([kept, kept, kept]);
      expect(feeder.view.families[0]).toMatchObject({ received: kept, accepted: kept, best: kept });
      expect(sink.view.families[0].sent).toBe(kept);
      for (const message of table) feeder.send(message);
      bench.settle();
      expect(rib.routeCount).toBe(total + total / 10);
    }
    expect(heard).toBeGreaterThan(total * 4);

    feeder.drop();
    bench.settle();
    const { tables } = bench.speaker.instance;
    expect([rib.routeCount, rib.bestCount, rib.nlri.size, tables.attributes.size, tables.paths.size]).toEqual(
      [0, 0, 0, 0, 0],
    );
    expect(sink.view.families[0].sent).toBe(0);
    expect(bench.internalErrors).toEqual([]);
  }, 120_000);

  it('changed again and again over a small table leave the tables as small as they were', () => {
    const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
    const sink = new RawPeer(bench, '10.0.0.3');
    sink.hear = () => true;
    const feeder = new RawPeer(bench, '10.0.0.2');
    const { tables } = bench.speaker.instance;
    const state = bench.speaker.instance.family(ipv4Unicast);
    const sizes = () => ({
      bytes: bench.speaker.instance.bytes,
      routes: state.rib.routeTop,
      nlri: state.rib.nlri.top,
      paths: tables.paths.top,
    });
    let first: ReturnType<typeof sizes> | undefined;
    // 1,000 prefixes, each round with sets never seen before: a million changes.
    for (let round = 0; round < 1000; round++) {
      for (let at = 0; at < 1000; at += 100) {
        const attributes = encodePathAttributes({
          origin: 'igp',
          asPath: [{ type: 'sequence', asns: [65100, round + 1, at + 1] }],
          localPref: 100,
        });
        feeder.send(update(attributes, at, at + 100));
      }
      bench.settle();
      if (round === 10) first = sizes();
    }
    expect(sizes()).toEqual(first);
    expect([state.rib.routeCount, tables.attributes.size, tables.paths.size]).toEqual([1000, 10, 10]);
  });
});
