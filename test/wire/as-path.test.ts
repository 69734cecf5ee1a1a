/** RFC 6793: one AS path in two widths. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asPathLength } from '../../src/wire/attributes/as-path.ts';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import type { AsPathSegment, PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { toTwoOctetAs } from '../../src/wire/attributes/two-octet-as.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { canonicalHex, decode, good, hex, internalOld, update } from './support/messages.ts';

const as4 = (path: string) => `c011${toHex(Uint8Array.of(hex(path).length))}${path}`;
const asPath = (path: string) => `4002${toHex(Uint8Array.of(hex(path).length))}${path}`;

/** `65001 70000 {1 2} (64512)` of what an old speaker sent. */
function merged(path: string, more: string): string {
  const block = good.origin + asPath(path) + good.nextHop + good.localPref + more;
  const view = decode(update('', block, '00'), internalOld);
  const { asPath: segments, aggregator } = decodePathAttributes(view.canonical, 0, view.canonicalLength);
  return segments.map(show).join(' ') + (aggregator ? ` by ${aggregator.asn}` : '');
}

function show(segment: AsPathSegment): string {
  const text = segment.asns.join(' ');
  if (segment.type === 'set') return `{${text}}`;
  return segment.type === 'sequence' ? text : segment.type === 'confed-sequence' ? `(${text})` : `[${text}]`;
}

const old = '0203 fde9 5ba0 fde7'; // 65001 AS_TRANS 64999
const aggregator = 'c00706 5ba0 0a000001';
const as4Aggregator = 'c01208 00011170 0a000001';

describe('merge of AS_PATH and AS4_PATH (RFC 6793 §4.2.3)', () => {
  it.each([
    ['no AS4_PATH', old, '', '65001 23456 64999'],
    ['equal length', old, as4('0203 0000fde9 00011170 0000fde7'), '65001 70000 64999'],
    ['AS4_PATH shorter', old, as4('0202 00011170 0000fde7'), '65001 70000 64999'],
    ['AS4_PATH longer is ignored', old, as4('0204 00000001 0000fde9 00011170 0000fde7'), '65001 23456 64999'],
    ['a set counts one', '0201 fde9 0102 5ba0 0001', as4('0102 00011170 00000001'), '65001 {70000 1}'],
    ['a set in the lead stays whole', '0102 fde9 0001 0201 5ba0', as4('0201 00011170'), '{65001 1} 70000'],
    [
      'confederation before the lead',
      '0301 fe00 0202 fde9 5ba0',
      as4('0201 00011170'),
      '(65024) 65001 70000',
    ],
    [
      'confederation alone before an equal path',
      '0301 fe00 0201 5ba0',
      as4('0201 00011170'),
      '(65024) 70000',
    ],
    [
      'confederation beside the lead',
      '0201 fde9 0301 fe00 0201 5ba0',
      as4('0201 00011170'),
      '65001 (65024) 70000',
    ],
    [
      'confederation in AS4_PATH is dropped',
      old,
      as4('0301 0000fe00 0202 00011170 0000fde7'),
      '65001 70000 64999',
    ],
    ['AS4_PATH of confederation only', old, as4('0301 0000fe00'), '65001 23456 64999'],
    ['AGGREGATOR and AS4_AGGREGATOR', old, aggregator + as4Aggregator, '65001 23456 64999 by 70000'],
    ['AS4_AGGREGATOR alone', old, as4Aggregator, '65001 23456 64999'],
    ['AGGREGATOR alone', old, 'c00706 fde9 0a000001', '65001 23456 64999 by 65001'],
    [
      'AGGREGATOR of its own: AS4_* ignored',
      old,
      `c00706 fde9 0a000001${as4('0202 00011170 0000fde7')}${as4Aggregator}`,
      '65001 23456 64999 by 65001',
    ],
    [
      'AGGREGATOR of AS_TRANS: AS4_* count',
      old,
      aggregator + as4('0202 00011170 0000fde7') + as4Aggregator,
      '65001 70000 64999 by 70000',
    ],
  ])('%s', (_name, path, more, expected) => {
    expect(merged(path, more)).toBe(expected);
  });

  it('sequences that meet become one, up to 255', () => {
    const wide = (n: number) => '00011170'.repeat(n);
    expect(
      canonicalHex(
        decode(
          update(
            '',
            `${good.origin}${asPath(old)}${good.nextHop}${good.localPref}${as4('0202 00011170 0000fde7')}`,
            '00',
          ),
          internalOld,
        ),
      ),
    ).toContain(toHex(hex('40020e 0203 0000fde9 00011170 0000fde7')));
    const long = `d0110${(2 + 254 * 4).toString(16)}02fe${wide(254)}`;
    const path = `50020${(4 + 256 * 2).toString(16)}0202fde9fde902fe${'5ba0'.repeat(254)}`;
    const view = decode(
      update('', good.origin + path + good.nextHop + good.localPref + long, '00'),
      internalOld,
    );
    const { asPath: segments } = decodePathAttributes(view.canonical, 0, view.canonicalLength);
    expect(segments.map((segment) => segment.asns.length)).toEqual([2, 254]);
  });

  it('a path that 4-octet numbers make too long withdraws', () => {
    const segments = `02ff${'fde9'.repeat(255)}`.repeat(64);
    const length = hex(segments).length.toString(16).padStart(4, '0');
    const view = decode(
      update('', `${good.origin}5002${length}${segments}${good.nextHop}${good.localPref}`, '00'),
      internalOld,
    );
    expect(view.faults).toEqual([]);
    const huge = `02ff${'fde9'.repeat(255)}`.repeat(125);
    const hugeLength = hex(huge).length.toString(16).padStart(4, '0');
    const late = decode(
      update('', `${good.origin}5002${hugeLength}${huge}${good.nextHop}${good.localPref}`, '00'),
      internalOld,
    );
    expect(late.faults.map((fault) => fault.action)).toEqual(['treat-as-withdraw']);
  });
});

