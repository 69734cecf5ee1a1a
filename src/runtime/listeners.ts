/**
 * The listening sockets. "All addresses" is one IPv4 and one IPv6 socket, so that neither needs the other, IPv4 peers
 * show as IPv4 and a key for an IPv4 peer is one for an IPv4 socket. Owns opening, changing and closing them; how they
 * are made is told by `sockets`, and what is accepted goes to the host.
 */
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { IpAddress } from '../net/ip-address.ts';
import type { ListenAddress } from '../speaker/settings.ts';
import { descriptorOf } from './descriptor.ts';
import { errorCode, ListenError } from './socket-errors.ts';

interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
  /** Part of "all addresses": a machine without this IP version goes on without it. */
  readonly optional: boolean;
}

/** Where a listener is: the port is the real one where the configured one was 0. */
export interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/** How the sockets are made. */
export interface ListenerSockets {
  /** A bound socket; `undefined`: node:net shall make a plain one. */
  listenerDescriptor(address: IpAddress, port: number): number | undefined;
  /** It is about to be closed. */
  listenerCloses(descriptor: number): void;
  /** What is demanded of those who connect has changed. */
  updateListener(descriptor: number, version: 4 | 6): void;
}

const anyAddress = { 4: IpAddress.fromBytes(new Uint8Array(4)), 6: IpAddress.fromBytes(new Uint8Array(16)) };

/** `highWaterMark` 1: see Connection, which wants a `drain` after every write. */
const serverOptions = { pauseOnConnect: true, noDelay: true, highWaterMark: 1 };

export class Listeners {
  readonly #accept: (socket: Socket) => void;
  readonly #sockets: ListenerSockets;
  readonly #servers = new Map<string, { readonly endpoint: Endpoint; readonly server: Server }>();

  constructor(accept: (socket: Socket) => void, sockets: ListenerSockets) {
    this.#accept = accept;
    this.#sockets = sockets;
  }

  /**
   * Makes the open listeners exactly these; those that stay are not touched. When one cannot be opened the former
   * set is put back and a ListenError thrown.
   */
  async set(addresses: readonly ListenAddress[]): Promise<void> {
    const wanted = new Map(addresses.flatMap(endpoints).map((endpoint) => [keyOf(endpoint), endpoint]));
    const removed = [...this.#servers.values()].filter(({ endpoint }) => !wanted.has(keyOf(endpoint)));
    // First close, then open: a wildcard listener and one on a single address of the same port exclude each other.
    for (const { endpoint } of removed) this.#close(endpoint);
    const opened: Endpoint[] = [];
    try {
      for (const endpoint of wanted.values()) {
        if (this.#servers.has(keyOf(endpoint))) continue;
        await this.#open(endpoint);
        opened.push(endpoint);
      }
    } catch (error) {
      for (const endpoint of opened) this.#close(endpoint);
      for (const { endpoint } of removed) await this.#open(endpoint);
      throw error;
    }
  }

  /** Passes on to every open listener what is demanded of those who connect. */
  update(): void {
    for (const { endpoint, server } of this.#servers.values()) {
      const descriptor = descriptorOf(server);
      if (descriptor !== undefined) this.#sockets.updateListener(descriptor, endpoint.address.version);
    }
  }

  /** Accepts nothing any more. Connections that were accepted live on. */
  close(): void {
    for (const { endpoint } of [...this.#servers.values()]) this.#close(endpoint);
  }

  bound(): readonly BoundAddress[] {
    return [...this.#servers.values()].flatMap(({ server }) => {
      const at = server.address();
      return at === null || typeof at === 'string' ? [] : [{ address: at.address, port: at.port }];
    });
  }

  async #open(endpoint: Endpoint): Promise<void> {
    const { address, port, optional } = endpoint;
    const server = createServer(serverOptions, this.#accept);
    let fd: number | undefined;
    try {
      fd = this.#sockets.listenerDescriptor(address, port);
      // Once told of a descriptor, the server closes it, whatever becomes of it.
      await listen(server, fd === undefined ? { host: address.toString(), port, ipv6Only: true } : { fd });
    } catch (error) {
      if (fd !== undefined) this.#sockets.listenerCloses(fd);
      if (optional && errorCode(error) === 'EAFNOSUPPORT') return;
      throw new ListenError(address.toString(), port, error);
    }
    // Accepting failed (out of file descriptors): that connection is lost, the listener goes on.
    server.on('error', () => {});
    this.#servers.set(keyOf(endpoint), { endpoint, server });
  }

  #close(endpoint: Endpoint): void {
    const server = this.#servers.get(keyOf(endpoint))?.server;
    const descriptor = server && descriptorOf(server);
    if (descriptor !== undefined) this.#sockets.listenerCloses(descriptor);
    server?.close();
    this.#servers.delete(keyOf(endpoint));
  }
}

function endpoints({ address, port }: ListenAddress): readonly Endpoint[] {
  if (address) return [{ address, port, optional: false }];
  return [
    { address: anyAddress[4], port, optional: false },
    { address: anyAddress[6], port, optional: true },
  ];
}

function keyOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** Node takes a descriptor too; its types say so only for what any server of Node listens on. */
function listen(server: Server, options: ListenOptions | { readonly fd: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
