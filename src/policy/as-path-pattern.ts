/**
 * AS path patterns, matched in linear time by a set of states (a Thompson machine) over AS numbers.
 * Never a JavaScript RegExp: a backtracking pattern of a user would stall every session. The language is that of
 * `as-path-syntax.ts`; without `^` or `$` a pattern may fit anywhere in the path.
 *
 * A path is a row of places. Each AS of a sequence is one; a whole AS_SET is one, fitted by any of its members,
 * since their order means nothing (RFC 4271 §4.3); so `^65001_65002$` fits `65001 {65002,65003}`. Confederation
 * segments (RFC 5065) are rows and places like the others.
 */
import type { AsPathSegment } from '../wire/attributes/path-attributes.ts';
import {
  type AsPathNode,
  type AsPathPatternError,
  parseAsPathPattern,
  type RepeatMode,
} from './as-path-syntax.ts';

export type { AsPathPatternError } from './as-path-syntax.ts';

export interface AsPathPattern {
  matches(asPath: readonly AsPathSegment[]): boolean;
}

export function compileAsPathPattern(text: string): AsPathMachine | AsPathPatternError {
  const tree = parseAsPathPattern(text);
  return 'error' in tree ? tree : new AsPathMachine(tree);
}

/** What a state does: accept, take one AS, go on to one or two others, go on only at an end of the path. */
const StateKind = { accept: 0, as: 1, go: 2, begin: 3, end: 4 } as const;
type StateKind = (typeof StateKind)[keyof typeof StateKind];

interface State {
  readonly kind: StateKind;
  readonly low: number;
  readonly high: number;
  readonly next: number;
  other: number;
}

const none = -1;

export class AsPathMachine implements AsPathPattern {
  readonly #states: State[] = [{ kind: StateKind.accept, low: 0, high: 0, next: none, other: none }];
  readonly #start: number;
  /** States alive at the present place and at the following one, as lists. */
  #current: Uint32Array;
  #following: Uint32Array;
  #count = 0;
  /** The turn in which a state was last put on a list: nothing has to be cleared. */
  readonly #seen: Uint32Array;
  #turn = 0;
  readonly #open: Uint32Array;
  #steps = 0;

  constructor(tree: AsPathNode) {
    this.#start = this.#add(tree, 0);
    const size = this.#states.length;
    this.#current = new Uint32Array(size);
    this.#following = new Uint32Array(size);
    this.#seen = new Uint32Array(size);
    this.#open = new Uint32Array(size);
  }

  get size(): number {
    return this.#states.length;
  }

  /** States looked at by the last match: at most `2 * size * (places + 1)`. */
  get steps(): number {
    return this.#steps;
  }

  matches(asPath: readonly AsPathSegment[]): boolean {
    let left = placesOf(asPath);
    this.#steps = 0;
    this.#count = 0;
    this.#beginTurn();
    if (this.#enter(this.#start, true, left === 0)) return true;
    this.#swap();
    for (const { type, asns } of asPath) {
      const isSet = type === 'set' || type === 'confed-set';
      const width = isSet ? asns.length : 1;
      for (let i = 0; i < asns.length; i += width)
        if (this.#take(asns, i, i + width, --left === 0)) return true;
    }
    return false;
  }

  /** One place of the path, held by any of `asns[from .. to)`. True as soon as the pattern fits. */
  #take(asns: readonly number[], from: number, to: number, isLast: boolean): boolean {
    const alive = this.#count;
    this.#count = 0;
    this.#beginTurn();
    this.#steps += alive;
    for (let i = 0; i < alive; i++) {
      const state = this.#states[this.#current[i]];
      if (holdsAny(state, asns, from, to) && this.#enter(state.next, false, isLast)) return true;
    }
    // The pattern may also begin behind this place.
    if (this.#enter(this.#start, false, isLast)) return true;
    this.#swap();
    return false;
  }

  /** Follows all that takes no AS, without recursion; lists the states that wait for one. True on `accept`. */
  #enter(first: number, isBegin: boolean, isEnd: boolean): boolean {
    let open = this.#push(first, 0);
    while (open > 0) {
      const id = this.#open[--open];
      const state = this.#states[id];
      this.#steps++;
      switch (state.kind) {
        case StateKind.accept:
          return true;
        case StateKind.as:
          this.#following[this.#count++] = id;
          break;
        case StateKind.go:
          open = this.#push(state.other, this.#push(state.next, open));
          break;
        case StateKind.begin:
          if (isBegin) open = this.#push(state.next, open);
          break;
        case StateKind.end:
          if (isEnd) open = this.#push(state.next, open);
          break;
      }
    }
    return false;
  }

  #push(id: number, open: number): number {
    if (id === none || this.#seen[id] === this.#turn) return open;
    this.#seen[id] = this.#turn;
    this.#open[open] = id;
    return open + 1;
  }

  #beginTurn(): void {
    if (this.#turn === 0xffffffff) {
      this.#seen.fill(0);
      this.#turn = 0;
    }
    this.#turn++;
  }

  #swap(): void {
    const current = this.#current;
    this.#current = this.#following;
    this.#following = current;
  }

  /** Adds what fits `node` and then goes on at `next`, from the end to the begin; returns its first state. */
  #add(node: AsPathNode, next: number): number {
    switch (node.type) {
      case 'nothing':
        return next;
      case 'as':
        return this.#state(StateKind.as, next, none, node.low, node.high);
      case 'begin':
        return this.#state(StateKind.begin, next, none);
      case 'end':
        return this.#state(StateKind.end, next, none);
      case 'sequence':
        return node.nodes.reduceRight((after, part) => this.#add(part, after), next);
      case 'either':
        return node.nodes
          .map((part) => this.#add(part, next))
          .reduce((one, other) => this.#state(StateKind.go, one, other));
      case 'repeat':
        return this.#repeat(node.node, node.mode, next);
    }
  }

  #repeat(node: AsPathNode, mode: RepeatMode, next: number): number {
    if (mode === '?') return this.#state(StateKind.go, this.#add(node, next), next);
    const loop = this.#state(StateKind.go, next, none);
    const body = this.#add(node, loop);
    this.#states[loop].other = body;
    return mode === '*' ? loop : body;
  }

  #state(kind: StateKind, next: number, other: number, low = 0, high = 0): number {
    return this.#states.push({ kind, low, high, next, other }) - 1;
  }
}

function holdsAny(state: State, asns: readonly number[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (asns[i] >= state.low && asns[i] <= state.high) return true;
  return false;
}

function placesOf(asPath: readonly AsPathSegment[]): number {
  let places = 0;
  for (const { type, asns } of asPath) {
    places += type === 'sequence' || type === 'confed-sequence' ? asns.length : Math.min(1, asns.length);
  }
  return places;
}