const asn = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 65536, max: 0xffffffff }));
const plainSegment: fc.Arbitrary<AsPathSegment> = fc.record({
  type: fc.constantFrom('sequence', 'set'),
  asns: fc.array(asn, { minLength: 1, maxLength: 6 }),
});

/** What a merge may also join: sequences side by side are one. */
function joined(segments: readonly AsPathSegment[]): AsPathSegment[] {
  const out: AsPathSegment[] = [];
  for (const segment of segments) {
    const last = out.at(-1);
    if (last?.type === 'sequence' && segment.type === 'sequence') {
      out[out.length - 1] = { type: 'sequence', asns: [...last.asns, ...segment.asns] };
    } else out.push(segment);
  }
  return out;
}

describe('toTwoOctetAs (RFC 6793 §4.2.2)', () => {
  it.each<[string, Partial<PathAttributes>, string]>([
    ['all fit: no AS4_PATH', { asPath: [{ type: 'sequence', asns: [65535, 1] }] }, '400206 0202 ffff 0001'],
    [
      'AS_TRANS and AS4_PATH',
      { asPath: [{ type: 'sequence', asns: [65001, 70000] }] },
      '400206 0202 fde9 5ba0 c0110a 0202 0000fde9 00011170',
    ],
    [
      'no confederation in AS4_PATH',
      {
        asPath: [
          { type: 'confed-sequence', asns: [64512] },
          { type: 'sequence', asns: [70000] },
        ],
      },
      '400208 0301 fc00 0201 5ba0 c01106 0201 00011170',
    ],
    [
      'AS4_PATH after COMMUNITIES',
      { asPath: [{ type: 'sequence', asns: [70000] }], communities: [1] },
      '400204 0201 5ba0 c00804 00000001 c01106 0201 00011170',
    ],
    ['AGGREGATOR that fits', { aggregator: { asn: 65001, address: 1 } }, '400200 c00706 fde9 00000001'],
    [
      'AGGREGATOR that does not, before LARGE_COMMUNITY',
      { aggregator: { asn: 70000, address: 1 }, largeCommunities: [[1, 2, 3]] },
      '400200 c00706 5ba0 00000001 c01208 00011170 00000001 c0200c 000000010000000200000003',
    ],
  ])('%s', (_name, attributes, wire) => {
    const block = encodePathAttributes({ origin: 'igp', asPath: [], ...attributes });
    expect(toHex(toTwoOctetAs(block))).toBe(toHex(hex(good.origin + wire)));
  });

  it('and back through the merge is the same path', () => {
    fc.assert(
      fc.property(
        fc.array(plainSegment, { maxLength: 5 }),
        fc.option(asn, { nil: undefined }),
        (asPath, by) => {
          const aggregator = by === undefined ? {} : { aggregator: { asn: by, address: 7 } };
          const attributes: PathAttributes = { origin: 'igp', asPath, localPref: 1, ...aggregator };
          const narrow = toHex(toTwoOctetAs(encodePathAttributes(attributes)));
          const view = decode(update('', narrow + good.nextHop, '00'), internalOld);
          expect(view.faults).toEqual([]);
          const back = decodePathAttributes(view.canonical, 0, view.canonicalLength);
          const ignored = by !== undefined && by <= 65535 ? undefined : back.asPath;
          if (ignored) expect(joined(ignored)).toEqual(joined(asPath));
          expect(back.aggregator).toEqual(aggregator.aggregator);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('asPathLength (RFC 4271 §9.1.2.2, RFC 5065 §5.3)', () => {
  it('agrees with a count over objects', () => {
    const segment = fc.record({
      type: fc.constantFrom('sequence', 'set', 'confed-sequence', 'confed-set'),
      asns: fc.array(asn, { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (asPath) => {
        const bytes = encodePathAttributes({ origin: 'igp', asPath });
        const expected = asPath
          .map(({ type, asns }) => (type === 'sequence' ? asns.length : type === 'set' ? 1 : 0))
          .reduce((sum: number, n) => sum + n, 0);
        expect(asPathLength(bytes, 7, bytes.length, 4)).toBe(expected);
      }),
    );
  });
});
