/**
 * What many clients receive, kept once. A reflector that shares its work sends them the same bytes, so each client's
 * stream is compared with the longest one so far; a client that is sent other bytes gets a stream of its own from
 * there on. Every stream there is gets checked.
 */
import { Arrivals } from './arrivals.ts';
import { sliceOctets, type Verifier } from './verifier.ts';

export class Stream {
  readonly verifier: Verifier;
  bytes: Buffer;
  end = 0;

  constructor(capacity: number, verifier: Verifier) {
    this.bytes = Buffer.alloc(capacity);
    this.verifier = verifier;
  }

  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) {
      const larger = Buffer.alloc(2 * (this.end + chunk.length));
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Offset where it holds what is expected, `undefined` when it never does. */
  check(): number | undefined {
    this.verifier.advance(this.bytes, this.end);
    return this.verifier.completeAt;
  }

  /** Checks some of it; true while there is more. */
  checkSome(): boolean {
    return this.verifier.advance(this.bytes, this.end, sliceOctets);
  }
}

/** One client's view of a stream. */
export class Member {
  readonly arrivals = new Arrivals();
  readonly #fork: (from: Stream, end: number) => Stream;
  stream: Stream;
  /** Bytes of the stream that it has received. */
  at = 0;

  /** `fork`: a new stream with the first `end` bytes of an old one. */
  constructor(stream: Stream, fork: (from: Stream, end: number) => Stream) {
    this.stream = stream;
    this.#fork = fork;
  }

  add(chunk: Uint8Array): void {
    const known = Math.min(chunk.length, this.stream.end - this.at);
    const same = this.stream.bytes.compare(chunk, 0, known, this.at, this.at + known) === 0;
    if (!same) this.stream = this.#fork(this.stream, this.at);
    this.stream.append(chunk.subarray(this.stream.end - this.at));
    this.at += chunk.length;
    this.arrivals.note(this.at);
  }

  get isComplete(): boolean {
    return this.at >= (this.stream.verifier.completeAt ?? Number.POSITIVE_INFINITY);
  }
}
