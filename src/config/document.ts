/**
 * YAML text as plain data plus the position of everything in it. Owns YAML syntax, duplicate keys and
 * aliases; knows nothing of what the keys mean.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Findings, Path } from './findings.ts';

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem {
  readonly position: Position;
  readonly message: string;
}

export interface SourceDocument {
  readonly syntax: readonly SyntaxProblem[];
  /** Maps without a prototype, arrays and scalars; `undefined` for an empty file. */
  readonly data: unknown;
  /** Of the nearest thing that exists on the way to `path`. */
  locate(path: Path, at: 'key' | 'value'): Position;
}

const onlyOne = 'YAML: one document per file: take the "---" away';

const fileStart: Position = { line: 1, column: 1 };
const maxBrackets = 100;
const maxColumns = 400;

/** Nodes one file may expand to through aliases: a guard against exponential files. */
const maxAliasedNodes = 100_000;

/** Reads the text; duplicate keys and unusable nodes go to `findings`, syntax errors into the result. */
export function readDocument(text: string, findings: Findings): SourceDocument {
  const lines = new LineCounter();
  const deep = tooDeep(text);
  if (deep) return unreadable(deep, 'it is nested too deeply here');
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false, // ours say where the first one is
      prettyErrors: false,
      logLevel: 'error',
      version: '1.2',
    });
    const positionAt = (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    };
    const syntax = [...document.errors, ...document.warnings].map((error) => ({
      position: positionAt(error.pos[0]),
      message: error.code === 'MULTIPLE_DOCS' ? onlyOne : `YAML: ${firstLine(error.message)}`,
    }));
    const data = new PlainReader(document, findings, positionAt).read();
    return {
      syntax,
      data,
      locate: (path, at) => {
        const offset = offsetOf(document, path, at);
        return offset === undefined ? fileStart : positionAt(offset);
      },
    };
  } catch (error) {
    return unreadable(fileStart, firstLine(String(error)));
  }
}

function unreadable(position: Position, detail: string): SourceDocument {
  const syntax = [{ position, message: `YAML: the file cannot be read: ${detail}` }];
  return { syntax, data: undefined, locate: () => position };
}

/**
 * Where nesting goes beyond all reason. The parser is recursive, and a stack that runs full inside V8's
 * compiler of regular expressions ends the process, so it must not come to that: brackets are counted by the lexer
 * (which is not recursive), block levels by the columns they need.
 */
function tooDeep(text: string): Position | undefined {
  const indented = new RegExp(`^[-?: \\t]{${maxColumns}}`, 'm').exec(text);
  if (indented) return { line: text.slice(0, indented.index).split('\n').length, column: 1 };
  let depth = 0;
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    else line += token.split('\n').length - 1;
    if (depth > maxBrackets) return { line, column: 1 };
  }
  return undefined;
}

function firstLine(message: string): string {
  return message.split('\n')[0].trim();
}

/** Document nodes to plain values, in one walk that also finds what plain values cannot show. */
class PlainReader {
  readonly #document: Document;
  readonly #findings: Findings;
  readonly #positionAt: (offset: number) => Position;
  readonly #open = new Set<unknown>();
  #aliased = 0;
  #aliasDepth = 0;

  constructor(document: Document, findings: Findings, positionAt: (offset: number) => Position) {
    this.#document = document;
    this.#findings = findings;
    this.#positionAt = positionAt;
  }

  read(): unknown {
    return this.#value(this.#document.contents, []);
  }

  #value(node: unknown, path: Path): unknown {
    if (this.#aliasDepth > 0 && ++this.#aliased > maxAliasedNodes) {
      if (this.#aliased === maxAliasedNodes + 1) {
        this.#findings.problem(path, 'aliases repeat too much of the file', 'value');
      }
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node.source, node.resolve(this.#document), path);
    if (isScalar(node)) return node.value;
    if (!isMap(node) && !isSeq(node)) return undefined;
    this.#open.add(node);
    const value = isMap(node)
      ? this.#map(node, path)
      : node.items.map((item, i) => this.#value(item, [...path, i]));
    this.#open.delete(node);
    return value;
  }

  #alias(name: string, target: Node | undefined, path: Path): unknown {
    if (!target || this.#open.has(target)) {
      const why = target ? 'stands inside what it names' : 'names no anchor above it';
      this.#findings.problem(path, `the alias *${name} ${why}`);
      return undefined;
    }
    this.#aliasDepth++;
    const value = this.#value(target, path);
    this.#aliasDepth--;
    return value;
  }

  #map(node: YAMLMap, path: Path): unknown {
    const value: Record<string, unknown> = Object.create(null);
    const first = new Map<string, Pair>();
    for (const pair of node.items) {
      if (!isScalar(pair.key)) {
        this.#findings.unknownKey(path, 'a key must be a plain word, not a list or a map');
        continue;
      }
      const key = keyText(pair);
      const earlier = first.get(key);
      if (earlier) {
        this.#duplicate(pair, earlier, [...path, key]);
      } else {
        first.set(key, pair);
        value[key] = this.#value(pair.value, [...path, key]);
      }
    }
    return value;
  }

  #duplicate(pair: Pair, earlier: Pair, path: Path): void {
    const line = this.#positionAt(startOf(earlier.key) ?? 0).line;
    const position = this.#positionAt(startOf(pair.key) ?? 0);
    this.#findings.duplicateKey(path, `this key was given before, on line ${line}`, position);
  }
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function offsetOf(document: Document, path: Path, at: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [i, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
    } else if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && keyText(item) === String(part),
      );
      if (!pair) return offset;
      const keyStart = startOf(pair.key);
      const empty = pair.value === null || (isScalar(pair.value) && pair.value.value === null);
      // `key:` without a value has nothing to point at but the key.
      if ((at === 'key' && i === path.length - 1) || empty) return keyStart ?? offset;
      node = pair.value;
    } else {
      return offset;
    }
    offset = startOf(node) ?? offset;
  }
  return offset;
}
