/** The guard as seen from the daemon: started, told how far the daemon is, started again when it dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type GuardLine, type GuardOptions, guardReady } from '../agent/guard-protocol.ts';

const restartMilliseconds = 1000;

export interface GuardProcessOptions extends GuardOptions {
  /** The program. */
  readonly program: string;
  readonly onDeath: (detail: string) => void;
}

export class GuardProcess {
  readonly #options: GuardProcessOptions;
  #child: ChildProcess | undefined;
  #revision = 0;
  #ended = false;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: GuardProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it watches, which is when the guard of a former daemon has finished its work. */
  async start(): Promise<void> {
    const { program, onDeath, gateway, endpoints, tokenFile, incarnation } = this.#options;
    // In a session of its own: what is sent to the daemon's group is not for it.
    const child = spawn(process.execPath, ['--max-semi-space-size=1', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    const died = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        resolve();
        if (this.#ended) return;
        onDeath(signal ?? `exit code ${code}`);
        this.#restart = setTimeout(() => void this.start(), restartMilliseconds);
      });
    });
    this.#tell({ type: 'guard', gateway, endpoints, tokenFile, incarnation });
    this.applied(this.#revision);
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === guardReady) resolve();
      });
    });
    await Promise.race([ready, died]);
  }

  applied(revision: number): void {
    this.#revision = revision;
    this.#tell({ type: 'applied', revision });
  }

  /** Everything was let go of and said to be so. */
  farewell(): void {
    this.#ended = true;
    clearTimeout(this.#restart);
    this.#tell({ type: 'farewell' });
    this.#child?.stdin?.end();
  }

  #tell(line: GuardLine): void {
    this.#child?.stdin?.write(`${JSON.stringify(line)}\n`);
  }
}
