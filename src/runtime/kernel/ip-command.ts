/**
 * Runs `ip` or `bridge` of iproute2, in a namespace where asked. A few at a time for the whole process, in the order in which they
 * were asked for: a hundred tenants whose links go down together do not start a hundred programs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { CommandEnd } from '../../fib/batch.ts';

export interface IpRequest {
  /** Of iproute2; both take the same options. */
  readonly program?: 'ip' | 'bridge';
  /** After the program and its namespace. */
  readonly args: readonly string[];
  /** A named namespace; `undefined`: where the process is. */
  readonly namespace: string | undefined;
  readonly input?: string;
  /** Standard output as it comes. */
  readonly onOutput?: (text: string) => void;
}

export type RunIp = (request: IpRequest) => Promise<CommandEnd>;

/** A batch takes 50 ms, a table of a million routes some seconds. */
const patienceMilliseconds = 60_000;
const maxStderrOctets = 4 * 1024 * 1024;
const atATime = 4;

let running = 0;
const waiting: (() => void)[] = [];

export const runIp: RunIp = async (request) => {
  if (running >= atATime) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await execute(request);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
};

/** A script of the shell, with all that it printed. */
export async function runShell(script: string): Promise<CommandEnd & { readonly stdout: string }> {
  let stdout = '';
  const onOutput = (text: string) => {
    stdout += text;
  };
  // Not in turn: leases end while hundreds of routes wait.
  const end = await runProgram('/bin/sh', ['-s'], { input: script, onOutput });
  return { ...end, stdout };
}

export function ipArguments({ args, namespace }: Pick<IpRequest, 'args' | 'namespace'>): readonly string[] {
  return namespace === undefined ? args : ['-n', namespace, ...args];
}

function execute(request: IpRequest): Promise<CommandEnd> {
  return runProgram(request.program ?? 'ip', ipArguments(request), request);
}

function runProgram(
  program: string,
  args: readonly string[],
  { input = '', onOutput }: Pick<IpRequest, 'input' | 'onOutput'>,
): Promise<CommandEnd> {
  // Without descriptors left it has no pipes either.
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  return new Promise((resolve) => {
    let problem: string | undefined;
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < maxStderrOctets) stderr += text;
    });
    const impatience = setTimeout(() => {
      problem = `${program} did not end within ${patienceMilliseconds / 1000} s`;
      child.kill('SIGKILL');
    }, patienceMilliseconds);
    const end = (code: number | null): void => {
      clearTimeout(impatience);
      resolve({ code: code ?? undefined, stderr, problem });
    };
    child.once('close', end).once('error', (error) => {
      problem ??= startProblem(error);
      end(null);
    });
    sendInput(child, input);
  });
}

/** What it does not take any more is known by its end. */
function sendInput({ stdin }: ChildProcess, input: string): void {
  stdin?.on('error', () => {});
  stdin?.end(input);
}

export function startProblem(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'there is no ip (iproute2 is not installed)' : error.message;
}
