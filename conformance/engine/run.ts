// The runner: which execution runs on which instance, when, and what came of it.
//
// Owns the plan (profiles to instances to workers), time limits, crash attribution and known deviations. Each worker
// has one instance and plays its cases one after the other, so that a crash names its case. Slow cases get instances of
// their own and run beside the workers from the start.

import type { Target } from '../targets/target.ts';
import { type Execution, rfcOf } from './case.ts';
import { InvariantRecord } from './invariants.ts';
import { applyKnown, type KnownDeviation } from './known.ts';
import { type ProfileName, profiles } from './profile.ts';
import { type Evidence, invariantResults } from './record.ts';
import type { CaseResult, RunReport } from './result.ts';
import { Station } from './station.ts';
import { Transcript } from './transcript.ts';
import { CaseFailure, Inconclusive, type Outcome, Unsupported } from './verdict.ts';

export interface RunOptions {
  readonly target: Target;
  readonly executions: readonly Execution[];
  readonly workers: number;
  readonly patienceMs: number;
  readonly seed: number;
  readonly workDirectory: string;
  readonly known: readonly KnownDeviation[];
  /** As rows of the run: all invariants, or where few cases are played and some have nothing to judge, broken ones. */
  readonly reportInvariants: 'all' | 'broken';
  readonly repeatCommand: (execution: string) => string;
  /** Writes what is worth keeping of an execution; returns the directory, or undefined if nothing was kept. */
  readonly keep: (evidence: Evidence) => string | undefined;
  readonly started?: (execution: string) => void;
  readonly finished?: (result: CaseResult) => void;
}

interface Played extends Pick<Evidence, 'transcript' | 'log' | 'configuration'> {
  readonly outcome: Outcome;
  /** Invariants that a message of it broke. */
  readonly broken: readonly string[];
}

const CASE_SECONDS = 60;
const SLOW_AT_ONCE = 12;
const GIVE_UP_STARTS = 5;
const EXIT_MS = 300;

export async function run(options: RunOptions): Promise<RunReport> {
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const version = await options.target.version();
  const runner = new Runner(options, version);
  await runner.all();
  const results = [...runner.results];
  const rows = invariantResults(runner.invariants, options.target.name)
    .filter(({ verdict }) => options.reportInvariants === 'all' || verdict === 'fail')
    .map((row) => ({ ...row, ...runner.firstBroken.get(row.row) }));
  results.push(...rows.map((r) => ({ ...r, ...applyKnown(r, r.execution, version, options.known) })));
  return {
    format: 1,
    target: options.target.name,
    version,
    startedAt,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    results,
  };
}

const profileOf = (execution: Execution): ProfileName => execution.of.profile ?? 'P0';

class Runner {
  readonly results: CaseResult[] = [];
  readonly invariants = new InvariantRecord();
  /** Where invariants were broken for the first time. */
  readonly firstBroken = new Map<string, Pick<CaseResult, 'repeat' | 'evidence'>>();
  readonly #options: RunOptions;
  readonly #version: string;
  readonly #queues = new Map<ProfileName, Execution[]>();
  readonly #slow: Execution[] = [];
  readonly #unconfigurable = new Set<ProfileName>();
  #failedStarts = 0;

  constructor(options: RunOptions, version: string) {
    this.#options = options;
    this.#version = version;
    for (const execution of options.executions) {
      const beside = execution.of.slow === true && options.target.single === undefined;
      if (beside) this.#slow.push(execution);
      else this.#queueOf(profileOf(execution)).push(execution);
    }
  }

