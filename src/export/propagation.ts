/**
 * Which path goes to which kind of peer, and as what: reflection (RFC 4456 §6), well-known communities
 * (RFC 1997), export policy, next hop (RFC 4271 §5.1.3). The answer is a path again, or the reason why not.
 * What happens to every path on its way out (prepending, ORIGINATOR_ID, stripping) is the attribute writer's.
 */

import { Afi, afiOf, isVpn, routeTargetConstrain } from '../net/family.ts';
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import { AttributeFlag } from '../rib/attribute-table.ts';
import { AttributeWalk } from '../rib/attribute-walk.ts';
import type { AttributesId, NextHopId, PathId } from '../rib/ids.ts';
import { PathFlag } from '../rib/path-table.ts';
import { PeerRole } from '../rib/peer-columns.ts';
import { decodePathAttributes } from '../wire/attributes/decode-attributes.ts';
import { encodePathAttributes } from '../wire/attributes/encode-attributes.ts';
import type { AsPathSegment, PathAttributes } from '../wire/attributes/path-attributes.ts';
import type { ExportContext } from './context.ts';
import type { GroupSettings } from './group-settings.ts';
import { type Destination, policyRouteOf } from './policy-route.ts';
import { type SuppressedReason, suppressedCode } from './reasons.ts';

/** Do RFC 4456 §6 and the communities let a path of this source go to this kind of peer? */
export function propagationReason(
  context: ExportContext,
  settings: GroupSettings,
  path: PathId,
): SuppressedReason | undefined {
  const flags = context.attributes.flags[context.paths.attributes[path]];
  if (flags & AttributeFlag.noAdvertise) return 'no-advertise';
  if (settings.target === 'external') {
    // A label is only good with its own next hop, and we give no labels of our own at the border of the AS.
    if (isVpn(settings.family)) return 'vpn-external';
    if (flags & AttributeFlag.noExport) return 'no-export';
    if (flags & AttributeFlag.noExportSubconfed) return 'no-export-subconfed';
    return undefined;
  }
  const role = context.peers.role[context.paths.source[path]];
  if (role === PeerRole.nonClient && settings.target === 'non-client') return 'non-client-to-non-client';
  if (role === PeerRole.client && settings.target === 'client' && !settings.clientToClientReflection) {
    return 'client-to-client-off';
  }
  return undefined;
}

/** Our route or one that came over an internal session and is only passed on: RFC 4456 §10 leaves it alone. */
export function isReflected(context: ExportContext, settings: GroupSettings, path: PathId): boolean {
  if (settings.target === 'external') return false;
  const role = context.peers.role[context.paths.source[path]];
  return role === PeerRole.client || role === PeerRole.nonClient;
}

/**
 * The path that is sent for `path`, or a negative suppressed code. Where policy or settings edit it, the
 * result is interned anew and has no reference yet: the caller retains it. `exactSize` is only asked where the
 * path comes near the largest message.
 */
export function exportPath(
  context: ExportContext,
  settings: GroupSettings,
  path: PathId,
  destination: Destination | undefined,
  exactSize: (path: PathId) => number,
): PathId | number {
  const barred = propagationReason(context, settings, path);
  if (barred !== undefined) return suppressedCode(barred);
  const { policy, targetFilter } = settings;
  if (targetFilter && !targetFilter.admits(context.attributes, context.paths.attributes[path]))
    return suppressedCode('route-target');
  if (policy === undefined) {
    if (settings.target === 'external') return suppressedCode('no-export-policy');
  } else if (policy.constant === 'reject') return suppressedCode('export-policy');
  const edited = needsEdit(settings) ? edit(context, settings, path, destination) : path;
  if (edited < 0) return edited;
  const nextHop = sentNextHop(context, settings, edited);
  if (nextHop === undefined) return refuse(context, path, edited, 'no-own-next-hop');
  if (!nextHopFits(settings, nextHop)) return refuse(context, path, edited, 'next-hop-family');
  if (
    sentSizeBound(context, settings, edited) > settings.maxMessage &&
    exactSize(edited) > settings.maxMessage
  ) {
    return refuse(context, path, edited, 'too-large');
  }
  return edited;
}

function refuse(context: ExportContext, path: PathId, edited: PathId, reason: SuppressedReason): number {
  if (edited !== path) context.paths.discardUnreferenced(edited);
  return suppressedCode(reason);
}

function needsEdit(settings: GroupSettings): boolean {
  return (
    settings.membershipOriginator !== undefined ||
    (settings.policy !== undefined && settings.policy.constant === undefined) ||
    !settings.sendCommunities ||
    settings.removePrivateAs ||
    settings.overrideAs !== 0
  );
}

function edit(
  context: ExportContext,
  settings: GroupSettings,
  path: PathId,
  destination: Destination | undefined,
): PathId | number {
  const { attributes: table, paths } = context;
  const before = attributesOf(context, paths.attributes[path]);
  let flags = paths.flags[path];
  let nextHop: NextHopId = paths.nextHop[path];
  let attributes = before;
  if (settings.policy !== undefined && settings.policy.constant === undefined) {
    const route = policyRouteOf(context, settings.family, path, before, destination);
    const verdict = settings.policy.evaluate(route);
    if (!verdict.accept) return suppressedCode('export-policy');
    attributes = verdict.attributes;
    if (attributes.med !== undefined && attributes.med !== before.med) flags |= PathFlag.keepMed;
    if (verdict.nextHop === 'self') flags |= PathFlag.nextHopSelf;
    else if (verdict.nextHop === 'peer') flags |= PathFlag.nextHopPeer;
    else if (verdict.nextHop !== undefined) {
      flags |= PathFlag.nextHopSet;
      nextHop = context.nextHops.intern(verdict.nextHop.bytes, 0, verdict.nextHop.bytes.length);
    }
  }
  attributes = applySettings(settings, attributes);
  // RFC 4684 §3.2 i): only what our own AS originated.
  if (settings.membershipOriginator !== undefined && attributes.asPath.length === 0) {
    attributes = { ...attributes, originatorId: settings.membershipOriginator };
    flags |= PathFlag.nextHopSelf;
  }
  if (attributes === before && flags === paths.flags[path] && nextHop === paths.nextHop[path]) return path;
  const bytes = attributes === before ? undefined : encodePathAttributes(attributes);
  const set = bytes === undefined ? paths.attributes[path] : table.intern(bytes, bytes.length, 0);
  return paths.derive(path, set, nextHop, flags);
}

