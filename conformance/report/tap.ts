// TAP version 14, flat: one test point per execution, in a form that tap-junit renders without loss.
//
// What tap-junit 5.0.4 does to TAP decides the form: no subtests (it drops them), no TODO (it counts as failure), the
// reason of a skip in the name, one `message` in the YAML block (other keys lose their line ends), and no comments
// (the last one would stick to every later case).

import type { CaseResult } from '../engine/result.ts';
import type { Verdict } from '../engine/verdict.ts';

const good: ReadonlySet<Verdict> = new Set(['pass', 'xfail', 'skip-unsupported', 'skip-unconfigurable']);

/** `#` and `\` would start a directive. */
const escapeName = (text: string): string => text.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');

const quote = (text: string): string => JSON.stringify(text.replace(/\s+/g, ' '));

function line(result: CaseResult, number: number): string {
  const status = good.has(result.verdict) ? 'ok' : 'not ok';
  const skip = result.verdict.startsWith('skip');
  const known = result.verdict === 'xfail' ? ' (known deviation)' : '';
  const reason = skip ? ` (${result.observed})` : known;
  const name = escapeName(`${result.execution} ${result.title}${reason}`);
  return `${status} ${number} - ${name}${skip ? ' # SKIP' : ''}`;
}

function block(result: CaseResult, target: string): string[] {
  const severity = result.verdict === 'crash' || result.verdict === 'error' ? 'error' : 'fail';
  const where = result.evidence === undefined ? '' : ` / evidence ${result.evidence}`;
  const message = `expected ${result.expected} / observed ${result.observed}${where}`;
  const facts = [
    `level: ${result.level}`,
    `verdict: ${result.verdict}`,
    `target: ${quote(target)}`,
    `duration_ms: ${result.durationMs}`,
  ];
  const failing = good.has(result.verdict) ? [] : [`message: ${quote(message)}`, `severity: ${severity}`];
  return ['  ---', ...[...failing, ...facts].map((fact) => `  ${fact}`), '  ...'];
}

/** The whole document for these results. */
export function tap(results: readonly CaseResult[], target: string): string {
  const points = results.flatMap((result, i) => [line(result, i + 1), ...block(result, target)]);
  return ['TAP version 14', `1..${results.length}`, ...points, ''].join('\n');
}
