/** The quick look at an attribute block says nothing that the decoder would not say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { FastWalk, standsAsItIs } from '../../src/wire/attributes/fast-walk.ts';
import type { NotificationError } from '../../src/wire/errors.ts';
import { type AttributeContext, UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';
import { anyAttributes } from './support/arbitraries.ts';

const context = (external: boolean): AttributeContext => ({
  fourOctetAs: true,
  external,
  families: new Set([ipv4Unicast]),
  addPathReceive: new Set(),
  extendedNextHop: new Set(),
});

/** The block with NEXT_HOP in its place: types 1 and 2 go before it. */
function withNextHop(canonical: Uint8Array): Uint8Array {
  let at = 0;
  while (at < canonical.length && canonical[at + 1] < 3) {
    at += canonical[at] & 0x10 ? 4 + ((canonical[at + 2] << 8) | canonical[at + 3]) : 3 + canonical[at + 2];
  }
  return Uint8Array.from([...canonical.subarray(0, at), 0x40, 3, 4, 10, 0, 0, 1, ...canonical.subarray(at)]);
}

const headerAndWithdrawn = 21;

/** An UPDATE of this block for 192.0.2.0/24. */
function update(block: Uint8Array): Uint8Array {
  const message = new Uint8Array(headerAndWithdrawn + 2 + block.length + 4);
  message[headerAndWithdrawn] = block.length >> 8;
  message[headerAndWithdrawn + 1] = block.length;
  message.set(block, headerAndWithdrawn + 2);
  message.set([24, 192, 0, 2], message.length - 4);
  return message;
}

function quickly(block: Uint8Array, external: boolean): Uint8Array | undefined {
  const walk = new FastWalk();
  if (!walk.locate(block, 0, block.length)) return undefined;
  if (!standsAsItIs(block, 0, block.length, context(external))) return undefined;
  return Uint8Array.from([...block.subarray(0, walk.nextHopAt - 3), ...block.subarray(walk.nextHopAt + 4)]);
}

function decoded(block: Uint8Array, external: boolean): Uint8Array | undefined {
  const message = update(block);
  const view = new UpdateView();
  try {
    decodeUpdate(view, message, 0, message.length, context(external));
  } catch (error) {
    expect((error as NotificationError).code).toBe(3);
    return undefined;
  }
  return view.faults.length > 0 ? undefined : view.canonical.slice(0, view.canonicalLength);
}

describe('a block that stands as it is', () => {
  it('is what the decoder makes of it, whatever was changed in it', () => {
    let stood = 0;
    const change = fc.record({ at: fc.nat(2000), octet: fc.nat(255) });
    fc.assert(
      fc.property(
        anyAttributes,
        fc.boolean(),
        fc.array(change, { maxLength: 2 }),
        (attributes, external, changes) => {
          const block = withNextHop(encodePathAttributes(attributes));
          for (const { at, octet } of changes) block[at % block.length] = octet;
          const canonical = quickly(block, external);
          if (canonical === undefined) return;
          stood++;
          expect(canonical).toEqual(decoded(block, external));
        },
      ),
      { numRuns: 4000 },
    );
    expect(stood).toBeGreaterThan(200);
  });

  it('is every good one of an internal peer that is in canonical order already', () => {
    fc.assert(
      fc.property(anyAttributes, ({ largeCommunities, ...attributes }) => {
        const one = largeCommunities?.slice(0, 1);
        const partial = attributes.partial?.filter((type) => type !== 32 || one !== undefined) ?? [];
        const kept = { ...attributes, partial, ...(one === undefined ? {} : { largeCommunities: one }) };
        const block = withNextHop(encodePathAttributes(kept));
        const expected = decoded(block, false);
        if (expected !== undefined) expect(quickly(block, false)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  const origin = [0x40, 1, 1, 0];
  const asPath = [0x40, 2, 0];
  const nextHop = [0x40, 3, 4, 10, 0, 0, 1];
  const localPref = [0x40, 5, 4, 0, 0, 0, 100];
  it.each([
    ['ORIGIN is missing', [...asPath, ...nextHop, ...localPref]],
    ['LOCAL_PREF of an internal peer is missing', [...origin, ...asPath, ...nextHop]],
    ['ORIGIN is 3', [0x40, 1, 1, 3, ...asPath, ...nextHop, ...localPref]],
    ['LOCAL_PREF says Partial', [...origin, ...asPath, ...nextHop, 0x60, 5, 4, 0, 0, 0, 100]],
    ['an unknown attribute is not transitive', [...origin, ...asPath, ...nextHop, ...localPref, 0x80, 99, 0]],
    ['an unknown attribute is well-known', [...origin, ...asPath, ...nextHop, ...localPref, 0x40, 99, 0]],
  ])('is left to the decoder where %s', (_, octets) => {
    expect(quickly(Uint8Array.from(octets), false)).toBeUndefined();
  });

  it('is valid from an external peer without LOCAL_PREF', () => {
    const block = Uint8Array.from([...origin, 0x40, 2, 6, 2, 1, 0, 0, 0, 9, ...nextHop]);
    expect(quickly(block, true)).toEqual(decoded(block, true));
    expect(quickly(block, true)).toBeDefined();
  });
});
