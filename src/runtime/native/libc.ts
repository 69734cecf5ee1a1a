/**
 * The handful of system calls that Node has no words for, called through `koffi`. That package is optional: it is
 * looked for when first needed, and where it is missing `loadLibc` says so in the operator's words.
 * Owns the call and its error; what is called, in which order, is for `sockets.ts` and `namespaces.ts`.
 */
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';

export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  setsockopt(descriptor: number, level: number, name: number, value: Uint8Array, octets: number): number;
  /** `octets`: how many there is room for, then how many there are. */
  getsockopt(descriptor: number, level: number, name: number, value: Uint8Array, octets: Uint8Array): number;
  bind(descriptor: number, address: Uint8Array, octets: number): number;
  listen(descriptor: number, backlog: number): number;
  close(descriptor: number): number;
  setns(descriptor: number, type: number): number;
  /** 0: there is no such device. */
  if_nametoindex(name: string): number;
  madvise(start: bigint, octets: number, advice: number): number;
  /** Only glibc has it, and the next one. */
  readonly mallopt: ((parameter: number, value: number) => number) | undefined;
  readonly malloc_trim: ((pad: number) => number) | undefined;
  errno(): number;
}

export type LibcResult =
  | { readonly ok: true; readonly libc: Libc }
  /** Why there is none, with what would help. */
  | { readonly ok: false; readonly problem: string };

/** A system call failed; `code` as Node has it (`EADDRINUSE`). */
export class SystemCallError extends Error {
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${call}: ${code}`);
    this.name = 'SystemCallError';
    this.code = code;
  }
}

/** What `require('koffi')` gives, as far as it is used. */
interface Koffi {
  load(library: null): { func(prototype: string): unknown };
  errno(): number;
}

/** The result of a call that returns less than zero when it failed. */
export function checked(libc: Libc, call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, libc.errno());
  return result;
}

let loaded: LibcResult | undefined;

export function loadLibc(): LibcResult {
  loaded ??= load(createRequire(import.meta.url), process.platform);
  return loaded;
}

/** Exported for tests: `find` stands for Node's `require`. */
export function load(find: (name: string) => unknown, platform: string): LibcResult {
  if (platform !== 'linux') return { ok: false, problem: `needs Linux, and this is ${platform}` };
  try {
    return { ok: true, libc: bindCalls(find('koffi') as Koffi) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const advice = 'install it with "npm install koffi", and do not leave out optional dependencies';
    return { ok: false, problem: `needs the package koffi, which cannot be loaded (${reason}): ${advice}` };
  }
}

function bindCalls(koffi: Koffi): Libc {
  // Without a name: what the running process has loaded, whichever C library that is.
  const library = koffi.load(null);
  const call = <T>(prototype: string): T => library.func(prototype) as T;
  const callIfThere = <T>(prototype: string): T | undefined => {
    try {
      return call<T>(prototype);
    } catch {
      return undefined;
    }
  };
  return {
    socket: call<Libc['socket']>('int socket(int, int, int)'),
    setsockopt: call<Libc['setsockopt']>('int setsockopt(int, int, int, const void *, uint32_t)'),
    getsockopt: call<Libc['getsockopt']>('int getsockopt(int, int, int, void *, void *)'),
    bind: call<Libc['bind']>('int bind(int, const void *, uint32_t)'),
    listen: call<Libc['listen']>('int listen(int, int)'),
    close: call<Libc['close']>('int close(int)'),
    setns: call<Libc['setns']>('int setns(int, int)'),
    if_nametoindex: call<Libc['if_nametoindex']>('unsigned int if_nametoindex(const char *)'),
    madvise: call<Libc['madvise']>('int madvise(uint64_t, size_t, int)'),
    mallopt: callIfThere<Libc['mallopt']>('int mallopt(int, int)'),
    malloc_trim: callIfThere<Libc['malloc_trim']>('int malloc_trim(size_t)'),
    errno: () => koffi.errno(),
  };
}
