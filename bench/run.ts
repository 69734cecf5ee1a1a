/**
 * `npm run bench`: heliod, and with --against other daemons interleaved with it, under the same bytes. A JSON object
 * per run on stdout (or in --json FILE), progress and a table of medians and ratios on stderr.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { runLatency } from './latency.ts';
import { microTable, runMicro } from './micro/main.ts';
import { type Options, options, usage } from './options.ts';
import { runScenario } from './play.ts';
import { reload } from './reload.ts';
import { chart, table } from './report.ts';
import type { Measured, RunResult } from './result.ts';
import { ladder } from './scaling.ts';
import { scenarios } from './scenarios.ts';
import { stream } from './stream.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function line(result: RunResult): string {
  const name = `${result.scenario.padEnd(16)}${result.daemon.padEnd(8)}`;
  if (!result.ok) return `${name} FAILED: ${result.why}`;
  const { seconds, cpuSeconds = 0, rssPeakMiB = 0, api, latency: times, deliveredFraction } = result;
  const { longestKeepaliveGapSeconds: gap } = result;
  const parts = [
    ...(seconds === undefined ? [] : [`${seconds.toFixed(3)} s`]),
    ...(deliveredFraction === undefined
      ? []
      : [`${(result.prefixesPerSecond ?? 0).toFixed(0)}/s (${deliveredFraction.toFixed(2)} delivered)`]),
    ...(times
      ? [
          `idle p50 ${times.idleP50Ms.toFixed(3)} p99 ${times.idleP99Ms.toFixed(3)} ms, loaded p50 ${times.loadedP50Ms.toFixed(3)} p99 ${times.loadedP99Ms.toFixed(3)} ms`,
        ]
      : []),
    ...(result.deliveredPerChange === undefined
      ? []
      : [`${result.delivered} routes sent, ${result.deliveredPerChange.toFixed(2)} per change`]),
    ...(result.stream
      ? [
          `${result.stream.routes} routes in ${result.stream.seconds.toFixed(2)} s, memory +${result.stream.clientGrowthMiB.toFixed(0)} MiB helioctl, +${result.stream.daemonGrowthMiB.toFixed(0)} MiB daemon`,
        ]
      : []),
    `CPU ${cpuSeconds.toFixed(2)} s`,
    `peak ${rssPeakMiB.toFixed(0)} MiB`,
    ...(api
      ? [
          `API p50 ${api.idleP50Ms.toFixed(1)} ms idle, p99.9 ${api.loadP999Ms.toFixed(1)} and at most ${api.loadMaxMs.toFixed(1)} ms`,
        ]
      : []),
    ...(gap === undefined ? [] : [`KEEPALIVE gap ${gap.toFixed(1)} s`]),
  ];
  return `${name} ${parts.join('  ')}`;
}

/** What one run of a scenario is. */
function measuredAs(name: string): Measured {
  const other = [reload, stream].find((one) => one.name === name);
  if (other) return other;
  const scenario = scenarios.find((one) => one.name === name);
  return { name, run: scenario ? (daemon, chosen) => runScenario(daemon, scenario, chosen) : runLatency };
}

/** Where results go, one JSON object per line. */
function emit(result: object, { json }: Pick<Options, 'json'>): void {
  const line = `${JSON.stringify(result)}\n`;
  if (json) appendFileSync(json, line);
  else process.stdout.write(line);
}

async function compare(chosen: Options, measured: readonly Measured[]): Promise<boolean> {
  const results: RunResult[] = [];
  const able = ({ daemons }: Measured): readonly string[] =>
    chosen.daemons.filter((daemon) => daemons?.includes(daemon) ?? true);
  const runs = measured.reduce((sum, one) => sum + able(one).length * chosen.reps, 0);
  for (const one of measured) {
    for (let rep = 0; rep < chosen.reps; rep++) {
      for (const daemon of able(one)) {
        const result = await one.run(daemon, chosen);
        results.push(result);
        say(`${`${results.length}/${runs}`.padStart(7)}  ${line(result)}`);
        emit(result, chosen);
      }
    }
  }
  say(`\nMedians:\n\n${table(results)}`);
  if (chosen.svg && chosen.daemons.length > 1) writeFileSync(chosen.svg, chart(results, chosen.daemons[1]));
  return results.every(({ ok }) => ok);
}

function micro(chosen: Options): boolean {
  say(microTable(runMicro(chosen.prefixes, (result) => emit(result, chosen))));
  return true;
}

const modes: Readonly<Record<Options['mode'], (chosen: Options) => boolean | Promise<boolean>>> = {
  scenarios: (chosen) => compare(chosen, chosen.scenarios.map(measuredAs)),
  scaling: (chosen) => compare(chosen, ladder(chosen)),
  micro,
};

async function main(): Promise<number> {
  let chosen: Options;
  try {
    chosen = options();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  return (await modes[chosen.mode](chosen)) ? 0 : 1;
}

process.exitCode = await main();
