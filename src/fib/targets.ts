/**
 * Where destinations go: sets of next hops with what they resolve to now, and the ways out as text. Both are interned
 * with reference counts, a few per instance however many routes there are.
 */
import { IdPool } from '../rib/columns.ts';
import type { NextHopResolution } from './kernel-table.ts';
import { type Hop, hopsText } from './route.ts';

/** A set of next hops; 0 stands for none. */
export type TargetId = number;
/** A text of `hopsText`; 0 stands for none. */
export type HopsId = number;

export type ResolveNextHop = (nextHop: Uint8Array) => NextHopResolution;

interface Target {
  readonly key: string;
  readonly nextHops: readonly Uint8Array[];
  references: number;
  /** The ways out for routes of either version; empty for none. */
  ipv4: string;
  ipv6: string;
  /** Why there is none. */
  problem: string | undefined;
}

export class Targets {
  readonly #ids = new IdPool();
  readonly #byKey = new Map<string, TargetId>();
  readonly #targets: (Target | undefined)[] = [undefined];
  #resolve: ResolveNextHop | undefined;

  get size(): number {
    return this.#ids.inUse;
  }

  /** The id of a set of next hops (4, 16 or 32 octets each), retained. */
  take(nextHops: readonly Uint8Array[]): TargetId {
    if (nextHops.length === 0) return 0;
    const key = nextHops.map((octets) => String.fromCharCode(octets.length, ...octets)).join('');
    let id = this.#byKey.get(key);
    if (id === undefined) {
      id = this.#ids.take();
      this.#byKey.set(key, id);
      const copies = nextHops.map((octets) => octets.slice());
      this.#targets[id] = { key, nextHops: copies, references: 0, ...this.#resolved(copies) };
    }
    (this.#targets[id] as Target).references++;
    return id;
  }

  release(id: TargetId): void {
    const target = this.#targets[id];
    if (target === undefined || --target.references > 0) return;
    this.#byKey.delete(target.key);
    this.#targets[id] = undefined;
    this.#ids.give(id);
  }

  nextHopsOf(id: TargetId): readonly Uint8Array[] {
    return this.#targets[id]?.nextHops ?? [];
  }

  /** The ways out for a route of this version; empty where there is none. */
  hopsOf(id: TargetId, version: 4 | 6): string {
    return this.#targets[id]?.[version === 4 ? 'ipv4' : 'ipv6'] ?? '';
  }

  /** Why there is no way out. */
  problemOf(id: TargetId): string | undefined {
    return this.#targets[id]?.problem;
  }

  /** Resolves all anew; returns those for which it makes a difference. */
  resolveAll(resolve: ResolveNextHop): ReadonlySet<TargetId> {
    this.#resolve = resolve;
    const changed = new Set<TargetId>();
    for (const [id, target] of this.#targets.entries()) {
      if (target === undefined) continue;
      const now = this.#resolved(target.nextHops);
      if (now.problem !== target.problem || now.ipv6 !== target.ipv6) changed.add(id);
      Object.assign(target, now);
    }
    return changed;
  }

  /** Of several next hops those that can be reached. */
  #resolved(nextHops: readonly Uint8Array[]): Pick<Target, 'ipv4' | 'ipv6' | 'problem'> {
    const hops: Hop[] = [];
    const problems: string[] = [];
    for (const nextHop of nextHops) {
      const found = this.#resolve?.(nextHop);
      if (found?.type === 'reachable') hops.push(...found.hops);
      else problems.push(found?.reason ?? 'the routes of the kernel were not read yet');
    }
    return {
      ipv4: hopsText(4, hops),
      ipv6: hopsText(6, hops),
      problem: hops.length > 0 ? undefined : problems.join('; '),
    };
  }
}

export class HopsTexts {
  readonly #ids = new IdPool();
  readonly #byText = new Map<string, HopsId>();
  readonly #texts: string[] = [''];
  readonly #references: number[] = [0];

  get size(): number {
    return this.#ids.inUse;
  }

  /** Not retained: for comparing. 0 when nothing has this text. */
  find(text: string): HopsId {
    return this.#byText.get(text) ?? 0;
  }

  /** Retained. */
  take(text: string): HopsId {
    if (text === '') return 0;
    let id = this.#byText.get(text);
    if (id === undefined) {
      id = this.#ids.take();
      this.#byText.set(text, id);
      this.#texts[id] = text;
      this.#references[id] = 0;
    }
    this.#references[id]++;
    return id;
  }

  release(id: HopsId): void {
    if (id === 0 || --this.#references[id] > 0) return;
    this.#byText.delete(this.#texts[id]);
    this.#texts[id] = '';
    this.#ids.give(id);
  }

  text(id: HopsId): string {
    return this.#texts[id];
  }
}
