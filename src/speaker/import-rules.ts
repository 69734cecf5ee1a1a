/** How routes of one peer are judged, from its settings: role, eligibility, policy. */
import { acceptAll } from '../policy/definition.ts';
import type { Link } from '../rib/eligibility.ts';
import { PeerRole, type PeerRoleCode } from '../rib/peer-columns.ts';
import type { RoutingInstance } from './instance.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { ImportRules } from './route-source.ts';
import type { PeerTemplate, RouterSettings } from './settings.ts';

export function isExternal(router: RouterSettings, remoteAs: number): boolean {
  return remoteAs !== router.asn;
}

export function roleOf(router: RouterSettings, peer: PeerTemplate, remoteAs: number): PeerRoleCode {
  if (isExternal(router, remoteAs)) return PeerRole.external;
  return peer.routeReflectorClient ? PeerRole.client : PeerRole.nonClient;
}

export function importRulesOf(
  router: RouterSettings,
  peer: PeerTemplate,
  remoteAs: number,
  instance: RoutingInstance,
  ownAddresses: OwnAddresses,
  link: Link | undefined,
): ImportRules {
  const external = isExternal(router, remoteAs);
  return {
    eligibility: {
      localAs: external ? peer.localAs : router.asn,
      clusterId: router.clusterId,
      routerId: router.routerId,
      allowOwnAs: peer.allowOwnAs,
      external,
      firstAs: external && peer.enforceFirstAs ? remoteAs : 0,
      isOwnAddress: (bytes) => ownAddresses.has(bytes),
      link: external ? link : undefined,
    },
    policy: instance.policy(policyName(peer.importPolicy, external)),
    gracefulShutdown: peer.gracefulShutdown,
  };
}

/** RFC 8212 asks for a policy on external peers only; an internal peer without one accepts and sends everything. */
export function policyName(configured: string | undefined, external: boolean): string | undefined {
  return configured ?? (external ? undefined : acceptAll.name);
}

export function sameRules(a: ImportRules, b: ImportRules): boolean {
  const { isOwnAddress: _a, ...x } = a.eligibility;
  const { isOwnAddress: _b, ...y } = b.eligibility;
  return (
    a.policy?.key === b.policy?.key &&
    a.gracefulShutdown === b.gracefulShutdown &&
    JSON.stringify(x) === JSON.stringify(y)
  );
}
