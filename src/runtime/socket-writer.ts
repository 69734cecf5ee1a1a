/**
 * The sending side of one TCP connection. What is written in a turn goes to the kernel in one system call, by the
 * descriptor: the way through the streams of node:net costs several times as much as the call. What the kernel does not
 * take at once is left to the socket, which waits for room, and finds out what is wrong with a connection that is broken.
 */
import { writeSync, writevSync } from 'node:fs';
import type { Socket } from 'node:net';
import { descriptorOf } from './descriptor.ts';

export class SocketWriter {
  readonly #socket: Socket;
  readonly #waiting: Uint8Array[] = [];
  #waitingOctets = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Octets the kernel has not taken yet. */
  get unsentOctets(): number {
    return this.#waitingOctets + this.#socket.writableLength;
  }

  /** Keeps the bytes, without a copy, until `flush`; true when they are the first. */
  write(bytes: Uint8Array): boolean {
    this.#waitingOctets += bytes.length;
    return this.#waiting.push(bytes) === 1;
  }

  /** Hands everything on; false while the kernel has not taken all of it: the socket's `drain` follows. */
  flush(): boolean {
    if (this.#waitingOctets > 0) {
      // What the socket still has comes first.
      const sent = this.#socket.writableLength > 0 ? 0 : this.#writeNow();
      if (sent < this.#waitingOctets) this.#leaveToSocket(sent);
    }
    this.#waiting.length = 0;
    this.#waitingOctets = 0;
    return this.#socket.writableLength === 0;
  }

  /** How many octets the kernel took. */
  #writeNow(): number {
    const descriptor = descriptorOf(this.#socket);
    if (descriptor === undefined) return 0;
    try {
      return this.#waiting.length === 1
        ? writeSync(descriptor, this.#waiting[0])
        : writevSync(descriptor, this.#waiting);
    } catch {
      // No room at all, or the connection is broken: the socket comes upon the same and says which.
      return 0;
    }
  }

  #leaveToSocket(sent: number): void {
    let skip = sent;
    this.#socket.cork();
    for (const bytes of this.#waiting) {
      if (skip < bytes.length) this.#socket.write(skip === 0 ? bytes : bytes.subarray(skip));
      skip = Math.max(0, skip - bytes.length);
    }
    this.#socket.uncork();
  }
}
