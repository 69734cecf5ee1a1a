/** One run: a fresh daemon, a sender, sinks and a probe of the API; the clock runs from the first byte to the last prefix. */
import { setTimeout as pause } from 'node:timers/promises';
import { MeasuredDaemon, type Network } from './daemons.ts';
import { PeerProcess } from './peer-process.ts';
import type { FromPeer, FromProbe, PeerTask, ToPeer, ToProbe } from './protocol.ts';
import type { Scenario } from './scenarios.ts';

export interface RunOptions {
  readonly prefixes: number;
  readonly seed: number;
  readonly timeoutSeconds: number;
}

/** As printed, one JSON object per run. */
export interface RunResult {
  readonly daemon: string;
  readonly scenario: string;
  readonly ok: boolean;
  readonly why?: string;
  readonly prefixes: number;
  readonly attributeSets?: number;
  readonly seed: number;
  /** From the first UPDATE byte to the last prefix at the last sink. */
  readonly seconds?: number;
  /** Prefixes at all sinks together. */
  readonly prefixesPerSecond?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly prefixesPerUpdate?: number;
  readonly cpuSeconds?: number;
  readonly rssPeakMiB?: number;
  readonly api?: {
    readonly idleP50Ms: number;
    readonly idleP99Ms: number;
    readonly loadMaxMs: number;
    readonly loadProbes: number;
  };
  /** Between two messages from the daemon to the sender, which gets keepalives alone: every 2 s is asked for. */
  readonly longestKeepaliveGapSeconds?: number;
}

/** Loopback addresses of this run alone: another generator may be at work on the same machine. */
const net = `127.${100 + (process.pid % 100)}`;
const network = { address: `${net}.0.1`, port: 1790, asn: 65000, identifier: '10.253.0.1' };
const holdTime = 6;
const idleSeconds = 2;

type Peer = PeerProcess<ToPeer, FromPeer>;
type Probe = PeerProcess<ToProbe, FromProbe>;

export async function runFanout(daemon: string, scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const identity = { daemon, scenario: scenario.name, prefixes: options.prefixes, seed: options.seed };
  const sender: Peer = new PeerProcess('sender');
  const sinks: Peer[] = Array.from({ length: scenario.sinks }, () => new PeerProcess('sink'));
  const probe: Probe = new PeerProcess('probe');
  let measured: MeasuredDaemon | undefined;
  try {
    const clients = [sender, ...sinks].map((_, n) => `${net}.1.${n + 1}`);
    const prepared = await prepare([sender, ...sinks], clients, options);
    measured = await MeasuredDaemon.start(daemon, { ...network, clients } satisfies Network);
    return {
      ...identity,
      ...prepared,
      ...(await measure(measured, { sender, sinks, probe }, options)),
      ok: true,
    };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const log = measured?.log() ?? '';
    return { ...identity, ok: false, why: `${words}${log && `; the daemon's log: ${log}`}` };
  } finally {
    for (const process of [sender, ...sinks, probe]) process.kill();
    await measured?.stop();
  }
}

async function prepare(
  peers: readonly Peer[],
  clients: readonly string[],
  { prefixes, seed }: RunOptions,
): Promise<Pick<RunResult, 'attributeSets' | 'bytesSent'>> {
  const identifierOf = (n: number): number => 10 * 2 ** 24 + 254 * 2 ** 16 + n + 1;
  for (const [n, peer] of peers.entries()) {
    const task: PeerTask = {
      target: network,
      localAddress: clients[n],
      identifier: identifierOf(n),
      senderIdentifier: identifierOf(0),
      asn: network.asn,
      holdTime,
      prefixes,
      seed,
    };
    peer.tell({ type: 'prepare', task });
  }
  const answers = await Promise.all(peers.map((peer) => peer.answer('prepared', 120)));
  return { attributeSets: answers[0].attributeSets, bytesSent: answers[0].bytes };
}

interface Processes {
  readonly sender: Peer;
  readonly sinks: readonly Peer[];
  readonly probe: Probe;
}

type Measures = Omit<
  RunResult,
  'daemon' | 'scenario' | 'ok' | 'why' | 'prefixes' | 'seed' | 'attributeSets' | 'bytesSent'
>;

async function measure(
  daemon: MeasuredDaemon,
  { sender, sinks, probe }: Processes,
  { prefixes, timeoutSeconds }: RunOptions,
): Promise<Measures> {
  const peers = [sender, ...sinks];
  for (const peer of peers) peer.tell({ type: 'connect' });
  await Promise.all(peers.map((peer) => peer.answer('established', 30)));
  if (daemon.apiSocket) {
    probe.tell({ type: 'probe', socket: daemon.apiSocket });
    await probe.answer('probing', 10);
  }
  await pause(idleSeconds * 1000);
  const before = daemon.usage();
  probe.tell({ type: 'mark' });
  for (const peer of peers) peer.tell({ type: 'go' });
  const start = (await sender.answer('sent-first-byte', 10)).at;
  const complete = await Promise.all(sinks.map((sink) => sink.answer('complete', timeoutSeconds)));
  const after = daemon.usage();
  const api = daemon.apiSocket ? await probed(probe) : undefined;
  const gaps = await end(sender, sinks);
  if (daemon.hasEnded) throw new Error('the daemon ended');
  const seconds = (Math.max(...complete.map(({ at }) => at)) - start) / 1000;
  const updates = complete.reduce((sum, sink) => sum + sink.updates, 0);
  return {
    seconds,
    prefixesPerSecond: Math.round((prefixes * sinks.length) / seconds),
    bytesReceived: complete.reduce((sum, { bytes }) => sum + bytes, 0),
    prefixesPerUpdate: (prefixes * sinks.length) / updates,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    rssPeakMiB: after.rssPeakMiB,
    ...(api && { api }),
    longestKeepaliveGapSeconds: gaps,
  };
}

async function probed(probe: Probe): Promise<NonNullable<RunResult['api']>> {
  probe.tell({ type: 'end' });
  const { idle, load } = await probe.answer('probed', 30);
  const sorted = [...idle].sort((a, b) => a - b);
  const quantile = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return {
    idleP50Ms: quantile(0.5),
    idleP99Ms: quantile(0.99),
    loadMaxMs: Math.max(...load),
    loadProbes: load.length,
  };
}

/** Ends the sinks before the sender: by then each has checked everything it got, also what came after its last prefix. */
async function end(sender: Peer, sinks: readonly Peer[]): Promise<number> {
  for (const sink of sinks) sink.tell({ type: 'end' });
  const sinkEnds = await Promise.all(sinks.map((sink) => sink.answer('ended', 30)));
  sender.tell({ type: 'end' });
  const senderEnd = await sender.answer('ended', 30);
  const wrong = [...sinkEnds, senderEnd].find((one) => one.wrong)?.wrong;
  if (wrong) throw new Error(wrong);
  return senderEnd.longestGapMs / 1000;
}
