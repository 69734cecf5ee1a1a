/**
 * The reflectors' BMP streams that are open, one of each tenant: who may open one, what is made of its bytes, and what
 * is left when it ends. Owns no socket and no clock of its own. Changes are handed on in batches; a stream that says more
 * than a batch is meant to hold is not read before that batch has been handed on.
 */
import { BmpError } from '../bmp/decode.ts';
import { NotificationError } from '../wire/errors.ts';
import { type FeedIdentity, identityText } from './agent-protocol.ts';
import type { RouteFeed } from './observations.ts';
import type { Clock } from './reconciler/clock.ts';
import { RouteFeedReceiver } from './route-feed.ts';
import type { Snapshot } from './snapshot.ts';

/** Milliseconds that changes are gathered for. */
const batchMs = 50;
/** Octets after which a stream waits for its batch to be handed on. */
const batchOctets = 1 << 20;

/** The connection of a stream, as far as it is asked for something. */
export interface FeedConnection {
  /** Not to be read before `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it; `ended` need not be said any more. */
  end(reason: string): void;
}

/** What the connection says. */
export interface FeedStream {
  received(chunk: Uint8Array): void;
  ended(): void;
}

export interface FeedStreamsOptions {
  readonly clock: Clock;
  readonly snapshot: () => Snapshot;
  readonly feed: (feed: RouteFeed) => void;
}

/** Why this gateway has no such feed to give; `undefined` when it has. */
export function feedRefusal(snapshot: Snapshot, gateway: string, feed: FeedIdentity): string | undefined {
  const { tenant, slot, epoch } = feed;
  const known = snapshot.slots.get(slot)?.status;
  if (!known || known.gateway !== gateway) return `slot ${slot} is not on gateway ${gateway}`;
  // A higher one is heard of where this store is an old backup: it is about to be adopted.
  if (epoch < known.epoch) return `a newer epoch of slot ${slot} is known: ${known.epoch}`;
  if (snapshot.tenants.get(tenant)?.status.rrSlot !== slot)
    return `slot ${slot} has no reflector of tenant ${tenant}`;
  return undefined;
}

export class FeedStreams {
  readonly #options: FeedStreamsOptions;
  readonly #open = new Map<string, OpenStream>();

  constructor(options: FeedStreamsOptions) {
    this.#options = options;
  }

  /** Tenants whose stream is open. */
  get size(): number {
    return this.#open.size;
  }

  /** The stream of a connection that was let in: `feedRefusal` had nothing against it. */
  open(gateway: string, identity: FeedIdentity, connection: FeedConnection): FeedStream {
    this.#open.get(identity.tenant)?.over('a later stream of the tenant has come');
    const stream: OpenStream = new OpenStream(gateway, identity, connection, this.#options, () => {
      if (this.#open.get(identity.tenant) === stream) this.#open.delete(identity.tenant);
    });
    this.#open.set(identity.tenant, stream);
    return stream;
  }

  /** The store has changed: streams that would not be let in any more end. */
  review(): void {
    for (const stream of [...this.#open.values()]) stream.review();
  }

  close(): void {
    for (const stream of [...this.#open.values()]) stream.over('the controller ends');
  }
}

class OpenStream implements FeedStream {
  readonly #gateway: string;
  readonly #identity: FeedIdentity;
  readonly #connection: FeedConnection;
  readonly #options: FeedStreamsOptions;
  readonly #left: () => void;
  readonly #receiver: RouteFeedReceiver;
  #cancelBatch: (() => void) | undefined;
  #octets = 0;
  #over = false;

  constructor(
    gateway: string,
    identity: FeedIdentity,
    connection: FeedConnection,
    options: FeedStreamsOptions,
    left: () => void,
  ) {
    this.#gateway = gateway;
    this.#identity = identity;
    this.#connection = connection;
    this.#options = options;
    this.#left = left;
    this.#receiver = new RouteFeedReceiver({
      admits: (said) => identityText(said) === identityText(identity) && this.#refusal === undefined,
      changed: () => this.#gather(),
    });
  }

  get #refusal(): string | undefined {
    return feedRefusal(this.#options.snapshot(), this.#gateway, this.#identity);
  }

  received(chunk: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#receiver.received(chunk);
    } catch (error) {
      // What does not make sense, in BMP or in the BGP messages inside, ends the stream (RFC 7854 §3.3).
      if (!(error instanceof BmpError || error instanceof NotificationError)) throw error;
      this.over(error.message);
      return;
    }
    this.#octets += chunk.length;
    if (this.#octets < batchOctets || this.#cancelBatch === undefined) return;
    this.#connection.pause();
  }

  ended(): void {
    this.#finish();
  }

  review(): void {
    const refusal = this.#refusal;
    if (refusal !== undefined) this.over(refusal);
  }

  over(reason: string): void {
    if (this.#over) return;
    this.#finish();
    this.#connection.end(reason);
  }

  #gather(): void {
    this.#cancelBatch ??= this.#options.clock.after(batchMs, () => this.#handOn());
  }

  #handOn(): void {
    this.#cancelBatch = undefined;
    const { table } = this.#receiver;
    if (table) this.#options.feed(table);
    if (this.#octets >= batchOctets) this.#connection.resume();
    this.#octets = 0;
  }

  /** Nothing said now and no End-of-RIB: what was known before becomes stale, and nothing is swept. */
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelBatch?.();
    this.#left();
    if (this.#receiver.identity) this.#options.feed({ ...this.#identity, endOfRib: false, routes: [] });
  }
}
