/**
 * podman as root, with the options under which it works inside containers and on plain hosts alike: cgroups without
 * systemd, runc, limits that no host refuses. Owns the command line and the removal of what dead runs left; knows no BGP.
 */
import { type CommandResult, output, run } from '../interop/harness/command.ts';

/** Everything a run makes has this at the head of its name: what a dead run left can be told from a live one's. */
export const runName = `hgtest-${process.pid}`;

const global = ['--cgroup-manager', 'cgroupfs', '--runtime', '/usr/sbin/runc'];
const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

/** With whatever exit code it had. */
export const tryPodman = (args: readonly string[], timeoutMs = 60_000): Promise<CommandResult> =>
  run('podman', [...global, ...args], timeoutMs);

/** What it prints; it must end with 0. */
export async function podman(args: readonly string[], timeoutMs = 60_000): Promise<string> {
  return (await output('podman', [...global, ...args], timeoutMs)).trim();
}

export interface Build {
  readonly tag: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** `--format docker` keeps HEALTHCHECK, which OCI images do not have. */
export async function buildImage({ tag, dockerfile, context, ...build }: Build): Promise<void> {
  const values = Object.entries(build.arguments).flatMap(([key, value]) => [
    '--build-arg',
    `${key}=${value}`,
  ]);
  const options = ['--isolation', 'chroot', '--format', 'docker', '--pull=never', ...values];
  await podman(['build', ...options, '-t', tag, '-f', dockerfile, context], 900_000);
}

/** Starts a container in the background. */
export const runDetached = (name: string, args: readonly string[]): Promise<string> =>
  podman(['run', '--detach', '--name', name, ...limits, ...args]);

/** Runs one to its end and removes it. */
export const runOnce = (name: string, args: readonly string[]): Promise<CommandResult> =>
  tryPodman(['run', '--rm', '--name', name, ...limits, ...args]);

/** Removes containers, networks and images of this run and of runs whose process is no more. */
export async function removeLeftovers(): Promise<void> {
  const list = async (args: readonly string[]): Promise<string[]> =>
    [...new Set((await podman(args)).split('\n'))].filter((name) => isOurs(name));
  const remove = async (args: readonly string[], names: readonly string[]): Promise<void> => {
    if (names.length > 0) await podman([...args, ...names]);
  };
  await remove(['rm', '--force', '--time', '0'], await list(['ps', '--all', '--format', '{{.Names}}']));
  await remove(['network', 'rm', '--force'], await list(['network', 'ls', '--format', '{{.Name}}']));
  await remove(['rmi', '--force'], await list(['images', '--format', '{{.Repository}}']));
  // The layers of a build stage have no name; only those no image stands on are taken.
  await podman(['image', 'prune', '--force', '--filter', `label=${buildStageLabel}`]);
}

export const buildStageLabel = 'io.heliograph.build-stage=true';

function isOurs(name: string): boolean {
  const pid = /^(?:localhost\/)?hgtest-(\d+)-/.exec(name)?.[1];
  return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
