/**
 * The embedded store: a log of transactions, made durable one by one, and now and then a snapshot that lets the log
 * start anew. Owns the order of writes and what is believed after a crash: the snapshot, then every whole record that
 * follows it. Files come in through an interface. After a failed write nothing more is stored until the next start:
 * whether the failed record is durable is then read from the file, not guessed.
 */
import { applyChanges, type Change, emptySnapshot, type Kind, kinds, type Snapshot } from '../snapshot.ts';
import { decodeRecords, encodeRecord } from './log-records.ts';
import {
  type CommitOutcome,
  revisionAfter,
  type Store,
  type StoreListener,
  StoreListeners,
  type Transaction,
} from './store.ts';

/** One directory. Every method resolves when what it did would survive a loss of power. */
export interface StoreFiles {
  /** Refuses with an error for the operator while another process has it. Returns how to let go. */
  lock(): Promise<() => Promise<void>>;
  read(name: string): Promise<Uint8Array | undefined>;
  append(name: string, octets: Uint8Array): Promise<void>;
  /** The whole file, or nothing of it. */
  replace(name: string, octets: Uint8Array): Promise<void>;
  truncate(name: string, octets: number): Promise<void>;
}

export interface LogStoreOptions {
  readonly files: StoreFiles;
  /** The store of a controller that starts for the first time. */
  readonly initial: Snapshot;
  readonly onWarning: (message: string) => void;
  /** Octets of log after which a snapshot is taken. */
  readonly snapshotOctets?: number;
}

/** A store that cannot be opened, in words for the operator. */
export class StoreError extends Error {}

const logName = 'transactions.log';
const snapshotName = 'snapshot';
const droppedName = 'dropped';
const format = 1;

interface LogRecord {
  /** Counts all records ever written: those that a snapshot contains are passed over. */
  readonly sequence: number;
  readonly term: number;
  readonly revision: number;
  readonly changes: readonly Change[];
}
interface SnapshotRecord {
  readonly format: number;
  readonly sequence: number;
  readonly term: number;
  readonly revision: number;
  readonly tables: Readonly<Record<Kind, readonly { readonly name: string }[]>>;
}
interface State {
  snapshot: Snapshot;
  sequence: number;
  term: number;
  logOctets: number;
}

