import { describe, expect, it } from 'vitest';
import { type PollClock, ReadClock } from '../../src/runtime/read-clock.ts';

function clocks(): { poll: PollClock; clock: ReadClock; polled: (at: number) => void } {
  const poll = { turn: 0, polledAt: Number.NEGATIVE_INFINITY };
  const polled = (at: number) => {
    poll.turn++;
    poll.polledAt = at;
  };
  return { poll, clock: new ReadClock(poll), polled };
}

describe('ReadClock', () => {
  it('has never seen an empty socket at first', () => {
    expect(clocks().clock.lag(5)).toBe(Number.POSITIVE_INFINITY);
  });

  it('a read that did not fill the buffer emptied the socket', () => {
    const { clock } = clocks();
    clock.chunk(10, false);
    expect(clock.lag(13)).toBe(3);
  });

  it('a quiet socket is empty at each poll', () => {
    const { clock, polled } = clocks();
    clock.chunk(10, false);
    polled(5000);
    expect(clock.lag(5001)).toBe(1);
  });

  it('after a read that filled the buffer it is not known to be empty before a whole poll was quiet', () => {
    const { clock, polled } = clocks();
    clock.chunk(10, false);
    clock.chunk(20, true);
    expect(clock.lag(21)).toBe(11);
    polled(22);
    expect(clock.lag(23)).toBe(13);
    polled(30);
    expect(clock.lag(31)).toBe(1);
  });

  it('time with reading stopped counts, polls or not', () => {
    const { clock, polled } = clocks();
    polled(10);
    polled(20);
    clock.setReading(false);
    polled(500);
    polled(900);
    expect(clock.lag(1000)).toBe(980);
    clock.setReading(true);
    polled(1001);
    expect(clock.lag(1002)).toBe(982);
    polled(1003);
    expect(clock.lag(1004)).toBe(1);
  });
});
