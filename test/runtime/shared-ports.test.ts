/** An instance on a device and one on none listen on one port: each hears its own, and nobody else gets in. */
import { createConnection, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Place } from '../../src/speaker/settings.ts';
import { address } from '../support/settings.ts';
import { FakeSpeaker } from './fake-speaker.ts';

const loopback = address('127.0.0.1');
const host: Place = { type: 'host' };
const device: Place = { type: 'device', name: 'lo' };
const open: FakeSpeaker[] = [];
const sockets: Socket[] = [];

async function listening(place: Place, port: number): Promise<FakeSpeaker> {
  const speaker = new FakeSpeaker({ place });
  open.push(speaker);
  await speaker.host.listen([{ address: loopback, port }]);
  return speaker;
}

/** One that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const at = server.address();
      server.close(() => resolve(typeof at === 'object' && at ? at.port : 0));
    });
  });
}

function call(port: number): void {
  sockets.push(createConnection({ port, host: '127.0.0.1' }).on('error', () => {}));
}

function stranger(port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().once('error', (error) => resolve(error.message));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve('was let in')));
  });
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((speaker) => speaker.host.shutdown(0)));
});

describe.each([
  ['the host', host, device],
  ['the device', device, host],
])('a port that %s has first', (_who, first, second) => {
  it('is shared, and who calls over the device gets the instance on the device', async () => {
    const port = await freePort();
    const one = await listening(first, port);
    const two = await listening(second, port);
    const [onDevice, onHost] = first === device ? [one, two] : [two, one];
    for (let calls = 1; calls <= 20; calls++) {
      call(port);
      await onDevice.until(() => onDevice.incoming.length === calls);
    }
    expect(onHost.incoming).toEqual([]);
    await onDevice.host.listen([]);
    call(port);
    await onHost.until(() => onHost.incoming.length === 1);
  });

  it('is refused to a second one of the same place, and to a stranger', async () => {
    const port = await freePort();
    await listening(first, port);
    await listening(second, port);
    for (const place of [first, second])
      await expect(listening(place, port)).rejects.toThrow('another process listens there already');
    expect(await stranger(port)).toContain('EADDRINUSE');
  });

  it('is free for others when it is given up', async () => {
    const port = await freePort();
    const one = await listening(first, port);
    const two = await listening(second, port);
    await one.host.listen([]);
    await two.host.listen([]);
    expect(await stranger(port)).toBe('was let in');
  });
});
