/** Lists in which bad elements are holes: the walk over what is there, and the rule that nothing is given twice. */
import type { Findings, Path } from './findings.ts';

export function* indexed<T>(list: readonly (T | undefined)[] | undefined): Generator<[number, T]> {
  for (const [i, item] of (list ?? []).entries()) if (item !== undefined) yield [i, item];
}

/** Reports each element whose key an earlier one has. */
export function reportTwice<T>(
  list: readonly (T | undefined)[] | undefined,
  path: Path,
  keyOf: (item: T) => { readonly text: string | undefined; readonly at?: string },
  findings: Findings,
): void {
  const first = new Map<string, number>();
  for (const [i, item] of indexed(list)) {
    const { text, at } = keyOf(item);
    if (text === undefined) continue;
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, i);
    else {
      const here = at === undefined ? [...path, i] : [...path, i, at];
      findings.problem(here, `${text} was given before, in ${[...path, earlier].join('.')}`);
    }
  }
}
