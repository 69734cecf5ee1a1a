/**
 * A BGP neighbour of a few lines for measuring: it comes up, says what it is told to, and tells when an UPDATE comes.
 * What it is sent is looked at as it arrives, so that a message has its time.
 */
import { clock, Session } from '../../../bench/session.ts';
import { WholeMessages } from '../../../bench/whole-messages.ts';
import { encodeUpdate, type UpdateFields } from '../../../src/wire/update-encode.ts';

const updateType = 2;
const keepaliveType = 4;

export interface TinyPeerOptions {
  readonly target: { readonly address: string; readonly port: number };
  readonly localAddress: string;
  readonly asn: number;
  readonly identifier: number;
  readonly holdTime?: number;
}

export class TinyPeer {
  readonly session: Session;
  /** UPDATEs and their octets so far. */
  updates = 0;
  octets = 0;
  closed: string | undefined;
  readonly #up: Promise<void>;
  readonly #messages = new WholeMessages();
  #cameUp: () => void = () => undefined;
  #waiting: ((at: number) => void) | undefined;
  /** Set: nothing is looked at any more, so that a storm costs its receiver little. */
  counts = true;

  constructor(options: TinyPeerOptions) {
    this.#up = new Promise((done) => {
      this.#cameUp = done;
    });
    this.session = new Session({
      ...options,
      holdTime: options.holdTime ?? 90,
      onBytes: (bytes) => this.#received(bytes),
      onClosed: (why) => {
        this.closed = why;
      },
    });
  }

  /** Resolves when the session is Established. */
  up(): Promise<void> {
    return this.#up;
  }

  say(fields: UpdateFields): void {
    this.session.write(encodeUpdate(fields));
  }

  /** When the next UPDATE comes: milliseconds of the bench's clock. */
  nextUpdate(): Promise<number> {
    return new Promise((done) => {
      this.#waiting = done;
    });
  }

  #received(chunk: Uint8Array): void {
    this.octets += chunk.length;
    if (!this.counts) return;
    this.#messages.push(chunk, (message) => this.#message(message[18]));
  }

  #message(type: number): void {
    if (type === keepaliveType) this.#cameUp();
    if (type !== updateType) return;
    this.updates += 1;
    const told = this.#waiting;
    this.#waiting = undefined;
    told?.(clock());
  }
}
