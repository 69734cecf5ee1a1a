/**
 * `npm test`: every check of this repository, one after the other, stopping at the first that fails. Prints a line
 * per step with its time and, last of all, one plain line `N passed, N failed` over all tests. The interop step wants
 * other BGP daemons: install-peers.js gets them where it may, and what had to be skipped is said aloud.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPeers } from './interop/install-peers.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const reports = mkdtempSync(join(tmpdir(), 'heliograph-test-'));
const binary = (name) => join(root, 'node_modules/.bin', name);

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Counts */
/** @type {Counts} */
const total = { passed: 0, failed: 0, skipped: [] };

const steps = [
  { name: 'other BGP daemons', run: peers },
  { name: 'format and lint', run: () => command(binary('biome'), ['check', '.']) },
  { name: 'layers', run: () => command(process.execPath, ['test/layers/check.js']) },
  { name: 'types', run: () => command(binary('tsc'), ['--noEmit', '-p', 'tsconfig.json']) },
  { name: 'unit, property, simulation', run: () => vitest('unit') },
  { name: 'build', run: () => command('npm', ['run', '--silent', 'build']) },
  { name: 'conformance', run: conformance },
  { name: 'conformance mutants', run: mutants },
  { name: 'interop', run: () => vitest('interop') },
  { name: 'containers', run: () => vitest('containers') },
];

/** First, since some unit tests ask tshark for a second opinion. */
async function peers() {
  const missing = installPeers();
  for (const line of missing) say(`      ${line}`);
  if (missing.length > 0 && process.env.CI === 'true')
    throw new Error('CI=true: a missing peer is a failure');
}

/** Runs a command with its output shown only when it fails. */
function command(file, args) {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (code === 0) return done(undefined);
      process.stdout.write(Buffer.concat(output));
      fail(new Error(`${file.split('/').at(-1)} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** One vitest project; its JSON report feeds the sum, whether it passed or not. */
async function vitest(project) {
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    await command(binary('vitest'), ['run', '--project', project, '--passWithNoTests', ...reporters]);
  } finally {
    addCounts(report);
  }
}

/** The fast rows of the conformance suite against heliod, which has no known deviations. */
async function conformance() {
  await command('npm', ['run', '--silent', 'build:conformance']);
  const report = join(reports, 'conformance.json');
  const run = ['bin/helio-conformance.js', 'run', '--target', 'heliod', '--fast', '--workers', '6'];
  try {
    await command(process.execPath, [...run, '--tap', join(reports, 'conformance.tap'), '--json', report]);
  } finally {
    addVerdicts(report);
  }
}

function addVerdicts(report) {
  let results = [];
  try {
    results = JSON.parse(readFileSync(report, 'utf8')).results;
  } catch {
    return; // the suite ended before it could write one; its exit code says so
  }
  const skipped = results.filter(({ verdict }) => verdict.startsWith('skip'));
  const passed = results.filter(({ verdict }) => verdict === 'pass');
  total.passed += passed.length;
  total.failed += results.length - passed.length - skipped.length;
  total.skipped.push(...new Set(skipped.map(({ row, observed }) => `conformance ${row}: ${observed}`)));
}

/** Can the suite fail? Some of the mutants, others each day; `npm run conformance:mutants` plays all. */
function mutants() {
  const seed = process.env.MUTANT_SEED ?? String(Math.floor(Date.now() / 86_400_000));
  const script = 'dist/conformance/mutants/main.js';
  return command(process.execPath, [script, '--sample', '6', '--seed', seed]);
}

function addCounts(report) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return; // vitest ended before it could write one; its failure is reported by its exit code
  }
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests;
  const skipped = result.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status !== 'passed' && test.status !== 'failed');
  total.skipped.push(...new Set(skipped.map((test) => test.ancestorTitles.join(' > ') || test.title)));
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

async function runSteps() {
  for (const [index, step] of steps.entries()) {
    const label = `[${index + 1}/${steps.length}] ${step.name}`;
    const start = performance.now();
    say(`${label} ...`);
    try {
      await step.run();
    } catch (error) {
      say(`${label}: FAILED after ${seconds(start)}: ${error.message}`);
      return false;
    }
    say(`${label}: ok, ${seconds(start)}`);
  }
  return true;
}

const ok = await runSteps();
rmSync(reports, { recursive: true, force: true });
for (const title of total.skipped) say(`skipped: ${title}`);
if (!ok) process.exitCode = 1;
say(`${total.passed} passed, ${ok ? 0 : Math.max(total.failed, 1)} failed`);
