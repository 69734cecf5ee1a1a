/**
 * A speaker under test and peers that are nothing but bytes: each sends what the test says, keeps what it is
 * sent, and acknowledges nothing by itself but the OPEN.
 */
import { type FamilyKey, ipv4Unicast } from '../../src/net/family.ts';
import type { IpAddress } from '../../src/net/ip-address.ts';
import type { ConnectionId } from '../../src/session/contract.ts';
import type { SpeakerHost } from '../../src/speaker/host.ts';
import { Management } from '../../src/speaker/management.ts';
import type { InstanceSettings } from '../../src/speaker/settings.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import type { PeerView, SpeakerEvent } from '../../src/speaker/views.ts';
import { decodeControlMessage } from '../../src/wire/control-message.ts';
import { keepaliveBytes } from '../../src/wire/keepalive.ts';
import type {
  Capability,
  NotificationMessage,
  OpenMessage,
  RouteRefreshMessage,
} from '../../src/wire/messages.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import { encodeRouteRefresh } from '../../src/wire/route-refresh.ts';
import { encodeEndOfRib, encodeUpdate, type UpdateFields } from '../../src/wire/update-encode.ts';
import { ReceivedRoutes, splitFrames } from '../export/received-frames.ts';
import { seededRandom } from '../support/random.ts';
import { address } from '../support/settings.ts';

export class Bench implements SpeakerHost {
  readonly speaker: Speaker;
  readonly management: Management;
  readonly events: SpeakerEvent[] = [];
  readonly own: IpAddress;
  readonly peers = new Map<ConnectionId, RawPeer>();
  clock = 0;
  lag = 0;
  readonly random: () => number = seededRandom(1);

  constructor(settings: InstanceSettings, options?: { readonly restarted: boolean }, own = '10.0.0.1') {
    this.own = address(own);
    this.speaker = new Speaker(settings, this, options);
    this.management = new Management(this.speaker, 'test');
    this.speaker.start();
  }

  /** Works until there is nothing left to do. */
  settle(): void {
    for (let turns = 0; this.speaker.work(this.clock); turns++)
      if (turns > 100_000) throw new Error('does not come to rest');
  }

  /** Lets time pass, second by second; peers that are alive send KEEPALIVEs. */
  pass(seconds: number, options: { readonly alive: boolean } = { alive: true }): void {
    for (let i = 0; i < seconds; i++) {
      this.clock += 1000;
      if (options.alive && i % 10 === 0) for (const peer of this.peers.values()) peer.send(keepaliveBytes);
      this.speaker.advance(this.clock);
      this.settle();
    }
  }

  /** Lets timers fire without any route work. */
  wait(seconds: number): void {
    this.clock += seconds * 1000;
    this.speaker.advance(this.clock);
  }

  peer(text: string): PeerView {
    return this.management.peer(text);
  }

  get internalErrors(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'internal-error' ? [event.detail] : []));
  }

  now(): number {
    return this.clock;
  }
  /** Nobody is there to be called: all peers of these tests come to us. */
  connect(): void {}
  send(connection: ConnectionId, bytes: Uint8Array): boolean {
    return this.peers.get(connection)?.hear(bytes) ?? true;
  }
  holdsSent(): boolean {
    return true;
  }
  close(connection: ConnectionId): void {
    const peer = this.peers.get(connection);
    this.peers.delete(connection);
    if (peer) peer.open = false;
  }
  wake(): void {}
  readLag(): number {
    return this.lag;
  }
  event(event: SpeakerEvent): void {
    this.events.push(event);
  }
}

export interface RawPeerOptions {
  readonly asn?: number;
  readonly families?: readonly FamilyKey[];
  /** Besides multiprotocol and 4-octet AS. */
  readonly capabilities?: readonly Capability[];
  readonly fourOctetAs?: boolean;
  readonly addPathSend?: readonly FamilyKey[];
  readonly addPathReceive?: readonly FamilyKey[];
  readonly extendedNextHop?: readonly FamilyKey[];
  readonly bgpIdentifier?: number;
  readonly holdTimeSeconds?: number;
  readonly localAs?: number;
  /** The speaker's end of the connection, instead of the bench's. */
  readonly localAddress?: string;
  /** False: no route work is done; the session is up all the same. */
  readonly settle?: boolean;
}

export class RawPeer {
  readonly address: IpAddress;
  readonly connection: ConnectionId;
  readonly bench: Bench;
  readonly updates: ReceivedRoutes;
  readonly notifications: NotificationMessage[] = [];
  readonly refreshes: RouteRefreshMessage[] = [];
  /** What `send` of the host answers: false holds the speaker back. */
  accepts = true;
  open = true;
  opened: OpenMessage | undefined;
  /** Words for what came, in order, where the order matters. */
  readonly log: string[] = [];
  readonly #maxMessage: number;

