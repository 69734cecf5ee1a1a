/**
 * A peer and its group laid over each other, per key and in nested maps per nested key, with the knowledge of where
 * each value stands in the file and which are unusable. Defaults come later (`build.ts`).
 */
import type { Findings, Path } from './findings.ts';
import type { PeerKeys } from './peer-schema.ts';
import type { Loose } from './walk.ts';

export type LoosePeer = Loose<PeerKeys>;

export interface Layer {
  readonly keys: LoosePeer;
  readonly path: Path;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `over` wins key by key; maps on both sides are merged, everything else is replaced whole. */
export function mergeKeys<T extends object>(under: T, over: T): T {
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? mergeKeys(below, value) : value;
  }
  return merged as T;
}

function valueAt(keys: object, at: readonly string[]): unknown {
  let value: unknown = keys;
  for (const key of at) value = isMap(value) ? value[key] : undefined;
  return value;
}

export class Layers {
  readonly merged: LoosePeer;
  readonly path: Path;
  readonly #own: Layer;
  readonly #group: Layer | 'unknown' | undefined;
  readonly #findings: Findings;

  /** `unknown`: it names a group, but not one that can be found; nothing is known of what is not in `own`. */
  constructor(own: Layer, group: Layer | 'unknown' | undefined, findings: Findings) {
    this.#own = own;
    this.#group = group;
    this.#findings = findings;
    this.path = own.path;
    this.merged = group && group !== 'unknown' ? mergeKeys(group.keys, own.keys) : own.keys;
  }

  /** A rule that needs this key must hold its tongue: what was meant is not known. */
  isBroken(...at: readonly string[]): boolean {
    if (this.#findings.isBroken([...this.path, ...at])) return true;
    if (valueAt(this.#own.keys, at) !== undefined || !this.#group) return false;
    return this.#group === 'unknown' || this.#findings.isBroken([...this.#group.path, ...at]);
  }

  /** Where the value that counts stands; the place it is missing from when there is none. */
  origin(...at: readonly string[]): Path {
    const group = this.#group === 'unknown' ? undefined : this.#group;
    const inGroup =
      group && valueAt(this.#own.keys, at) === undefined && valueAt(group.keys, at) !== undefined;
    return [...(inGroup ? group.path : this.path), ...at];
  }

  /** Of keys that contradict each other: the one the entry itself has, not its group. The first of equals. */
  culprit(...keys: readonly (readonly string[])[]): Path {
    const own = keys.find((at) => valueAt(this.#own.keys, at) !== undefined);
    const present = own ?? keys.find((at) => valueAt(this.merged, at) !== undefined) ?? keys[0];
    return this.origin(...present);
  }
}
