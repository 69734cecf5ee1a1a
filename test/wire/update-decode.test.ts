import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { toHex } from '../../src/wire/bytes.ts';
import type { NlriRow } from '../../src/wire/nlri/row.ts';
import { forEachNlri } from '../../src/wire/nlri/run.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import { type AttributeContext, type NlriRun, UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';
import { encodeEndOfRib, encodeNlri, encodeUpdate, type NlriText } from '../../src/wire/update-encode.ts';
import { anyAttributes, ipv4Text, ipv6Text } from './support/arbitraries.ts';
import {
  decode,
  externalOld,
  good,
  hex,
  internal,
  internalOld,
  mandatory,
  update,
} from './support/messages.ts';

const addPathBoth: AttributeContext = { ...internal, addPathReceive: new Set([ipv4Unicast, ipv6Unicast]) };

function read(view: UpdateView, run: NlriRun): NlriText[] {
  const all: NlriText[] = [];
  if (run.family === 0) return all;
  const row = nlriRow(run.family) as NlriRow;
  forEachNlri(view.bytes, run.start, run.end, row, run.addPath, (at, _length, pathId) => {
    const nlri = row.format(view.bytes, at);
    all.push(run.addPath ? { nlri, pathId } : nlri);
  });
  return all;
}

const hop4 = IpAddress.parse('10.0.0.1') as IpAddress;
const hop6 = IpAddress.parse('2001:db8::1') as IpAddress;
const linkLocal = IpAddress.parse('fe80::1') as IpAddress;

