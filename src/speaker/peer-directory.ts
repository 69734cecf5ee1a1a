/** The peers of an instance by address and by source id, and how dynamic ones come to be. */
import type { IpAddress } from '../net/ip-address.ts';
import type { PeerId } from '../rib/ids.ts';
import type { Peer } from './peer.ts';
import type { DynamicPeersSettings, PeerSettings } from './settings.ts';

export class PeerDirectory {
  readonly #byAddress = new Map<string, Peer>();
  readonly #bySource = new Map<PeerId, Peer>();
  readonly #make: (settings: PeerSettings, dynamic: boolean) => Peer;

  constructor(make: (settings: PeerSettings, dynamic: boolean) => Peer) {
    this.#make = make;
  }

  get size(): number {
    return this.#byAddress.size;
  }

  all(): readonly Peer[] {
    return [...this.#byAddress.values()];
  }

  find(address: IpAddress | string): Peer | undefined {
    return this.#byAddress.get(address.toString());
  }

  bySource(id: PeerId): Peer | undefined {
    return this.#bySource.get(id);
  }

  add(settings: PeerSettings, options: { readonly dynamic: boolean }): Peer {
    const peer = this.#make(settings, options.dynamic);
    this.#byAddress.set(peer.name, peer);
    this.#bySource.set(peer.source.id, peer);
    return peer;
  }

  remove(peer: Peer): void {
    this.#byAddress.delete(peer.name);
    this.#bySource.delete(peer.source.id);
  }

  /** A peer for this address out of the most specific range that holds it, or why there is none. */
  addDynamic(ranges: readonly DynamicPeersSettings[], address: IpAddress): Peer | string {
    const range = rangeOf(ranges, address);
    if (range === undefined) return 'no peer or dynamic range with this address';
    const members = this.dynamicIn(ranges, range);
    if (members.length >= range.limit) return `the range ${range.range} is full: limit ${range.limit}`;
    // Dynamic peers come to us; we never call them.
    return this.add({ ...range.template, passive: true, address }, { dynamic: true });
  }

  /** The dynamic peers that belong to this range. */
  dynamicIn(ranges: readonly DynamicPeersSettings[], range: DynamicPeersSettings): readonly Peer[] {
    return this.all().filter((peer) => peer.dynamic && rangeOf(ranges, peer.address) === range);
  }
}

export function rangeOf(
  ranges: readonly DynamicPeersSettings[],
  address: IpAddress,
): DynamicPeersSettings | undefined {
  let best: DynamicPeersSettings | undefined;
  for (const range of ranges) {
    if (range.range.contains(address) && (best === undefined || range.range.length > best.range.length))
      best = range;
  }
  return best;
}
