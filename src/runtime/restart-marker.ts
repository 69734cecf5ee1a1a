/**
 * Tells the next heliod that this one went down in order to come back (RFC 4724 §4.1): a file beside the management
 * socket, left by a silent shutdown. It counts for the restart time that the peers were promised, and once.
 */
import { statSync, unlinkSync, writeFileSync } from 'node:fs';

export function leaveRestartMarker(socketPath: string): void {
  writeFileSync(markerPath(socketPath), '', { mode: 0o600 });
}

/** How long ago we were stopped in order to restart, milliseconds; `undefined` when we were not. Removes the marker. */
export function takeRestartMarker(socketPath: string): number | undefined {
  const path = markerPath(socketPath);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  unlinkSync(path);
  return Date.now() - stat.mtimeMs;
}

/** Within the time that the peers of an instance were promised? */
export function isRestart(
  ageMilliseconds: number | undefined,
  promised: { readonly restartTimeSeconds: number } | undefined,
): boolean {
  if (ageMilliseconds === undefined || promised === undefined) return false;
  return ageMilliseconds < promised.restartTimeSeconds * 1000;
}

function markerPath(socketPath: string): string {
  return `${socketPath}.restart`;
}
