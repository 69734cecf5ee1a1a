/**
 * One prefix is announced, awaited at the far side, withdrawn, awaited, again and again; first alone, then beside a
 * neighbour whose prefixes change without end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { MeasuredDaemon } from './daemons.ts';
import { background, backgroundPrefixes, connected, measure, type Side } from './one-prefix.ts';
import { networkOf, quantile } from './play.ts';
import type { Latency, RunOptions, RunResult } from './result.ts';

export interface LatencyStage {
  readonly daemon: MeasuredDaemon;
  readonly speaker: Side;
  readonly listener: Side;
  readonly neighbour: Side;
}

type Measures = Partial<Omit<RunResult, 'daemon' | 'scenario' | 'ok' | 'why' | 'prefixes' | 'seed'>>;

/** Three clients are up when `act` is called. */
export async function onLatencyStage(
  name: { readonly daemon: string; readonly scenario: string },
  { prefixes, seed }: RunOptions,
  act: (stage: LatencyStage) => Promise<Measures>,
): Promise<RunResult> {
  const identity = { ...name, prefixes, seed };
  const network = networkOf(3);
  const sides: Side[] = [];
  let daemon: MeasuredDaemon | undefined;
  try {
    daemon = await MeasuredDaemon.start(name.daemon, network);
    const [speaker, listener, neighbour] = await Promise.all(
      [0, 1, 2].map((peer) => connected(network, peer)),
    );
    sides.push(speaker, listener, neighbour);
    await pause(1000);
    const measures = await act({ daemon, speaker, listener, neighbour });
    return { ...identity, ok: true, ...measures, rssPeakMiB: daemon.usage().rssPeakMiB };
  } catch (error) {
    return { ...identity, ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    for (const { session } of sides) session.close();
    await daemon?.stop();
  }
}

export function runLatency(daemon: string, options: RunOptions): Promise<RunResult> {
  const { prefixes, seed } = options;
  return onLatencyStage({ daemon, scenario: 'latency' }, options, async (stage) => {
    const { speaker, listener, neighbour } = stage;
    const before = stage.daemon.usage().cpuSeconds;
    const idle = await measure(speaker, listener, { seed });
    const changing = Math.max(backgroundPrefixes, Math.floor(prefixes / 10));
    const stop = background(neighbour.session, { prefixes: changing, seed });
    const loaded = await measure(speaker, listener, { seed });
    stop();
    const latency: Latency = {
      idleP50Ms: quantile(idle, 0.5),
      idleP99Ms: quantile(idle, 0.99),
      loadedP50Ms: quantile(loaded, 0.5),
      loadedP99Ms: quantile(loaded, 0.99),
    };
    return { latency, cpuSeconds: stage.daemon.usage().cpuSeconds - before };
  });
}
