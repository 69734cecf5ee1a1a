/** docs/memory.md, held against what is really allocated. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, prefixes, scene } from '../simulation/scenes.ts';

const page = readFileSync(new URL('../../docs/memory.md', import.meta.url), 'utf8');

/** The number of bytes in the row of the page's table that begins with this word. */
function ledger(row: string): number {
  const match = new RegExp(`^\\| ${row}[^|]*\\|\\s*([0-9,]+)`, 'm').exec(page);
  if (match === null) throw new Error(`docs/memory.md has no row ${row}`);
  return Number(match[1].replaceAll(',', ''));
}

/** Two clients and `routes` routes with ten prefixes per attribute set; the test's own far side keeps nothing. */
function instanceWith(routes: number): Bench {
  const bench = new Bench(scene([client('10.0.0.2'), client('10.0.0.3')]));
  const feeder = new RawPeer(bench, '10.0.0.2');
  const sink = new RawPeer(bench, '10.0.0.3');
  sink.hear = () => true;
  for (let set = 0; set * 10 < routes; set++) {
    const asPath = [{ type: 'sequence' as const, asns: [65100, set + 1] }];
    feeder.update(internalRoutes(prefixes(10, set * 10), { asPath }));
  }
  bench.settle();
  expect(bench.speaker.instance.family(ipv4Unicast).rib.bestCount).toBe(routes);
  return bench;
}

describe('the memory ledger', () => {
  it('an instance with 300 routes and two peers costs what the page says, under 256 KB', () => {
    const warm = Array.from({ length: 10 }, () => instanceWith(300));
    const before = process.memoryUsage();
    const many = Array.from({ length: 50 }, () => instanceWith(300));
    const after = process.memoryUsage();
    expect(warm.length + many.length).toBe(60);
    const columns = (after.arrayBuffers - before.arrayBuffers) / many.length;
    // Objects of the heap come on top; without a forced collection they can only be seen too large.
    expect(columns).toBeLessThan(ledger('instance with 300 routes'));
    expect(ledger('instance with 300 routes')).toBeLessThan(256 * 1024);
    expect(many[0].speaker.instance.bytes).toBeLessThan(columns);
  });

  it('a route, its NLRI, its share of a set and its group entries cost what the page says', () => {
    const count = 60_000;
    const { instance } = instanceWith(count).speaker;
    const { rib, groups } = instance.family(ipv4Unicast);
    const capacity = 65_536;
    expect(rib.bytes / capacity).toBeLessThan(ledger('route') + ledger('NLRI') + 8);
    for (const group of groups.values())
      expect((group.bytes - instance.tables.paths.top * 4 * 4) / capacity).toBeLessThanOrEqual(
        ledger('group entry'),
      );
    const sets = count / 10;
    expect(instance.tables.attributes.size).toBe(sets);
    expect(instance.tables.attributes.bytes / 16_384).toBeLessThan(ledger('attribute set') + 16);
    expect(instance.tables.paths.bytes / 16_384).toBeLessThan(ledger('path') + 8);
  });
});
