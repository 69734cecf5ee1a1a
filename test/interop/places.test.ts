/**
 * Socket hosts in network namespaces: three on the same address and port, each with its own world; a namespace that
 * goes away and comes back; keys that change while bytes flow; and no descriptor left behind, whatever went wrong.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { localInterfaces } from '../../src/runtime/machine.ts';
import { type Libc, loadLibc } from '../../src/runtime/native/libc.ts';
import { inPlace } from '../../src/runtime/native/namespaces.ts';
import type { Place, TransportSettings } from '../../src/speaker/settings.ts';
import { FakeSpeaker } from '../runtime/fake-speaker.ts';
import { address, prefix } from '../support/settings.ts';
import { output, run } from './harness/command.ts';
import { eventually } from './harness/eventually.ts';
import { kernelCounter } from './harness/kernel-counters.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';

const port = 1790;
const plain: TransportSettings = { md5KeyFile: undefined, ttlSecurityHops: undefined, ttl: undefined };
const everywhere = [{ address: undefined, port }];
const ours = address('10.0.0.1');
const ours6 = address('2001:db8::1');

const open: FakeSpeaker[] = [];

function speakerIn({ namespace }: LabNode): FakeSpeaker {
  const place: Place = { type: 'netns', name: namespace };
  const speaker = new FakeSpeaker({ place });
  open.push(speaker);
  return speaker;
}

/** One row that lets everybody in, over both versions. */
function everybody(transport: Partial<TransportSettings>) {
  return ['0.0.0.0/0', '::/0'].map((from) => ({
    from: prefix(from),
    transport: { ...plain, ...transport },
    userTimeoutMilliseconds: 60_000,
  }));
}

function libc(): Libc {
  const result = loadLibc();
  if (!result.ok) throw new Error(result.problem);
  return result.libc;
}

let connections = 0;

function connect(speaker: FakeSpeaker, to = ours, transport: Partial<TransportSettings> = {}): number {
  connections++;
  const request = { address: to, port, localAddress: undefined, transport: { ...plain, ...transport } };
  speaker.host.connect({ connection: connections, ...request });
  return connections;
}

const established = (speaker: FakeSpeaker, id: number): Promise<void> =>
  speaker.until(() => speaker.seen(`established ${id} `).length === 1);

const descriptors = (): number => readdirSync('/proc/self/fd').length;

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ host }) => host.shutdown(0)));
});

async function build(lab: Lab) {
  const nodes: LabNode[] = [];
  for (const name of ['a', 'b', 'c']) {
    // They are on one bridge, where these addresses would quarrel; what they say to themselves never gets there.
    const node = await lab.node(name, ['10.0.0.1/24', '2001:db8::1/64']);
    nodes.push(node);
  }
  const key = join(lab.directory, 'key');
  const next = join(lab.directory, 'next');
  writeFileSync(key, 'first', { mode: 0o600 });
  writeFileSync(next, 'second', { mode: 0o600 });
  return { nodes, key, next };
}

