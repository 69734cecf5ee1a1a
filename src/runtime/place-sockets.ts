/**
 * The presence of an instance in its place: its listeners, and whether the place is there at all. When the place goes,
 * everything in it ends with a reason; when it comes back, the listeners are opened again without anybody asking.
 * Owns no connection: SocketHost ends those when it is told.
 */
import type { Socket } from 'node:net';
import type { ListenAddress, Place } from '../speaker/settings.ts';
import type { Access } from './access.ts';
import { type BoundAddress, Listeners } from './listeners.ts';
import type { NativeResult } from './native/sockets.ts';
import { type PlaceState, PlaceWatcher, placeWords } from './place-watcher.ts';
import { Transport } from './transport.ts';

/** After the place came back and a listener could not be opened. */
const retryMilliseconds = 1000;

export interface PlaceOwner {
  accepted(socket: Socket): void;
  /** The place went or came, or listeners cannot be opened in it. */
  placed(state: PlaceState): void;
}

export class PlaceSockets {
  readonly transport: Transport;
  readonly #place: Place;
  readonly #owner: PlaceOwner;
  readonly #listeners: Listeners;
  readonly #watcher: PlaceWatcher;
  #wanted: readonly ListenAddress[] = [];
  /** The place is there; listeners may still be missing in it. */
  #present: boolean;
  #state: PlaceState;
  /** One change of the listeners after the other. */
  #changes: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(place: Place, native: NativeResult, owner: PlaceOwner) {
    this.#place = place;
    this.#owner = owner;
    this.transport = new Transport(place, native);
    this.#listeners = new Listeners((socket) => owner.accepted(socket), this.transport);
    this.#watcher = new PlaceWatcher(place, native, (identity) => this.#changed(identity));
    const lacking = place.type === 'host' || native.ok ? undefined : native.problem;
    this.#present = lacking === undefined && this.#watcher.identity !== undefined;
    this.#state = this.#present
      ? { type: 'up' }
      : { type: 'down', reason: `${placeWords(place)} ${lacking ?? 'does not exist'}` };
  }

  get state(): PlaceState {
    return this.#state;
  }

  bound(): readonly BoundAddress[] {
    return this.#listeners.bound();
  }

  /**
   * Opens, keeps and closes listeners so that they are exactly these, for exactly these peers. While the place is not
   * there it is only remembered. Throws with the former listeners and keys in force.
   */
  listen(addresses: readonly ListenAddress[], access: readonly Access[]): Promise<void> {
    return this.#next(async () => {
      this.#watcher.look();
      const undo = this.transport.use(access);
      const before = this.#wanted;
      this.#wanted = addresses;
      try {
        await this.#apply();
      } catch (error) {
        this.#wanted = before;
        undo();
        this.#listeners.update();
        throw error;
      }
    });
  }

  /** Accepts nothing any more, and watches nothing. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#watcher.close();
    this.#listeners.close();
  }

  async #apply(): Promise<void> {
    if (this.#present) {
      await this.#listeners.set(this.#wanted);
      this.#listeners.update();
    }
    // It may have gone, or we may have been told to stop, while we waited.
    if (this.#closed || !this.#present) this.#listeners.close();
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }

  #changed(identity: string | undefined): void {
    this.#present = identity !== undefined;
    clearTimeout(this.#retry);
    if (this.#present) {
      this.#reopen();
      return;
    }
    this.#listeners.close();
    this.#say({ type: 'down', reason: `${placeWords(this.#place)} is gone` });
  }

  /** The place is there again; it counts as up when its listeners are open. */
  #reopen(): void {
    this.#next(() => this.#apply()).then(
      () => {
        if (this.#present && this.#state.type === 'down') this.#say({ type: 'up' });
      },
      (error: unknown) => {
        this.#say({ type: 'down', reason: error instanceof Error ? error.message : String(error) });
        if (this.#present) this.#retry = setTimeout(() => this.#reopen(), retryMilliseconds);
      },
    );
  }

  #say(state: PlaceState): void {
    const before = this.#state;
    const same =
      before.type === 'down' ? state.type === 'down' && state.reason === before.reason : state.type === 'up';
    if (this.#closed || same) return;
    this.#state = state;
    this.#owner.placed(state);
  }
}
