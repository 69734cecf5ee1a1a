// The tester as an RPKI cache: it listens, answers the queries of the target, and tells it what changed (RFC 8210 §8).
//
// Owns the payloads and their serial numbers. Every change since the session began is kept, so that a Serial Query is
// answered with what came after its serial. Wrong PDUs are sent by the cases.

import { createServer, type Server, type Socket } from 'node:net';
import { type Bytes, concat, readU32 } from '../wire/bytes.ts';
import * as rtr from '../wire/rtr.ts';

/** Where the tester listens as a cache; the port is the instance's own. */
export const CACHE_ADDRESS = '127.21.0.1';

const SESSION = 0x4e1;

interface Change {
  readonly serial: number;
  readonly payload: rtr.Payload;
  readonly announce: boolean;
}

const keyOf = ({ prefix, maxLength, asn }: rtr.Payload): string => `${prefix} ${maxLength} ${asn}`;

export class Cache {
  /** All that routers asked or reported, in order. */
  readonly queries: rtr.Query[] = [];
  /** The newest version it speaks. */
  version = 1;
  /** Answers Serial Queries with Cache Reset, as a cache that does not know the serial any more. */
  forgetful = false;
  /** Takes no connection while true. */
  away = false;
  readonly #server: Server;
  readonly #routers = new Map<Socket, number>();
  readonly #changes: Change[] = [];
  readonly #watchers = new Set<() => void>();
  #serial = 1;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#connected(socket));
  }

  static open(port: number): Promise<Cache> {
    return new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, CACHE_ADDRESS, () => resolve(new Cache(server)));
    });
  }

  get connected(): boolean {
    return this.#routers.size > 0;
  }

  add(...payloads: readonly rtr.Payload[]): void {
    this.#change(payloads, true);
  }

  remove(...payloads: readonly rtr.Payload[]): void {
    this.#change(payloads, false);
  }

  /** Octets to every router, as they are. */
  send(bytes: Bytes): void {
    for (const router of this.#routers.keys()) router.write(bytes);
  }

  /** Ends all connections; with `away` none comes back. */
  drop(): void {
    for (const router of this.#routers.keys()) router.destroy();
  }

  async until<T>(probe: () => T | undefined, withinMs: number): Promise<T | undefined> {
    const first = probe();
    if (first !== undefined) return first;
    return await new Promise((resolve) => {
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

  close(): void {
    this.#server.close();
    this.drop();
  }

  #change(payloads: readonly rtr.Payload[], announce: boolean): void {
    this.#serial++;
    for (const payload of payloads) this.#changes.push({ serial: this.#serial, payload, announce });
    for (const [router, version] of this.#routers)
      router.write(rtr.serialNotify(version, SESSION, this.#serial));
  }

  #connected(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.away) {
      socket.destroy();
      return;
    }
    this.#routers.set(socket, this.version);
    let rest: Bytes = new Uint8Array();
    socket.on('data', (chunk) => {
      const taken = rtr.takeQueries(concat(rest, Uint8Array.from(chunk)));
      rest = taken.rest;
      for (const query of taken.queries) this.#asked(socket, query);
      this.#wake();
    });
    socket.on('close', () => {
      this.#routers.delete(socket);
      this.#wake();
    });
    this.#wake();
  }

  #asked(socket: Socket, query: rtr.Query): void {
    this.queries.push(query);
    if (query.type !== rtr.SERIAL_QUERY && query.type !== rtr.RESET_QUERY) return;
    // RFC 8210 §7: a version the cache does not speak is answered with an Error Report of its own version.
    if (query.version > this.version) {
      socket.write(rtr.errorReport(this.version, 4, query.raw));
      return;
    }
    this.#routers.set(socket, query.version);
    if (query.type === rtr.SERIAL_QUERY && this.forgetful)
      socket.write(rtr.pdu(query.version, rtr.CACHE_RESET, 0, new Uint8Array()));
    else socket.write(this.#answer(query));
  }

  #answer({ version, type, body }: rtr.Query): Bytes {
    const from = type === rtr.RESET_QUERY ? 0 : readU32(body, 0);
    const last = new Map<string, Change>();
    for (const change of this.#changes.filter(({ serial }) => serial > from)) {
      const key = keyOf(change.payload);
      const before = last.get(key);
      last.delete(key);
      // What came and went since then is not told at all.
      if (before === undefined || before.announce === change.announce) last.set(key, change);
    }
    const told = [...last.values()].map(({ payload, announce }) => rtr.payload(version, payload, announce));
    const end = rtr.endOfData(version, SESSION, this.#serial);
    return concat(rtr.cacheResponse(version, SESSION), ...told, end);
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
