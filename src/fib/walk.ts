/** Walks a forwarding table for those who look at it, in slices: destinations that come and go meanwhile may be missed. */
import { formatAddress } from '../net/ip-address.ts';
import { DestinationFlag, type DestinationId, type FibColumns } from './fib-columns.ts';
import type { ForwardingTable } from './forwarding-table.ts';
import { destinationText } from './route.ts';

export interface ForwardingEntry {
  readonly prefix: string;
  /** Wanted; none for a route that is to be removed. */
  readonly nextHops: readonly string[];
  readonly state: 'installed' | 'pending' | 'failed';
  readonly installed: string | undefined;
  readonly reason: string | undefined;
}

export class ForwardingWalk {
  readonly #table: ForwardingTable;
  readonly #state: ForwardingEntry['state'] | undefined;
  #version: 4 | 6 = 4;
  #at: DestinationId = 1;

  constructor(table: ForwardingTable, state: ForwardingEntry['state'] | undefined) {
    this.#table = table;
    this.#state = state;
  }

  /** Looks at up to `budget` destinations; `undefined` at the end. */
  next(budget: number): readonly ForwardingEntry[] | undefined {
    const columns = this.#table.columnsOf(this.#version);
    if (this.#at >= columns.nlri.top) {
      if (this.#version === 6) return undefined;
      this.#version = 6;
      this.#at = 1;
      return [];
    }
    const found: ForwardingEntry[] = [];
    const end = Math.min(this.#at + budget, columns.nlri.top);
    for (; this.#at < end; this.#at++) {
      if (!columns.nlri.isUsed(this.#at) || !isOurs(columns, this.#at)) continue;
      const state = stateOf(columns, this.#at);
      if (this.#state === undefined || state === this.#state)
        found.push(this.#entry(columns, this.#at, state));
    }
    return found;
  }

  #entry(columns: FibColumns, id: DestinationId, state: ForwardingEntry['state']): ForwardingEntry {
    return {
      prefix: destinationText(columns.version, columns.write(id)),
      nextHops: this.#table
        .nextHopsOf(columns, id)
        .map((octets) => formatAddress(octets, 0, octets.length === 4 ? 4 : 16)),
      state,
      installed: this.#table.hopsTextOf(columns, id) || undefined,
      reason: columns.failures.get(id)?.reason,
    };
  }
}

/** Not one that is only remembered because somebody else's route is there. */
function isOurs(columns: FibColumns, id: DestinationId): boolean {
  return columns.target[id] !== 0 || columns.installed[id] !== 0;
}

function stateOf(columns: FibColumns, id: DestinationId): ForwardingEntry['state'] {
  if (columns.failures.has(id)) return 'failed';
  return columns.has(id, DestinationFlag.dirty | DestinationFlag.inFlight) ? 'pending' : 'installed';
}
