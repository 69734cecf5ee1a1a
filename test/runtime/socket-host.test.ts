import { createHash } from 'node:crypto';
import { createConnection, createServer, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Prefix } from '../../src/net/prefix.ts';
import { loadLibc } from '../../src/runtime/native/libc.ts';
import { type NativeResult, NativeSockets, nativeSockets } from '../../src/runtime/native/sockets.ts';
import { FakeSpeaker } from './fake-speaker.ts';
import { connectionsOf, socketOption } from './kernel-view.ts';

const loopback = IpAddress.parse('127.0.0.1') as IpAddress;
const plainTcp = { md5KeyFile: undefined, ttlSecurityHops: undefined, ttl: undefined };
let native: NativeResult = nativeSockets();
const open: FakeSpeaker[] = [];
const sockets: Socket[] = [];

function speaker(): FakeSpeaker {
  const fake = new FakeSpeaker({ native });
  open.push(fake);
  return fake;
}

async function listening(address = loopback): Promise<{ fake: FakeSpeaker; port: number }> {
  const fake = speaker();
  await fake.host.listen([{ address, port: 0 }]);
  return { fake, port: fake.host.listening()[0].port };
}

/** A client socket that is not ours, to see what goes over the wire. */
function plain(port: number, host = '127.0.0.1'): Socket {
  const socket = createConnection({ port, host });
  sockets.push(socket);
  return socket;
}

async function pair(): Promise<{ a: FakeSpeaker; b: FakeSpeaker; incoming: number }> {
  const { fake: b, port } = await listening();
  const a = speaker();
  a.host.connect({ connection: 1, address: loopback, port, localAddress: undefined, transport: plainTcp });
  await Promise.all([
    a.until(() => a.seen('established').length === 1),
    b.until(() => b.incoming.length === 1),
  ]);
  return { a, b, incoming: b.incoming[0].id };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map(({ host }) => host.shutdown(0)));
});

const kinds: readonly [string, NativeResult][] = [
  ['prepared sockets', nativeSockets()],
  ['the sockets of Node alone', { ok: false, problem: 'koffi is missing' }],
];

