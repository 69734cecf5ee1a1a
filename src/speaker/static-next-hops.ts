/** `nextHopResolution: static`: next hops resolve through a configured table, longest match first. */
import { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Resolution, Resolver } from '../rib/next-hop-table.ts';

const unreachable: Resolution = { reachable: false, cost: 0 };

export function staticResolver(
  entries: readonly { readonly prefix: Prefix; readonly cost: number }[],
): Resolver {
  const longestFirst = entries.toSorted((a, b) => b.prefix.length - a.prefix.length);
  return (bytes) => {
    const address = IpAddress.fromBytes(bytes, 0, bytes.length === 4 ? 4 : 16);
    const match = longestFirst.find(({ prefix }) => prefix.contains(address));
    return match === undefined ? unreachable : { reachable: true, cost: match.cost };
  };
}
