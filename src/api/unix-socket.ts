/**
 * The Unix socket of the management API: whoever may open it may do everything, so it is its owner's alone.
 * Owns the file: its directory, its mode, a left-over of a daemon that died, and the refusal to take it from a
 * daemon that lives.
 */
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';

/** The API cannot listen; the message is for the operator. */
export class ApiListenError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ApiListenError';
  }
}

export async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await removeStale(path);
    await listenPrivately(server, path);
  } catch (error) {
    if (error instanceof ApiListenError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new ApiListenError(`management socket ${path}: ${detail}`, error);
  }
}

async function removeStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isSocket())
    throw new ApiListenError(`management socket ${path}: there is a file that is no socket`);
  if (await answers(path)) {
    throw new ApiListenError(
      `management socket ${path}: another heliod is running and answers there; stop it, or give this one another api.socket`,
    );
  }
  unlinkSync(path);
}

/** Only a refused connection proves that nobody is there; any other failure is taken for a living daemon. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}

function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The file is made while `listen` runs: with this mask nobody else can open it, not even for a moment.
    const mask = process.umask(0o177);
    try {
      server.listen({ path }, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
    chmodSync(path, 0o600);
  });
}
