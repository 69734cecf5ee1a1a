/**
 * The routes of a place that BGP next hops resolve through (RFC 4271 §9.1.2.1), and how: longest match over connected,
 * static and IGP routes. Routes of BGP itself never resolve a next hop, lest they hold each other up; the default route
 * does not either, unless it is asked for. The cost of a next hop is the metric of its route.
 *
 * Built once per reading of the kernel, route by route; afterwards it does not change.
 */
import { formatAddress } from '../net/ip-address.ts';
import { bgpProtocol, type Hop, type KernelRoute, RouteTable, RouteType } from './route.ts';

export type NextHopResolution =
  | { readonly type: 'reachable'; readonly cost: number; readonly hops: readonly Hop[] }
  | { readonly type: 'unreachable'; readonly reason: string };

export interface KernelTableOptions {
  /** Tables that count. Addresses of our own (local table) always do. */
  readonly tables: ReadonlySet<number>;
  /** Where routes of the main table count only through these devices. */
  readonly mainDevices: ReadonlySet<string> | undefined;
  readonly defaultRoute: 'resolves' | 'does-not-resolve';
}

type Entry = Pick<KernelRoute, 'type' | 'metric' | 'hops'>;

export class KernelTable {
  readonly #options: KernelTableOptions;
  /** By version and prefix length, then by the octets of the prefix. */
  readonly #ipv4: (Map<string, Entry[]> | undefined)[] = [];
  readonly #ipv6: (Map<string, Entry[]> | undefined)[] = [];

  constructor(options: KernelTableOptions) {
    this.#options = options;
  }

  add(route: KernelRoute): void {
    if (!this.#counts(route)) return;
    const { version, nlri, type, metric, hops } = route;
    const lengths = version === 4 ? this.#ipv4 : this.#ipv6;
    const length = nlri[0];
    lengths[length] ??= new Map();
    const key = keyOf(nlri, 1, nlri.length - 1, length);
    const entries = lengths[length].get(key) ?? [];
    entries.push({ type, metric, hops });
    // The kernel looks at the lowest metric first; among equals at its own addresses.
    entries.sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)) || a.metric - b.metric);
    lengths[length].set(key, entries);
  }

  #counts({ table, type, protocol, hops, nlri }: KernelRoute): boolean {
    if (type === RouteType.local || type === RouteType.broadcast || type === RouteType.anycast)
      return table === RouteTable.local || this.#options.tables.has(table);
    if (protocol === bgpProtocol || !this.#options.tables.has(table)) return false;
    if (nlri[0] === 0 && this.#options.defaultRoute === 'does-not-resolve') return false;
    const { mainDevices } = this.#options;
    if (table !== RouteTable.main || mainDevices === undefined) return true;
    return hops.some(({ device }) => mainDevices.has(device));
  }

  /** 4 or 16 octets; of 32 (RFC 2545 §3) the global address, which comes first, counts. */
  resolve(nextHop: Uint8Array): NextHopResolution {
    const octets = nextHop.length === 4 ? 4 : 16;
    const entries = this.#longestMatch(nextHop, octets);
    const text = formatAddress(nextHop, 0, octets);
    if (entries === undefined) return unreachable(`there is no route to next hop ${text}`);
    // RFC 4291 §2.5.6: link-local addresses mean something on one link only, and nobody said on which.
    if (isLinkLocal(nextHop, octets) && entries.length > 1)
      return unreachable(`next hop ${text} is link-local, and there are several links`);
    for (const { type, metric, hops } of entries) {
      if (type !== RouteType.unicast) return unreachable(`next hop ${text} ${typeWords(type)}`);
      const alive = hops.filter((hop) => hop.alive);
      if (alive.length === 0) continue;
      return {
        type: 'reachable',
        cost: metric,
        // What is connected is its own gateway.
        hops: alive.map((hop) => (hop.gateway === undefined ? { ...hop, gateway: text } : hop)),
      };
    }
    const devices = entries.flatMap(({ hops }) => hops.map(({ device }) => device));
    return unreachable(`the way to next hop ${text} is down (${[...new Set(devices)].join(', ')})`);
  }

  #longestMatch(address: Uint8Array, octets: 4 | 16): readonly Entry[] | undefined {
    const lengths = octets === 4 ? this.#ipv4 : this.#ipv6;
    for (let length = lengths.length - 1; length >= 0; length--) {
      const found = lengths[length]?.get(keyOf(address, 0, octets, length));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function unreachable(reason: string): NextHopResolution {
  return { type: 'unreachable', reason };
}

function isLinkLocal(bytes: Uint8Array, octets: 4 | 16): boolean {
  return octets === 16 && bytes[0] === 0xfe && (bytes[1] & 0xc0) === 0x80;
}

function isOwn({ type }: Entry): boolean {
  return type === RouteType.local;
}

function typeWords(type: number): string {
  if (type === RouteType.local) return 'is an address of our own';
  return 'is no host that can be reached (blackhole, unreachable, prohibit or broadcast route)';
}

function keyOf(bytes: Uint8Array, at: number, octets: number, length: number): string {
  let key = '';
  for (let i = 0; i < octets && i * 8 < length; i++) {
    const left = length - i * 8;
    key += String.fromCharCode(left >= 8 ? bytes[at + i] : bytes[at + i] & (0xff << (8 - left)));
  }
  return key;
}
