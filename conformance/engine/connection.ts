// One TCP connection of the tester: octets out, whole frames in, how it ended, and waiting for any of that.
//
// Owns the socket and the transcript of its octets. It knows frames (19-octet headers) but no BGP rule.

import { connect, type Socket } from 'node:net';
import type { Bytes } from '../wire/bytes.ts';
import { concat } from '../wire/bytes.ts';
import { type Frame, takeFrames } from '../wire/decode.ts';
import type { Transcript } from './transcript.ts';

/** How the connection ended, as the tester's socket saw it. */
export type Ending = 'fin' | 'reset' | 'refused' | 'closed-by-tester';

export interface Dial {
  readonly localAddress: string;
  readonly address: string;
  readonly port: number;
  /** File of the network namespace to connect in; that of the tester without it. */
  readonly namespace?: string | undefined;
}

export class Connection {
  readonly name: string;
  readonly #socket: Socket;
  readonly #transcript: Transcript;
  readonly #watchers = new Set<() => void>();
  readonly #onFrame: ((frame: Frame) => void)[] = [];
  #rest: Bytes = new Uint8Array();
  readonly #sent: Bytes[] = [];
  #ending: Ending | undefined;
  #connected = false;
  #localAddress = '';
  #localPort = 0;

  constructor(name: string, socket: Socket, transcript: Transcript) {
    this.name = name;
    this.#socket = socket;
    this.#transcript = transcript;
    socket.setNoDelay(true);
    socket.on('connect', () => this.#opened());
    socket.on('data', (chunk) => this.#received(chunk));
    socket.on('end', () => this.#ended('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#ended(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'),
    );
    socket.on('close', () => this.#ended('fin'));
    if (!socket.connecting) this.#opened();
  }

  static dial(name: string, dial: Dial, transcript: Transcript): Connection {
    const { localAddress, address: host, port } = dial;
    return new Connection(name, connect({ host, port, localAddress, allowHalfOpen: true }), transcript);
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Also once the connection has ended: a peer that restarts comes back from where it was. */
  get localAddress(): string {
    return this.#localAddress;
  }

  get localPort(): number {
    return this.#localPort;
  }

  /** What was given to `send` so far; kept whole, for rows about what is passed on octet by octet. */
  get sent(): readonly Bytes[] {
    return this.#sent;
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
  }

  onFrame(listener: (frame: Frame) => void): void {
    this.#onFrame.push(listener);
  }

  send(bytes: Bytes): void {
    this.#transcript.bytes('sent', this.name, bytes);
    this.#sent.push(bytes);
    if (this.#ending === undefined || this.#ending === 'fin') this.#socket.write(bytes);
  }

  /** Stops reading, so that the kernel's window closes; `resume` reads again. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** True while octets given to `send` still wait in this process. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  /** Sends FIN after all octets; the target sees an orderly close. */
  finish(): void {
    this.#transcript.note(this.name, 'tester sends FIN');
    this.#socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.#transcript.note(this.name, 'tester sends RST');
    this.#socket.resetAndDestroy();
    this.#ended('closed-by-tester');
  }

  /** Ends the connection at the end of a case, whatever state it is in. */
  destroy(): void {
    this.#socket.destroy();
    this.#ended('closed-by-tester');
  }

  /** Waits until `probe` gives a value, looking again after each event; undefined when `withinMs` have passed. */
  until<T>(probe: () => T | undefined, withinMs: number): Promise<T | undefined> {
    const first = probe();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      const finish = (value: T | undefined) => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
        resolve(value);
      };
      const watch = () => {
        const value = probe();
        if (value !== undefined) finish(value);
      };
      const timer = setTimeout(() => finish(probe()), withinMs);
      this.#watchers.add(watch);
    });
  }

  #opened(): void {
    this.#localAddress = this.#socket.localAddress ?? '';
    this.#localPort = this.#socket.localPort ?? 0;
    this.#connected = true;
    this.#transcript.endpoint(this.name, {
      local: this.#socket.localAddress ?? '0.0.0.0',
      localPort: this.#socket.localPort ?? 0,
      remote: this.#socket.remoteAddress ?? '0.0.0.0',
      remotePort: this.#socket.remotePort ?? 0,
    });
    this.#wake();
  }

  #received(chunk: Buffer): void {
    const bytes = Uint8Array.from(chunk);
    this.#transcript.bytes('received', this.name, bytes);
    const { frames, rest } = takeFrames(this.#rest.length === 0 ? bytes : concat(this.#rest, bytes));
    this.#rest = rest;
    for (const frame of frames) for (const listener of this.#onFrame) listener(frame);
    this.#wake();
  }

  #ended(how: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = how;
    this.#transcript.note(this.name, `connection ended: ${how}`);
    this.#wake();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
