/** RFC 7606 and its successors row by row: what each malformed attribute leads to, from whom, with which carrier. */
import { describe, expect, it } from 'vitest';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { resetOf, strongestAction, withdrawsRoutes } from '../../src/wire/attributes/faults.ts';
import { attributeRows } from '../../src/wire/attributes/table.ts';
import { toHex } from '../../src/wire/bytes.ts';
import type { AttributeContext, UpdateView } from '../../src/wire/update.ts';
import {
  canonicalHex,
  decode,
  external,
  externalOld,
  good,
  hex,
  internal,
  internalOld,
  notification,
  thrown,
  update,
} from './support/messages.ts';

const prefix = '18c00002';
const everyType = (view: UpdateView): number[] => {
  const types: number[] = [];
  const bytes = view.canonical;
  for (let at = 0; at < view.canonicalLength; ) {
    types.push(bytes[at + 1]);
    at += (bytes[at] & 0x10) !== 0 ? 4 + ((bytes[at + 2] << 8) | bytes[at + 3]) : 3 + bytes[at + 2];
  }
  return types;
};

/** The good attributes but those of the types in `without`, which the test brings itself. */
function others(context: AttributeContext, carrier: 'classic' | 'mp', without: readonly number[]): string {
  const path = context.fourOctetAs ? good.asPath : good.asPathOld;
  const pieces: [number, string][] = [
    [14, carrier === 'mp' ? good.mpReach : ''],
    [1, good.origin],
    [2, path],
    [3, carrier === 'classic' ? good.nextHop : ''],
    [5, context.external ? '' : good.localPref],
  ];
  return pieces.map(([type, wire]) => (without.includes(type) ? '' : wire)).join('');
}

/** Types of the first attribute in a block. */
const typeOf = (attribute: string) => hex(attribute)[1];

type Outcome = 'ok' | 'attribute-discard' | 'treat-as-withdraw';

