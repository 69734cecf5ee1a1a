// What went over the wire in one case, in order: octets both ways and the notes between them.
//
// Owns the record only; evidence.ts writes it out as text and as a capture file.

import type { Bytes } from '../wire/bytes.ts';

export interface Endpoint {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

export type Entry =
  | {
      readonly type: 'sent' | 'received';
      readonly atMs: number;
      readonly peer: string;
      readonly bytes: Bytes;
    }
  | { readonly type: 'note'; readonly atMs: number; readonly peer: string; readonly text: string };

/** A target that floods us must not fill our memory, nor the evidence; what is kept is the beginning. */
const MOST_OCTETS = 8 * 1024 * 1024;

export class Transcript {
  readonly startedAt = Date.now();
  readonly #start = performance.now();
  readonly #entries: Entry[] = [];
  readonly #endpoints = new Map<string, Endpoint>();
  #octets = 0;

  /** Milliseconds since the case began, by the monotonic clock. */
  now(): number {
    return performance.now() - this.#start;
  }

  endpoint(peer: string, endpoint: Endpoint): void {
    this.#endpoints.set(peer, endpoint);
  }

  bytes(type: 'sent' | 'received', peer: string, bytes: Bytes): void {
    if (this.#octets > MOST_OCTETS) return;
    this.#octets += bytes.length;
    if (this.#octets > MOST_OCTETS) this.note(peer, `more than ${MOST_OCTETS} octets: no more is recorded`);
    else this.#entries.push({ type, atMs: this.now(), peer, bytes });
  }

  note(peer: string, text: string): void {
    this.#entries.push({ type: 'note', atMs: this.now(), peer, text });
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get endpoints(): ReadonlyMap<string, Endpoint> {
    return this.#endpoints;
  }
}
