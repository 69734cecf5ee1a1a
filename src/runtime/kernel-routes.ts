/**
 * One instance and the kernel: its best routes into the table of its place, next hops out of it. Joins the speaker, the
 * forwarding table (fib/) and `ip` (kernel/): one reading or one batch at a time, the event loop free in between.
 * Adopts or removes what an earlier run left behind; at the end removes what it installed, unless told to keep it.
 */
import { batchOutcome } from '../fib/batch.ts';
import { ForwardingTable } from '../fib/forwarding-table.ts';
import { KernelTable } from '../fib/kernel-table.ts';
import { parseDestination } from '../fib/parse-prefix.ts';
import { ForwardingWalk } from '../fib/walk.ts';
import { feedForwarding } from '../speaker/best-routes.ts';
import type { InstanceSettings } from '../speaker/settings.ts';
import { sameSettings } from '../speaker/settings-diff.ts';
import type { Speaker } from '../speaker/speaker.ts';
import type { FibPort, FibQuery, FibView } from '../speaker/views.ts';
import { TableClaim } from './kernel/claims.ts';
import { runIp } from './kernel/ip-command.ts';
import { PlaceReader } from './kernel/place-reader.ts';
import { type KernelChange, KernelWatcher } from './kernel/watcher.ts';
import { placeWords } from './place-watcher.ts';

/** What of the settings decides what is done here. */
type Part = Pick<InstanceSettings, 'place' | 'fib'> & { readonly resolves: boolean };

export interface KernelRoutesOptions {
  /** Links or addresses of the place changed. */
  readonly onInterfaces: () => void;
  /** An error of our own; what is installed stays as it is. */
  readonly onBroken: (error: unknown) => void;
  /** Default: that of the process. */
  readonly watcher?: KernelWatcher;
  readonly run?: typeof runIp;
}

/** About 50 ms of `ip`: what a link that goes down has to wait for at most. */
const batchLines = 2000;
/** Changes that come together are done together. */
const gatherMilliseconds = 5;
/** Events of one change of a link come in a burst. */
const settleMilliseconds = 20;
const firstRetryMilliseconds = 1000;
const longestRetryMilliseconds = 60_000;
const leftoverPollMilliseconds = 250;

const processWatcher = new KernelWatcher();

export class KernelRoutes implements FibPort {
  readonly #speaker: Speaker;
  readonly #options: KernelRoutesOptions;
  readonly #part: Part;
  readonly #reader: PlaceReader;
  readonly #table: ForwardingTable | undefined;
  readonly #claim: TableClaim | undefined;
  #stopFeed: (() => void) | undefined;
  #watch: ReturnType<KernelWatcher['watch']> | undefined;
  #loop: Promise<void> | undefined;
  #wantsReading = true;
  #readSoon: NodeJS.Timeout | undefined;
  #workSoon: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #leftovers: NodeJS.Timeout | undefined;
  #failures = 0;
  #problem: string | undefined;
  #placeIsDown = false;
  /** Host milliseconds: the next reading does not begin earlier. */
  #notBefore = 0;
  #state: 'running' | 'removing' | 'stopped' = 'running';

