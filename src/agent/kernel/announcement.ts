/**
 * What a host says to its link when an address has moved to it, as Ethernet frames: gratuitous ARP (RFC 5944 §4.6) and
 * unsolicited Neighbor Advertisement (RFC 4861 §7.2.6). A neighbour that has the former holder's MAC address in its cache
 * takes ours at once. Pure.
 */
import type { IpAddress } from '../../net/ip-address.ts';

const broadcast = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const unknownMac = new Uint8Array(6);

/** RFC 2464 §7: 33:33 and the last four octets of ff02::1. */
const allNodesMac = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
const allNodes = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

const icmpv6 = 58;

/** Some hosts hear only a request, some only a reply. `mac` has six octets. */
export function announcements(address: IpAddress, mac: Uint8Array): readonly Uint8Array[] {
  const { bytes } = address;
  if (bytes.length === 16) return [neighborAdvertisement(bytes, mac)];
  return [arp(1, bytes, mac, unknownMac), arp(2, bytes, mac, broadcast)];
}

/** RFC 826; sender and target are the address itself. */
function arp(operation: 1 | 2, address: Uint8Array, mac: Uint8Array, target: Uint8Array): Uint8Array {
  // Ethernet, IPv4, six octets, four octets.
  const header = [0, 1, 0x08, 0x00, 6, 4, 0, operation];
  return frame(broadcast, mac, 0x0806, [...header, ...mac, ...address, ...target, ...address]);
}

function neighborAdvertisement(address: Uint8Array, mac: Uint8Array): Uint8Array {
  // RFC 4861 §4.4: type 136; Router and Override, not Solicited. §4.6.1: target link-layer address.
  const message = [136, 0, 0, 0, 0xa0, 0, 0, 0, ...address, 2, 1, ...mac];
  const checksum = checksumOf([
    ...address,
    ...allNodes,
    0,
    0,
    0,
    message.length,
    0,
    0,
    0,
    icmpv6,
    ...message,
  ]);
  message[2] = checksum >>> 8;
  message[3] = checksum & 255;
  // RFC 4861 §7.1.2: a hop limit of 255 proves that it comes from the link.
  const header = [0x60, 0, 0, 0, 0, message.length, icmpv6, 255, ...address, ...allNodes];
  return frame(allNodesMac, mac, 0x86dd, [...header, ...message]);
}

function frame(to: Uint8Array, from: Uint8Array, type: number, payload: readonly number[]): Uint8Array {
  return Uint8Array.from([...to, ...from, type >>> 8, type & 255, ...payload]);
}

/** RFC 1071; an even number of octets. */
function checksumOf(octets: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
