/** The containerlab topology: the same clients behind two reflectors. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../interop/harness/eventually.ts';
import { Cluster } from './cluster.ts';
import { deployDirectory, readContainerlab } from './deployment.ts';
import { birdOriginates, frrOriginates } from './expected-routes.ts';
import { birdRoutes, established, frrRoutes, routesOf } from './far-side.ts';
import { builtImage } from './images.ts';

const [rr1, frr, bird, rr2] = ['10.179.0.2', '10.179.0.3', '10.179.0.4', '10.179.0.5'];

export function containerlabSuite(): void {
  describe('the containerlab topology', () => {
    let running: Cluster | undefined;
    const cluster = (): Cluster => {
      if (!running) throw new Error('the containers do not run');
      return running;
    };
    beforeAll(async () => {
      const deployment = readContainerlab(join(deployDirectory, 'containerlab'));
      running = await Cluster.start('clab', deployment, builtImage);
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') process.stderr.write(`${await running?.logs()}\n`);
    });
    afterAll(async () => running?.remove());

    /** One path from each of these reflectors, at both ends. */
    const arrivesThrough = async (reflectors: readonly string[]): Promise<void> => {
      const directions = [
        { read: birdRoutes, routes: frrOriginates },
        { read: frrRoutes, routes: birdOriginates },
      ];
      for (const { read, routes } of directions) {
        for (const [prefix, attributes] of Object.entries(routes)) {
          // Until a client's own session is back, its routes may come through both reflectors one after the other.
          await eventually(`${prefix} through ${reflectors.join(' and ')}`, async () => {
            const seen = await routesOf(read, cluster(), prefix, reflectors.length);
            for (const route of seen) expect(route).toMatchObject(attributes);
            expect(seen.map(({ clusterList }) => clusterList.join(' ')).sort()).toEqual(reflectors);
            return true;
          });
        }
      }
    };

    test('every session comes up, also between the reflectors', async () => {
      await established(cluster(), 'rr1', [rr2, frr, bird]);
      await established(cluster(), 'rr2', [rr1, frr, bird]);
    });

    test('each route arrives through both reflectors, with all attributes', () => arrivesThrough([rr1, rr2]));

    test('one reflector stops: the other carries on; it returns: both do', async () => {
      expect(await cluster().stop('rr1')).toBe(0);
      await arrivesThrough([rr2]);
      await cluster().startAgain('rr1');
      await established(cluster(), 'rr1', [rr2, frr, bird]);
      await arrivesThrough([rr1, rr2]);
    });
  });
}
