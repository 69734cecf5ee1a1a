/**
 * AS path patterns: a small regular language over AS numbers, matched in linear time by a set of states.
 * Never a JavaScript RegExp: a backtracking pattern of a user would stall every session.
 *
 *   64500        that AS                       [64512-65534]   an AS in that range
 *   .            any AS                        ( | )           grouping, alternatives
 *   _            begin, end, or between two    * + ?           repetition of what stands before
 *   ^ $          begin, end of the path
 *
 * Numbers stand for whole AS numbers: `_65_` never matches inside 65000. Without `^` or `$` a pattern may match
 * anywhere. A member of an AS_SET stands at its place like a member of a sequence, in the order it came.
 */
import type { AsPathSegment } from '../wire/attributes/path-attributes.ts';

export interface AsPathPattern {
  matches(asPath: readonly AsPathSegment[]): boolean;
}

export interface AsPathPatternError {
  /** One sentence. */
  readonly error: string;
  /** Offset into the text. */
  readonly at: number;
}

/** Longer ones are refused, so that a look-up costs at most path length x this. */
const maxStates = 4096;

type Node =
  | { readonly type: 'empty' }
  | { readonly type: 'as'; readonly low: number; readonly high: number }
  | { readonly type: 'begin' }
  | { readonly type: 'end' }
  | { readonly type: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly type: 'repeat'; readonly node: Node; readonly mode: '*' | '+' | '?' };

const anyAs: Node = { type: 'as', low: 0, high: 0xffffffff };

export function compileAsPathPattern(text: string): AsPathPattern | AsPathPatternError {
  const parsed = new Parser(text).parse();
  if ('error' in parsed) return parsed;
  // A match may begin and end anywhere.
  const anything: Node = { type: 'repeat', node: anyAs, mode: '*' };
  const machine = new Machine();
  const start = machine.add({ type: 'sequence', parts: [anything, parsed.node, anything] }, machine.accept);
  if (machine.size > maxStates) return { error: 'the pattern is too long', at: 0 };
  return { matches: (asPath) => machine.run(start, asPath) };
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): { readonly node: Node } | AsPathPatternError {
    try {
      const node = this.#alternatives();
      if (this.#at < this.#text.length) this.#fail(`unexpected ${this.#text[this.#at]}`);
      return { node };
    } catch (error) {
      if (error instanceof PatternError) return { error: error.message, at: error.at };
      throw error;
    }
  }

  #fail(message: string): never {
    throw new PatternError(message, this.#at);
  }

  #alternatives(): Node {
    const parts = [this.#sequence()];
    while (this.#text[this.#at] === '|') {
      this.#at++;
      parts.push(this.#sequence());
    }
    return parts.length === 1 ? parts[0] : { type: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char === '|' || char === ')') break;
      if (char === ' ') {
        this.#at++;
        continue;
      }
      let node = this.#atom(char);
      for (;;) {
        const mode = this.#text[this.#at];
        if (mode !== '*' && mode !== '+' && mode !== '?') break;
        this.#at++;
        node = { type: 'repeat', node, mode };
      }
      parts.push(node);
    }
    return parts.length === 0 ? { type: 'empty' } : { type: 'sequence', parts };
  }

  #atom(char: string): Node {
    switch (char) {
      case '^':
        this.#at++;
        return { type: 'begin' };
      case '$':
        this.#at++;
        return { type: 'end' };
      case '_':
        // Between two AS numbers there is always a boundary.
        this.#at++;
        return { type: 'empty' };
      case '.':
        this.#at++;
        return anyAs;
      case '(':
        return this.#group();
      case '[':
        return this.#range();
      case '*':
      case '+':
      case '?':
        return this.#fail(`nothing to repeat before ${char}`);
      default: {
        const low = this.#number();
        return { type: 'as', low, high: low };
      }
    }
  }

  #group(): Node {
    this.#at++;
    const node = this.#alternatives();
    if (this.#text[this.#at] !== ')') this.#fail('a ( without )');
    this.#at++;
    return node;
  }

  #range(): Node {
    this.#at++;
    const low = this.#number();
    if (this.#text[this.#at] !== '-') this.#fail('a range is [64512-65534]');
    this.#at++;
    const high = this.#number();
    if (this.#text[this.#at] !== ']') this.#fail('a [ without ]');
    if (high < low) this.#fail(`the range ${low}-${high} is empty`);
    this.#at++;
    return { type: 'as', low, high };
  }

  #number(): number {
    let end = this.#at;
    while (end < this.#text.length && this.#text[end] >= '0' && this.#text[end] <= '9') end++;
    if (end === this.#at) this.#fail(`expected an AS number, not ${this.#text[this.#at] ?? 'the end'}`);
    const value = Number(this.#text.slice(this.#at, end));
    if (value > 0xffffffff) this.#fail('an AS number has at most 32 bits');
    this.#at = end;
    return value;
  }
}

class PatternError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** One state: take an AS in a range, or go on without one (twice at most, or only at an end of the path). */
interface State {
  readonly type: 'as' | 'go' | 'begin' | 'end' | 'accept';
  readonly low: number;
  readonly high: number;
  next: number;
  other: number;
}

/** A Thompson machine: states are added from the end of the pattern to its beginning. */
class Machine {
  readonly #states: State[] = [{ type: 'accept', low: 0, high: 0, next: -1, other: -1 }];
  readonly accept = 0;

  get size(): number {
    return this.#states.length;
  }

  /** Adds what matches `node` and then goes on at `next`; returns its first state. */
  add(node: Node, next: number): number {
    if (this.size > maxStates) return next;
    switch (node.type) {
      case 'empty':
        return next;
      case 'as':
        return this.#push({ type: 'as', low: node.low, high: node.high, next, other: -1 });
      case 'begin':
      case 'end':
        return this.#push({ type: node.type, low: 0, high: 0, next, other: -1 });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.add(part, after), next);
      case 'either':
        return node.parts.map((part) => this.add(part, next)).reduce((a, b) => this.#go(a, b));
      case 'repeat':
        return this.#repeat(node.node, node.mode, next);
    }
  }

  #repeat(node: Node, mode: '*' | '+' | '?', next: number): number {
    if (mode === '?') return this.#go(this.add(node, next), next);
    const loop = this.#go(next, -1);
    const body = this.add(node, loop);
    this.#states[loop].other = body;
    return mode === '*' ? loop : body;
  }

  #go(next: number, other: number): number {
    return this.#push({ type: 'go', low: 0, high: 0, next, other });
  }

  #push(state: State): number {
    return this.#states.push(state) - 1;
  }

  run(start: number, asPath: readonly AsPathSegment[]): boolean {
    const asns = asPath.flatMap((segment) => segment.asns);
    let current = new Set<number>();
    this.#enter(start, 0, asns.length, current);
    for (let at = 0; at < asns.length && current.size > 0; at++) {
      const following = new Set<number>();
      for (const id of current) {
        const state = this.#states[id];
        if (state.type === 'as' && asns[at] >= state.low && asns[at] <= state.high) {
          this.#enter(state.next, at + 1, asns.length, following);
        }
      }
      current = following;
    }
    return current.has(this.accept);
  }

  /** Follows everything that takes no AS, without recursion: patterns can be deep. */
  #enter(first: number, at: number, length: number, into: Set<number>): void {
    const open = [first];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (id < 0 || into.has(id)) continue;
      const state = this.#states[id];
      into.add(id);
      if (state.type === 'go') open.push(state.next, state.other);
      else if ((state.type === 'begin' && at === 0) || (state.type === 'end' && at === length))
        open.push(state.next);
    }
  }
}
