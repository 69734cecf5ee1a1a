/**
 * The TCP connection to one monitoring station, from the daemon's own network. It is only ever written to: RFC 7854
 * §3.2 has the station say nothing, and what it says is thrown away. Knows no BMP and does not try again by itself.
 */
import { connect, type Socket } from 'node:net';
import type { IpAddress } from '../net/ip-address.ts';
import { describeSocketError } from './socket-errors.ts';

/** Unsent octets from which `send` answers false; small, since what is not written yet is still a mark in a table. */
export const stationHighWaterOctets = 256 * 1024;
const keepAliveMilliseconds = 60_000;
/** How long the last words may take. */
const lingerMilliseconds = 1000;

export interface StationSocketOwner {
  connected(): void;
  /** Everything that was written has left for the kernel. */
  drained(): void;
  /** Ended, reset or never came up; said once, never after `close`. */
  failed(detail: string): void;
}

export interface StationEndpoint {
  readonly address: IpAddress;
  readonly port: number;
  readonly localAddress: IpAddress | undefined;
}

export class StationSocket {
  readonly #socket: Socket;
  readonly #owner: StationSocketOwner;
  #over = false;

  constructor({ address, port, localAddress }: StationEndpoint, owner: StationSocketOwner) {
    this.#owner = owner;
    const from = localAddress ? { localAddress: localAddress.toString() } : {};
    const socket = connect({
      host: address.toString(),
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMilliseconds,
      ...from,
    });
    socket.on('connect', () => this.#over || owner.connected());
    socket.on('drain', () => this.#over || owner.drained());
    socket.on('error', (error) => this.#fail(describeSocketError(error)));
    socket.on('end', () => this.#fail('closed by the station'));
    socket.on('close', () => this.#fail('closed'));
    socket.resume();
    this.#socket = socket;
  }

  /** Takes the bytes; false when nothing more should come until `drained`. */
  send(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    const flowing = this.#socket.write(bytes);
    return flowing || this.#socket.writableLength < stationHighWaterOctets;
  }

  /** Flushes, then closes; resolves when the socket is gone. */
  async close(): Promise<void> {
    const { closed } = this.#socket;
    this.#over = true;
    if (closed) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => this.#socket.destroy(), lingerMilliseconds);
      this.#socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      if (this.#socket.connecting) this.#socket.destroy();
      else this.#socket.end(() => this.#socket.destroy());
    });
  }

  #fail(detail: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#owner.failed(detail);
  }
}
