/** The speaker's management side: `ManagementPort` over the live tables. Everything it returns is plain data. */

import { describeGroup } from '../export/group-settings.ts';
import { formatFamily, isVpn } from '../net/family.ts';
import { formatUint32, IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import { parseCommunityPattern } from '../policy/community.ts';
import { encodePrefix } from '../wire/nlri/ip-prefix.ts';
import type { FamilyState } from './family-state.ts';
import type { Peer } from './peer.ts';
import type { Speaker } from './speaker.ts';
import { PathViews } from './views/attributes-view.ts';
import { explain } from './views/explain-view.ts';
import { peerViewOf } from './views/peer-view.ts';
import { familyOrThrow, openCursor, parsePrefix } from './views/route-cursor.ts';
import { prefixText, routeViewOf } from './views/route-view.ts';
import { vpnKeyOf } from './views/vpn-query.ts';
import {
  type ExplainView,
  type FibPort,
  ManagementError,
  type ManagementPort,
  type NewNetwork,
  type PeerAction,
  type PeerView,
  type RouteCursor,
  type RouteQuery,
  type SpeakerEvent,
  type StationView,
  type StatusView,
} from './views.ts';

export class Management implements ManagementPort {
  readonly #speaker: Speaker;
  readonly #version: string;

  constructor(speaker: Speaker, version: string) {
    this.#speaker = speaker;
    this.#version = version;
    speaker.onBestChanged = (state, nlri) => this.#routeEvent(state, nlri);
  }

  status(): StatusView {
    const { settings, directory, instance, startedAt, host } = this.#speaker;
    const peers = directory.all();
    const now = host.now();
    const { router } = settings;
    return {
      version: this.#version,
      asn: router.asn,
      routerId: formatUint32(router.routerId),
      clusterId: formatUint32(router.clusterId),
      now,
      startedAt,
      peers: {
        configured: settings.peers.length,
        established: peers.filter((p) => p.state === 'established').length,
        dynamic: peers.filter((p) => p.dynamic).length,
        adminDown: peers.filter((p) => p.state === 'admin-down').length,
      },
      families: [...instance.families.values()].map(({ name, rib }) => ({
        family: name,
        prefixes: rib.bestCount,
        paths: rib.routeCount,
      })),
      memory: {
        attributeSets: instance.tables.attributes.size,
        paths: instance.tables.paths.size,
        ribBytes: instance.bytes,
      },
      busy: instance.hasWork(now) || this.#speaker.restart.deferring,
      updateGroups: [...instance.families.values()].flatMap(({ name, groups }) =>
        [...groups.values()].map((group) => ({
          family: name,
          members: group.members.length,
          lagging: group.laggingCount,
          routes: group.routeCount,
          description: describeGroup(group.settings),
        })),
      ),
    };
  }

  peers(): readonly PeerView[] {
    const { directory, instance, settings } = this.#speaker;
    return directory
      .all()
      .toSorted((a, b) => a.address.compare(b.address))
      .map((peer) => peerViewOf(peer, instance, settings.router));
  }

  peer(address: string): PeerView {
    const { instance, settings } = this.#speaker;
    return peerViewOf(this.#find(address), instance, settings.router);
  }

  peerAction(address: string, action: PeerAction): void {
    const peer = this.#find(address);
    const needsSession = action.type === 'soft-in' || action.type === 'soft-out';
    if (needsSession && peer.up === undefined) {
      throw new ManagementError('peer-not-established', `${address} is ${peer.state}`);
    }
    this.#speaker.guard(peer, () => {
      switch (action.type) {
        case 'reset':
          peer.handle({ type: 'manual-stop', reason: { type: 'admin-reset', message: action.message } });
          peer.handle({ type: 'manual-start' });
          break;
        case 'disable':
          peer.handle({ type: 'manual-stop', reason: { type: 'admin-shutdown', message: action.message } });
          break;
        case 'enable':
          peer.handle({ type: 'manual-start' });
          break;
        case 'soft-in':
          peer.routes.softIn();
          break;
        case 'soft-out':
          peer.routes.softOut();
          break;
      }
    });
  }

  routes(query: RouteQuery): RouteCursor {
    return openCursor(
      {
        tables: this.#speaker.instance.tables,
        family: (name) => this.#family(name),
        families: () => [...this.#speaker.instance.families.values()],
        peer: (address) => this.#find(address),
      },
      query,
    );
  }

  explain(text: string, familyName: string | undefined): ExplainView {
    const vpn = vpnKeyOf(text, familyName);
    if (vpn !== undefined) return this.#explainKey(this.#family(vpn.family), vpn.key, text);
    const prefix = parsePrefix(text, 'exact');
    const state = this.#family(familyName ?? (prefix.version === 4 ? 'ipv4-unicast' : 'ipv6-unicast'));
    if ((prefix.version === 4) !== (state.family >>> 8 === 1)) {
      throw new ManagementError('bad-prefix', `${text} is no prefix of ${formatFamily(state.family)}`);
    }
    if (isVpn(state.family)) {
      throw new ManagementError(
        'bad-prefix',
        `${text} lacks its route distinguisher: write 65000:100:${prefix}`,
      );
    }
    return this.#explainKey(state, encodePrefix(prefix), prefix.toString());
  }

  #explainKey(state: FamilyState, key: Uint8Array, text: string): ExplainView {
    const { instance, directory } = this.#speaker;
    return explain(instance.tables, state, state.rib.nlri.find(key, 0), text, directory.all());
  }

  stations(): readonly StationView[] {
    return this.#speaker.stations();
  }

  fib(): FibPort | undefined {
    return this.#speaker.fib;
  }

  networks() {
    return this.#speaker.networks.list();
  }

  addNetwork(network: NewNetwork): void {
    const prefix = parsePrefix(network.prefix);
    const nextHop = network.nextHop === undefined ? undefined : IpAddress.parse(network.nextHop);
    if (network.nextHop !== undefined && nextHop === undefined) {
      throw new ManagementError('bad-prefix', `${network.nextHop} is no address`);
    }
    const communities = (network.communities ?? []).map(plainCommunity);
    this.#speaker.networks.add({
      prefix,
      nextHop,
      communities,
      med: network.med,
      localPref: network.localPref,
    });
    this.#speaker.host.wake();
  }

  removeNetwork(text: string): void {
    const prefix = Prefix.parse(text);
    if (prefix === undefined) throw new ManagementError('bad-prefix', `${text} is no prefix`);
    this.#speaker.networks.remove(prefix);
    this.#speaker.host.wake();
  }

  subscribe(options: { readonly routes: boolean }, listener: (event: SpeakerEvent) => void): () => void {
    return this.#speaker.subscribe(options, listener);
  }

  #find(address: string): Peer {
    const key = IpAddress.parse(address)?.toString() ?? address;
    const peer = this.#speaker.directory.find(key);
    if (peer === undefined) throw new ManagementError('no-such-peer', `there is no peer ${address}`);
    return peer;
  }

  #family(name: string | undefined): FamilyState {
    return this.#speaker.instance.family(familyOrThrow(name));
  }

  #routeEvent(state: FamilyState, nlri: number): void {
    const { instance, host } = this.#speaker;
    const { rib } = state;
    const prefix = prefixText(rib, nlri);
    const best = rib.best[nlri];
    const view = new PathViews(instance.tables);
    const route =
      best === 0
        ? undefined
        : routeViewOf(instance.tables, rib, best, prefix, view.view(rib.acceptedOf(best)));
    host.event({ type: 'route', at: host.now(), family: state.name, prefix, route });
  }
}

function plainCommunity(text: string): number {
  const pattern = parseCommunityPattern(text);
  const [high, low] = pattern?.kind === 'standard' ? pattern.parts : [];
  if (high === undefined || low === undefined) {
    throw new ManagementError('bad-pattern', `${text} is no community: write 65000:100 or a well-known name`);
  }
  return ((high << 16) | low) >>> 0;
}
