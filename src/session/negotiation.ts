/**
 * Two OPENs in, what both ends agreed on out (RFC 4271 §6.2, RFC 5492). Owns the semantic checks of a
 * received OPEN and the meaning of every pair of capabilities. Does not decode: versions, lengths and unknown
 * parameters were refused by `wire/` before.
 */
import { Afi, type FamilyKey, ipv4Unicast } from '../net/family.ts';
import { encodeCapability } from '../wire/capability.ts';
import { NotificationError } from '../wire/errors.ts';
import { maxExtendedMessage, maxPlainMessage } from '../wire/header.ts';
import type { AddPathFamily, Capability, OpenMessage, SessionCodec } from '../wire/messages.ts';
import { NotificationCode } from '../wire/notification-codes.ts';
import { Writer } from '../wire/writer.ts';
import type { Negotiated, SessionSettings } from './contract.ts';
import { OpenSubcode } from './notification.ts';
import { asTrans } from './open.ts';

/**
 * Checks the peer's OPEN against our settings and pairs it with the OPEN we sent (or are about to send).
 * Throws a NotificationError with exactly what the peer is to be told.
 */
export function negotiate(
  settings: SessionSettings,
  localOpen: OpenMessage,
  remoteOpen: OpenMessage,
): Negotiated {
  const remoteAs = checkPeerAs(settings, remoteOpen);
  checkIdentifier(settings, remoteOpen, remoteAs);
  const holdTimeSeconds = checkHoldTime(settings, remoteOpen);
  const codec = negotiateCodec(settings, localOpen, remoteOpen);
  const localRestart = find(localOpen, 'graceful-restart');
  const remoteRestart = find(remoteOpen, 'graceful-restart');
  return {
    codec,
    localOpen,
    remoteOpen,
    remoteAs,
    remoteBgpIdentifier: remoteOpen.bgpIdentifier,
    holdTimeSeconds,
    keepaliveSeconds: keepaliveInterval(settings.keepaliveSeconds, holdTimeSeconds),
    routeRefresh: has(remoteOpen, 'route-refresh') || has(remoteOpen, 'route-refresh-cisco'),
    enhancedRouteRefresh:
      has(localOpen, 'enhanced-route-refresh') && has(remoteOpen, 'enhanced-route-refresh'),
    gracefulRestart: localRestart && remoteRestart,
    gracefulNotification: localRestart?.notification === true && remoteRestart?.notification === true,
  };
}

/** Seconds between KEEPALIVEs. RFC 4271 §10: a third of the hold time at most; 0 where there is no hold time. */
export function keepaliveInterval(configuredSeconds: number, holdTimeSeconds: number): number {
  if (holdTimeSeconds === 0) return 0;
  const third = Math.max(1, Math.floor(holdTimeSeconds / 3));
  return configuredSeconds > 0 ? Math.min(configuredSeconds, third) : third;
}

/** Is a peer of this AS in our own? */
export function isInternal(settings: SessionSettings, remoteAs: number): boolean {
  return settings.localAs === remoteAs;
}

function checkPeerAs(settings: SessionSettings, open: OpenMessage): number {
  const remoteAs = find(open, 'four-octet-as')?.asn ?? open.myAs;
  // RFC 7607 §2: AS 0 is no AS. RFC 6793 §9: AS_TRANS is nobody's own number.
  const reserved = remoteAs === 0 || remoteAs === asTrans;
  if (reserved || (settings.remoteAs !== 0 && settings.remoteAs !== remoteAs)) {
    const expected = settings.remoteAs === 0 ? 'any AS' : `AS ${settings.remoteAs}`;
    refuse(OpenSubcode.badPeerAs, octets16(open.myAs), `the peer says it is AS ${remoteAs}, not ${expected}`);
  }
  return remoteAs;
}

function checkIdentifier(settings: SessionSettings, open: OpenMessage, remoteAs: number): void {
  const id = open.bgpIdentifier;
  // RFC 6286 §2.2: not zero, and inside an AS not ours.
  if (id !== 0 && (id !== settings.routerId || !isInternal(settings, remoteAs))) return;
  const detail = id === 0 ? 'the BGP Identifier is 0' : 'the BGP Identifier is our own';
  refuse(
    OpenSubcode.badIdentifier,
    Uint8Array.of(id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255),
    detail,
  );
}

function checkHoldTime(settings: SessionSettings, open: OpenMessage): number {
  const offered = open.holdTimeSeconds;
  // RFC 4271 §6.2: one or two seconds are refused; §4.2: the smaller of the two is used.
  if (offered === 1 || offered === 2) {
    refuse(OpenSubcode.unacceptableHoldTime, octets16(offered), `a hold time of ${offered} s`);
  }
  return Math.min(settings.holdTimeSeconds, offered);
}

