/**
 * Best routes of an instance on their way to a forwarding table: destination and next hops, as they change. Only unicast
 * routes that somebody told us of; what we originate ourselves, the kernel knows better than we do.
 */
import type { ForwardingTable } from '../fib/forwarding-table.ts';
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../net/family.ts';
import type { NlriId, RouteId } from '../rib/ids.ts';
import { PeerRole } from '../rib/peer-columns.ts';
import type { FamilyState } from './family-state.ts';
import type { RoutingInstance } from './instance.ts';

const versions = new Map<FamilyKey, 4 | 6>([
  [ipv4Unicast, 4],
  [ipv6Unicast, 6],
]);

/** Tells the table of every best route there is and of every change. Returns the way to stop. */
export function feedForwarding(instance: RoutingInstance, table: Pick<ForwardingTable, 'want'>): () => void {
  const scratch = { 4: new Uint8Array(5), 6: new Uint8Array(17) };
  const stop = instance.watchBest((state, nlri) => {
    const version = versions.get(state.family);
    if (version === undefined) return;
    const bytes = scratch[version];
    bytes.fill(0);
    state.rib.nlri.write(nlri, bytes, 0);
    table.want(version, bytes, nextHopsOf(instance, state, nlri));
  });
  instance.redecide();
  return stop;
}

/**
 * Right after the decision on it: that of the best route, and with multipath those of routes as good, so many as are
 * allowed. None where nothing is best, or the best is our own.
 */
function nextHopsOf({ tables }: RoutingInstance, { rib }: FamilyState, nlri: NlriId): readonly Uint8Array[] {
  const { nextHops, paths, decision } = tables;
  const octetsOf = (route: RouteId) => nextHops.get(paths.nextHop[rib.acceptedOf(route)])?.bytes;
  // What came out of a VPN is reached over labels, which the kernel is not given: no forwarding here.
  const isOurs = tables.peers.role[rib.peer[rib.best[nlri]]] !== PeerRole.vpn;
  const best = rib.best[nlri] === 0 || !isOurs ? undefined : octetsOf(rib.best[nlri]);
  if (best === undefined) return [];
  if (decision.equals.length === 0) return [best];
  // The same ones, whatever came first.
  const others = decision.equals.flatMap((route) => octetsOf(route) ?? []).sort(compareOctets);
  const distinct = new Map([best, ...others].map((octets) => [octets.join(), octets]));
  return [...distinct.values()].slice(0, decision.context.options.multipath);
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((octet, i) => octet !== b[i]);
  return at < 0 ? a.length - b.length : a[at] - (b[at] ?? -1);
}
