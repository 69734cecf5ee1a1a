/**
 * Keys of sessions that a gateway does not have: such a session stays down by itself, and is said to, instead of running
 * without its key or taking its tenant's other sessions along. Pure; what a file holds is asked of the caller.
 */
import type { InstanceDocument } from './instance-document.ts';

interface KeyedPeer {
  readonly address?: string;
  readonly md5?: { readonly keyFile: string };
}

/** `problemOf`: why a key file cannot be used; `undefined` when it can. */
export function withoutMissingKeys(
  document: InstanceDocument,
  problemOf: (path: string) => string | undefined,
): { readonly document: InstanceDocument; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const peers = (document.configuration.peers as readonly KeyedPeer[]).map((peer) => {
    const { md5, ...rest } = peer;
    const problem = md5 && problemOf(md5.keyFile);
    if (problem === undefined) return peer;
    problems.push(`the session with ${peer.address} stays down: ${problem}`);
    return { ...rest, shutdown: true };
  });
  if (problems.length === 0) return { document, problems };
  return { document: { ...document, configuration: { ...document.configuration, peers } }, problems };
}
