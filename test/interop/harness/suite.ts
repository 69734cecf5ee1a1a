/**
 * The frame of an interop test file: one lab for all its tests, the logs of every daemon when one fails, nothing left
 * behind. Where the machine cannot run it the tests are skipped with the reason, or fail with CI=true.
 */
import { afterAll, beforeAll, describe, onTestFailed } from 'vitest';
import { isBuilt } from './heliod.ts';
import { Lab } from './lab.ts';
import { missing, type PeerName } from './requirements.ts';

/** `build` makes the topology; its result is handed out by the function `tests` receives. */
export function interopSuite<T>(
  title: string,
  needs: readonly PeerName[],
  build: (lab: Lab) => Promise<T>,
  tests: (topology: () => T) => void,
): void {
  const reason = missing(needs);
  if (!reason && !isBuilt()) throw new Error('dist/ is missing: npm run build');
  if (reason && process.env.CI === 'true') throw new Error(`${title}: ${reason}`);
  describe.skipIf(reason !== undefined)(reason ? `${title} (${reason})` : title, () => {
    let lab: Lab | undefined;
    let topology: T | undefined;
    beforeAll(async () => {
      lab = await Lab.create();
      try {
        topology = await build(lab);
      } catch (error) {
        process.stderr.write(`${lab.logs()}\n`);
        throw error;
      }
    });
    afterAll(async () => lab?.close());
    tests(() => {
      onTestFailed(() => void process.stderr.write(`${lab?.logs()}\n`));
      if (topology === undefined) throw new Error('the topology was not built');
      return topology;
    });
  });
}
