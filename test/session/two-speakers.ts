/**
 * Two sessions and the TCP between them under virtual time. Every delay comes from one seeded generator; bytes
 * go through the real codec; each direction of a connection keeps its order, nothing else is ordered.
 */
import { IpAddress } from '../../src/net/ip-address.ts';
import type {
  ConnectionId,
  SessionAction,
  SessionEvent,
  SessionSettings,
} from '../../src/session/contract.ts';
import { PeerSession } from '../../src/session/peer-session.ts';
import { decodeControlMessage } from '../../src/wire/control-message.ts';
import { mirrored } from './session-fixture.ts';

/** Mulberry32: uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One end of a TCP connection. */
interface End {
  readonly side: Side;
  readonly id: ConnectionId;
  other: End | undefined;
  open: boolean;
  /** When the last thing sent from here arrives: keeps the order. */
  arrival: number;
}

interface Side {
  readonly name: string;
  readonly session: PeerSession;
  readonly ends: Map<ConnectionId, End>;
  readonly address: IpAddress;
  ups: number;
  downs: number;
}

export interface TwoSpeakersOptions {
  readonly seed: number;
  readonly left: SessionSettings;
  readonly right?: Partial<SessionSettings>;
  /** One-way delay in milliseconds: uniform between them. */
  readonly delay: readonly [number, number];
}

export class TwoSpeakers {
  readonly left: Side;
  readonly right: Side;
  now = 0;
  readonly #random: () => number;
  readonly #delay: readonly [number, number];
  readonly #queue: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  #nextId = 1;

  constructor(options: TwoSpeakersOptions) {
    this.#random = seeded(options.seed);
    this.#delay = options.delay;
    this.left = this.#side('left', options.left, 0x0a000001);
    this.right = this.#side('right', mirrored(options.left, options.right), 0x0a000002);
  }

  get sides(): readonly [Side, Side] {
    return [this.left, this.right];
  }

  /** Starts a side after so many milliseconds. */
  start(side: Side, after: number): void {
    this.#at(this.now + after, () => this.#tell(side, { type: 'manual-start' }));
  }

  /** Kills a TCP connection under both ends, as a lost path would. */
  breakConnection(side: Side): void {
    const id = side.session.connection;
    const end = id === undefined ? undefined : side.ends.get(id);
    if (end === undefined) return;
    this.#lose(end, 'reset by the test');
    if (end.other) this.#lose(end.other, 'reset by the test');
  }

  /** Runs until this time; true as soon as `done` holds. */
  run(until: number, done: () => boolean): boolean {
    for (;;) {
      if (done()) return true;
      const next = this.#queue.reduce((first, item) => (earlier(item, first) ? item : first), {
        at: Number.POSITIVE_INFINITY,
        order: 0,
        run: () => {},
      });
      const timer = Math.min(...this.sides.map(({ session }) => session.nextDeadline()));
      if (Math.min(next.at, timer) > until) return false;
      this.now = Math.max(this.now, Math.min(next.at, timer));
      if (timer < next.at) this.#advance();
      else {
        this.#queue.splice(this.#queue.indexOf(next), 1);
        next.run();
      }
    }
  }

  /** Both Established, on the two ends of one connection, and no other connection is left. */
  get settled(): boolean {
    const ends = this.sides.map(({ session, ends }) => ends.get(session.connection ?? -1));
    return ends[0]?.open === true && ends[0].other === ends[1] && this.openEnds === 2;
  }

  get openEnds(): number {
    return this.sides.reduce(
      (sum, { ends }) => sum + [...ends.values()].filter(({ open }) => open).length,
      0,
    );
  }

  #side(name: string, settings: SessionSettings, address: number): Side {
    const services = {
      random: this.#random,
      nextConnectionId: () => this.#nextId++,
      restartState: () => ({ restarting: false, forwardingPreserved: false }),
      hostReadLag: () => 0,
    };
    const session = new PeerSession(settings, services);
    return { name, session, ends: new Map(), address: IpAddress.fromUint32(address), ups: 0, downs: 0 };
  }

  #advance(): void {
    for (const side of this.sides) this.#perform(side, side.session.advance(this.now));
  }

  #tell(side: Side, event: SessionEvent): void {
    this.#perform(side, side.session.handle(event, this.now));
  }

  #perform(side: Side, actions: readonly SessionAction[]): void {
    for (const action of actions) {
      if (action.type === 'connect') this.#connect(side, action.connection);
      else if (action.type === 'send') this.#send(side.ends.get(action.connection), action.bytes);
      else if (action.type === 'close') this.#close(side.ends.get(action.connection));
      else if (action.type === 'established') side.ups++;
      else if (action.type === 'down') side.downs++;
    }
  }

  #connect(side: Side, id: ConnectionId): void {
    const near = newEnd(side, id);
    side.ends.set(id, near);
    const accepted = this.#at(this.now + this.#latency(), () => {
      const otherSide = side === this.left ? this.right : this.left;
      const far = newEnd(otherSide, this.#nextId++);
      far.other = near;
      near.other = far;
      otherSide.ends.set(far.id, far);
      far.arrival = this.now + this.#latency();
      this.#at(far.arrival, () => {
        if (near.open) this.#up(near, 'outgoing');
      });
      if (near.open) this.#up(far, 'incoming');
      else this.#lose(far, 'given up by the peer');
    });
    near.arrival = accepted;
  }

  #up(end: End, direction: 'incoming' | 'outgoing'): void {
    this.#tell(end.side, {
      type: 'tcp-established',
      connection: end.id,
      direction,
      localAddress: end.side.address,
    });
  }

  #send(end: End | undefined, bytes: Uint8Array): void {
    if (!end?.open) throw new Error('sent on a connection that is closed');
    this.#deliver(end, (far) => {
      const message = decodeControlMessage(bytes, 0, bytes.length, bytes[18]);
      this.#tell(far.side, { type: 'message', connection: far.id, message });
    });
  }

  #close(end: End | undefined): void {
    if (!end?.open) return;
    end.open = false;
    if (end.other) this.#deliver(end, (far) => this.#lose(far, 'closed by the peer'));
  }

  #lose(end: End, detail: string): void {
    if (!end.open) return;
    end.open = false;
    this.#tell(end.side, { type: 'tcp-failed', connection: end.id, detail });
  }

  #deliver(end: End, act: (far: End) => void): void {
    end.arrival = Math.max(end.arrival, this.now + this.#latency());
    this.#at(end.arrival, () => {
      if (end.other?.open) act(end.other);
    });
  }

  #at(at: number, run: () => void): number {
    this.#queue.push({ at, order: this.#order++, run });
    return at;
  }

  #latency(): number {
    const [low, high] = this.#delay;
    return low + (high - low) * this.#random();
  }
}

function newEnd(side: Side, id: ConnectionId): End {
  return { side, id, other: undefined, open: true, arrival: 0 };
}

function earlier(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