  /** Connects and goes as far as Established. */
  constructor(bench: Bench, text: string, options: RawPeerOptions = {}) {
    const { asn = 65000, families = [ipv4Unicast], fourOctetAs = true, capabilities = [] } = options;
    this.bench = bench;
    this.address = address(text);
    const local = options.localAddress === undefined ? bench.own : address(options.localAddress);
    this.connection = bench.speaker.nextConnectionId();
    this.#maxMessage = capabilities.some(({ type }) => type === 'extended-message') ? 65535 : 4096;
    this.updates = new ReceivedRoutes(
      {
        fourOctetAs,
        external: asn !== (options.localAs ?? 65000),
        families: new Set(families),
        addPathReceive: new Set(options.addPathReceive),
        extendedNextHop: new Set(options.extendedNextHop),
      },
      this.#maxMessage,
    );
    bench.peers.set(this.connection, this);
    if (!bench.speaker.acceptConnection(this.connection, this.address, local)) {
      this.open = false;
      bench.peers.delete(this.connection);
      return;
    }
    this.send(
      encodeOpen({
        type: 'open',
        version: 4,
        myAs: asn > 65535 ? 23456 : asn,
        holdTimeSeconds: options.holdTimeSeconds ?? 90,
        bgpIdentifier: options.bgpIdentifier ?? this.address.toUint32(),
        capabilities: [
          ...families.map((family) => ({ type: 'multiprotocol' as const, family })),
          { type: 'route-refresh' as const },
          ...(fourOctetAs ? [{ type: 'four-octet-as' as const, asn }] : []),
          ...addPathCapability(options),
          ...capabilities,
        ],
      }),
    );
    this.send(keepaliveBytes);
    if (options.settle !== false) bench.settle();
  }

  get view(): PeerView {
    return this.bench.peer(this.address.toString());
  }

  send(bytes: Uint8Array): void {
    if (this.open) this.bench.speaker.received(this.connection, bytes);
  }

  update(fields: UpdateFields): void {
    this.send(encodeUpdate(fields));
  }

  endOfRib(family: FamilyKey = ipv4Unicast): void {
    this.send(encodeEndOfRib(family));
  }

  refresh(subtype: number, family: FamilyKey = ipv4Unicast): void {
    this.send(encodeRouteRefresh(family, subtype));
  }

  /** The connection is reset; nothing was said. */
  drop(): void {
    if (!this.open) return;
    this.open = false;
    this.bench.peers.delete(this.connection);
    this.bench.speaker.connectionFailed(this.connection, 'reset');
  }

  /** The host's `send` ends here. */
  hear(bytes: Uint8Array): boolean {
    for (const frame of splitFrames(bytes, this.#maxMessage)) this.#hearFrame(frame);
    return this.accepts;
  }

  drained(): void {
    this.accepts = true;
    this.bench.speaker.writable(this.connection);
    this.bench.settle();
  }

  #hearFrame(frame: Uint8Array): void {
    const type = frame[18];
    if (type === 2) {
      const endsBefore = this.updates.endsOfRib;
      this.updates.takeFrame(frame);
      this.log.push(this.updates.endsOfRib > endsBefore ? 'end-of-rib' : 'update');
      return;
    }
    const message = decodeControlMessage(frame, 0, frame.length, type);
    this.log.push(message.type === 'route-refresh' ? `refresh ${message.subtype}` : message.type);
    if (message.type === 'notification') this.notifications.push({ ...message, data: message.data.slice() });
    if (message.type === 'route-refresh') this.refreshes.push(message);
    if (message.type === 'open') this.opened = message;
  }
}

function addPathCapability({ addPathSend = [], addPathReceive = [] }: RawPeerOptions): readonly Capability[] {
  const families = [...new Set([...addPathSend, ...addPathReceive])];
  if (families.length === 0) return [];
  return [
    {
      type: 'add-path',
      families: families.map((family) => ({
        family,
        mode: !addPathSend.includes(family) ? 'receive' : addPathReceive.includes(family) ? 'both' : 'send',
      })),
    },
  ];
}

/** Prefixes of received routes, sorted; with path identifiers where there are any. */
export function heldBy(peer: RawPeer): readonly string[] {
  return [...peer.updates.routes.keys()]
    .map((key) => key.replace(/^\S+ /, '').replace(/ 0$/, ''))
    .sort((a, b) => (a < b ? -1 : 1));
}
