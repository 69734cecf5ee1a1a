/** A walk of a table lets the event loop through, whether it finds much or nothing. */
import { describe, expect, it } from 'vitest';
import { collectRoutes, streamRoutes } from '../../src/api/route-stream.ts';

interface Numbered {
  readonly n: number;
}

/** Gives `each` routes in every one of `steps` steps; each takes so many milliseconds. `turns`: how often others had theirs. */
function walked({ steps, each, milliseconds = 0 }: { steps: number; each: number; milliseconds?: number }) {
  const state = { turns: 0, most: 0, inARow: 0, over: false };
  const count = (): void => {
    state.turns++;
    state.inARow = 0;
    if (!state.over) setImmediate(count);
  };
  setImmediate(count);
  let step = 0;
  const cursor = {
    next(): readonly Numbered[] | undefined {
      if (step === steps) return undefined;
      const until = performance.now() + milliseconds;
      while (performance.now() < until);
      state.most = Math.max(state.most, ++state.inARow);
      const first = step++ * each;
      return Array.from({ length: each }, (_, i) => ({ n: first + i }));
    },
  };
  return { cursor, state };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join('');
}

describe('a stream of routes', () => {
  it('has all of them, in order', async () => {
    const { cursor, state } = walked({ steps: 300, each: 10 });
    expect(await textOf(streamRoutes(cursor, undefined))).toBe(lines(3000));
    state.over = true;
  });

  it('ends at the limit', async () => {
    const { cursor, state } = walked({ steps: 300, each: 10 });
    expect(await textOf(streamRoutes(cursor, 1234))).toBe(lines(1234));
    state.over = true;
  });

  it('lets others have their turn after a few routes', async () => {
    const { cursor, state } = walked({ steps: 200, each: 64 });
    await textOf(streamRoutes(cursor, undefined));
    state.over = true;
    expect(state.most).toBe(1);
  });

  it('lets others have their turn while it finds nothing', async () => {
    const { cursor, state } = walked({ steps: 60, each: 0, milliseconds: 1 });
    expect(await textOf(streamRoutes(cursor, undefined))).toBe('');
    state.over = true;
    // A slice is four milliseconds.
    expect(state.most).toBeLessThanOrEqual(4);
    expect(state.turns).toBeGreaterThan(10);
  });
});

describe('a page of routes', () => {
  it('says whether there are more', async () => {
    const { cursor, state } = walked({ steps: 3, each: 10 });
    expect(await collectRoutes(cursor, 25)).toEqual({
      routes: Array.from({ length: 25 }, (_, n) => ({ n })),
      truncated: true,
    });
    const whole = walked({ steps: 3, each: 10 });
    expect((await collectRoutes(whole.cursor, 30)).truncated).toBe(false);
    state.over = true;
    whole.state.over = true;
  });

  it('lets others have their turn while it finds nothing', async () => {
    const { cursor, state } = walked({ steps: 60, each: 0, milliseconds: 1 });
    await collectRoutes(cursor, 10);
    state.over = true;
    expect(state.most).toBeLessThanOrEqual(4);
  });
});
