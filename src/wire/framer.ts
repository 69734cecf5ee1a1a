/**
 * Whole messages out of TCP chunks. While a message lies in one chunk it is not copied; the start of a
 * message whose rest has not come yet is. Checks headers only (RFC 4271 §6.1); what a message says is the
 * business of `control-message.ts` and `update-decode.ts`.
 */
import { checkHeader, headerLength, maxPlainMessage } from './header.ts';

/** A whole message `[start, end)`, header included. `bytes` are valid only during the call. */
export type MessageHandler = (bytes: Uint8Array, start: number, end: number, type: number) => void;

export class Framer {
  /** Largest message that is accepted, in octets. May change between messages, even from the handler. */
  maxMessage: number = maxPlainMessage;
  /** The beginning of a message, in `#partial[0 .. #partialLength)`. */
  #partial: Uint8Array = new Uint8Array(0);
  #partialLength = 0;
  #stopped = false;

  /** A copy of the beginning of a message whose rest has not come yet: state worth keeping. */
  pendingBytes(): Uint8Array {
    return this.#partial.slice(0, this.#partialLength);
  }

  /** No further message is delivered, now or later: the session is over. */
  stop(): void {
    this.#stopped = true;
    this.#partialLength = 0;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Delivers every message that `chunk` completes, in order. Throws NotificationError for a bad header after
   * the messages before it were delivered; what the handler throws passes through. Both stop the framer.
   */
  push(chunk: Uint8Array, onMessage: MessageHandler): void {
    if (this.#stopped) return;
    try {
      this.#deliver(chunk, onMessage);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  #deliver(chunk: Uint8Array, onMessage: MessageHandler): void {
    let at = this.#partialLength > 0 ? this.#finishPartial(chunk, onMessage) : 0;
    while (!this.#stopped && chunk.length - at >= headerLength) {
      const end = at + checkHeader(chunk, at, this.maxMessage);
      if (end > chunk.length) break;
      onMessage(chunk, at, end, chunk[at + 18]);
      at = end;
    }
    if (!this.#stopped && at < chunk.length) this.#keep(chunk, at, chunk.length);
  }

  /** Completes the message begun in an earlier chunk; returns how many octets of this one it took. */
  #finishPartial(chunk: Uint8Array, onMessage: MessageHandler): number {
    let at = 0;
    if (this.#partialLength < headerLength) {
      at = Math.min(headerLength - this.#partialLength, chunk.length);
      this.#keep(chunk, 0, at);
      if (this.#partialLength < headerLength) return at;
    }
    const length = checkHeader(this.#partial, 0, this.maxMessage);
    const taken = Math.min(at + length - this.#partialLength, chunk.length);
    this.#keep(chunk, at, taken);
    if (this.#partialLength < length) return taken;
    const message = this.#partial;
    this.#partialLength = 0;
    onMessage(message, 0, length, message[18]);
    return taken;
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    const length = this.#partialLength + end - start;
    if (length > this.#partial.length) {
      const larger = new Uint8Array(length <= maxPlainMessage ? Math.max(256, length * 2) : this.maxMessage);
      larger.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = larger;
    }
    this.#partial.set(chunk.subarray(start, end), this.#partialLength);
    this.#partialLength = length;
  }
}
