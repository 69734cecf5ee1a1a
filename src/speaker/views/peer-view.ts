/** One peer as the operator sees it. */
import { type FamilyKey, formatFamily } from '../../net/family.ts';
import { formatUint32 } from '../../net/ip-address.ts';
import { describeCapability } from '../../wire/capability.ts';
import { isExternal } from '../import-rules.ts';
import type { RoutingInstance } from '../instance.ts';
import type { Peer } from '../peer.ts';
import type { RouterSettings } from '../settings.ts';
import type { MessageCounts, PeerFamilyView, PeerView } from '../views.ts';
import { describeDown } from './down-reason.ts';

export function peerViewOf(peer: Peer, instance: RoutingInstance, router: RouterSettings): PeerView {
  const { settings, up } = peer;
  const session = peer.session.snapshot();
  const { negotiated } = session;
  const external = isExternal(router, peer.remoteAs);
  const last = session.lastDown;
  return {
    address: peer.name,
    description: settings.description,
    group: settings.group,
    remoteAs: peer.remoteAs,
    localAs: external ? settings.localAs : router.asn,
    role: external ? 'external' : settings.routeReflectorClient ? 'client' : 'non-client',
    dynamic: peer.dynamic,
    passive: settings.passive,
    state: peer.state,
    since: session.stateSince,
    establishedCount: session.establishedCount,
    routerId: negotiated && formatUint32(negotiated.remoteBgpIdentifier),
    localAddress: up?.localAddress.toString(),
    holdTimeSeconds: negotiated?.holdTimeSeconds,
    keepaliveSeconds: negotiated?.keepaliveSeconds,
    reason: reasonOf(peer, external),
    lastDown: last && { at: last.at, text: describeDown(last.reason), reason: last.reason },
    families: [...peer.source.families.keys()].map((family) => familyViewOf(peer, instance, family)),
    capabilities: negotiated && {
      local: negotiated.localOpen.capabilities.map(describeCapability),
      remote: negotiated.remoteOpen.capabilities.map(describeCapability),
    },
    messages: { received: countsOf(peer.counters.received), sent: sentCounts(peer) },
    importPolicy: settings.importPolicy ?? 'none',
    exportPolicy: settings.exportPolicy ?? 'none',
    timers: session.timers,
    faults: peer.reports.faults,
    sendQueue: sendQueueOf(peer),
  };
}

/** Why it is not up, or why nothing is exchanged although it is. */
function reasonOf(peer: Peer, external: boolean): string | undefined {
  const { settings } = peer;
  const session = peer.session.snapshot();
  if (peer.up !== undefined) {
    if (!external) return undefined;
    const missing = [
      ...(settings.importPolicy === undefined ? ['import'] : []),
      ...(settings.exportPolicy === undefined ? ['export'] : []),
    ];
    if (missing.length === 0) return undefined;
    return `no ${missing.join(' and no ')} policy: nothing is ${missing.length === 2 ? 'exchanged' : missing[0] === 'import' ? 'accepted' : 'sent'} (RFC 8212)`;
  }
  if (settings.shutdown !== undefined) return `shut down: ${settings.shutdown.message || 'by configuration'}`;
  const why = session.lastFailure ?? session.lastDown;
  return why && describeDown(why.reason);
}

function familyViewOf(peer: Peer, instance: RoutingInstance, family: FamilyKey): PeerFamilyView {
  const state = peer.source.families.get(family);
  const rib = instance.families.get(family)?.rib;
  const membership = peer.up?.memberships.get(family);
  const { group, member } = membership ?? {};
  const id = peer.source.id;
  return {
    family: formatFamily(family),
    received: rib?.heldBy(id) ?? 0,
    accepted: rib?.acceptedFrom(id) ?? 0,
    best: rib?.bestFrom(id) ?? 0,
    sent: group && member ? group.announcedTo(member) : 0,
    stale:
      state && state.staleUntil !== Number.POSITIVE_INFINITY
        ? (instance.families.get(family)?.staleCount(id) ?? 0)
        : 0,
    endOfRibReceived: state?.endOfRibReceived ?? false,
    endOfRibSent: state?.endOfRibSent ?? false,
    maxPrefixes: state?.maxPrefixes?.limit,
  };
}

function countsOf(counters: Float64Array): MessageCounts {
  return {
    open: counters[1],
    update: counters[2],
    notification: counters[3],
    keepalive: counters[4],
    routeRefresh: counters[5],
  };
}

function sentCounts(peer: Peer): MessageCounts {
  return countsOf(peer.counters.sent);
}

function sendQueueOf(peer: Peer): PeerView['sendQueue'] {
  if (peer.up === undefined) return 'idle';
  for (const { group, member } of peer.up.memberships.values()) {
    if (!group || !member || member.congested || group.owes(member)) return 'lagging';
  }
  return 'in-sync';
}