describe.each(kinds)('with %s', (_name, kind) => {
  beforeAll(() => {
    native = kind;
  });

  describe('connections', () => {
    it('tells both ends the addresses, and gives incoming ones ids that outgoing ones never have', async () => {
      const { a, b } = await pair();
      expect(a.calls).toContain('established 1 127.0.0.1');
      expect(b.calls).toContain('accept 127.0.0.1 127.0.0.1');
      expect(b.incoming[0].id).toBeGreaterThanOrEqual(2 ** 30);
    });

    it('carries bytes both ways unchanged, whatever their number', async () => {
      const { a, b, incoming } = await pair();
      for (const octets of [1, 19, 65535, 65536, 65537, 5_000_000]) {
        const sent = Buffer.alloc(octets, `${octets},`);
        const digests = { a: createHash('sha1'), b: createHash('sha1') };
        a.bytes.clear();
        b.bytes.clear();
        a.onReceived = (_, bytes) => digests.a.update(bytes);
        b.onReceived = (_, bytes) => digests.b.update(bytes);
        a.host.send(1, sent);
        b.host.send(incoming, sent);
        await Promise.all([
          a.until(() => a.bytes.get(1) === octets),
          b.until(() => b.bytes.get(incoming) === octets),
        ]);
        const expected = createHash('sha1').update(sent).digest('hex');
        expect([digests.a.digest('hex'), digests.b.digest('hex')]).toEqual([expected, expected]);
      }
    });

    it('binds the local address of an outgoing connection', async () => {
      const { fake: b, port } = await listening();
      const a = speaker();
      const localAddress = IpAddress.parse('127.0.0.9');
      a.host.connect({ connection: 5, address: loopback, port, localAddress, transport: plainTcp });
      await b.until(() => b.incoming.length === 1);
      expect(b.incoming[0].remote.toString()).toBe('127.0.0.9');
    });

    it.each([
      ['connection refused', IpAddress.parse('127.0.0.1'), undefined],
      [
        'the local address is not one of this machine',
        IpAddress.parse('127.0.0.1'),
        IpAddress.parse('198.51.100.77'),
      ],
    ])('says why it could not connect: %s', async (detail, address, localAddress) => {
      const { fake, port } = await listening();
      await fake.host.listen([]);
      const a = speaker();
      a.host.connect({
        connection: 7,
        address: address as IpAddress,
        port,
        localAddress,
        transport: plainTcp,
      });
      await a.until(() => a.seen('failed').length === 1);
      expect(a.calls).toContain(`failed 7 ${detail}`);
    });

    it('closes a connection that the speaker refuses', async () => {
      const { fake, port } = await listening();
      fake.accept = false;
      const client = plain(port);
      client.on('error', () => {});
      await new Promise((resolve) => client.once('close', resolve));
      expect(fake.bytes.size).toBe(0);
      expect(fake.seen('failed')).toEqual([]);
    });

    it('shows an IPv4 peer as IPv4 and an IPv6 peer as IPv6 when it listens on all addresses', async () => {
      const fake = speaker();
      await fake.host.listen([{ address: undefined, port: 0 }]);
      const bound = fake.host.listening();
      expect(bound.map(({ address }) => address)).toEqual(['0.0.0.0', '::']);
      plain(bound[0].port);
      await fake.until(() => fake.incoming.length === 1);
      plain(bound[1].port, '::1');
      await fake.until(() => fake.incoming.length === 2);
      expect(fake.incoming.map(({ remote }) => remote.toString())).toEqual(['127.0.0.1', '::1']);
    });
  });

  describe('the end of a connection', () => {
    it('is told once, after all bytes, when the peer closes', async () => {
      const { fake, port } = await listening();
      const client = plain(port);
      client.end(Buffer.alloc(300_000));
      await fake.until(() => fake.seen('failed').length > 0);
      const { id } = fake.incoming[0];
      expect(fake.bytes.get(id)).toBe(300_000);
      expect(fake.seen('failed')).toEqual([`failed ${id} connection closed by peer`]);
    });

    it('is told when the peer resets', async () => {
      const { fake, port } = await listening();
      const client = plain(port);
      await fake.until(() => fake.incoming.length === 1);
      client.resetAndDestroy();
      await fake.until(() => fake.seen('failed').length > 0);
      expect(fake.calls).toContain(`failed ${fake.incoming[0].id} connection reset by peer`);
    });

    it('`flush` delivers the last bytes even while the peer is still sending, and is silent to us', async () => {
      const { fake, port } = await listening();
      const client = plain(port);
      let got = 0;
      client.on('data', (chunk) => {
        got += chunk.length;
      });
      await fake.until(() => fake.incoming.length === 1);
      const { id } = fake.incoming[0];
      fake.onReceived = () => {
        fake.host.send(id, Buffer.alloc(2_000_000));
        fake.host.send(id, Buffer.alloc(21));
        fake.host.close(id, 'flush');
      };
      client.write(Buffer.alloc(400_000));
      await new Promise((resolve) => client.once('close', resolve));
      expect(got).toBe(2_000_021);
      expect(fake.seen('failed')).toEqual([]);
      expect(fake.host.send(id, Buffer.alloc(1))).toBe(false);
    });

    it('`abort` resets, and drops what was not sent', async () => {
      const { fake, port } = await listening();
      const client = plain(port);
      await fake.until(() => fake.incoming.length === 1);
      const error = new Promise<NodeJS.ErrnoException>((resolve) => client.once('error', resolve));
      fake.host.close(fake.incoming[0].id, 'abort');
      expect((await error).code).toBe('ECONNRESET');
      expect(fake.seen('failed')).toEqual([]);
    });

    it('of a connection that is not up yet can be ordered too', async () => {
      const { fake, port } = await listening();
      const a = speaker();
      a.host.connect({
        connection: 3,
        address: loopback,
        port,
        localAddress: undefined,
        transport: plainTcp,
      });
      a.host.close(3, 'abort');
      a.host.connect({
        connection: 4,
        address: loopback,
        port,
        localAddress: undefined,
        transport: plainTcp,
      });
      await a.until(() => a.seen('established').length === 1);
      await fake.until(() => fake.incoming.length >= 1);
      expect(a.calls).toEqual(['established 4 127.0.0.1']);
    });

    it('shutdown lets flushed connections finish', async () => {
      const { fake, port } = await listening();
      const client = plain(port);
      let got = 0;
      client.on('data', (chunk) => {
        got += chunk.length;
      });
      const closed = new Promise((resolve) => client.once('close', resolve));
      await fake.until(() => fake.incoming.length === 1);
      fake.host.send(fake.incoming[0].id, Buffer.alloc(3_000_000));
      fake.host.close(fake.incoming[0].id, 'flush');
      await fake.host.shutdown(5000);
      await closed;
      expect(got).toBe(3_000_000);
    });
  });

  describe('backpressure', () => {
    it('says stop above the high-water mark and `writable` when all has left', async () => {
      const server = createServer({ pauseOnConnect: true });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const bound = server.address();
      const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
      const a = speaker();
      a.host.connect({
        connection: 1,
        address: loopback,
        port,
        localAddress: undefined,
        transport: plainTcp,
      });
      const reader = await accepted;
      sockets.push(reader);
      await a.until(() => a.seen('established').length === 1);
      const block = Buffer.alloc(64 * 1024);
      let sent = 0;
      while (a.host.send(1, block)) sent += block.length;
      sent += block.length;
      expect(sent).toBe(1024 * 1024);
      while (sent < 16 * 1024 * 1024) {
        a.host.send(1, block);
        sent += block.length;
      }
      let read = 0;
      let writableAt = -1;
      a.onWritable = () => {
        writableAt = read;
      };
      const all = new Promise<void>((resolve) => {
        reader.on('data', (chunk) => {
          read += chunk.length;
          if (read === sent) resolve();
        });
      });
      reader.resume();
      await Promise.all([a.until(() => writableAt >= 0), all]);
      server.close();
      // More than any socket buffer holds had been read by then: it was not told too early.
      expect(writableAt).toBeGreaterThan(0);
    });

    it('says that it holds what was sent until the kernel has all of it, or the connection is gone', async () => {
      const { a, b, incoming } = await pair();
      expect(a.host.holdsSent()).toBe(false);
      a.host.send(1, Buffer.alloc(30_000_000));
      expect(a.host.holdsSent()).toBe(true);
      await b.until(() => (b.bytes.get(incoming) ?? 0) > 0);
      expect(a.host.holdsSent()).toBe(true);
      await a.until(() => a.seen('writable').length === 1);
      expect(a.host.holdsSent()).toBe(false);
      a.host.send(1, Buffer.alloc(30_000_000));
      a.host.close(1, 'abort');
      expect(a.host.holdsSent()).toBe(false);
    });

    it('tells `writable` after a small write as well', async () => {
      const { a } = await pair();
      a.host.send(1, Buffer.alloc(19));
      await a.until(() => a.seen('writable').length === 1);
      expect(a.seen('writable')).toEqual(['writable 1']);
    });

    it('one turn is one write: what is sent together arrives together', async () => {
      const { a, b, incoming } = await pair();
      const chunks: number[] = [];
      b.onReceived = (_, bytes) => chunks.push(bytes.length);
      for (let i = 0; i < 100; i++) a.host.send(1, Buffer.alloc(19));
      await b.until(() => b.bytes.get(incoming) === 1900);
      expect(chunks).toEqual([1900]);
    });
  });
});