  async all(): Promise<void> {
    const slow = Array.from({ length: Math.min(SLOW_AT_ONCE, this.#slow.length) }, () => this.#slowLane());
    // Two cases on one router would hear each other.
    const { workers: wanted, target } = this.#options;
    const workers = Array.from({ length: target.single === undefined ? wanted : 1 }, () => this.#worker());
    await Promise.all([...slow, ...workers]);
  }

  #queueOf(name: ProfileName): Execution[] {
    const found = this.#queues.get(name);
    if (found !== undefined) return found;
    const fresh: Execution[] = [];
    this.#queues.set(name, fresh);
    return fresh;
  }

  async #slowLane(): Promise<void> {
    for (let next = this.#slow.shift(); next !== undefined; next = this.#slow.shift())
      await this.#alone(next);
  }

  async #worker(): Promise<void> {
    for (;;) {
      const longest = [...this.#queues].sort((a, b) => b[1].length - a[1].length)[0];
      if (longest === undefined || longest[1].length === 0) return;
      await this.#profile(longest[0], longest[1]);
    }
  }

  /** Plays executions of one profile until its queue is empty. */
  async #profile(name: ProfileName, queue: Execution[]): Promise<void> {
    let station: Station | undefined;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (next.of.isolated === true || profiles[name].active) {
        await this.#alone(next);
        continue;
      }
      if (!this.#playable(next)) continue;
      station ??= await this.#start(name, next);
      if (station === undefined) continue;
      const outcome = await this.#play(station, next);
      if (station.instance.exit() !== undefined || outcome.verdict === 'crash' || station.exhausted) {
        await station.stop();
        station = undefined;
      }
    }
    await station?.stop();
  }

  async #alone(execution: Execution): Promise<void> {
    if (!this.#playable(execution)) return;
    const station = await this.#start(profileOf(execution), execution);
    if (station === undefined) return;
    await this.#play(station, execution);
    await station.stop();
  }

  /** Reports a skip and returns false when the target lacks what the execution needs. */
  #playable(execution: Execution): boolean {
    const { target } = this.#options;
    const lacking = (execution.of.needs ?? []).filter((feature) => !target.features.has(feature));
    if (lacking.length > 0) {
      this.#skip(execution, 'skip-unsupported', `the target has no ${lacking.join(', ')}`);
      return false;
    }
    if (this.#failedStarts >= GIVE_UP_STARTS) {
      this.#skip(
        execution,
        'error',
        `not played: the target did not start ${this.#failedStarts} times in a row`,
      );
      return false;
    }
    if (!this.#unconfigurable.has(profileOf(execution))) return true;
    this.#skip(
      execution,
      'skip-unconfigurable',
      `the adapter cannot configure profile ${profileOf(execution)}`,
    );
    return false;
  }

