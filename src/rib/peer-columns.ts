/** What the decision and export ask about the source of a path, by `PeerId`. 12 bytes and one address per peer. */
import { IpAddress } from '../net/ip-address.ts';
import { grown } from './columns.ts';
import { localPeer, type PeerId } from './ids.ts';

/** How a peer stands to us (RFC 4456 §2); `local` is the instance itself, `vpn` what a VRF imported (RFC 4364 §4.3). */
export const PeerRole = { local: 0, external: 1, client: 2, nonClient: 3, vpn: 4 } as const;
export type PeerRoleCode = (typeof PeerRole)[keyof typeof PeerRole];

export class PeerColumns {
  role = new Uint8Array(16);
  /** Of the present or last session. */
  bgpIdentifier = new Uint32Array(16);
  remoteAs = new Uint32Array(16);
  readonly #addresses: IpAddress[] = [IpAddress.fromUint32(0)];
  /** Of sources that are no peers. */
  readonly #names = new Map<PeerId, string>();
  readonly #free: PeerId[] = [];
  #top = 1;

  /** One more than the highest id ever given out. */
  get top(): number {
    return this.#top;
  }

  add(address: IpAddress, role: PeerRoleCode, remoteAs: number): PeerId {
    const id = this.#free.pop() ?? this.#top++;
    if (id > 0xffff) throw new RangeError('an instance has at most 65,535 peers');
    if (id >= this.role.length) {
      this.role = grown(this.role, this.role.length * 2);
      this.bgpIdentifier = grown(this.bgpIdentifier, this.bgpIdentifier.length * 2);
      this.remoteAs = grown(this.remoteAs, this.remoteAs.length * 2);
    }
    this.role[id] = role;
    this.remoteAs[id] = remoteAs;
    this.bgpIdentifier[id] = 0;
    this.#addresses[id] = address;
    return id;
  }

  /** Only after the last route of the peer is gone. */
  remove(id: PeerId): void {
    if (id === localPeer) throw new RangeError('the local source cannot be removed');
    this.#names.delete(id);
    this.#free.push(id);
  }

  setName(id: PeerId, name: string): void {
    this.#names.set(id, name);
  }

  /** `undefined` for a peer, which has an address. */
  nameOf(id: PeerId): string | undefined {
    return this.#names.get(id);
  }

  addressOf(id: PeerId): IpAddress {
    return this.#addresses[id];
  }
}
