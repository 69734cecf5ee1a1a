/**
 * One `ip monitor all-nsid` for all places of the process: says where links, addresses or routes changed. It prints
 * events of every namespace that has an id here, so a namespace that is to be watched is given one. When it lost events
 * or died, everybody is told to look, and it is started again. What is there is not its business: see place-reader.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  isBgpAddition,
  KnownAddresses,
  type MonitorEvent,
  parseMonitorLine,
} from '../../fib/monitor-line.ts';
import { type RunIp, runIp, startProblem } from './ip-command.ts';

/** `lost`: nobody knows what happened. */
export type KernelChange = MonitorEvent | { readonly kind: 'lost'; readonly reason: string };

interface Watch {
  readonly namespace: string | undefined;
  readonly listener: (change: KernelChange) => void;
  /** Namespace id; `undefined` until it is known. */
  id: number | 'current' | undefined;
}

const restartMilliseconds = 1000;

export class KernelWatcher {
  readonly #run: RunIp;
  readonly #watches = new Set<Watch>();
  readonly #addresses = new KnownAddresses();
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #rest = '';
  #problem = '';

  constructor(run: RunIp = runIp) {
    this.#run = run;
  }

  /**
   * Watches a named namespace, or `undefined` for that of the process. Events count from when the promise of `ready`
   * is fulfilled; before it the listener may hear some of them. Call `again` when a namespace of the name is another.
   */
  watch(
    namespace: string | undefined,
    listener: Watch['listener'],
  ): { readonly ready: Promise<void>; readonly again: () => Promise<void>; readonly stop: () => void } {
    const watch: Watch = { namespace, listener, id: namespace === undefined ? 'current' : undefined };
    this.#watches.add(watch);
    const again = () => this.#identify(watch);
    const ready = this.#start().then(again);
    return { ready, again, stop: () => this.#forget(watch) };
  }

  #forget(watch: Watch): void {
    this.#watches.delete(watch);
    if (this.#watches.size > 0) return;
    clearTimeout(this.#restart);
    this.#restart = undefined;
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGTERM');
  }

  /** Gives the namespace an id, if it has none, and remembers which. */
  async #identify(watch: Watch): Promise<void> {
    const { namespace } = watch;
    if (namespace === undefined) return;
    await this.#run({ args: ['netns', 'set', namespace, 'auto'], namespace: undefined });
    let text = '';
    await this.#run({
      args: ['-j', 'netns', 'list'],
      namespace: undefined,
      onOutput: (part) => {
        text += part;
      },
    });
    watch.id = namespaceIds(text).get(namespace);
  }

  /** Resolves once the monitor runs, or cannot be had for now. */
  #start(): Promise<void> {
    if (this.#child !== undefined || this.#restart !== undefined) return Promise.resolve();
    const child: ChildProcess = spawn('ip', ['monitor', 'all-nsid', 'link', 'address', 'route'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#rest = '';
    this.#problem = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(child, text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#problem = text.trim().slice(0, 500);
      // Such as `netlink receive error No buffer space available`: it goes on.
      if (this.#child === child) this.#tellAll(this.#problem);
    });
    return new Promise((resolve) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        this.#ended(child, startProblem(error));
        resolve();
      });
      child.once('exit', () => this.#ended(child, this.#problem || 'ip monitor ended'));
    });
  }

  #ended(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      void this.#start().then(() => this.#tellAll(reason));
    }, restartMilliseconds);
    this.#restart.unref();
  }

  #tellAll(reason: string): void {
    this.#addresses.forget();
    for (const { listener } of this.#watches) listener({ kind: 'lost', reason });
  }

  #read(child: ChildProcess, text: string): void {
    if (this.#child !== child) return;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = isBgpAddition(line) ? undefined : parseMonitorLine(line);
      if (event === undefined || !this.#addresses.isNews(event)) continue;
      for (const { id, listener } of this.#watches) if (id === event.namespace) listener(event);
    }
  }
}

/** Of `ip -j netns list`; those without an id are left out. */
export function namespaceIds(json: string): ReadonlyMap<string, number> {
  try {
    const list: readonly { readonly name: string; readonly id?: number }[] = JSON.parse(json || '[]');
    return new Map(list.flatMap(({ name, id }) => (id === undefined ? [] : [[name, id] as const])));
  } catch {
    return new Map();
  }
}
