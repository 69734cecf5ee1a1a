/** The tester's codec: its own octets, the speaker's reading of them, and how it reads damaged ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv6, formatPrefix, ipv6, prefix } from '../../conformance/wire/address.ts';
import * as pa from '../../conformance/wire/attributes.ts';
import { concat, hex, toHex, u16 } from '../../conformance/wire/bytes.ts';
import {
  decodeOpen,
  decodePath,
  decodeUpdate,
  formatPath,
  takeFrames,
} from '../../conformance/wire/decode.ts';
import * as m from '../../conformance/wire/messages.ts';

describe('messages', () => {
  it('writes a KEEPALIVE of 19 octets', () => {
    expect(toHex(m.keepalive())).toBe(`${'ff'.repeat(16)}001304`);
  });

  it('writes a wrong length and a wrong marker where the case asks for it', () => {
    const marker = hex('00'.repeat(16));
    expect(toHex(m.keepalive({ length: 18, marker }))).toBe(`${'00'.repeat(16)}001204`);
  });

  it('writes an OPEN octet by octet', () => {
    const open = m.open({
      asn: 65001,
      id: '10.1.0.1',
      capabilities: [m.multiprotocol(1), m.fourOctetAs(65001)],
    });
    expect(toHex(open.subarray(19))).toBe('04fde9005a0a0100010e020c01040001000141040000fde9');
  });

  it.each([
    ['one', '0a0208010400010001 0200'],
    ['each', '0c020601040001000102020200'],
    ['extended', 'ffff000b0200080104000100010200'],
  ] as const)('packs capabilities as %s', (packing, octets) => {
    const bytes = m.optionalParameters([m.multiprotocol(1), m.refreshCapability], packing);
    expect(toHex(bytes)).toBe(octets.replaceAll(' ', ''));
  });

  it('puts AS_TRANS into the OPEN of a large AS', () => {
    expect(decodeOpen(m.open({ asn: 70000, id: '10.1.0.1' }).subarray(19)).asn).toBe(23456);
  });
});

describe('attributes', () => {
  it.each([
    [pa.origin(2), '40010102'],
    [pa.asPath([65001, 70000]), '40020a02020000fde900011170'],
    [pa.asPath([65001, 70000], 2), '4002060202fde95ba0'],
    [pa.asPath([pa.sequence(1), pa.set(2, 3)]), '40021002010000000101020000000200000003'],
    [pa.aggregator(70000, '10.7.7.7', 2), 'c007065ba00a070707'],
    [pa.clusterList('10.0.0.99'), '800a040a000063'],
    [pa.attribute(0xc0, 8, hex('0102'), { length: 64 }), 'c008400102'],
  ])('%#: known octets', (bytes, octets) => {
    expect(toHex(bytes)).toBe(octets);
  });

  it('uses the extended length only when it must', () => {
    expect(toHex(pa.attribute(0xc0, 250, new Uint8Array(256)).subarray(0, 4))).toBe('d0fa0100');
    expect(toHex(pa.attribute(0xc0, 250, new Uint8Array(255)).subarray(0, 3))).toBe('c0faff');
  });
});

describe('addresses', () => {
  it.each(['::', '::1', '2001:db8::1', '2001:db8:0:1:2:3:4:5', 'fe80::11', '1:2:3:4:5:6:7:8'])(
    'reads and prints %s',
    (text) => {
      expect(formatIpv6(ipv6(text))).toBe(text);
    },
  );

  it('keeps host bits when it writes and drops them when it reads', () => {
    const bytes = prefix('10.40.31.0/20');
    expect(toHex(bytes)).toBe('140a281f');
    expect(formatPrefix('v4', 20, bytes.subarray(1))).toBe('10.40.16.0/20');
  });
});

describe('the lenient decoder', () => {
  const base = [pa.origin(0), pa.asPath([65001]), pa.nextHop('10.9.0.11')];

  it('reads what the tester writes', () => {
    const body = m.update({
      withdrawn: prefix('10.1.0.0/16'),
      attributes: base,
      nlri: prefix('10.2.3.0/24'),
    });
    const update = decodeUpdate(body.subarray(19));
    expect(update.problems).toEqual([]);
    expect(update.withdrawn.map((n) => n.prefix)).toEqual(['10.1.0.0/16']);
    expect(update.nlri.map((n) => n.prefix)).toEqual(['10.2.3.0/24']);
    expect(formatPath(decodePath(update.attributes[1]?.value ?? hex(''), 4))).toBe('65001');
  });

  it('reads path identifiers only where they were negotiated', () => {
    const nlri = concat(hex('00000007'), prefix('10.2.3.0/24'));
    const body = m.update({ attributes: base, nlri }).subarray(19);
    expect(decodeUpdate(body, { pathIds: new Set(['v4/1']) }).nlri).toEqual([
      { family: 'v4', prefix: '10.2.3.0/24', pathId: 7 },
    ]);
    expect(decodeUpdate(body).nlri).not.toHaveLength(1);
  });

  it('names what is wrong', () => {
    expect(decodeUpdate(hex('003c0000')).problems).not.toEqual([]);
    expect(decodeUpdate(hex('0000000021ff000000ff')).problems.join()).toContain('33');
    expect(decodeOpen(hex('04fde9005a0a010001090206')).problems).not.toEqual([]);
  });

  it('cuts a stream into the same frames wherever the chunks end', () => {
    const whole = concat(
      m.keepalive(),
      m.update({ attributes: base, nlri: prefix('10.2.3.0/24') }),
      m.keepalive(),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (at) => {
        const first = takeFrames(whole.subarray(0, at));
        const second = takeFrames(concat(first.rest, whole.subarray(at)));
        expect([...first.frames, ...second.frames].map((f) => f.type)).toEqual([4, 2, 4]);
        expect(second.rest).toHaveLength(0);
      }),
    );
  });

  it('never throws, whatever a target sends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeUpdate(bytes);
        decodeOpen(bytes);
        decodePath(bytes, 4);
        takeFrames(concat(hex('ff'.repeat(16)), u16(bytes.length + 19), hex('02'), bytes));
      }),
    );
  });
});
