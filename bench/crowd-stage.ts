/** One client that speaks and a crowd that listens: the stage for what is about many clients rather than many senders. */
import { setTimeout as pause } from 'node:timers/promises';
import { MeasuredDaemon, type Network } from './daemons.ts';
import { PeerProcess } from './peer-process.ts';
import { identifierOf, networkOf, type Probe, probed, startProbe } from './play.ts';
import type { FromPeer, ToCrowd, ToPeer } from './protocol.ts';
import type { RunOptions, RunResult } from './result.ts';
import type { Claim } from './scenarios.ts';

/** Their machine has few cores: more processes than this would only take turns. */
const mostProcesses = 4;
const holdTime = 90;
/** The one that speaks is quiet afterwards, and notes how long it ever hears nothing: its KEEPALIVEs are due every 2 s. */
const speakerHoldTime = 6;

export interface CrowdStage {
  readonly daemon: MeasuredDaemon;
  readonly network: Network;
  readonly sender: PeerProcess<ToPeer, FromPeer>;
  readonly crowds: readonly PeerProcess<ToCrowd, FromPeer>[];
}

export interface CrowdPlay {
  readonly scenario: string;
  readonly clients: number;
  /** All of the sender's; the first `announced` are what it says. */
  readonly claims: readonly Claim[];
  readonly announced: number;
  /** Configures the daemon beyond sessions. */
  readonly network?: Partial<Network>;
}

type Measures = Partial<Omit<RunResult, 'daemon' | 'scenario' | 'ok' | 'why' | 'prefixes' | 'seed'>>;

/** Sessions are up and quiet when `act` is called. */
export async function onCrowdStage(
  daemon: string,
  play: CrowdPlay,
  options: RunOptions,
  act: (stage: CrowdStage) => Promise<Measures>,
): Promise<RunResult> {
  const { prefixes, seed } = options;
  const identity = { daemon, scenario: play.scenario, prefixes, seed };
  const sender = new PeerProcess<ToPeer, FromPeer>('peer');
  const count = Math.min(mostProcesses, Math.ceil(play.clients / 10));
  const crowds = Array.from({ length: count }, () => new PeerProcess<ToCrowd, FromPeer>('crowd'));
  const probe: Probe = new PeerProcess('probe');
  let measured: MeasuredDaemon | undefined;
  try {
    const network = { ...networkOf(play.clients + 1), ...play.network };
    const all = [sender, ...crowds];
    prepare({ sender, crowds }, play, { network, prefixes, seed });
    await Promise.all(all.map((process) => process.answer('prepared', 300)));
    measured = await MeasuredDaemon.start(daemon, network);
    for (const process of all) process.tell({ type: 'connect' });
    await Promise.all(all.map((process) => process.answer('established', 60)));
    await startProbe(probe, measured);
    await pause(1000);
    probe.tell({ type: 'mark' });
    const measures = await act({ daemon: measured, network, sender, crowds });
    const { rssPeakMiB } = measured.usage();
    const api = measured.apiSocket ? await probed(probe) : undefined;
    const longestKeepaliveGapSeconds = await end([...crowds, sender]);
    if (measured.hasEnded) throw new Error('the daemon ended');
    return {
      ...identity,
      ...measures,
      rssPeakMiB,
      ...(api && { api }),
      longestKeepaliveGapSeconds,
      ok: true,
    };
  } catch (error) {
    return { ...identity, ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    for (const process of [sender, ...crowds, probe]) process.kill();
    await measured?.stop();
  }
}

function prepare(
  { sender, crowds }: Pick<CrowdStage, 'sender' | 'crowds'>,
  { clients, claims, announced }: CrowdPlay,
  {
    network,
    prefixes,
    seed,
  }: { readonly network: Network; readonly prefixes: number; readonly seed: number },
): void {
  const shared = { target: network, asn: network.asn, holdTime, prefixes, seed, claims };
  const identifiers = [identifierOf(0)];
  const says = claims.slice(0, announced).map((_, claim) => ({ claim, what: 'announce' as const }));
  const own = { peer: 0, localAddress: network.clients[0], identifiers, says, verifies: false };
  sender.tell({ type: 'prepare', task: { ...shared, ...own, holdTime: speakerHoldTime } });
  const members = Array.from({ length: clients }, (_, n) => ({
    localAddress: network.clients[n + 1],
    identifier: identifierOf(n + 1),
  }));
  for (const [n, crowd] of crowds.entries()) {
    const part = members.filter((_, member) => member % crowds.length === n);
    crowd.tell({ type: 'prepare', task: { ...shared, members: part, speakers: identifiers } });
  }
}

export interface Told {
  /** From what `act` returned to the last byte of the last client. */
  readonly seconds: number;
  readonly delivered: number;
  readonly updates: number;
  readonly streams: number;
  readonly cpuSeconds: number;
}

/** What it takes until all clients hold the `expected` claims after `act`, which returns when the clock began. */
export async function told(
  { daemon, crowds }: CrowdStage,
  what: {
    readonly expected: readonly number[];
    readonly timeoutSeconds: number;
    readonly act: () => Promise<number>;
  },
): Promise<Told> {
  const before = daemon.usage().cpuSeconds;
  for (const crowd of crowds) crowd.tell({ type: 'expect', claims: what.expected });
  const began = await what.act();
  const all = await Promise.all(crowds.map((crowd) => crowd.answer('complete', what.timeoutSeconds)));
  return {
    seconds: (Math.max(...all.map(({ at }) => at)) - began) / 1000,
    delivered: all.reduce((sum, { delivered }) => sum + delivered, 0),
    updates: all.reduce((sum, { updates }) => sum + updates, 0),
    streams: all.reduce((sum, { streams = 0 }) => sum + streams, 0),
    cpuSeconds: daemon.usage().cpuSeconds - before,
  };
}

/** Returns the longest silence towards the last of them, in seconds. */
async function end(processes: readonly PeerProcess<ToPeer | ToCrowd, FromPeer>[]): Promise<number> {
  let gap = 0;
  for (const process of processes) {
    process.tell({ type: 'end' });
    const { wrong, longestGapMs } = await process.answer('ended', 120);
    if (wrong) throw new Error(wrong);
    gap = longestGapMs / 1000;
  }
  return gap;
}
