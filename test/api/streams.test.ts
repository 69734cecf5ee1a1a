import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ServerSentEvent } from '../../src/api/client.ts';
import type { SpeakerEvent } from '../../src/speaker/views.ts';
import { prefixOf } from './fake-ports.ts';
import { runningApi } from './running-api.ts';

function stateEvent(at: number): SpeakerEvent {
  return { type: 'peer-state', at, peer: '10.0.0.2', from: 'idle', to: 'connect', reason: 'x'.repeat(1000) };
}

async function take(events: AsyncGenerator<ServerSentEvent>, count: number): Promise<ServerSentEvent[]> {
  const taken: ServerSentEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** An answer whose body nobody reads yet. */
function open(socketPath: string, path: string, headers = {}): Promise<IncomingMessage> {
  return new Promise((resolve) => {
    request({ socketPath, path, headers }, resolve).end();
  });
}

describe('server-sent events', () => {
  it('arrive with id, type and data', async () => {
    const { client, speaker } = await runningApi();
    const events = await client.events('/v1/watch');
    speaker.emit(stateEvent(1));
    const [event] = await take(events, 1);
    expect(event.event).toBe('peer-state');
    expect(JSON.parse(event.data)).toEqual({
      ...stateEvent(1),
      tenant: 'default',
      slot: 'main',
      time: expect.any(String),
    });
    expect(event.id).toMatch(/^[a-z0-9]+\.0$/);
    await events.return(undefined);
  });

  it('go on after Last-Event-ID', async () => {
    const { client, speaker } = await runningApi();
    const events = await client.events('/v1/watch');
    speaker.emit(stateEvent(1));
    const [first] = await take(events, 1);
    await events.return(undefined);
    speaker.emit(stateEvent(2));
    speaker.emit(stateEvent(3));
    const again = await client.events('/v1/watch', { lastEventId: first.id });
    expect((await take(again, 2)).map(({ data }) => JSON.parse(data).at)).toEqual([2, 3]);
    await again.return(undefined);
  });

  it('the speaker is asked for routes while they are watched, not after', async () => {
    const { client, speaker } = await runningApi();
    const events = await client.events('/v1/watch?topics=routes,events');
    expect(speaker.routeListeners).toBe(1);
    speaker.emit({ type: 'route', at: 1, family: 'ipv4-unicast', prefix: '10.0.0.0/8', route: undefined });
    const [event] = await take(events, 1);
    expect(event.event).toBe('route');
    await events.return(undefined);
    // The server sees the closed connection before it answers the next request on a new one, or soon after.
    while (speaker.routeListeners > 0) await client.getJson('/livez');
  });

  it('a slow reader is told and disconnected, others are not', async () => {
    const { client, socket, speaker } = await runningApi(
      {},
      { heartbeatMilliseconds: 60_000, maxUnreadOctets: 100_000 },
    );
    const good = await client.events('/v1/watch');
    const slow = await open(socket, '/v1/watch');
    for (let at = 0; at < 5000; at++) {
      speaker.emit(stateEvent(at));
      // The good reader takes each as it comes.
      await take(good, 1);
    }
    slow.setEncoding('utf8');
    let text = '';
    for await (const chunk of slow) text += chunk;
    const lastEvent = text.trimEnd().split('\n\n').at(-1);
    expect(lastEvent).toContain('event: overflow');
    expect(text.split('event: peer-state').length).toBeLessThan(5000);
    speaker.emit(stateEvent(9999));
    const [next] = await take(good, 1);
    expect(JSON.parse(next.data).at).toBe(9999);
    await good.return(undefined);
  });

  it('a heartbeat keeps an idle stream alive', async () => {
    const { socket } = await runningApi({}, { heartbeatMilliseconds: 5, maxUnreadOctets: 100_000 });
    const answer = await open(socket, '/v1/watch');
    let text = '';
    for await (const chunk of answer) {
      text += chunk;
      if (text.split(': heartbeat\n\n').length > 2) break;
    }
    expect(answer.headers['content-type']).toBe('text/event-stream');
  });

  it('end when the API is closed', async () => {
    const { client, api } = await runningApi();
    const events = await client.events('/v1/watch');
    await api.close();
    await expect(events.next()).rejects.toThrow();
  });
});

describe('a million routes', () => {
  it('are streamed in bounded memory, and other requests are answered meanwhile', async () => {
    const { client, socket, speaker } = await runningApi();
    speaker.total = 1_000_000;
    const answer = await open(socket, '/v1/routes', { accept: 'application/x-ndjson' });
    let count = 0;
    let tail = Buffer.alloc(0);
    let peak = 0;
    let answered = 0;
    const base = process.memoryUsage().rss;
    for await (const chunk of answer) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++;
      tail = Buffer.concat([tail, chunk]).subarray(-2000);
      if (count < (answered + 1) * 100_000) continue;
      peak = Math.max(peak, process.memoryUsage().rss - base);
      await client.getJson('/livez');
      answered++;
    }
    expect([count, answered]).toEqual([1_000_000, 10]);
    const last = tail.toString().trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last).prefix).toBe(prefixOf(999_999));
    // As text they are about 560 MB; server and client are both in this process.
    expect(peak).toBeLessThan(200 * 1024 * 1024);
  }, 180_000);

  it('are walked no further than they are read, and not at all when the reader is gone', async () => {
    const { client, socket, speaker } = await runningApi();
    speaker.total = 1_000_000;
    const answer = await open(socket, '/v1/routes', { accept: 'application/x-ndjson' });
    // Not read: the walk comes to a halt once all buffers are full.
    let before = -1;
    let still = 0;
    while (still < 50) {
      await client.getJson('/livez');
      const now = speaker.cursor?.lookedAt ?? 0;
      still = now === before ? still + 1 : 0;
      before = now;
    }
    expect(before).toBeLessThan(20_000);
    answer.destroy();
    for (let i = 0; i < 50; i++) await client.getJson('/livez');
    expect(speaker.cursor?.lookedAt).toBeLessThan(before + 1000);
  });
});
