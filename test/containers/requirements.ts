/**
 * What the container tests need of the machine. With CI=true the Debian packages are installed, and whatever is still
 * missing is a failure; elsewhere the tests are skipped and say why.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const files: Readonly<Record<string, string>> = {
  podman: '/usr/bin/podman',
  runc: '/usr/sbin/runc',
  buildah: '/usr/bin/buildah',
  debootstrap: '/usr/sbin/debootstrap',
  iptables: '/usr/sbin/iptables',
};

const isCi = process.env.CI === 'true';
const lacking = (): string[] => Object.keys(files).filter((name) => !existsSync(files[name]));

/** Why containers cannot run here, or `undefined` where they can. Throws instead with CI=true. */
export function missing(): string | undefined {
  const reason = problem();
  if (reason && isCi) throw new Error(`container tests: ${reason}`);
  return reason;
}

function problem(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  if (isCi && lacking().length > 0 && existsSync('/etc/debian_version')) install(lacking());
  if (lacking().length > 0) return `not installed: ${lacking().join(', ')}`;
  const { status, stderr } = spawnSync('podman', ['info'], { encoding: 'utf8' });
  return status === 0 ? undefined : `podman does not work here (${stderr.trim().split('\n').at(-1)})`;
}

function install(packages: readonly string[]): void {
  process.stdout.write(`installing ${packages.join(' ')}\n`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'],
  };
  execFileSync('apt-get', ['update', '-q'], options);
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options);
}
