/**
 * The tenant's segment from inside: every instance has a MAC address that follows from its address, so that each gateway
 * can be told who is where without asking on the wire. A slot that moves to another gateway keeps both. Pure.
 */
import { IpAddress } from '../../net/ip-address.ts';
import type { Link } from '../kernel-contract.ts';
import type { Line } from './line.ts';

export type Segment = Extract<Link, { type: 'vxlan' }>;

/** Locally administered and unicast: IPv4 addresses whole, of IPv6 addresses a fold. `address` may have a length. */
export function macOf(address: string): string {
  const bytes = IpAddress.parse(address.split('/')[0] ?? '')?.bytes ?? new Uint8Array(4);
  const octets = bytes.length === 4 ? [0x02, 0, ...bytes] : [0x06, ...folded(bytes)];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** Five octets of sixteen, each of which counts. */
function folded(bytes: Uint8Array): readonly number[] {
  const five = [0, 0, 0, 0, 0];
  // Turned by one for each round, so that equal octets five apart do not vanish.
  bytes.forEach((octet, at) => {
    const by = Math.floor(at / 5);
    five[at % 5] = (five[at % 5] ?? 0) ^ (((octet << by) | (octet >>> (8 - by))) & 255);
  });
  return five;
}

/** What the kernel was told about others on a segment. */
export interface HeldNeighbours {
  /** MAC by address. */
  readonly macs: ReadonlyMap<string, string>;
  /** Provider address by MAC. */
  readonly places: ReadonlyMap<string, string>;
}

interface JsonNeighbour {
  readonly dst: string;
  readonly lladdr?: string;
}

interface JsonForwarding {
  readonly mac: string;
  readonly dst?: string;
}

/** From `ip -json neigh show nud permanent` and `bridge -json fdb show`, both of one link. Throws when it is no JSON. */
export function parseNeighbours(neighbours: string, forwarding: string): HeldNeighbours {
  const known: readonly JsonNeighbour[] = neighbours.trim() === '' ? [] : JSON.parse(neighbours);
  const ways: readonly JsonForwarding[] = forwarding.trim() === '' ? [] : JSON.parse(forwarding);
  return {
    macs: new Map(known.map(({ dst, lladdr = '' }) => [dst, lladdr])),
    places: new Map(ways.flatMap(({ mac, dst }) => (dst === undefined ? [] : [[mac, dst]]))),
  };
}

export interface NeighbourChanges {
  /** For `ip`. */
  readonly ip: readonly Line[];
  /** For `bridge`. */
  readonly bridge: readonly Line[];
}

/** Run in the space. */
export function neighbourChanges({ macs, places }: HeldNeighbours, segment: Segment): NeighbourChanges {
  const { name, neighbours } = segment;
  const wanted = neighbours.map((known) => ({ ...known, mac: macOf(known.address) }));
  const addresses = new Set(wanted.map(({ address }) => address));
  const wantedMacs = new Set(wanted.map(({ mac }) => mac));
  return {
    ip: [
      ...[...macs.keys()]
        .filter((address) => !addresses.has(address))
        .map((address) => ({
          text: `neigh del ${address} dev ${name}`,
          words: `neighbour ${address} cannot be removed`,
        })),
      ...wanted
        .filter(({ address, mac }) => macs.get(address) !== mac)
        .map(({ address, mac }) => ({
          text: `neigh replace ${address} lladdr ${mac} dev ${name} nud permanent`,
          words: `no neighbour ${address} on ${name}`,
        })),
    ],
    bridge: [
      ...[...places]
        .filter(([mac]) => !wantedMacs.has(mac))
        .map(([mac, place]) => ({
          text: `fdb del ${mac} dev ${name} dst ${place} self`,
          words: `the way to ${place} cannot be removed`,
        })),
      ...wanted
        .filter(({ mac, underlayAddress }) => places.get(mac) !== underlayAddress)
        .map(({ address, mac, underlayAddress }) => ({
          text: `fdb replace ${mac} dev ${name} dst ${underlayAddress} self permanent`,
          words: `no way to ${address} over ${underlayAddress}`,
        })),
    ],
  };
}
