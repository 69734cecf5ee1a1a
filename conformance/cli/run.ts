// `helio-conformance run`: choose executions, run them against one target, write the reports.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunReport } from '../engine/result.ts';
import { run } from '../engine/run.ts';
import { knownDeviations } from '../known/index.ts';
import { writeEvidence } from '../report/evidence.ts';
import { writeJunit } from '../report/junit.ts';
import { tap } from '../report/tap.ts';
import { targets } from '../targets/index.ts';
import { awaitRouter, instructions, type ManualOptions, manual } from '../targets/manual.ts';
import { obstacleTo } from '../targets/obstacle.ts';
import type { Target } from '../targets/target.ts';
import { runAll } from './all.ts';
import { conclude, writeFile } from './conclude.ts';
import { Progress } from './progress.ts';
import { manualOptions, manualWords } from './router.ts';
import { chosen, select } from './select.ts';
import { parse, type RunValues } from './settings.ts';

function targetOf(name: string, options?: ManualOptions): Target {
  if (name === 'manual' && options === undefined) throw new Error('the address of the router is needed');
  const target = name === 'manual' && options ? manual(options) : targets[name];
  if (target === undefined)
    throw new Error(`no target ${name}; targets: ${Object.keys(targets).join(', ')}, manual`);
  return target;
}

async function refuseWhereImpossible(target: Target): Promise<void> {
  const obstacle = await obstacleTo(target);
  if (obstacle !== undefined) throw new Error(obstacle);
}

/** Plays one execution and writes nothing. */
export async function playOne(name: string, execution: string, seed: number) {
  const target = targetOf(name);
  await refuseWhereImpossible(target);
  const executions = select({ case: [execution], fast: false, slow: false }).filter(
    (e) => e.name === execution,
  );
  const workDirectory = mkdtempSync(join(tmpdir(), 'helio-conformance-'));
  const report = await run({
    target,
    executions,
    workers: 1,
    patienceMs: 5000,
    seed,
    workDirectory,
    known: knownDeviations[name] ?? [],
    reportInvariants: 'broken',
    repeatCommand: (one) => one,
    keep: () => undefined,
  });
  rmSync(workDirectory, { recursive: true, force: true });
  const [result] = report.results;
  if (result === undefined) throw new Error(`no execution ${execution}`);
  return { target: report.target, version: report.version, result };
}

export async function runCommand(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.all) return await runAll(values, playTarget);
  return conclude(await playTarget(values));
}

/** Plays the chosen executions against one target and writes the reports that were asked for. */
export async function playTarget(values: RunValues): Promise<RunReport> {
  const router = values.target === 'manual' ? manualOptions(values) : undefined;
  const target = targetOf(values.target, router);
  const executions = chosen(values);
  await refuseWhereImpossible(target);
  if (router) {
    process.stderr.write(instructions(router));
    await awaitRouter(router, Number(values.wait) * 1000, (text) => process.stderr.write(text));
  }
  const workDirectory = mkdtempSync(join(tmpdir(), 'helio-conformance-'));
  const progress = new Progress(executions.length);
  // Of fewer messages than those of a whole run some rules would have nothing to judge.
  const { case: cases, rfc, level, slow } = values;
  const everything = cases === undefined && rfc === undefined && level === undefined && !slow;
  const report = await run({
    target,
    executions,
    workers: Number(values.workers),
    patienceMs: Number(values.patience) * 1000,
    seed: Number(values.seed),
    workDirectory,
    known: knownDeviations[target.name] ?? [],
    reportInvariants: everything ? 'all' : 'broken',
    repeatCommand: (name) =>
      `helio-conformance run --target ${target.name}${router ? manualWords(router) : ''} --case '${name}' --seed ${values.seed}`,
    keep: (evidence) =>
      values.evidence !== undefined && (values['evidence-all'] || evidence.result.verdict !== 'pass')
        ? writeEvidence(values.evidence, evidence)
        : undefined,
    started: (name) => progress.started(name),
    finished: (result) => progress.finished(result),
  });
  progress.end();
  if (!values['keep-work']) rmSync(workDirectory, { recursive: true, force: true });
  await writeReports(report, values);
  return report;
}

async function writeReports(
  report: RunReport,
  values: {
    readonly tap?: string | undefined;
    readonly junit?: string | undefined;
    readonly json?: string | undefined;
  },
): Promise<void> {
  const document = tap(report.results, `${report.target} ${report.version}`);
  if (values.tap === undefined) process.stdout.write(document);
  else writeFile(values.tap, document);
  if (values.json !== undefined) writeFile(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
  if (values.junit !== undefined) await writeJunit(report, values.junit);
}
