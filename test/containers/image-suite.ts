/** The image of heliod by itself: what is in it, how it starts, how it ends. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../interop/harness/eventually.ts';
import { heliodImage, type ImageSizes } from './images.ts';
import { podman, runDetached, runName, runOnce, tryPodman } from './podman.ts';

const lowPorts = ['--sysctl', 'net.ipv4.ip_unprivileged_port_start=179'];
const minimal = 'version: 1\nrouter: { asn: 65000, routerId: 10.179.0.2 }\n';

const fiveMistakes = `version: 1
router:
  asn: 65000
  routerId: 10.179.0.2
  clusterID: 10.179.0.2
peerGroups:
  - { name: clients, remoteAs: 65000, timers: { hold: 2s } }
peers:
  - { address: 10.179.0.300, group: clients }
  - { address: 10.179.0.4, group: clents }
networks:
  - { prefix: 203.0.113.7/24 }
`;

export function imageSuite(sizes: () => ImageSizes): void {
  describe('the image', () => {
    let directory = '';
    const name = `${runName}-alone`;
    /** `podman run` options that mount a directory with this configuration. */
    const withConfig = (text: string): string[] => {
      writeFileSync(join(directory, 'heliod.yaml'), text);
      return ['--volume', `${directory}:/etc/heliod:ro`];
    };
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'hgtest-'));
      chmodSync(directory, 0o755); // heliod is not root
    });
    afterAll(async () => {
      await tryPodman(['rm', '--force', '--time', '0', name]);
      rmSync(directory, { recursive: true, force: true });
    });

    test('has labels, a user without rights, a health check, and process 1 takes SIGTERM', async () => {
      const [{ Config: config, Healthcheck: healthcheck }] = JSON.parse(
        await podman(['image', 'inspect', heliodImage]),
      );
      expect(config).toMatchObject({
        User: '10179:10179',
        Entrypoint: ['heliod'],
        Cmd: ['--config', '/etc/heliod/heliod.yaml'],
        StopSignal: 'SIGTERM',
        ExposedPorts: { '179/tcp': {} },
      });
      expect(healthcheck.Test.join(' ')).toContain('helioctl status --check');
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.title': 'heliograph',
        'org.opencontainers.image.licenses': 'Apache-2.0',
      });
    });

    test('holds what runs and nothing that builds', async () => {
      const list = ['--entrypoint', 'ls', heliodImage, '/opt/heliograph', '/opt/heliograph/node_modules'];
      const { stdout } = await runOnce(name, list);
      const entries = stdout.split(/\s+/);
      for (const wanted of ['bin', 'dist', 'package.json', 'fastify', 'yaml'])
        expect(entries).toContain(wanted);
      for (const unwanted of ['src', 'test', 'typescript', 'vitest', '@biomejs', '@types']) {
        expect(entries).not.toContain(unwanted);
      }
      const { base, heliod } = sizes();
      say(`image of heliod: ${megabytes(heliod)}, ${megabytes(heliod - base)} above its base image`);
      expect(heliod - base).toBeLessThan(60e6);
    });

    test('is healthy soon after its start, as process 1, without root and without capabilities', async () => {
      const started = performance.now();
      const options = [
        ...withConfig(minimal),
        ...lowPorts,
        '--cap-drop',
        'ALL',
        '--security-opt',
        'no-new-privileges',
      ];
      await runDetached(name, [...options, heliodImage]);
      await eventually('healthy', async () => (await tryPodman(['healthcheck', 'run', name])).code === 0, {
        every: 20,
      });
      say(`container start to healthy: ${Math.round(performance.now() - started)} ms`);
      const status = await podman(['exec', name, 'cat', '/proc/1/status']);
      expect(status).toMatch(/^Name:\s+heliod$/m);
      expect(status).toMatch(/^Uid:\s+10179\b/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(await podman(['exec', name, 'ls', '-l', '/run/heliod/heliod.sock'])).toMatch(/^srw-------/);
    });

    test('the health check fails while heliod does not answer', async () => {
      await podman(['exec', name, 'mv', '/run/heliod/heliod.sock', '/run/heliod/away.sock']);
      expect((await tryPodman(['healthcheck', 'run', name])).code).toBe(1);
      await podman(['exec', name, 'mv', '/run/heliod/away.sock', '/run/heliod/heliod.sock']);
      expect((await tryPodman(['healthcheck', 'run', name])).code).toBe(0);
    });

    test.each(['TERM', 'INT'])('ends with 0 after SIG%s', async (signal) => {
      await tryPodman(['rm', '--force', '--time', '0', name]);
      await runDetached(name, [...withConfig(minimal), ...lowPorts, heliodImage]);
      await eventually('ready', async () => /"ready"/.test((await tryPodman(['logs', name])).stdout));
      await podman(['kill', '--signal', signal, name]);
      expect(await podman(['wait', name])).toBe('0');
    });

    test('a bad configuration ends with 2 and every mistake in the log', async () => {
      await tryPodman(['rm', '--force', '--time', '0', name]);
      await runDetached(name, [...withConfig(fiveMistakes), heliodImage]);
      expect(await podman(['wait', name])).toBe('2');
      const { stdout, stderr } = await tryPodman(['logs', name]);
      const lines = `${stdout}${stderr}`.trim().split('\n');
      const places = lines.map((line) => /^\/etc\/heliod\/heliod\.yaml:(\d+):\d+: /.exec(line)?.[1]);
      expect(places, lines.join('\n')).toEqual(['5', '7', '9', '10', '12']);
      for (const wanted of ['clusterID', 'hold', '10.179.0.300', 'clents', '203.0.113.7/24']) {
        expect(lines.join('\n')).toContain(wanted);
      }
    });

    test('no configuration at all ends with 2 and says which file was wanted', async () => {
      const { code, stdout, stderr } = await runOnce(`${runName}-none`, [heliodImage]);
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).toContain('/etc/heliod/heliod.yaml');
    });
  });
}

const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(1)} MB`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
