/**
 * A store that forgets with the process: for tests, and the model of what a replicated store does. Several controllers
 * may open it one after another; the newest fences the others out.
 */
import { applyChanges, type Snapshot } from '../snapshot.ts';
import {
  type CommitOutcome,
  revisionAfter,
  type Store,
  type StoreListener,
  StoreListeners,
  type Transaction,
} from './store.ts';

export class MemoryStorage {
  snapshot: Snapshot;
  term = 0;
  readonly listeners = new StoreListeners();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  open(): Store {
    this.term++;
    return new MemoryStore(this, this.term);
  }
}

class MemoryStore implements Store {
  readonly term: number;
  readonly readOnly = undefined;
  readonly #storage: MemoryStorage;

  constructor(storage: MemoryStorage, term: number) {
    this.#storage = storage;
    this.term = term;
  }

  get snapshot(): Snapshot {
    return this.#storage.snapshot;
  }

  async commit(transaction: Transaction): Promise<CommitOutcome> {
    const storage = this.#storage;
    if (storage.term !== this.term)
      return { ok: false, reason: 'Fenced', message: `term ${storage.term} writes here now` };
    if (storage.snapshot.revision !== transaction.readRevision)
      return { ok: false, reason: 'Conflict', message: `the store is at ${storage.snapshot.revision}` };
    const revision = revisionAfter(storage.snapshot, transaction);
    storage.snapshot = { ...applyChanges(storage.snapshot, transaction.changes), revision };
    storage.listeners.tell(storage.snapshot, transaction.changes);
    return { ok: true, snapshot: storage.snapshot };
  }

  watch(listener: StoreListener): () => void {
    return this.#storage.listeners.add(listener);
  }

  async close(): Promise<void> {}
}
