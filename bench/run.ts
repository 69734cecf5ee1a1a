/**
 * `npm run bench`: heliod, and with --against other daemons interleaved with it, under the same bytes. A JSON object
 * per run on stdout (or in --json FILE), progress and a table of medians and ratios on stderr.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { daemonKinds } from './daemons.ts';
import { runLatency } from './latency.ts';
import { type RunOptions, type RunResult, runScenario } from './play.ts';
import { chart, table } from './report.ts';
import { scenarios } from './scenarios.ts';

const latency = {
  name: 'latency',
  what: 'one prefix from socket to socket, alone and beside 20,000 changes per second',
};
const known = [...scenarios, latency];

const usage = `usage: npm run bench -- [--scenario NAME,...] [--against NAME,...] [--reps 3] [--prefixes 1000000] [--quick]
                        [--seed 1] [--timeout 120] [--json FILE] [--svg FILE]
scenarios (default: all):
${known.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n')}
against: ${Object.keys(daemonKinds)
  .filter((name) => name !== 'heliod')
  .join(', ')}
--quick is one run of 20,000 prefixes each; --svg draws heliod's times by those of the first daemon it is against.
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Options extends RunOptions {
  readonly scenarios: readonly string[];
  readonly daemons: readonly string[];
  readonly reps: number;
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

/** Throws with what is wrong. */
function options(): Options {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true, default: [] },
      against: { type: 'string', multiple: true, default: [] },
      reps: { type: 'string' },
      prefixes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      timeout: { type: 'string', default: '120' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
    },
  });
  const words = (given: readonly string[]): readonly string[] => given.flatMap((text) => text.split(','));
  const chosen = words(values.scenario);
  const against = words(values.against);
  const unknown =
    chosen.find((name) => !known.some((one) => one.name === name)) ??
    against.find((name) => !(name in daemonKinds));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}`);
  return {
    scenarios: chosen.length > 0 ? chosen : known.map(({ name }) => name),
    daemons: [...new Set(['heliod', ...against])],
    reps: number(values.reps ?? (values.quick ? '1' : '3'), 'reps'),
    prefixes: number(values.prefixes ?? (values.quick ? '20000' : '1000000'), 'prefixes'),
    seed: number(values.seed, 'seed'),
    timeoutSeconds: number(values.timeout, 'timeout'),
    json: values.json,
    svg: values.svg,
  };
}

function number(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} wants a whole number, not ${text}`);
  return value;
}

function line(result: RunResult): string {
  const name = `${result.scenario.padEnd(14)}${result.daemon.padEnd(8)}`;
  if (!result.ok) return `${name} FAILED: ${result.why}`;
  const { seconds, cpuSeconds = 0, rssPeakMiB = 0, api, latency: times, deliveredFraction } = result;
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
    `CPU ${cpuSeconds.toFixed(2)} s`,
    `peak ${rssPeakMiB.toFixed(0)} MiB`,
    ...(api ? [`API p50 ${api.idleP50Ms.toFixed(1)} ms idle, ${api.loadMaxMs.toFixed(1)} ms at most`] : []),
  ];
  return `${name} ${parts.join('  ')}`;
}

function runOne(daemon: string, name: string, chosen: RunOptions): Promise<RunResult> {
  const scenario = scenarios.find((one) => one.name === name);
  return scenario ? runScenario(daemon, scenario, chosen) : runLatency(daemon, chosen);
}

async function main(): Promise<number> {
  let chosen: Options;
  try {
    chosen = options();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const results: RunResult[] = [];
  const runs = chosen.scenarios.length * chosen.reps * chosen.daemons.length;
  for (const scenario of chosen.scenarios) {
    for (let rep = 0; rep < chosen.reps; rep++) {
      for (const daemon of chosen.daemons) {
        const result = await runOne(daemon, scenario, chosen);
        results.push(result);
        say(`${`${results.length}/${runs}`.padStart(7)}  ${line(result)}`);
        const json = `${JSON.stringify(result)}\n`;
        if (chosen.json) appendFileSync(chosen.json, json);
        else process.stdout.write(json);
      }
    }
  }
  say(`\nMedians:\n\n${table(results)}`);
  if (chosen.svg && chosen.daemons.length > 1) writeFileSync(chosen.svg, chart(results, chosen.daemons[1]));
  return results.every(({ ok }) => ok) ? 0 : 1;
}

process.exitCode = await main();
