import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv6Unicast } from '../../src/net/family.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { decodeControlMessage } from '../../src/wire/control-message.ts';
import { keepaliveBytes } from '../../src/wire/keepalive.ts';
import {
  decodeHardReset,
  decodeShutdownText,
  describeNotification,
  encodeHardReset,
  encodeMaximumPrefixes,
  encodeNotification,
  encodeShutdownText,
} from '../../src/wire/notification.ts';
import { encodeRouteRefresh } from '../../src/wire/route-refresh.ts';
import { hex, message, thrown } from './support/messages.ts';

function decode(bytes: Uint8Array) {
  return decodeControlMessage(bytes, 0, bytes.length, bytes[18]);
}

describe('NOTIFICATION', () => {
  it('round-trips any code, subcode and data', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 4075 }), (code, subcode, data) => {
        const decoded = decode(encodeNotification(code, subcode, data));
        expect(decoded).toEqual({ type: 'notification', code, subcode, data });
        expect(describeNotification(code, subcode, data)).toMatch(/^\S/);
      }),
    );
  });

  it('never has more than 4096 octets', () => {
    expect(encodeNotification(7, 1, new Uint8Array(60000))).toHaveLength(4096);
  });

  it.each([
    [1, 1, '', 'Message Header Error/Connection Not Synchronized'],
    [1, 2, '1001', 'Message Header Error/Bad Message Length: length 4097'],
    [1, 3, '09', 'Message Header Error/Bad Message Type: type 9'],
    [2, 1, '0004', 'OPEN Message Error/Unsupported Version Number: peer supports version 4'],
    [2, 7, '010400010001', 'OPEN Message Error/Unsupported Capability: capabilities 1'],
    [
      3,
      2,
      '406303616263',
      'UPDATE Message Error/Unrecognized Well-known Attribute: attribute 99 (406303616263)',
    ],
    [3, 3, '01', 'UPDATE Message Error/Missing Well-known Attribute: attribute 1'],
    [4, 0, '', 'Hold Timer Expired'],
    [5, 3, '', 'Finite State Machine Error/Receive Unexpected Message in Established State'],
    [6, 1, '00020100000064', 'Cease/Maximum Number of Prefixes Reached: ipv6-unicast, limit 100'],
    [6, 2, '046d6f7665', 'Cease/Administrative Shutdown: "move"'],
    [6, 4, '05ff', 'Cease/Administrative Reset: data 05ff'],
    [6, 7, '', 'Cease/Connection Collision Resolution'],
    [6, 9, '0602046d6f7665', 'Cease/Hard Reset: Cease/Administrative Shutdown: "move"'],
    [6, 9, '0609', 'Cease/Hard Reset: Cease/Hard Reset'],
    [7, 1, '', 'ROUTE-REFRESH Message Error/Invalid Message Length'],
    [8, 0, '', 'Send Hold Timer Expired'],
    [6, 77, 'ab', 'Cease/subcode 77: data ab'],
    [99, 1, '', 'code 99/subcode 1'],
  ])('%i/%i %s in words', (code, subcode, data, text) => {
    expect(describeNotification(code, subcode, hex(data))).toBe(text);
  });

  it('says nothing that would steer a terminal', () => {
    const nasty = encodeShutdownText('a\u001b[31m\u202eb\nc');
    const shown = describeNotification(6, 2, nasty);
    expect([...shown].every((character) => (character.codePointAt(0) ?? 0) >= 32)).toBe(true);
    expect(shown).not.toContain('\u202e');
  });
});

