/**
 * Best routes of an instance on their way to a forwarding table: destination and next hops, as they change. Only unicast
 * routes that somebody told us of; what we originate ourselves, the kernel knows better than we do.
 */
import type { ForwardingTable } from '../fib/forwarding-table.ts';
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../net/family.ts';
import type { NlriId } from '../rib/ids.ts';
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

/** None where nothing is best, or the best is our own. */
function nextHopsOf({ tables }: RoutingInstance, { rib }: FamilyState, nlri: NlriId): readonly Uint8Array[] {
  const best = rib.best[nlri];
  if (best === 0) return [];
  const nextHop = tables.nextHops.get(tables.paths.nextHop[rib.accepted[best]]);
  return nextHop === undefined ? [] : [nextHop.bytes];
}
