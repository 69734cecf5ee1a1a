/** helioctl against the API as it is, with a speaker made of canned views: do the two agree on routes and shapes? */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ConfigPort, TenantChange } from '../../src/api/ports.ts';
import { type ApiServer, startApi } from '../../src/api/server.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import {
  ManagementError,
  type ManagementPort,
  type RouteQuery,
  type SpeakerEvent,
} from '../../src/speaker/views.ts';
import { FakeInstances } from '../api/fake-instances.ts';
import { helioctl, type Ran, type RunOptions } from './fake-daemon.ts';
import { explained, peers, routes, status } from './samples.ts';

let directory: string;
let socket: string;
let tokenFile: string;
let server: ApiServer;
let notReady: string | undefined;
const calls: unknown[] = [];
const listeners = new Set<(event: SpeakerEvent) => void>();

const speaker: ManagementPort = {
  status: () => status,
  peers: () => peers,
  peer(address) {
    const peer = peers.find((one) => one.address === address);
    if (!peer) throw new ManagementError('no-such-peer', `there is no peer ${address}`);
    return peer;
  },
  peerAction: (address, action) => void calls.push([address, action]),
  routes(query: RouteQuery) {
    calls.push(query);
    const left = [routes];
    return { next: () => left.pop() };
  },
  explain: () => explained,
  fib: () => undefined,
  networks: () => [{ prefix: '203.0.113.0/24', nextHop: '10.0.0.1', source: 'api' }],
  addNetwork: (network) => void calls.push(network),
  removeNetwork(prefix) {
    throw new ManagementError('no-such-network', `${prefix} is not originated`);
  },
  subscribe(_options, listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

const diff = {
  lines: [{ change: 'add', subject: 'peer 10.0.0.4', effect: 'session starts', details: [] }],
} as const;

const problems = [{ text: 'heliod.yaml:1:1: wrong' }, { text: 'heliod.yaml:2:1: wrong too' }];

const tenantChange: TenantChange = { ok: true, key: 'contoso', diff };

const config: ConfigPort = {
  reload: async () => ({ ok: true, diff, generation: 2 }),
  diff: (text) => (text === 'bad' ? { ok: false, problems } : { ok: true, diff }),
  show: () => 'version: 1\n',
  generation: 1,
  lastReload: () => undefined,
  showTenant: () => undefined,
  addTenant: async () => tenantChange,
  putTenant: async () => tenantChange,
  removeTenant: async () => tenantChange,
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helioctl-'));
  socket = join(directory, 'heliod.sock');
  tokenFile = join(directory, 'token');
  await writeFile(tokenFile, 'correct-horse-battery\n', { mode: 0o600 });
  const token = { file: tokenFile, tenant: undefined, access: 'read-write' } as const;
  server = await startApi(
    { socket, tcp: { listen: { address: IpAddress.parse('127.0.0.1'), port: 0 }, tokens: [token] } },
    {
      instances: new FakeInstances({ default: speaker }),
      config,
      configSchema: () => ({}),
      version: '1.2.3',
      notReady: () => notReady,
      onClient: () => {},
      onInternalError: (error) => {
        throw error;
      },
    },
  );
});

beforeEach(() => {
  calls.length = 0;
  notReady = undefined;
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

function ctl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return helioctl(['--socket', socket, ...args], options);
}

test.each([
  { args: ['status'], shows: 'AS      65000' },
  { args: ['peers'], shows: 'connection refused' },
  { args: ['peers', '10.0.0.2'], shows: 'treat-as-withdraw' },
  { args: ['routes', '-o', 'wide'], shows: 'own ORIGINATOR_ID' },
  { args: ['explain', '203.0.113.0/24'], shows: 'reflected: client -> client' },
  { args: ['networks'], shows: '10.0.0.1' },
  { args: ['config', 'show'], shows: 'version: 1' },
  { args: ['config', 'reload'], shows: 'session starts' },
  { args: ['config', 'diff', '-'], shows: '+ peer 10.0.0.4' },
])('$args', async ({ args, shows }) => {
  const { code, out, err } = await ctl(args, { stdin: 'version: 1\n' });
  expect({ code, err: args[1] === 'reload' ? '' : err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(shows);
});

test('the route query arrives as it was asked', async () => {
  const filters = [
    '--peer',
    '10.0.0.2',
    '--community',
    '65000:1',
    '--as-path',
    '^65001_',
    '--origin-as',
    '65002',
  ];
  await ctl([
    'routes',
    '10.0.0.0/8',
    '--longer',
    '--best',
    '--family',
    'ipv4-unicast',
    '--limit',
    '5',
    ...filters,
  ]);
  expect(calls[0]).toEqual({
    family: 'ipv4-unicast',
    view: 'loc-rib',
    peer: '10.0.0.2',
    prefix: '10.0.0.0/8',
    match: 'longer',
    community: '65000:1',
    asPath: '^65001_',
    originAs: 65002,
    best: true,
  });
});

test('actions and networks arrive', async () => {
  const ran = [
    await ctl(['peers', 'reset', '10.0.0.2', '--reason', 'new line card']),
    await ctl(['peers', 'soft-in', '10.0.0.2']),
    await ctl(['networks', 'add', '203.0.113.0/24', '--local-pref', '200']),
  ];
  expect(ran.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(calls).toEqual([
    ['10.0.0.2', { type: 'reset', message: 'new line card' }],
    ['10.0.0.2', { type: 'soft-in' }],
    { prefix: '203.0.113.0/24', localPref: 200 },
  ]);
});

test('refusals have their exit codes', async () => {
  notReady = 'the first End-of-RIB is awaited';
  expect(await ctl(['peers', '10.0.0.77'])).toMatchObject({
    code: 3,
    err: 'error: there is no peer 10.0.0.77\n',
  });
  expect((await ctl(['networks', 'remove', '10.0.0.0/8'])).code).toBe(3);
  expect(await ctl(['status', '--check'])).toMatchObject({ code: 5, err: `not ready: ${notReady}\n` });
  const bad = await ctl(['config', 'diff', '-'], { stdin: 'bad' });
  expect(bad.code).toBe(2);
  for (const { text } of problems) expect(bad.err).toContain(text);
});

test('watch shows an event as it happens, and Ctrl-C ends it with 130', async () => {
  const interrupt = new AbortController();
  const event: SpeakerEvent = { type: 'configuration', at: 1, summary: 'reloaded' };
  let out = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      out += chunk;
      interrupt.abort();
      done();
    },
  });
  // Told again and again, since the subscription stands at a time we do not know.
  const ticker = setInterval(() => {
    for (const listener of listeners) listener(event);
  }, 1);
  const { code } = await ctl(['watch', 'events', '-o', 'ndjson'], { signal: interrupt.signal, stdout });
  clearInterval(ticker);
  expect(code).toBe(130);
  const shown = JSON.parse(out.split('\n')[0]);
  expect(shown).toEqual({ ...event, tenant: 'default', slot: 'main', time: expect.any(String) });
  expect(Math.abs(Date.parse(shown.time) - Date.now())).toBeLessThan(60_000);
});

test('over TCP the token of the file opens the door, and nothing else does', async () => {
  const host = `http://127.0.0.1:${server.tcpPort}`;
  const token = ['--token-file', tokenFile];
  expect((await helioctl(['--host', host, ...token, 'peers'])).out).toContain('10.0.0.2');
  expect((await helioctl(['--host', host.slice('http://'.length), ...token, 'peers'])).code).toBe(0);
  const refused = await helioctl(['--host', host, 'peers']);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('--token-file');
  const noFile = await helioctl(['--host', host, '--token-file', '/no/such/token', 'peers']);
  expect(noFile).toMatchObject({ code: 2, err: expect.stringContaining('/no/such/token') });
  // Port 1 of loopback: nobody listens there.
  const nobody = await helioctl(['--host', 'http://127.0.0.1:1', ...token, 'peers']);
  expect(nobody).toMatchObject({ code: 4, err: expect.stringContaining('nobody listens') });
});
