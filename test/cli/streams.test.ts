import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { FakeDaemon, helioctl, json, ndjson } from './fake-daemon.ts';
import { peers, route, routes, status } from './samples.ts';

let daemon: FakeDaemon | undefined;

afterEach(async () => {
  await daemon?.stop();
  daemon = undefined;
});

const block = `${JSON.stringify(route('203.0.113.0/24'))}\n`.repeat(1000);

/** Writes blocks of 1,000 routes as the reader takes them; `written` counts them. */
function manyRoutes(blocks: number, progress: { written: number }) {
  return async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const closed = once(response, 'close');
    while (progress.written < blocks && !response.destroyed) {
      progress.written++;
      if (!response.write(block)) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end();
  };
}

/** Takes one chunk, then nothing until `release`. Counts the lines it got. */
function stuckReader() {
  const state = { lines: 0, released: false, goOn: (): void => {}, isStuck: (): void => {} };
  const stuck = new Promise<void>((resolve) => {
    state.isStuck = resolve;
  });
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const octet of chunk) if (octet === 10) state.lines++;
      state.goOn = done;
      if (state.released) done();
      else state.isStuck();
    },
  });
  const release = (): void => {
    state.released = true;
    state.goOn();
  };
  return { state, stream, stuck, release };
}

test.each(['table', 'ndjson', 'json'])(
  '%s: a reader that stands still stops the daemon; nothing is lost',
  async (format) => {
    const progress = { written: 0 };
    const blocks = 60;
    daemon = await FakeDaemon.start({ 'GET /v1/routes': manyRoutes(blocks, progress) });
    const reader = stuckReader();
    const running = helioctl(['routes', '-o', format, '--no-header'], { daemon, stdout: reader.stream });
    await reader.stuck;
    let before = -1;
    // The buffers of the socket fill up, then nothing moves any more.
    while (before !== progress.written) {
      before = progress.written;
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(progress.written).toBeLessThan(blocks / 2);
    reader.release();
    expect((await running).code).toBe(0);
    // JSON has a line before the first route and one after the last.
    expect(reader.state.lines).toBe(blocks * 1000 + (format === 'json' ? 2 : 0));
  },
);

test('ndjson: what ends in the middle of a line ends with the line before', async () => {
  const lines = routes.map((each) => `${JSON.stringify(each)}\n`).join('');
  daemon = await FakeDaemon.start({
    'GET /v1/routes': async (response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      // Each octet a chunk of its own, and half a line too many.
      for (const octet of Buffer.from(lines + lines.slice(0, 20)))
        await new Promise<void>((sent) => response.write(Buffer.of(octet), () => sent()));
      response.destroy();
    },
  });
  const { code, out, err } = await helioctl(['routes', '-o', 'ndjson'], { daemon });
  expect(out).toBe(lines);
  expect(code).not.toBe(0);
  expect(err).toContain('heliod closed the connection in the middle of its answer');
});

test('a reader that goes away ends the command quietly, with 0', async () => {
  const progress = { written: 0 };
  daemon = await FakeDaemon.start({ 'GET /v1/routes': manyRoutes(100_000, progress) });
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  const { code, err } = await helioctl(['routes'], { daemon, stdout });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(progress.written).toBeLessThan(1000);
});

type Answer = (response: ServerResponse) => void;

/** A stream of these events with ids of their own, the first of them `from`; it ends after the last. */
function events(from: number, ...list: readonly object[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const blocks = list.map((event, i) => `id: e.${from + i}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end(`: hello\nid: e.${from - 1}\n\n${blocks.join('')}`);
  };
}

/** The daemon dies: without an answer, or after these octets of it. */
function dies(text = ''): Answer {
  return (response) => {
    if (text === '') response.destroy();
    else response.write(text, () => response.destroy());
  };
}

const refused = json({ code: 'unauthorized', detail: 'the token was changed' }, 401);

/** Each request gets the next; the last of them ends every watch. */
function inTurn(...answers: readonly Answer[]): Answer {
  const left = [...answers, refused];
  return (response) => left.shift()?.(response);
}

const change = {
  type: 'peer-state',
  at: 1,
  time: '2026-01-02T03:04:05.678Z',
  peer: '10.0.0.9',
  from: 'active',
  to: 'established',
};

test('watch --snapshot subscribes first, prints what is, then what happens', async () => {
  daemon = await FakeDaemon.start({
    'GET /v1/watch': inTurn(events(1, change)),
    'GET /v1/peers': json({ now: status.now, peers }),
  });
  const { out } = await helioctl(['watch', 'peers', '--snapshot', '-o', 'ndjson'], { daemon });
  const lines = out.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).address ?? JSON.parse(line).type)).toEqual([
    '10.0.0.2',
    '10.0.0.9',
    'peer-state',
  ]);
  expect(daemon.asked[0].url).toBe('/v1/watch?topics=peers');
});

test('watch routes: the snapshot is the best routes of the Loc-RIB', async () => {
  const gone = { type: 'route', at: 1, time: change.time, family: 'ipv4-unicast', prefix: '203.0.113.0/24' };
  daemon = await FakeDaemon.start({
    'GET /v1/watch': inTurn(events(1, gone)),
    'GET /v1/routes': ndjson(routes),
  });
  const { out } = await helioctl(['watch', 'routes', '--snapshot', '--no-header'], { daemon });
  expect(daemon.asked.slice(0, 2).map(({ url }) => url)).toEqual([
    '/v1/watch?topics=routes',
    '/v1/routes?view=loc-rib&best=true',
  ]);
  // When it happened, not when it was read.
  expect(out.trimEnd().split('\n').at(-1)).toMatch(
    /^\d\d:\d\d:05\.678 {2}- {4}203\.0\.113\.0\/24 {2}withdrawn$/,
  );
});

test('watch goes on after the last event it saw when the daemon comes back, and ends when it is refused', async () => {
  const half = `id: e.2\ndata: ${JSON.stringify(change)}\n\nid: e.3\ndata: {`;
  daemon = await FakeDaemon.start({
    'GET /v1/watch': inTurn(events(1, change), dies(), dies(), dies(half), events(3)),
  });
  const waits: number[] = [];
  const { code, out, err } = await helioctl(['watch', 'events', '-o', 'ndjson'], { daemon, waits });
  expect(daemon.asked.map(({ lastEventId }) => lastEventId)).toEqual([
    undefined,
    'e.1',
    'e.1',
    'e.1',
    'e.2',
    'e.2',
  ]);
  expect(out).toBe(`${JSON.stringify(change)}\n`.repeat(2));
  // An event that came begins the waits anew, a connection alone does not.
  expect(waits).toEqual([250, 500, 1000, 250, 500]);
  expect(code).toBe(1);
  expect(err.split('heliod ended the stream').length - 1).toBe(3);
  expect(err).toContain('connected again\n');
  expect(err).toContain('error: the token was changed');
});

test('a daemon that stays away is asked ever less often, but never less than every 10 seconds', async () => {
  daemon = await FakeDaemon.start({
    'GET /v1/watch': inTurn(events(1, change), ...Array.from({ length: 8 }, () => dies())),
  });
  const waits: number[] = [];
  const { out } = await helioctl(['watch', 'events', '-q'], { daemon, waits });
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  expect(out.split('\n')).toHaveLength(2);
});

test('Ctrl-C while the daemon is away is 130', async () => {
  const interrupt = new AbortController();
  daemon = await FakeDaemon.start({
    'GET /v1/watch': inTurn(events(1, change), () => interrupt.abort()),
  });
  const ran = await helioctl(['watch', 'events', '-q'], { daemon, signal: interrupt.signal });
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 130, err: '' });
});

test('config show passes the YAML through', async () => {
  daemon = await FakeDaemon.start({
    'GET /v1/config': (response) => void response.writeHead(200).end('version: 1\n'),
  });
  expect(await helioctl(['config', 'show'], { daemon })).toEqual({ code: 0, out: 'version: 1\n', err: '' });
});
