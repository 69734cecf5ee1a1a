/**
 * Everything a session received, in one buffer, with the time of each chunk. While the load runs, bytes are only
 * copied here; headers are read to see the session come up.
 */
import { Arrivals } from './arrivals.ts';

export class Inbox {
  #bytes: Buffer;
  #end = 0;
  readonly arrivals = new Arrivals();
  readonly #onEstablished: () => void;
  #established = false;

  /** `capacity` in bytes, enough for the whole run: growing would disturb it. */
  constructor(capacity: number, onEstablished: () => void) {
    this.#bytes = Buffer.alloc(capacity);
    this.#onEstablished = onEstablished;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get end(): number {
    return this.#end;
  }

  /** Makes room and touches it before the clock runs. */
  reserve(capacity: number): void {
    const larger = Buffer.alloc(capacity);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger.fill(0, this.#end);
  }

  add(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.reserve(2 * (this.#end + chunk.length));
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    this.arrivals.note(this.#end);
    if (!this.#established && this.#hasKeepalive()) {
      this.#established = true;
      this.#onEstablished();
    }
  }

  /** `code/subcode` of a NOTIFICATION that came, if one did. */
  notification(): string | undefined {
    for (let at = 0; at + 21 <= this.#end; at += Math.max(19, this.#bytes.readUInt16BE(at + 16))) {
      if (this.#bytes[at + 18] === 3) return `NOTIFICATION ${this.#bytes[at + 19]}/${this.#bytes[at + 20]}`;
    }
    return undefined;
  }

  #hasKeepalive(): boolean {
    for (let at = 0; at + 19 <= this.#end; at += Math.max(19, this.#bytes.readUInt16BE(at + 16))) {
      if (this.#bytes[at + 18] === 4) return true;
    }
    return false;
  }
}
