/**
 * Six octets that route distinguishers and route targets have in common: an administrator, who owns the number space,
 * and a number of his (RFC 4364 §4.2, RFC 4360 §3.1-3.2, RFC 5668 §2). Type 0: a 2-octet AS and 4 octets; type 1: an
 * IPv4 address and 2; type 2: a 4-octet AS and 2. Text: `65000:100`, `192.0.2.1:7`, `4200000000:7`; an `L` behind a
 * small AS number (`65000L:7`) says type 2.
 */

import { formatUint32, IpAddress } from './ip-address.ts';
import { readU16, readU32 } from './octets.ts';

export interface AdministeredNumber {
  readonly type: 0 | 1 | 2;
  /** Six octets. */
  readonly value: Uint8Array;
}

export function parseAdministered(text: string): AdministeredNumber | undefined {
  const colon = text.lastIndexOf(':');
  const administrator = colon < 0 ? undefined : parseAdministrator(text.slice(0, colon));
  if (administrator === undefined) return undefined;
  const wide = administrator.type === 0;
  const assigned = parseNumber(text.slice(colon + 1), wide ? 0xffffffff : 0xffff);
  if (assigned === undefined) return undefined;
  const value = new Uint8Array(6);
  const view = new DataView(value.buffer);
  if (wide) {
    view.setUint16(0, administrator.number);
    view.setUint32(2, assigned);
  } else {
    view.setUint32(0, administrator.number);
    view.setUint16(4, assigned);
  }
  return { type: administrator.type, value };
}

function parseAdministrator(text: string): { readonly type: 0 | 1 | 2; readonly number: number } | undefined {
  if (text.includes('.')) {
    const address = IpAddress.parse(text);
    return address?.version === 4 ? { type: 1, number: address.toUint32() } : undefined;
  }
  const marked = /L$/i.test(text);
  const number = parseNumber(marked ? text.slice(0, -1) : text, 0xffffffff);
  if (number === undefined) return undefined;
  return { type: marked || number > 0xffff ? 2 : 0, number };
}

function parseNumber(text: string, most: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) return undefined;
  const number = Number(text);
  return number <= most ? number : undefined;
}

/** Text of the six octets at `at`; `undefined` for a type that has no such form. */
export function formatAdministered(type: number, bytes: Uint8Array, at: number): string | undefined {
  switch (type) {
    case 0:
      return `${readU16(bytes, at)}:${readU32(bytes, at + 2)}`;
    case 1:
      return `${formatUint32(readU32(bytes, at))}:${readU16(bytes, at + 4)}`;
    case 2: {
      const asn = readU32(bytes, at);
      return `${asn}${asn > 0xffff ? '' : 'L'}:${readU16(bytes, at + 4)}`;
    }
    default:
      return undefined;
  }
}
