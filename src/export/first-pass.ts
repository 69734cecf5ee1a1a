/**
 * How an update group comes to its first Adj-RIB-Out, in slices: a copy of that of the group its members come from,
 * where there is one, then a look at all of the Loc-RIB. Knows who waits for which of the two.
 */
import { Bitset } from '../rib/columns.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId } from '../rib/ids.ts';
import type { AdjRibOut, AdjRibOutCopy } from './adj-rib-out.ts';

/** To copy an entry costs a fraction of a decision. */
const copiesPerItem = 8;

/** Where the members come from. */
interface Origin {
  readonly copy: AdjRibOutCopy | undefined;
  readonly retells: boolean;
}

export class FirstPass {
  /** Members were told in other bytes what it is a copy of: the pass tells them all of it again. */
  readonly retells: boolean;
  readonly #rib: FamilyRib;
  #copy: AdjRibOutCopy | undefined;
  /** NLRIs from here on were not yet looked at; Infinity once all were. */
  #cursor = 1;
  /** NLRIs it came to while they waited for their decision. */
  readonly #passedOver = new Bitset();
  readonly #whenCopied: (() => void)[] = [];
  readonly #whenDone: (() => void)[] = [];

  constructor(rib: FamilyRib, { copy, retells }: Origin) {
    this.#rib = rib;
    this.#copy = copy;
    this.retells = retells;
  }

  get isDone(): boolean {
    return this.#cursor === Number.POSITIVE_INFINITY;
  }

  /** Until it is copied, the Adj-RIB-Out changes with the original and in no other way. */
  get isCopying(): boolean {
    return this.#copy !== undefined;
  }

  /** Somebody waits for it. */
  get isAwaited(): boolean {
    return this.#whenCopied.length > 0 || this.#whenDone.length > 0;
  }

  isCopyOf(original: AdjRibOut): boolean {
    return this.#copy?.isOf(original) ?? false;
  }

  /** Calls back once the Adj-RIB-Out is as the original. */
  whenCopied(callback: () => void): void {
    this.#whenCopied.push(callback);
  }

  /** Calls back once it is as the Loc-RIB asks for: at once if it is. */
  whenDone(callback: () => void): void {
    if (this.isDone) callback();
    else this.#whenDone.push(callback);
  }

  /** Copies a slice, or looks at so many NLRIs. What waits for its decision is left to that. */
  advance(items: number, look: (nlri: NlriId) => void): void {
    if (this.#copy !== undefined) {
      if (this.#copy.advance(items * copiesPerItem)) return;
      this.#copy = undefined;
      callAll(this.#whenCopied);
      return;
    }
    const rib = this.#rib;
    const end = Math.min(this.#cursor + items, rib.nlri.top);
    for (; this.#cursor < end; this.#cursor++)
      if (rib.nlri.isUsed(this.#cursor)) {
        if (rib.isDirty(this.#cursor)) this.#passedOver.add(this.#cursor);
        else look(this.#cursor);
      }
    if (this.#cursor >= rib.nlri.top) this.#cursor = Number.POSITIVE_INFINITY;
  }

  /** Has it still to tell something again, be it with the decision that an NLRI waits for? */
  get owesRetelling(): boolean {
    return this.retells && (!this.isDone || this.#passedOver.size > 0);
  }

  /** An NLRI is decided: is it to be told again, since the pass left that to the decision? */
  retellsWith(nlri: NlriId): boolean {
    return this.#passedOver.size > 0 && this.#passedOver.delete(nlri) && this.retells;
  }

  /** Tells those who wait for the end, after what was found has gone out. */
  finish(): void {
    callAll(this.#whenDone);
  }
}

/** One at a time: the group is not empty while somebody still waits, whatever the one before did. */
function callAll(callbacks: (() => void)[]): void {
  for (let next = callbacks.shift(); next !== undefined; next = callbacks.shift()) next();
}
