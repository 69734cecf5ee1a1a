/**
 * A bounds-checked reader over `[at, end)` of somebody else's bytes, big-endian as all of BGP is.
 * Reading past the end throws the NOTIFICATION that the structure being read deserves, so decoders need
 * no length checks of their own. The UPDATE path reads in place instead (`update-decode.ts`).
 */
import { NotificationError } from './errors.ts';

export class Cursor {
  readonly bytes: Uint8Array;
  /** Offset of the next octet. */
  at: number;
  readonly end: number;
  readonly #view: DataView;
  readonly #code: number;
  readonly #subcode: number;

  /** `code` and `subcode`: the NOTIFICATION that a read past `end` throws. */
  constructor(bytes: Uint8Array, start: number, end: number, code: number, subcode: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = Math.min(end, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#code = code;
    this.#subcode = subcode;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  /** A copy of the next `length` octets. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.bytes.slice(at, at + length);
  }

  /** A cursor over the next `length` octets; this one goes on after them. */
  sub(length: number): Cursor {
    const at = this.#advance(length);
    return new Cursor(this.bytes, at, at + length, this.#code, this.#subcode);
  }

  /** Throws the NOTIFICATION of this structure; for what is wrong beyond its length. */
  fail(detail: string): never {
    throw new NotificationError(this.#code, this.#subcode, undefined, detail);
  }

  #advance(length: number): number {
    const at = this.at;
    if (at + length > this.end) this.fail(`${length} octets wanted where ${this.end - at} are left`);
    this.at = at + length;
    return at;
  }
}
