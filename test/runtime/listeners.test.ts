import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import { type ListenerSockets, Listeners } from '../../src/runtime/listeners.ts';
import { ListenError } from '../../src/runtime/socket-errors.ts';

const one = IpAddress.parse('127.0.0.1') as IpAddress;
const two = IpAddress.parse('127.0.0.2') as IpAddress;
const open: Listeners[] = [];
const plain: ListenerSockets = {
  listenerDescriptor: () => undefined,
  listenerCloses: () => {},
  updateListener: () => {},
};

function listeners(): Listeners {
  const made = new Listeners((socket) => socket.destroy(), plain);
  open.push(made);
  return made;
}

function refused(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

afterEach(() => {
  for (const made of open.splice(0)) made.close();
});

describe('Listeners', () => {
  it('opens what is new, closes what is gone, keeps the rest', async () => {
    const made = listeners();
    await made.set([{ address: one, port: 0 }]);
    const [first] = made.bound();
    await made.set([
      { address: one, port: 0 },
      { address: two, port: first.port },
    ]);
    expect(made.bound()).toEqual([first, { address: '127.0.0.2', port: first.port }]);
    await made.set([{ address: two, port: first.port }]);
    expect(await refused(first.port, '127.0.0.1')).toBe(true);
    expect(await refused(first.port, '127.0.0.2')).toBe(false);
  });

  it('moves from all addresses to one of them on the same port', async () => {
    const made = listeners();
    await made.set([{ address: two, port: 0 }]);
    const { port } = made.bound()[0];
    await made.set([{ address: undefined, port }]);
    expect(made.bound()).toHaveLength(2);
    await made.set([{ address: one, port }]);
    expect(made.bound()).toEqual([{ address: '127.0.0.1', port }]);
    expect(await refused(port, '127.0.0.2')).toBe(true);
  });

  it('says who is in the way, and puts the former listeners back', async () => {
    const other = listeners();
    await other.set([{ address: one, port: 0 }]);
    const taken = other.bound()[0].port;
    const made = listeners();
    await made.set([{ address: two, port: taken }]);
    const error = await made
      .set([
        { address: two, port: 0 },
        { address: one, port: taken },
      ])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ListenError);
    expect(String(error)).toContain(`cannot listen on 127.0.0.1 port ${taken}: another process`);
    expect(made.bound()).toEqual([{ address: '127.0.0.2', port: taken }]);
    expect(await refused(taken, '127.0.0.2')).toBe(false);
  });

  it.each([
    ['EACCES', 179, 'CAP_NET_BIND_SERVICE'],
    ['EACCES', 179, 'ip_unprivileged_port_start=179'],
    ['EADDRINUSE', 179, "sport = :179'"],
    ['EADDRNOTAVAIL', 179, 'no such address'],
    ['EMFILE', 1179, 'LimitNOFILE'],
  ])('advises on %s', (code, port, advice) => {
    const error = new ListenError('10.0.0.1', port, Object.assign(new Error('bind'), { code }));
    expect(error.message).toContain(advice);
    expect(error.code).toBe(code);
  });
});
