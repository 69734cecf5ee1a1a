/**
 * Can this machine do what an instance asks of its sockets? Answers for `config check`, before anything counts:
 * koffi, key files, the place. Owns no setting and opens no socket.
 */
import type { InstanceSettings, Place } from '../speaker/settings.ts';
import { accessOf } from './access.ts';
import { keyFileProblem } from './md5-keys.ts';
import { type NativeResult, nativeSockets } from './native/sockets.ts';
import { placeIdentity, placeWords } from './place-watcher.ts';
import { isPlain } from './transport.ts';

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

/** Everything that is wrong, one line each; empty when the sockets can be made. */
export function checkTransport(
  settings: InstanceSettings,
  native: NativeResult = nativeSockets(),
): readonly string[] {
  const place = placeProblem(settings.place, native) ?? [];
  const peers = accessOf(settings).flatMap(({ from, transport }) => {
    const lacking = isPlain(transport) ? undefined : nativeProblem(native);
    const key = transport.md5KeyFile === undefined ? undefined : keyFileProblem(transport.md5KeyFile);
    return [lacking && `md5, ttlSecurity or ttl of ${from} ${lacking}`, key].flatMap((text) => text ?? []);
  });
  return [...new Set([place, peers].flat())];
}
