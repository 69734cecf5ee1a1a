/** The word that was probably meant: the nearest of the valid ones by Damerau-Levenshtein distance. */

/** `route-reflector_client` and `routeReflectorClient` are the same word to a reader. */
const plain = (word: string) => word.toLowerCase().replace(/[-_]/g, '');

/** Single-letter edits (insert, delete, replace, swap of neighbours) from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}

/** `undefined` when nothing is near enough: at most a third of the letters may be wrong. */
export function nearest(word: string, valid: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  if (word.length > 64) return undefined;
  for (const candidate of valid) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance > Math.max(1, Math.floor(candidate.length / 3))) continue;
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best?.candidate;
}

/** ` (did you mean "x"?)` or nothing. */
export function didYouMean(word: string, valid: readonly string[]): string {
  const candidate = nearest(word, valid);
  return candidate === undefined ? '' : ` (did you mean "${candidate}"?)`;
}