interopSuite('places', [], build, (topology) => {
  test('three hosts share address and port and meet nobody but their own', async () => {
    const hosts = topology().nodes.map(speakerIn);
    for (const { host } of hosts) await host.listen(everywhere);
    expect(hosts.map(({ host }) => host.listening())).toEqual(
      Array(3).fill([
        { address: '0.0.0.0', port },
        { address: '::', port },
      ]),
    );
    for (const [i, speaker] of hosts.entries()) {
      await established(speaker, connect(speaker));
      await established(speaker, connect(speaker, ours6));
      await speaker.until(() => speaker.incoming.length === 2);
      expect(speaker.incoming.map(({ remote }) => String(remote))).toEqual(['10.0.0.1', '2001:db8::1']);
      expect(hosts.slice(i + 1).map(({ incoming }) => incoming.length)).toEqual(Array(2 - i).fill(0));
    }
  });

  test('the interfaces of a namespace are those of the namespace', () => {
    const [{ namespace }] = topology().nodes;
    const found = localInterfaces({ type: 'netns', name: namespace });
    expect(found.map(({ name }) => name)).toEqual(['eth0', 'lo']);
    expect(found[0].addresses.map(String)).toEqual(expect.arrayContaining(['10.0.0.1/24', '2001:db8::1/64']));
    expect(localInterfaces({ type: 'netns', name: 'hg-none' })).toEqual([]);
  });

  test('a namespace that may not be entered is told, and one that cannot be left ends the process', () => {
    const [{ namespace }] = topology().nodes;
    const place: Place = { type: 'netns', name: namespace };
    const results = (...values: number[]) => ({
      ...libc(),
      setns: () => values.shift() ?? 0,
      errno: () => 1,
    });
    const work = vi.fn();
    const abort = vi.spyOn(process, 'abort').mockReturnValue(undefined as never);
    expect(() => inPlace(results(-1), place, work)).toThrow(
      `network namespace ${namespace} may not be entered: this needs the capability CAP_SYS_ADMIN`,
    );
    expect([work.mock.calls.length, abort.mock.calls.length]).toEqual([0, 0]);
    inPlace(results(0, 0), place, work);
    expect([work.mock.calls.length, abort.mock.calls.length]).toEqual([1, 0]);
    inPlace(results(0, -1), place, work);
    const failing = (): never => {
      throw new Error('in there');
    };
    expect(() => inPlace(results(0, -1), place, failing)).toThrow('in there');
    expect(abort).toHaveBeenCalledTimes(2);
    abort.mockRestore();
  });

  test('packets that had a longer way than allowed are not heard', async () => {
    const [a] = topology().nodes;
    const speaker = speakerIn(a);
    await speaker.host.listen(everywhere, everybody({ ttlSecurityHops: 3 }));
    const dropped = await kernelCounter(a, 'TCPMinTTLDrop');
    const far = [connect(speaker, ours, { ttl: 252 }), connect(speaker, ours6, { ttl: 252 })];
    await established(speaker, connect(speaker, ours, { ttl: 253 }));
    await established(speaker, connect(speaker, ours6, { ttl: 253 }));
    await established(speaker, connect(speaker, ours, { ttlSecurityHops: 1 }));
    expect(await kernelCounter(a, 'TCPMinTTLDrop')).toBeGreaterThan(dropped);
    expect(far.flatMap((id) => speaker.seen(`established ${id} `))).toEqual([]);
  });

  test('a peer without a limit is not held to that of others', async () => {
    const [a] = topology().nodes;
    const speaker = speakerIn(a);
    const near = { ...everybody({ ttlSecurityHops: 1 })[0], from: prefix('10.0.0.1/32') };
    const free = { ...everybody({})[0], from: prefix('127.0.0.0/8') };
    await speaker.host.listen(everywhere, [near, free]);
    await established(speaker, connect(speaker, address('127.0.0.1'), { ttl: 5 }));
    // TCP comes up, for until it was accepted nobody knew who it is; what it sent by then is not read.
    for (const ttl of [5, 254]) {
      connect(speaker, ours, { ttl });
      const words = `refused 10.0.0.1 ttlSecurity: it came with TTL ${ttl}, 255 is the least`;
      await speaker.until(() => speaker.seen(words).length === 1);
    }
    expect(speaker.incoming).toHaveLength(1);
    await established(speaker, connect(speaker, ours, { ttlSecurityHops: 1 }));
    await speaker.until(() => speaker.incoming.length === 2);
  });

  describe('keys', () => {
    test('a key changes at the ends in turn, and no byte is lost', async () => {
      const { nodes, key, next } = topology();
      const speaker = speakerIn(nodes[1]);
      await speaker.host.listen(everywhere, everybody({ md5KeyFile: key }));
      const ids = [connect(speaker, ours, { md5KeyFile: key }), connect(speaker, ours6, { md5KeyFile: key })];
      for (const id of ids) await established(speaker, id);
      await speaker.until(() => speaker.incoming.length === 2);
      await speaker.host.listen(everywhere, everybody({ md5KeyFile: next }));
      for (const id of ids) speaker.host.send(id, Buffer.alloc(1000));
      const total = () => speaker.incoming.reduce((sum, { id }) => sum + (speaker.bytes.get(id) ?? 0), 0);
      await speaker.until(() => total() === 2000);
      await speaker.host.listen(everywhere, everybody({}));
      for (const id of ids) speaker.host.send(id, Buffer.alloc(500));
      await speaker.until(() => total() === 3000);
      expect(speaker.seen('failed')).toEqual([]);
    });

    test('a listener forgets the key of a peer that is gone, and keeps the others', async () => {
      const { nodes, key } = topology();
      const speaker = speakerIn(nodes[1]);
      const [keyed] = everybody({ md5KeyFile: key });
      const other = { ...keyed, from: prefix('127.0.0.0/8') };
      await speaker.host.listen(everywhere, [{ ...keyed, from: prefix('10.0.0.1/32') }, other]);
      const refused = await kernelCounter(nodes[1], 'TCPMD5NotFound');
      connect(speaker);
      await eventually('unsigned', async () => (await kernelCounter(nodes[1], 'TCPMD5NotFound')) > refused);
      await speaker.host.listen(everywhere, [other]);
      await established(speaker, connect(speaker));
      await established(speaker, connect(speaker, address('127.0.0.1'), { md5KeyFile: key }));
    });

    test('a listener that cannot be had leaves the former listeners with the former keys', async () => {
      const { nodes, key, next } = topology();
      const speaker = speakerIn(nodes[1]);
      const [keyed] = everybody({ md5KeyFile: key });
      const before = [{ ...keyed, from: prefix('10.0.0.0/24') }];
      await speaker.host.listen(everywhere, before);
      const after = ['10.0.0.0/24', '127.0.0.0/8'].map((from) => ({
        ...keyed,
        from: prefix(from),
        transport: { ...plain, md5KeyFile: next },
      }));
      const change = speaker.host.listen([{ address: address('192.0.2.1'), port }], after);
      await expect(change).rejects.toThrow('no such address');
      await established(speaker, connect(speaker, ours, { md5KeyFile: key }));
      await established(speaker, connect(speaker, address('127.0.0.1')));
      const refused = await kernelCounter(nodes[1], 'TCPMD5Failure');
      const wrong = connect(speaker, ours, { md5KeyFile: next });
      await eventually('refused', async () => (await kernelCounter(nodes[1], 'TCPMD5Failure')) > refused);
      expect(speaker.seen(`established ${wrong} `)).toEqual([]);
    });

    test('a bad key file refuses the whole change', async () => {
      const { nodes, key } = topology();
      const speaker = speakerIn(nodes[1]);
      await speaker.host.listen(everywhere, everybody({ md5KeyFile: key }));
      const elsewhere = [{ address: undefined, port: port + 1 }];
      const change = speaker.host.listen(elsewhere, everybody({ md5KeyFile: '/nowhere/key' }));
      await expect(change).rejects.toThrow('md5 key file /nowhere/key does not exist');
      expect(speaker.host.listening()[0].port).toBe(port);
      await established(speaker, connect(speaker, ours, { md5KeyFile: key }));
    });
  });

  test('a namespace goes: all ends with the reason; it comes back: the listeners do too', async () => {
    const { namespace } = topology().nodes[2];
    const speaker = speakerIn(topology().nodes[2]);
    await speaker.host.listen(everywhere);
    const id = connect(speaker);
    await established(speaker, id);
    await output('ip', ['netns', 'del', namespace]);
    const reason = `network namespace ${namespace} is gone`;
    await speaker.until(() => speaker.seen('place').length === 1);
    expect(speaker.seen('place')).toEqual([`place down: ${reason}`]);
    expect(speaker.seen('failed')).toContain(`failed ${id} ${reason}`);
    expect([speaker.host.place, speaker.host.listening()]).toEqual([{ type: 'down', reason }, []]);
    const late = connect(speaker);
    await speaker.until(() => speaker.seen(`failed ${late} `).length === 1);
    expect(speaker.calls).toContain(`failed ${late} ${reason}`);
    // Changed meanwhile: counts when it is back.
    await speaker.host.listen([{ address: address('127.0.0.1'), port: port + 1 }]);
    await output('ip', ['netns', 'add', namespace]);
    await output('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    await speaker.until(() => speaker.seen('place').length === 2);
    expect(speaker.host.place).toEqual({ type: 'up' });
    expect(speaker.host.listening()).toEqual([{ address: '127.0.0.1', port: port + 1 }]);
  });

  test('a namespace is replaced by another one of the same name', async () => {
    const { namespace } = topology().nodes[2];
    const speaker = speakerIn(topology().nodes[2]);
    await speaker.host.listen([{ address: address('127.0.0.1'), port }]);
    await output('sh', ['-c', `ip netns del ${namespace} && ip netns add ${namespace}`]);
    await output('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    await speaker.until(() => speaker.seen('place up').length === 1);
    await established(speaker, connect(speaker, address('127.0.0.1')));
  });

  test('an address that is missing when the namespace comes back is waited for', async () => {
    const { namespace } = topology().nodes[2];
    const speaker = speakerIn(topology().nodes[2]);
    await speaker.host.listen([{ address: address('127.0.0.1'), port }]);
    await output('ip', ['netns', 'del', namespace]);
    await speaker.until(() => speaker.seen('place down').length === 1);
    await speaker.host.listen([{ address: ours6, port }]);
    await output('ip', ['netns', 'add', namespace]);
    await speaker.until(() => speaker.seen('place down').length === 2);
    expect(speaker.host.place).toEqual({
      type: 'down',
      reason: `cannot listen on 2001:db8::1 port ${port}: this machine has no such address`,
    });
    await output('ip', ['-n', namespace, 'addr', 'add', '2001:db8::1/64', 'dev', 'lo', 'nodad']);
    await output('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    await speaker.until(() => speaker.seen('place up').length === 1);
    await established(speaker, connect(speaker, ours6));
  });

  test('a namespace that never was is waited for', async () => {
    const name = `${topology().nodes[0].namespace}-later`;
    const speaker = new FakeSpeaker({ place: { type: 'netns', name } });
    open.push(speaker);
    expect(speaker.host.place).toEqual({
      type: 'down',
      reason: `network namespace ${name} does not exist`,
    });
    await speaker.host.listen(everywhere);
    try {
      await output('ip', ['netns', 'add', name]);
      await speaker.until(() => speaker.seen('place up').length === 1);
      expect(speaker.host.listening()).toHaveLength(2);
    } finally {
      await run('ip', ['netns', 'del', name]);
    }
  });

  test('no descriptor is left, whatever went wrong', async () => {
    const { nodes, key } = topology();
    const round = async (): Promise<void> => {
      const speaker = new FakeSpeaker({ place: { type: 'netns', name: nodes[0].namespace } });
      const other = new FakeSpeaker({ place: { type: 'netns', name: nodes[0].namespace } });
      await speaker.host.listen(everywhere, everybody({ md5KeyFile: key }));
      const nowhere = [{ address: address('192.0.2.1'), port }];
      await expect(speaker.host.listen(nowhere)).rejects.toThrow('no such address');
      await expect(other.host.listen(everywhere)).rejects.toThrow('listens there already');
      const ids = [
        connect(speaker, ours, { md5KeyFile: key }),
        connect(speaker, ours, { md5KeyFile: '/nowhere/key' }),
        connect(speaker, address('203.0.113.1')),
      ];
      const badLocal = { address: ours, port, localAddress: address('192.0.2.1'), transport: plain };
      speaker.host.connect({ connection: ++connections, ...badLocal });
      await established(speaker, ids[0]);
      await speaker.until(() => speaker.seen('failed').length === 3);
      expect(speaker.seen('failed').map((call) => call.replace(/^failed \d+ /, ''))).toEqual(
        expect.arrayContaining([
          'md5 key file /nowhere/key does not exist',
          'network is unreachable',
          'the local address is not one of this machine',
        ]),
      );
      await Promise.all([speaker.host.shutdown(0), other.host.shutdown(0)]);
    };
    await round();
    const before = descriptors();
    for (let i = 0; i < 20; i++) await round();
    // What a round left open would be there twenty times; closing takes the event loop a turn.
    await eventually('all is closed', () => descriptors() <= before);
  });
});
