/**
 * Routes as the Linux kernel has them: a destination in NLRI form, what kind of route, and the ways out. Numbers are
 * those of rtnetlink (rtnetlink(7)); how `ip` writes them is parse-routes.ts and batch.ts. Knows no BGP.
 */
import { formatAddress } from '../net/ip-address.ts';

/** RTPROT_BGP: who put a route there. */
export const bgpProtocol = 186;

/** Of rtnetlink(7), those that are told apart here. */
export const RouteType = { unicast: 1, local: 2, broadcast: 3, anycast: 4 } as const;

export const RouteTable = { main: 254, local: 255 } as const;

/** A way out: through a gateway on a device, or straight to the device where the gateway is `undefined`. */
export interface Hop {
  readonly gateway: string | undefined;
  readonly device: string;
  /** Neither dead nor without carrier. */
  readonly alive: boolean;
}

export interface KernelRoute {
  readonly version: 4 | 6;
  /** Prefix length, then 4 or 16 octets. */
  readonly nlri: Uint8Array;
  readonly table: number;
  readonly protocol: number;
  readonly type: number;
  readonly metric: number;
  readonly hops: readonly Hop[];
}

/**
 * The ways out as `ip route` wants them, the same text for the same set whatever its order; that of an IPv4 route
 * says where a gateway is IPv6 (RFC 8950). Empty for none.
 */
export function hopsText(version: 4 | 6, hops: readonly Pick<Hop, 'gateway' | 'device'>[]): string {
  const texts = [...new Set(hops.map((hop) => hopText(version, hop)))].sort();
  if (texts.length < 2) return texts[0] ?? '';
  return texts.map((text) => `nexthop ${text}`).join(' ');
}

function hopText(version: 4 | 6, { gateway, device }: Pick<Hop, 'gateway' | 'device'>): string {
  if (gateway === undefined) return `dev ${device}`;
  const family = version === 4 && gateway.includes(':') ? 'inet6 ' : '';
  return `via ${family}${gateway} dev ${device}`;
}

/** `10.0.0.0/8` of an NLRI with all its octets. */
export function destinationText(version: 4 | 6, nlri: Uint8Array): string {
  return `${formatAddress(nlri, 1, version === 4 ? 4 : 16)}/${nlri[0]}`;
}
