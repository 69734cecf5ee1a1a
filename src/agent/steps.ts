/**
 * How a gateway comes from what it holds to what it is to hold, one piece of work at a time. What it must not have any
 * more goes before anything new comes; sockets are open, with their keys, before the address is there that packets
 * come to, so that nobody meets a host which does not know the connection; the address comes last. Works on slots, not
 * on time: who may hold what, and until when, is the agent's.
 */
import type { Held } from '../controller/observations.ts';
import type { InstanceDocument } from './instance-document.ts';
import type { KernelProblem, Space } from './kernel-contract.ts';
import { isSameTarget, nothing, type Target } from './target.ts';
import type { UnderlayDocument } from './underlay.ts';

export type Work =
  | { readonly type: 'release' | 'prepare' | 'serve' | 'renew'; readonly spaces: readonly Space[] }
  | {
      readonly type: 'instances';
      readonly instances: readonly InstanceDocument[];
      readonly underlay: UnderlayDocument | undefined;
    };

type Step = 'release' | 'prepare' | 'instances' | 'serve' | 'done';
const order: readonly Step[] = ['release', 'prepare', 'instances', 'serve', 'done'];

export class Steps {
  readonly #begin: (work: Work) => void;
  #target: Target = nothing(0);
  #step: Step = 'done';
  #working: Work['type'] | undefined;
  /** The target changed while a piece of work for the former one was under way. */
  #again = false;
  #renewal = false;
  readonly #held = new Map<string, Held>();
  readonly #troubled = new Map<string, string>();
  /** Those of them that are not there as they should be. */
  readonly #broken = new Set<string>();
  /** Spaces that were served to the end without a problem, by name, as they were then. */
  readonly #served = new Map<string, string>();

  /** `begin` starts a piece of work; `worked` is to be called when it is over, never from within `begin`. */
  constructor(begin: (work: Work) => void) {
    this.#begin = begin;
  }

  /** Slots of which something may be in the kernel: from before the first piece is made until the last is gone. */
  get held(): readonly Held[] {
    return [...this.#held.values()];
  }

  get target(): Target {
    return this.#target;
  }

  /** All is as the target wants it, as far as the machine gave it. */
  get isSettled(): boolean {
    return this.#step === 'done' && this.#working === undefined;
  }

  /** Spaces in which something could not be had, with the reason. */
  get troubles(): ReadonlyMap<string, string> {
    return this.#troubled;
  }

  /** Connections whose links are there. Those of a space with a problem, or that is being changed, count as down. */
  get linksUp(): readonly string[] {
    return this.served.flatMap(({ name }) => this.#target.connections.get(name) ?? []);
  }

  /** To this from now on. Of a target that is the same as before only the revision counts. */
  aim(target: Target): void {
    const same = isSameTarget(target, this.#target);
    this.#target = target;
    const texts = new Map(target.spaces.map((space) => [space.name, JSON.stringify(space)]));
    for (const [name, text] of this.#served) if (texts.get(name) !== text) this.#served.delete(name);
    if (same) return;
    this.#restart();
  }

  /** Everything anew, whatever was believed to be in the kernel: somebody else may have been at it. */
  restart(): void {
    this.#restart();
  }

  /** Spaces that are as they should be, and stay: they outlive work on others, however long it takes. */
  get served(): readonly Space[] {
    return this.#target.spaces.filter(({ name }) => this.#served.has(name));
  }

  /** The lease is longer now. True: the spaces will be renewed as a piece of work; otherwise other work comes first. */
  renew(): boolean {
    this.#renewal = true;
    const isFree = this.#working === undefined && this.#step === 'done';
    this.#next();
    return isFree;
  }

  worked(problems: readonly KernelProblem[]): void {
    const work = this.#working;
    this.#working = undefined;
    if (work === 'release') this.#released(problems);
    if (work === 'serve' && !this.#again)
      for (const space of this.#target.spaces)
        if (!this.#broken.has(space.name)) this.#served.set(space.name, JSON.stringify(space));
    for (const { space, message, ofSession = false } of problems) {
      this.#troubled.set(space, message);
      if (ofSession) continue;
      this.#broken.add(space);
      this.#served.delete(space);
    }
    if (this.#again) this.#step = 'release';
    else if (work !== 'renew') this.#step = after(this.#step);
    if (this.#again) this.#forgetTroubles();
    this.#again = false;
    this.#next();
  }

  #restart(): void {
    this.#again = this.#working !== undefined;
    if (!this.#again) {
      this.#step = 'release';
      this.#forgetTroubles();
    }
    this.#next();
  }

  #forgetTroubles(): void {
    this.#troubled.clear();
    this.#broken.clear();
  }

  #released(problems: readonly KernelProblem[]): void {
    if (this.#again || problems.length > 0) return;
    const kept = new Set(this.#target.slots.map(({ slot }) => slot));
    for (const slot of [...this.#held.keys()]) if (!kept.has(slot)) this.#held.delete(slot);
  }

  #next(): void {
    if (this.#working !== undefined) return;
    const { spaces, instances, slots, underlay } = this.#target;
    if (this.#step === 'prepare' && slots.length === 0) this.#step = 'instances';
    if (this.#step === 'serve' && spaces.length === 0) this.#step = 'done';
    const step = this.#step;
    if (step === 'done') {
      if (this.#renewal && spaces.length > 0) this.#work({ type: 'renew', spaces });
      this.#renewal = false;
      return;
    }
    if (step === 'prepare') for (const held of slots) this.#held.set(held.slot, held);
    if (step === 'serve') this.#renewal = false;
    this.#work(step === 'instances' ? { type: step, instances, underlay } : { type: step, spaces });
  }

  #work(work: Work): void {
    this.#working = work.type;
    this.#begin(work);
  }
}

function after(step: Step): Step {
  return order[Math.min(order.indexOf(step) + 1, order.length - 1)] ?? 'done';
}
