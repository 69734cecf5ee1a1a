/**
 * The derived tables as JSON lines on a Unix socket, for programs of the operator: each time the whole table with its
 * revision. The other end answers with a line that is that revision once it has applied it; what is not answered in time
 * counts as not applied. Owns the connection and makes it anew when it is gone.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const patienceMilliseconds = 5000;

export interface TableMessage {
  readonly type: 'lbRules' | 'overlayRoutes';
  readonly revision: number;
  readonly rows: readonly object[];
}

interface Waiting {
  readonly applied: () => void;
  readonly failed: (error: Error) => void;
}

export class JsonStream {
  readonly #path: string;
  #socket: Socket | undefined;
  /** Answers come in the order of what was sent. */
  readonly #waiting: (Waiting & { readonly revision: number })[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when the other end has said that it has applied it. */
  send(message: TableMessage): Promise<void> {
    const socket = this.#connected();
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#lost('no answer in time'), patienceMilliseconds);
      const ended = (): void => clearTimeout(late);
      this.#waiting.push({
        revision: message.revision,
        applied: () => {
          ended();
          resolve();
        },
        failed: (error) => {
          ended();
          reject(error);
        },
      });
      socket.write(`${JSON.stringify(message)}\n`);
    });
  }

  close(): void {
    this.#lost('closed');
  }

  #connected(): Socket {
    if (this.#socket) return this.#socket;
    const socket = connect(this.#path);
    this.#socket = socket;
    const lost = (reason: string): void => {
      if (this.#socket === socket) this.#lost(reason);
    };
    socket.on('error', ({ message }) => lost(message));
    socket.on('close', () => lost('closed by the other end'));
    createInterface({ input: socket })
      .on('line', (line) => {
        const next = this.#waiting.shift();
        if (next && line.trim() === String(next.revision)) {
          next.applied();
          return;
        }
        next?.failed(this.#error('answered with something else'));
        lost(`an answer that was not expected: ${line.slice(0, 80)}`);
      })
      .on('error', () => {});
    return socket;
  }

  #error(reason: string): Error {
    return new Error(`${this.#path}: ${reason}`);
  }

  #lost(reason: string): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    for (const { failed } of this.#waiting.splice(0)) failed(this.#error(reason));
  }
}
