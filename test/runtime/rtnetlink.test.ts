/** Address messages of rtnetlink against octets that were put together by hand from the kernel's headers. */
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import {
  type Answer,
  listAddressesMessage,
  parseAnswers,
  removeAddressMessage,
  setAddressMessage,
} from '../../src/runtime/native/rtnetlink.ts';

const address = (text: string) => IpAddress.parse(text) ?? expect.fail(text);
const bytesOf = (...parts: readonly string[]) => Uint8Array.from(Buffer.from(parts.join(''), 'hex'));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const v4 = { index: 0x0102, address: address('172.16.1.1'), prefixLength: 32 };
const v6 = { index: 7, address: address('2001:db8::7'), prefixLength: 64 };

/** nlmsghdr behind the length: type, flags, sequence, port. */
const newAddress = ['1400', '0505', '00000000', '00000000'].join('');
const lifetime = ['1400', '0600', '04000000', '04000000', '00000000', '00000000'].join('');

describe('what is asked', () => {
  it('sets an IPv4 address for so many seconds', () => {
    const message = setAddressMessage(v4, 4);
    const body = ['02', '20', '00', '00', '02010000'].join('');
    const attributes = ['0800', '0200', 'ac100101', '0800', '0100', 'ac100101', lifetime].join('');
    const length = (16 + 8 + 8 + 8 + 20).toString(16);
    expect(hex(message)).toBe(`${length}000000${newAddress}${body}${attributes}`);
  });

  it('sets an IPv6 address that serves at once, without looking for duplicates', () => {
    const text = hex(setAddressMessage(v6, 4));
    expect(text).toContain(['0a', '40', '00', '00', '07000000'].join(''));
    expect(text.endsWith(['0800', '0800', '02000000'].join(''))).toBe(true);
  });

  it('removes one, and lists all', () => {
    const removal = removeAddressMessage(v4);
    expect(hex(removal.subarray(4, 8))).toBe('15000500');
    expect(removal).toHaveLength(16 + 8 + 8 + 8);
    expect(hex(listAddressesMessage())).toBe(['18000000', '1600', '0103', '00'.repeat(16)].join(''));
  });

  it('says its own length', () => {
    for (const message of [setAddressMessage(v4, 1), setAddressMessage(v6, 1), removeAddressMessage(v6)])
      expect(new DataView(message.buffer).getUint32(0, true)).toBe(message.length);
  });
});

describe('what is answered', () => {
  const read = (bytes: Uint8Array): readonly Answer[] => [...parseAnswers(bytes)];
  const done = bytesOf('14000000', '0300', '0200', '00'.repeat(8), '00000000');
  const refused = bytesOf('14000000', '0200', '0000', '00'.repeat(8), 'efffffff');

  it('is an end, with the error it ended with', () => {
    expect(read(done)).toEqual([{ type: 'end', errno: 0 }]);
    expect(read(refused)).toEqual([{ type: 'end', errno: 17 }]);
  });

  it('is an address as it was set', () => {
    for (const target of [v4, v6])
      expect(read(setAddressMessage(target, 9))).toEqual([
        { type: 'address', address: { ...target, isLocal: false, isPermanent: false } },
      ]);
  });

  it('is the own end where there is a peer, and local when its scope is', () => {
    const body = ['02', '20', '80', 'fe', '01000000'].join('');
    const attributes = ['0800', '0100', '0a000002', '0800', '0200', '0a000001'].join('');
    const [answer] = read(bytesOf('28000000', '1400', '0200', '00'.repeat(8), body, attributes));
    expect(answer).toEqual({
      type: 'address',
      address: { index: 1, address: address('10.0.0.1'), prefixLength: 32, isLocal: true, isPermanent: true },
    });
  });

  it('is read message by message, without what is of others or cut off', () => {
    const route = bytesOf('14000000', '1800', '0200', '00'.repeat(8), '00000000');
    const bytes = Uint8Array.from([...route, ...setAddressMessage(v4, 9), ...done]);
    expect(read(bytes).map(({ type }) => type)).toEqual(['address', 'end']);
    for (let length = 0; length < bytes.length; length++) {
      const types = read(bytes.slice(0, length)).map(({ type }) => type);
      expect(['', 'address']).toContain(types.join());
    }
  });
});
