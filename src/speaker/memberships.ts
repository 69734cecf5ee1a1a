/**
 * Route target memberships of our own making (RFC 4684): while a peer that takes VPN routes says nothing of what it wants,
 * it is owed all of them, so we want all of them too and announce the default.
 */
import { isVpn, routeTargetConstrain } from '../net/family.ts';
import { localPeer } from '../rib/ids.ts';
import { encodePathAttributes } from '../wire/attributes/encode-attributes.ts';
import { defaultMembership } from '../wire/nlri/route-target.ts';
import type { RoutingInstance } from './instance.ts';
import type { Up } from './peer-routes.ts';

/** Announces or withdraws the default membership as the peers that are up ask for it. */
export function settleDefaultMembership(instance: RoutingInstance, peers: readonly (Up | undefined)[]): void {
  const constrained = peers.some((up) => up?.memberships.has(routeTargetConstrain));
  const wantsAll = peers.some((up) => up !== undefined && wantsEverything(up));
  if (!constrained && !instance.families.has(routeTargetConstrain)) return;
  const { rib } = instance.family(routeTargetConstrain);
  const known = rib.nlri.find(defaultMembership, 0);
  const route = known === 0 ? 0 : rib.findRoute(known, localPeer, 0);
  if (route !== 0 && rib.path[route] !== 0) {
    if (!constrained || !wantsAll) rib.withdraw(route);
    return;
  }
  if (!constrained || !wantsAll) return;
  const { attributes, paths } = instance.tables;
  const bytes = encodePathAttributes({ origin: 'igp', asPath: [] });
  const path = paths.intern(localPeer, attributes.intern(bytes, bytes.length, 0), 0, 0);
  rib.announce(rib.nlri.intern(defaultMembership, 0), localPeer, 0, path, path, 0);
}

function wantsEverything({ memberships }: Up): boolean {
  return [...memberships.keys()].some(isVpn) && !memberships.has(routeTargetConstrain);
}
