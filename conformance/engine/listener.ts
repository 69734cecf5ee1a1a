// The tester's own listening socket, for targets that connect (RFC 4271 §8.2.1, §6.8).

import { createServer, type Server, type Socket } from 'node:net';

/** What to do with a connection the target opens: hand it to the case, or reset it at once. */
export type Reception = 'accept' | 'reset';

export class Listener {
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  readonly #attempts: number[] = [];
  #takers: ((socket: Socket) => void)[] = [];
  reception: Reception = 'accept';

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#arrived(socket));
  }

  static open(address: string, port: number): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true });
      server.once('error', reject);
      server.listen(port, address, () => resolve(new Listener(server)));
    });
  }

  /** When each connection arrived, by the monotonic clock, in milliseconds. */
  get attempts(): readonly number[] {
    return this.#attempts;
  }

  /** The next connection, or undefined if none came in time. */
  take(withinMs: number): Promise<Socket | undefined> {
    const ready = this.#waiting.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve) => {
      const taker = (socket: Socket) => {
        clearTimeout(timer);
        resolve(socket);
      };
      const timer = setTimeout(() => {
        this.#takers = this.#takers.filter((one) => one !== taker);
        resolve(undefined);
      }, withinMs);
      this.#takers.push(taker);
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
  }

  #arrived(socket: Socket): void {
    socket.on('error', () => undefined);
    this.#attempts.push(performance.now());
    if (this.reception === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(socket);
    else taker(socket);
  }
}
