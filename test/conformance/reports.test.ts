/** Verdicts as reports: TAP that tap-junit can read, the capture file, the matrix, the known deviations. */
import { describe, expect, it } from 'vitest';
import { changes, sights } from '../../conformance/cli/compare.ts';
import { applyKnown, matches } from '../../conformance/engine/known.ts';
import type { CaseResult, RunReport } from '../../conformance/engine/result.ts';
import { Transcript } from '../../conformance/engine/transcript.ts';
import type { Verdict } from '../../conformance/engine/verdict.ts';
import { transcriptText } from '../../conformance/report/evidence.ts';
import { cellOf, matrixHtml, matrixMarkdown } from '../../conformance/report/matrix.ts';
import { pcapng } from '../../conformance/report/pcapng.ts';
import { tap } from '../../conformance/report/tap.ts';
import { keepalive } from '../../conformance/wire/messages.ts';

const result = (execution: string, verdict: Verdict, observed = 'session up'): CaseResult => ({
  execution,
  row: execution.split('/')[0] ?? '',
  rfc: '7606',
  title: 'COMMUNITIES of length 0 # 1',
  level: 'MUST',
  profile: 'P0',
  verdict,
  expected: 'treat-as-withdraw',
  observed,
  durationMs: 12,
  seed: 1,
  evidence: undefined,
  repeat: '',
});

const report = (target: string, results: readonly CaseResult[]): RunReport => {
  return { format: 1, target, version: '1', startedAt: '', seconds: 1, results };
};

describe('TAP', () => {
  const text = tap(
    [result('A/1', 'pass'), result('A/2', 'fail', 'two\nlines'), result('A/3', 'skip-unsupported', 'no ORF')],
    't 1',
  );

  it('is flat, planned and numbered', () => {
    expect(text.split('\n').slice(0, 2)).toEqual(['TAP version 14', '1..3']);
    expect(text.match(/^(not )?ok \d+/gm)).toEqual(['ok 1', 'not ok 2', 'ok 3']);
  });

  it('escapes what would be a directive and keeps the reason of a skip in the name', () => {
    expect(text).toContain('ok 1 - A/1 COMMUNITIES of length 0 \\# 1');
    expect(text).toContain('(no ORF) # SKIP');
  });

  it('puts expectation and observation on one line of the YAML block', () => {
    expect(text).toContain('message: "expected treat-as-withdraw / observed two lines"');
  });

  it.each([
    ['xfail', 'ok'],
    ['xpass', 'not ok'],
    ['inconclusive', 'not ok'],
    ['crash', 'not ok'],
  ] as const)('%s is %s', (verdict, word) => {
    expect(tap([result('A', verdict)], 't')).toContain(`\n${word} 1 - `);
  });
});

describe('known deviations', () => {
  const list = [
    {
      execution: 'A/*',
      versions: '8.4',
      kind: 'bug',
      observed: 'no data',
      why: 'data missing',
      reference: '',
    },
  ] as const;
  const outcome = (verdict: Verdict, observed: string) => ({ verdict, expected: '', observed });

  it.each([
    ['fail', 'NOTIFICATION with no data', '8.4.4', 'xfail'],
    ['fail', 'session up', '8.4.4', 'fail'],
    ['pass', 'as expected', '8.4.4', 'xpass'],
    ['fail', 'NOTIFICATION with no data', '9.0', 'fail'],
    ['crash', 'no data', '8.4.4', 'crash'],
  ] as const)('%s with "%s" in %s becomes %s', (verdict, observed, version, wanted) => {
    expect(applyKnown(outcome(verdict, observed), 'A/1', version, list).verdict).toBe(wanted);
  });

  it('matches ids, executions of an id, and globs', () => {
    expect(['A', 'A/1', 'B/1'].filter((name) => matches('A', name))).toEqual(['A', 'A/1']);
    expect(matches('RFC7606-3?-01', 'RFC7606-3c-01')).toBe(false);
    expect(matches('RFC7606-3*', 'RFC7606-3c-01/e1-v4')).toBe(true);
    expect(matches('RFC7606-3.*', 'RFC7606-3c-01')).toBe(false);
  });
});

describe('matrix and diff', () => {
  it('shows the worst verdict of a row and how many executions passed', () => {
    expect(cellOf([result('A/1', 'pass'), result('A/2', 'fail')])).toEqual({
      verdict: 'fail',
      good: 1,
      played: 2,
    });
    const text = matrixMarkdown([
      report('a', [result('A/1', 'pass'), result('A/2', 'fail')]),
      report('b', []),
    ]);
    expect(text).toContain('fail (1/2)');
  });

  it('says nothing about a crash but its row', () => {
    const reports = [report('a', [result('A/1', 'crash')])];
    expect(matrixMarkdown(reports)).not.toContain('COMMUNITIES');
    expect(matrixHtml(reports)).not.toContain('COMMUNITIES');
  });

  it('tells what two targets do differently where it is left open', () => {
    const saw = (execution: string, observed: string) => ({
      ...result(execution, 'pass'),
      level: 'RECORD' as const,
      observed,
    });
    const a = report('a', [saw('A/1', '1 taken; 2 withdrawn; 3 taken'), saw('A/2', 'same')]);
    const b = report('b', [saw('A/1', '1 taken; 2 taken; 3 taken'), saw('A/2', 'same')]);
    expect(sights(a, b)).toEqual([{ execution: 'A/1', from: ['2 withdrawn'], to: ['2 taken'] }]);
    // A rule is judged by its verdict.
    const must = [a, b].map((one) => ({
      ...one,
      results: one.results.map((each) => ({ ...each, level: 'MUST' as const })),
    }));
    expect(sights(must[0] ?? a, must[1] ?? b)).toEqual([]);
  });

  it('lists changed verdicts only', () => {
    const old = report('a', [result('A/1', 'pass'), result('A/2', 'pass')]);
    const now = report('a', [result('A/1', 'pass'), result('A/2', 'fail'), result('A/3', 'pass')]);
    expect(changes(old, now)).toEqual([
      { execution: 'A/2', from: 'pass', to: 'fail' },
      { execution: 'A/3', from: 'absent', to: 'pass' },
    ]);
  });
});

it('a transcript keeps the beginning of a flood, and says so', () => {
  const transcript = new Transcript();
  const megabyte = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 20; i++) transcript.bytes('received', 'e1', megabyte);
  expect(transcript.entries).toHaveLength(9);
  expect(transcript.entries.at(-1)).toMatchObject({ type: 'note', text: expect.stringContaining('no more') });
});

describe('evidence', () => {
  const transcript = new Transcript();
  transcript.endpoint('e1', { local: '127.1.0.1', localPort: 50000, remote: '127.0.0.1', remotePort: 33333 });
  transcript.bytes('sent', 'e1', keepalive());
  transcript.bytes('received', 'e1', keepalive());

  it('writes hex and words', () => {
    const text = transcriptText(transcript);
    expect(text).toContain('-> KEEPALIVE length 19');
    expect(text).toContain('000010 00 13 04');
  });

  it('makes pcapng blocks whose lengths agree, with the target on port 179', () => {
    const bytes = pcapng(transcript, 'test');
    const view = new DataView(bytes.buffer);
    const types: number[] = [];
    for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true)) {
      types.push(view.getUint32(at, true));
      const length = view.getUint32(at + 4, true);
      expect(view.getUint32(at + length - 4, true)).toBe(length);
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6, 6]);
    expect(Buffer.from(bytes).includes(Buffer.from([0xc3, 0x50, 0x00, 0xb3]))).toBe(true);
  });
});
