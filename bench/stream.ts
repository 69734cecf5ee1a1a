/**
 * helioctl prints the whole table, again and again, beside a neighbour whose prefixes change without end: what that
 * costs in memory on both sides, and what becomes of the time that one prefix takes. In the result `latency`, `idle` is
 * without helioctl and `loaded` with it, both beside the neighbour.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { repository } from '../test/interop/harness/command.ts';
import { usageOf } from './daemons.ts';
import { makeTable } from './full-table.ts';
import { onLatencyStage, probedBeside } from './latency.ts';
import { background, backgroundPrefixes, measure, type Side } from './one-prefix.ts';
import { quantile } from './play.ts';
import type { Measured, RunOptions, RunResult } from './result.ts';
import { clock } from './session.ts';

export const stream: Measured & { readonly what: string } = {
  name: 'stream',
  what: 'helioctl prints the whole table beside 20,000 changes per second',
  daemons: ['heliod'],
  run: runStream,
};

function runStream(daemon: string, options: RunOptions): Promise<RunResult> {
  const { prefixes, seed } = options;
  const table = makeTable(prefixes, seed);
  return onLatencyStage({ daemon, scenario: stream.name }, options, async (stage) => {
    const { speaker, listener, neighbour } = stage;
    const socket = stage.daemon.apiSocket;
    if (socket === undefined) throw new Error(`${daemon} has no management API`);
    neighbour.session.write(table.bytes);
    await quiet(listener);
    const changing = Math.max(backgroundPrefixes, Math.floor(prefixes / 10));
    const stop = background(neighbour.session, { prefixes: changing, seed });
    const without = await measure(speaker, listener, { seed });
    const one = await listRoutes(socket, ['--limit', '1']);
    const { rssPeakMiB, cpuSeconds } = stage.daemon.usage();
    let measuring = true;
    const measured = measure(speaker, listener, { seed }).finally(() => {
      measuring = false;
    });
    // Of the first list: later on it is the neighbour's changes that grow.
    let daemonGrowthMiB: number | undefined;
    const listed = () => {
      daemonGrowthMiB ??= stage.daemon.usage().rssPeakMiB - rssPeakMiB;
      return measuring;
    };
    const [beside, lists] = await Promise.all([measured, listWhile(socket, listed)]);
    const after = stage.daemon.usage();
    stop();
    const api = await probedBeside(stage, () => listRoutes(socket));
    const short = lists.find(({ routes }) => routes < prefixes);
    if (short) throw new Error(`helioctl printed ${short.routes} routes of ${prefixes}`);
    return {
      stream: {
        routes: lists[0].routes,
        seconds: lists[0].seconds,
        clientGrowthMiB: Math.max(...lists.map((list) => list.rssPeakMiB)) - one.rssPeakMiB,
        daemonGrowthMiB: daemonGrowthMiB ?? Number.NaN,
      },
      latency: {
        idleP50Ms: quantile(without, 0.5),
        idleP99Ms: quantile(without, 0.99),
        loadedP50Ms: quantile(beside, 0.5),
        loadedP99Ms: quantile(beside, 0.99),
      },
      cpuSeconds: after.cpuSeconds - cpuSeconds,
      ...api,
    };
  });
}

/** Nothing has come for half a second. */
async function quiet({ lastAt }: Side): Promise<void> {
  await pause(500);
  while (clock() - lastAt() < 500) await pause(100);
}

interface Listed {
  readonly routes: number;
  readonly seconds: number;
  readonly rssPeakMiB: number;
}

/** The table at least once. */
async function listWhile(socket: string, wanted: () => boolean): Promise<readonly Listed[]> {
  const lists: Listed[] = [];
  do lists.push(await listRoutes(socket));
  while (wanted());
  return lists;
}

/** helioctl's lines are counted by `wc`, so that nobody else in this process has to wait for them. */
async function listRoutes(socket: string, options: readonly string[] = []): Promise<Listed> {
  const began = clock();
  const counter = spawn('wc', ['-l'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const helioctl = join(repository, 'bin/helioctl.js');
  const args = [helioctl, '--socket', socket, '--quiet', 'routes', '--output', 'ndjson', ...options];
  const client = spawn(process.execPath, args, { stdio: ['ignore', counter.stdin, 'inherit'] });
  counter.stdin.destroy();
  let rssPeakMiB = 0;
  const watch = setInterval(() => {
    rssPeakMiB = Math.max(rssPeakMiB, usageOf(client.pid ?? 0).rssPeakMiB);
  }, 20);
  try {
    let count = '';
    counter.stdout.on('data', (text) => {
      count += text;
    });
    const [code] = await Promise.all([ended(client), ended(counter)]);
    if (code !== 0) throw new Error(`helioctl routes ended with ${code}`);
    return { routes: Number(count), seconds: (clock() - began) / 1000, rssPeakMiB };
  } finally {
    clearInterval(watch);
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((done, failed) => {
    child.once('close', done);
    child.once('error', failed);
  });
}
