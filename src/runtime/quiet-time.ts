/** Long work that nobody waits for, in turns of the event loop that others leave free. */

/**
 * Takes one step after another, each in a turn of the event loop of its own. Ends with what the steps lead to, or with
 * `undefined` when there is no quiet any more.
 */
export async function inQuietTime<Result>(
  steps: Iterator<void, Result>,
  isQuiet: () => boolean,
): Promise<Result | undefined> {
  while (isQuiet()) {
    const { done, value } = steps.next();
    if (done) return value;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return undefined;
}