describe('the sockets of a session', () => {
  const options = (port: number) =>
    connectionsOf(port).map((descriptor) => ({
      nagleOff: socketOption(descriptor, 6, 1),
      tos: socketOption(descriptor, 0, 1),
      userTimeout: socketOption(descriptor, 6, 18),
      ttl: socketOption(descriptor, 0, 2),
    }));

  it('send at once, with class selector 6, and are given up as the row of the peer says', async () => {
    native = nativeSockets();
    const row = { from: Prefix.parse('127.0.0.0/8') as Prefix, transport: plainTcp };
    const fake = speaker();
    await fake.host.listen([{ address: loopback, port: 0 }], [{ ...row, userTimeoutMilliseconds: 7000 }]);
    const { port } = fake.host.listening()[0];
    const transport = { ...plainTcp, ttl: 9 };
    fake.host.connect({ connection: 1, address: loopback, port, localAddress: undefined, transport });
    await fake.until(() => fake.incoming.length === 1 && fake.seen('established').length === 1);
    const common = { nagleOff: 1, tos: 0xc0, userTimeout: 7000 };
    const sorted = options(port).sort((a, b) => a.ttl - b.ttl);
    expect(sorted).toEqual([
      { ...common, ttl: 9 },
      { ...common, ttl: expect.any(Number) },
    ]);
    expect(sorted[1].ttl).toBeGreaterThan(9);
  });

  it('are not used when an option of the peer cannot be set: it is refused, and said why', async () => {
    const result = loadLibc();
    if (!result.ok) throw new Error(result.problem);
    const { libc } = result;
    let works = true;
    const setsockopt: typeof libc.setsockopt = (...call) => (works ? libc.setsockopt(...call) : -1);
    native = { ok: true, sockets: new NativeSockets({ ...libc, setsockopt, errno: () => 92 }) };
    const row = { from: Prefix.parse('127.0.0.0/8') as Prefix, userTimeoutMilliseconds: 0 };
    const fake = speaker();
    const access = [{ ...row, transport: { ...plainTcp, ttlSecurityHops: 254 } }];
    await fake.host.listen([{ address: loopback, port: 0 }], access);
    works = false;
    const client = plain(fake.host.listening()[0].port).on('error', () => {});
    await new Promise((resolve) => client.once('close', resolve));
    expect(fake.calls).toEqual(['refused 127.0.0.1 cannot set IP_TOS: this kernel cannot do it']);
  });

  it('send at once without koffi too', async () => {
    native = { ok: false, problem: 'koffi is missing' };
    await pair();
    const { port } = open[0].host.listening()[0];
    expect(options(port).map(({ nagleOff }) => nagleOff)).toEqual([1, 1]);
  });
});

