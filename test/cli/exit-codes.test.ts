import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Answers, FakeDaemon, helioctl, json, ndjson } from './fake-daemon.ts';
import { explained, routes, status } from './samples.ts';

let daemon: FakeDaemon | undefined;

async function daemonWith(answers: Answers): Promise<FakeDaemon> {
  daemon = await FakeDaemon.start(answers);
  return daemon;
}

afterEach(async () => {
  await daemon?.stop();
  daemon = undefined;
});

test.each([
  { args: ['peer'], says: "did you mean 'peers'?" },
  {
    args: ['nonsense'],
    says: 'valid words: status, peers, routes, explain, fib, bmp, watch, networks, tenants, config, controller, completion',
  },
  { args: ['peers', 'rest', '10.0.0.2'], says: "did you mean 'reset'?" },
  { args: ['peers', '10.0.0.2', 'rest'], says: 'valid words: reset, soft-in, soft-out, enable, disable' },
  { args: ['peers', '10.0.0.2', 'reset'], says: 'helioctl peers reset 10.0.0.2' },
  { args: ['peers', 'reset', 'frr'], says: 'It is not an IP address.' },
  { args: ['peers', 'reset', '10.0.0.2', 'now'], says: 'too many arguments' },
  { args: ['peers', 'reset'], says: "missing required argument 'address'" },
  { args: ['networks', 'ad', '10.0.0.0/8'], says: "did you mean 'add'?" },
  { args: ['networks', 'add', '10.0.0.0'], says: 'A prefix is ADDRESS/LENGTH' },
  { args: ['networks', 'list', 'all'], says: 'too many arguments' },
  { args: ['config', 'chek', 'x'], says: "did you mean 'check'?" },
  { args: ['config', 'check', '/no/such/file'], says: 'cannot read /no/such/file: ENOENT' },
  { args: ['watch', 'peer'], says: "did you mean 'peers'?" },
  { args: ['completion', 'csh'], says: 'valid words: bash, zsh, fish' },
  { args: ['routes', '--vew', 'adj-in'], says: 'Did you mean --view?' },
  { args: ['routes', '--view', 'adj-ni'], says: 'Allowed choices are loc-rib, adj-in, adj-out' },
  { args: ['routes', '--view', 'adj-out'], says: '--view adj-out needs --peer' },
  { args: ['routes', '--longer'], says: '--longer needs a prefix' },
  { args: ['routes', '10.0.0.0/8', '--longer', '--lpm'], says: 'cannot be used with option' },
  { args: ['routes', '10.0.0'], says: "'10.0.0' is no prefix" },
  { args: ['routes', '65000:100:10.0.0'], says: "'10.0.0' is no prefix" },
  { args: ['routes', '--rd', '65000'], says: 'A route distinguisher is for example' },
  { args: ['explain', '65000:100:10.0.0.0'], says: 'A prefix is ADDRESS/LENGTH' },
  { args: ['routes', '--limit', 'many'], says: 'It is not a whole number.' },
  { args: ['status', '--timeout', '0'], says: 'A duration is a number' },
  { args: ['status', '-o', 'xml'], says: 'Allowed choices are table, wide, json, ndjson' },
  { args: ['status', '--host', 'ftp://x'], says: '--host wants a URL' },
])('a wrong command line is 2 and says what is right: $args', async ({ args, says }) => {
  const { code, out, err } = await helioctl(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(says);
});

test('no daemon is 4, names the socket and says how to start it', async () => {
  const { code, out, err } = await helioctl(['--socket', '/no/such.sock', 'peers']);
  expect({ code, out }).toEqual({ code: 4, out: '' });
  expect(err).toContain('cannot reach heliod at /no/such.sock: there is no such socket');
  expect(err).toContain('heliod --config');
  expect(err).toContain('--socket');
});

test('HELIOD_SOCKET names the socket, --socket wins over it', async () => {
  const env = { HELIOD_SOCKET: '/from/the/environment.sock' };
  expect((await helioctl(['peers'], { env })).err).toContain('/from/the/environment.sock');
  expect((await helioctl(['--socket', '/given.sock', 'peers'], { env })).err).toContain('/given.sock');
});

test('a daemon that does not answer is 4 after the time-out', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'helioctl-'));
  const path = join(directory, 'mute.sock');
  const sockets: { destroy(): void }[] = [];
  const mute = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => mute.listen(path, resolve));
  const { code, err } = await helioctl(['--socket', path, '--timeout', '50ms', 'peers']);
  for (const socket of sockets) socket.destroy();
  mute.close();
  await rm(directory, { recursive: true });
  expect(code).toBe(4);
  expect(err).toContain('no answer within 0.05 s');
});