  /** Nothing happens before `start`. */
  constructor(speaker: Speaker, options: KernelRoutesOptions) {
    this.#speaker = speaker;
    this.#options = options;
    const { settings, host, restart } = speaker;
    this.#part = partOf(settings);
    this.#reader = new PlaceReader(settings.place, options.run ?? runIp);
    const { fib } = settings;
    if (fib === undefined) return;
    this.#claim = new TableClaim(`${placeWords(settings.place)} ${fib.table} ${fib.metric}`);
    this.#table = new ForwardingTable({
      ...fib,
      seed: Math.floor(host.random() * 2 ** 32),
      leftovers: restart.deferring ? 'keep' : 'remove',
      onFailure: ({ destination, reason, kind }) => {
        // Such a route is just about to lose its eligibility, which says the same.
        if (kind === 'refused' || !this.#part.resolves) this.#say(destination, reason);
      },
    });
  }

  /** Does a change of settings need another one of these? */
  fits(settings: InstanceSettings): boolean {
    return sameSettings(this.#part, partOf(settings));
  }

  /** Watches the place and begins to install. Everything is asynchronous; the table may be told of routes at once. */
  start(): void {
    const { place, fib, resolves } = this.#part;
    if (this.#table) {
      const table = this.#table;
      this.#speaker.fib = this;
      const want: ForwardingTable['want'] = (version, nlri, nextHops) => {
        table.want(version, nlri, nextHops);
        this.#work();
      };
      this.#stopFeed = feedForwarding(this.#speaker.instance, { want });
      this.#speaker.host.wake();
      this.#leftovers = setInterval(() => this.#releaseLeftovers(), leftoverPollMilliseconds);
    }
    if (fib === undefined && !resolves && place.type === 'host') return;
    const watcher = this.#options.watcher ?? processWatcher;
    this.#watch = watcher.watch(this.#reader.namespace, (change) => this.#changed(change));
    // What happened before the watch stood is in the reading that follows.
    void this.#watch.ready.then(() => this.#read(0));
  }

  /** The place went, or another one of its name came. */
  placeChanged(state: 'up' | 'down'): void {
    this.#placeIsDown = state === 'down';
    if (state === 'up') {
      void this.#watch?.again().then(() => this.#read(0));
      return;
    }
    this.#fail(`${placeWords(this.#part.place)} is gone`);
    this.#table?.forgetInstalled();
    this.#resolveFor(() => ({ reachable: false, cost: 0 }));
  }

  /** `remove`: what was installed is taken out again, for at most so long. */
  async stop(how: 'keep' | 'remove', patienceMilliseconds: number): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = how === 'remove' && !this.#placeIsDown ? 'removing' : 'stopped';
    this.#stopFeed?.();
    this.#watch?.stop();
    for (const timer of [this.#readSoon, this.#workSoon, this.#retry]) clearTimeout(timer);
    clearInterval(this.#leftovers);
    if (this.#speaker.fib === this) this.#speaker.fib = undefined;
    if (this.#table && this.#state === 'removing') {
      this.#table.close();
      let impatience: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        impatience = setTimeout(resolve, patienceMilliseconds);
      });
      await Promise.race([this.#run(), patience]);
      clearTimeout(impatience);
    }
    this.#state = 'stopped';
    await this.#loop;
    this.#claim?.release();
  }

  // --- When ---

  #changed(change: KernelChange): void {
    if (change.kind === 'link' || change.kind === 'address' || change.kind === 'lost')
      this.#options.onInterfaces();
    if (change.kind !== 'route' || change.protocol !== 'bgp') this.#read(settleMilliseconds);
    else if (change.deleted && this.#tookOurs(change.metric, change.destination))
      this.#read(settleMilliseconds);
  }

  /** Somebody removed what should be there. */
  #tookOurs(metric: number | undefined, destination: string | undefined): boolean {
    const table = this.#table;
    if (table === undefined || metric !== table.options.metric || destination === undefined) return false;
    const versions =
      destination === 'default' ? ([4, 6] as const) : ([destination.includes(':') ? 6 : 4] as const);
    return versions.some((version) => {
      const nlri = parseDestination(destination, version);
      return nlri !== undefined && table.isInstalled(version, nlri);
    });
  }

  /** Reads soon; never more than half of the time. */
  #read(delayMilliseconds: number): void {
    if (this.#state !== 'running' || this.#placeIsDown || this.#readSoon) return;
    if (this.#table === undefined && !this.#part.resolves) return;
    const wait = Math.max(delayMilliseconds, this.#notBefore - this.#speaker.host.now());
    this.#readSoon = setTimeout(() => {
      this.#readSoon = undefined;
      this.#wantsReading = true;
      void this.#run();
    }, wait);
  }

  #work(): void {
    if (this.#loop || this.#workSoon || this.#state !== 'running' || this.#placeIsDown) return;
    this.#workSoon = setTimeout(() => {
      this.#workSoon = undefined;
      void this.#run();
    }, gatherMilliseconds);
  }

  #retryLater(): void {
    if (this.#retry || this.#state !== 'running') return;
    const wait = Math.min(firstRetryMilliseconds * 2 ** this.#failures++, longestRetryMilliseconds);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#table?.retry();
      void this.#run();
    }, wait);
  }

  /** RFC 4724 §4.1: routes of the run before stay until the restart is over and its routes are decided. */
  #releaseLeftovers(): void {
    const { restart, instance, host } = this.#speaker;
    if (restart.deferring || instance.hasWork(host.now())) return;
    clearInterval(this.#leftovers);
    this.#table?.releaseLeftovers();
    this.#work();
  }

  // --- What ---

  /** One loop at a time; resolves when there is nothing more to do for now. */
  #run(): Promise<void> {
    this.#loop ??= this.#turns()
      .catch((error) => this.#options.onBroken(error))
      .finally(() => {
        this.#loop = undefined;
      });
    return this.#loop;
  }

  async #turns(): Promise<void> {
    await this.#claim?.taken;
    while (this.#state !== 'stopped' && !this.#placeIsDown) {
      if (this.#wantsReading || this.#table?.needsReading) {
        if (!(await this.#readNow())) break;
        continue;
      }
      const batch = this.#table?.nextBatch(batchLines);
      if (batch === undefined) break;
      const outcome = batchOutcome(await this.#reader.change(batch.lines));
      this.#table?.completed(batch, outcome);
      if (outcome.type === 'done') continue;
      this.#fail(outcome.reason);
      break;
    }
    const failed = this.#problem !== undefined || (this.#table?.failedCount ?? 0) > 0;
    if (failed) this.#retryLater();
    else this.#failures = 0;
  }

  /** False: it cannot be read now; it is tried again later. */
  async #readNow(): Promise<boolean> {
    this.#wantsReading = false;
    const began = this.#speaker.host.now();
    const table = this.#table;
    try {
      const { own, mainDevices } = await this.#reader.tables();
      const tables = new Set([own, ...(this.#part.fib ? [this.#part.fib.table] : [])]);
      const resolver = new KernelTable({ tables, mainDevices, defaultRoute: 'does-not-resolve' });
      table?.beginReading();
      await this.#reader.routes((route) => {
        resolver.add(route);
        table?.read(route);
      });
      if (this.#placeIsDown) return false;
      table?.resolve((nextHop) => resolver.resolve(nextHop));
      table?.endReading();
      this.#problem = undefined;
      this.#resolveFor((nextHop) => {
        const found = resolver.resolve(nextHop);
        return found.type === 'reachable'
          ? { reachable: true, cost: found.cost }
          : { reachable: false, cost: 0 };
      });
    } catch (error) {
      // What was known before stays in force.
      this.#wantsReading = true;
      this.#fail(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      const now = this.#speaker.host.now();
      this.#notBefore = now + (now - began);
    }
    return true;
  }

  #resolveFor(resolver: Parameters<Speaker['setKernelResolver']>[0]): void {
    if (this.#state === 'running') this.#speaker.setKernelResolver(resolver);
  }

  #fail(reason: string): void {
    if (this.#problem !== reason) this.#say(undefined, reason);
    this.#problem = reason;
  }

  #say(prefix: string | undefined, reason: string): void {
    const { host } = this.#speaker;
    host.event({ type: 'fib-failure', at: host.now(), prefix, reason });
  }

  // --- For management ---

  view(): FibView {
    const { place, fib } = this.#part;
    const table = this.#table;
    return {
      place: place.type === 'host' ? 'host' : `${place.type} ${place.name}`,
      table: fib?.table ?? 0,
      metric: fib?.metric ?? 0,
      problem: this.#problem,
      installed: table?.installedCount ?? 0,
      pending: table?.pendingCount ?? 0,
      failed: table?.failedCount ?? 0,
    };
  }

  routes({ state }: FibQuery): ForwardingWalk | { readonly next: () => undefined } {
    return this.#table ? new ForwardingWalk(this.#table, state) : { next: () => undefined };
  }
}

function partOf({ place, fib, router }: InstanceSettings): Part {
  return { place, fib, resolves: router.nextHopResolution === 'kernel' };
}
