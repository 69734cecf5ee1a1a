/** From a peer's settings and what was negotiated to the settings of its update group, per family. */

import type { GroupSettings } from '../export/group-settings.ts';
import type { TargetFilter } from '../export/target-filter.ts';
import { Afi, afiOf, type FamilyKey, isVpn, routeTargetConstrain } from '../net/family.ts';
import { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { CompiledPolicy } from '../policy/contract.ts';
import type { Negotiated } from '../session/contract.ts';
import type { LocalInterface } from './host.ts';
import { isExternal } from './import-rules.ts';
import type { PeerTemplate, RouterSettings } from './settings.ts';

export interface GroupInputs {
  readonly router: RouterSettings;
  readonly peer: PeerTemplate;
  readonly peerAddress: IpAddress;
  readonly negotiated: Negotiated;
  readonly localAddress: IpAddress;
  /** The compiled export policy; `undefined` when the peer has none. */
  readonly policy: CompiledPolicy | undefined;
  /** Of this machine. */
  readonly interfaces: readonly LocalInterface[];
  /** What VPN routes the peer wants, where it says so. */
  readonly targetFilter: TargetFilter | undefined;
}

/** Clients are told of memberships as ours (RFC 4684 §3.2). */
function membershipOriginator(family: FamilyKey, router: RouterSettings, isClient: boolean) {
  return family === routeTargetConstrain && isClient ? router.routerId : undefined;
}

export function groupSettingsFor(family: FamilyKey, inputs: GroupInputs): GroupSettings {
  const { router, peer, peerAddress, negotiated, localAddress, policy, interfaces } = inputs;
  const { codec } = negotiated;
  const external = isExternal(router, negotiated.remoteAs);
  const sharedSubnet = external ? subnetOf(interfaces, peerAddress) : undefined;
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
    ownNextHop: ownNextHop(family, localAddress, codec.extendedNextHop.has(family), interfaces),
    sharedSubnet,
    sendCommunities: peer.sendCommunities,
    removePrivateAs: external && peer.removePrivateAs,
    overrideAs: external && peer.asOverride ? negotiated.remoteAs : 0,
    advertisementIntervalSeconds: peer.timers.advertisementIntervalSeconds,
    // Only where a path can depend on it, lest every peer becomes a group of its own.
    targetFilter: isVpn(family) ? inputs.targetFilter : undefined,
    membershipOriginator: membershipOriginator(family, router, !external && peer.routeReflectorClient),
    peerNextHop: policy?.setsPeerNextHop || sharedSubnet !== undefined ? peerAddress : undefined,
  };
}

/**
 * Our address on this session, if it can be a next hop of the family; otherwise a global address of that family
 * on the same interface (RFC 2545 §3 for IPv6 routes over an IPv4 session).
 */
function ownNextHop(
  family: FamilyKey,
  localAddress: IpAddress,
  extended: boolean,
  interfaces: readonly LocalInterface[],
): IpAddress | undefined {
  // RFC 4684 §4: of either version.
  if (family === routeTargetConstrain) return localAddress;
  const version = afiOf(family) === Afi.ipv4 ? 4 : 6;
  if (localAddress.version === version) return localAddress;
  const same = interfaces.find(({ addresses }) =>
    addresses.some(({ address }) => address.equals(localAddress)),
  );
  const found = same?.addresses.find(({ address }) => address.version === version && isGlobal(address));
  if (found !== undefined) return found.address;
  // RFC 4659 §3.2.1.2: over an IPv4 session the next hop of VPN-IPv6 routes is an IPv4-mapped address.
  if (version === 6 && isVpn(family)) return IpAddress.parse(`::ffff:${localAddress}`);
  return version === 4 && extended ? localAddress : undefined;
}

/** Neither loopback nor link-local. */
function isGlobal({ bytes, version }: IpAddress): boolean {
  if (version === 4) return bytes[0] !== 127 && !(bytes[0] === 169 && bytes[1] === 254);
  return (
    !(bytes[0] === 0xfe && (bytes[1] & 0xc0) === 0x80) && bytes.subarray(0, 15).some((octet) => octet !== 0)
  );
}

function subnetOf(interfaces: readonly LocalInterface[], address: IpAddress): Prefix | undefined {
  for (const { addresses } of interfaces) {
    const own = addresses.find((prefix) => prefix.contains(address));
    if (own !== undefined) return own.masked();
  }
  return undefined;
}
