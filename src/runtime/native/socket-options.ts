/**
 * Socket options as bytes: which level and number, and how the kernel wants the value. Pure, so that a test can look at
 * every octet. Constants and layouts are those of Linux (linux/tcp.h, linux/in.h, linux/in6.h), on machines with
 * little-endian words.
 */
import type { IpAddress } from '../../net/ip-address.ts';
import type { Prefix } from '../../net/prefix.ts';

export interface SocketOption {
  readonly level: number;
  readonly name: number;
  readonly value: Uint8Array;
  /** For messages; never holds a key. */
  readonly words: string;
}

export const family = { 4: 2, 6: 10 } as const;

const level = { socket: 1, ipv4: 0, tcp: 6, ipv6: 41 } as const;

/** RFC 4594 §3.1: network control traffic has class selector 6; the upper six bits of the octet. */
const cs6 = 0xc0;

/** RFC 5082 §3: what a neighbour's packets start with. */
const maximumTtl = 255;

export const maximumKeyOctets = 80;

function option(
  at: keyof typeof level,
  name: number,
  value: number | Uint8Array,
  words: string,
): SocketOption {
  return { level: level[at], name, value: typeof value === 'number' ? int32(value) : value, words };
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

export function reuseAddress(): SocketOption {
  return option('socket', 2, 1, 'SO_REUSEADDR');
}

export function reusePort(use: 'shared' | 'alone'): SocketOption {
  return option('socket', 15, use === 'shared' ? 1 : 0, 'SO_REUSEPORT');
}

export function ipv6Only(): SocketOption {
  return option('ipv6', 26, 1, 'IPV6_V6ONLY');
}

export function bindToDevice(device: string): SocketOption {
  return option('socket', 25, new TextEncoder().encode(`${device}\0`), `SO_BINDTODEVICE ${device}`);
}

/** Internet control: routers forward it first. */
export function networkControl(version: 4 | 6): SocketOption {
  return version === 4 ? option('ipv4', 1, cs6, 'IP_TOS') : option('ipv6', 67, cs6, 'IPV6_TCLASS');
}

/** How long sent bytes may stay unacknowledged before the kernel gives the connection up; 0 is its own default. */
export function userTimeout(milliseconds: number): SocketOption {
  return option('tcp', 18, milliseconds, 'TCP_USER_TIMEOUT');
}

/** `undefined`: what the system is set to. */
export function timeToLive(version: 4 | 6, ttl: number | undefined): SocketOption {
  const value = ttl ?? -1;
  return version === 4 ? option('ipv4', 2, value, 'IP_TTL') : option('ipv6', 16, value, 'IPV6_UNICAST_HOPS');
}

/** Packets with less are dropped by the kernel; 0 takes all. */
export function leastTimeToLive(version: 4 | 6, ttl: number): SocketOption {
  return version === 4 ? option('ipv4', 21, ttl, 'IP_MINTTL') : option('ipv6', 73, ttl, 'IPV6_MINHOPCOUNT');
}

/** A listener keeps the SYN of each connection until it is asked for, with its IP header. */
export function keepSyn(): SocketOption {
  return option('tcp', 27, 1, 'TCP_SAVE_SYN');
}

/** What `getsockopt` is asked for after that, and the most octets of it: IPv6 header and TCP header with options. */
export const keptSyn = { level: level.tcp, name: 28, octets: 128 } as const;

/** TTL or Hop Limit of an IP packet; `undefined` of what is none. */
export function packetTtl(packet: Uint8Array): number | undefined {
  const version = (packet[0] ?? 0) >> 4;
  return version === 4 ? packet[8] : version === 6 ? packet[7] : undefined;
}

/** RFC 5082 §3: of packets that started with 255, those that came no further than this have so much left. */
export function leastTtlAfter(hops: number): number {
  return maximumTtl + 1 - hops;
}

export { maximumTtl };

/**
 * RFC 2385: the key for segments to and from an address, or from a prefix. Without a key, one that was set before is
 * taken away.
 *
 *   0                128    129       130        132       136             216
 *   +----------------+------+---------+----------+---------+---------------+
 *   | sockaddr       | flags| length  | key      | device  | key, zero     |
 *   | (zero filled)  |      | of pfx  | octets   | (0)     | filled        |
 *   +----------------+------+---------+----------+---------+---------------+
 */
export function md5Key(from: Prefix, key: Uint8Array | undefined): SocketOption {
  const value = new Uint8Array(216);
  const view = new DataView(value.buffer);
  value.set(socketAddress(from.masked().address, 0));
  view.setUint8(128, 1); // TCP_MD5SIG_FLAG_PREFIX
  view.setUint8(129, from.length);
  view.setUint16(130, key?.length ?? 0, true);
  if (key) value.set(key, 136);
  return option('tcp', 32, value, `TCP_MD5SIG_EXT for ${from}`);
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
export function socketAddress(address: IpAddress, port: number): Uint8Array {
  const v4 = address.version === 4;
  const bytes = new Uint8Array(v4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family[address.version], true);
  view.setUint16(2, port);
  bytes.set(address.bytes, v4 ? 4 : 8);
  return bytes;
}
