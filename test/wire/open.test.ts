import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { capabilityCode, describeCapability } from '../../src/wire/capability.ts';
import type { Capability, OpenMessage } from '../../src/wire/messages.ts';
import { decodeOpen, encodeOpen } from '../../src/wire/open.ts';
import { message, thrown } from './support/messages.ts';

const fixed = '04 fde8 00b4 0a000001';

function decode(parameters: string): OpenMessage {
  const bytes = message(1, fixed + parameters);
  return decodeOpen(bytes, 0, bytes.length);
}

function capability(wire: string): Capability {
  const octets = wire.replace(/\s/g, '').length / 2;
  const byte = (value: number) => value.toString(16).padStart(2, '0');
  return decode(`${byte(octets + 2)}02${byte(octets)}${wire}`).capabilities[0];
}

describe('capability vectors, both ways', () => {
  it.each<[string, Capability, string]>([
    ['0104 0002 00 01', { type: 'multiprotocol', family: ipv6Unicast }, 'multiprotocol ipv6-unicast'],
    ['0200', { type: 'route-refresh' }, 'route refresh'],
    [
      '0506 0001 0001 0002',
      { type: 'extended-next-hop', entries: [{ family: ipv4Unicast, nextHopAfi: 2 }] },
      'extended next hop ipv4-unicast via afi 2',
    ],
    ['0600', { type: 'extended-message' }, 'extended message'],
    [
      '4002 4078',
      {
        type: 'graceful-restart',
        restarting: false,
        notification: true,
        restartTimeSeconds: 120,
        families: [],
      },
      'graceful restart 120 s, notification',
    ],
    [
      '400a 8fff 0001 01 80 0002 01 00',
      {
        type: 'graceful-restart',
        restarting: true,
        notification: false,
        restartTimeSeconds: 4095,
        families: [
          { family: ipv4Unicast, forwarding: true },
          { family: ipv6Unicast, forwarding: false },
        ],
      },
      'graceful restart 4095 s, restarting, ipv4-unicast (forwarding kept), ipv6-unicast',
    ],
    ['4104 fa56ea00', { type: 'four-octet-as', asn: 4200000000 }, '4-octet AS 4200000000'],
    [
      '4508 0001 01 03 0002 01 01',
      {
        type: 'add-path',
        families: [
          { family: ipv4Unicast, mode: 'both' },
          { family: ipv6Unicast, mode: 'receive' },
        ],
      },
      'ADD-PATH ipv4-unicast both, ipv6-unicast receive',
    ],
    ['4600', { type: 'enhanced-route-refresh' }, 'enhanced route refresh'],
    ['4909 04 6f736c6f 03 6c6162', { type: 'fqdn', hostName: 'oslo', domainName: 'lab' }, 'FQDN oslo.lab'],
    ['8000', { type: 'route-refresh-cisco' }, 'route refresh (old code)'],
    [
      '4707 0001 01 80 000000',
      { type: 'unknown', code: 71, value: Uint8Array.of(0, 1, 1, 0x80, 0, 0, 0) },
      'code 71 (00010180000000)',
    ],
    ['c800', { type: 'unknown', code: 200, value: new Uint8Array(0) }, 'code 200 ()'],
  ])('%s', (wire, value, text) => {
    const compact = wire.replace(/\s/g, '');
    expect(capability(wire)).toEqual(value);
    expect(describeCapability(value)).toBe(text);
    expect(capabilityCode(value)).toBe(Number.parseInt(compact.slice(0, 2), 16));
    const encoded = encodeOpen({ ...decode('00'), capabilities: [value] });
    expect(toHex(encoded.slice(31))).toBe(compact);
  });

  it.each<[string, string, Capability]>([
    [
      'reserved octet of multiprotocol is ignored',
      '0104 0001 ff 01',
      { type: 'multiprotocol', family: ipv4Unicast },
    ],
    ['unknown ADD-PATH mode is ignored', '4504 0001 01 07', { type: 'add-path', families: [] }],
    [
      'nonsense in FQDN is kept, not refused',
      '4902 09 61',
      { type: 'unknown', code: 73, value: Uint8Array.of(9, 0x61) },
    ],
  ])('%s', (_name, wire, value) => {
    expect(capability(wire)).toEqual(value);
  });
});

