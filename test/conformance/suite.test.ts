/** The suite as a whole: ids, levels, and that a case can fail against a target that answers nothing right. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../conformance/cases/index.ts';
import { catalogue } from '../../conformance/catalogue/index.ts';
import { executionsOf } from '../../conformance/engine/case.ts';
import { invariants } from '../../conformance/engine/invariants.ts';
import { run } from '../../conformance/engine/run.ts';
import type { Instance, Target } from '../../conformance/targets/target.ts';
import { hex } from '../../conformance/wire/bytes.ts';
import * as m from '../../conformance/wire/messages.ts';

const known = new Set(catalogue.map((row) => row.id));

describe('the catalogue', () => {
  it('has each id once', () => {
    expect(known.size).toBe(catalogue.length);
  });

  it('knows every case and every invariant', () => {
    const ids = [...allCases.map((one) => one.id), ...invariants.map((one) => one.id)];
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
  });

  it('has one case per row, and one name per execution', () => {
    const ids = allCases.map((one) => one.id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const names = allCases.flatMap(executionsOf).map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has no case without a body, a stimulus and an expectation', () => {
    const empty = allCases.filter(
      (one) => executionsOf(one).length === 0 || one.title === '' || one.expected === '',
    );
    expect(empty.map((one) => one.id)).toEqual([]);
  });
});

/** A target that completes every handshake and is deaf from then on. */
function deafSpeaker(socket: Socket): void {
  socket.on('error', () => undefined);
  const capabilities = [m.multiprotocol(1), m.multiprotocol(2), m.refreshCapability, m.fourOctetAs(65000)];
  socket.write(m.open({ asn: 65000, id: '10.0.0.1', capabilities }));
  socket.once('data', () => socket.write(m.keepalive()));
}

describe('a target that is deaf', () => {
  const workDirectory = mkdtempSync(join(tmpdir(), 'helio-deaf-'));
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      deafSpeaker(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });

  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(workDirectory, { recursive: true, force: true });
  });

  const target: Target = {
    name: 'deaf',
    version: () => Promise.resolve('0'),
    features: new Set(),
    start: () => {
      const instance: Instance = {
        address: '127.0.0.1',
        port,
        configuration: '',
        exit: () => undefined,
        log: () => '',
        residentOctets: () => undefined,
        terminate: () => undefined,
        stop: () => Promise.resolve(),
      };
      return Promise.resolve(instance);
    },
  };

  const play = (ids: readonly string[]) =>
    run({
      target,
      executions: allCases.filter((one) => ids.includes(one.id)).flatMap(executionsOf),
      workers: 4,
      patienceMs: 150,
      seed: 1,
      workDirectory,
      known: [],
      reportInvariants: 'broken',
      repeatCommand: (name) => name,
      keep: () => undefined,
    });

  it('fails what needs an answer', async () => {
    const { results } = await play(['RFC4271-6.1-01', 'RFC4271-6.2-01', 'RFC6608-4-07', 'RFC4271-8.2.2-02']);
    expect(results.map((r) => `${r.execution} ${r.verdict}`).sort()).toEqual([
      'RFC4271-6.1-01 fail',
      'RFC4271-6.2-01 fail',
      'RFC4271-8.2.2-02 fail',
      'RFC6608-4-07 fail',
    ]);
  });

  it('never passes what proves an absence', async () => {
    const { results } = await play(['RFC7606-7.8-02', 'RFC1997-WK-01', 'RFC4456-8-09', 'RFC4271-9.1.2-01']);
    expect(results.length).toBeGreaterThan(10);
    expect(new Set(results.map((r) => r.verdict))).toEqual(new Set(['inconclusive']));
  });

  it('skips what the target does not claim', async () => {
    const { results } = await play(['RFC9234-5-01']);
    expect(new Set(results.map((r) => r.verdict))).toEqual(new Set(['skip-unsupported']));
  });
});

describe('hex', () => {
  it('refuses what is no hex', () => {
    expect(() => hex('0')).toThrow();
    expect(() => hex('zz')).toThrow();
  });
});
