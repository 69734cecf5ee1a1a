/**
 * Keys of the TCP MD5 signature (RFC 2385), each in a file of its own. They live in this process and in the kernel:
 * no message, setting or view ever holds one. Owns reading and judging the files, and what was read last.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { maximumKeyOctets } from './native/socket-options.ts';
import { errorCode } from './socket-errors.ts';

/** The file cannot be used; the message names it and says why, never what is in it. */
export class KeyFileError extends Error {
  constructor(path: string, reason: string) {
    super(`md5 key file ${path} ${reason}`);
    this.name = 'KeyFileError';
  }
}

/** The key: what is in the file without the end of its line. */
export function readKeyFile(path: string): Uint8Array {
  const bytes = readPrivately(path);
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  const key = bytes.subarray(0, end);
  if (key.length === 0) throw new KeyFileError(path, 'is empty');
  if (key.includes(0x0a)) throw new KeyFileError(path, 'has more than one line');
  if (key.length > maximumKeyOctets)
    throw new KeyFileError(path, `holds more than ${maximumKeyOctets} octets, the most a key may have`);
  return key;
}

/** For a check of the configuration; `undefined` when the key can be used. */
export function keyFileProblem(path: string): string | undefined {
  try {
    readKeyFile(path);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readPrivately(path: string): Buffer {
  let descriptor: number;
  try {
    // A named pipe must not hold us up.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new KeyFileError(path, openingWords(error));
  }
  try {
    const { mode, size } = fstatSync(descriptor);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new KeyFileError(path, 'is not a file');
    if (mode & 0o007) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new KeyFileError(path, `is open to everybody (mode ${shown}): chmod 0600 it, and change the key`);
    }
    // Not read whole when it cannot be a key.
    if (size > 4096)
      throw new KeyFileError(path, `holds ${size} octets, and a key has ${maximumKeyOctets} at most`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openingWords(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
      return 'may not be read by this user';
    default:
      return `cannot be read: ${errorCode(error)}`;
  }
}

/** Keys by file, as they were when the configuration last began to count. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  /** Reads the files. Throws KeyFileError. */
  constructor(paths: Iterable<string>) {
    this.#keys = new Map([...new Set(paths)].map((path) => [path, readKeyFile(path)]));
  }

  /** `undefined` for no file. A file that is not on the ring is read now. */
  key(path: string | undefined): Uint8Array | undefined {
    return path === undefined ? undefined : (this.#keys.get(path) ?? readKeyFile(path));
  }
}
