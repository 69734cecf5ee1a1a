/**
 * All routing instances of the daemon. They are added, changed and removed together, all or nothing as far as the
 * machine is concerned, and none is touched by what happens to another: one that breaks is torn down with Cease and
 * rebuilt alone; one whose listeners cannot be had when the daemon starts is down with that reason and tried again.
 */
import type { InstanceEvent } from '../api/ports.ts';
import type { PlaceState } from '../runtime/place-watcher.ts';
import type { InstanceSettings } from '../speaker/settings.ts';
import { sameSettings } from '../speaker/settings-diff.ts';
import type { SpeakerStop } from '../speaker/speaker.ts';
import type { ManagementPort, SpeakerEvent } from '../speaker/views.ts';
import { RunningInstance } from './running-instance.ts';
import { VpnLink } from './vpn-link.ts';

const firstRetryMilliseconds = 1000;
const longestRetryMilliseconds = 60_000;
const flushMilliseconds = 2000;

export interface InstanceSetOptions {
  readonly version: string;
  /** Host milliseconds. */
  readonly now: () => number;
  /** Did this instance, here or elsewhere, go down in order to come back (RFC 4724 §4.1)? Asked when it is made. */
  readonly restarted: (settings: InstanceSettings) => boolean;
  /** Must neither block nor throw. Route events only while `watchRoutes(true)`. */
  readonly onEvent: (event: InstanceEvent, settings: InstanceSettings) => void;
}

interface Entry {
  settings: InstanceSettings;
  /** `undefined` while it is down and waits for the next try. */
  running: RunningInstance | undefined;
  /** Why it is down, apart from its place. */
  trouble: string | undefined;
  failures: number;
  retry: NodeJS.Timeout | undefined;
}

export class InstanceSet {
  readonly #options: InstanceSetOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #vpn: VpnLink;
  #routes = false;
  #stopped = false;

  constructor(options: InstanceSetOptions) {
    this.#options = options;
    this.#vpn = new VpnLink(options.now() | 0);
  }

  /** The first instances. Throws only for the default one; a tenant that cannot listen is tried again. */
  async start(first: readonly InstanceSettings[]): Promise<void> {
    for (const settings of first) {
      const entry = this.#add(settings);
      const running = this.#make(entry, this.#options.restarted(settings));
      try {
        await running.listen(settings.router.listen);
        this.#run(entry, running);
      } catch (error) {
        await running.end({ type: 'silent' }, 0);
        if (settings.name === 'default') throw error;
        this.#down(entry, messageOf(error));
      }
    }
  }

  /**
   * These instances and no others. Throws, with the former ones in force, when a listener or key that is new cannot be
   * had; sessions are touched only when everything is there.
   */
  async apply(next: readonly InstanceSettings[]): Promise<void> {
    const wanted = new Map(next.map((settings) => [settings.name, settings]));
    const plan = this.#plan(wanted);
    const made = new Map<string, RunningInstance>();
    try {
      // What nobody keeps is given up first: addresses may pass from one instance to another.
      for (const { running, settings, after, kept } of plan)
        await running.listen(kept, after ?? { ...settings, peers: [], dynamicPeers: [] });
      for (const { running, after } of plan) if (after) await running.listen(after.router.listen, after);
      for (const settings of wanted.values()) {
        const before = this.#entries.get(settings.name);
        if (before && sameSettings(before.settings.place, settings.place)) continue;
        const running = this.#make({ settings }, this.#options.restarted(settings));
        made.set(settings.name, running);
        await running.listen(settings.router.listen);
      }
    } catch (error) {
      for (const running of made.values()) await running.end({ type: 'silent' }, 0);
      for (const { running, settings } of plan)
        await running.listen(settings.router.listen, settings).catch(() => {});
      throw error;
    }
    this.#commit(wanted, made);
  }

