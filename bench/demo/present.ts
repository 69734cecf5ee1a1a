/** How the demos talk: titles, commands as an operator would type them with what they print, and one way to end. */
import { once } from 'node:events';
import type { Example } from './world.ts';

const isTerminal = process.stdout.isTTY === true && !process.env.NO_COLOR;

export const bold = (text: string): string => (isTerminal ? `\x1b[1m${text}\x1b[0m` : text);
const cyan = (text: string): string => (isTerminal ? `\x1b[36m${text}\x1b[0m` : text);
export const green = (text: string): string => (isTerminal ? `\x1b[32m${text}\x1b[0m` : text);

export const say = (text = ''): void => void process.stdout.write(`${text}\n`);

export async function show({ title, command, run }: Example): Promise<void> {
  const text = await run();
  say(`\n${bold(title)}`);
  say(cyan(`$ ${command}`));
  say(text.trimEnd().replace(/^/gm, '  '));
}

/** What a demo is made of, once it is built. */
export interface Stage {
  readonly logs: () => string;
  readonly close: () => Promise<void>;
}

export interface Play<T extends Stage> {
  readonly build: () => Promise<T>;
  /** Shows everything; throws where something is not as it should be. */
  readonly present: (stage: T) => Promise<void>;
  /** The last line when all was shown. */
  readonly verdict: string;
  /** With `once` it ends after `present`; else it invites and stays until Ctrl-C. */
  readonly once: boolean;
  readonly invite: (stage: T) => void;
}

/** Plays it whole and removes everything, whatever happens; resolves to the exit code. */
export async function play<T extends Stage>({
  build,
  present,
  verdict,
  once: short,
  invite,
}: Play<T>): Promise<number> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const; // SIGHUP: the terminal was closed
  for (const signal of signals) process.on(signal, () => undefined); // a second one must not stop the cleaning up
  const interrupted = Promise.race(signals.map((signal) => once(process, signal))).then(() => undefined);
  const building = build();
  // Interrupted while it is built: what there is by then is removed as soon as it stands.
  const stage = await Promise.race([building, interrupted]);
  if (stage === undefined) {
    say('\nInterrupted: removing what was built.');
    await building.then(({ close }) => close()).catch(() => undefined);
    return 130;
  }
  try {
    const wasInterrupted = await Promise.race([
      present(stage).then(() => false),
      interrupted.then(() => true),
    ]);
    if (wasInterrupted) return 130;
    say(`\n${green(verdict)}`);
    if (short) return 0;
    invite(stage);
    await interrupted;
    return 0;
  } catch (error) {
    process.stderr.write(
      `${stage.logs()}\n\ndemo: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  } finally {
    await stage.close();
  }
}

/** `--once` or nothing; `undefined` for words that it does not know, which were complained of. */
export function onceOf(args: readonly string[], script: string): boolean | undefined {
  if (args.every((word) => word === '--once')) return args.length > 0;
  process.stderr.write(`usage: npm run ${script} [-- --once]\n`);
  return undefined;
}
