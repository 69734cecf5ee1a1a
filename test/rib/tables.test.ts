/** Interners against a Map of texts: attributes, paths, NLRI. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttributeFlag, AttributeTable, splitAt } from '../../src/rib/attribute-table.ts';
import { NextHopTable } from '../../src/rib/next-hop-table.ts';
import { Ipv4NlriTable, PrefixNlriTable } from '../../src/rib/nlri-table.ts';
import { PathTable } from '../../src/rib/path-table.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { anyAttributes } from '../wire/support/arbitraries.ts';

const seed = fc.nat(0xffffffff);

describe('AttributeTable', () => {
  it('gives equal sets one id and other sets another, and forgets what nobody holds', () => {
    const sets = fc.array(anyAttributes, { minLength: 1, maxLength: 12 });
    const steps = fc.array(fc.record({ which: fc.nat(11), retain: fc.boolean() }), {
      maxLength: 60,
      size: 'max',
    });
    fc.assert(
      fc.property(sets, steps, seed, (all, steps, seed) => {
        const table = new AttributeTable(seed);
        const held: { id: number; key: string }[] = [];
        for (const { which, retain } of steps) {
          const bytes = encodePathAttributes(all[which % all.length]);
          if (retain) {
            const id = table.intern(bytes, bytes.length, AttributeFlag.validInternal);
            const known = held.find(({ key }) => key === toHex(bytes));
            if (known) expect(id).toBe(known.id);
            else expect(held.map((each) => each.id)).not.toContain(id);
            table.retain(id);
            held.push({ id, key: toHex(bytes) });
          } else {
            const gone = held.shift();
            if (gone) table.release(gone.id);
          }
          for (const { id, key } of held) expect(toHex(table.copyOf(id))).toBe(key);
          expect(table.size).toBe(new Set(held.map(({ key }) => key)).size);
        }
        for (const { id } of held) table.release(id);
        expect(table.size).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('finds a set in two pieces around a NEXT_HOP, and takes it in from them', () => {
    fc.assert(
      fc.property(anyAttributes, seed, (attributes, seed) => {
        const table = new AttributeTable(seed);
        const bytes = encodePathAttributes(attributes);
        const split = splitAt(bytes, bytes.length);
        const message = new Uint8Array(bytes.length + 17);
        message.set(bytes.subarray(0, split), 10);
        message.set(bytes.subarray(split), split + 17);
        const pieces = [message, 10, 10 + split, split + 17, bytes.length + 17] as const;
        expect(table.findPieces(...pieces)).toBe(0);
        const id = table.addPieces(...pieces, AttributeFlag.validInternal);
        expect(table.findPieces(...pieces)).toBe(id);
        expect(table.copyOf(id)).toEqual(bytes);
        const twin = new AttributeTable(seed);
        const same = twin.intern(bytes, bytes.length, AttributeFlag.validInternal);
        expect(table.flags[id]).toBe(twin.flags[same]);
        expect(table.localPref[id]).toBe(twin.localPref[same]);
        expect(table.asPathLength[id]).toBe(twin.asPathLength[same]);
        expect(table.intern(bytes, bytes.length, AttributeFlag.validExternal)).toBe(id);
        expect(table.flags[id] & AttributeFlag.validExternal).not.toBe(0);
        message[10] ^= 0x20;
        expect(table.findPieces(...pieces)).toBe(0);
      }),
    );
  });

  it('knows the keys of the decision', () => {
    fc.assert(
      fc.property(anyAttributes, (attributes) => {
        const table = new AttributeTable(1);
        const bytes = encodePathAttributes(attributes);
        const id = table.intern(bytes, bytes.length, 0);
        const has = (flag: number) => (table.flags[id] & flag) !== 0;
        expect(['igp', 'egp', 'incomplete'][table.flags[id] & AttributeFlag.originMask]).toBe(
          attributes.origin,
        );
        expect(table.localPref[id]).toBe(attributes.localPref ?? 100);
        expect([has(AttributeFlag.hasMed), table.med[id]]).toEqual([
          attributes.med !== undefined,
          attributes.med ?? 0,
        ]);
        expect(table.asPathLength[id]).toBe(hopsOf(attributes));
        expect(table.neighborAs[id]).toBe(neighborOf(attributes));
        expect([has(AttributeFlag.hasOriginatorId), table.originatorId[id]]).toEqual([
          attributes.originatorId !== undefined,
          attributes.originatorId ?? 0,
        ]);
        expect(table.clusterListLength[id]).toBe(attributes.clusterList?.length ?? 0);
        expect(has(AttributeFlag.hasUnknown)).toBe((attributes.unknown?.length ?? 0) > 0);
      }),
    );
  });

  it.each([
    [0xffffff01, AttributeFlag.noExport],
    [0xffffff02, AttributeFlag.noAdvertise],
    [0xffffff03, AttributeFlag.noExportSubconfed],
    [0xffff0000, AttributeFlag.gracefulShutdown],
    [0xffff0006, AttributeFlag.llgrStale],
    [0xffff0007, 0],
    [0xfffe0001, 0],
  ])('knows community %i', (community, flag) => {
    const table = new AttributeTable(1);
    const bytes = encodePathAttributes({ origin: 'igp', asPath: [], communities: [7, community] });
    const id = table.intern(bytes, bytes.length, 0);
    expect(table.flags[id]).toBe(flag);
  });
});

/** RFC 4271 §9.1.2.2 a), RFC 5065 §5.3. */
function hopsOf({ asPath }: PathAttributes): number {
  return asPath.reduce(
    (sum, { type, asns }) => sum + (type === 'sequence' ? asns.length : type === 'set' ? 1 : 0),
    0,
  );
}

