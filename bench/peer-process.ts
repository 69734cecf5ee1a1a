/** A load generator process as its runner sees it: told what to do, awaited by the type of its answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Tagged {
  readonly type: string;
}

export class PeerProcess<Out extends Tagged, In extends Tagged> {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #arrived: In[] = [];
  #wake: () => void = () => undefined;
  #failure: string | undefined;

  constructor(module: string) {
    this.#name = module;
    this.#child = fork(fileURLToPath(new URL(`${module}.js`, import.meta.url)));
    this.#child.on('message', (message: In) => {
      this.#arrived.push(message);
      this.#wake();
    });
    this.#child.once('exit', (code, signal) => {
      this.#failure ??= `${module} ended with ${signal ?? code}`;
      this.#wake();
    });
  }

  tell(message: Out): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** The next answer of this type; throws on `failed`, on the end of the process and after `seconds`. */
  async answer<T extends In['type']>(type: T, seconds: number): Promise<Extract<In, { readonly type: T }>> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const failed = this.#arrived.find((message) => message.type === 'failed');
      if (failed && type !== 'ended') throw new Error('why' in failed ? String(failed.why) : 'failed');
      const at = this.#arrived.findIndex((message) => message.type === type);
      if (at >= 0) return this.#arrived.splice(at, 1)[0] as Extract<In, { readonly type: T }>;
      if (this.#failure) throw new Error(this.#failure);
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`${this.#name}: no '${type}' within ${seconds} s`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, left);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
