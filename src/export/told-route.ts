/**
 * Which route of an NLRI a group that sends one path each is told of: the best one, but for memberships to non-clients.
 * What becomes of it on the way out is decided by `propagation.ts`.
 */
import { routeTargetConstrain } from '../net/family.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId, RouteId } from '../rib/ids.ts';
import { PeerRole } from '../rib/peer-columns.ts';
import type { ExportContext } from './context.ts';
import type { GroupSettings } from './group-settings.ts';

/** 0 for none. `ranked` is room to work in. */
export function toldRoute(
  context: ExportContext,
  settings: GroupSettings,
  rib: FamilyRib,
  nlri: NlriId,
  ranked: RouteId[],
): RouteId {
  const best = rib.best[nlri];
  if (settings.family !== routeTargetConstrain || settings.target !== 'non-client' || best === 0) return best;
  return membershipForNonClients(context, rib, nlri, ranked);
}

/** A function of its own: its closure is made at entry, and the others are called for every route. */
function membershipForNonClients(
  context: ExportContext,
  rib: FamilyRib,
  nlri: NlriId,
  ranked: RouteId[],
): RouteId {
  const best = rib.best[nlri];
  const roleOf = (route: RouteId) => context.peers.role[context.paths.source[rib.acceptedOf(route)]];
  if (roleOf(best) !== PeerRole.nonClient) return best;
  // RFC 4684 §3.2 ii): a best path from a non-client gives way to one from a client, or nobody there hears of the client.
  context.decision.rank(rib, nlri, Number.POSITIVE_INFINITY, ranked);
  return ranked.find((route) => roleOf(route) === PeerRole.client) ?? best;
}
