/**
 * Which answers of a controller count. Messages arrive late, twice and from controllers that were replaced: an answer
 * of a lower term or revision than one seen before says nothing, and a slot of a lower epoch than one seen before was
 * given to somebody else since. What is seen is never forgotten while the process lives.
 */

import type { DesiredState } from '../controller/desired.ts';
import type { Held } from '../controller/observations.ts';
import type { ReportAnswer } from './protocol.ts';

export type Admitted =
  | { readonly type: 'taken'; readonly desired: DesiredState; readonly refused: readonly Held[] }
  /** `overtaken`: an answer that was sent later came first. */
  | { readonly type: 'refused' | 'overtaken'; readonly reason: string };

export class Admission {
  #term = 0;
  #revision = 0;
  readonly #epochs = new Map<string, number>();

  get seen(): { readonly term: number; readonly revision: number } {
    return { term: this.#term, revision: this.#revision };
  }

  /** Slots of an old epoch are left out of `desired` and named in `refused`. */
  take({ term, revision, desired }: Pick<ReportAnswer, 'term' | 'revision' | 'desired'>): Admitted {
    if (term < this.#term) return { type: 'refused', reason: `term ${term} is over: ${this.#term} was seen` };
    if (revision < this.#revision)
      return { type: 'overtaken', reason: `revision ${revision} is old: ${this.#revision} was seen` };
    this.#term = term;
    this.#revision = revision;
    const old = desired.slots.filter(({ slot, epoch }) => epoch < (this.#epochs.get(slot) ?? 0));
    const current = desired.slots.filter((slot) => !old.includes(slot));
    for (const { slot, epoch } of current) this.#epochs.set(slot, epoch);
    const names = new Set(current.map(({ slot }) => slot));
    const tenants = desired.tenants.filter(({ slot }) => names.has(slot));
    const { underlay: whole } = desired;
    const underlay = whole && { ...whole, vips: whole.vips.filter(({ slot }) => names.has(slot)) };
    const left = { ...desired, slots: current, tenants, ...(underlay ? { underlay } : {}) };
    return { type: 'taken', desired: left, refused: old };
  }
}
