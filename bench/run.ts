/**
 * `npm run bench`: heliod, and with --against other daemons interleaved with it, under the same bytes. A JSON object
 * per run on stdout (or in --json FILE), progress and a table of medians and ratios on stderr.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { daemonKinds } from './daemons.ts';
import { type RunResult, runFanout } from './fanout.ts';
import { scenarios } from './scenarios.ts';

const usage = `usage: npm run bench -- [--scenario NAME]... [--against NAME]... [--reps 3] [--prefixes 1000000]
                        [--seed 1] [--timeout 120] [--json FILE]
scenarios: ${scenarios.map(({ name, what }) => `\n  ${name.padEnd(10)} ${what}`).join('')}
against: ${Object.keys(daemonKinds).join(', ')}
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function options() {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true, default: scenarios.map(({ name }) => name) },
      against: { type: 'string', multiple: true, default: [] },
      reps: { type: 'string', default: '3' },
      prefixes: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      timeout: { type: 'string', default: '120' },
      json: { type: 'string' },
    },
  });
  const chosen = values.scenario.map((name) => scenarios.find((scenario) => scenario.name === name) ?? name);
  const unknown = [...chosen, ...values.against.filter((name) => !(name in daemonKinds))].find(
    (value) => typeof value === 'string',
  );
  if (unknown !== undefined) throw new Error(`there is no ${unknown}`);
  return { ...values, scenarios: chosen.filter((value) => typeof value !== 'string') };
}

function line(result: RunResult): string {
  const name = `${result.scenario.padEnd(8)} ${result.daemon.padEnd(8)}`;
  if (!result.ok) return `${name} FAILED: ${result.why}`;
  const { seconds = 0, cpuSeconds = 0, rssPeakMiB = 0, api } = result;
  const probes = api
    ? `  API p50 ${api.idleP50Ms.toFixed(1)} ms idle, ${api.loadMaxMs.toFixed(1)} ms at most`
    : '';
  return `${name} ${seconds.toFixed(2)} s  CPU ${cpuSeconds.toFixed(2)} s  peak ${rssPeakMiB.toFixed(0)} MiB${probes}`;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : sorted[Math.floor(sorted.length / 2)];
}

/** Medians per scenario and daemon, with how many times ours each other daemon takes. */
function summary(results: readonly RunResult[]): string {
  const columns = ['seconds', 'cpuSeconds', 'rssPeakMiB'] as const;
  const lines = [
    '',
    `${'scenario'.padEnd(10)}${'daemon'.padEnd(10)}ok     seconds      CPU s   peak MiB   time against heliod`,
  ];
  for (const scenario of new Set(results.map((result) => result.scenario))) {
    const of = (daemon: string) =>
      results.filter((one) => one.scenario === scenario && one.daemon === daemon);
    const middle = (daemon: string, column: (typeof columns)[number]): number | undefined =>
      median(of(daemon).flatMap((one) => (one.ok ? [one[column] ?? 0] : [])));
    for (const daemon of new Set(results.map((result) => result.daemon))) {
      const [ours, time] = [middle('heliod', 'seconds'), middle(daemon, 'seconds')];
      const good = `${of(daemon).filter(({ ok }) => ok).length}/${of(daemon).length}`;
      const cells = columns.map((column) => (middle(daemon, column)?.toFixed(2) ?? '-').padStart(11));
      const ratio = ours && time && daemon !== 'heliod' ? `${(time / ours).toFixed(2)} x` : '';
      lines.push(`${scenario.padEnd(10)}${daemon.padEnd(10)}${good}${cells.join('')}   ${ratio}`);
    }
  }
  return lines.join('\n');
}

async function main(): Promise<number> {
  let chosen: ReturnType<typeof options>;
  try {
    chosen = options();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const results: RunResult[] = [];
  for (const scenario of chosen.scenarios) {
    for (let rep = 0; rep < Number(chosen.reps); rep++) {
      for (const daemon of new Set(['heliod', ...chosen.against])) {
        const result = await runFanout(daemon, scenario, {
          prefixes: Number(chosen.prefixes),
          seed: Number(chosen.seed),
          timeoutSeconds: Number(chosen.timeout),
        });
        results.push(result);
        say(line(result));
        const json = `${JSON.stringify(result)}\n`;
        if (chosen.json) appendFileSync(chosen.json, json);
        else process.stdout.write(json);
      }
    }
  }
  say(summary(results));
  return results.every(({ ok }) => ok) ? 0 : 1;
}

process.exitCode = await main();