describe('shutdown communication (RFC 9003)', () => {
  it.each([
    ['', ''],
    ['ok', '026f6b'],
    ['é', '02c3a9'],
  ])('%j', (text, wire) => {
    expect(toHex(encodeShutdownText(text))).toBe(wire);
    expect(decodeShutdownText(hex(wire))).toBe(text === '' ? undefined : text);
  });

  it.each([
    ['length beyond the data', '0561'],
    ['length 0', '0061'],
    ['bad UTF-8', '02c328'],
    ['nothing', ''],
  ])('%s is no text', (_name, wire) => {
    expect(decodeShutdownText(hex(wire))).toBeUndefined();
  });

  it.each([
    ['é', 200, 255, 254],
    ['é', 200, 128, 128],
    ['€', 100, 255, 255],
    ['€', 100, 128, 126],
    ['😀', 100, 255, 252],
    ['x', 300, 255, 255],
  ])('%s %i times within %i octets is cut to %i', (character, count, limit, octets) => {
    const wire = encodeShutdownText(character.repeat(count), limit);
    expect([wire.length, wire[0]]).toEqual([octets + 1, octets]);
    expect(decodeShutdownText(wire)).toMatch(new RegExp(`^(${character})+$`, 'u'));
  });

  it('cuts at a character, at 255 octets or where it is told', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.constantFrom(128, 255),
        (text, limit) => {
          const wire = encodeShutdownText(text, limit);
          expect(wire.length).toBeLessThanOrEqual(limit + 1);
          const back = decodeShutdownText(wire) ?? '';
          expect(text.startsWith(back)).toBe(true);
          const whole = new TextEncoder().encode(text);
          if (whole.length <= limit) expect(back).toBe(text);
          else expect(whole.length - (wire.length - 1)).toBeGreaterThan(0);
          // Not more than a character was lost to the cut.
          if (whole.length > limit) expect(wire.length - 1).toBeGreaterThan(limit - 4);
        },
      ),
    );
  });
});

describe('data of a Cease', () => {
  it('wraps and unwraps a Hard Reset (RFC 8538 §3.1)', () => {
    const wrapped = encodeHardReset(6, 4, hex('0161'));
    expect(toHex(wrapped)).toBe('06040161');
    expect(decodeHardReset(wrapped)).toEqual({
      type: 'notification',
      code: 6,
      subcode: 4,
      data: hex('0161'),
    });
    expect(decodeHardReset(hex('06'))).toBeUndefined();
  });

  it('names family and limit (RFC 4486 §4)', () => {
    expect(toHex(encodeMaximumPrefixes(2, 1, 0x01020304))).toBe('00020101020304');
  });
});

describe('ROUTE-REFRESH (RFC 2918, RFC 7313)', () => {
  it.each([0, 1, 2, 77])('subtype %i round-trips', (subtype) => {
    const bytes = encodeRouteRefresh(ipv6Unicast, subtype);
    expect(toHex(bytes.slice(16))).toBe(`0017050002${subtype.toString(16).padStart(2, '0')}01`);
    expect(decode(bytes)).toEqual({ type: 'route-refresh', family: ipv6Unicast, subtype });
  });

  const whole = (body: string) => toHex(message(5, body));
  it.each([
    ['subtype 0, 3 octets', '000100', '1/2 0016'],
    ['nothing', '', '1/2 0013'],
    ['subtype 0 with route filters (RFC 5291)', '000100010140000a', 'nothing thrown'],
    ['beginning, 5 octets', '0001010100', `7/1 ${whole('0001010100')}`],
    ['end, 3 octets', '000102', `7/1 ${whole('000102')}`],
    ['subtype 77, 5 octets: ignored later', '00014d0100', 'nothing thrown'],
  ])('%s', (_name, body, expected) => {
    expect(thrown(() => decode(message(5, body)))).toBe(expected);
  });
});

describe('decodeControlMessage', () => {
  it('knows KEEPALIVE and no UPDATE', () => {
    expect(toHex(keepaliveBytes)).toBe(`${'ff'.repeat(16)}001304`);
    expect(decode(keepaliveBytes)).toEqual({ type: 'keepalive' });
    expect(thrown(() => decode(message(2, '00000000')))).toBe('1/3 02');
  });
});
