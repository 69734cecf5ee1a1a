/**
 * One run of a scenario: a fresh daemon, a process per peer, and a probe of the API. The clock of the timed phase runs
 * from its first byte, close or connect to the moment the last peer holds what it must.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { MeasuredDaemon, type Network } from './daemons.ts';
import { PeerProcess } from './peer-process.ts';
import type { FromPeer, FromProbe, PeerTask, ToPeer, ToProbe } from './protocol.ts';
import type { RunOptions, RunResult } from './result.ts';
import type { Phase, Play, Scenario } from './scenarios.ts';

/** Loopback addresses of this run alone: another generator may be at work on the same machine. */
const net = `127.${100 + (process.pid % 100)}`;
const endpoint = { address: `${net}.0.1`, port: 1790, asn: 65000, identifier: '10.253.0.1' };
const holdTime = 6;
const idleSeconds = 2;

type Peer = PeerProcess<ToPeer, FromPeer>;
export type Probe = PeerProcess<ToProbe, FromProbe>;

/** Clients 1 to `count` of this run: the daemon must know them. */
export function networkOf(count: number): Network {
  return {
    ...endpoint,
    clients: Array.from({ length: count }, (_, n) => `${net}.${1 + (n >> 7)}.${1 + (n & 127)}`),
  };
}

export const identifierOf = (peer: number): number => 10 * 2 ** 24 + 254 * 2 ** 16 + peer + 1;

