/**
 * What shall be in the kernel and what is: best routes in, bounded batches of changes out, last state wins. A machine
 * without I/O: whoever runs `ip` takes one batch at a time and says what became of it, and reads the table of the kernel
 * when `needsReading` says so. Nothing it is told is lost: a line that failed is kept with its reason and tried again.
 */
import { type BatchOutcome, batchLine, type FibKey, isGone } from './batch.ts';
import { DestinationFlag, type DestinationId, FibColumns } from './fib-columns.ts';
import { bgpProtocol, destinationText, hopsText, type KernelRoute } from './route.ts';
import { HopsTexts, type ResolveNextHop, Targets } from './targets.ts';

export interface Batch {
  /** A line of `ip -batch` each. */
  readonly lines: readonly string[];
  readonly items: readonly BatchItem[];
}

interface BatchItem {
  readonly columns: FibColumns;
  readonly id: DestinationId;
  /** 0: removed. */
  readonly hops: number;
}

/** A route that is not in the kernel as it should be. */
export interface RouteFailure {
  readonly destination: string;
  readonly reason: string;
  /** Nothing leads to its next hops, or the kernel did not take it. */
  readonly kind: 'unresolved' | 'refused';
}

export interface ForwardingTableOptions extends FibKey {
  /** Of the hash tables. */
  readonly seed: number;
  /** Routes of an earlier run stay until `releaseLeftovers`: that of a graceful restart. */
  readonly leftovers: 'keep' | 'remove';
  /** A route is newly not in the kernel as it should be, or for another reason than before. */
  readonly onFailure: (failure: RouteFailure) => void;
}

export class ForwardingTable {
  readonly options: ForwardingTableOptions;
  readonly #targets = new Targets();
  readonly #texts = new HopsTexts();
  readonly #ipv4: FibColumns;
  readonly #ipv6: FibColumns;
  #keepLeftovers: boolean;
  #closing = false;
  #needsReading = true;

  constructor(options: ForwardingTableOptions) {
    this.options = options;
    this.#ipv4 = new FibColumns(4, options.seed);
    this.#ipv6 = new FibColumns(6, options.seed);
    this.#keepLeftovers = options.leftovers === 'keep';
  }

  /** Nobody knows what the kernel has: at start, and after a batch of which nobody knows what was done. */
  get needsReading(): boolean {
    return this.#needsReading;
  }

  get installedCount(): number {
    return this.#ipv4.installedCount + this.#ipv6.installedCount;
  }

  get failedCount(): number {
    return this.#ipv4.failures.size + this.#ipv6.failures.size;
  }

  get pendingCount(): number {
    return this.#ipv4.dirtyCount + this.#ipv6.dirtyCount;
  }

  /** Nothing at all is remembered: for tests of leaks. */
  get isEmpty(): boolean {
    return this.#all().every(({ nlri }) => nlri.size === 0) && this.#targets.size + this.#texts.size === 0;
  }

  /** The next hops (4, 16 or 32 octets) that a destination shall go to; none at all: it shall not be there. */
  want(version: 4 | 6, nlri: Uint8Array, nextHops: readonly Uint8Array[]): void {
    const columns = this.#columns(version);
    if (nextHops.length === 0 && columns.nlri.find(nlri, 0) === 0) return;
    const id = columns.intern(nlri);
    const before = columns.target[id];
    const target = this.#targets.take(nextHops);
    columns.setTarget(id, target);
    this.#targets.release(before);
    if (target !== 0) columns.set(id, DestinationFlag.wantedOnce);
    if (target === before) return;
    columns.clear(id, DestinationFlag.refused);
    columns.markDirty(id);
  }

  /** What next hops resolve to from now on. */
  resolve(resolveNextHop: ResolveNextHop): void {
    const changed = this.#targets.resolveAll(resolveNextHop);
    if (changed.size === 0) return;
    for (const columns of this.#all()) {
      for (let id = 1; id < columns.nlri.top; id++) {
        if (!changed.has(columns.target[id]) || !columns.nlri.isUsed(id)) continue;
        columns.clear(id, DestinationFlag.refused);
        columns.markDirty(id);
      }
    }
  }

  /** Tries again what was refused. */
  retry(): void {
    for (const columns of this.#all()) {
      for (const id of columns.failures.keys()) {
        columns.clear(id, DestinationFlag.refused);
        columns.markDirty(id);
      }
    }
  }

  /** From now on routes of an earlier run go, unless they are wanted now. */
  releaseLeftovers(): void {
    this.#keepLeftovers = false;
    this.#markAll((columns, id) => columns.target[id] === 0);
  }

