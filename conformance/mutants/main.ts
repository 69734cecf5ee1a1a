// The mutants of heliod, all or a seeded part of them: each must turn exactly the cases red that it names.
//
//   node dist/conformance/mutants/main.js [--only NAME]... [--sample N] [--seed N] [--jobs N] [--whole] [--json FILE] [--markdown FILE]

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seeded } from '../wire/bytes.ts';
import { mutants } from './index.ts';
import type { Mutant } from './mutant.ts';
import { type MutantResult, playMutant } from './play.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    whole: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'string' },
    root: { type: 'string', default: fileURLToPath(new URL('../../..', import.meta.url)) },
  },
});

function chosen(): readonly Mutant[] {
  const named = values.only === undefined ? mutants : mutants.filter((m) => values.only?.includes(m.name));
  if (values.sample === undefined) return named;
  const random = seeded(Number(values.seed));
  const left = [...named];
  const some: Mutant[] = [];
  while (left.length > 0 && some.length < Number(values.sample))
    some.push(...left.splice(random() % left.length, 1));
  return some;
}

/** What would notice it takes more than this machine has: said aloud, and no kill. */
const isUnplayed = ({ red, skipped }: MutantResult): boolean => red.length === 0 && skipped.length > 0;

const good = (result: MutantResult): boolean =>
  (result.red.length > 0 || isUnplayed(result)) &&
  result.survived.length === 0 &&
  result.unexpected.length === 0;

function describe(result: MutantResult): string {
  const { mutant, played, red, survived, unexpected, seconds } = result;
  const word = !good(result) ? 'NOT OK' : isUnplayed(result) ? 'skip  ' : 'ok    ';
  const head = `${word} ${mutant.name}: ${red.length} of ${played} red, ${seconds.toFixed(1)} s`;
  return [
    head,
    ...[...new Set(result.skipped)].map((line) => `         not played: ${line}`),
    ...survived.map((line) => `         should be red: ${line}`),
    ...unexpected.map((line) => `         should be green: ${line}`.replace(/\s+$/g, '').slice(0, 300)),
    '',
  ].join('\n');
}

/** Which cases noticed which fault. */
function page(played: readonly MutantResult[], summary: string): string {
  const sorted = [...played].sort((a, b) => a.mutant.name.localeCompare(b.mutant.name));
  const rows = sorted.map(
    ({ mutant, red, played: count }) =>
      `| ${mutant.name} | ${mutant.file} | ${rowsOf(red).join(' ')} | ${red.length} of ${count} |`,
  );
  return [
    '# Mutants of heliod, and the cases that notice them',
    '',
    'Written by `npm run conformance:mutants -- --markdown docs/conformance/mutants.md`. Each is a fault in one file of the build; the',
    'cases on its line turned red, every other one that was played stayed green.',
    '',
    `Last run: ${summary}.`,
    '',
    '| fault | file | rows that turned red | executions |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const rowsOf = (executions: readonly string[]): readonly string[] => [
  ...new Set(executions.map((execution) => execution.replace(/\/.*/, ''))),
];

async function lane(queue: Mutant[], results: MutantResult[]): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const result = await playMutant(values.root, next, values.whole ? 'whole' : 'near');
    results.push(result);
    process.stdout.write(describe(result));
  }
}

const queue = [...chosen()];
const total = queue.length;
const results: MutantResult[] = [];
const began = performance.now();
await Promise.all(Array.from({ length: Number(values.jobs) }, () => lane(queue, results)));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`);
const bad = results.filter((result) => !good(result));
const seconds = ((performance.now() - began) / 1000).toFixed(0);
const killed = results.filter((result) => good(result) && !isUnplayed(result)).length;
const summary = `${killed} of ${mutants.length} mutants killed by exactly their cases, ${total} played in ${seconds} s`;
if (values.markdown !== undefined) writeFileSync(values.markdown, page(results, summary));
process.stdout.write(`${summary} (seed ${values.seed})\n`);
process.exitCode = total > 0 && bad.length === 0 ? 0 : 1;
