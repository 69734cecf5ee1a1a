/**
 * What a gateway's reflectors tell the controller: the Loc-RIB of each (RFC 9069), whole and then its changes, for as
 * long as the reflector is ours. Owns when a stream begins and that it begins again; how a connection is made comes in.
 *
 * A reflector that takes over from another begins when its deferral is over (RFC 4724 §4.1): before that its table is
 * empty, and an empty table with its End-of-RIB would take away everything that was known.
 */
import { StationSession } from '../bmp/station-session.ts';
import { type FeedIdentity, identityText } from '../controller/agent-protocol.ts';
import type { FeedConnection } from '../runtime/feed-connection.ts';
import type { StationSocketOwner } from '../runtime/station-socket.ts';
import type { InstanceSet } from './instance-set.ts';
import type { RunningInstance } from './running-instance.ts';
import { sessionSettings } from './stations.ts';

/** Milliseconds between two looks at what is to be begun. */
const lookMilliseconds = 200;
const firstRetryMilliseconds = 500;
const longestRetryMilliseconds = 5000;
/** Of one feed, between two looks at the sockets. */
const routesPerTurn = 512;

export interface RouteFeedsOptions {
  readonly set: Pick<InstanceSet, 'followed' | 'version'>;
  /** Answered by `connected` or `failed`, never at once. */
  readonly connect: (
    identity: FeedIdentity,
    owner: StationSocketOwner,
  ) => Pick<FeedConnection, 'send' | 'close'>;
  /** Once for each reason of a feed, until it is connected again. */
  readonly onFailure: (identity: FeedIdentity, detail: string) => void;
}

export class RouteFeeds {
  readonly #options: RouteFeedsOptions;
  readonly #feeds = new Map<string, RunningFeed>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RouteFeedsOptions) {
    this.#options = options;
  }

  /** These reflectors, by the key of their instance, and no others. One that stays is not disturbed. */
  apply(reflectors: ReadonlyMap<string, FeedIdentity>): void {
    for (const [key, feed] of this.#feeds) {
      const next = reflectors.get(key);
      if (next && identityText(next) === identityText(feed.identity)) continue;
      feed.stop();
      this.#feeds.delete(key);
    }
    for (const [key, identity] of reflectors)
      if (!this.#feeds.has(key)) this.#feeds.set(key, new RunningFeed(key, identity, this.#options));
    clearInterval(this.#timer);
    if (this.#feeds.size === 0) return;
    this.#timer = setInterval(() => this.#look(), lookMilliseconds);
    this.#look();
  }

  stop(): void {
    this.apply(new Map());
  }

  #look(): void {
    for (const feed of this.#feeds.values()) feed.look(performance.now());
  }
}

/** A stream that is open, or about to be. */
interface Current {
  readonly instance: Pick<RunningInstance, 'monitored'>;
  readonly connection: Pick<FeedConnection, 'send' | 'close'>;
  session: StationSession | undefined;
}

class RunningFeed {
  readonly identity: FeedIdentity;
  readonly #key: string;
  readonly #options: RouteFeedsOptions;
  #current: Current | undefined;
  #retryAt = 0;
  #waitMilliseconds = firstRetryMilliseconds;
  #lastFailure: string | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(key: string, identity: FeedIdentity, options: RouteFeedsOptions) {
    this.#key = key;
    this.identity = identity;
    this.#options = options;
  }

  look(now: number): void {
    const instance = this.#options.set.followed(this.#key);
    // It was built anew: what followed the former one follows nothing.
    if (this.#current && this.#current.instance !== instance) this.stop();
    if (this.#current || !instance || now < this.#retryAt || instance.management.status().busy) return;
    const owner: StationSocketOwner = {
      connected: () => this.#guard(() => this.#begin(instance)),
      drained: () => this.#guard(() => this.#current?.session?.writable()),
      failed: (detail) => this.#failed(detail),
    };
    this.#guard(() => {
      const connection = this.#options.connect(this.identity, owner);
      this.#current = { instance, connection, session: undefined };
    });
  }

  stop(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#current?.session?.detach();
    this.#current?.connection.close();
    this.#current = undefined;
  }

  #begin({ settings, monitored }: Pick<RunningInstance, 'settings' | 'monitored'>): void {
    const current = this.#current;
    if (!current) return;
    const views = { monitor: new Set(['loc-rib' as const]), statisticsSeconds: undefined };
    const own = sessionSettings(settings, views, this.#options.set.version);
    current.session = new StationSession({ ...own, information: [identityText(this.identity)] }, monitored, {
      now: () => performance.now(),
      wallClock: () => Date.now(),
      send: (bytes) => current.connection.send(bytes),
      wake: () => this.#wake(),
    });
    current.session.start();
    this.#lastFailure = undefined;
    this.#waitMilliseconds = firstRetryMilliseconds;
  }

  #wake(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#guard(() => {
        if (this.#current?.session?.work(routesPerTurn)) this.#wake();
      });
    });
  }

  /** An error of ours costs the feed its connection and nothing else. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failed(`internal error: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #failed(detail: string): void {
    this.stop();
    this.#retryAt = performance.now() + this.#waitMilliseconds;
    this.#waitMilliseconds = Math.min(2 * this.#waitMilliseconds, longestRetryMilliseconds);
    if (detail !== this.#lastFailure) this.#options.onFailure(this.identity, detail);
    this.#lastFailure = detail;
  }
}
