/**
 * Can this machine do what an instance asks of its sockets? Answers for a check of the configuration, before anything
 * counts: koffi, the place (for key files see `md5-keys.ts`). Opens no socket.
 */
import type { Place } from '../speaker/settings.ts';
import { type NativeResult, nativeSockets } from './native/sockets.ts';
import { placeIdentity, placeWords } from './place-watcher.ts';

/** Why sockets with options or in another place cannot be had here; `undefined` when they can. */
export function nativeProblem(native: NativeResult = nativeSockets()): string | undefined {
  return native.ok ? undefined : native.problem;
}

/** Why nothing can be opened there now. A place may still come later: SocketHost waits for it. */
export function placeProblem(place: Place, native: NativeResult = nativeSockets()): string | undefined {
  if (place.type === 'host') return undefined;
  if (!native.ok) return `${placeWords(place)} ${native.problem}`;
  if (placeIdentity(place, native) === undefined) return `${placeWords(place)} does not exist`;
  try {
    native.sockets.enter(place);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
