/** What the suite is trusted for: mutants that fit the build, lists that fit the cases, a black box that stays one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { allCases } from '../../conformance/cases/index.ts';
import { executionsOf } from '../../conformance/engine/case.ts';
import { invariants } from '../../conformance/engine/invariants.ts';
import { applyKnown, matches } from '../../conformance/engine/known.ts';
import { knownDeviations } from '../../conformance/known/index.ts';
import { deviations } from '../../conformance/known/list.ts';
import { mutants } from '../../conformance/mutants/index.ts';
import { mutate } from '../../conformance/mutants/mutant.ts';
import { executionsFor } from '../../conformance/mutants/play.ts';
import { parseRequirements, requirements, rowsOf } from '../../conformance/requirements/index.ts';

const names = [
  ...allCases.flatMap(executionsOf).map((one) => one.name),
  ...invariants.map((one) => one.id),
  'Z-INV-01',
];
const answersTo = (glob: string): boolean => names.some((name) => matches(glob, name));

describe('a mutant', () => {
  const base = { name: 'm', file: 'f.js', rfc: ['4271'], red: [] } as const;
  const code = 'function f(a) {\n    // why\n    if (a === "x")\n        return g(a, 1);\n    return 2;\n}\n';

  it.each([
    ["if (a === 'x') return g(a, 1);", 'return 3;'],
    ['{ if(a==="x") return', '{ return'],
  ])('finds %s whatever the layout, the quotes and the comments', (find, replace) => {
    expect(mutate(code, { ...base, find, replace })).not.toBe(code);
  });

  it.each(['if (b)', 'return', 'eturn 2'])('refuses %s, which is not there exactly once', (find) => {
    expect(() => mutate(code, { ...base, find, replace: '' })).toThrow(/times/);
  });
});

describe('the mutants', () => {
  // As the build makes it, file by file: types are checked elsewhere.
  const built = (file: string): string =>
    ts.transpileModule(readFileSync(join('src', file.replace(/\.js$/, '.ts')), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    }).outputText;

  it('have a name of their own each', () => {
    expect(new Set(mutants.map((one) => one.name)).size).toBe(mutants.length);
  });

  it.each(mutants)('$name fits the build and changes it', (mutant) => {
    const code = built(mutant.file);
    expect(mutate(code, mutant)).not.toBe(code);
  });

  it.each(mutants)('$name names rows that exist, and plays some that stay green', (mutant) => {
    expect(mutant.red.filter((glob) => !answersTo(glob))).toEqual([]);
    expect(executionsFor(mutant, 'near').length).toBeGreaterThan(0);
  });
});

describe('known deviations', () => {
  it('are about rows that exist, and none is about heliod', () => {
    const all = Object.values(knownDeviations).flat();
    expect(all.filter((one) => !answersTo(one.execution)).map((one) => one.execution)).toEqual([]);
    expect(knownDeviations.heliod).toBeUndefined();
  });

  it('refuses a line that is neither heading nor row', () => {
    expect(() => deviations('1', 'RFC4271-6.1-01 ~ session up')).toThrow();
    expect(() => deviations('1', '# bug ~ why\nRFC4271-6.1-01')).toThrow();
    expect(() => deviations('1', '# bug ~ why\nA ~ b ~ often')).toThrow();
  });

  const list = deviations('1', '# bug ~ b\nA ~ kept\nB ~ kept ~ sometimes\n# crash ~ c\nA ~ ended\n');
  const judge = (name: string, verdict: 'pass' | 'fail' | 'crash', observed: string) =>
    applyKnown({ verdict, expected: '', observed }, name, '1.2', list);

  it.each([
    ['A', 'fail', 'route kept', 'xfail'],
    ['A', 'fail', 'it ended', 'fail'],
    ['A', 'pass', 'as expected', 'xpass'],
    ['B', 'pass', 'as expected', 'pass'],
    ['B', 'fail', 'route kept', 'xfail'],
    ['B', 'fail', 'session down', 'fail'],
  ] as const)('%s: %s with "%s" is %s', (name, verdict, observed, wanted) => {
    expect(judge(name, verdict, observed).verdict).toBe(wanted);
  });

  it('leaves a crash a crash, and marks one that is listed', () => {
    expect(judge('A', 'crash', 'it ended')).toMatchObject({ verdict: 'crash', listed: true });
    expect(judge('B', 'crash', 'it ended')).not.toHaveProperty('listed');
  });
});

describe('the requirements index', () => {
  it('names only rows that are built, unless it is a SHOULD', () => {
    const missing = requirements.filter(({ waiver, level, ...one }) => {
      if (waiver !== undefined) return false;
      const unknown = one.cases.filter((glob) => !answersTo(glob));
      return level === 'MUST' ? unknown.length > 0 : rowsOf({ ...one, level, waiver }).length === 0;
    });
    expect(missing.map((one) => `RFC ${one.rfc} ${one.section}: ${one.cases.join(' ')}`)).toEqual([]);
  });

  it('has a case or a waiver for each MUST', () => {
    const open = requirements.filter(
      (one) => one.level === 'MUST' && rowsOf(one).length === 0 && !one.waiver,
    );
    expect(open).toEqual([]);
  });

  it('refuses a line without level or cases', () => {
    expect(() => parseRequirements('RFC 1\n2 ~ MUST ~ something')).toThrow();
    expect(() => parseRequirements('RFC 1\n2 ~ OUGHT ~ something ~ A')).toThrow();
    expect(() => parseRequirements('2 ~ MUST ~ something ~ A')).toThrow();
  });
});

describe('the black box', () => {
  const files = readdirSync('conformance', { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.ts'),
  );

  it('imports nothing of the speaker', () => {
    const guilty = files.filter((f) =>
      /from '[./]*\/src\//.test(readFileSync(join('conformance', f), 'utf8')),
    );
    expect(files.length).toBeGreaterThan(50);
    expect(guilty).toEqual([]);
  });
});