/** name, attribute, outcome from an external peer, from an internal peer; with 4-octet AS numbers. */
const rows: readonly (readonly [string, string, Outcome, Outcome])[] = [
  ['§3(c) ORIGIN c0', 'c0010100', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) ORIGIN 80', '80010100', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) AS_PATH c0', 'c002060201 0000fde9', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) NEXT_HOP c0', 'c003040a000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) NEXT_HOP 80', '8003040a000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) MED c0', 'c0040400000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) MED 40', '40040400000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) LOCAL_PREF c0', 'c0050400000064', 'attribute-discard', 'treat-as-withdraw'],
  ['§3(c) ATOMIC_AGGREGATE c0', 'c00600', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) AGGREGATOR 80', '8007080000fde90a000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) COMMUNITIES 80', '80080400010002', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) COMMUNITIES e0 keeps Partial', 'e0080400010002', 'ok', 'ok'],
  ['§3(c) EXTENDED COMMUNITIES 80', '8010080002fde800000064', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) LARGE_COMMUNITY 80', '80200c000000010000000200000003', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§3(c) ORIGINATOR_ID c0', 'c009040a000001', 'attribute-discard', 'treat-as-withdraw'],
  ['§3(c) CLUSTER_LIST c0', 'c00a040a000001', 'attribute-discard', 'treat-as-withdraw'],
  ['RFC 4271 §4.3 ORIGIN with low flag bits', '4f010100', 'ok', 'ok'],
  ['§7.1 ORIGIN of 0 octets', '400100', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.1 ORIGIN of 2 octets', '4001020000', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.1 ORIGIN 3', '40010103', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.1 ORIGIN 255', '400101ff', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.2 segment type 0', '4002060001 0000fde9', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.2 segment type 5', '4002060501 0000fde9', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.2 segment of 0', '4002080201 0000fde9 0200', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.2 segment overrun', '4002060205 0000fde9', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.2 one octet left', '4002070201 0000fde9 02', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.2 empty AS_PATH', '400200', 'ok', 'ok'],
  ['§7.2 2-octet path', '4002040201 fde9', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['RFC 5065 §5 confederation sequence', '4002060301 0000fde9', 'treat-as-withdraw', 'ok'],
  ['RFC 5065 §5 confederation set', '4002060401 0000fde9', 'treat-as-withdraw', 'ok'],
  ['RFC 7607 AS 0 in AS_PATH', '40020a0202 0000fde9 00000000', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['RFC 7607 AS 0 in AGGREGATOR', 'c00708000000000a000001', 'attribute-discard', 'attribute-discard'],
  ['§7.3 NEXT_HOP of 3', '4003030a0000', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.3 NEXT_HOP of 5', '4003050a00000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.3 NEXT_HOP of 0', '400300', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.4 MED of 3', '800403000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.4 MED of 5', '8004050000000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.4 MED of 0', '800400', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.5 LOCAL_PREF of 3', '400503000064', 'attribute-discard', 'treat-as-withdraw'],
  ['§7.5 LOCAL_PREF of 0', '400500', 'attribute-discard', 'treat-as-withdraw'],
  ['§7.5 LOCAL_PREF', '40050400000309', 'attribute-discard', 'ok'],
  ['§7.6 ATOMIC_AGGREGATE of 1', '40060100', 'attribute-discard', 'attribute-discard'],
  ['§7.6 ATOMIC_AGGREGATE', '400600', 'ok', 'ok'],
  ['§7.7 AGGREGATOR of 6', 'c00706fde90a000001', 'attribute-discard', 'attribute-discard'],
  ['§7.7 AGGREGATOR of 7', 'c00707fde90a00000101', 'attribute-discard', 'attribute-discard'],
  ['§7.7 AGGREGATOR of 9', 'c007090000fde90a00000101', 'attribute-discard', 'attribute-discard'],
  ['§7.7 AGGREGATOR of 0', 'c00700', 'attribute-discard', 'attribute-discard'],
  ['§7.7 AGGREGATOR', 'c007080000fde90a000001', 'ok', 'ok'],
  ['§7.8 COMMUNITIES of 5', 'c008050001000201', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.8 COMMUNITIES of 0', 'c00800', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.9 ORIGINATOR_ID', '8009040a000001', 'attribute-discard', 'ok'],
  ['§7.9 ORIGINATOR_ID of 3', '8009030a0000', 'attribute-discard', 'treat-as-withdraw'],
  ['§7.9 ORIGINATOR_ID of 5', '8009050a00000101', 'attribute-discard', 'treat-as-withdraw'],
  ['§7.10 CLUSTER_LIST', '800a040a000001', 'attribute-discard', 'ok'],
  ['§7.10 CLUSTER_LIST of 5', '800a050a00000101', 'attribute-discard', 'treat-as-withdraw'],
  ['§7.10 CLUSTER_LIST of 0', '800a00', 'attribute-discard', 'treat-as-withdraw'],
  ['§7.14 EXTENDED COMMUNITIES of 7', 'c0100700000000000001', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.14 EXTENDED COMMUNITIES of 0', 'c01000', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['§7.14 EXTENDED COMMUNITIES of unknown type', 'c010083f77000000000001', 'ok', 'ok'],
  [
    'RFC 8092 LARGE_COMMUNITY of 13',
    'c0200d00000001000000020000000301',
    'treat-as-withdraw',
    'treat-as-withdraw',
  ],
  ['RFC 8092 LARGE_COMMUNITY of 0', 'c02000', 'treat-as-withdraw', 'treat-as-withdraw'],
  ['RFC 6793 §4.1 AS4_PATH', 'c0110602010000fde9', 'attribute-discard', 'attribute-discard'],
  ['RFC 6793 §4.1 AS4_AGGREGATOR', 'c012080000fde90a000001', 'attribute-discard', 'attribute-discard'],
  ['RFC 6793 §6 malformed AS4_PATH', 'c01103020500', 'attribute-discard', 'attribute-discard'],
  ['unknown transitive', 'c0fa02dead', 'ok', 'ok'],
  ['unknown transitive of 0 octets', 'c0fa00', 'ok', 'ok'],
  ['type 0, transitive', 'c00002dead', 'ok', 'ok'],
  ['type 255, transitive', 'c0ff02dead', 'ok', 'ok'],
  ['IPv6 extended communities of 19 octets pass', `c01913${'00'.repeat(19)}`, 'ok', 'ok'],
];

describe.each(['classic', 'mp'] as const)('one attribute beside good ones, %s NLRI', (carrier) => {
  describe.each([
    ['external', external],
    ['internal', internal],
  ] as const)('%s peer', (who, context) => {
    it.each(rows)('%s', (_name, attribute, fromExternal, fromInternal) => {
      const expected = who === 'external' ? fromExternal : fromInternal;
      const type = typeOf(attribute);
      const block = others(context, carrier, [type]) + attribute;
      const view = decode(update('', block, carrier === 'classic' ? prefix : ''), context);
      expect(strongestAction(view.faults) ?? 'ok').toBe(expected);
      // The NLRI are there to be announced or withdrawn, whatever became of the attribute.
      const run = carrier === 'classic' ? view.announced : view.mpAnnounced;
      expect(run.family).not.toBe(0);
      expect(toHex(view.bytes, run.start, run.end)).toBe(carrier === 'classic' ? prefix : '3020010db80001');
      if (expected === 'ok') expect(view.faults).toEqual([]);
      else expect(toHex(view.faults[0].bytes)).toBe(toHex(hex(attribute)));
      if (expected === 'attribute-discard') expect(everyType(view)).not.toContain(type);
      if (expected === 'ok' && type !== 3) expect(everyType(view)).toContain(type);
    });
  });
});

it('every row of the table is broken by some row here', () => {
  const broken = new Set(
    rows.filter((each) => each[2] !== 'ok' || each[3] !== 'ok').map((each) => typeOf(each[1])),
  );
  const elsewhere = [14, 15];
  expect(attributeRows.map((row) => row.type).filter((type) => !broken.has(type))).toEqual(elsewhere);
});

describe('flags in canonical form', () => {
  it.each([
    ['e0080400010002', 'e0080400010002'],
    ['cf080400010002', 'c0080400010002'],
    ['d008000400010002', 'c0080400010002'],
    ['e0fa02dead', 'e0fa02dead'],
    ['cffa02dead', 'c0fa02dead'],
    ['a00404 00000005', '800404 00000005'],
    [`d0fa012c${'de'.repeat(300)}`, `d0fa012c${'de'.repeat(300)}`],
    ['c02018 000000010000000200000003 000000010000000200000003', 'c0200c 000000010000000200000003'],
  ])('%s', (attribute, canonical) => {
    const view = decode(update('', others(internal, 'classic', []) + attribute, prefix));
    expect(view.faults).toEqual([]);
    expect(canonicalHex(view)).toBe(
      toHex(
        hex(
          good.origin +
            good.asPath +
            (typeOf(attribute) === 4 ? canonical : '') +
            good.localPref +
            (typeOf(attribute) === 4 ? '' : canonical),
        ),
      ),
    );
  });

  it('redundant large communities go, few or many', () => {
    const one = (n: number) => n.toString(16).padStart(24, '0');
    for (const count of [2, 31, 32, 33, 200]) {
      const values = Array.from({ length: count }, (_, i) => one(i));
      const doubled = [...values, ...values].join('');
      const length = (doubled.length / 2).toString(16).padStart(4, '0');
      const view = decode(update('', `${others(internal, 'classic', [])}d020${length}${doubled}`, prefix));
      const { largeCommunities } = decodePathAttributes(view.canonical, 0, view.canonicalLength);
      expect(largeCommunities).toEqual(values.map((_, i) => [0, 0, i]));
    }
  });

  it('unknown optional non-transitive is dropped quietly', () => {
    const view = decode(update('', `${others(internal, 'classic', [])}80fb02dead`, prefix));
    expect(view.faults).toEqual([]);
    expect(everyType(view)).toEqual([1, 2, 5]);
  });
});

describe('structure of the attribute block (RFC 7606 §3, §4)', () => {
  const block = others(internal, 'classic', []);
  it.each([
    ['§4 overrun', `${block}c00840 0001`],
    ['§4 overrun by one octet', `${block}c00804 000100`],
    ['§4 long header, overrun by one octet', `${block}d0080004 000100`],
    ['§4 one stray octet', `${block}c0`],
    ['§4 extended header cut short', `${block}d00800`],
    ['§3(d) no ORIGIN', good.asPath + good.nextHop + good.localPref],
    ['§3(d) no AS_PATH', good.origin + good.nextHop + good.localPref],
    ['§3(d) no NEXT_HOP', good.origin + good.asPath + good.localPref],
    ['§3(d) no LOCAL_PREF from an internal peer', good.origin + good.asPath + good.nextHop],
    ['§3(d) nothing at all', ''],
    ['§3(h) discard and withdraw', `${block}c00700 800400`],
  ])('%s: treat-as-withdraw', (_name, attributes) => {
    const view = decode(update('', attributes, prefix));
    expect(strongestAction(view.faults)).toBe('treat-as-withdraw');
    expect(toHex(view.bytes, view.announced.start, view.announced.end)).toBe(prefix);
  });

  it('§3(d) IPv4 NLRI beside MP_REACH_NLRI want NEXT_HOP too', () => {
    const view = decode(update('', others(internal, 'mp', []), prefix));
    expect(view.faults.map((fault) => fault.detail)).toEqual(['NEXT_HOP is missing']);
    expect(view.mpAnnounced.family).not.toBe(0);
  });

  it('§3(d) MP_REACH_NLRI without ORIGIN', () => {
    const view = decode(update('', others(internal, 'mp', [1]), ''));
    expect(strongestAction(view.faults)).toBe('treat-as-withdraw');
  });

  it.each([
    ['MED', '80040400000005', '80040400000009'],
    ['ORIGIN', '40010101', '40010102'],
    ['unknown', 'c0fa0101', 'c0fa0102'],
  ])('§3(g) the first %s counts', (_name, first, second) => {
    const type = typeOf(first);
    const view = decode(update('', others(internal, 'classic', [type]) + first + second, prefix));
    expect(view.faults.map((fault) => fault.action)).toEqual(['attribute-discard']);
    expect(canonicalHex(view)).toContain(first);
    expect(canonicalHex(view)).not.toContain(second);
  });

  it('§3(g) a malformed first one is not mended by a second', () => {
    const view = decode(update('', `${others(internal, 'classic', [1])}40010109 40010100`, prefix));
    expect(strongestAction(view.faults)).toBe('treat-as-withdraw');
  });

  const reach = toHex(hex(good.mpReach));
  const unreach = '800f0a 0002 01 3020010db80001';
  it.each([
    ['§3(g) MP_REACH_NLRI twice', others(internal, 'mp', []) + good.mpReach, '3/1'],
    ['§3(g) MP_UNREACH_NLRI twice', unreach + unreach, '3/1'],
    ['§3(h) stronger than a bad ORIGIN before it', `40010109${good.mpReach}${good.mpReach}`, '3/1'],
    ['unknown well-known', `${block}4063 03 616263`, '3/2 406303616263'],
    ['§7.11 MP_REACH_NLRI of 4', `${block}800e04 00020110`, '3/9 800e0400020110'],
    ['§7.12 MP_UNREACH_NLRI of 2', `${block}800f02 0002`, '3/9 800f020002'],
    ['§3(j) MP_REACH_NLRI over the end', `${block}${reach.slice(0, -4)}`, `3/5 ${reach.slice(0, -4)}`],
    ['§5.2 attributes only, ORIGIN 3', `${good.asPath}${good.localPref}40010103`, '3/6 40010103'],
    ['§5.2 attributes only, AS_PATH', `${good.origin}40020105`, '3/11'],
    ['§5.2 attributes only, stray octet', `${good.origin}c0`, '3/1'],
    ['§5.2 MP_UNREACH_NLRI and a bad MED', `${unreach}80040100`, '3/9 80040100'],
  ])('%s: session reset', (_name, attributes, expected) => {
    const view = decode(update('', attributes, ''));
    expect(strongestAction(view.faults)).toBe('session-reset');
    const reset = resetOf(view.faults);
    expect(reset && notification(reset)).toBe(expected);
  });

  it.each([
    ['§5.2 attributes only, all good', others(internal, 'classic', [3]), undefined],
    ['§5.2 attributes only, AGGREGATOR of 7', `${good.origin}c00707 00000000000000`, 'attribute-discard'],
    ['§5.2 MP_UNREACH_NLRI only', unreach, undefined],
    ['§5.2 MP_UNREACH_NLRI only, wrong flags', unreach.replace('80', 'c0'), 'treat-as-withdraw'],
  ])('%s: no reset', (_name, attributes, expected) => {
    expect(strongestAction(decode(update('', attributes, '')).faults)).toBe(expected);
  });

  it('§5.2 withdrawn routes do not count as reachable', () => {
    const view = decode(update(prefix, `${good.asPath}40010103`, ''));
    expect(strongestAction(view.faults)).toBe('session-reset');
  });

  it('§3(j) a fault before MP_REACH_NLRI does not hide its NLRI', () => {
    const attributes = `40010109${good.mpReach}${good.asPath}${good.localPref}`;
    const view = decode(update('', attributes, ''));
    expect(strongestAction(view.faults)).toBe('treat-as-withdraw');
    expect(toHex(view.bytes, view.mpAnnounced.start, view.mpAnnounced.end)).toBe('3020010db80001');
  });

  it.each(['c0', '40'])('§3(c) MP_REACH_NLRI with flags %s: withdrawn, NLRI known', (flags) => {
    const attributes = others(internal, 'mp', [14]) + flags + good.mpReach.slice(2);
    const view = decode(update('', attributes, ''));
    expect(strongestAction(view.faults)).toBe('treat-as-withdraw');
    expect(view.mpAnnounced.family).not.toBe(0);
  });
});

describe('lengths and NLRI of the message (RFC 4271 §6.3, RFC 7606 §5.3)', () => {
  const body = (text: string) => {
    const whole = update('', '', '').slice(0, 19);
    return Uint8Array.from([...whole, ...hex(text)]);
  };
  it.each([
    ['withdrawn length beyond the message', body('003c 0000 00000000'), '3/1'],
    ['attribute length beyond the message', body('0000 00c8 00000000'), '3/1'],
    ['no room for the attribute length', body('0002 0000'), '3/1'],
    ['no body', body('00'), '3/1'],
    ['NLRI /33', update('', others(internal, 'classic', []), '210a00000000'), '3/10'],
    ['NLRI /24 of 2 octets', update('', others(internal, 'classic', []), '180a00'), '3/10'],
    ['withdrawn /33', update('210a00000000', '', ''), '3/10'],
    ['withdrawn cut short', update('180a00', '', ''), '3/10'],
  ])('%s', (_name, bytes, expected) => {
    expect(thrown(() => decode(bytes))).toBe(expected);
  });

  const nextHop = (octets: string) => toHex(Uint8Array.of(hex(octets).length)) + octets;
  const reachOf = (family: string, hop: string, nlri: string) => {
    const value = `${family}${nextHop(hop)}00${nlri}`;
    return `800e${toHex(Uint8Array.of(hex(value).length))}${value}`;
  };
  const g = '20010db8000000000000000000000001';
  it.each([
    ['§7.11 IPv6 next hop of 0', reachOf('000201', '', '00')],
    ['§7.11 IPv6 next hop of 5', reachOf('000201', '0102030405', '00')],
    ['§7.11 IPv6 next hop of 4', reachOf('000201', '0a000001', '00')],
    ['§7.11 IPv6 next hop of 33', reachOf('000201', `${g}${g}00`, '00')],
    ['§7.11 IPv4 next hop of 16 without RFC 8950', reachOf('000101', g, '00')],
    ['§7.11 next hop longer than the attribute', '800e06 000201 10 0000'],
    ['§5.3 IPv6 /129', reachOf('000201', g, `81${'00'.repeat(17)}`)],
    ['§5.3 IPv6 cut short', reachOf('000201', g, '4020010d')],
  ])('%s: the family is disabled', (_name, attribute) => {
    const view = decode(update('', others(internal, 'classic', []) + attribute, ''));
    expect(strongestAction(view.faults)).toBe('disable-family');
    expect(view.faults.find((fault) => fault.action === 'disable-family')?.family).toBe(
      attribute.includes('000101') ? 257 : 513,
    );
    expect([view.mpAnnounced.family, view.mpWithdrawn.family]).toEqual([0, 0]);
  });

  it('a disabled family does not save the routes of another from bad attributes', () => {
    const block = others(internal, 'classic', [4]) + reachOf('000201', '0102030405', '00');
    const sound = decode(update('', block, prefix));
    expect([strongestAction(sound.faults), withdrawsRoutes(sound.faults)]).toEqual(['disable-family', false]);
    const unsound = decode(update('', `${block}800400`, prefix));
    expect([strongestAction(unsound.faults), withdrawsRoutes(unsound.faults)]).toEqual([
      'disable-family',
      true,
    ]);
    expect(unsound.announced.family).toBe(257);
  });

  it('§5.3 MP_UNREACH_NLRI cut short: the family is disabled; §5.2: beside other attributes, a reset', () => {
    const attribute = '800f07 000201 4020010d';
    const alone = decode(update('', attribute, ''));
    expect(alone.faults.map((fault) => [fault.action, fault.family])).toEqual([['disable-family', 513]]);
    const beside = decode(update('', good.origin + attribute, ''));
    expect(strongestAction(beside.faults)).toBe('session-reset');
  });

  it.each([
    ['IPv6, global', reachOf('000201', g, '00'), internal, 16],
    ['IPv6, global and link-local', reachOf('000201', g + g, '00'), internal, 32],
    ['IPv4 unicast', reachOf('000101', '0a000001', '00'), internal, 4],
    [
      'IPv4 over IPv6',
      reachOf('000101', g, '00'),
      { ...internal, extendedNextHop: new Set(internal.families) },
      16,
    ],
    ['reserved octet 7', reachOf('000201', g, '00').replace(`${g}00`, `${g}07`), internal, 16],
  ])('next hop of %s is fine', (_name, attribute, context, length) => {
    const view = decode(
      update('', others(internal, 'mp', [14]) + attribute, ''),
      context as AttributeContext,
    );
    expect(view.faults).toEqual([]);
    expect(view.mpNextHopLength).toBe(length);
    expect(view.mpAnnounced.end - view.mpAnnounced.start).toBe(1);
  });

  it('a family that was not negotiated is ignored', () => {
    const onlyIpv6 = { ...internal, families: new Set([...internal.families].filter((f) => f !== 257)) };
    const classic = decode(update('', others(internal, 'classic', []), prefix), onlyIpv6);
    expect(classic.announced.family).toBe(0);
    expect(strongestAction(classic.faults)).toBe('attribute-discard');
    for (const attribute of [
      reachOf('006301', g, '00'),
      reachOf('000180', '', 'ffff'),
      '800f05 001946 ffff',
    ]) {
      const view = decode(update('', others(internal, 'classic', []) + attribute, ''));
      expect([view.mpAnnounced.family, view.mpWithdrawn.family, view.endOfRib]).toEqual([0, 0, 0]);
      expect(strongestAction(view.faults)).toBe('attribute-discard');
    }
  });
});

describe('2-octet AS numbers (RFC 7606 §7.7, RFC 6793 §6)', () => {
  it.each([
    ['AGGREGATOR of 8', 'c007080000fde90a000001', 'attribute-discard'],
    ['AGGREGATOR of 6', 'c00706fde90a000001', undefined],
    ['AGGREGATOR with AS 0', 'c0070600000a000001', 'attribute-discard'],
    ['AS4_PATH with segment type 0', 'c0110600010000fde9', 'attribute-discard'],
    ['AS4_PATH overrun', 'c01103020500', 'attribute-discard'],
    ['AS4_PATH with AS 0', 'c01106020100000000', 'attribute-discard'],
    ['AS4_PATH of 0', 'c01100', 'attribute-discard'],
    ['AS4_AGGREGATOR of 7', 'c0120700fde90a000001', 'attribute-discard'],
    ['AS_PATH with AS 0', '4002040201 0000', 'treat-as-withdraw'],
  ])('%s', (_name, attribute, expected) => {
    for (const context of [internalOld, externalOld]) {
      const block = others(context, 'classic', [typeOf(attribute)]) + attribute;
      const view = decode(update('', block, prefix), context);
      expect(strongestAction(view.faults)).toBe(expected);
      if (expected === 'attribute-discard') expect(everyType(view)).not.toContain(typeOf(attribute));
    }
  });
});
