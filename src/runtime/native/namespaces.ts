/**
 * Doing something in another network namespace: in, the work, and back, all on this thread and without giving the event
 * loop a chance in between. A thread that cannot come back would open every later socket in a stranger's network, so
 * the process ends at once then. Owns the way in and out; who is in which namespace is told by `Place`.
 */
import { closeSync, openSync } from 'node:fs';
import type { Place } from '../../speaker/settings.ts';
import { errorCode } from '../socket-errors.ts';
import { checked, type Libc } from './libc.ts';

/** Where `ip netns` keeps the names. */
export const namespaceDirectory = '/run/netns';

/** CLONE_NEWNET */
const networkNamespace = 0x40000000;

export function namespacePath(name: string): string {
  return `${namespaceDirectory}/${name}`;
}

/** Runs `work` where the sockets of the place are. `work` must be synchronous. */
export function inPlace<T>(libc: Libc, place: Place, work: () => T): T {
  return place.type === 'netns' ? inNamespace(libc, place.name, work) : work();
}

function inNamespace<T>(libc: Libc, name: string, work: () => T): T {
  // This thread's, not the process's: in a worker thread they need not be the same.
  const home = openSync('/proc/thread-self/ns/net', 'r');
  try {
    enter(libc, name);
    try {
      return work();
    } finally {
      if (libc.setns(home, networkNamespace) < 0) process.abort();
    }
  } finally {
    closeSync(home);
  }
}

function enter(libc: Libc, name: string): void {
  let away: number | undefined;
  try {
    away = openSync(namespacePath(name), 'r');
    checked(libc, 'setns', libc.setns(away, networkNamespace));
  } catch (error) {
    throw new NamespaceError(name, error);
  } finally {
    if (away !== undefined) closeSync(away);
  }
}

/** The namespace cannot be entered; the message says why, and what would help. */
export class NamespaceError extends Error {
  constructor(name: string, cause: unknown) {
    super(`network namespace ${name} ${enteringWords(errorCode(cause))}`, { cause });
    this.name = 'NamespaceError';
  }
}

function enteringWords(code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EPERM':
      return 'may not be entered: this needs the capability CAP_SYS_ADMIN';
    case 'EACCES':
      return 'may not be read by this user';
    default:
      return `cannot be entered: ${code}`;
  }
}