  /** Instances that go, move or change their listeners, with the listeners they keep. */
  #plan(wanted: ReadonlyMap<string, InstanceSettings>) {
    return [...this.#entries.values()].flatMap(({ settings, running }) => {
      const next = wanted.get(settings.name);
      if (!running || next === settings) return [];
      const after = next && sameSettings(next.place, settings.place) ? next : undefined;
      const kept = settings.router.listen.filter((address) =>
        after?.router.listen.some((other) => sameSettings(address, other)),
      );
      return [{ running, settings, after, kept }];
    });
  }

  #commit(wanted: ReadonlyMap<string, InstanceSettings>, made: ReadonlyMap<string, RunningInstance>): void {
    for (const [key, entry] of [...this.#entries]) {
      const next = wanted.get(key);
      if (next === undefined) this.#remove(entry);
      else if (made.has(key)) this.#retire(entry);
      else this.#change(entry, next);
    }
    for (const [key, running] of made) {
      const settings = running.settings;
      const entry = this.#entries.get(key) ?? this.#add(settings);
      entry.settings = settings;
      this.#run(entry, running);
    }
  }

  #change(entry: Entry, next: InstanceSettings): void {
    if (sameSettings(entry.settings, next)) return;
    entry.settings = next;
    if (!entry.running) {
      clearTimeout(entry.retry);
      entry.failures = 0;
      void this.#tryAgain(entry);
      return;
    }
    try {
      entry.running.reconfigure(next);
      this.#vpn.join(entry.running.exchangeSide, next);
    } catch (error) {
      this.#broken(entry, entry.running, error);
    }
  }

  #add(settings: InstanceSettings): Entry {
    const entry = { settings, running: undefined, trouble: undefined, failures: 0, retry: undefined };
    this.#entries.set(settings.name, entry);
    this.#say(settings, 'instance-added');
    return entry;
  }

  #remove(entry: Entry): void {
    this.#retire(entry);
    this.#entries.delete(entry.settings.name);
    this.#say(entry.settings, 'instance-removed');
  }

  /** What runs of it ends; the entry stays. */
  #retire(entry: Entry): void {
    clearTimeout(entry.retry);
    const { running } = entry;
    entry.running = undefined;
    this.#vpn.leave(entry.settings.name);
    if (running) this.#leave(running.remove(flushMilliseconds));
  }

  #leave(done: Promise<void>): void {
    this.#leaving.add(done);
    void done.finally(() => this.#leaving.delete(done));
  }

  #make(entry: Pick<Entry, 'settings'>, restarted = false): RunningInstance {
    const { onEvent, version } = this.#options;
    const { settings } = entry;
    const current = (): Entry | undefined => {
      const found = this.#entries.get(settings.name);
      return found?.running === running ? found : undefined;
    };
    const running: RunningInstance = new RunningInstance(
      settings,
      {
        version,
        event: (event) => onEvent(event, settings),
        placed: (state) => this.#placed(settings, state),
        broken: (error) => {
          const found = current();
          if (found) this.#broken(found, running, error);
        },
      },
      restarted,
    );
    return running;
  }

  #run(entry: Entry, running: RunningInstance): void {
    entry.running = running;
    entry.trouble = undefined;
    if (this.#routes) this.#watch(running);
    if (running.place.type === 'down') this.#placed(entry.settings, running.place);
    try {
      running.start();
      this.#vpn.join(running.exchangeSide, entry.settings);
    } catch (error) {
      this.#broken(entry, running, error);
    }
  }

  #placed(settings: InstanceSettings, state: PlaceState): void {
    if (state.type === 'up') this.#say(settings, 'instance-up');
    else this.#say(settings, 'instance-down', state.reason);
  }

  #broken(entry: Entry, running: RunningInstance | undefined, error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const event = { type: 'internal-error', at: this.#options.now(), peer: undefined, detail } as const;
    this.#options.onEvent(event, entry.settings);
    entry.running = undefined;
    this.#vpn.leave(entry.settings.name);
    const ended = running?.end({ type: 'admin-shutdown', message: 'internal error' }, flushMilliseconds);
    if (ended) this.#leave(ended);
    this.#down(entry, 'internal error: it is built anew');
  }

  /** Tried again after a while, longer each time. */
  #down(entry: Entry, reason: string): void {
    entry.trouble = reason;
    this.#say(entry.settings, 'instance-down', reason);
    const wait = Math.min(firstRetryMilliseconds * 2 ** entry.failures++, longestRetryMilliseconds);
    clearTimeout(entry.retry);
    if (!this.#stopped) entry.retry = setTimeout(() => void this.#tryAgain(entry), wait);
  }

  async #tryAgain(entry: Entry): Promise<void> {
    const { settings } = entry;
    const running = this.#make(entry);
    try {
      await running.listen(settings.router.listen);
    } catch (error) {
      await running.end({ type: 'silent' }, 0);
      if (this.#waits(entry, settings)) this.#down(entry, messageOf(error));
      return;
    }
    // It may have been changed, removed or stopped meanwhile.
    if (!this.#waits(entry, settings)) {
      await running.end({ type: 'silent' }, 0);
      if (this.#entries.get(settings.name) === entry && !entry.running && !this.#stopped)
        await this.#tryAgain(entry);
      return;
    }
    this.#run(entry, running);
    this.#say(settings, 'instance-up');
  }

  #waits(entry: Entry, settings: InstanceSettings): boolean {
    const isOurs = this.#entries.get(settings.name) === entry && entry.settings === settings;
    return isOurs && entry.running === undefined && !this.#stopped;
  }

  #say(settings: InstanceSettings, type: 'instance-added' | 'instance-removed' | 'instance-up'): void;
  #say(settings: InstanceSettings, type: 'instance-down', reason: string): void;
  #say(
    settings: InstanceSettings,
    type: Exclude<InstanceEvent, SpeakerEvent>['type'],
    reason?: string,
  ): void {
    this.#options.onEvent({ type, at: this.#options.now(), reason }, settings);
  }

  // --- Who asks ---

  list(): readonly InstanceSettings[] {
    return [...this.#entries.values()].map(({ settings }) => settings);
  }

  /** Why it is down; `undefined` when it is not. */
  trouble(key: string): string | undefined {
    const entry = this.#entries.get(key);
    const place = entry?.running?.place;
    return entry?.trouble ?? (place?.type === 'down' ? place.reason : undefined);
  }

  /** `undefined` while it waits to be built anew. */
  management(key: string): ManagementPort | undefined {
    return this.#entries.get(key)?.running?.management;
  }

  /** Of heliod. */
  get version(): string {
    return this.#options.version;
  }

  /** One that runs, to be followed; another object after it was built anew. */
  followed(key: string): Pick<RunningInstance, 'monitored' | 'management' | 'settings'> | undefined {
    return this.#entries.get(key)?.running;
  }

  /** Best-path changes cost nothing while nobody wants them. */
  watchRoutes(wanted: boolean): void {
    if (wanted === this.#routes) return;
    this.#routes = wanted;
    for (const { running } of this.#entries.values()) {
      if (running && wanted) this.#watch(running);
      else running?.watchRoutes(undefined);
    }
  }

  #watch(running: RunningInstance): void {
    running.watchRoutes((event) => this.#options.onEvent(event, running.settings));
  }

  /** Interfaces come and go without a word. */
  lookAround(): void {
    for (const { running } of this.#entries.values()) running?.lookAround();
  }

  /** Ends everything, each instance as told. */
  async stop(how: (settings: InstanceSettings) => SpeakerStop): Promise<void> {
    this.#stopped = true;
    this.#vpn.stop();
    const ends = [...this.#entries.values()].map(({ settings, running, retry }) => {
      clearTimeout(retry);
      return running?.end(how(settings), flushMilliseconds);
    });
    await Promise.all([...ends, ...this.#leaving]);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