test.each([
  { status: 404, code: 3 },
  { status: 400, code: 2 },
  { status: 422, code: 2 },
  { status: 409, code: 1 },
  { status: 500, code: 1 },
  { status: 503, code: 5 },
])('a problem of status $status is code $code, its detail is the message', async ({ status, code }) => {
  const problem = { title: 'No such peer', status, detail: 'there is no peer 10.0.0.77' };
  const fake = await daemonWith({ 'POST /v1/peers/10.0.0.77/actions/reset': json(problem, status) });
  const ran = await helioctl(['peers', 'reset', '10.0.0.77'], { daemon: fake });
  expect(ran).toEqual({ code, out: '', err: 'error: there is no peer 10.0.0.77\n' });
});

test('status --check is 5 when not ready, and the page is still printed', async () => {
  const fake = await daemonWith({
    'GET /v1/status': json(status),
    'GET /readyz': json({ code: 'not-ready', detail: 'the first End-of-RIB is awaited' }, 503),
  });
  const ran = await helioctl(['status', '--check'], { daemon: fake });
  expect(ran.code).toBe(5);
  expect(ran.out).toContain('not ready: the first End-of-RIB is awaited');
  expect((await helioctl(['status'], { daemon: fake })).code).toBe(0);
});

test('an empty list is 0, a named prefix that is not there is 3', async () => {
  const fake = await daemonWith({
    'GET /v1/routes': ndjson([]),
    'GET /v1/explain': json({ ...explained, candidates: [], advertised: [] }),
  });
  expect(await helioctl(['routes'], { daemon: fake })).toEqual({ code: 0, out: '', err: '' });
  expect((await helioctl(['routes', '10.0.0.0/8', '--longer'], { daemon: fake })).code).toBe(0);
  const named = await helioctl(['routes', '10.0.0.0/8'], { daemon: fake });
  expect(named).toEqual({ code: 3, out: '', err: 'no route to 10.0.0.0/8 in loc-rib\n' });
  expect((await helioctl(['routes', '10.0.0.1'], { daemon: fake })).code).toBe(3);
  expect((await helioctl(['explain', '10.0.0.0/8'], { daemon: fake })).code).toBe(3);
});

test('an empty RIB as JSON is still a document', async () => {
  const fake = await daemonWith({ 'GET /v1/routes': ndjson([]) });
  const { out } = await helioctl(['routes', '-o', 'json'], { daemon: fake });
  expect(JSON.parse(out)).toEqual({ routes: [], truncated: false });
});

const lines = [
  { change: 'add', subject: 'peer 10.0.0.4', effect: 'session starts', details: [] },
  { change: 'change', subject: 'peer 10.0.0.2', effect: 'session resets', details: ['hold: 90 -> 30'] },
];

test('config diff shows each session, and is 6 only with --exit-code and differences', async () => {
  let answer: object = { lines };
  const fake = await daemonWith({ 'POST /v1/config/diff': (response) => json(answer)(response) });
  const diff = (...more: string[]) =>
    helioctl(['config', 'diff', '-', ...more], { daemon: fake, stdin: 'version: 1\n' });
  expect(await diff()).toEqual({
    code: 0,
    out: '+ peer 10.0.0.4  session starts\n~ peer 10.0.0.2  session resets\n    hold: 90 -> 30\n',
    err: '',
  });
  expect(fake.asked[0].body).toBe('version: 1\n');
  expect((await diff('--exit-code')).code).toBe(6);
  answer = { lines: [] };
  expect(await diff('--exit-code')).toEqual({ code: 0, out: '', err: 'no differences\n' });
});

