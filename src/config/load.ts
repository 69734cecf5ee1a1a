/**
 * Text to validated settings, the one way in: YAML syntax, keys and values, rules across keys, then the
 * settings. All that is wrong comes back at once, in the order of the file.
 */
import type { z } from 'zod';
import { buildConfiguration } from './build.ts';
import { checkFile } from './check.ts';
import type { ConfigProblem, Configuration, MachineFacts } from './configuration.ts';
import { readDocument, type SourceDocument } from './document.ts';
import { type Finding, Findings, type Path } from './findings.ts';
import { shown } from './scalars.ts';
import { type ConfigFile, fileSchema } from './schema.ts';
import { type Loose, readWith } from './walk.ts';

export type TextProblems = { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export type LoadResult =
  | { readonly ok: true; readonly config: Configuration; readonly warnings: readonly ConfigProblem[] }
  | TextProblems;

/** Never throws. `fileName` only stands in the messages. */
export function loadConfig(
  text: string,
  fileName: string,
  facts: MachineFacts = { hostName: '' },
): LoadResult {
  const result = readText(text, fileName, fileSchema, {
    empty: 'the file is empty: it needs version and router',
    check: (file, findings) => checkFile(file, findings, facts),
  });
  if (!result.ok) return result;
  const config = buildConfiguration(result.value as ConfigFile, facts);
  return { ok: true, config, warnings: result.warnings };
}

interface Reading<T> {
  /** What is said of a text without anything in it. */
  readonly empty: string;
  /** Rules across keys. */
  readonly check: (value: T, findings: Findings) => void;
}

/** YAML, keys and values, rules: where nothing was left out, nothing is loose about the value any more. */
export function readText<S extends z.ZodType>(
  text: string,
  fileName: string,
  schema: S,
  { empty, check }: Reading<Loose<z.output<S>>>,
):
  | {
      readonly ok: true;
      readonly value: Loose<z.output<S>> | undefined;
      readonly warnings: readonly ConfigProblem[];
    }
  | TextProblems {
  const findings = new Findings();
  const document = readDocument(text, findings);
  const isEmpty = document.data === undefined || document.data === null;
  if (isEmpty && document.syntax.length === 0) findings.problem([], empty);
  const value = isEmpty ? undefined : readWith(schema, document.data, findings);
  if (value !== undefined) check(value, findings);
  const problems = [...syntaxProblems(document, fileName), ...valueProblems(findings, document, fileName)];
  if (problems.length > 0) return { ok: false, problems: inOrder(problems) };
  const warnings = findings.warnings.map((warning) => render(warning, document, fileName, 'warning: '));
  return { ok: true, value, warnings: inOrder(warnings) };
}

function syntaxProblems(document: SourceDocument, fileName: string): ConfigProblem[] {
  return document.syntax.map(({ position: { line, column }, message: full }) => {
    const message = printable(full.length > 200 ? `${full.slice(0, 200)}...` : full);
    return { text: `${fileName}:${line}:${column}: ${message}`, line, column, path: '', message };
  });
}

/**
 * After a syntax error the tree is a guess: values before that line are told as usual, but nothing is called
 * missing that may stand behind it.
 */
function valueProblems(findings: Findings, document: SourceDocument, fileName: string): ConfigProblem[] {
  const firstBadLine = Math.min(...document.syntax.map(({ position }) => position.line));
  const certain = findings.problems.filter(
    (finding) => firstBadLine === Infinity || finding.kind === 'value',
  );
  return certain
    .map((finding) => render(finding, document, fileName, ''))
    .filter((problem) => problem.line < firstBadLine);
}

function render(
  finding: Finding,
  document: SourceDocument,
  fileName: string,
  severity: string,
): ConfigProblem {
  const { line, column } = finding.position ?? document.locate(finding.path, finding.at);
  const path = formatPath(finding.path);
  const message = printable(finding.message);
  const text = `${fileName}:${line}:${column}: ${severity}${path === '' ? '' : `${path}: `}${message}`;
  return { text, line, column, path, message };
}

/** One line, whatever the file holds. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

/** `peers.0.timers.hold`; a key that is no plain word stands in quotes. */
function formatPath(path: Path): string {
  return path
    .map((part) => (/^[\w-]+$/.test(String(part)) ? String(part) : printable(shown(String(part)))))
    .join('.');
}

/** By position; what a rule found once per peer in one line of their group is told once. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const once = new Map(problems.map((problem) => [problem.text, problem]));
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