describe('turns', () => {
  it('serves a lone message before the event loop comes to anything else', async () => {
    const { a, b, incoming } = await pair();
    const order: string[] = [];
    b.onReceived = () => {
      order.push('read');
      queueMicrotask(() => order.push('after the read'));
      b.host.wake();
    };
    b.onWork = () => {
      order.push('work');
      b.host.send(incoming, Buffer.alloc(19));
      return false;
    };
    a.host.send(1, Buffer.alloc(19));
    await a.until(() => a.bytes.get(1) === 19);
    expect(order).toEqual(['read', 'work', 'after the read']);
  });

  it('works until there is no more work, reading in between', async () => {
    const { a, b, incoming } = await pair();
    let turns = 0;
    let turnsWhenRead = -1;
    b.onReceived = () => {
      turnsWhenRead = turns;
    };
    // Goes on until the bytes have come: if work kept the loop from polling, this would never end.
    b.onWork = () => ++turns < 1_000_000 && turnsWhenRead < 0;
    b.host.wake();
    a.host.send(1, Buffer.alloc(1));
    await b.until(() => turnsWhenRead >= 0);
    expect(turnsWhenRead).toBeLessThan(1_000_000);
    await b.until(() => b.bytes.get(incoming) === 1);
  });

  it('sends for as long as a turn may take, and the rest before there is more work', async () => {
    const { fake: b, port } = await listening();
    const a = speaker();
    const all = [1, 2, 3, 4];
    for (const connection of all)
      a.host.connect({ connection, address: loopback, port, localAddress: undefined, transport: plainTcp });
    await a.until(() => a.seen('established').length === all.length);
    await b.until(() => b.incoming.length === all.length);
    a.calls.length = 0;
    for (const connection of all) a.host.send(connection, Buffer.alloc(100));
    a.host.wake();
    const progress = all.map(() => {
      a.host.run(0);
      return [a.seen('writable').length, a.seen('work').length];
    });
    expect(progress).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 1],
    ]);
    await b.until(() => b.incoming.every(({ id }) => b.bytes.get(id) === 100));
  });

  it('reads nothing more while too much waits for work, and goes on when it is done', async () => {
    const { a, b, incoming } = await pair();
    const total = 4 * 1024 * 1024;
    const read = () => b.bytes.get(incoming) ?? 0;
    const seen: number[] = [];
    b.onReceived = () => {
      if (seen.length === 0) b.backlog = 1_000_000;
      b.host.wake();
    };
    b.onWork = () => {
      if (b.backlog > 0) seen.push(read());
      if (seen.length === 50) b.backlog = 0;
      return b.backlog > 0;
    };
    a.host.send(1, Buffer.alloc(total));
    await b.until(() => read() === total);
    expect(seen).toHaveLength(50);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toBeLessThan(total);
  });

  it('reads nothing more before a rest is over, and all of it then', async () => {
    const { a, b, incoming } = await pair();
    const total = 4 * 1024 * 1024;
    const reads: { readonly at: number; readonly restUntil: number }[] = [];
    b.onReceived = () => {
      reads.push({ at: performance.now(), restUntil: b.restUntil });
      if (reads.length <= 3) b.restUntil = performance.now() + 30;
    };
    a.host.send(1, Buffer.alloc(total));
    await b.until(() => b.bytes.get(incoming) === total);
    expect(reads.length).toBeGreaterThan(3);
    for (const { at, restUntil } of reads) expect(at).toBeGreaterThanOrEqual(restUntil);
  });

  it('fires timers at their time, not before, and re-arms for the next', async () => {
    const fake = speaker();
    const start = performance.now();
    const fired: number[] = [];
    fake.deadline = start + 20;
    fake.onAdvance = (now) => {
      fired.push(now - start);
      fake.deadline = fired.length < 3 ? start + 20 + fired.length * 15 : Number.POSITIVE_INFINITY;
    };
    await fake.until(() => fired.length === 3);
    expect(fired[0]).toBeGreaterThanOrEqual(20);
    expect(fired[1]).toBeGreaterThanOrEqual(35);
    expect(fired[2]).toBeGreaterThanOrEqual(50);
  });

  it('forgets a deadline that was put off at the last moment, and fires the new one', async () => {
    const fake = speaker();
    let asked = 0;
    const later = performance.now() + 30;
    // Due when the first turn looks, put off before the turn that would have fired it.
    fake.nextDeadline = () => (asked++ === 0 ? 0 : fake.deadline);
    fake.deadline = later;
    fake.onAdvance = () => {
      fake.deadline = Number.POSITIVE_INFINITY;
    };
    await fake.until(() => fake.seen('advance').length === 1);
    expect(performance.now()).toBeGreaterThanOrEqual(later);
    expect(fake.seen('advance')).toEqual(['advance']);
  });

  it('takes a deadline that comes nearer', async () => {
    const { a, b } = await pair();
    b.deadline = performance.now() + 3_600_000;
    a.host.send(1, Buffer.alloc(1));
    await b.until(() => b.bytes.size === 1);
    b.onReceived = () => {
      b.deadline = performance.now() + 5;
    };
    b.onAdvance = () => {
      b.deadline = Number.POSITIVE_INFINITY;
    };
    a.host.send(1, Buffer.alloc(1));
    await b.until(() => b.seen('advance').length === 1);
  });

  it('before a timer is believed, what lay in the socket was read, even after a long standstill', async () => {
    const { a, b, incoming } = await pair();
    await new Promise<void>((resolve) => {
      a.host.send(1, Buffer.alloc(10));
      b.onReceived = () => resolve();
    });
    b.onReceived = () => {};
    const order: string[] = [];
    let lag = Number.POSITIVE_INFINITY;
    b.onReceived = () => order.push('received');
    b.onAdvance = () => {
      order.push('advance');
      lag = b.host.readLag(incoming);
      b.deadline = Number.POSITIVE_INFINITY;
    };
    a.host.send(1, Buffer.alloc(10));
    await a.until(() => a.seen('writable').length === 2);
    b.deadline = performance.now() + 10;
    b.host.wake();
    // The standstill: nothing of this process runs while the deadline passes.
    const until = performance.now() + 60;
    while (performance.now() < until);
    await b.until(() => order.includes('advance'));
    expect(order).toEqual(['received', 'advance']);
    expect(lag).toBeLessThan(50);
  });
});
