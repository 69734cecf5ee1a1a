/**
 * What a group of interop tests needs of the machine. Where something lacks, the group is skipped with the reason in
 * its title; with CI=true that is a failure, so that no check ever passes by not running.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './command.ts';

export type PeerName =
  | 'frr'
  | 'bird'
  | 'gobgp'
  | 'openbgpd'
  | 'exabgp'
  | 'tshark'
  | 'ping'
  | 'nft'
  | 'python';

const packages: Readonly<Record<string, { readonly package: string; readonly files: readonly string[] }>> =
  JSON.parse(readFileSync(join(repository, 'test/interop/peers.json'), 'utf8'));

/** Why these peers cannot run here in namespaces, or `undefined` where they can. */
export function missing(peers: readonly PeerName[]): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root for network namespaces';
  const lacking = ['iproute2', ...peers].filter(
    (name) => !packages[name].files.every((file) => existsSync(file)),
  );
  if (lacking.length > 0) return `not installed: ${lacking.map((name) => packages[name].package).join(', ')}`;
  return namespaceProblem();
}

function namespaceProblem(): string | undefined {
  const name = `hgprobe${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    execFileSync('ip', ['netns', 'del', name], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message.split('\n').at(-1) : String(error);
    return `network namespaces cannot be made here (${words})`;
  }
}