test('config reload with a bad file is 2 and prints every problem', async () => {
  const problems = [
    { text: 'heliod.yaml:3:5: router.asn: must be a number' },
    { text: 'heliod.yaml:9:1: x' },
  ];
  const problem = { title: 'Invalid configuration', detail: 'the running configuration stays', problems };
  const fake = await daemonWith({ 'POST /v1/config/reload': json(problem, 422) });
  const { code, out, err } = await helioctl(['config', 'reload'], { daemon: fake });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const { text } of problems) expect(err).toContain(text);
});

test('config check needs no daemon: 0 when valid, 2 with every problem', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'helioctl-'));
  const file = join(directory, 'heliod.yaml');
  await writeFile(file, 'version: 2\n');
  const seen: string[] = [];
  const localConfig = (problems: string[]) => ({
    schema: () => ({ type: 'object' }),
    check(text: string, name: string) {
      seen.push(text, name);
      return { problems, warnings: ['a warning'] };
    },
  });
  const good = await helioctl(['config', 'check', file], { localConfig: localConfig([]) });
  const bad = await helioctl(['config', 'check', file], {
    localConfig: localConfig(['f:1:1: a', 'f:2:1: b']),
  });
  const forPrograms = await helioctl(['config', 'check', file, '-o', 'json'], {
    localConfig: localConfig(['f:1:1: a']),
  });
  const schema = await helioctl(['config', 'schema'], { localConfig: localConfig([]) });
  await rm(directory, { recursive: true });
  expect(seen.slice(0, 2)).toEqual(['version: 2\n', file]);
  expect(good).toEqual({ code: 0, out: '', err: `a warning\n${file}: ok\n` });
  expect(bad).toEqual({ code: 2, out: '', err: 'f:1:1: a\nf:2:1: b\na warning\n' });
  expect(forPrograms.code).toBe(2);
  expect(JSON.parse(forPrograms.out)).toEqual({
    file,
    ok: false,
    problems: ['f:1:1: a'],
    warnings: ['a warning'],
  });
  expect(JSON.parse(schema.out)).toEqual({ type: 'object' });
});

test('Ctrl-C while waiting is 130 without a word', async () => {
  const interrupt = new AbortController();
  const fake = await daemonWith({ 'GET /v1/status': () => interrupt.abort() });
  const ran = await helioctl(['status'], { daemon: fake, signal: interrupt.signal });
  expect(ran).toEqual({ code: 130, out: '', err: '' });
});

test('Ctrl-C in the middle of a stream is 130, what came before is printed', async () => {
  const interrupt = new AbortController();
  const fake = await daemonWith({
    'GET /v1/watch': (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"type":"configuration","at":1,"summary":"reloaded"}\n\n');
      response.once('close', () => interrupt.abort());
      setImmediate(() => interrupt.abort());
    },
  });
  const ran = await helioctl(['watch', 'events'], { daemon: fake, signal: interrupt.signal });
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 130, err: '' });
});

test('a daemon that dies in the middle of a table is 1 and says that it is not complete', async () => {
  const fake = await daemonWith({
    'GET /v1/routes': (response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(`${JSON.stringify(routes[0])}\n`, () => response.destroy());
    },
  });
  const { code, err } = await helioctl(['routes'], { daemon: fake });
  expect(code).toBe(1);
  expect(err).toContain('not complete');
});

test('help and version are 0 and on stdout', async () => {
  expect(await helioctl(['--version'])).toEqual({ code: 0, out: 'helioctl 1.2.3\n', err: '' });
  const { code, out, err } = await helioctl(['peers', '--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Usage: helioctl peers');
});
