/**
 * A growing big-endian output buffer for messages built on the slow paths: OPEN, NOTIFICATION, policy
 * edits, tests. UPDATEs to peers leave through the packer in `export/`, not through this.
 */
import { writeU16, writeU32 } from './bytes.ts';

export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Octets written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    writeU16(this.#bytes, at, value);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    writeU32(this.#bytes, at, value);
  }

  append(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Overwrites the two octets at `at`, which were written before: lengths known only afterwards. */
  patchU16(at: number, value: number): void {
    if (at + 2 > this.#length) throw new RangeError(`nothing was written at ${at} yet`);
    writeU16(this.#bytes, at, value);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}