function negotiateCodec(settings: SessionSettings, local: OpenMessage, remote: OpenMessage): SessionCodec {
  const families = commonFamilies(settings, remote);
  return {
    fourOctetAs: has(local, 'four-octet-as') && has(remote, 'four-octet-as'),
    families,
    addPathReceive: addPath(settings.addPath, remote, families, 'receive'),
    addPathSend: addPath(settings.addPath, remote, families, 'send'),
    extendedNextHop: extendedNextHop(settings, remote, families),
    // RFC 8654 §4: each direction depends on what its receiver announced, and on nothing else.
    maxMessageReceive: has(local, 'extended-message') ? maxExtendedMessage : maxPlainMessage,
    maxMessageSend: has(remote, 'extended-message') ? maxExtendedMessage : maxPlainMessage,
  };
}

/**
 * RFC 4760 §8: the families both ends listed; a peer that lists none speaks IPv4 unicast, as BGP did before.
 * Without any in common no route could ever flow. RFC 5492 §3 lets a speaker end such a session; FRR and BIRD
 * do, with Unsupported Capability, and so do we: a session that is up and can carry nothing hides the mistake.
 */
function commonFamilies(settings: SessionSettings, remote: OpenMessage): ReadonlySet<FamilyKey> {
  const offered = all(remote, 'multiprotocol');
  const theirs = new Set(offered.length === 0 ? [ipv4Unicast] : offered.map(({ family }) => family));
  const common = new Set(settings.families.filter((family) => theirs.has(family)));
  if (common.size === 0) {
    refuse(
      OpenSubcode.unsupportedCapability,
      requiredFamilies(settings.families),
      'no address family in common',
    );
  }
  return common;
}

/** RFC 5492 §5: the data lists the capabilities that were missing, encoded as in an OPEN. */
function requiredFamilies(families: readonly FamilyKey[]): Uint8Array {
  const writer = new Writer();
  for (const family of families) encodeCapability({ type: 'multiprotocol', family }, writer);
  return writer.finish();
}

/** RFC 7911 §4: we may do one thing where the peer may do the other. */
function addPath(
  ours: readonly AddPathFamily[],
  remote: OpenMessage,
  families: ReadonlySet<FamilyKey>,
  direction: 'receive' | 'send',
): ReadonlySet<FamilyKey> {
  const opposite = direction === 'receive' ? 'send' : 'receive';
  // RFC 7911 §4: more than one entry for a family is an error of the sender's; the first is used.
  const theirs = new Map<FamilyKey, AddPathFamily['mode']>();
  for (const { family, mode } of all(remote, 'add-path').flatMap(({ families }) => families)) {
    if (!theirs.has(family)) theirs.set(family, mode);
  }
  const allows = (mode: AddPathFamily['mode'] | undefined, what: 'receive' | 'send') =>
    mode === what || mode === 'both';
  return new Set(
    ours
      .filter(({ family, mode }) => families.has(family) && allows(mode, direction))
      .map(({ family }) => family)
      .filter((family) => allows(theirs.get(family), opposite)),
  );
}

/** RFC 8950 §4: a family whose next hop may be IPv6, where both ends said so. */
function extendedNextHop(
  settings: SessionSettings,
  remote: OpenMessage,
  families: ReadonlySet<FamilyKey>,
): ReadonlySet<FamilyKey> {
  const entries = all(remote, 'extended-next-hop').flatMap((capability) => capability.entries);
  const theirs = new Set(
    entries.filter((entry) => entry.nextHopAfi === Afi.ipv6).map(({ family }) => family),
  );
  return new Set(settings.extendedNextHop.filter((family) => families.has(family) && theirs.has(family)));
}

/** The last capability of this type. RFC 4724 §3: all graceful restart capabilities but the last are ignored. */
function find<Type extends Capability['type']>(open: OpenMessage, type: Type): Of<Type> | undefined {
  return all(open, type).at(-1);
}

function all<Type extends Capability['type']>(open: OpenMessage, type: Type): readonly Of<Type>[] {
  return open.capabilities.filter((capability): capability is Of<Type> => capability.type === type);
}

type Of<Type extends Capability['type']> = Extract<Capability, { type: Type }>;

function has(open: OpenMessage, type: Capability['type']): boolean {
  return open.capabilities.some((capability) => capability.type === type);
}

function octets16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255);
}

/** The data is the field that was refused, as FRR and BIRD send it; RFC 4271 §6.2 leaves it open. */
function refuse(subcode: number, data: Uint8Array, detail: string): never {
  throw new NotificationError(NotificationCode.open, subcode, data, detail);
}
