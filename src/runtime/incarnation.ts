/**
 * The number of a start of the daemon: greater than that of each start before, since a controller believes the report of
 * the greatest alone. The time of day, unless the machine's clock was set back: the last one is kept beside the
 * management socket. Milliseconds since the epoch.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function nextIncarnation(socketPath: string): number {
  const path = `${socketPath}.incarnation`;
  const next = Math.max(Date.now(), lastIn(path) + 1);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${next}\n`, { mode: 0o600 });
  return next;
}

/** 0 where there is none, or none that can be read. */
function lastIn(path: string): number {
  try {
    const last = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(last) && last > 0 ? last : 0;
  } catch {
    return 0;
  }
}
