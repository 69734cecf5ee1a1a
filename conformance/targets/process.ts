// A daemon as a child process: started, awaited by connecting to it, watched, stopped by its own process id.
//
// Owns no configuration language; the adapters bring the text and the command line.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Transport } from '../engine/transport.ts';
import { subnetAddresses, subnetCommands } from './addresses.ts';
import type { Control, Exit, Instance } from './target.ts';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly address: string;
  readonly port: number;
  /** In a network namespace of its own, with the subnet of addresses.ts. */
  readonly subnet: boolean;
  readonly configuration: string;
  /** A log file the daemon writes beside its standard output. */
  readonly logFile?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly control?: Control;
  /** How it is ended so that it comes back with its neighbours waiting, and what it is told beside `args` then. */
  readonly again?: { readonly signal: NodeJS.Signals; readonly args: readonly string[] };
}

/** Daemons that run now: none may outlive the tester. */
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const READY_MS = 20_000;
const STOP_MS = 3_000;
const LOG_LIMIT = 4_000_000;

export async function launch(options: Launch): Promise<Instance> {
  let one = await begin(options, options.args);
  let before = '';
  const { again, control } = options;
  const restart = async () => {
    one.kill(again?.signal ?? 'SIGKILL');
    await one.gone;
    before += one.output();
    one = await begin(options, [...options.args, ...(again?.args ?? [])]);
  };
  return {
    address: options.address,
    port: options.port,
    namespace: options.subnet ? namespaceOf(one.pid) : undefined,
    configuration: options.configuration,
    exit: () => one.exit(),
    log: () => before + one.output() + fileText(options.logFile),
    residentOctets: () => residentOctets(one.pid),
    terminate: () => one.kill('SIGTERM'),
    stop: () => one.stop(),
    ...(again === undefined ? {} : { restart }),
    ...(control === undefined ? {} : { control }),
  };
}

interface Running {
  readonly pid: number | undefined;
  readonly gone: Promise<void>;
  readonly output: () => string;
  /** Undefined while it runs, and when it was told to end. */
  readonly exit: () => Exit | undefined;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

/** Starts the process and waits until it listens. */
async function begin(options: Launch, args: readonly string[]): Promise<Running> {
  const [command, words] = options.subnet ? inNamespace(options.command, args) : [options.command, args];
  const child = spawn(command, words, {
    cwd: options.directory,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output: string[] = [];
  let size = 0;
  const collect = (chunk: Buffer) => {
    if (size < LOG_LIMIT) output.push(chunk.toString());
    size += chunk.length;
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  let exit: Exit | undefined;
  let asked = false;
  const gone = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('exit', (code, signal) => {
      exit = { code, signal };
      running.delete(child);
      resolve();
    });
  });
  const failed = () => exit !== undefined || child.pid === undefined;
  const reached = () =>
    options.subnet ? reachedInside(options, child.pid) : canConnect(options.address, options.port);
  if (!(await ready(reached, failed))) {
    await stop(child, gone);
    const words = output.join('') + fileText(options.logFile);
    throw new Error(`${options.command} did not become ready: ${words.slice(-1500)}`);
  }
  return {
    pid: child.pid,
    gone,
    output: () => output.join(''),
    exit: () => (asked ? undefined : exit),
    kill: (signal) => {
      asked = true;
      child.kill(signal);
    },
    stop: () => stop(child, gone),
  };
}

/** Runs a command of the daemon's own; throws with its words when it refuses. Always true, for `Control`. */
export function execute(command: string, args: readonly string[]): Promise<true> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: 10_000 }, (error, stdout, stderr) => {
      const words = `${stdout}${stderr}`.trim();
      if (error === null) resolve(true);
      else reject(new Error(`${command} ${args.join(' ')}: ${words || error.message}`));
    });
  });
}

const fileText = (file: string | undefined): string =>
  file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';

const namespaceOf = (pid: number | undefined): string => `/proc/${pid}/ns/net`;

/** The command keeps the process id: every step of the way becomes the next one. */
function inNamespace(command: string, args: readonly string[]): [string, readonly string[]] {
  const script = [...subnetCommands, 'exec "$0" "$@"'].join(' && ');
  return ['unshare', ['-n', 'sh', '-c', script, command, ...args]];
}

async function reachedInside({ address, port }: Launch, pid: number | undefined): Promise<boolean> {
  const dial = { localAddress: subnetAddresses.tester, address, port, namespace: namespaceOf(pid) };
  // Until the process has moved into its namespace, there is no such address to bind to.
  const socket = await new Transport({}).dial(dial, 200).catch(() => undefined);
  socket?.destroy();
  return socket !== undefined;
}

async function ready(reached: () => Promise<boolean>, failed: () => boolean): Promise<boolean> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until && !failed()) {
    if (await reached()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function canConnect(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}

function residentOctets(pid: number | undefined): number | undefined {
  const status = `/proc/${pid}/status`;
  if (pid === undefined || !existsSync(status)) return undefined;
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'));
  return found === null ? undefined : Number(found[1]) * 1024;
}

/** First match of `pattern` in what a command prints; `unknown` if the command is not there. */
export function versionFrom(command: string, args: readonly string[], pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, (_error, stdout, stderr) =>
      resolve(pattern.exec(stdout + stderr)?.[1] ?? 'unknown'),
    );
  });
}
