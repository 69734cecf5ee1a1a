// The tester as a BMP station: it listens, takes the connections of the target, and keeps what they say.
//
// Owns the sockets and the messages of each connection. It must listen before the target starts, since a target that
// finds nobody may wait long before it tries again. What a message means is for the cases to judge.

import { createServer, type Server, type Socket } from 'node:net';
import { type MonitoringMessage, takeMonitoring } from '../wire/bmp.ts';
import { type Bytes, concat } from '../wire/bytes.ts';

/** Where the tester listens as a station; the port is the instance's own. */
export const STATION_ADDRESS = '127.20.0.1';

/** One connection of the target to the station. */
export class Feed {
  readonly messages: MonitoringMessage[] = [];
  readonly #socket: Socket;
  #rest: Bytes = new Uint8Array();
  ended = false;

  constructor(socket: Socket, heard: (message: MonitoringMessage) => void, changed: () => void) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const { messages, rest } = takeMonitoring(concat(this.#rest, Uint8Array.from(chunk)));
      this.#rest = rest;
      for (const message of messages) {
        this.messages.push(message);
        heard(message);
      }
      changed();
    });
    socket.on('close', () => {
      this.ended = true;
      changed();
    });
  }

  send(bytes: Bytes): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}

export class Collector {
  readonly port: number;
  readonly feeds: Feed[] = [];
  readonly #server: Server;
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<(message: MonitoringMessage) => void>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => {
      const heard = (message: MonitoringMessage) => {
        for (const listener of this.#listeners) listener(message);
      };
      this.feeds.push(new Feed(socket, heard, () => this.#wake()));
      this.#wake();
    });
  }

  static open(port: number): Promise<Collector> {
    return new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, STATION_ADDRESS, () => resolve(new Collector(server, port)));
    });
  }

  /** The connection that is open now. */
  get feed(): Feed | undefined {
    return this.feeds.findLast((one) => !one.ended);
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

  /** Calls back for each message from now on; the answer ends that. */
  listen(listener: (message: MonitoringMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#server.close();
    for (const feed of this.feeds) feed.close();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