describe('encodeUpdate and decodeUpdate', () => {
  const withIds = (text: fc.Arbitrary<string>, addPath: boolean): fc.Arbitrary<NlriText[]> => {
    const each: fc.Arbitrary<NlriText> = addPath
      ? fc.record({ nlri: text, pathId: fc.nat(0xffffffff) })
      : text;
    return fc.array(each, { minLength: 1, maxLength: 20 });
  };

  it.each([false, true])('round-trip, ADD-PATH %s', (addPath) => {
    const v4 = withIds(ipv4Text, addPath);
    const v6 = withIds(ipv6Text, addPath);
    const message = fc.record({
      attributes: anyAttributes,
      withdrawn: fc.option(v4, { nil: undefined }),
      announced: fc.option(v4, { nil: undefined }),
      reach: fc.option(v6, { nil: undefined }),
      unreach: fc.option(v6, { nil: undefined }),
      hops: fc.constantFrom([hop6], [hop6, linkLocal]),
    });
    const view = new UpdateView();
    fc.assert(
      fc.property(message, ({ attributes, withdrawn, announced, reach, unreach, hops }) => {
        const bytes = encodeUpdate({
          attributes,
          nextHop: hop4,
          ...(withdrawn && { withdrawn }),
          ...(announced && { announced }),
          ...(reach && { mpReach: { family: ipv6Unicast, nextHops: hops, nlri: reach } }),
          ...(unreach && { mpUnreach: { family: ipv6Unicast, nlri: unreach } }),
        });
        decodeUpdate(view, bytes, 0, bytes.length, addPath ? addPathBoth : internal);
        expect(view.faults).toEqual([]);
        expect(read(view, view.withdrawn)).toEqual(withdrawn ?? []);
        expect(read(view, view.announced)).toEqual(announced ?? []);
        expect(read(view, view.mpAnnounced)).toEqual(reach ?? []);
        expect(read(view, view.mpWithdrawn)).toEqual(unreach ?? []);
        expect(decodePathAttributes(view.canonical, 0, view.canonicalLength)).toEqual(attributes);
        expect(toHex(bytes, view.nextHopAt, view.nextHopAt + 4)).toBe('0a000001');
        if (reach) {
          const expected = hops.map((each) => toHex(each.bytes)).join('');
          expect(toHex(bytes, view.mpNextHopAt, view.mpNextHopAt + view.mpNextHopLength)).toBe(expected);
        }
        expect(view.endOfRib).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('carries numbers over 65535 past a 2-octet speaker', () => {
    const attributes = {
      origin: 'igp',
      asPath: [{ type: 'sequence', asns: [65001, 4200000000] }],
      aggregator: { asn: 70000, address: 1 },
      localPref: 100,
    } as const;
    const bytes = encodeUpdate({
      asNumbers: 'two-octet',
      attributes,
      nextHop: hop4,
      announced: ['0.0.0.0/0'],
    });
    const view = decode(bytes, internalOld);
    expect(view.faults).toEqual([]);
    expect(decodePathAttributes(view.canonical, 0, view.canonicalLength)).toEqual(attributes);
  });

  it('refuses text that is no NLRI of the family', () => {
    expect(() => encodeNlri(ipv4Unicast, ['2001:db8::/32'])).toThrow(RangeError);
    expect(() => encodeNlri(((25 << 8) | 70) as FamilyKey, ['x'])).toThrow(RangeError);
  });

  it('a message in the middle of a chunk is read in place', () => {
    const one = update('080a', mandatory, '18c00002');
    const chunk = hex(toHex(one) + toHex(one));
    const view = new UpdateView();
    decodeUpdate(view, chunk, one.length, 2 * one.length, internal);
    expect(view.bytes).toBe(chunk);
    expect(view.announced.end).toBe(chunk.length);
    expect(toHex(chunk, view.withdrawn.start, view.withdrawn.end)).toBe('080a');
  });

  it('leaves nothing of the message before in the view', () => {
    const view = new UpdateView();
    const full = update('080a', mandatory + good.mpReach, '18c00002');
    decodeUpdate(view, full, 0, full.length, internal);
    const bad = update('', `${mandatory}800400`, '00');
    decodeUpdate(view, bad, 0, bad.length, internal);
    const before = view.faults;
    const empty = update('080a', '', '');
    decodeUpdate(view, empty, 0, empty.length, internal);
    expect(before).toHaveLength(1);
    expect(view).toMatchObject({
      faults: [],
      nextHopAt: -1,
      mpNextHopAt: -1,
      mpNextHopLength: 0,
      canonicalLength: 0,
      hasAttributes: false,
      endOfRib: 0,
      announced: { family: 0 },
      mpAnnounced: { family: 0 },
      mpWithdrawn: { family: 0 },
    });
  });
});

describe('End-of-RIB (RFC 4724 §2)', () => {
  it.each([ipv4Unicast, ipv6Unicast])('of family %i', (family) => {
    const bytes = encodeEndOfRib(family);
    expect(decode(bytes).endOfRib).toBe(family);
    expect(decode(bytes, { ...internal, families: new Set() }).endOfRib).toBe(0);
  });

  it.each([
    ['IPv4 by an empty MP_UNREACH_NLRI', update('', '800f03 000101', ''), ipv4Unicast],
    ['with a long header', update('', '900f0003 000201', ''), ipv6Unicast],
    ['not with routes', update('', '800f0a 000201 3020010db80001', ''), 0],
    ['not with another attribute', update('', `${good.origin}800f03 000201`, ''), 0],
    ['not with withdrawn routes', update('080a', '800f03 000201', ''), 0],
    ['not with a dropped attribute', update('', '80fb00 800f03 000201', ''), 0],
    ['not a withdrawal', update('080a', '', ''), 0],
  ])('%s', (_name, bytes, family) => {
    expect(decode(bytes).endOfRib).toBe(family);
  });
});

describe('odds and ends', () => {
  it('the same prefix withdrawn and announced is both (RFC 4271 §4.3)', () => {
    const view = decode(update('18c00002', mandatory, '18c00002'));
    expect(view.faults).toEqual([]);
    expect([read(view, view.withdrawn), read(view, view.announced)]).toEqual([
      ['192.0.2.0/24'],
      ['192.0.2.0/24'],
    ]);
  });

  it('MP_REACH_NLRI without NLRI announces nothing', () => {
    const view = decode(update('', '800e15 000201 10 20010db8000000000000000000000001 00', ''));
    expect(view.mpAnnounced.family).toBe(0);
    expect(view.faults).toEqual([]);
  });

  it('1000 NLRI in one message', () => {
    const announced = Array.from({ length: 1000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const attributes = { origin: 'igp', asPath: [], localPref: 1 } as const;
    const view = decode(encodeUpdate({ attributes, nextHop: hop4, announced }));
    expect(read(view, view.announced)).toEqual(announced);
  });

  it('200 unknown attributes in one message stay in order', () => {
    const types = Array.from({ length: 200 }, (_, i) => 255 - i);
    const block = types.map((type) => `c0${type.toString(16).padStart(2, '0')}01aa`).join('');
    const { unknown } = (() => {
      const view = decode(update('', mandatory + block, '00'));
      expect(view.faults).toEqual([]);
      return decodePathAttributes(view.canonical, 0, view.canonicalLength);
    })();
    expect(unknown?.map((each) => each.type)).toEqual([...types].reverse());
  });

  it('an external 2-octet speaker without anything special', () => {
    const view = decode(update('', good.origin + good.asPathOld + good.nextHop, '00'), externalOld);
    expect(view.faults).toEqual([]);
    expect(toHex(view.canonical, 0, view.canonicalLength)).toBe(toHex(hex(good.origin + good.asPath)));
  });
});
