/**
 * The speaker's host on a real machine: node:net sockets, the monotonic clock, one timer.
 *
 * Input is handed on at once, in the middle of the event loop's poll. Everything else happens in a *turn*, which
 * runs right after the poll: due timers, one slice of route work, one writev per connection that was written to (those
 * there was no time for come before further route work). So timers and keepalives come before route work, all pending
 * input comes before a timer is believed, and a long table never keeps the loop from polling. A few messages that come
 * while all is quiet are served in the poll itself. Owns no protocol; see speaker/host.ts for the contract.
 */
import type { Socket } from 'node:net';
import type { IpAddress } from '../net/ip-address.ts';
import type { ConnectionId } from '../session/contract.ts';
import type { ConnectRequest, SpeakerHost } from '../speaker/host.ts';
import type { ListenAddress, Place } from '../speaker/settings.ts';
import type { SpeakerEvent } from '../speaker/views.ts';
import type { Access } from './access.ts';
import {
  addressOf,
  Connection,
  type ConnectionFacts,
  type ConnectionOwner,
  highWaterOctets,
} from './connection.ts';
import type { BoundAddress } from './listeners.ts';
import { type NativeResult, nativeSockets } from './native/sockets.ts';
import { PlaceSockets } from './place-sockets.ts';
import type { PlaceState } from './place-watcher.ts';
import type { PollClock } from './read-clock.ts';
import { describeSocketError } from './socket-errors.ts';
import type { SpeakerInput } from './speaker-input.ts';
import { ThrottledReads } from './throttled-reads.ts';
import { processTurns, type Turn } from './turns.ts';
import { Unsent } from './unsent.ts';

/** The speaker counts its own connections up from 1; those that come in are numbered from here. */
const firstIncomingId = 2 ** 30;

/** A chunk that came after so long without one, and is no longer than this, is served at once. */
const quietMilliseconds = 1;
const shortOctets = 4096;

/** The longest delay that setTimeout takes. */
const maxDelayMilliseconds = 2 ** 31 - 1;

export interface SocketHostOptions {
  /** Where all sockets of this host are. Default: where the process is. */
  readonly place?: Place;
  /** The place went (all sessions end, with its reason) or came back (listeners are open again). */
  readonly onPlace?: (state: PlaceState) => void;
  /** Default: what this process has. */
  readonly native?: NativeResult;
}

