/**
 * Records of the log: length, checksum, JSON. Owns how they are written and how far a file of them is whole: a file that
 * was cut off or damaged is good up to the last whole record before the damage. Knows nothing of what records say.
 */

/** Length and checksum, big endian. */
const headerOctets = 8;
/** No transaction is nearly as long; a greater length is damage. */
const longestPayload = 1 << 28;

export interface Records {
  readonly payloads: readonly unknown[];
  /** Octets up to the end of the last whole record. */
  readonly wholeOctets: number;
  /** What is wrong with the rest; `undefined` when there is none. */
  readonly damage: string | undefined;
}

export function encodeRecord(payload: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(payload));
  const record = new Uint8Array(headerOctets + text.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, text.length);
  view.setUint32(4, crc32(text));
  record.set(text, headerOctets);
  return record;
}

export function decodeRecords(octets: Uint8Array): Records {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const payloads: unknown[] = [];
  let at = 0;
  const end = (damage: string | undefined): Records => ({ payloads, wholeOctets: at, damage });
  while (at < octets.length) {
    if (octets.length - at < headerOctets) return end('a record ends in its header');
    const length = view.getUint32(at);
    if (length > longestPayload) return end('a record has an impossible length');
    const text = octets.subarray(at + headerOctets, at + headerOctets + length);
    if (text.length < length) return end('a record is cut off');
    if (crc32(text) !== view.getUint32(at + 4)) return end('a record has a wrong checksum');
    const payload = parse(text);
    if (payload === undefined) return end('a record is no JSON');
    payloads.push(payload);
    at += headerOctets + length;
  }
  return end(undefined);
}

function parse(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    return undefined;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of ISO 3309, as zip and Ethernet use it. Of nothing it is 0: an all-zero header would pass, and is no JSON. */
export function crc32(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) crc = crcTable[(crc ^ octet) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