/** The attributes of a set as an object. */
export function attributesOf(context: Pick<ExportContext, 'attributes'>, set: AttributesId): PathAttributes {
  const at = context.attributes.offsetOf(set);
  return decodePathAttributes(context.attributes.chunkOf(set), at, at + context.attributes.lengthOf(set));
}

function applySettings(settings: GroupSettings, attributes: PathAttributes): PathAttributes {
  let result = attributes;
  if (
    !settings.sendCommunities &&
    (result.communities || result.extendedCommunities || result.largeCommunities)
  ) {
    const { communities: _c, extendedCommunities: _e, largeCommunities: _l, ...rest } = result;
    result = rest;
  }
  if (settings.removePrivateAs || settings.overrideAs !== 0) {
    const asPath = rewriteAsPath(result.asPath, settings);
    if (asPath !== result.asPath) result = { ...result, asPath };
  }
  return result;
}

/** RFC 6996 §5. */
function isPrivateAs(asn: number): boolean {
  return (asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294);
}

function rewriteAsPath(asPath: readonly AsPathSegment[], settings: GroupSettings): readonly AsPathSegment[] {
  let changed = false;
  const segments = asPath.flatMap((segment): readonly AsPathSegment[] => {
    const asns = segment.asns
      .filter((asn) => !settings.removePrivateAs || !isPrivateAs(asn))
      .map((asn) => (asn === settings.overrideAs ? settings.localAs : asn));
    if (asns.length === segment.asns.length && asns.every((asn, i) => asn === segment.asns[i]))
      return [segment];
    changed = true;
    return asns.length > 0 ? [{ type: segment.type, asns }] : [];
  });
  return changed ? segments : asPath;
}

/**
 * The next hop octets that go out with a path (RFC 4271 §5.1.3, RFC 4456 §10), `undefined` when it has to be
 * our own address and we have none in that family.
 */
export function sentNextHop(
  context: ExportContext,
  settings: GroupSettings,
  path: PathId,
): Uint8Array | undefined {
  const { paths, nextHops } = context;
  const flags = paths.flags[path];
  const received = nextHops.get(paths.nextHop[path])?.bytes;
  if (flags & PathFlag.nextHopPeer) return settings.peerNextHop?.bytes;
  if (flags & PathFlag.nextHopSelf || received === undefined) return settings.ownNextHop?.bytes;
  // RFC 2545 §3: a link-local address is only told on its own link.
  const global = received.length === 32 ? received.subarray(0, 16) : received;
  if (flags & PathFlag.nextHopSet || isReflected(context, settings, path)) return global;
  if (isVpn(settings.family)) return global;
  if (settings.target !== 'external') {
    // A configured next hop of our own network stays; "self" is for what came from outside.
    const local = context.peers.role[paths.source[path]] === PeerRole.local;
    return settings.nextHopSelf && !local ? settings.ownNextHop?.bytes : global;
  }
  return keepForExternal(settings, global);
}

/** RFC 4271 §5.1.3 2): a third-party next hop is allowed where the external peer shares its subnet. */
function keepForExternal(settings: GroupSettings, nextHop: Uint8Array): Uint8Array | undefined {
  if (!settings.nextHopSelf && settings.sharedSubnet !== undefined) {
    const address = IpAddress.fromBytes(nextHop);
    const isPeer = settings.peerNextHop?.equals(address) ?? false;
    if (!isPeer && settings.sharedSubnet.contains(new Prefix(address, nextHop.length * 8))) return nextHop;
  }
  return settings.ownNextHop?.bytes;
}

function nextHopFits(settings: GroupSettings, nextHop: Uint8Array): boolean {
  // RFC 4684 §4: the length of the next hop says what it is.
  if (settings.family === routeTargetConstrain) return true;
  if (afiOf(settings.family) === Afi.ipv6) return nextHop.length === 16;
  return nextHop.length === 4 || settings.extendedNextHop;
}

const walk = new AttributeWalk();

/** An upper bound of the octets of an UPDATE with this path and one NLRI: cheap, and enough for nearly all. */
function sentSizeBound(context: ExportContext, settings: GroupSettings, path: PathId): number {
  const set = context.paths.attributes[path];
  // Header and lengths 23; NEXT_HOP or MP_REACH 40; LOCAL_PREF 7; ORIGINATOR_ID 7; CLUSTER_LIST 8; prepend 6;
  // one NLRI with path identifier 32, its next hop's distinguisher 8.
  const bound = context.attributes.lengthOf(set) + 131;
  if (settings.fourOctetAs || !walk.start(context.attributes, set).find(2)) return bound;
  // RFC 6793 §4.2.2: AS_PATH shrinks to half, AS4_PATH repeats it whole; AS4_AGGREGATOR and headers 24.
  return bound + ((walk.valueEnd - walk.value) >> 1) + 24;
}
