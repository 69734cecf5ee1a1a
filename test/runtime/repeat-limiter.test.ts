import { describe, expect, it } from 'vitest';
import { RepeatLimiter } from '../../src/runtime/repeat-limiter.ts';

const limits = { perWindow: 3, windowMilliseconds: 1000, maxKeys: 2 };

describe('RepeatLimiter', () => {
  it('passes so many per window and then says how many were left out', () => {
    const limiter = new RepeatLimiter(limits);
    const answers = [0, 1, 2, 3, 999].map((now) => limiter.pass('a', now));
    expect(answers).toEqual([0, 0, 0, undefined, undefined]);
    expect(limiter.pass('a', 1000)).toBe(2);
    expect(limiter.pass('a', 1001)).toBe(0);
  });

  it('keeps keys apart', () => {
    const limiter = new RepeatLimiter(limits);
    for (let i = 0; i < 5; i++) limiter.pass('a', 0);
    expect(limiter.pass('b', 0)).toBe(0);
  });

  it('bounds its memory: keys beyond the limit share one window, until old ones ended', () => {
    const limiter = new RepeatLimiter(limits);
    limiter.pass('a', 0);
    limiter.pass('b', 0);
    const shared = ['c', 'd', 'e', 'f', 'g'].map((key) => limiter.pass(key, 1));
    expect(shared).toEqual([0, 0, 0, undefined, undefined]);
    // The windows of `a` and `b` are over: `h` gets one of its own.
    expect(limiter.pass('h', 1000)).toBe(0);
    expect([limiter.pass('h', 1000), limiter.pass('h', 1000), limiter.pass('h', 1000)]).toEqual([
      0,
      0,
      undefined,
    ]);
  });
});
