/**
 * Tells the next heliod that this one went down in order to come back (RFC 4724 §4.1): a file beside the management
 * socket, left by a silent shutdown. It counts for the restart time that the peers were promised, and once.
 */
import { statSync, unlinkSync, writeFileSync } from 'node:fs';

export function leaveRestartMarker(socketPath: string): void {
  writeFileSync(markerPath(socketPath), '', { mode: 0o600 });
}

/** Were we stopped in order to restart, within the time the peers were promised? Removes the marker. */
export function wasRestarted(
  socketPath: string,
  promised: { readonly restartTimeSeconds: number } | undefined,
): boolean {
  const path = markerPath(socketPath);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return false;
  unlinkSync(path);
  return promised !== undefined && Date.now() - stat.mtimeMs < promised.restartTimeSeconds * 1000;
}

function markerPath(socketPath: string): string {
  return `${socketPath}.restart`;
}
