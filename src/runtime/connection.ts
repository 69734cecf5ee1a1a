/**
 * One TCP connection of the speaker: reading into the shared buffer, corked writing, stopping and going on.
 * Knows sockets but not what they carry, and tells its owner in four callbacks; SocketHost decides who hears it.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { IpAddress } from '../net/ip-address.ts';
import type { ConnectionId } from '../session/contract.ts';
import { descriptorOf } from './descriptor.ts';
import { ReadBuffer } from './read-buffer.ts';
import { type PollClock, ReadClock } from './read-clock.ts';
import { describeSocketError } from './socket-errors.ts';
import { SocketWriter } from './socket-writer.ts';

/** How much one read takes where Node chooses the buffer. */
const nodeReadOctets = 64 * 1024;

/** `send` asks the speaker to hold back while more than this is unsent. */
export const highWaterOctets = 1024 * 1024;

/** How long after our FIN the peer may take to read what we sent and close its side. */
const lingerMilliseconds = 1000;

const readBuffer = new ReadBuffer();

export interface ConnectionOwner {
  chunk(connection: Connection, bytes: Uint8Array): void;
  /** Everything that was written has left for the kernel. */
  drained(connection: Connection): void;
  /** Ended, reset or never came up. Said once, never after `flushAndClose` or `abort`. */
  failed(connection: Connection, detail: string): void;
  /** The socket is gone; the last word of every connection. */
  gone(connection: Connection): void;
}

/** What Socket takes besides what its types tell: the handle of an accepted connection. */
interface SocketOptions extends SocketConstructorOpts {
  readonly onread: OnReadOpts;
  readonly writableHighWaterMark: number;
  readonly handle?: object;
  readonly noDelay: boolean;
  /** Do not try to read a descriptor before it is connected. */
  readonly manualStart: boolean;
}

/** Where the socket below comes from: node:net, a server, or a descriptor that was prepared to connect. */
type Origin = { readonly accepted: Socket } | { readonly descriptor: number | undefined };

/** What a connection is told of itself. */
export interface ConnectionFacts {
  readonly id: ConnectionId;
  readonly remote: IpAddress;
  readonly owner: ConnectionOwner;
  readonly poll: PollClock;
}

export class Connection {
  readonly id: ConnectionId;
  readonly remote: IpAddress;
  readonly socket: Socket;
  readonly readClock: ReadClock;
  readonly #owner: ConnectionOwner;
  readonly #writer: SocketWriter;
  #failure: string | undefined;
  #closing = false;
  #throttled = false;
  #awaitsDrain = false;

