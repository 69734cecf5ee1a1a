/**
 * The text of AS path patterns, read into a tree: a small regular language whose letters are whole AS numbers.
 *
 *   64500        that AS                       ( | )    grouping, alternatives
 *   [64512-65534]  one AS of that range        * + ?    repetition of what stands before
 *   .            any one AS                    ^ $      the begin and the end of the path
 *   _ and space  the boundary between two AS numbers, which is everywhere: they only keep numbers apart
 *
 * Owns the grammar and its limits. What a tree means is `as-path-pattern.ts`.
 */

export type AsPathNode =
  /** Fits without taking an AS: `_`, `()`. */
  | { readonly type: 'nothing' }
  | { readonly type: 'begin' }
  | { readonly type: 'end' }
  /** One AS, `low` and `high` included. */
  | { readonly type: 'as'; readonly low: number; readonly high: number }
  | { readonly type: 'sequence' | 'either'; readonly nodes: readonly AsPathNode[] }
  | { readonly type: 'repeat'; readonly node: AsPathNode; readonly mode: RepeatMode };

export type RepeatMode = '*' | '+' | '?';

export interface AsPathPatternError {
  /** What is wrong, without a full stop. */
  readonly error: string;
  /** Offset into the text, from 0. */
  readonly at: number;
}

/** Characters. With it the cost of a match is bounded: see `as-path-pattern.ts`. */
export const maxPatternLength = 4096;

/** Groups inside groups: what comes over the API must not exhaust the stack. */
const maxDepth = 50;

class SyntaxProblem extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export function parseAsPathPattern(text: string): AsPathNode | AsPathPatternError {
  if (text.length > maxPatternLength) {
    return { error: `the pattern is longer than ${maxPatternLength} characters`, at: maxPatternLength };
  }
  if (text.trim() === '') return { error: 'the pattern is empty: write ^$ for an empty path', at: 0 };
  try {
    return new Parser(text).parse();
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return { error: problem.message, at: problem.at };
    throw problem;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): AsPathNode {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) this.#fail('a ) without (');
    return node;
  }

  #fail(message: string, at: number = this.#at): never {
    throw new SyntaxProblem(message, at);
  }

  #alternatives(): AsPathNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? nodes[0] : { type: 'either', nodes };
  }

  #sequence(): AsPathNode {
    const nodes: AsPathNode[] = [];
    for (;;) {
      while (this.#take(' '));
      const char = this.#text[this.#at];
      if (char === undefined || char === '|' || char === ')') return { type: 'sequence', nodes };
      nodes.push(this.#repeated(this.#atom(char)));
    }
  }

  /** Two marks in a row are one: `+?` and `?+` are `*`. */
  #repeated(node: AsPathNode): AsPathNode {
    let mode: RepeatMode | undefined;
    for (;;) {
      const char = this.#text[this.#at];
      if (char !== '*' && char !== '+' && char !== '?') break;
      mode = mode === undefined || mode === char ? char : '*';
      this.#at++;
    }
    return mode === undefined ? node : { type: 'repeat', node, mode };
  }

  #atom(char: string): AsPathNode {
    if (char >= '0' && char <= '9') {
      const asn = this.#number();
      return { type: 'as', low: asn, high: asn };
    }
    this.#at++;
    switch (char) {
      case '^':
        return { type: 'begin' };
      case '$':
        return { type: 'end' };
      case '_':
        return { type: 'nothing' };
      case '.':
        return { type: 'as', low: 0, high: 0xffffffff };
      case '(':
        return this.#group();
      case '[':
        return this.#range();
      case '*':
      case '+':
      case '?':
        return this.#fail(`nothing to repeat before ${char}`, this.#at - 1);
      default:
        return this.#fail(`expected an AS number, not ${JSON.stringify(char)}`, this.#at - 1);
    }
  }

  #group(): AsPathNode {
    const open = this.#at - 1;
    if (++this.#depth > maxDepth) this.#fail(`more than ${maxDepth} groups inside each other`, open);
    const node = this.#alternatives();
    if (!this.#take(')')) this.#fail('a ( without )', open);
    this.#depth--;
    return node;
  }

  #range(): AsPathNode {
    const open = this.#at - 1;
    const low = this.#number();
    const high = this.#take('-') ? this.#number() : low;
    if (!this.#take(']')) this.#fail('a range of AS numbers is written [64512-65534]', open);
    if (high < low) this.#fail(`the range ${low}-${high} is empty`, open);
    return { type: 'as', low, high };
  }

  #number(): number {
    const start = this.#at;
    while (this.#text[this.#at] >= '0' && this.#text[this.#at] <= '9') this.#at++;
    if (start === this.#at) this.#fail('expected an AS number');
    const asn = Number(this.#text.slice(start, this.#at));
    if (asn > 0xffffffff) this.#fail('an AS number is at most 4294967295', start);
    return asn;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}
