// A pcapng file made from what the tester sent and received: no capture, no privilege.
//
// IP and TCP headers are made up around the octets, with the target on port 179 so that Wireshark dissects BGP.
// Sequence numbers are consistent per direction; handshakes and acknowledgements are left out. Link type 101 (raw IP).

import type { Endpoint, Transcript } from '../engine/transcript.ts';
import { ipv4 } from '../wire/address.ts';
import { ascii, type Bytes, concat, u8, u16, u32 } from '../wire/bytes.ts';

const BGP_PORT = 179;
/** Most octets of TCP payload per made-up packet. */
const SEGMENT = 65_000;

const le16 = (value: number): Bytes => Uint8Array.of(value & 0xff, (value >>> 8) & 0xff);
const le32 = (value: number): Bytes =>
  Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
const pad4 = (bytes: Bytes): Bytes => concat(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));

function block(type: number, body: Bytes): Bytes {
  const length = le32(12 + body.length);
  return concat(le32(type), length, body, length);
}

const option = (code: number, value: Bytes): Bytes => concat(le16(code), le16(value.length), pad4(value));

function sectionHeader(comment: string): Bytes {
  const unknownLength = new Uint8Array(8).fill(0xff);
  const options = concat(option(1, ascii(comment)), le32(0));
  return block(0x0a0d0d0a, concat(le32(0x1a2b3c4d), le16(1), le16(0), unknownLength, options));
}

const interfaceDescription = (): Bytes => block(1, concat(le16(101), le16(0), le32(0)));

function enhancedPacket(microseconds: number, packet: Bytes): Bytes {
  const high = Math.floor(microseconds / 2 ** 32);
  const low = microseconds % 2 ** 32;
  return block(
    6,
    concat(le32(0), le32(high), le32(low), le32(packet.length), le32(packet.length), pad4(packet)),
  );
}

function checksum(bytes: Bytes): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

interface Flow {
  readonly source: Bytes;
  readonly destination: Bytes;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

function segment(flow: Flow, sequence: number, acknowledged: number, payload: Bytes): Bytes {
  const ports = concat(u16(flow.sourcePort), u16(flow.destinationPort));
  const rest = concat(u32(sequence), u32(acknowledged), u8(0x50), u8(0x18), u16(65535));
  const length = 20 + payload.length;
  const pseudo = concat(flow.source, flow.destination, u8(0), u8(6), u16(length));
  const sum = checksum(concat(pseudo, ports, rest, u16(0), u16(0), payload));
  const tcp = concat(ports, rest, u16(sum), u16(0), payload);
  const before = concat(u8(0x45), u8(0), u16(20 + tcp.length), u16(0), u16(0x4000), u8(64), u8(6));
  const addresses = concat(flow.source, flow.destination);
  return concat(before, u16(checksum(concat(before, u16(0), addresses))), addresses, tcp);
}

function flowOf(endpoint: Endpoint, type: 'sent' | 'received'): Flow {
  const dialled =
    endpoint.remotePort < 49152 || endpoint.localPort >= 49152
      ? true
      : endpoint.localPort > endpoint.remotePort;
  const testerPort = dialled ? endpoint.localPort : endpoint.remotePort;
  const tester = { address: ipv4(endpoint.local), port: testerPort };
  const target = { address: ipv4(endpoint.remote), port: BGP_PORT };
  const [from, to] = type === 'sent' ? [tester, target] : [target, tester];
  return { source: from.address, destination: to.address, sourcePort: from.port, destinationPort: to.port };
}

/** The whole file for one case. */
export function pcapng(transcript: Transcript, comment: string): Bytes {
  const parts: Bytes[] = [sectionHeader(comment), interfaceDescription()];
  const positions = new Map<string, { sent: number; received: number }>();
  for (const entry of transcript.entries) {
    const endpoint = transcript.endpoints.get(entry.peer);
    if (entry.type === 'note' || endpoint === undefined) continue;
    const at = positions.get(entry.peer) ?? { sent: 1, received: 1 };
    positions.set(entry.peer, at);
    const other = entry.type === 'sent' ? 'received' : 'sent';
    for (let from = 0; from < entry.bytes.length; from += SEGMENT) {
      const payload = entry.bytes.subarray(from, from + SEGMENT);
      const packet = segment(flowOf(endpoint, entry.type), at[entry.type], at[other], payload);
      parts.push(enhancedPacket(Math.round((transcript.startedAt + entry.atMs) * 1000), packet));
      at[entry.type] += payload.length;
    }
  }
  return concat(...parts);
}
