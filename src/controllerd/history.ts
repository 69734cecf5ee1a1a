/**
 * The latest transactions, for those who watch: from a revision they have seen, without a gap, or not at all. Bounded;
 * who asks for more than is kept has to read everything again.
 */
import type { Change } from '../controller/snapshot.ts';
import type { Store } from '../controller/store/store.ts';

export interface Entry {
  readonly revision: number;
  readonly changes: readonly Change[];
}

export class History {
  readonly #entries: Entry[] = [];
  readonly #listeners = new Set<(entry: Entry) => void>();
  readonly #limit: number;
  /** Everything after this revision is in `#entries`. */
  #since: number;

  constructor(store: Store, limit = 1000) {
    this.#limit = limit;
    this.#since = store.snapshot.revision;
    store.watch(({ revision }, changes) => this.#add({ revision, changes }));
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#since = this.#entries.shift()?.revision ?? this.#since;
    for (const listener of this.#listeners) listener(entry);
  }

  /** `undefined`: too long ago. */
  after(revision: number): readonly Entry[] | undefined {
    if (revision < this.#since) return undefined;
    return this.#entries.filter((entry) => entry.revision > revision);
  }

  follow(listener: (entry: Entry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
