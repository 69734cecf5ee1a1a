/**
 * The kernel's side of one running instance, over all its settings: KernelRoutes for those that count now, another one
 * when they change. What the former installed it takes out before its successor writes to the same table.
 */
import type { InstanceSettings } from '../speaker/settings.ts';
import { sameSettings } from '../speaker/settings-diff.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { KernelRoutes, type KernelRoutesOptions } from './kernel-routes.ts';

/** 50,000 routes are removed in one or two seconds. */
const removalMilliseconds = 5000;

export class KernelSide {
  readonly #speaker: Speaker;
  readonly #options: KernelRoutesOptions;
  readonly #leaving = new Set<Promise<void>>();
  #routes: KernelRoutes | undefined;
  #fib: InstanceSettings['fib'];

  constructor(speaker: Speaker, options: KernelRoutesOptions) {
    this.#speaker = speaker;
    this.#options = options;
  }

  /** Before the speaker starts, so that routes of an earlier run are known early. */
  start(): void {
    this.#fib = this.#speaker.settings.fib;
    this.#routes = new KernelRoutes(this.#speaker, this.#options);
    this.#routes.start();
  }

  /** After the speaker was given new settings, of the same place. */
  reconfigured(): void {
    const { settings } = this.#speaker;
    if (this.#routes === undefined || this.#routes.fits(settings)) return;
    this.#leave(this.#routes, sameSettings(settings.fib, this.#fib) ? 'keep' : 'remove');
    this.start();
  }

  placeChanged(state: 'up' | 'down'): void {
    this.#routes?.placeChanged(state);
  }

  /** `keep`: a graceful restart follows. */
  async stop(how: 'keep' | 'remove'): Promise<void> {
    if (this.#routes) this.#leave(this.#routes, how);
    this.#routes = undefined;
    await Promise.all(this.#leaving);
  }

  #leave(routes: KernelRoutes, how: 'keep' | 'remove'): void {
    const left = routes.stop(how, removalMilliseconds);
    this.#leaving.add(left);
    void left.finally(() => this.#leaving.delete(left));
  }
}
