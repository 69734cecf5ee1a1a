/** What a neighbour hears when an address has moved: octet by octet, and the checksum summed anew. */
import { describe, expect, it } from 'vitest';
import { announcements } from '../../../src/agent/kernel/announcement.ts';
import { IpAddress } from '../../../src/net/ip-address.ts';

const mac = Uint8Array.of(0x02, 0, 0x0a, 0x01, 0xfe, 0x02);
const address = (text: string) => IpAddress.parse(text) ?? expect.fail(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('IPv4', () => {
  it('says it as a request and as a reply (RFC 5944 §4.6)', () => {
    const ours = '02000a01fe02';
    const head = `ffffffffffff${ours}0806000108000604`;
    expect(announcements(address('172.16.1.1'), mac).map(hex)).toEqual([
      `${head}0001${ours}ac100101000000000000ac100101`,
      `${head}0002${ours}ac100101ffffffffffffac100101`,
    ]);
  });
});

describe('IPv6', () => {
  const [frame, ...others] = announcements(address('2001:db8::7'), mac);
  const bytes = frame ?? expect.fail('none');

  it('is one unsolicited Neighbor Advertisement that overrides (RFC 4861 §7.2.6)', () => {
    expect(others).toEqual([]);
    expect(hex(bytes.subarray(0, 14))).toBe('333300000001' + '02000a01fe02' + '86dd');
    const packet = bytes.subarray(14);
    expect(hex(packet.subarray(0, 8))).toBe('60000000' + '0020' + '3a' + 'ff');
    expect(hex(packet.subarray(8, 24))).toBe('20010db8000000000000000000000007');
    expect(hex(packet.subarray(24, 40))).toBe('ff020000000000000000000000000001');
    const message = packet.subarray(40);
    expect(message[0]).toBe(136);
    // Router and Override; Solicited must not be set for what nobody asked.
    expect(message[4]).toBe(0xa0);
    expect(hex(message.subarray(8, 24))).toBe('20010db8000000000000000000000007');
    expect(hex(message.subarray(24))).toBe('0201' + '02000a01fe02');
  });

  it('has a checksum that sums up with its pseudo header to all ones (RFC 4443 §2.3)', () => {
    const packet = bytes.subarray(14);
    const pseudo = [...packet.subarray(8, 40), 0, 0, 0, packet.length - 40, 0, 0, 0, 58];
    const octets = [...pseudo, ...packet.subarray(40)];
    let sum = 0;
    for (let at = 0; at < octets.length; at += 2) sum += (octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0);
    while (sum > 0xffff) sum = (sum % 65536) + Math.floor(sum / 65536);
    expect(sum).toBe(0xffff);
  });
});
