import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/runtime/logging.ts';
import { handleProcessLife } from '../../src/runtime/process-life.ts';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
    this.emit('exit', code);
  }
}

function setUp(
  handlers: { reload?: () => Promise<void>; shutdown?: () => Promise<void> },
  close = (done: () => void) => done(),
): { target: FakeProcess; lines: string[] } {
  const target = new FakeProcess();
  const lines: string[] = [];
  const write = (_: unknown, message: string) => void lines.push(message);
  const log: Log = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
    setLevel: () => {},
    close: (done) => {
      lines.push('(closed)');
      close(done);
    },
  };
  const nothing = async () => {};
  handleProcessLife(target, log, { reload: nothing, shutdown: nothing, ...handlers });
  return { target, lines };
}

function exitOf(target: FakeProcess): Promise<unknown> {
  return new Promise((resolve) => target.once('exit', resolve));
}

describe('handleProcessLife', () => {
  it.each(['SIGTERM', 'SIGINT'])('%s shuts down once, then exits 0', async (signal) => {
    let calls = 0;
    const { target, lines } = setUp({
      shutdown: async () => {
        calls++;
      },
    });
    const exit = exitOf(target);
    target.emit(signal);
    expect(await exit).toBe(0);
    expect([calls, lines]).toEqual([1, ['(closed)']]);
  });

  it('a second signal does not wait', () => {
    const { target } = setUp({ shutdown: () => new Promise(() => {}) });
    target.emit('SIGTERM');
    expect(target.exits).toEqual([]);
    target.emit('SIGINT');
    expect(target.exits).toEqual([1]);
  });

  it('a shutdown that fails exits 1 and says so', async () => {
    const { target, lines } = setUp({ shutdown: () => Promise.reject(new Error('no')) });
    const exit = exitOf(target);
    target.emit('SIGTERM');
    expect(await exit).toBe(1);
    expect(lines).toEqual(['shutdown failed', '(closed)']);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('%s is logged, and the process exits 1', (event) => {
    const { target, lines } = setUp({});
    target.emit(event, new Error('bug'));
    expect(target.exits).toEqual([1]);
    expect(lines.at(-1)).toBe('(closed)');
    expect(lines).toHaveLength(2);
  });

  it('an exception while the last lines are written does not keep the process', () => {
    const { target } = setUp({}, () => {});
    target.emit('uncaughtException', new Error('bug'));
    expect(target.exits).toEqual([]);
    target.emit('uncaughtException', new Error('another'));
    expect(target.exits).toEqual([1]);
  });

  it('reloads one after the other, and many signals during one reload are one more', async () => {
    let running = 0;
    let calls = 0;
    let finish: () => void = () => {};
    const { target } = setUp({
      reload: () => {
        calls++;
        expect(++running).toBe(1);
        return new Promise((resolve) => {
          finish = () => {
            running--;
            resolve();
          };
        });
      },
    });
    for (let i = 0; i < 5; i++) target.emit('SIGHUP');
    expect(calls).toBe(1);
    finish();
    await new Promise(setImmediate);
    expect(calls).toBe(2);
    finish();
    await new Promise(setImmediate);
    expect([calls, running]).toEqual([2, 0]);
  });
});
