/**
 * Where leaked routes come from: an instance whose decisions are watched. What changed is remembered by key until it is
 * asked for (last state wins), and for each key, who was given a route of it: so a withdrawal goes to those and no others.
 *
 * Cost per key that is or was leaked: its cell in an NlriTable, one bit, two octets for who holds it.
 */
import type { FamilyKey } from '../net/family.ts';
import { Bitset, grown, nextCapacity } from '../rib/columns.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { PathId } from '../rib/ids.ts';
import { type NlriTable, PrefixNlriTable } from '../rib/nlri-table.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import type { LeakTarget } from './leak-target.ts';
import type { LeakedPath, LeakedRoute } from './leaked-route.ts';
import type { DecidedFamily, LeakingInstance } from './leaking-instance.ts';

/** What becomes of the best path of a key: to whom it goes, and as what. */
export interface Leak {
  readonly targets: readonly LeakTarget[];
  readonly path: LeakedPath;
}

export interface LeakRules {
  /** The family in which a route of `family` arrives, the key it has there, its path id. */
  readonly rename: (family: FamilyKey, key: Uint8Array) => Omit<LeakedRoute, 'path'>;
  /** `undefined`: it goes nowhere. Asked right before it goes. */
  readonly judge: (rib: FamilyRib, path: PathId) => Leak | undefined;
}

export interface Delivery {
  readonly target: LeakTarget;
  readonly route: LeakedRoute;
}

interface Keys {
  readonly table: NlriTable;
  readonly pending: Bitset;
  /** Index into `#holderSets`, by id of `table`. */
  holders: Uint16Array;
}

const scratch = new Uint8Array(64);

export class LeakSource {
  readonly #instance: LeakingInstance;
  readonly #rules: LeakRules;
  readonly #keys = new Map<FamilyKey, Keys>();
  readonly #stop: () => void;
  /** Distinct sets of holders; 0 is nobody. */
  readonly #holderSets: (readonly LeakTarget[])[] = [[]];
  readonly #setOf = new Map<string, number>();

  constructor(
    instance: LeakingInstance,
    families: readonly FamilyKey[],
    rules: LeakRules,
    options: { readonly seed: number; readonly changed: () => void },
  ) {
    this.#instance = instance;
    this.#rules = rules;
    for (const family of families) {
      const table = new PrefixNlriTable(nlriRow(family)?.octets ?? 16, options.seed);
      this.#keys.set(family, { table, pending: new Bitset(), holders: new Uint16Array(0) });
    }
    this.#stop = instance.watchBest((state, nlri) => {
      const keys = this.#keys.get(state.family);
      if (keys === undefined) return;
      this.#note(keys, state, nlri);
      options.changed();
    });
    this.again();
  }

  get hasWork(): boolean {
    for (const { pending } of this.#keys.values()) if (pending.size > 0) return true;
    return false;
  }

  /** The rules changed, or who there is: everything is looked at again. */
  again(): void {
    for (const [family, keys] of this.#keys) {
      const state = this.#instance.family(family);
      const { nlri } = state.rib;
      for (let id = 1; id < nlri.top; id++) if (nlri.isUsed(id)) this.#note(keys, state, id);
      for (let id = 1; id < keys.table.top; id++) if (keys.table.isUsed(id)) keys.pending.add(id);
    }
  }

  /** A target that closed holds nothing, and nothing here holds it. */
  forget(target: LeakTarget): void {
    this.#setOf.clear();
    this.#holderSets.forEach((set, i) => {
      if (set.includes(target)) this.#holderSets[i] = set.filter((each) => each !== target);
    });
    this.again();
  }

  /** Up to so many keys become what is to be delivered. */
  produce(items: number, queue: Delivery[]): void {
    let left = items;
    for (const [family, keys] of this.#keys) {
      for (let id = keys.pending.next(1); id >= 0 && left > 0; id = keys.pending.next(id + 1), left--) {
        keys.pending.delete(id);
        this.#produceOne(family, keys, id, queue);
      }
    }
  }

  close(): void {
    this.#stop();
    this.#keys.clear();
  }

  #note({ table, pending }: Keys, { rib }: DecidedFamily, nlri: number): void {
    rib.nlri.write(nlri, scratch, 0);
    const id = rib.best[nlri] === 0 ? table.find(scratch, 0) : table.intern(scratch, 0);
    if (id !== 0) pending.add(id);
  }

  #produceOne(family: FamilyKey, keys: Keys, id: number, queue: Delivery[]): void {
    const { rib } = this.#instance.family(family);
    const key = scratch.slice(0, keys.table.write(id, scratch, 0));
    const nlri = rib.nlri.find(key, 0);
    const best = nlri === 0 ? 0 : rib.best[nlri];
    const path = best === 0 ? 0 : rib.acceptedOf(best);
    const leak = path === 0 ? undefined : this.#rules.judge(rib, path);
    const before = this.#holderSets[id < keys.holders.length ? keys.holders[id] : 0];
    const after = leak?.targets ?? [];
    const name = this.#rules.rename(family, key);
    for (const target of before)
      if (!after.includes(target)) queue.push({ target, route: { ...name, path: undefined } });
    for (const target of after) queue.push({ target, route: { ...name, path: leak?.path } });
    this.#setHolders(keys, id, after);
    if (after.length === 0) keys.table.free(id);
  }

  #setHolders(keys: Keys, id: number, targets: readonly LeakTarget[]): void {
    if (id >= keys.holders.length) {
      if (targets.length === 0) return;
      keys.holders = grown(keys.holders, nextCapacity(keys.holders.length, id + 1));
    }
    keys.holders[id] = this.#holderSet(targets);
  }

  #holderSet(targets: readonly LeakTarget[]): number {
    if (targets.length === 0) return 0;
    const key = targets.map(({ number }) => number).join();
    let index = this.#setOf.get(key);
    if (index === undefined) {
      index = this.#holderSets.push(targets) - 1;
      this.#setOf.set(key, index);
    }
    return index;
  }
}
