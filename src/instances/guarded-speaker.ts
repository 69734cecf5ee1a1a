/**
 * A wall around one instance's speaker: what it throws when its host tells it something is a broken invariant of this
 * instance alone (errors while one peer is served are caught inside, see `Speaker.guard`). It is told once; from then
 * on the speaker hears nothing more.
 */
import type { IpAddress } from '../net/ip-address.ts';
import type { SpeakerInput } from '../runtime/speaker-input.ts';
import type { ConnectionId } from '../session/contract.ts';

export class GuardedSpeaker implements SpeakerInput {
  readonly #speaker: SpeakerInput;
  readonly #onBroken: (error: unknown) => void;
  #broken = false;

  /** `onBroken` is called in the middle of something: it must not touch the speaker or its host at once. */
  constructor(speaker: SpeakerInput, onBroken: (error: unknown) => void) {
    this.#speaker = speaker;
    this.#onBroken = onBroken;
  }

  get backlog(): number {
    return this.#broken ? 0 : this.#speaker.backlog;
  }

  get restUntil(): number {
    return this.#broken ? 0 : this.#speaker.restUntil;
  }

  connectionEstablished(connection: ConnectionId, localAddress: IpAddress): void {
    this.#try(undefined, () => this.#speaker.connectionEstablished(connection, localAddress));
  }

  acceptConnection(connection: ConnectionId, remote: IpAddress, local: IpAddress): boolean {
    return this.#try(false, () => this.#speaker.acceptConnection(connection, remote, local));
  }

  received(connection: ConnectionId, bytes: Uint8Array): void {
    // Written out: once per chunk of every session.
    if (this.#broken) return;
    try {
      this.#speaker.received(connection, bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  connectionFailed(connection: ConnectionId, detail: string): void {
    this.#try(undefined, () => this.#speaker.connectionFailed(connection, detail));
  }

  writable(connection: ConnectionId): void {
    this.#try(undefined, () => this.#speaker.writable(connection));
  }

  advance(now: number): void {
    this.#try(undefined, () => this.#speaker.advance(now));
  }

  work(now: number, budgetMilliseconds: number): boolean {
    return this.#try(false, () => this.#speaker.work(now, budgetMilliseconds));
  }

  nextDeadline(): number {
    return this.#try(Number.POSITIVE_INFINITY, () => this.#speaker.nextDeadline());
  }

  #try<T>(otherwise: T, action: () => T): T {
    if (this.#broken) return otherwise;
    try {
      return action();
    } catch (error) {
      this.#fail(error);
      return otherwise;
    }
  }

  #fail(error: unknown): void {
    this.#broken = true;
    this.#onBroken(error);
  }
}
