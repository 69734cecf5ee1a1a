/** Runs one program of the machine to its end, in a network namespace where asked. */
import { spawn } from 'node:child_process';

export interface Command {
  readonly program: 'ip' | 'nft';
  readonly args: readonly string[];
  readonly input?: string;
}

/** Resolves with what it printed; rejects with what it complained of. */
export type RunCommand = (command: Command, netns: string | undefined) => Promise<string>;

/** Of the Internet Protocol. */
export type Family = 4 | 6;
export const families: readonly Family[] = [4, 6];

/** Lines of `ip` that are one command; none for no lines. */
export function batch(lines: readonly string[], family: Family): readonly Command[] {
  if (lines.length === 0) return [];
  return [{ program: 'ip', args: [`-${family}`, '-batch', '-'], input: `${lines.join('\n')}\n` }];
}

const patienceMilliseconds = 10_000;

export const runCommand: RunCommand = ({ program, args, input = '' }, netns) => {
  const words = netns === undefined ? [program, ...args] : ['ip', 'netns', 'exec', netns, program, ...args];
  const [first = program, ...rest] = words;
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'pipe'], timeout: patienceMilliseconds });
  return new Promise((resolve, reject) => {
    let [printed, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(printed);
      else
        reject(new Error(`${program} ${args.join(' ')}: ${complaint.trim() || (signal ?? `exit ${code}`)}`));
    });
    // What it does not take any more is known by its end.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
};
