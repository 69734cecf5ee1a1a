/**
 * One prefix is announced, awaited at the far side, withdrawn, awaited, again and again; first alone, then beside a
 * neighbour whose prefixes change without end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { MeasuredDaemon } from './daemons.ts';
import { background, backgroundPrefixes, connected, measure, type Side } from './one-prefix.ts';
import { PeerProcess } from './peer-process.ts';
import { networkOf, type Probe, probed, quantile, startProbe } from './play.ts';
import type { Latency, RunOptions, RunResult } from './result.ts';

export interface LatencyStage {
  readonly daemon: MeasuredDaemon;
  readonly probe: Probe;
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
  const probe: Probe = new PeerProcess('probe');
  let daemon: MeasuredDaemon | undefined;
  try {
    daemon = await MeasuredDaemon.start(name.daemon, network);
    const [speaker, listener, neighbour] = await Promise.all(
      [0, 1, 2].map((peer) => connected(network, peer)),
    );
    sides.push(speaker, listener, neighbour);
    await pause(1000);
    const measures = await act({ daemon, probe, speaker, listener, neighbour });
    const { rssPeakMiB } = daemon.usage();
    const longestKeepaliveGapSeconds =
      Math.max(...sides.map(({ session }) => session.longestSilenceMs)) / 1000;
    return { ...identity, ok: true, ...measures, rssPeakMiB, longestKeepaliveGapSeconds };
  } catch (error) {
    return { ...identity, ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    for (const { session } of sides) session.close();
    probe.kill();
    await daemon?.stop();
  }
}

/**
 * What a probe of the API sees, in nothing's and in `load`'s presence: not while latency is measured, since each request
 * makes the daemon's turns shorter for a while.
 */
export async function probedBeside<T>(
  { daemon, probe }: Pick<LatencyStage, 'daemon' | 'probe'>,
  load: () => Promise<T>,
): Promise<Pick<RunResult, 'api'>> {
  if (!daemon.apiSocket) return {};
  await startProbe(probe, daemon);
  await pause(1000);
  probe.tell({ type: 'mark' });
  await load();
  return { api: await probed(probe) };
}

export function runLatency(daemon: string, options: RunOptions): Promise<RunResult> {
  const { prefixes, seed } = options;
  return onLatencyStage({ daemon, scenario: 'latency' }, options, async (stage) => {
    const { speaker, listener, neighbour } = stage;
    const before = stage.daemon.usage().cpuSeconds;
    const idle = await measure(speaker, listener, { seed });
    const changing = Math.max(backgroundPrefixes, Math.floor(prefixes / 10));
    const change = () => background(neighbour.session, { prefixes: changing, seed });
    const stop = change();
    const loaded = await measure(speaker, listener, { seed });
    stop();
    const cpuSeconds = stage.daemon.usage().cpuSeconds - before;
    const api = await probedBeside(stage, async () => {
      const stopAgain = change();
      await pause(5000);
      stopAgain();
    });
    const latency: Latency = {
      idleP50Ms: quantile(idle, 0.5),
      idleP99Ms: quantile(idle, 0.99),
      loadedP50Ms: quantile(loaded, 0.5),
      loadedP99Ms: quantile(loaded, 0.99),
    };
    return { latency, cpuSeconds, ...api };
  });
}