  private constructor({ id, remote, owner, poll }: ConnectionFacts, origin: Origin) {
    this.id = id;
    this.remote = remote;
    this.#owner = owner;
    this.readClock = new ReadClock(poll);
    const accepted = 'accepted' in origin ? origin.accepted : undefined;
    const handle = accepted && takeHandle(accepted);
    if (accepted && !handle) {
      this.socket = accepted;
      accepted.on('data', (chunk) => this.#received(chunk, { filled: chunk.length >= nodeReadOctets }));
    } else {
      this.socket = this.#readingSocket(handle, 'descriptor' in origin ? origin.descriptor : undefined);
    }
    this.#writer = new SocketWriter(this.socket);
    this.#listen();
  }

  /** `descriptor`: a socket of ours, which the connection owns from now on; without it node:net makes one. */
  static outgoing(facts: ConnectionFacts, descriptor: number | undefined): Connection {
    return new Connection(facts, { descriptor });
  }

  /** `accepted` must come from a server with `pauseOnConnect`: nothing was read from it yet. */
  static incoming(facts: ConnectionFacts, accepted: Socket): Connection {
    return new Connection(facts, { accepted });
  }

  /** After `flushAndClose` or `abort` nothing of this connection may reach the speaker. */
  get closing(): boolean {
    return this.#closing;
  }

  /** A read budget of the host was used up. */
  get throttled(): boolean {
    return this.#throttled;
  }

  /** For socket options; `undefined` when it is closed. */
  get descriptor(): number | undefined {
    return descriptorOf(this.socket);
  }

  get localAddress(): IpAddress | undefined {
    return addressOf(this.socket.localAddress);
  }

  startReading(): void {
    this.socket.resume();
  }

  /** True for the first bytes of a turn: the host has to flush them at its end. */
  write(bytes: Uint8Array): boolean {
    return this.#writer.write(bytes);
  }

  get unsentOctets(): number {
    return this.#writer.unsentOctets;
  }

  /** Hands everything written in this turn to the kernel in one call; `tellDrained` has to follow. */
  flush(): void {
    this.#awaitsDrain = true;
    this.#writer.flush();
  }

  /** Tells the owner if everything has left with the last `flush`. */
  tellDrained(): void {
    // Bytes that wait for a flush have not left, though the socket has nothing more.
    if (!this.#awaitsDrain || this.#closing || this.#writer.unsentOctets > 0) return;
    this.#awaitsDrain = false;
    this.#owner.drained(this);
  }

  setThrottled(throttled: boolean): void {
    this.#throttled = throttled;
    if (this.#closing) return;
    this.readClock.setReading(!throttled);
    if (throttled) this.socket.pause();
    else this.socket.resume();
  }

  /**
   * Sends what is written, then FIN. What the peer still sends is read and dropped: closing with unread bytes would
   * make the kernel send a reset, which can overtake our last NOTIFICATION.
   */
  flushAndClose(): void {
    this.#closing = true;
    if (this.socket.connecting) {
      this.socket.destroy();
      return;
    }
    this.#writer.flush();
    const timer = setTimeout(() => this.socket.destroy(), lingerMilliseconds);
    this.socket.once('close', () => clearTimeout(timer));
    this.socket.end();
    this.socket.resume();
  }

  abort(): void {
    this.#closing = true;
    if (this.socket.connecting) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  #readingSocket(handle: object | undefined, fd: number | undefined): Socket {
    const options: SocketOptions = {
      onread: {
        buffer: readBuffer.next,
        callback: (octets, buffer) => {
          const filled = octets === buffer.length;
          this.#received(filled ? buffer : buffer.subarray(0, octets), { filled });
          return true;
        },
      },
      // Every write counts as needing a `drain`: that is how we learn that all has left.
      writableHighWaterMark: 1,
      noDelay: true,
      manualStart: true,
      ...(handle ? { handle } : fd === undefined ? {} : { fd }),
    };
    return new Socket(options);
  }

  #listen(): void {
    const { socket } = this;
    socket.on('drain', () => this.tellDrained());
    socket.on('end', () => this.#fail('connection closed by peer'));
    socket.on('error', (error) => {
      this.#failure = describeSocketError(error);
    });
    socket.on('close', () => {
      this.#fail(this.#failure ?? 'connection closed');
      this.#owner.gone(this);
    });
  }

  #received(bytes: Uint8Array, { filled }: { readonly filled: boolean }): void {
    if (this.#closing) return;
    const began = performance.now();
    this.readClock.chunk(began, filled);
    this.#owner.chunk(this, bytes);
    readBuffer.took(performance.now() - began, { filled });
  }

  #fail(detail: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#owner.failed(this, detail);
    this.socket.destroy();
  }
}

/**
 * Node reads into a buffer of ours only on sockets made with `onread`, and gives no way to ask a server for that.
 * So the handle of an accepted socket moves to a new one; without it the caller falls back to `data` events.
 */
function takeHandle(accepted: Socket): object | undefined {
  const holder: { _handle?: object | null } = accepted as unknown as { _handle?: object | null };
  const handle = holder._handle;
  if (!handle) return undefined;
  holder._handle = null;
  return handle;
}

/** Without its zone, and IPv4 as IPv4. `undefined` when the socket has none any more. */
export function addressOf(text: string | undefined): IpAddress | undefined {
  return text === undefined ? undefined : IpAddress.parse(text.replace(/%.*$/, ''))?.unmapped();
}
