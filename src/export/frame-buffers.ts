/**
 * The buffers that frames are built in, used again once the host has let go of all that it was handed. Without that each
 * turn of a full table leaves buffers behind that no garbage collector sees a reason to look for: it counts objects.
 *
 * Cost: at most 1 MiB per instance that sends much; nothing for one that sends little.
 */

const mostKeptOctets = 1 << 20;
/** Shorter ones belong to groups that send little, and are not worth it. */
const leastOctets = 1 << 16;

export class FrameBuffers {
  readonly #isHeld: () => boolean;
  /** Full of frames, some of which may still be on their way. */
  #filled: Uint8Array[] = [];
  #free: Uint8Array[] = [];
  #keptOctets = 0;

  /** `isHeld`: the host still reads bytes that were handed to it. */
  constructor(isHeld: () => boolean) {
    this.#isHeld = isHeld;
  }

  /** A buffer of exactly so many octets, whatever is in it. */
  take(octets: number): Uint8Array {
    if (octets < leastOctets) return new Uint8Array(octets);
    if (this.#filled.length > 0 && !this.#isHeld()) {
      this.#free.push(...this.#filled);
      this.#filled = [];
    }
    const last = this.#free.pop();
    if (last === undefined) return new Uint8Array(octets);
    this.#keptOctets -= last.length;
    return last.length === octets ? last : this.take(octets);
  }

  /** Nothing more will be written into them; what they hold is with the host before the next `take`. */
  retire(buffers: readonly Uint8Array[]): void {
    for (const buffer of buffers) {
      if (buffer.length < leastOctets || this.#keptOctets + buffer.length > mostKeptOctets) continue;
      this.#keptOctets += buffer.length;
      this.#filled.push(buffer);
    }
  }
}
