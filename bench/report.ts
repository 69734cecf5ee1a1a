/** Medians of runs and their ratios to another daemon's: as a table for people and as a bar chart. */
import type { RunResult } from './result.ts';

interface Measure {
  readonly title: string;
  readonly of: (result: RunResult) => number | undefined;
  readonly digits: number;
}

/** A row of the table: what is compared in a scenario. Lower is better but for rates. */
interface Row {
  readonly scenario: string;
  readonly measure: Measure;
  readonly isRate: boolean;
}

const seconds: Measure = { title: 's', of: (one) => one.seconds, digits: 3 };
const rate: Measure = { title: 'prefixes/s', of: (one) => one.prefixesPerSecond, digits: 0 };
const latencies: readonly Measure[] = [
  { title: 'idle p50 ms', of: ({ latency }) => latency?.idleP50Ms, digits: 3 },
  { title: 'idle p99 ms', of: ({ latency }) => latency?.idleP99Ms, digits: 3 },
  { title: 'loaded p50 ms', of: ({ latency }) => latency?.loadedP50Ms, digits: 3 },
  { title: 'loaded p99 ms', of: ({ latency }) => latency?.loadedP99Ms, digits: 3 },
];

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : sorted[Math.floor(sorted.length / 2)];
}

function rowsOf(results: readonly RunResult[]): readonly Row[] {
  return [...new Set(results.map(({ scenario }) => scenario))].flatMap((scenario) => {
    if (results.some((one) => one.scenario === scenario && one.latency))
      return latencies.map((measure) => ({ scenario, measure, isRate: false }));
    const isRate = results.some((one) => one.scenario === scenario && one.deliveredFraction !== undefined);
    return [{ scenario, measure: isRate ? rate : seconds, isRate }];
  });
}

const runsOf = (results: readonly RunResult[], scenario: string, daemon: string): readonly RunResult[] =>
  results.filter((one) => one.scenario === scenario && one.daemon === daemon);

function middle(runs: readonly RunResult[], of: Measure['of']): number | undefined {
  return median(runs.flatMap((one) => (one.ok ? [of(one) ?? []].flat() : [])));
}

/** heliod's figure by the other's: below 1 it is better, but for rates. `undefined` where one of them has none. */
function ratio(results: readonly RunResult[], row: Row, other: string): number | undefined {
  const ours = middle(runsOf(results, row.scenario, 'heliod'), row.measure.of);
  const theirs = middle(runsOf(results, row.scenario, other), row.measure.of);
  return ours === undefined || !theirs ? undefined : ours / theirs;
}

/** Markdown: a row per measure, a column per daemon with peak memory, and heliod's ratio to each other. */
export function table(results: readonly RunResult[]): string {
  const daemons = [...new Set(results.map(({ daemon }) => daemon))];
  const others = daemons.filter((daemon) => daemon !== 'heliod');
  const cell = (row: Row, daemon: string): string => {
    const runs = runsOf(results, row.scenario, daemon);
    const value = middle(runs, row.measure.of);
    if (value === undefined) return runs.length > 0 ? 'failed' : '-';
    const failed = runs.filter(({ ok }) => !ok).length;
    const peak = middle(runs, (one) => one.rssPeakMiB)?.toFixed(0);
    return `${value.toFixed(row.measure.digits)} (${peak})${failed > 0 ? `, ${failed} failed` : ''}`;
  };
  const head = [
    'scenario',
    'unit',
    ...daemons.map((daemon) => `${daemon} (peak MiB)`),
    ...others.map((name) => `heliod / ${name}`),
  ];
  const lines = rowsOf(results).map((row) => [
    row.scenario,
    row.measure.title,
    ...daemons.map((daemon) => cell(row, daemon)),
    ...others.map((other) => {
      const value = ratio(results, row, other);
      return value === undefined ? '-' : `${value.toFixed(2)}${row.isRate ? ' x the rate' : ''}`;
    }),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const [labelWidth, barWidth, rowHeight] = [170, 420, 26];

/** A bar per measure: heliod's time (of rates: the other's) by the other's; the line is where both are equal. */
export function chart(results: readonly RunResult[], other: string): string {
  const bars = rowsOf(results).flatMap((row) => {
    const value = ratio(results, row, other);
    if (value === undefined) return [];
    const name = row.measure.title.endsWith(' ms')
      ? `${row.scenario} ${row.measure.title.replace(/ ms$/, '')}`
      : row.scenario;
    return [{ name, value: row.isRate ? 1 / value : value }];
  });
  const most = Math.max(1.2, ...bars.map(({ value }) => value));
  const height = bars.length * rowHeight + 46;
  const x = (value: number): number => labelWidth + (value / most) * barWidth;
  const drawn = bars.map(({ name, value }, n) => {
    const y = 30 + n * rowHeight;
    const colour = value <= 1 ? '#2f8f5b' : '#c2702e';
    return `  <text x="${labelWidth - 8}" y="${y + 13}" text-anchor="end">${name}</text>
  <rect x="${labelWidth}" y="${y}" width="${(x(value) - labelWidth).toFixed(1)}" height="18" fill="${colour}"/>
  <text x="${(x(value) + 6).toFixed(1)}" y="${y + 13}">${value.toFixed(2)}</text>`;
  });
  const one = x(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${labelWidth + barWidth + 60} ${height}" font-family="sans-serif" font-size="13" fill="#7a7a7a" role="img">
  <title>heliod's time by ${other}'s, shorter is better</title>
  <text x="${labelWidth}" y="16">heliod's time by ${other}'s: shorter is better, the line is a tie</text>
${drawn.join('\n')}
  <line x1="${one}" y1="24" x2="${one}" y2="${height - 12}" stroke="#7a7a7a" stroke-dasharray="4 3"/>
</svg>
`;
}
