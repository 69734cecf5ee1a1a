/**
 * What a station was told of one table, and what it is owed: numbers by row, no bytes of messages. A row that changes
 * ten times while the station reads slowly is owed once. Only destinations whose rows are gone are kept as bytes,
 * each at most once for having been told, so the memory is bounded by the table whatever the station does.
 *
 * Cost per row and station: 4 octets told, 1 owed, 4 in the queue; per withdrawal that waits about 16.
 */
import { grown, nextCapacity } from '../rib/columns.ts';
import type { PathId } from '../rib/ids.ts';
import type { PathTable } from '../rib/path-table.ts';
import { readU32, writeU32 } from '../wire/bytes.ts';

/** Rows are route ids or NLRI ids: whatever the table counts by. */
export type Row = number;

export class OwedRows {
  readonly #paths: PathTable;
  /** The path that the station was told, retained; 0 for none. */
  #told = new Uint32Array(0);
  #owed = new Uint8Array(0);
  #queue: Uint32Array = new Uint32Array(0);
  #head = 0;
  #tail = 0;

  constructor(paths: PathTable) {
    this.#paths = paths;
  }

  told(row: Row): PathId {
    return row < this.#told.length ? this.#told[row] : 0;
  }

  /** The station was told this path of the row; 0 that it has none. */
  setTold(row: Row, path: PathId): void {
    this.#reserve(row);
    const before = this.#told[row];
    if (before === path) return;
    this.#told[row] = path;
    if (path !== 0) this.#paths.retain(path);
    if (before !== 0) this.#paths.release(before);
  }

  owe(row: Row): void {
    this.#reserve(row);
    if (this.#owed[row] !== 0) return;
    this.#owed[row] = 1;
    if (this.#tail === this.#queue.length) this.#makeRoom();
    this.#queue[this.#tail++] = row;
  }

  /** Rows that are owed. */
  get size(): number {
    return this.#tail - this.#head;
  }

  /** The next row that is owed, 0 when there is none; owed no more. */
  take(): Row {
    if (this.#head === this.#tail) return 0;
    const row = this.#queue[this.#head++];
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
    }
    this.#owed[row] = 0;
    return row;
  }

  /** Gives back what is held of the rows that the test is true for. */
  forget(test: (row: Row) => boolean): void {
    for (let row = 1; row < this.#told.length; row++)
      if (this.#told[row] !== 0 && test(row)) this.setTold(row, 0);
  }

  #reserve(row: Row): void {
    if (row < this.#told.length) return;
    const capacity = nextCapacity(this.#told.length, row + 1);
    this.#told = grown(this.#told, capacity);
    this.#owed = grown(this.#owed, capacity);
  }

  #makeRoom(): void {
    const waiting = this.size;
    const into =
      this.#head > 0 && waiting * 2 <= this.#queue.length
        ? this.#queue
        : new Uint32Array(Math.max(256, this.#queue.length * 2));
    into.set(this.#queue.subarray(this.#head, this.#tail));
    this.#queue = into;
    this.#head = 0;
    this.#tail = waiting;
  }
}

/** Withdrawals that wait, first in, first out: path identifier (4), octets of the key (1), the key. */
export class WithdrawalQueue {
  #bytes = new Uint8Array(0);
  #head = 0;
  #tail = 0;
  size = 0;

  push(key: Uint8Array, pathId: number): void {
    const needed = 5 + key.length;
    if (this.#tail + needed > this.#bytes.length) this.#makeRoom(needed);
    writeU32(this.#bytes, this.#tail, pathId);
    this.#bytes[this.#tail + 4] = key.length;
    this.#bytes.set(key, this.#tail + 5);
    this.#tail += needed;
    this.size++;
  }

  /** The key is only valid until the next `push`. */
  take(): { readonly key: Uint8Array; readonly pathId: number } | undefined {
    if (this.#head === this.#tail) return undefined;
    const at = this.#head;
    this.#head += 5 + this.#bytes[at + 4];
    this.size--;
    const key = this.#bytes.subarray(at + 5, this.#head);
    const pathId = readU32(this.#bytes, at);
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
    }
    return { key, pathId };
  }

  #makeRoom(needed: number): void {
    const waiting = this.#tail - this.#head;
    const capacity = Math.max(1024, (waiting + needed) * 2);
    const bigger = new Uint8Array(capacity);
    bigger.set(this.#bytes.subarray(this.#head, this.#tail));
    this.#bytes = bigger;
    this.#head = 0;
    this.#tail = waiting;
  }
}
