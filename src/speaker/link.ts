/**
 * Which next hops an external peer one hop away may name (RFC 4271 §6.3): its own address, or one of a subnet that
 * we are in too. What tells that a peer is one hop away is its `ttl: 1` or `ttlSecurity` of one hop, and an interface
 * of ours in its subnet; where that is not known, nothing is asked.
 */
import { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Link } from '../rib/eligibility.ts';
import type { LocalInterface } from './host.ts';
import type { TransportSettings } from './settings.ts';

export function linkTo(
  peer: IpAddress,
  { ttl, ttlSecurityHops }: TransportSettings,
  interfaces: readonly LocalInterface[],
): Link | undefined {
  if (ttl !== 1 && ttlSecurityHops !== 1) return undefined;
  const subnets = interfaces
    .flatMap(({ addresses }) => addresses)
    .filter(({ version, address }) => version === peer.version && !isOfThisMachine(address));
  if (!subnets.some((subnet) => subnet.contains(peer))) return undefined;
  return { key: subnets.map(String).sort().join(' '), has: (nextHop) => reached(subnets, nextHop) };
}

/** A next hop of the other family says nothing about this link. */
function reached(subnets: readonly Prefix[], nextHop: Uint8Array): boolean {
  const octets = nextHop.length === 4 ? 4 : 16;
  if (subnets[0].address.bytes.length !== octets) return true;
  const address = IpAddress.fromBytes(nextHop, 0, octets);
  return subnets.some((subnet) => subnet.contains(address));
}

/** Addresses that lead to no link: those of loopback, and link-local ones, which name none of the routes' next hops. */
function isOfThisMachine({ version, bytes }: IpAddress): boolean {
  if (version === 4) return bytes[0] === 127;
  return (
    (bytes[0] === 0xfe && (bytes[1] & 0xc0) === 0x80) ||
    bytes.every((octet, i) => octet === (i === 15 ? 1 : 0))
  );
}