  async #start(name: ProfileName, first: Execution): Promise<Station | undefined> {
    const { target, workDirectory, patienceMs } = this.#options;
    try {
      const { invariants } = this;
      const profile = profiles[name];
      const station = await Station.start({ target, profile, workDirectory, patienceMs, invariants });
      if (station !== undefined) {
        this.#failedStarts = 0;
        await station.canaryAlive();
        return station;
      }
      this.#unconfigurable.add(name);
      this.#playable(first);
    } catch (error) {
      this.#failedStarts++;
      this.#skip(first, 'error', `the target did not start: ${String(error)}`);
    }
    return undefined;
  }

  #skip(
    execution: Execution,
    verdict: 'skip-unsupported' | 'skip-unconfigurable' | 'error',
    observed: string,
  ): void {
    this.#report(execution, { verdict, expected: execution.of.expected, observed }, 0, undefined);
  }

  async #play(station: Station, execution: Execution): Promise<Outcome> {
    this.#options.started?.(execution.name);
    const before = [...station.history].slice(-5);
    station.history.push(execution.name);
    let first = await this.#once(station, execution);
    // Nothing was proven, on a busy machine mostly: one more try, with addresses and prefixes of its own.
    if (first.outcome.verdict === 'inconclusive' && !station.exhausted)
      first = await this.#once(station, execution);
    if (first.outcome.verdict !== 'crash') {
      this.#finish(execution, first);
      return first.outcome;
    }
    // RFC-independent: the same case alone tells whether it was the one.
    const again = await Station.start({ ...this.#stationOptions(execution) }).catch(() => undefined);
    const second = again === undefined ? undefined : await this.#once(again, execution);
    await again?.stop();
    const alone = second?.outcome.verdict === 'crash' ? 'reproduced alone' : 'not reproduced alone';
    const observed = `${first.outcome.observed}; ${alone}; ran before on this instance: ${before.join(', ') || 'nothing'}`;
    this.#finish(execution, { ...first, outcome: { ...first.outcome, observed } });
    return first.outcome;
  }

  #stationOptions(execution: Execution) {
    const { target, workDirectory, patienceMs } = this.#options;
    return {
      target,
      profile: profiles[profileOf(execution)],
      workDirectory,
      patienceMs,
      invariants: this.invariants,
    };
  }

  async #once(station: Station, execution: Execution): Promise<Played> {
    const transcript = new Transcript();
    const logFrom = station.instance.log().length;
    const bench = station.bench(execution.name, this.#options.seed, transcript);
    const seconds = execution.of.seconds ?? CASE_SECONDS;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the case did not end within ${seconds} s`)), seconds * 1000);
    });
    let thrown: unknown;
    try {
      await Promise.race([execution.body(bench), limit]);
    } catch (error) {
      thrown = error;
    }
    clearTimeout(timer);
    const canary = (await station.canaryAlive()) || bench.restarted;
    const lost = thrown !== undefined && bench.lostWithoutWord;
    bench.dispose();
    await bench.pause(0);
    if ((lost || !canary) && !bench.restarted) await exited(station);
    const exit = station.instance.exit();
    const outcome =
      exit === undefined
        ? judge(execution, thrown, bench.observed, canary)
        : crashed(execution, `${exit.code ?? ''}${exit.signal ?? ''}`, station.instance.log());
    const log = station.instance.log().slice(logFrom);
    const { configuration } = station.instance;
    return { outcome, transcript, log, configuration, broken: bench.broken };
  }

  #finish(execution: Execution, played: Played): void {
    const { transcript } = played;
    const durationMs = Math.round(transcript.now());
    const outcome = applyKnown(played.outcome, execution.name, this.#version, this.#options.known);
    this.#report(execution, outcome, durationMs, played);
    for (const id of played.broken) this.#brokenIn(execution, id, played);
  }

  /** Evidence of a broken invariant: the first case in which it was. */
  #brokenIn({ name }: Execution, id: string, played: Played): void {
    if (this.firstBroken.has(id)) return;
    const { keep, seed, target, repeatCommand } = this.#options;
    const result = invariantResults(this.invariants, target.name).find((one) => one.row === id);
    if (result === undefined) return;
    const repeat = repeatCommand(name);
    const evidence = keep({
      ...played,
      result: { ...result, seed, repeat },
      target: target.name,
      version: this.#version,
    });
    this.firstBroken.set(id, { repeat, evidence });
  }

  #report(
    execution: Execution,
    outcome: Outcome,
    durationMs: number,
    played: Pick<Evidence, 'transcript' | 'log' | 'configuration'> | undefined,
  ): void {
    const { of, name } = execution;
    const { keep, seed, target, repeatCommand } = this.#options;
    const result: CaseResult = {
      execution: name,
      row: of.id,
      rfc: rfcOf(of.id),
      title: of.title,
      level: of.level,
      profile: profileOf(execution),
      ...outcome,
      durationMs,
      seed,
      evidence: undefined,
      repeat: repeatCommand(name),
    };
    const version = this.#version;
    const evidence =
      played === undefined ? undefined : keep({ ...played, result, target: target.name, version });
    const whole = { ...result, evidence };
    this.results.push(whole);
    this.#options.finished?.(whole);
  }
}

/** The connections of a process that dies are seen to end before its exit is: time for that, until it is known. */
async function exited(station: Station): Promise<void> {
  const until = performance.now() + EXIT_MS;
  while (station.instance.exit() === undefined && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

function judge(execution: Execution, thrown: unknown, observed: string, canaryUp: boolean): Outcome {
  const { expected, level } = execution.of;
  if (!canaryUp && level !== 'RECORD')
    return {
      verdict: 'fail',
      expected: 'other sessions stay up (Z-INV-01)',
      observed: 'an idle session of another peer fell',
    };
  if (thrown === undefined) return { verdict: 'pass', expected, observed: observed || 'as expected' };
  if (thrown instanceof Inconclusive) return { verdict: 'inconclusive', expected, observed: thrown.message };
  if (thrown instanceof Unsupported)
    return { verdict: 'skip-unsupported', expected, observed: thrown.message };
  if (!(thrown instanceof CaseFailure))
    return { verdict: 'error', expected, observed: describeError(thrown) };
  const seen = [thrown.observed, observed].filter((text) => text !== '').join('; ');
  if (level === 'RECORD')
    return { verdict: 'pass', expected: thrown.expected, observed: `recorded: ${seen}` };
  return { verdict: 'fail', expected: thrown.expected, observed: seen };
}

const describeError = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);

function crashed(execution: Execution, how: string, log: string): Outcome {
  const tail = log.trim().split('\n').slice(-6).join(' | ');
  return {
    verdict: 'crash',
    expected: execution.of.expected,
    observed: `the target ended (${how}): ${tail.slice(-600)}`,
  };
}
