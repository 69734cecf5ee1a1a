/** compose.yaml as it stands: a reflector between FRR and BIRD, through crashes, reloads and a stop. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, insist } from '../interop/harness/eventually.ts';
import { Cluster } from './cluster.ts';
import { deployDirectory, readCompose } from './deployment.ts';
import { birdOriginates, frrOriginates, heliodOriginates } from './expected-routes.ts';
import {
  birdPeers,
  birdRoutes,
  birdSince,
  established,
  expectSameInstant,
  frrNeighbor,
  frrRoutes,
  heliodPeer,
  routesOf,
} from './far-side.ts';
import { builtImage } from './images.ts';

const [heliod, frr, bird] = ['10.179.0.2', '10.179.0.3', '10.179.0.4'];

export function composeSuite(): void {
  describe('compose.yaml', () => {
    let running: Cluster | undefined;
    let directory = '';
    const cluster = (): Cluster => {
      if (!running) throw new Error('the containers do not run');
      return running;
    };
    const configuration = (): string => join(directory, 'heliod/heliod.yaml');
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'hgtest-'));
      cpSync(deployDirectory, directory, { recursive: true });
      running = await Cluster.start('compose', readCompose(directory), builtImage);
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') process.stderr.write(`${await running?.logs()}\n`);
    });
    afterAll(async () => {
      await running?.remove();
      rmSync(directory, { recursive: true, force: true });
    });

    const everythingIsThere = async (): Promise<void> => {
      await established(cluster(), 'heliod', [frr, bird]);
      const reflected = { clusterList: [heliod] };
      for (const [prefix, attributes] of Object.entries(frrOriginates)) {
        expect(await routesOf(birdRoutes, cluster(), prefix)).toMatchObject([
          { ...attributes, ...reflected },
        ]);
      }
      for (const [prefix, attributes] of Object.entries(birdOriginates)) {
        expect(await routesOf(frrRoutes, cluster(), prefix)).toMatchObject([{ ...attributes, ...reflected }]);
      }
      for (const [prefix, attributes] of Object.entries(heliodOriginates)) {
        const own = { ...attributes, communities: ['65000:2'], clusterList: [] };
        for (const read of [birdRoutes, frrRoutes]) {
          const [route] = await routesOf(read, cluster(), prefix);
          expect(route).toMatchObject(own);
          expect(route).not.toHaveProperty('originatorId');
        }
      }
    };

    test('everything peers, and routes arrive with all attributes at both far ends', everythingIsThere);

    test('the image says that it is healthy', async () => {
      expect(await cluster().isHealthy('heliod')).toBe(true);
    });

    for (const service of ['heliod', 'frr', 'bird']) {
      test(`${service} crashes, is started again by its restart policy, and everything is back`, async () => {
        await cluster().crash(service);
        await everythingIsThere();
      });

      test(`${service} is killed and started by hand, and everything is back`, async () => {
        await cluster().killAndStart(service);
        await everythingIsThere();
      });
    }

    test('a client that is killed takes its routes with it at the other', async () => {
      expect(await cluster().stop('frr')).toBe(0);
      for (const prefix of Object.keys(frrOriginates)) await routesOf(birdRoutes, cluster(), prefix, 0);
      await cluster().startAgain('frr');
      await everythingIsThere();
    });

    test('a changed bind mount and SIGHUP: what did not change goes on', async () => {
      const before = await heliodPeer(cluster(), 'heliod', bird);
      const [birdBefore, frrBefore] = [
        await birdSince(cluster(), 'heliod'),
        await heliodPeer(cluster(), 'heliod', frr),
      ];
      const text = readFileSync(configuration(), 'utf8');
      const changed = text.replace('description: frr', 'description: frr, families: [ipv4-unicast]');
      insist(changed !== text, 'the configuration has no peer described as frr');
      writeFileSync(configuration(), `${changed}  - { prefix: 100.64.0.0/24, nextHop: ${heliod} }\n`);
      await cluster().signal('heliod', 'HUP');

      expect(await routesOf(birdRoutes, cluster(), '100.64.0.0/24')).toMatchObject([{ nextHop: heliod }]);
      for (const prefix of Object.keys(frrOriginates)) {
        await routesOf(birdRoutes, cluster(), prefix, prefix.includes(':') ? 0 : 1);
      }
      const after = await heliodPeer(cluster(), 'heliod', bird);
      expect(after).toMatchObject({ since: before.since, establishedCount: before.establishedCount });
      expectSameInstant(await birdSince(cluster(), 'heliod'), birdBefore);
      const frrAfter = await heliodPeer(cluster(), 'heliod', frr);
      expect(frrAfter.establishedCount).toBe(frrBefore.establishedCount + 1);
      writeFileSync(configuration(), text);
      await cluster().signal('heliod', 'HUP');
      await everythingIsThere();
      await routesOf(birdRoutes, cluster(), '100.64.0.0/24', 0);
      expectSameInstant(await birdSince(cluster(), 'heliod'), birdBefore);
    });

    test('a bad file and SIGHUP: the log has the mistake, the sessions stay', async () => {
      const [pid, since] = [await cluster().pid('heliod'), await birdSince(cluster(), 'heliod')];
      const text = readFileSync(configuration(), 'utf8');
      writeFileSync(configuration(), text.replace('group: clients', 'group: clents'));
      await cluster().signal('heliod', 'HUP');
      await eventually('the mistake in the log', async () =>
        (await cluster().log('heliod')).includes('clents'),
      );
      expect(await cluster().pid('heliod')).toBe(pid);
      await everythingIsThere();
      expectSameInstant(await birdSince(cluster(), 'heliod'), since);
      writeFileSync(configuration(), text);
    });

    test('a stop is a Cease for administrative shutdown at both peers, and exit code 0', async () => {
      expect(await cluster().stop('heliod')).toBe(0);
      const { lastNotificationReason, bgpState } = await frrNeighbor(cluster(), heliod);
      expect(lastNotificationReason).toBe('Cease/Administrative Shutdown');
      expect(bgpState).not.toBe('Established');
      expect(await cluster().exec('bird', 'birdc', 'show', 'protocols', 'all', 'heliod')).toContain(
        'Received: Administrative shutdown',
      );
      expect(await birdPeers(cluster())).toMatchObject([{ isEstablished: false }]);
      await cluster().startAgain('heliod');
      await everythingIsThere();
    });
  });
}
