/**
 * Standard output with manners: text is gathered into larger writes, a slow reader slows us down instead of
 * filling memory, and a reader that went away (`| head`) ends the command without a word.
 */
import type { Writable } from 'node:stream';

const flushAt = 64 * 1024;

/** Nobody reads our output any more (EPIPE): stop, quietly. */
export class OutputClosed extends Error {
  constructor() {
    super('standard output was closed');
    this.name = 'OutputClosed';
  }
}

export class Output {
  readonly #stream: Writable;
  #pending = '';
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = error.code === 'EPIPE' ? new OutputClosed() : error;
    });
  }

  /** Resolves when more may be written. Throws OutputClosed once the reader is gone. */
  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= flushAt) await this.flush();
  }

  /** Hands everything to the stream and waits until it took it. */
  async flush(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(text, (error) => {
        if (error) reject(isBrokenPipe(error) ? new OutputClosed() : error);
        else resolve();
      });
    });
  }
}

function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}
