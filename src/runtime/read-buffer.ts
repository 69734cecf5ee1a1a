/**
 * The buffer that every socket of the process reads into: its bytes are used up before the next read (the speaker
 * copies what it keeps), and reads never run at the same time. A read is as long as what can be done with it in a
 * few milliseconds, whatever the speed: little at first, while the code is still being compiled.
 */

const mostOctets = 64 * 1024;
const leastOctets = 4 * 1024;
const firstOctets = 8 * 1024;

/** A chunk that took longer halves the next; one that was full and took a third of it doubles it. */
const longMilliseconds = 4;

export class ReadBuffer {
  readonly #whole = Buffer.allocUnsafeSlow(mostOctets);
  #next: Buffer = this.#whole.subarray(0, firstOctets);

  /** For the next read. */
  readonly next = (): Buffer => this.#next;

  /** A chunk kept us busy for so long; `filled` when it was all that its read could take. */
  took(milliseconds: number, { filled }: { readonly filled: boolean }): void {
    const octets = this.#next.length;
    if (milliseconds > longMilliseconds && octets > leastOctets) this.#cut(octets / 2);
    else if (filled && milliseconds < longMilliseconds / 3 && octets < mostOctets) this.#cut(octets * 2);
  }

  #cut(octets: number): void {
    this.#next = this.#whole.subarray(0, octets);
  }
}
