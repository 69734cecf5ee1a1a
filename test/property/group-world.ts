/** A routing instance without sessions: peers announce, join update groups, lag, are moved; all at random. */
import type { GroupSettings } from '../../src/export/group-settings.ts';
import { batchSize } from '../../src/export/outbound-batch.ts';
import { ipv4Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { acceptAll, type PolicyDefinition, rejectAll } from '../../src/policy/definition.ts';
import { compilePolicy } from '../../src/policy/evaluate.ts';
import type { FamilyRib } from '../../src/rib/family-rib.ts';
import { PeerRole } from '../../src/rib/peer-columns.ts';
import type { FamilyState } from '../../src/speaker/family-state.ts';
import type { Membership } from '../../src/speaker/feeding.ts';
import { RoutingInstance } from '../../src/speaker/instance.ts';
import type { InstanceTables } from '../../src/speaker/instance-tables.ts';
import { type RouteSource, sourceFamily } from '../../src/speaker/route-source.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { plainCodec } from '../../src/wire/messages.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { ReceivedRoutes } from '../export/received-frames.ts';
import { address, prefix, routerSettings } from '../support/settings.ts';

/** By PeerRole. */
export const roles = ['local', 'external', 'client', 'non-client'] as const;

/** Spelled so, since an object with a member of that name looks like a promise to linters. */
const verdict = 'then';

const policies: readonly PolicyDefinition[] = [
  acceptAll,
  rejectAll,
  {
    name: 'edits',
    default: 'accept',
    terms: [
      {
        name: 'marked',
        match: { communities: [{ kind: 'standard', parts: [65000, 1] }] },
        set: { med: 50, localPref: 300, addCommunities: [{ kind: 'standard', parts: [65000, 99] }] },
        [verdict]: 'accept',
      },
      {
        name: 'own',
        match: { origins: ['egp'] },
        set: { nextHop: 'self', prepend: [65000] },
        [verdict]: 'accept',
      },
    ],
  },
  {
    name: 'by-prefix',
    default: 'accept',
    terms: [
      {
        name: 'few',
        match: { prefixes: [{ prefix: prefix('10.0.0.0/13'), minLength: 13, maxLength: 32 }] },
        set: {},
        [verdict]: 'reject',
      },
      {
        name: 'some',
        match: { prefixes: [{ prefix: prefix('10.8.0.0/14'), minLength: 14, maxLength: 32 }] },
        set: { med: 7 },
        [verdict]: 'accept',
      },
    ],
  },
  {
    name: 'rejects',
    default: 'accept',
    terms: [
      {
        name: 'two',
        match: { communities: [{ kind: 'standard', parts: [65000, 2] }] },
        set: {},
        [verdict]: 'reject',
      },
    ],
  },
];
const compiled = policies.map(compilePolicy);
const wellKnown = [undefined, 0xffffff01, 0xffffff02, 0xffffff03, undefined, undefined, undefined, undefined];

export interface MemberPeer {
  readonly index: number;
  readonly name: string;
  readonly identifier: number;
  readonly source: RouteSource;
  readonly addPath: boolean;
  role: 'external' | 'client' | 'non-client';
  settings: GroupSettings | undefined;
  membership: Membership | undefined;
  received: ReceivedRoutes | undefined;
  refreshesDue: number;
  /** The turn in which `send` said stop, until it may go on. */
  blockedSince: number | undefined;
}

const routerId = 0x0a00ffff;

export class GroupWorld {
  readonly instance: RoutingInstance;
  readonly state: FamilyState;
  readonly peers: readonly MemberPeer[];
  now = 0;
  #turn = 0;
  readonly #random: () => number;

  constructor(count: number, random: () => number) {
    this.#random = random;
    const router = routerSettings({ routerId });
    this.instance = new RoutingInstance(router, [], Math.floor(random() * 2 ** 32), {
      refreshEnded: (member) => {
        const peer = this.peers.find((each) => each.source.id === member.peer);
        if (peer) peer.refreshesDue = 0;
      },
      endOfRibSent: () => {},
      holdsSent: () => true,
      selectionDeferred: () => false,
      membershipsChanged: () => {},
      bestChanged: undefined,
    });
    this.state = this.instance.family(ipv4Unicast);
    this.peers = Array.from({ length: count }, (_, i) => this.#makePeer(i));
  }

  get tables(): InstanceTables {
    return this.instance.tables;
  }

  get rib(): FamilyRib {
    return this.state.rib;
  }

  prefixText(nlri: number): string {
    const wire = new Uint8Array(8);
    this.rib.nlri.write(nlri, wire, 0);
    return `${IpAddress.fromBytes(wire.slice(1, 5))}/${wire[0]}`;
  }

  #makePeer(index: number): MemberPeer {
    const role = (['client', 'non-client', 'external'] as const)[index % 3];
    const own = address(`192.0.2.${index + 1}`);
    const remoteAs = role === 'external' ? 65100 + index : 65000;
    const id = this.instance.addSource(own, roleCode(role), remoteAs);
    this.tables.peers.bgpIdentifier[id] = own.toUint32();
    const external = role === 'external';
    const addPathReceive = index >= 3 ? new Set([ipv4Unicast]) : new Set<never>();
    return {
      index,
      name: `peer ${index} (${role})`,
      identifier: own.toUint32(),
      addPath: index >= 3,
      role,
      settings: undefined,
      membership: undefined,
      received: undefined,
      refreshesDue: 0,
      blockedSince: undefined,
      source: {
        id,
        rules: {
          eligibility: {
            localAs: 65000,
            clusterId: routerId,
            routerId,
            allowOwnAs: 0,
            external,
            firstAs: 0,
            isOwnAddress: () => false,
            link: undefined,
          },
          policy: compilePolicy(acceptAll),
          gracefulShutdown: true,
        },
        context: {
          ...plainCodec,
          fourOctetAs: true,
          families: new Set([ipv4Unicast]),
          addPathReceive,
          external,
        },
        families: new Map([[ipv4Unicast, sourceFamily(ipv4Unicast, undefined)]]),
        listener: { malformed: () => {}, maxPrefixes: () => {}, endOfRib: () => {} },
      },
    };
  }

  announce(peer: MemberPeer, number: number, set: number, pathId: number): void {
    const nlri = prefixOf(number);
    const bytes = encodeUpdate({
      announced: [peer.addPath ? { nlri, pathId } : nlri],
      nextHop: address(`198.51.100.${1 + (set & 3)}`),
      attributes: attributesFor(peer, set, this.peers),
    });
    this.instance.receiver.receive(peer.source, bytes, 0, bytes.length);
  }

  withdraw(peer: MemberPeer, number: number, pathId: number): void {
    const nlri = prefixOf(number);
    const bytes = encodeUpdate({ withdrawn: [peer.addPath ? { nlri, pathId } : nlri] });
    this.instance.receiver.receive(peer.source, bytes, 0, bytes.length);
  }

  join(peer: MemberPeer, variant: number): void {
    if (peer.membership !== undefined) return;
    const settings = settingsFor(peer, variant);
    const received = new ReceivedRoutes(
      {
        ...plainCodec,
        external: settings.target === 'external',
        fourOctetAs: settings.fourOctetAs,
        families: new Set([ipv4Unicast]),
        addPathReceive: settings.addPathLimit === undefined ? new Set() : new Set([ipv4Unicast]),
      },
      settings.maxMessage,
    );
    peer.received = received;
    peer.settings = settings;
    peer.refreshesDue = 0;
    peer.blockedSince = undefined;
    peer.membership = {
      peer: peer.source.id,
      bgpIdentifier: peer.identifier,
      send: (bytes) => {
        received.take(bytes);
        if (peer.blockedSince !== undefined && peer.blockedSince < this.#turn)
          received.complaints.push('sent although it was congested');
        if (this.#random() > 0.3) return true;
        peer.blockedSince = this.#turn;
        return false;
      },
      group: undefined,
      member: undefined,
      awaited: undefined,
    };
    this.instance.assign(ipv4Unicast, peer.membership, settings);
  }

  /** New settings within the same session: what OPEN agreed on stays. */
  regroup(peer: MemberPeer, variant: number): void {
    const { membership, settings } = peer;
    if (membership === undefined || settings === undefined) return;
    const wanted = settingsFor(peer, variant);
    const { fourOctetAs, maxMessage } = settings;
    const addPathLimit =
      settings.addPathLimit === undefined ? undefined : (wanted.addPathLimit ?? settings.addPathLimit);
    peer.settings = { ...wanted, fourOctetAs, maxMessage, addPathLimit };
    this.instance.assign(ipv4Unicast, membership, peer.settings);
  }

  leave(peer: MemberPeer): void {
    if (peer.membership === undefined) return;
    this.instance.resign(ipv4Unicast, peer.membership);
    peer.membership = undefined;
    peer.received = undefined;
    peer.settings = undefined;
  }

  refresh(peer: MemberPeer): void {
    const { group, member } = peer.membership ?? {};
    if (!group || !member) return;
    peer.refreshesDue++;
    group.refresh(member, { enhanced: true });
  }

  uncongest(peer: MemberPeer): void {
    const member = peer.membership?.member;
    if (member) member.congested = false;
    peer.blockedSince = undefined;
  }

  /** Marks the routes stale and removes in slices what is not announced again. */
  sweep(peer: MemberPeer): void {
    this.state.markAllStale(peer.source.id);
  }

  loseRoutes(peer: MemberPeer): void {
    this.state.markAllStale(peer.source.id);
    this.state.sweep(peer.source.id, () => {});
  }

  /** A client becomes a non-client and the other way round. */
  turnRole(peer: MemberPeer): void {
    if (peer.role === 'external') return;
    peer.role = peer.role === 'client' ? 'non-client' : 'client';
    this.instance.setRole(peer.source.id, roleCode(peer.role));
    if (peer.settings !== undefined && peer.membership !== undefined) {
      peer.settings = { ...peer.settings, target: peer.role };
      this.instance.assign(ipv4Unicast, peer.membership, peer.settings);
    }
  }

  work(): void {
    this.now += 500;
    this.#turn++;
    this.instance.work(this.now, this.#items());
  }

  /** Turns are often so short that whatever goes in slices is seen half done. */
  #items(): number {
    return this.#random() < 0.7 ? 1 + Math.floor(this.#random() * 4) : batchSize;
  }

  /** Until nothing is left to do. */
  settle(): void {
    for (let turn = 0; turn < 1000; turn++) {
      for (const peer of this.peers) this.uncongest(peer);
      this.now += 10_000;
      this.#turn++;
      this.instance.work(this.now, this.#items());
      if (this.peers.every((peer) => isCaughtUp(peer)) && !this.state.hasWork) return;
    }
    throw new Error('does not come to rest');
  }
}

function isCaughtUp({ membership }: MemberPeer): boolean {
  if (membership === undefined) return true;
  const { group, member } = membership;
  return group !== undefined && member !== undefined && !group.owes(member);
}

function roleCode(role: MemberPeer['role']) {
  return role === 'external' ? PeerRole.external : role === 'client' ? PeerRole.client : PeerRole.nonClient;
}

function prefixOf(number: number): string {
  return `10.${number}.0.0/16`;
}

/** 16 sets, small enough to meet again and again; external peers cannot send what is internal. */
function attributesFor(peer: MemberPeer, set: number, peers: readonly MemberPeer[]): PathAttributes {
  const known = wellKnown[set & 7];
  const communities = [((65000 << 16) | (set & 3)) >>> 0, ...(known === undefined ? [] : [known])];
  const external = peer.role === 'external';
  const common: PathAttributes = {
    origin: set & 1 ? 'egp' : 'igp',
    asPath: [{ type: 'sequence', asns: [external ? 65100 + peer.index : 65200, 64512 + (set & 7), 70000] }],
    ...(set & 2 ? { med: set } : {}),
    communities,
    ...(set & 4 ? { unknown: [{ flags: 0xc0, type: 199, value: Uint8Array.of(set) }] } : {}),
  };
  if (external) return common;
  return {
    ...common,
    localPref: 100 + (set & 1),
    // Some are said to come from another member.
    ...(set >= 8 ? { originatorId: peers[set % peers.length].identifier, clusterList: [set] } : {}),
  };
}

const limits = [undefined, undefined, 1, 2, 0xffff] as const;

function settingsFor(peer: MemberPeer, variant: number): GroupSettings {
  const external = peer.role === 'external';
  return {
    family: ipv4Unicast,
    target: peer.role,
    localAs: 65000,
    clusterId: routerId,
    clientToClientReflection: (variant & 7) !== 0,
    fourOctetAs: (variant & 0x18) !== 0,
    maxMessage: variant & 0x20 ? 65535 : 4096,
    extendedNextHop: false,
    addPathLimit: limits[(variant >> 6) % limits.length],
    policy: external && (variant & 0x600) === 0 ? undefined : compiled[(variant >> 9) % compiled.length],
    nextHopSelf: (variant & 0x1000) !== 0,
    ownNextHop: address('203.0.113.1'),
    sharedSubnet: undefined,
    sendCommunities: (variant & 0x2000) === 0,
    removePrivateAs: external && (variant & 0x4000) !== 0,
    overrideAs: 0,
    advertisementIntervalSeconds: (variant & 0x8100) === 0x8100 ? 1 : 0,
    peerNextHop: undefined,
  };
}
