/**
 * Is the place of an instance there? A network namespace or device may go away while it is used and come back, perhaps
 * as another one of the same name: that is told as down and up again. Looks once a second and, for namespaces, whenever
 * something happens in their directory (the mount that follows makes no event of its own, hence the second look).
 * Owns the watching; what to do about it is for SocketHost.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import type { Place } from '../speaker/settings.ts';
import { namespaceDirectory, namespacePath } from './native/namespaces.ts';
import type { NativeResult } from './native/sockets.ts';
import { errorCode } from './socket-errors.ts';

export type PlaceState =
  | { readonly type: 'up' }
  /** In words: `network namespace contoso is gone`. */
  | { readonly type: 'down'; readonly reason: string };

const lookEveryMilliseconds = 1000;
const secondLookMilliseconds = 50;

/** Which one it is; two of one name that followed each other differ. `undefined`: there is none. */
export function placeIdentity(place: Place, native: NativeResult): string | undefined {
  if (place.type === 'host') return 'host';
  if (place.type === 'netns') return namespaceIdentity(place.name);
  const index = native.ok ? native.sockets.deviceIndex(place.name) : 0;
  return index === 0 ? undefined : String(index);
}

function namespaceIdentity(name: string): string | undefined {
  try {
    const { dev, ino } = statSync(namespacePath(name));
    // `ip netns add` first makes a plain file and then mounts the namespace over it.
    return dev === statSync(namespaceDirectory).dev ? undefined : `${dev}:${ino}`;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

export function placeWords(place: Place): string {
  switch (place.type) {
    case 'host':
      return 'the host';
    case 'netns':
      return `network namespace ${place.name}`;
    case 'device':
      return `device ${place.name}`;
  }
}

export class PlaceWatcher {
  readonly #place: Place;
  readonly #native: NativeResult;
  readonly #onChange: (identity: string | undefined) => void;
  #identity: string | undefined;
  #directory: FSWatcher | undefined;
  #interval: NodeJS.Timeout | undefined;
  #secondLook: NodeJS.Timeout | undefined;

  /** `onChange` is told of every change after this moment, `undefined` for gone; first gone, then the new one. */
  constructor(place: Place, native: NativeResult, onChange: (identity: string | undefined) => void) {
    this.#place = place;
    this.#native = native;
    this.#onChange = onChange;
    this.#identity = placeIdentity(place, native);
    if (place.type === 'host') return;
    this.#interval = setInterval(() => this.look(), lookEveryMilliseconds);
    this.#interval.unref();
    this.#watchDirectory();
  }

  get identity(): string | undefined {
    return this.#identity;
  }

  /** Looks now. */
  look(): void {
    if (!this.#directory) this.#watchDirectory();
    const found = placeIdentity(this.#place, this.#native);
    if (found === this.#identity) return;
    const before = this.#identity;
    this.#identity = found;
    if (before !== undefined) this.#onChange(undefined);
    if (found !== undefined) this.#onChange(found);
  }

  close(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#secondLook);
    this.#directory?.close();
  }

  #watchDirectory(): void {
    if (this.#place.type !== 'netns') return;
    const name = this.#place.name;
    try {
      this.#directory = watch(namespaceDirectory, { persistent: false }, (_, file) => {
        if (file === name) this.#lookTwice();
      });
      // Then the looks once a second have to do.
      this.#directory.on('error', () => {
        this.#directory?.close();
        this.#directory = undefined;
      });
    } catch {
      this.#directory = undefined; // no namespace was ever made here
    }
  }

  #lookTwice(): void {
    this.look();
    clearTimeout(this.#secondLook);
    this.#secondLook = setTimeout(() => this.look(), secondLookMilliseconds);
    this.#secondLook.unref();
  }
}
