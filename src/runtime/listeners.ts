/**
 * The listening sockets. "All addresses" is one IPv4 and one IPv6 socket, so that neither needs the other and
 * IPv4 peers show as IPv4. Owns opening, changing and closing them; what is accepted goes to the host.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../speaker/settings.ts';
import { errorCode, ListenError } from './socket-errors.ts';

interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Part of "all addresses": a machine without this IP version goes on without it. */
  readonly optional: boolean;
}

/** Where a listener is: the port is the real one where the configured one was 0. */
export interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/** `highWaterMark` 1: see Connection, which wants a `drain` after every write. */
const serverOptions = { pauseOnConnect: true, noDelay: true, highWaterMark: 1 };

export class Listeners {
  readonly #accept: (socket: Socket) => void;
  readonly #servers = new Map<string, { readonly endpoint: Endpoint; readonly server: Server }>();

  constructor(accept: (socket: Socket) => void) {
    this.#accept = accept;
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
    const server = createServer(serverOptions, this.#accept);
    try {
      await listen(server, endpoint);
    } catch (error) {
      if (endpoint.optional && errorCode(error) === 'EAFNOSUPPORT') return;
      throw new ListenError(endpoint.host, endpoint.port, error);
    }
    // Accepting failed (out of file descriptors): that connection is lost, the listener goes on.
    server.on('error', () => {});
    this.#servers.set(keyOf(endpoint), { endpoint, server });
  }

  #close(endpoint: Endpoint): void {
    this.#servers.get(keyOf(endpoint))?.server.close();
    this.#servers.delete(keyOf(endpoint));
  }
}

function endpoints({ address, port }: ListenAddress): readonly Endpoint[] {
  if (address) return [{ host: address.toString(), port, optional: false }];
  return [
    { host: '0.0.0.0', port, optional: false },
    { host: '::', port, optional: true },
  ];
}

function keyOf({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}

function listen(server: Server, { host, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
