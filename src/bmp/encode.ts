/**
 * BMP messages from values to bytes (RFC 7854 §4, RFC 9069). Whole messages, each a copy of its own. What goes into
 * them is the caller's business; BGP messages inside are taken as they are.
 *
 *      +-------------+------------+----------+
 *      | Version (1) | Length (4) | Type (1) |   common header, in all messages
 *      +-------------+------------+----------+-----------------------------------+
 *      | Peer Type (1) | Flags (1) | Distinguisher (8) | Address (16) | AS (4)   |   per-peer header
 *      | BGP ID (4)    | Timestamp seconds (4), microseconds (4)                 |
 *      +-------------------------------------------------------------------------+
 */
import { afiOf, safiOf } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import { writeU32 } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import {
  BmpType,
  bmpVersion,
  type Information,
  InformationType,
  type PeerDownReason,
  PeerFlag,
  type PeerUpFields,
  type PerPeerHeader,
  type Statistic,
  type TerminationReason,
  type WallMilliseconds,
} from './messages.ts';

const lengthAt = 1;
const addressOctets = 16;
const utf8 = new TextEncoder();
/** What a TLV can hold. */
const longestValue = 0xffff;

export function encodeInitiation(information: readonly Information[]): Uint8Array {
  const out = start(BmpType.initiation);
  for (const each of information) appendInformation(out, each);
  return finish(out);
}

/** `text` is for the operator of the station; none is sent where it is empty. */
export function encodeTermination(
  reason: (typeof TerminationReason)[keyof typeof TerminationReason],
  text = '',
): Uint8Array {
  const out = start(BmpType.termination);
  // RFC 7854 §4.5: type 0 is a string, type 1 a 2-octet reason.
  if (text !== '') appendInformation(out, { type: InformationType.string, text });
  out.u16(1);
  out.u16(2);
  out.u16(reason);
  return finish(out);
}

/** `at`: when the session came up. */
export function encodePeerUp(peer: PerPeerHeader, fields: PeerUpFields, at: WallMilliseconds): Uint8Array {
  const out = startForPeer(BmpType.peerUp, peer, at);
  appendAddress(out, fields.localAddress);
  out.u16(fields.localPort);
  out.u16(fields.remotePort);
  out.append(fields.sentOpen);
  out.append(fields.receivedOpen);
  for (const each of fields.information) appendInformation(out, each);
  return finish(out);
}

export function encodePeerDown(
  peer: PerPeerHeader,
  reason: PeerDownReason,
  at: WallMilliseconds,
): Uint8Array {
  const out = startForPeer(BmpType.peerDown, peer, at);
  switch (reason.type) {
    case 'local-notification':
      out.u8(1);
      out.append(reason.notification);
      break;
    case 'local-close':
      out.u8(2);
      out.u16(reason.fsmEvent);
      break;
    case 'remote-notification':
      out.u8(3);
      out.append(reason.notification);
      break;
    case 'remote-close':
      out.u8(4);
      break;
    case 'deconfigured':
      out.u8(5);
      break;
    case 'table-closed':
      // RFC 9069 §5.3: reason 6, the table's name follows as in Peer Up.
      out.u8(6);
      appendInformation(out, { type: InformationType.tableName, text: reason.tableName });
      break;
  }
  return finish(out);
}

/** `update` is a whole UPDATE. `at`: when its routes came, 0 where that is not known. */
export function encodeRouteMonitoring(
  peer: PerPeerHeader,
  update: Uint8Array,
  at: WallMilliseconds,
): Uint8Array {
  const out = startForPeer(BmpType.routeMonitoring, peer, at, update.length);
  out.append(update);
  return finish(out);
}

export function encodeStatisticsReport(
  peer: PerPeerHeader,
  statistics: readonly Statistic[],
  at: WallMilliseconds,
): Uint8Array {
  const out = startForPeer(BmpType.statisticsReport, peer, at);
  out.u32(statistics.length);
  for (const { type, value, family } of statistics) {
    out.u16(type);
    out.u16(family === undefined ? 8 : 11);
    if (family !== undefined) {
      out.u16(afiOf(family));
      out.u8(safiOf(family));
    }
    out.u32(Math.floor(value / 2 ** 32));
    out.u32(value >>> 0);
  }
  return finish(out);
}

function start(type: number, capacity = 256): Writer {
  const out = new Writer(capacity);
  out.u8(bmpVersion);
  // Written by `finish`.
  out.u32(0);
  out.u8(type);
  return out;
}

function startForPeer(type: number, peer: PerPeerHeader, at: WallMilliseconds, more = 256): Writer {
  const out = start(type, 48 + more);
  out.u8(peer.type);
  out.u8(peer.flags | (peer.address?.version === 6 ? PeerFlag.ipv6 : 0));
  out.append(peer.distinguisher);
  appendAddress(out, peer.address);
  out.u32(peer.asn);
  out.u32(peer.bgpIdentifier);
  const seconds = Math.floor(at / 1000);
  out.u32(seconds);
  out.u32(Math.floor((at - seconds * 1000) * 1000));
  return out;
}

/** RFC 7854 §4.2: sixteen octets, an IPv4 address in the last four. */
function appendAddress(out: Writer, address: IpAddress | undefined): void {
  const octets = address?.bytes ?? new Uint8Array(0);
  out.append(new Uint8Array(addressOctets - octets.length));
  out.append(octets);
}

function appendInformation(out: Writer, { type, text }: Information): void {
  const octets = utf8.encode(text).subarray(0, longestValue);
  out.u16(type);
  out.u16(octets.length);
  out.append(octets);
}

function finish(out: Writer): Uint8Array {
  const bytes = out.finish();
  writeU32(bytes, lengthAt, bytes.length);
  return bytes;
}
