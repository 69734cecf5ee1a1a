/**
 * The image everything here stands on, made without any registry: Debian by debootstrap, the host's own node with npm
 * (Debian 12 packages an older one). Kept between runs, as an image and as a directory, since it takes a minute.
 */
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { output } from '../interop/harness/command.ts';
import { podman, tryPodman } from './podman.ts';

const cache = '/var/cache/heliograph-containers';
const mirror = 'http://deb.debian.org/debian';
const hostCertificates = '/etc/ssl/certs/ca-certificates.crt';

/** Its name; made where it does not exist yet. A new node on the host makes a new one. */
export async function baseImage(): Promise<string> {
  const name = `localhost/heliograph-test-base:node-${process.version}`;
  if ((await tryPodman(['image', 'exists', name])).code === 0) return name;
  const root = join(cache, `rootfs-${process.version}`);
  if (!existsSync(root)) await makeRoot(root);
  const archive = join(cache, `base-${process.pid}.tar`);
  try {
    await output('tar', ['-C', root, '-cf', archive, '.'], 120_000);
    await podman(['import', '--quiet', archive, name], 120_000);
  } finally {
    rmSync(archive, { force: true });
  }
  return name;
}

async function makeRoot(root: string): Promise<void> {
  const unfinished = `${root}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    const options = ['--variant=minbase', '--include=ca-certificates,libstdc++6'];
    await output('debootstrap', [...options, 'bookworm', unfinished, mirror], 600_000);
    await output('rm', ['-rf', join(unfinished, 'var/lib/apt/lists'), join(unfinished, 'var/cache/apt')]);
    // As in Debian's own images: a package that is installed does not start its service.
    writeFileSync(join(unfinished, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    await copyNode(unfinished);
    renameSync(unfinished, root);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Where the official node images have them: below /usr/local. */
async function copyNode(root: string): Promise<void> {
  const local = join(root, 'usr/local');
  const npm = dirname(dirname(realpathSync((await output('sh', ['-c', 'command -v npm'])).trim())));
  mkdirSync(join(local, 'lib/node_modules'), { recursive: true });
  mkdirSync(join(local, 'etc'), { recursive: true });
  await output('cp', [realpathSync(process.execPath), join(local, 'bin/node')]);
  await output('cp', ['-a', npm, join(local, 'lib/node_modules/npm')]);
  await output('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm')]);
  if (!existsSync(hostCertificates)) return;
  // A host behind a proxy that signs for others knows its certificate: npm in the build has to know it too.
  await output('cp', [hostCertificates, join(root, hostCertificates)]);
  writeFileSync(join(local, 'etc/npmrc'), `cafile=${hostCertificates}\n`);
}
