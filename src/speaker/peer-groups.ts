/** From a peer's settings and what was negotiated to the settings of its update group, per family. */

import type { GroupSettings } from '../export/group-settings.ts';
import { Afi, afiOf, type FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { CompiledPolicy } from '../policy/contract.ts';
import type { Negotiated } from '../session/contract.ts';
import type { PeerTemplate, RouterSettings } from './settings.ts';

export interface GroupInputs {
  readonly router: RouterSettings;
  readonly peer: PeerTemplate;
  readonly peerAddress: IpAddress;
  readonly negotiated: Negotiated;
  readonly localAddress: IpAddress;
  /** The compiled export policy; `undefined` when the peer has none. */
  readonly policy: CompiledPolicy | undefined;
  /** Subnets this machine is connected to. */
  readonly connectedSubnets: readonly Prefix[];
}

export function isExternal(router: RouterSettings, remoteAs: number): boolean {
  return remoteAs !== router.asn;
}

export function groupSettingsFor(family: FamilyKey, inputs: GroupInputs): GroupSettings {
  const { router, peer, peerAddress, negotiated, localAddress, policy, connectedSubnets } = inputs;
  const { codec } = negotiated;
  const external = isExternal(router, negotiated.remoteAs);
  const sharedSubnet = external ? connectedSubnets.find((subnet) => subnet.contains(peerAddress)) : undefined;
  const send = codec.addPathSend.has(family) ? peer.addPath.send : undefined;
  return {
    family,
    target: external ? 'external' : peer.routeReflectorClient ? 'client' : 'non-client',
    localAs: external ? peer.localAs : router.asn,
    clusterId: router.clusterId,
    clientToClientReflection: router.clientToClientReflection,
    fourOctetAs: codec.fourOctetAs,
    maxMessage: codec.maxMessageSend,
    extendedNextHop: codec.extendedNextHop.has(family),
    addPathLimit: send === undefined ? undefined : send.mode === 'all' ? 0xffff : send.count,
    policy,
    nextHopSelf: peer.nextHopSelf,
    ownNextHop: ownNextHop(family, localAddress, codec.extendedNextHop.has(family)),
    sharedSubnet,
    sendCommunities: peer.sendCommunities,
    removePrivateAs: external && peer.removePrivateAs,
    overrideAs: external && peer.asOverride ? negotiated.remoteAs : 0,
    advertisementIntervalSeconds: peer.timers.advertisementIntervalSeconds,
    // Only where a path can depend on it, lest every peer becomes a group of its own.
    peerNextHop: policy?.setsPeerNextHop || sharedSubnet !== undefined ? peerAddress : undefined,
  };
}

/** Our address on this session, if it can be a next hop of the family. */
function ownNextHop(family: FamilyKey, localAddress: IpAddress, extended: boolean): IpAddress | undefined {
  if (afiOf(family) === Afi.ipv4) return localAddress.version === 4 || extended ? localAddress : undefined;
  return localAddress.version === 6 ? localAddress : undefined;
}
