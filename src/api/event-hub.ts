/**
 * Events of all instances for any number of watchers: numbers them, keeps the latest for those who come back, and asks the
 * instances for route events only while somebody wants them. Knows nothing of HTTP.
 */
import type { InstanceEvent, InstanceIdentity, InstancesPort } from './ports.ts';

export type Topic = 'peers' | 'routes' | 'events';

export const topics: readonly Topic[] = ['peers', 'routes', 'events'];

type Overflow = { readonly type: 'overflow'; readonly detail: string };

/**
 * What a watcher gets: an event of an instance, and whose. `overflow`: events were lost, whatever was derived from them has to be read anew.
 * `time` is the wall clock when it happened (ISO 8601, UTC), beside `at` of the speaker's monotonic clock.
 */
export type WatchEvent = ((InstanceEvent & InstanceIdentity) | Overflow) & { readonly time: string };

export interface HubEntry {
  readonly id: string;
  readonly event: WatchEvent;
  /** JSON of the event, made once for all watchers. */
  readonly text: string;
}

export interface Watcher {
  readonly topics: ReadonlySet<Topic>;
  /** Only of these instances; all where it is not given. */
  readonly instances?: (of: InstanceIdentity) => boolean;
  deliver(entry: HubEntry): void;
}

/** `peers` is a part of `events`; routes are neither. */
export function isOf(event: InstanceEvent, wanted: ReadonlySet<Topic>): boolean {
  if (event.type === 'route') return wanted.has('routes');
  if (wanted.has('events')) return true;
  return wanted.has('peers') && event.type.startsWith('peer-');
}

function wants({ topics: wanted, instances }: Watcher, { event, of }: Kept): boolean {
  return isOf(event, wanted) && (instances === undefined || instances(of));
}

interface Kept {
  readonly sequence: number;
  readonly event: InstanceEvent;
  readonly of: InstanceIdentity;
  /** Unix milliseconds. */
  readonly happenedAt: number;
  entry: HubEntry | undefined;
}

export class EventHub {
  readonly #port: InstancesPort;
  readonly #epoch: string;
  readonly #capacity: number;
  readonly #wallClock: () => number;
  readonly #watchers = new Set<Watcher>();
  /** A ring: the entry of sequence n is at n modulo capacity. */
  readonly #ring: Kept[] = [];
  #next = 0;
  /** Route events are complete from this sequence on; Infinity while nobody asked for them. */
  #routesFrom = Number.POSITIVE_INFINITY;
  #unsubscribe: () => void;

  /** `epoch` must differ between runs of the daemon, so that ids of another run are not taken for ours. */
  constructor(port: InstancesPort, epoch: string, capacity = 4096, wallClock = Date.now) {
    this.#port = port;
    this.#epoch = epoch;
    this.#capacity = capacity;
    this.#wallClock = wallClock;
    this.#unsubscribe = this.#subscribe(false);
  }

  /**
   * Delivers what happened after `lastId`, then everything that happens until the returned function is called.
   * When some of it is no longer kept, an `overflow` event comes first.
   */
  watch(watcher: Watcher, lastId: string | undefined): () => void {
    this.#watchers.add(watcher);
    const routes = watcher.topics.has('routes');
    if (lastId !== undefined) this.#replay(watcher, lastId);
    if (routes) this.#wantRoutes();
    return () => {
      this.#watchers.delete(watcher);
      if (routes) this.#wantRoutes();
    };
  }

  close(): void {
    this.#unsubscribe();
    this.#watchers.clear();
  }

  overflow(detail: string): HubEntry {
    return makeEntry(this.lastId, withTime({ type: 'overflow' as const, detail }, this.#wallClock()));
  }

  /** The id after which everything of now comes. */
  get lastId(): string {
    return this.#idOf(this.#next - 1);
  }

  #replay(watcher: Watcher, lastId: string): void {
    const last = this.#sequenceOf(lastId);
    const oldest = Math.max(0, this.#next - this.#capacity);
    const missed =
      last === undefined ||
      last + 1 < oldest ||
      (watcher.topics.has('routes') && last + 1 < this.#routesFrom && this.#routesFrom > 0);
    if (missed) watcher.deliver(this.overflow('events after Last-Event-ID are no longer kept'));
    for (let sequence = missed ? this.#next : last + 1; sequence < this.#next; sequence++) {
      const kept = this.#ring[sequence % this.#capacity];
      if (wants(watcher, kept)) watcher.deliver(this.#entry(kept));
    }
  }

  #wantRoutes(): void {
    const wanted = [...this.#watchers].some((watcher) => watcher.topics.has('routes'));
    if (wanted === Number.isFinite(this.#routesFrom)) return;
    this.#unsubscribe();
    this.#unsubscribe = this.#subscribe(wanted);
    this.#routesFrom = wanted ? this.#next : Number.POSITIVE_INFINITY;
  }

  #subscribe(routes: boolean): () => void {
    return this.#port.subscribe({ routes }, (event, of) => this.#publish(event, of));
  }

  #publish(event: InstanceEvent, of: InstanceIdentity): void {
    const sequence = this.#next++;
    const kept: Kept = { sequence, event, of, happenedAt: this.#wallClock(), entry: undefined };
    this.#ring[kept.sequence % this.#capacity] = kept;
    for (const watcher of this.#watchers) {
      if (wants(watcher, kept)) watcher.deliver(this.#entry(kept));
    }
  }

  #entry(kept: Kept): HubEntry {
    const { event, of, happenedAt } = kept;
    kept.entry ??= makeEntry(
      this.#idOf(kept.sequence),
      withTime({ ...event, tenant: of.tenant, slot: of.slot }, happenedAt),
    );
    return kept.entry;
  }

  #idOf(sequence: number): string {
    return `${this.#epoch}.${sequence}`;
  }

  #sequenceOf(id: string): number | undefined {
    const match = /^([^.]*)\.(-1|[0-9]{1,15})$/.exec(id);
    if (match?.[1] !== this.#epoch) return undefined;
    const sequence = Number(match[2]);
    return sequence < this.#next ? sequence : undefined;
  }
}

function withTime<T>(event: T, happenedAt: number): T & { readonly time: string } {
  return { ...event, time: new Date(happenedAt).toISOString() };
}

function makeEntry(id: string, event: WatchEvent): HubEntry {
  return { id, event, text: JSON.stringify(event) };
}
