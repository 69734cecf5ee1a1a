/**
 * The changes of one turn, sorted by the path they announce: each path's items are chained, so that a path is
 * encoded once and its frames are full whatever the order of the changes was.
 */
import { addTo, grown, IdList } from '../rib/columns.ts';
import type { PathId } from '../rib/ids.ts';
import type { PathTable } from '../rib/path-table.ts';
import type { UpdatePacker } from './update-packer.ts';

/** The most items of one turn. */
export const batchSize = 16384;
const firstCapacity = 256;

/** Exclusion of a path: see GroupMembers. */
type ExclusionOf = (path: PathId) => number;

export class OutboundBatch {
  readonly #paths: PathTable;
  readonly #nlriOf: (item: number) => number;
  /** One cell per announcement: the item, and the next one (position + 1) of the same path. */
  #items = new Uint32Array(firstCapacity);
  #links = new Uint32Array(firstCapacity);
  #count = 0;
  readonly #order = new IdList();
  /** Items to withdraw, by the exclusion of the path that was sent. */
  readonly #withdrawals = new Map<number, IdList>();
  #spare: IdList | undefined;

  constructor(paths: PathTable, nlriOf: (item: number) => number) {
    this.#paths = paths;
    this.#nlriOf = nlriOf;
  }

  get announcements(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#withdrawals.size === 0;
  }

  announce(item: number, path: PathId): void {
    const { chain } = this.#paths;
    const position = this.#count++;
    if (position === this.#items.length) {
      this.#items = grown(this.#items, position * 4);
      this.#links = grown(this.#links, position * 4);
    }
    if (chain[path] === 0) this.#order.push(path);
    this.#items[position] = item;
    this.#links[position] = chain[path];
    chain[path] = position + 1;
  }

  withdraw(item: number, exclusion: number): void {
    if (this.#spare !== undefined && this.#withdrawals.size === 0) {
      this.#withdrawals.set(exclusion, this.#spare);
      this.#spare = undefined;
    }
    addTo(this.#withdrawals, exclusion, item);
  }

  /** Packs everything and is empty again. */
  pack(packer: UpdatePacker, exclusionOf: ExclusionOf): void {
    for (const [exclusion, items] of this.#withdrawals) {
      packWithdrawals(packer, exclusion, items, this.#nlriOf);
    }
    if (this.#withdrawals.size > 0) this.#forgetWithdrawals();
    const order = this.#order;
    for (let i = 0; i < order.length; i++) this.#packPath(packer, order.at(i), exclusionOf(order.at(i)));
    order.clear();
    this.#count = 0;
  }

  /** One list is kept for the next turn: mostly all withdrawals of a turn are of one source. */
  #forgetWithdrawals(): void {
    const [kept] = this.#withdrawals;
    this.#withdrawals.clear();
    kept[1].clear();
    this.#spare = kept[1];
  }

  #packPath(packer: UpdatePacker, path: PathId, exclusion: number): void {
    const { chain } = this.#paths;
    packer.beginPath(path, exclusion);
    for (let position = chain[path]; position !== 0; position = this.#links[position - 1]) {
      const item = this.#items[position - 1];
      packer.announce(this.#nlriOf(item), item);
    }
    chain[path] = 0;
    packer.endPath();
  }
}

export function packWithdrawals(
  packer: UpdatePacker,
  exclusion: number,
  items: IdList,
  nlriOf: (item: number) => number,
): void {
  packer.beginWithdraw(exclusion);
  for (let i = 0; i < items.length; i++) packer.withdraw(nlriOf(items.at(i)), items.at(i));
  packer.endWithdraw();
}
