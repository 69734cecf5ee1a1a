/** What a connection tells of its sending side, on a socket whose kernel takes bytes when the test says so. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Connection, type ConnectionOwner } from '../../src/runtime/connection.ts';

/** Without a descriptor: everything goes through the stream. */
class SlowSocket extends Duplex {
  readonly #waiting: (() => void)[] = [];

  constructor() {
    super({ writableHighWaterMark: 1 });
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    this.#waiting.push(done);
  }

  /** The kernel takes what it was handed; resolves when the stream has told of it. */
  kernelTakes(): Promise<void> {
    for (const done of this.#waiting.splice(0)) done();
    return new Promise((resolve) => setImmediate(resolve));
  }
}

test('is not drained while bytes wait for a flush, though the socket is', async () => {
  const socket = new SlowSocket();
  let drained = 0;
  const owner: ConnectionOwner = { chunk() {}, failed() {}, gone() {}, drained: () => drained++ };
  const remote = IpAddress.parse('127.0.0.1') as IpAddress;
  const poll = { turn: 0, polledAt: 0 };
  const connection = Connection.incoming({ id: 1, remote, owner, poll }, socket as unknown as Socket);
  connection.write(new Uint8Array(100));
  connection.flush();
  connection.tellDrained();
  expect(connection.unsentOctets).toBe(100);
  connection.write(new Uint8Array(50));
  await socket.kernelTakes();
  expect([connection.unsentOctets, drained]).toEqual([50, 0]);
  connection.flush();
  connection.tellDrained();
  expect([connection.unsentOctets, drained]).toEqual([50, 0]);
  await socket.kernelTakes();
  expect([connection.unsentOctets, drained]).toEqual([0, 1]);
});
