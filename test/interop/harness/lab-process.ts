/** One daemon under test: started with its output in a file, ended by its process id, and asked how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class LabProcess {
  readonly label: string;
  readonly #log: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<ProcessEnd>;
  #end: ProcessEnd | undefined;

  constructor(
    label: string,
    file: string,
    args: readonly string[],
    { log, env }: { readonly log: string; readonly env: Readonly<Record<string, string>> },
  ) {
    this.label = label;
    this.#log = log;
    const descriptor = openSync(log, 'w');
    this.#child = spawn(file, args, {
      stdio: ['ignore', descriptor, descriptor],
      env: { ...process.env, ...env },
    });
    closeSync(descriptor);
    this.#ended = new Promise((done) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#end = { code, signal };
        done(this.#end);
      };
      this.#child.once('exit', end).once('error', () => end(null, null));
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.label} did not start`);
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#end === undefined;
  }

  log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  describe(): string {
    const state = this.#end ? `ended (${this.#end.signal ?? `exit code ${this.#end.code}`})` : 'running';
    // One answer to a request looks like another.
    const lines = this.log()
      .split('\n')
      .filter((line) => !/ bytes from .* icmp_seq=/.test(line));
    return `---- ${this.label}: ${state}\n${lines.join('\n').slice(-3000)}`;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(name);
  }

  /** Resolves when it has ended. */
  ended(): Promise<ProcessEnd> {
    return this.#ended;
  }

  /** Sends SIGKILL: what a crash looks like to its peers. */
  async crash(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }

  /** Asks it to end, and insists after `graceMs`. */
  async stop(graceMs = 5000): Promise<ProcessEnd> {
    this.signal('SIGTERM');
    const insistence = setTimeout(() => this.signal('SIGKILL'), graceMs);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(insistence);
    }
  }

  /** Waits for `probe`, but no longer than the process lives. */
  async ready<T>(what: string, probe: () => Promise<T | undefined | false>, within = 15_000): Promise<T> {
    let died = false;
    const value = await eventually(
      `${this.label}: ${what}`,
      async () => {
        died = !this.isRunning;
        return died ? ('died' as const) : await probe();
      },
      { within, every: 50 },
    );
    if (!died) return value as T;
    throw new Error(`${this.label} ended before: ${what}\n${this.describe()}`);
  }
}