describe('decodeOpen', () => {
  it('reads the fixed part', () => {
    expect(decode('00')).toEqual({
      type: 'open',
      version: 4,
      myAs: 65000,
      holdTimeSeconds: 180,
      bgpIdentifier: 0x0a000001,
      capabilities: [],
    });
  });

  it.each([
    ['unknown parameter type 99', '04 63 02 0000', '2/4'],
    ['authentication parameter', '03 01 01 00', '2/4'],
    ['parameters longer than the message', '08 02 02 0200', '2/0'],
    ['parameters shorter than the message', '02 02 02 0200', '2/0'],
    ['parameter beyond the field', '04 02 04 0200', '2/0'],
    ['one octet after the last parameter', '05 02 02 0200 02', '2/0'],
    ['octets where there are no parameters', '00 ff 0004', '2/0'],
    ['RFC 9072: plain length 0 is not extended', '00 ff 0005 02 0002 0200', '2/0'],
    ['capability beyond its parameter', '04 02 02 4608', '2/0'],
    ['multiprotocol of 3 octets', '07 02 05 0103 000100', '2/0'],
    ['multiprotocol of 5 octets', '09 02 07 0105 0001000100', '2/0'],
    ['4-octet AS of 2 octets', '06 02 04 4102 fde8', '2/0'],
    ['route refresh with a value', '05 02 03 0201 00', '2/0'],
    ['graceful restart of 1 octet', '05 02 03 4001 00', '2/0'],
    ['graceful restart with half a family', '08 02 06 4004 0078 0001', '2/0'],
    ['RFC 9072: 255 as a later parameter', '08 02 02 0200 ff 02 0200', '2/4'],
    ['RFC 9072: length beyond the message', 'ff ff 0010 02 0002 0200', '2/0'],
    ['RFC 9072: parameter beyond the field', 'ff ff 0005 02 0009 0200', '2/0'],
  ])('%s', (_name, parameters, expected) => {
    expect(thrown(() => decode(parameters))).toBe(expected);
  });

  it.each([1, 3, 5, 255])('version %i: 2/1 with the version we have', (version) => {
    const bytes = message(1, `${version.toString(16).padStart(2, '0')}fde800b40a00000100`);
    expect(thrown(() => decodeOpen(bytes, 0, bytes.length))).toBe('2/1 0004');
  });

  it.each([
    ['empty capability parameter', '02 02 00', 0],
    ['one parameter each', '08 02 02 0200 02 02 0600', 2],
    ['all in one', '06 02 04 0200 0600', 2],
    ['the same twice', '06 02 04 0200 0200', 2],
    ['RFC 9072 below 255 octets', 'ff ff 0005 02 0002 0200', 1],
    ['RFC 9072 with another plain length', '0a ff 0005 02 0002 0200', 1],
  ])('%s', (_name, parameters, count) => {
    expect(decode(parameters).capabilities).toHaveLength(count);
  });

  it('takes 255 octets of plain parameters', () => {
    const open = decode(`ff 02 fd c8fb ${'00'.repeat(251)}`);
    expect(open.capabilities).toEqual([{ type: 'unknown', code: 200, value: new Uint8Array(251) }]);
  });
});

describe('encodeOpen', () => {
  const family = fc.constantFrom(ipv4Unicast, ipv6Unicast);
  const anyCapability: fc.Arbitrary<Capability> = fc.oneof(
    fc.record({ type: fc.constant('multiprotocol' as const), family }),
    fc.constantFrom<Capability>(
      { type: 'route-refresh' },
      { type: 'extended-message' },
      { type: 'enhanced-route-refresh' },
      { type: 'route-refresh-cisco' },
    ),
    fc.record({ type: fc.constant('four-octet-as' as const), asn: fc.nat(0xffffffff) }),
    fc.record({
      type: fc.constant('graceful-restart' as const),
      restarting: fc.boolean(),
      notification: fc.boolean(),
      restartTimeSeconds: fc.nat(4095),
      families: fc.array(fc.record({ family, forwarding: fc.boolean() }), { maxLength: 4 }),
    }),
    fc.record({
      type: fc.constant('add-path' as const),
      families: fc.array(fc.record({ family, mode: fc.constantFrom('receive', 'send', 'both') }), {
        maxLength: 4,
      }),
    }),
    fc.record({
      type: fc.constant('unknown' as const),
      code: fc.integer({ min: 129, max: 255 }),
      value: fc.uint8Array({ maxLength: 255 }),
    }),
  );
  const anyOpen: fc.Arbitrary<OpenMessage> = fc.record({
    type: fc.constant('open' as const),
    version: fc.constant(4),
    myAs: fc.nat(65535),
    holdTimeSeconds: fc.nat(65535),
    bgpIdentifier: fc.nat(0xffffffff),
    capabilities: fc.array(anyCapability, { maxLength: 12 }),
  });

  it('round-trips, and uses RFC 9072 only over 255 octets', () => {
    fc.assert(
      fc.property(anyOpen, (open) => {
        const bytes = encodeOpen(open);
        expect(decodeOpen(bytes, 0, bytes.length)).toEqual(open);
        const extended = bytes[28] === 255 && bytes[29] === 255;
        expect(extended).toBe(bytes.length > 29 + 255);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [251, 'plain', 'fffd'],
    [252, 'RFC 9072', 'ffff'],
  ])('a capability value of %i octets is written %s', (octets, _form, marks) => {
    const value = new Uint8Array(octets);
    const bytes = encodeOpen({ ...decode('00'), capabilities: [{ type: 'unknown', code: 200, value }] });
    expect(toHex(bytes, 28, 29) + (marks === 'fffd' ? toHex(bytes, 30, 31) : toHex(bytes, 29, 30))).toBe(
      marks,
    );
    expect(decodeOpen(bytes, 0, bytes.length).capabilities).toEqual([{ type: 'unknown', code: 200, value }]);
  });

  it('cuts long host names and refuses other values over 255 octets', () => {
    const open = decode('00');
    const long: Capability = { type: 'fqdn', hostName: 'h'.repeat(300), domainName: 'd'.repeat(300) };
    const bytes = encodeOpen({ ...open, capabilities: [long] });
    expect(decodeOpen(bytes, 0, bytes.length).capabilities).toEqual([
      { type: 'fqdn', hostName: 'h'.repeat(64), domainName: 'd'.repeat(64) },
    ]);
    const unknown: Capability = { type: 'unknown', code: 200, value: new Uint8Array(256) };
    expect(() => encodeOpen({ ...open, capabilities: [unknown] })).toThrow(RangeError);
  });
});