export async function runScenario(
  daemon: string,
  { name, play: make }: Scenario,
  options: RunOptions,
): Promise<RunResult> {
  const play = make(options.prefixes, options.seed);
  const identity = { daemon, scenario: name, prefixes: play.prefixes, seed: options.seed };
  const peers: Peer[] = Array.from({ length: play.peers }, () => new PeerProcess('peer'));
  const probe: Probe = new PeerProcess('probe');
  let measured: MeasuredDaemon | undefined;
  try {
    const network = networkOf(play.peers);
    const attributeSets = await prepare(peers, play, { network, seed: options.seed });
    measured = await MeasuredDaemon.start(daemon, network);
    const measures = await measure(measured, { peers, probe, play }, options);
    return { ...identity, attributeSets, ...measures, ok: true };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const log = measured?.log().trim().split('\n').slice(-3).join(' / ') ?? '';
    return { ...identity, ok: false, why: `${words}${log && `; the daemon's log: ${log}`}` };
  } finally {
    for (const process of [...peers, probe]) process.kill();
    await measured?.stop();
  }
}

/** What a peer will say, in the order of the phases: `say` messages name places in this list. */
function saysOf(play: Play, peer: number): PeerTask['says'] {
  return play.phases.flatMap(({ say = [] }) => say.filter(({ claim }) => play.claims[claim].peer === peer));
}

/** The attribute sets of all claims together. */
async function prepare(
  peers: readonly Peer[],
  play: Play,
  { network, seed }: { readonly network: Network; readonly seed: number },
): Promise<number> {
  const identifiers = peers.map((_, n) => identifierOf(n));
  const { prefixes, claims } = play;
  for (const [peer, process] of peers.entries()) {
    const verifies = play.phases.some(({ expect }) => expect.some((one) => one.peer === peer));
    const own = { peer, localAddress: network.clients[peer], says: saysOf(play, peer), verifies };
    process.tell({
      type: 'prepare',
      task: { target: network, asn: network.asn, holdTime, identifiers, prefixes, seed, claims, ...own },
    });
  }
  const answers = await Promise.all(peers.map((peer) => peer.answer('prepared', 300)));
  return answers.reduce((sum, { attributeSets }) => sum + attributeSets, 0);
}

interface Stage {
  readonly peers: readonly Peer[];
  readonly probe: Probe;
  readonly play: Play;
}

type Measures = Omit<RunResult, 'daemon' | 'scenario' | 'ok' | 'why' | 'prefixes' | 'seed' | 'attributeSets'>;

async function measure(daemon: MeasuredDaemon, stage: Stage, options: RunOptions): Promise<Measures> {
  const { peers, probe, play } = stage;
  const first = play.connected.map((peer) => peers[peer]);
  for (const peer of first) peer.tell({ type: 'connect' });
  await Promise.all(first.map((peer) => peer.answer('established', 30)));
  await startProbe(probe, daemon);
  await pause(idleSeconds * 1000);
  probe.tell({ type: 'mark' });
  let measures: Measures = {};
  const said = new Map<number, number>();
  for (const phase of play.phases) {
    const before = daemon.usage();
    const result = await playPhase(stage, phase, { said, timeoutSeconds: options.timeoutSeconds });
    const cpuSeconds = daemon.usage().cpuSeconds - before.cpuSeconds;
    if (phase.timed) measures = { ...rates(result, play), cpuSeconds };
  }
  const { rssPeakMiB } = daemon.usage();
  const api = daemon.apiSocket ? await probed(probe) : undefined;
  const longestKeepaliveGapSeconds = await end(stage);
  if (daemon.hasEnded) throw new Error('the daemon ended');
  return { ...measures, rssPeakMiB, ...(api && { api }), longestKeepaliveGapSeconds };
}

interface PhaseResult {
  readonly seconds: number;
  readonly delivered: number;
  readonly updates: number;
}

async function playPhase(
  { peers, play }: Stage,
  phase: Phase,
  { said, timeoutSeconds }: { readonly said: Map<number, number>; readonly timeoutSeconds: number },
): Promise<PhaseResult> {
  for (const { peer, claims } of phase.expect) peers[peer].tell({ type: 'expect', claims });
  const starts: Promise<{ readonly at: number }>[] = [];
  for (const peer of phase.connect ?? []) {
    peers[peer].tell({ type: 'connect' });
    // Those that were connected before have told this too.
    starts.push(peers[peer].answer('connecting', 10));
  }
  if (phase.close !== undefined) {
    peers[phase.close].tell({ type: 'close' });
    starts.push(peers[phase.close].answer('closed', 10));
  }
  const speakers = new Set(phase.say?.map(({ claim }) => play.claims[claim].peer));
  for (const peer of speakers) {
    const from = said.get(peer) ?? 0;
    const count = phase.say?.filter(({ claim }) => play.claims[claim].peer === peer).length ?? 0;
    said.set(peer, from + count);
    peers[peer].tell({ type: 'say', says: Array.from({ length: count }, (_, n) => from + n) });
    starts.push(peers[peer].answer('sent-first-byte', 10));
  }
  const began = Math.min(...(await Promise.all(starts)).map(({ at }) => at));
  const complete = await Promise.all(
    phase.expect.map(({ peer }) => peers[peer].answer('complete', timeoutSeconds)),
  );
  return {
    seconds: (Math.max(...complete.map(({ at }) => at)) - began) / 1000,
    delivered: complete.reduce((sum, { delivered }) => sum + delivered, 0),
    updates: complete.reduce((sum, { updates }) => sum + updates, 0),
  };
}

function rates({ seconds, delivered, updates }: PhaseResult, { changes }: Play): Measures {
  return {
    seconds,
    delivered,
    prefixesPerSecond: Math.round(delivered / seconds),
    ...(changes && { deliveredFraction: delivered / changes }),
    prefixesPerUpdate: delivered / Math.max(1, updates),
  };
}

export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** Nothing where the daemon has no management API. */
export async function startProbe(probe: Probe, { apiSocket }: MeasuredDaemon): Promise<void> {
  if (!apiSocket) return;
  probe.tell({ type: 'probe', socket: apiSocket });
  await probe.answer('probing', 10);
}

export async function probed(probe: Probe): Promise<NonNullable<RunResult['api']>> {
  probe.tell({ type: 'end' });
  const { idle, load } = await probe.answer('probed', 30);
  const [quiet, busy] = [idle, load].map((times) => [...times].sort((a, b) => a - b));
  return {
    idleP50Ms: quantile(quiet, 0.5),
    idleP99Ms: quantile(quiet, 0.99),
    loadP999Ms: quantile(busy, 0.999),
    loadMaxMs: quantile(busy, 1),
    loadProbes: busy.length,
  };
}

/** Ends those that check before those that speak: by then each has checked everything it got. */
async function end({ peers, play }: Stage): Promise<number> {
  const closed = new Set(play.phases.map(({ close }) => close));
  const checks = (peer: number) => play.phases.some(({ expect }) => expect.some((one) => one.peer === peer));
  const order = [...peers.keys()].sort((a, b) => Number(checks(b)) - Number(checks(a)));
  let gap = 0;
  for (const peer of order) {
    peers[peer].tell({ type: 'end' });
    const { wrong, longestGapMs } = await peers[peer].answer('ended', 60);
    if (wrong) throw new Error(wrong);
    if (peer === 0 && !closed.has(0)) gap = longestGapMs / 1000;
  }
  return gap;
}
