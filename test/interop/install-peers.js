/**
 * Gets the other BGP daemons the interop tests and the demo talk to (peers.json), where that is allowed: as root on
 * Debian or Ubuntu. Their services are kept from starting: the tests start daemons of their own in namespaces.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** @type {Readonly<Record<string, { package: string, files: string[] }>>} */
const peers = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));

const missingPeers = () =>
  Object.values(peers).filter(({ files }) => !files.every((file) => existsSync(file)));

/** Installs what is missing where it may. @returns {string[]} a line per peer that is still missing, and why */
export function installPeers() {
  const missing = missingPeers().map((peer) => peer.package);
  if (missing.length === 0) return [];
  const reason = refusal() ?? install(missing);
  return missingPeers().map((peer) => `no ${peer.package}: ${reason ?? 'the package lacks its files'}`);
}

/** @returns {string | undefined} why nothing may be installed here */
function refusal() {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) {
    return 'only Debian and Ubuntu packages are known';
  }
  return process.getuid?.() === 0 ? undefined : 'not root, so it is not installed';
}

/** @param {string[]} packages @returns {string | undefined} why it failed */
function install(packages) {
  process.stdout.write(`      installing ${packages.join(' ')}\n`);
  const release = keepServicesDown();
  try {
    return apt(['update', '-q']) ?? apt(['install', '-q', '-y', '--no-install-recommends', ...packages]);
  } finally {
    release();
  }
}

/** @param {string[]} args @returns {string | undefined} why it failed */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = spawnSync('apt-get', args, { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status === 0) return undefined;
  const words = (run.stderr || String(run.error ?? '')).trim().split('\n').at(-1);
  return `apt-get ${args[0]} failed: ${words}`;
}

/** @returns {() => void} the way to undo it */
function keepServicesDown() {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return () => undefined;
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => rmSync(policy, { force: true });
}