export class SocketHost implements SpeakerHost, Turn {
  readonly #onEvent: (event: SpeakerEvent) => void;
  readonly #onPlace: (state: PlaceState) => void;
  readonly #sockets: PlaceSockets;
  readonly #connections = new Map<ConnectionId, Connection>();
  /** Could not even be tried; the speaker is told as soon as it is not in the middle of something. */
  readonly #refused = new Set<ConnectionId>();
  /** Closed by us, still sending their last bytes. */
  readonly #leaving = new Set<Connection>();
  readonly #poll: PollClock = { turn: 0, polledAt: Number.NEGATIVE_INFINITY };
  readonly #owner: ConnectionOwner;
  #speaker: SpeakerInput | undefined;
  #nextIncomingId = firstIncomingId;
  readonly #unsent = new Unsent();
  readonly #turns = processTurns;
  readonly #throttled = new ThrottledReads(this.#turns);
  #turnAsked = false;
  /** Not later than the poll before the turn. */
  #turnAskedAt = Number.NEGATIVE_INFINITY;
  /** When the last chunk came. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #timersDue = false;
  #workWanted = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #onLeft: (() => void) | undefined;
  #stopped = false;

  /** `onEvent` and `onPlace` must neither block nor throw. */
  constructor(onEvent: (event: SpeakerEvent) => void, options: SocketHostOptions = {}) {
    const { place = { type: 'host' }, onPlace = () => {}, native = nativeSockets() } = options;
    this.#onEvent = onEvent;
    this.#onPlace = onPlace;
    this.#sockets = new PlaceSockets(place, native, {
      accepted: (socket) => this.#accepted(socket),
      placed: (state) => this.#placed(state),
    });
    this.#owner = {
      chunk: (connection, bytes) => this.#received(connection, bytes),
      drained: (connection) => {
        this.#unsent.done(connection);
        this.#speaker?.writable(connection.id);
        this.#scheduleTurn();
      },
      failed: (connection, detail) => this.#failed(connection, detail),
      gone: (connection) => this.#gone(connection),
    };
  }

  /** Speaker and host need each other; the host is made first. Call once, before `listen`. */
  attach(speaker: SpeakerInput): void {
    this.#speaker = speaker;
    this.#scheduleTurn();
  }

  /**
   * Opens, keeps and closes listeners so that they are exactly these, and reads the keys of those who may connect
   * (`accessOf` makes the rows) anew: they count for listeners and for connections that are up. Where the place is not
   * there it is done when it comes. Throws ListenError or KeyFileError, with what was before still in force.
   */
  async listen(addresses: readonly ListenAddress[], access: readonly Access[] = []): Promise<void> {
    await this.#sockets.listen(addresses, access);
    for (const connection of [...this.#connections.values()]) this.#update(connection);
  }

  listening(): readonly BoundAddress[] {
    return this.#sockets.bound();
  }

  get place(): PlaceState {
    return this.#sockets.state;
  }

  /**
   * After the speaker has stopped: lets connections that were closed with `flush` finish, for at most this long,
   * then closes everything. The host is dead afterwards.
   */
  async shutdown(timeoutMilliseconds: number): Promise<void> {
    this.#sockets.close();
    this.#unsent.flush();
    if (this.#leaving.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMilliseconds);
        this.#onLeft = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#turns.cancel(this);
    for (const connection of [...this.#connections.values(), ...this.#leaving]) connection.abort();
    this.#connections.clear();
  }

  now(): number {
    return performance.now();
  }

  random(): number {
    return Math.random();
  }

  connect(request: ConnectRequest): void {
    const { connection: id, address, port, localAddress } = request;
    const { state, transport } = this.#sockets;
    if (state.type === 'down') {
      this.#refuse(id, state.reason);
      return;
    }
    try {
      const connection = transport.connect(request, (descriptor) =>
        Connection.outgoing(this.#facts(id, address), descriptor),
      );
      this.#connections.set(id, connection);
      connection.socket.once('connect', () => this.#established(connection));
      // A socket of ours is bound already.
      const from = transport.isNative || !localAddress ? {} : { localAddress: localAddress.toString() };
      connection.socket.connect({ host: address.toString(), port, ...from });
    } catch (error) {
      this.#refuse(id, describeSocketError(error));
    }
  }

  send(id: ConnectionId, bytes: Uint8Array): boolean {
    const connection = this.#connections.get(id);
    if (!connection) return false;
    if (connection.write(bytes)) {
      this.#unsent.wrote(connection);
      this.#scheduleTurn();
    }
    return connection.unsentOctets < highWaterOctets;
  }

  holdsSent(): boolean {
    return this.#unsent.isHeld || this.#leaving.size > 0;
  }

  close(id: ConnectionId, how: 'flush' | 'abort'): void {
    this.#refused.delete(id);
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#connections.delete(id);
    this.#unsent.done(connection);
    if (how === 'abort') {
      connection.abort();
      return;
    }
    this.#leaving.add(connection);
    connection.flushAndClose();
  }

  wake(): void {
    this.#workWanted = true;
    this.#scheduleTurn();
  }

  readLag(id: ConnectionId): number {
    return this.#connections.get(id)?.readClock.lag(performance.now()) ?? Number.POSITIVE_INFINITY;
  }

  ports(id: ConnectionId): { readonly local: number; readonly remote: number } | undefined {
    const socket = this.#connections.get(id)?.socket;
    return socket && { local: socket.localPort ?? 0, remote: socket.remotePort ?? 0 };
  }

  event(event: SpeakerEvent): void {
    this.#onEvent(event);
  }

  #accepted(socket: Socket): void {
    const remote = addressOf(socket.remoteAddress);
    const local = addressOf(socket.localAddress);
    // It was reset before we came to look at it.
    if (!remote || !local || !this.#speaker) {
      socket.destroy();
      return;
    }
    const connection = Connection.incoming(this.#facts(this.#nextIncomingId++, remote), socket);
    this.#connections.set(connection.id, connection);
    if (this.#prepare(connection) && this.#speaker.acceptConnection(connection.id, remote, local))
      connection.startReading();
    else this.close(connection.id, 'abort');
    this.#scheduleTurn();
  }

  /** False: what is demanded of this peer cannot be had, and less will not do. */
  #prepare({ descriptor, remote }: Connection): boolean {
    try {
      this.#sockets.transport.prepareAccepted(descriptor, remote);
      return true;
    } catch (error) {
      const [at, reason] = [performance.now(), describeSocketError(error)];
      this.#onEvent({ type: 'connection-refused', at, remote: remote.toString(), reason });
      return false;
    }
  }

  #update(connection: Connection): void {
    const { descriptor, remote } = connection;
    try {
      if (descriptor !== undefined) this.#sockets.transport.updateConnection(descriptor, remote);
    } catch (error) {
      connection.abort();
      this.#failed(connection, describeSocketError(error));
    }
  }

  #facts(id: ConnectionId, remote: IpAddress): ConnectionFacts {
    return { id, remote, owner: this.#owner, poll: this.#poll };
  }

  #refuse(id: ConnectionId, detail: string): void {
    this.#connections.delete(id);
    this.#refused.add(id);
    setImmediate(() => {
      if (!this.#refused.delete(id) || this.#stopped) return;
      this.#speaker?.connectionFailed(id, detail);
      this.#scheduleTurn();
    });
  }

  #placed(state: PlaceState): void {
    if (state.type === 'down') {
      for (const connection of this.#leaving) connection.abort();
      for (const connection of [...this.#connections.values()]) {
        connection.abort();
        this.#failed(connection, state.reason);
      }
    }
    this.#onPlace(state);
  }

  #established(connection: Connection): void {
    const local = connection.localAddress;
    if (connection.closing || !local) return;
    connection.startReading();
    this.#speaker?.connectionEstablished(connection.id, local);
    this.#scheduleTurn();
  }

  #received(connection: Connection, bytes: Uint8Array): void {
    const now = performance.now();
    const isLone = now - this.#heardAt > quietMilliseconds && bytes.length <= shortOctets && !this.#turnAsked;
    this.#heardAt = now;
    this.#turns.reads(now);
    if (bytes.length > shortOctets) this.#turns.hearMuch();
    this.#speaker?.received(connection.id, bytes);
    if (isLone) this.#serveAtOnce(now);
    if (this.#speaker) this.#throttled.afterChunk(connection, this.#speaker, performance.now());
    this.#scheduleTurn();
  }

  /**
   * A few messages into the quiet do not wait for the turn: nothing is there that they could be packed with, and the
   * way through the event loop takes longer than all that is to be done. Where there are many to send it to, the turn
   * that follows sends the rest.
   */
  #serveAtOnce(now: number): void {
    if (this.#speaker) this.#work(this.#speaker, now, quietMilliseconds);
    this.#unsent.flush(quietMilliseconds);
  }

  #work(speaker: SpeakerInput, now: number, budgetMilliseconds: number): void {
    if (!this.#workWanted) return;
    this.#workWanted = false;
    if (speaker.work(now, budgetMilliseconds)) this.#workWanted = true;
  }

  #failed(connection: Connection, detail: string): void {
    this.#connections.delete(connection.id);
    this.#unsent.done(connection);
    this.#speaker?.connectionFailed(connection.id, detail);
    this.#scheduleTurn();
  }

  #gone(connection: Connection): void {
    this.#leaving.delete(connection);
    if (this.#leaving.size === 0) this.#onLeft?.();
  }

  #scheduleTurn(): void {
    if (this.#stopped || this.#turnAsked) return;
    this.#turnAskedAt = performance.now();
    this.#turnAsked = true;
    this.#turns.ask(this);
  }

  get wantsWork(): boolean {
    return this.#workWanted;
  }

  /** One turn; for `Turns` alone. */
  run(budgetMilliseconds: number): void {
    const speaker = this.#speaker;
    this.#turnAsked = false;
    if (!speaker || this.#stopped) return;
    const now = performance.now();
    this.#poll.turn++;
    this.#poll.polledAt = this.#turnAskedAt;
    this.#fireTimers(speaker, now);
    // While there is no time to send what was said, nothing more is said.
    if (this.#unsent.flush(budgetMilliseconds) && this.#workWanted) {
      this.#work(speaker, now, budgetMilliseconds);
      this.#unsent.flush(budgetMilliseconds);
    }
    this.#throttled.resume(speaker, now);
    const { restUntil } = speaker;
    const rests = restUntil > now;
    this.#armTimer(Math.min(speaker.nextDeadline(), rests ? restUntil : Number.POSITIVE_INFINITY));
    const reads = !this.#throttled.isEmpty && !rests;
    if (this.#workWanted || this.#unsent.isCorked || reads) this.#scheduleTurn();
  }

  /**
   * A timer is believed only when a whole poll was made after it was due: whatever kept us busy, what the peer sent
   * in time counts. So the turn that finds it due only asks for the next one.
   */
  #fireTimers(speaker: SpeakerInput, now: number): void {
    const due = speaker.nextDeadline() <= now;
    if (due && this.#timersDue) speaker.advance(now);
    else if (due) this.#scheduleTurn();
    this.#timersDue = due && !this.#timersDue;
  }

  /** A timer that fires too early costs a turn; one that is made again for every chunk would cost more. */
  #armTimer(deadline: number): void {
    if (deadline >= this.#timerAt || this.#stopped || this.#timersDue) return;
    clearTimeout(this.#timer);
    const delay = Math.min(Math.max(Math.ceil(deadline - performance.now()), 1), maxDelayMilliseconds);
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#scheduleTurn();
    }, delay);
  }
}
