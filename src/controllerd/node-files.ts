/**
 * The directory of a store on a real file system: every write is flushed to the disk before it counts, files are
 * replaced by renaming, and a lock file with the owner's process keeps a second controller out. The lock knows processes
 * of one machine: a directory that several machines share needs a store that fences.
 */
import { constants } from 'node:fs';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError, type StoreFiles } from '../controller/store/log-store.ts';

const lockName = 'lock';

export class NodeFiles implements StoreFiles {
  readonly #directory: string;
  readonly #appended = new Map<string, FileHandle>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  async lock(): Promise<() => Promise<void>> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const mine = `${process.pid} ${await startOf(process.pid)}\n`;
    const own = this.#path(`${lockName}.${process.pid}`);
    await writeFile(own, mine, { mode: 0o600 });
    try {
      await this.#take(own);
    } finally {
      await rm(own, { force: true });
    }
    return async () => {
      for (const handle of this.#appended.values()) await handle.close();
      this.#appended.clear();
      if ((await readText(this.#path(lockName))) === mine) await rm(this.#path(lockName), { force: true });
    };
  }

  /** Making a hard link fails where there is one: of several that start at once, one gets it. */
  async #take(own: string): Promise<void> {
    const path = this.#path(lockName);
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await link(own, path);
        return;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const holder = await readText(path);
      if (holder === undefined) continue;
      const [pid, start] = holder.trim().split(' ');
      if (start !== undefined && (await startOf(Number(pid))) === start)
        throw new StoreError(
          `${this.#directory}: process ${pid} has this store; two controllers cannot share it`,
        );
      await this.#removeStale(path, holder);
    }
    throw new StoreError(`${this.#directory}: cannot get the lock of the store`);
  }

  /** Renamed first: what somebody else has taken since is put back. */
  async #removeStale(path: string, holder: string): Promise<void> {
    const aside = `${path}.stale.${process.pid}`;
    await rename(path, aside).catch(() => undefined);
    const moved = await readText(aside);
    if (moved !== undefined && moved !== holder) await link(aside, path).catch(() => undefined);
    await rm(aside, { force: true });
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(name));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async append(name: string, octets: Uint8Array): Promise<void> {
    const handle = await this.#appending(name);
    for (let at = 0; at < octets.length; ) at += (await handle.write(octets, at)).bytesWritten;
    await handle.datasync();
  }

  async #appending(name: string): Promise<FileHandle> {
    const known = this.#appended.get(name);
    if (known) return known;
    const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY;
    const handle = await open(this.#path(name), flags, 0o600);
    this.#appended.set(name, handle);
    await this.#syncDirectory();
    return handle;
  }

  async replace(name: string, octets: Uint8Array): Promise<void> {
    const temporary = this.#path(`${name}.new`);
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(octets);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#path(name));
    await this.#syncDirectory();
  }

  async truncate(name: string, octets: number): Promise<void> {
    await truncate(this.#path(name), octets);
    const handle = await this.#appending(name);
    await handle.sync();
  }

  async #syncDirectory(): Promise<void> {
    const handle = await open(this.#directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** A process number is used again, its start time is not. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readText(`/proc/${pid}/stat`);
  // The name of the program is in parentheses and may contain anything; 20 fields after it is the start time.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
