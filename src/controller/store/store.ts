/**
 * What the controller asks of the place where its objects are kept: transactions that all happen or do not, each with
 * a revision, a watch, and a fencing token (the term of the controller that writes) on every write. The shape is the one
 * that a replicated key-value store can serve: compare the revision, write, be told. Owns no storage.
 */
import type { Change, Snapshot } from '../snapshot.ts';

export interface Transaction {
  /** The revision that was read to make it; anything else in the store by now is a conflict. */
  readonly readRevision: number;
  readonly changes: readonly Change[];
  /** The revision counts on from here, when it is lower: agents have applied a later one than this store knows. */
  readonly raiseTo?: number;
}

export type CommitOutcome =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly reason: CommitFailure; readonly message: string };
/** `Fenced`: a controller that started later writes here now. `ReadOnly`: nothing can be stored any more. */
export type CommitFailure = 'Conflict' | 'Fenced' | 'ReadOnly';

export type StoreListener = (snapshot: Snapshot, changes: readonly Change[]) => void;

/** One controller's hold on a store, from its start to its end. */
export interface Store {
  /** Grows with each opening of the store, durably. */
  readonly term: number;
  /** What is stored for certain. */
  readonly snapshot: Snapshot;
  /** Why nothing can be stored; `undefined` while all is well. */
  readonly readOnly: string | undefined;
  /** Resolves when it is durable. One at a time: the caller waits for the last. */
  commit(transaction: Transaction): Promise<CommitOutcome>;
  /** Called after each commit, before the one who committed goes on. Returns how to stop. */
  watch(listener: StoreListener): () => void;
  close(): Promise<void>;
}

/** The next revision: one more, or what it is raised to. */
export function revisionAfter(snapshot: Snapshot, { raiseTo }: Transaction): number {
  return Math.max(snapshot.revision + 1, raiseTo ?? 0);
}

/** Those who are told of commits. */
export class StoreListeners {
  readonly #listeners = new Set<StoreListener>();

  add(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(snapshot: Snapshot, changes: readonly Change[]): void {
    for (const listener of this.#listeners) listener(snapshot, changes);
  }
}
