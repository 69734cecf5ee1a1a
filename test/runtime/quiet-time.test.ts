/** Work for which there is time only while no peer has much to say. */
import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import { inQuietTime } from '../../src/runtime/quiet-time.ts';
import { processTurns } from '../../src/runtime/turns.ts';
import { FakeSpeaker } from './fake-speaker.ts';

function* steps(count: number, taken: number[]): Generator<void, string> {
  for (let n = 0; n < count; n++) {
    taken.push(n);
    yield;
  }
  return 'the end';
}

describe('in quiet time', () => {
  it('takes all steps, one in each turn of the event loop', async () => {
    const taken: number[] = [];
    const atTurn: number[] = [];
    const whole = inQuietTime(steps(4, taken), () => true);
    for (let turn = 0; turn < 4; turn++) {
      atTurn.push(taken.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(atTurn).toEqual([1, 2, 3, 4]);
    expect(await whole).toBe('the end');
  });

  it('stops when it is not quiet any more', async () => {
    const taken: number[] = [];
    expect(await inQuietTime(steps(100, taken), () => taken.length < 3)).toBe(undefined);
    expect(taken).toEqual([0, 1, 2]);
  });
});

describe('much was heard', () => {
  let fake: FakeSpeaker | undefined;
  afterEach(() => fake?.host.shutdown(0));

  it('once more came at once than a few messages, and not before', async () => {
    const speaker = new FakeSpeaker();
    fake = speaker;
    await speaker.host.listen([{ address: IpAddress.parse('127.0.0.1'), port: 0 }]);
    const socket = createConnection({ port: speaker.host.listening()[0].port, host: '127.0.0.1' });
    const heard = () => [...speaker.bytes.values()].reduce((sum, octets) => sum + octets, 0);
    socket.write(Buffer.alloc(4000));
    await speaker.until(() => heard() === 4000);
    expect(processTurns.heardMuch).toBe(false);
    socket.write(Buffer.alloc(200_000));
    await speaker.until(() => heard() === 204_000);
    expect(processTurns.heardMuch).toBe(true);
    socket.destroy();
  });
});
