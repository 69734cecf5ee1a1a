/**
 * From the running settings to new ones. Sessions whose settings allow it stay up; policies and networks change
 * in place; peers that are gone get Cease/peer de-configured.
 */

import type { SpeakerHost } from './host.ts';
import type { RoutingInstance } from './instance.ts';
import type { LocalNetworks } from './local-networks.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { Peer } from './peer.ts';
import { type PeerDirectory, rangeOf } from './peer-directory.ts';
import type { InstanceSettings, PeerSettings } from './settings.ts';

/** What of a speaker a change of settings touches. */
export interface Reconfigurable {
  settings: InstanceSettings;
  readonly host: SpeakerHost;
  readonly instance: RoutingInstance;
  readonly directory: PeerDirectory;
  readonly networks: LocalNetworks;
  readonly ownAddresses: OwnAddresses;
  addPeer(peer: Peer): void;
  removePeer(peer: Peer): void;
  guard(peer: Peer, action: () => void): void;
}

export function applySettings(speaker: Reconfigurable, next: InstanceSettings): void {
  const old = speaker.settings;
  speaker.settings = next;
  const { instance, directory } = speaker;
  for (const { address } of old.router.listen) if (address) speaker.ownAddresses.remove(address);
  for (const { address } of next.router.listen) if (address) speaker.ownAddresses.add(address);
  instance.setPolicies(next.policies);
  instance.receiver.setLimits(next.limits, old.limits);
  if (changed(old.router.decision, next.router.decision)) instance.setDecisionOptions(next.router.decision);
  speaker.networks.configure(next.networks);

  const wanted = new Map(next.peers.map((peer) => [peer.address.toString(), peer]));
  for (const peer of directory.all()) {
    const settings = settingsOf(peer, wanted, next);
    if (settings === undefined) speaker.removePeer(peer);
    else speaker.guard(peer, () => peer.reconfigure(settings));
  }
  for (const [key, settings] of wanted) {
    if (directory.find(key) === undefined) speaker.addPeer(directory.add(settings, { dynamic: false }));
  }
  if (
    old.router.nextHopResolution !== next.router.nextHopResolution ||
    changed(old.router.nextHops, next.router.nextHops)
  ) {
    instance.reresolve(
      next.router,
      directory.all().map((peer) => peer.source),
    );
  }
  speaker.host.event({ type: 'configuration', at: speaker.host.now(), summary: summary(old, next) });
  speaker.host.wake();
}

/** What this peer is now, `undefined` when it is no more. A peer never changes between dynamic and configured. */
function settingsOf(
  peer: Peer,
  wanted: ReadonlyMap<string, PeerSettings>,
  next: InstanceSettings,
): PeerSettings | undefined {
  const configured = wanted.get(peer.name);
  if (!peer.dynamic) return configured;
  if (configured !== undefined) return undefined;
  const range = rangeOf(next.dynamicPeers, peer.address);
  return range && { ...range.template, passive: true, address: peer.address };
}

function changed(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

function summary(old: InstanceSettings, next: InstanceSettings): string {
  return `${next.peers.length} peers (were ${old.peers.length}), ${next.networks.length} networks, ${next.policies.length} policies`;
}
