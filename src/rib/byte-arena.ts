/**
 * Bytes of variable length at 32-bit addresses, in size classes whose blocks are reused.
 * Chunks of 256 KiB; a block never crosses a chunk. The first one grows to that size, so that a small instance
 * stays small: whoever holds a chunk asks again after `allocate`. Addresses are handed out and taken back by the owner,
 * who also keeps the length.
 */
import { grown } from './columns.ts';

const firstChunkSize = 1 << 12;
const chunkBits = 18;
const chunkSize = 1 << chunkBits;
const offsetMask = chunkSize - 1;
const mostOctets = 1 << 17;

/** Block sizes: multiples of 16 up to 512, then powers of two. */
function classOf(length: number): number {
  if (length <= 512) return (length + 15) >>> 4;
  return 32 + (32 - Math.clz32(length - 1)) - 9;
}

function sizeOf(sizeClass: number): number {
  return sizeClass <= 32 ? sizeClass << 4 : 512 << (sizeClass - 32);
}

export class ByteArena {
  readonly #chunks: Uint8Array[] = [];
  /** By size class. */
  readonly #free: readonly number[][] = Array.from({ length: classOf(mostOctets) + 1 }, () => []);
  #top = chunkSize;

  /** The chunk that holds this address; the bytes begin at `offsetOf(address)`. */
  chunkOf(address: number): Uint8Array {
    return this.#chunks[address >>> chunkBits];
  }

  offsetOf(address: number): number {
    return address & offsetMask;
  }

  /** Room for `length` (1..131072) bytes. */
  allocate(length: number): number {
    const sizeClass = classOf(length || 1);
    const reused = this.#free[sizeClass].pop();
    if (reused !== undefined) return reused;
    const size = sizeOf(sizeClass);
    if (this.#top + size > chunkSize) {
      this.#chunks.push(new Uint8Array(this.#chunks.length === 0 ? firstChunkSize : chunkSize));
      this.#top = 0;
    }
    this.#growFirst(this.#top + size);
    const address = (this.#chunks.length - 1) * chunkSize + this.#top;
    this.#top += size;
    return address;
  }

  release(address: number, length: number): void {
    this.#free[classOf(length || 1)].push(address);
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  #growFirst(needed: number): void {
    const [first] = this.#chunks;
    if (this.#chunks.length !== 1 || needed <= first.length) return;
    let size = first.length;
    while (size < needed) size *= 2;
    this.#chunks[0] = grown(first, size);
  }
}
