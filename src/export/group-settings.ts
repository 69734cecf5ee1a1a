/**
 * What makes the bytes sent to one peer equal to those sent to another: peers whose `groupKey` is the same
 * share an update group, one Adj-RIB-Out and one encoding.
 */
import { type FamilyKey, formatFamily } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { CompiledPolicy } from '../policy/contract.ts';
import type { TargetFilter } from './target-filter.ts';

export interface GroupSettings {
  readonly family: FamilyKey;
  readonly target: 'external' | 'client' | 'non-client';
  /** The AS number shown to the peer: prepended for external peers. */
  readonly localAs: number;
  readonly clusterId: number;
  readonly clientToClientReflection: boolean;
  readonly fourOctetAs: boolean;
  readonly maxMessage: number;
  /** RFC 8950 negotiated for this family. */
  readonly extendedNextHop: boolean;
  /** How many paths per NLRI, with path identifiers (RFC 7911); `undefined`: the best, without. */
  readonly addPathLimit: number | undefined;
  /** `undefined` on an external group: nothing is sent (RFC 8212). */
  readonly policy: CompiledPolicy | undefined;
  readonly nextHopSelf: boolean;
  /** Our address in the family of the next hop; `undefined` where we have none. */
  readonly ownNextHop: IpAddress | undefined;
  /** The subnet we share with an external peer: next hops inside it may stay (RFC 4271 §5.1.3). */
  readonly sharedSubnet: Prefix | undefined;
  readonly sendCommunities: boolean;
  readonly removePrivateAs: boolean;
  /** The peer's AS, to be replaced by ours in the path; 0 where that is not wanted. */
  readonly overrideAs: number;
  readonly advertisementIntervalSeconds: number;
  /** Policies may set the next hop to the peer's own address: then each peer is a group of its own. */
  readonly peerNextHop: IpAddress | undefined;
  /** VPN families: what the members want (RFC 4684); `undefined`: everything. */
  readonly targetFilter?: TargetFilter | undefined;
  /**
   * Memberships to clients (RFC 4684 §3.2 i): our BGP Identifier, told as their originator, so that the client which
   * announced one takes it back as word that the reflector wants such routes.
   */
  readonly membershipOriginator?: number | undefined;
}

/** Equal settings, equal key. */
export function groupKey(settings: GroupSettings): string {
  const { policy, ownNextHop, sharedSubnet, peerNextHop, targetFilter, ...plain } = settings;
  const others = [String(ownNextHop), String(sharedSubnet), String(peerNextHop), targetFilter?.key];
  return JSON.stringify([plain, policy?.key, ...others]);
}

/**
 * Equal apart from what decides *whether* a path is sent, and from what makes another path of it (its id is
 * another then): for one peer, the same path gives the same bytes under both settings.
 */
export function encodingKey(settings: GroupSettings): string {
  return groupKey({
    ...settings,
    policy: undefined,
    clientToClientReflection: true,
    sendCommunities: true,
    removePrivateAs: false,
    overrideAs: 0,
    advertisementIntervalSeconds: 0,
    addPathLimit: settings.addPathLimit === undefined ? undefined : 1,
    // The peer's own address: known to it in every group, and looked at for flagged paths and shared subnets only.
    peerNextHop: undefined,
    targetFilter: undefined,
  });
}

/** For `status`: `ipv4-unicast client AS65000 4096 octets`. */
export function describeGroup(settings: GroupSettings): string {
  const parts: string[] = [formatFamily(settings.family), settings.target, `AS${settings.localAs}`];
  if (settings.addPathLimit !== undefined) parts.push(`add-path ${settings.addPathLimit}`);
  if (!settings.fourOctetAs) parts.push('2-octet AS');
  if (settings.maxMessage > 4096) parts.push('extended messages');
  if (settings.policy !== undefined) parts.push(`policy ${settings.policy.name}`);
  return parts.join(', ');
}