  /** The whole place went, and its routes with it. */
  forgetInstalled(): void {
    this.#needsReading = true;
    for (const columns of this.#all())
      columns.each((id) => {
        this.#install(columns, id, '');
        columns.markDirty(id);
      });
  }

  /** Nothing is wanted any more; the batches that follow remove what is installed. */
  close(): void {
    this.#closing = true;
    this.#keepLeftovers = false;
    this.#markAll(() => true);
  }

  // --- Reading the kernel's table: begin, every route, end. No batch is under way meanwhile. ---

  beginReading(): void {
    const marks = DestinationFlag.seen | DestinationFlag.occupied;
    for (const columns of this.#all()) columns.each((id) => columns.clear(id, marks));
  }

  read(route: KernelRoute): void {
    const { table, metric } = this.options;
    if (route.table !== table || route.metric !== metric) return;
    const columns = this.#columns(route.version);
    const isOurs = route.protocol === bgpProtocol;
    const id = columns.intern(route.nlri);
    if (!isOurs) {
      columns.set(id, DestinationFlag.occupied);
      columns.markDirty(id);
      return;
    }
    columns.set(id, DestinationFlag.seen);
    this.#install(columns, id, hopsText(route.version, route.hops) || 'nowhere');
  }

  endReading(): void {
    this.#needsReading = false;
    for (const columns of this.#all()) {
      columns.each((id) => {
        if (!columns.has(id, DestinationFlag.seen)) this.#install(columns, id, '');
        // Whatever is not as it should be now: gone behind our back, left behind, or never tried.
        if (this.#desired(columns, id).hops !== this.#texts.text(columns.installed[id]))
          columns.markDirty(id);
        columns.clear(id, DestinationFlag.seen);
        columns.freeIfUnused(id);
      });
    }
  }

  #install(columns: FibColumns, id: DestinationId, hops: string): void {
    const before = columns.installed[id];
    columns.setInstalled(id, this.#texts.take(hops));
    this.#texts.release(before);
  }

  /** Should this destination be in the kernel as far as we know? A batch under way excluded. */
  isInstalled(version: 4 | 6, nlri: Uint8Array): boolean {
    const columns = this.#columns(version);
    const id = columns.nlri.find(nlri, 0);
    return id !== 0 && columns.installed[id] !== 0 && !columns.has(id, DestinationFlag.inFlight);
  }

  // --- Batches ---

  /** The next changes, at most so many; `undefined` when there are none. One at a time, then `completed`. */
  nextBatch(limit: number): Batch | undefined {
    const lines: string[] = [];
    const items: BatchItem[] = [];
    for (const columns of this.#all()) {
      while (lines.length < limit) {
        const id = columns.takeDirty();
        if (id === 0) break;
        const hops = this.#change(columns, id);
        if (hops === undefined) continue;
        columns.set(id, DestinationFlag.inFlight);
        lines.push(batchLine({ version: columns.version, nlri: columns.write(id), hops }, this.options));
        items.push({ columns, id, hops: this.#texts.take(hops) });
      }
    }
    return lines.length === 0 ? undefined : { lines, items };
  }

  /** The text that a destination must get, `undefined` when it is as it should be. */
  #change(columns: FibColumns, id: DestinationId): string | undefined {
    const { hops, problem } = this.#desired(columns, id);
    const occupied = columns.has(id, DestinationFlag.occupied);
    if (problem !== undefined) this.#failed(columns, id, problem, occupied ? 'refused' : 'unresolved');
    if (hops !== this.#texts.text(columns.installed[id])) return hops;
    if (problem === undefined && !columns.has(id, DestinationFlag.refused)) columns.failures.delete(id);
    columns.freeIfUnused(id);
    return undefined;
  }

  #desired(columns: FibColumns, id: DestinationId): { hops: string; problem: string | undefined } {
    const target = columns.target[id];
    const nothing = { hops: '', problem: undefined };
    if (this.#closing) return nothing;
    if (target === 0) {
      const leftBehind = this.#keepLeftovers && !columns.has(id, DestinationFlag.wantedOnce);
      return leftBehind ? { ...nothing, hops: this.#texts.text(columns.installed[id]) } : nothing;
    }
    if (columns.has(id, DestinationFlag.occupied)) {
      return { hops: '', problem: `another route has metric ${this.options.metric} in the table already` };
    }
    if (columns.has(id, DestinationFlag.refused)) return nothing;
    return {
      hops: this.#targets.hopsOf(target, columns.version),
      problem: this.#targets.problemOf(target),
    };
  }

  completed({ items }: Batch, outcome: BatchOutcome): void {
    items.forEach(({ columns, id, hops }, index) => {
      columns.clear(id, DestinationFlag.inFlight);
      if (outcome.type === 'broken') {
        this.#failed(columns, id, outcome.reason, 'refused');
        columns.markDirty(id);
      } else this.#done(columns, id, hops, outcome.failed.get(index));
      this.#texts.release(hops);
      columns.freeIfUnused(id);
    });
    if (outcome.type === 'broken') this.#needsReading = true;
  }

  #done(columns: FibColumns, id: DestinationId, hops: number, reason: string | undefined): void {
    if (reason === undefined || (hops === 0 && isGone(reason))) {
      this.#install(columns, id, this.#texts.text(hops));
      // Where a route that is wanted was only taken out of the way, its failure stays.
      if (hops !== 0 || columns.target[id] === 0) columns.failures.delete(id);
      return;
    }
    this.#failed(columns, id, reason, 'refused');
    if (hops === 0) return;
    columns.set(id, DestinationFlag.refused);
    // What was there before leads where nobody wants it any more.
    if (columns.installed[id] !== 0) columns.markDirty(id);
  }

  #failed(columns: FibColumns, id: DestinationId, reason: string, kind: RouteFailure['kind']): void {
    if (!columns.fail(id, reason)) return;
    const destination = destinationText(columns.version, columns.write(id));
    this.options.onFailure({ destination, reason, kind });
  }

  // --- Views ---

  columnsOf(version: 4 | 6): FibColumns {
    return this.#columns(version);
  }

  hopsTextOf(columns: FibColumns, id: DestinationId): string {
    return this.#texts.text(columns.installed[id]);
  }

  nextHopsOf(columns: FibColumns, id: DestinationId): readonly Uint8Array[] {
    return this.#targets.nextHopsOf(columns.target[id]);
  }

  #columns(version: 4 | 6): FibColumns {
    return version === 4 ? this.#ipv4 : this.#ipv6;
  }

  #all(): readonly FibColumns[] {
    return [this.#ipv4, this.#ipv6];
  }

  #markAll(which: (columns: FibColumns, id: DestinationId) => boolean): void {
    for (const columns of this.#all())
      columns.each((id) => {
        if (which(columns, id)) columns.markDirty(id);
      });
  }
}
