/**
 * The exporter that serves one peer and shares nothing: attributes as objects in, attributes as objects out.
 * Written from RFC 4271 §5.1 and RFC 4456 §6-10 alone; what src/export/ makes must be equal to it.
 */
import type { GroupSettings } from '../../src/export/group-settings.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import type { AsPathSegment, PathAttributes } from '../../src/wire/attributes/path-attributes.ts';

export interface NaiveRoute {
  readonly sourcePeer: number;
  readonly role: 'local' | 'external' | 'client' | 'non-client';
  readonly sourceIdentifier: number;
  readonly sourceAddress: IpAddress;
  readonly attributes: PathAttributes;
  /** `undefined`: our own address. */
  readonly nextHop: IpAddress | undefined;
  readonly prefixBytes: Uint8Array;
  readonly prefixLength: number;
}

export interface NaiveReceiver {
  readonly peer: number;
  readonly bgpIdentifier: number;
  readonly settings: GroupSettings;
}

export interface NaiveResult {
  readonly attributes: PathAttributes;
  readonly nextHop: IpAddress;
}

/** What this receiver alone is sent of a route; `undefined` for nothing. */
export function naiveExport(route: NaiveRoute, receiver: NaiveReceiver): NaiveResult | undefined {
  const { settings } = receiver;
  const external = settings.target === 'external';
  if (route.sourcePeer === receiver.peer) return undefined;
  if (!external && route.attributes.originatorId === receiver.bgpIdentifier) return undefined;
  const communities = route.attributes.communities ?? [];
  if (communities.includes(0xffffff02)) return undefined;
  if (external && (communities.includes(0xffffff01) || communities.includes(0xffffff03))) return undefined;
  if (route.role === 'non-client' && settings.target === 'non-client') return undefined;
  if (route.role === 'client' && settings.target === 'client' && !settings.clientToClientReflection)
    return undefined;
  if (external && settings.policy === undefined) return undefined;
  let attributes = route.attributes;
  let wantedNextHop: IpAddress | 'self' | 'peer' | undefined;
  let medIsOurs = route.role === 'local';
  if (settings.policy !== undefined) {
    const verdict = settings.policy.evaluate({
      family: settings.family,
      attributes,
      prefixBytes: route.prefixBytes,
      prefixLength: route.prefixLength,
      nextHop: route.nextHop ?? IpAddress.fromUint32(0),
      peer: route.role === 'local' ? undefined : route.sourceAddress,
    });
    if (!verdict.accept) return undefined;
    if (verdict.attributes.med !== undefined && verdict.attributes.med !== attributes.med) medIsOurs = true;
    attributes = verdict.attributes;
    wantedNextHop = verdict.nextHop;
  }
  const reflected = !external && (route.role === 'client' || route.role === 'non-client');
  const nextHop = naiveNextHop(route, settings, wantedNextHop, reflected);
  if (nextHop === undefined) return undefined;
  return { attributes: outgoing(attributes, route, settings, { reflected, medIsOurs }), nextHop };
}

function naiveNextHop(
  route: NaiveRoute,
  settings: GroupSettings,
  wanted: IpAddress | 'self' | 'peer' | undefined,
  reflected: boolean,
): IpAddress | undefined {
  if (wanted === 'self' || route.nextHop === undefined) return settings.ownNextHop;
  if (wanted === 'peer') return settings.peerNextHop;
  if (wanted !== undefined) return wanted;
  if (reflected) return route.nextHop;
  if (settings.target === 'external') return settings.ownNextHop;
  return settings.nextHopSelf && route.role !== 'local' ? settings.ownNextHop : route.nextHop;
}

function outgoing(
  attributes: PathAttributes,
  route: NaiveRoute,
  settings: GroupSettings,
  { reflected, medIsOurs }: { readonly reflected: boolean; readonly medIsOurs: boolean },
): PathAttributes {
  const external = settings.target === 'external';
  const { med, localPref, originatorId, clusterList, asPath, unknown, ...others } = attributes;
  const { communities, extendedCommunities, largeCommunities, ...bare } = others;
  const path = rewritten(asPath, settings);
  // RFC 4360 §6: what is marked non-transitive stays inside the AS.
  const leaving = extendedCommunities?.filter((each) => (Number.parseInt(each.slice(0, 2), 16) & 0x40) === 0);
  const inside = {
    ...bare,
    ...keep('communities', communities),
    ...keep('largeCommunities', largeCommunities),
  };
  const outside = { ...inside, ...keep('extendedCommunities', leaving?.length ? leaving : undefined) };
  return {
    ...(settings.sendCommunities ? (external ? outside : others) : bare),
    asPath: external ? prepended(path, settings.localAs) : path,
    ...(med !== undefined && (!external || medIsOurs) ? { med } : {}),
    ...(external ? {} : { localPref: localPref ?? 100 }),
    ...(external
      ? {}
      : keep('originatorId', originatorId ?? (reflected ? route.sourceIdentifier : undefined))),
    ...(external
      ? {}
      : keep('clusterList', reflected ? [settings.clusterId, ...(clusterList ?? [])] : clusterList)),
    ...keep(
      'unknown',
      unknown?.map((each) => ({ ...each, flags: each.flags | 0x20 })),
    ),
  };
}

function keep<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

function rewritten(asPath: readonly AsPathSegment[], settings: GroupSettings): readonly AsPathSegment[] {
  const isPrivate = (asn: number) => (asn >= 64512 && asn <= 65534) || (asn >= 4.2e9 && asn <= 4294967294);
  return asPath
    .map(({ type, asns }) => ({
      type,
      asns: asns
        .filter((asn) => !(settings.removePrivateAs && isPrivate(asn)))
        .map((asn) => (settings.overrideAs !== 0 && asn === settings.overrideAs ? settings.localAs : asn)),
    }))
    .filter(({ asns }) => asns.length > 0);
}

/** RFC 4271 §5.1.2 b). */
function prepended(asPath: readonly AsPathSegment[], asn: number): readonly AsPathSegment[] {
  const [first, ...rest] = asPath;
  if (first?.type !== 'sequence' || first.asns.length >= 255)
    return [{ type: 'sequence', asns: [asn] }, ...asPath];
  return [{ type: 'sequence', asns: [asn, ...first.asns] }, ...rest];
}
