/**
 * Speaker events for any number of watchers: numbers them, keeps the latest for those who come back, and asks the
 * speaker for route events only while somebody wants them. Knows nothing of HTTP.
 */
import type { ManagementPort, SpeakerEvent } from '../speaker/views.ts';

export type Topic = 'peers' | 'routes' | 'events';

export const topics: readonly Topic[] = ['peers', 'routes', 'events'];

type Overflow = { readonly type: 'overflow'; readonly detail: string };

/**
 * What a watcher gets. `overflow`: events were lost, whatever was derived from them has to be read anew.
 * `time` is the wall clock when it happened (ISO 8601, UTC), beside `at` of the speaker's monotonic clock.
 */
export type WatchEvent = (SpeakerEvent | Overflow) & { readonly time: string };

export interface HubEntry {
  readonly id: string;
  readonly event: WatchEvent;
  /** JSON of the event, made once for all watchers. */
  readonly text: string;
}

export interface Watcher {
  readonly topics: ReadonlySet<Topic>;
  deliver(entry: HubEntry): void;
}

/** `peers` is a part of `events`; routes are neither. */
export function isOf(event: SpeakerEvent, wanted: ReadonlySet<Topic>): boolean {
  if (event.type === 'route') return wanted.has('routes');
  if (wanted.has('events')) return true;
  return wanted.has('peers') && event.type.startsWith('peer-');
}

interface Kept {
  readonly sequence: number;
  readonly event: SpeakerEvent;
  /** Unix milliseconds. */
  readonly happenedAt: number;
  entry: HubEntry | undefined;
}

export class EventHub {
  readonly #port: ManagementPort;
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
  constructor(port: ManagementPort, epoch: string, capacity = 4096, wallClock = Date.now) {
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
    return makeEntry(this.lastId, { type: 'overflow', detail }, this.#wallClock());
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
      if (isOf(kept.event, watcher.topics)) watcher.deliver(this.#entry(kept));
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
    return this.#port.subscribe({ routes }, (event) => this.#publish(event));
  }

  #publish(event: SpeakerEvent): void {
    const kept: Kept = { sequence: this.#next++, event, happenedAt: this.#wallClock(), entry: undefined };
    this.#ring[kept.sequence % this.#capacity] = kept;
    for (const watcher of this.#watchers) {
      if (isOf(event, watcher.topics)) watcher.deliver(this.#entry(kept));
    }
  }

  #entry(kept: Kept): HubEntry {
    kept.entry ??= makeEntry(this.#idOf(kept.sequence), kept.event, kept.happenedAt);
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

function makeEntry(id: string, event: SpeakerEvent | Overflow, happenedAt: number): HubEntry {
  const watched = { ...event, time: new Date(happenedAt).toISOString() };
  return { id, event: watched, text: JSON.stringify(watched) };
}
