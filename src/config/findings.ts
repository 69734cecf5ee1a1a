/**
 * What is wrong with a file, collected by path while it is read: problems, warnings, and which values are
 * unusable, so that one mistake is reported once and not again by every rule that needed the value.
 */

export type Path = readonly (string | number)[];

/**
 * `missing` and `reference` problems depend on text that may stand elsewhere in the file: they are left out
 * where a syntax error hides a part of it.
 */
export type FindingKind = 'value' | 'missing' | 'reference';

export interface Finding {
  readonly path: Path;
  /** Where to point: at the key of the last path element, or at its value. */
  readonly at: 'key' | 'value';
  readonly kind: FindingKind;
  readonly message: string;
  /** Known already: where a path alone does not say it (the second of two equal keys). */
  readonly position?: { readonly line: number; readonly column: number };
}

const keyOf = (path: Path) => path.map((part) => `${part}\0`).join('');

export class Findings {
  readonly problems: Finding[] = [];
  readonly warnings: Finding[] = [];
  readonly #broken = new Set<string>();
  /** Every path that has a broken one below it. */
  readonly #damaged = new Set<string>();

  problem(path: Path, message: string, kind: FindingKind = 'value', at: 'key' | 'value' = 'value'): void {
    this.problems.push({ path, at, kind, message });
    this.markBroken(path);
  }

  /** A key that should not be there: nothing needs its value. */
  unknownKey(path: Path, message: string): void {
    this.problems.push({ path, at: 'key', kind: 'value', message });
  }

  duplicateKey(
    path: Path,
    message: string,
    position: { readonly line: number; readonly column: number },
  ): void {
    this.problems.push({ path, at: 'key', kind: 'value', message, position });
  }

  warn(path: Path, message: string): void {
    this.warnings.push({ path, at: 'value', kind: 'value', message });
  }

  markBroken(path: Path): void {
    this.#broken.add(keyOf(path));
    for (let length = path.length - 1; length > 0; length--) this.#damaged.add(keyOf(path.slice(0, length)));
  }

  /** Is the value itself, something around it, or something in it unusable? */
  isBroken(path: Path): boolean {
    if (this.#damaged.has(keyOf(path))) return true;
    for (let length = path.length; length >= 0; length--) {
      if (this.#broken.has(keyOf(path.slice(0, length)))) return true;
    }
    return false;
  }
}