function neighborOf({ asPath }: PathAttributes): number {
  const first = asPath.find(({ type }) => type === 'sequence' || type === 'set');
  return first?.type === 'sequence' ? first.asns[0] : 0;
}

describe('PathTable', () => {
  it('holds its attributes and next hops for as long as somebody holds the path', () => {
    const steps = fc.array(
      fc.record({
        source: fc.nat(3),
        set: fc.nat(3),
        hop: fc.nat(3),
        flags: fc.nat(3),
        release: fc.boolean(),
      }),
      { maxLength: 100, size: 'max' },
    );
    fc.assert(
      fc.property(steps, seed, (steps, seed) => {
        const attributes = new AttributeTable(seed);
        const nextHops = new NextHopTable(() => ({ reachable: true, cost: 0 }));
        const paths = new PathTable(attributes, nextHops, seed);
        const freed: number[] = [];
        paths.onFreed((path) => freed.push(path));
        const held: { id: number; key: string }[] = [];
        for (const { source, set, hop, flags, release } of steps) {
          if (release) {
            const gone = held.shift();
            if (gone === undefined) continue;
            paths.release(gone.id);
            expect(freed.includes(gone.id)).toBe(!held.some(({ id }) => id === gone.id));
            freed.length = 0;
            continue;
          }
          const bytes = encodePathAttributes({ origin: 'igp', asPath: [], med: set });
          const nextHop = hop === 0 ? 0 : nextHops.intern(Uint8Array.of(10, 0, 0, hop), 0, 4);
          const id = paths.intern(source, attributes.intern(bytes, bytes.length, 0), nextHop, flags);
          const key = `${source} ${set} ${hop} ${flags}`;
          const known = held.find((each) => each.key === key);
          if (known) expect(id).toBe(known.id);
          else expect(held.map((each) => each.id)).not.toContain(id);
          paths.retain(id);
          held.push({ id, key });
          expect(paths.size).toBe(new Set(held.map((each) => each.key)).size);
        }
        for (const { id } of held) paths.release(id);
        expect([paths.size, attributes.size, nextHops.size]).toEqual([0, 0, 0]);
      }),
      { numRuns: 200 },
    );
  });
});

describe.each([
  ['Ipv4NlriTable', 4, (seed: number) => new Ipv4NlriTable(seed)],
  ['PrefixNlriTable', 16, (seed: number) => new PrefixNlriTable(16, seed)],
  ['PrefixNlriTable with short addresses', 4, (seed: number) => new PrefixNlriTable(4, seed)],
] as const)('%s', (_name, octets, make) => {
  /** Length octet and address; the bits beyond the length as they come. Few bits differ: neighbours abound. */
  const wire = fc
    .tuple(fc.nat(octets * 8), fc.uint8Array({ minLength: octets, maxLength: octets }), fc.boolean())
    .map(([length, address, narrow]) => {
      const bytes = narrow ? address.map((each) => each & 0x81) : address;
      return Uint8Array.of(length, ...bytes.subarray(0, (length + 7) >> 3));
    });

  it('is a Map of masked prefixes', () => {
    const steps = fc.array(fc.record({ wire, free: fc.boolean() }), { maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(steps, seed, (steps, seed) => {
        const table = make(seed);
        const twin = new Map<string, number>();
        for (const { wire, free } of steps) {
          const key = toHex(masked(wire));
          const padded = new Uint8Array(40).fill(0xff);
          padded.set(wire, 3);
          expect(table.find(padded, 3)).toBe(twin.get(key) ?? 0);
          const known = twin.get(key);
          if (free && known !== undefined) {
            table.free(known);
            twin.delete(key);
            expect(table.isUsed(known)).toBe(false);
            expect(table.find(padded, 3)).toBe(0);
          } else {
            const id = table.intern(padded, 3);
            if (known !== undefined) expect(id).toBe(known);
            else expect([...twin.values()]).not.toContain(id);
            twin.set(key, id);
          }
          expect(table.size).toBe(twin.size);
        }
        for (const [key, id] of twin) {
          const out = new Uint8Array(20);
          const end = table.write(id, out, 1);
          expect(toHex(out, 1, end)).toBe(key);
          expect([table.lengthOf(id), table.isUsed(id)]).toEqual([out[1], true]);
        }
        expect([table.isUsed(0), table.isUsed(table.top)]).toEqual([false, false]);
      }),
      { numRuns: 150 },
    );
  });

  it('holds every length apart', () => {
    const table = make(9);
    const ids = new Set<number>();
    for (let length = 0; length <= octets * 8; length++)
      ids.add(table.intern(Uint8Array.of(length, ...new Uint8Array((length + 7) >> 3)), 0));
    expect(ids.size).toBe(octets * 8 + 1);
  });
});

function masked(wire: Uint8Array): Uint8Array {
  const out = wire.slice();
  const rest = wire[0] & 7;
  if (rest !== 0) out[out.length - 1] &= 0xff << (8 - rest);
  return out;
}