/** Opens the store, repairs the end of its log, and begins a term. */
export async function openLogStore(options: LogStoreOptions): Promise<Store> {
  const unlock = await options.files.lock();
  try {
    const store = new LogStore(options, await recover(options), unlock);
    await store.begin();
    return store;
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function recover({ files, initial, onWarning }: LogStoreOptions): Promise<State> {
  const state = await readSnapshot(files, initial);
  const octets = (await files.read(logName)) ?? new Uint8Array();
  const { payloads, wholeOctets, damage } = decodeRecords(octets);
  for (const record of payloads as readonly LogRecord[]) replay(state, record);
  state.logOctets = wholeOctets;
  if (damage !== undefined) {
    // What is dropped is kept beside, for whoever wants to look at it.
    await files.replace(droppedName, octets.subarray(wholeOctets));
    await files.truncate(logName, wholeOctets);
    const rest = `${octets.length - wholeOctets} octets are dropped (kept in ${droppedName})`;
    const at = `${logName}: ${damage} at octet ${wholeOctets}`;
    onWarning(`${at}; ${rest}; the store is at revision ${state.snapshot.revision}`);
  }
  return state;
}

async function readSnapshot(files: StoreFiles, initial: Snapshot): Promise<State> {
  const octets = await files.read(snapshotName);
  if (!octets) return { snapshot: initial, sequence: 0, term: 0, logOctets: 0 };
  const { payloads, damage } = decodeRecords(octets);
  const [record] = payloads as readonly SnapshotRecord[];
  // It was written whole before the log was cut: without it the log means nothing.
  if (damage !== undefined || !record) throw new StoreError(`${snapshotName} is damaged: restore a backup`);
  if (record.format !== format)
    throw new StoreError(`${snapshotName} has format ${record.format}, this controller knows ${format}`);
  return { ...record, snapshot: fromTables(record, initial), logOctets: 0 };
}

function replay(state: State, { sequence, term, revision, changes }: LogRecord): void {
  if (sequence <= state.sequence) return;
  if (sequence !== state.sequence + 1)
    throw new StoreError(
      `${logName} goes on at record ${sequence}, ${snapshotName} ends at ${state.sequence}`,
    );
  state.snapshot = { ...applyChanges(state.snapshot, changes), revision };
  state.sequence = sequence;
  state.term = term;
}

function fromTables({ tables, revision }: SnapshotRecord, initial: Snapshot): Snapshot {
  const [system] = initial.system.values();
  const changes = kinds.flatMap((kind) =>
    tables[kind].map((value) => ({ type: 'put', kind, value }) as unknown as Change),
  );
  return { ...applyChanges(emptySnapshot(system), changes), revision };
}

class LogStore implements Store {
  readonly #options: LogStoreOptions;
  readonly #state: State;
  readonly #unlock: () => Promise<void>;
  readonly #listeners = new StoreListeners();
  #readOnly: string | undefined;

  constructor(options: LogStoreOptions, state: State, unlock: () => Promise<void>) {
    this.#options = options;
    this.#state = state;
    this.#unlock = unlock;
  }

  get term(): number {
    return this.#state.term;
  }

  get snapshot(): Snapshot {
    return this.#state.snapshot;
  }

  get readOnly(): string | undefined {
    return this.#readOnly;
  }

  /** A term that is not durable is none: two controllers would have it. */
  async begin(): Promise<void> {
    const { snapshot, term } = this.#state;
    await this.#append({ term: term + 1, revision: snapshot.revision, changes: [] });
    this.#state.term = term + 1;
  }

  async commit(transaction: Transaction): Promise<CommitOutcome> {
    const { snapshot, term } = this.#state;
    if (this.#readOnly !== undefined) return { ok: false, reason: 'ReadOnly', message: this.#readOnly };
    if (snapshot.revision !== transaction.readRevision)
      return { ok: false, reason: 'Conflict', message: `the store is at ${snapshot.revision}` };
    const { changes } = transaction;
    const revision = revisionAfter(snapshot, transaction);
    try {
      await this.#append({ term, revision, changes });
    } catch (error) {
      this.#readOnly = `cannot write to the store: ${error instanceof Error ? error.message : String(error)}`;
      return { ok: false, reason: 'ReadOnly', message: this.#readOnly };
    }
    this.#state.snapshot = { ...applyChanges(snapshot, changes), revision };
    this.#listeners.tell(this.#state.snapshot, changes);
    await this.#compact();
    return { ok: true, snapshot: this.#state.snapshot };
  }

  async #append(record: Omit<LogRecord, 'sequence'>): Promise<void> {
    const octets = encodeRecord({ sequence: this.#state.sequence + 1, ...record });
    await this.#options.files.append(logName, octets);
    this.#state.sequence++;
    this.#state.logOctets += octets.length;
  }

  /** A crash between the two writes leaves records that the snapshot contains: they are passed over. */
  async #compact(): Promise<void> {
    if (this.#state.logOctets < (this.#options.snapshotOctets ?? 4_000_000)) return;
    const { snapshot, sequence, term } = this.#state;
    const { revision } = snapshot;
    const tables = Object.fromEntries(kinds.map((kind) => [kind, [...snapshot[kind].values()]]));
    try {
      await this.#options.files.replace(
        snapshotName,
        encodeRecord({ format, sequence, term, revision, tables }),
      );
      await this.#options.files.truncate(logName, 0);
      this.#state.logOctets = 0;
    } catch (error) {
      this.#readOnly = `cannot write a snapshot: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  watch(listener: StoreListener): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#readOnly ??= 'the store is closed';
    await this.#unlock();
  }
}
