import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type ApiClient,
  IncompleteAnswerError,
  lineBatches,
  ProblemError,
  type ServerSentEvent,
  type StreamPosition,
  serverSentEvents,
  UnreachableError,
} from '../../src/api/client.ts';
import { clientOn, temporaryDirectory } from './running-api.ts';

/** The text in chunks of any sizes. */
async function* cut(text: string, sizes: readonly number[]): AsyncGenerator<string> {
  let at = 0;
  for (let i = 0; at < text.length; i++) {
    const size = 1 + (sizes[i % Math.max(1, sizes.length)] ?? 0);
    yield text.slice(at, at + size);
    at += size;
  }
}

async function gather<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serving(listener: RequestListener): Promise<ApiClient> {
  const path = join(temporaryDirectory(), 'http.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return clientOn({ type: 'socket', path });
}

describe('lines and events', () => {
  it('are the same however TCP cuts them', async () => {
    const texts = fc.array(fc.stringMatching(/^[a-z: {}]{1,12}$/), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.array(fc.nat(9)),
        fc.constantFrom('\n', '\r\n'),
        async (items, sizes, end) => {
          const lines = await gather(lineBatches(cut(items.map((item) => `${item}\n`).join(''), sizes)));
          expect(lines.flat()).toEqual(items);
          const text = items.map((item, i) => `id: ${i}${end}event: x${end}data: ${item}${end}${end}:${end}`);
          const events = await gather(serverSentEvents(cut(text.join(''), sizes)));
          expect(events).toEqual(items.map((data, i) => ({ id: String(i), event: 'x', data })));
        },
      ),
    );
  });

  it.each<[string, string, ServerSentEvent[], string | undefined]>([
    [
      'several data lines',
      'data: {\ndata:}\n\n',
      [{ id: undefined, event: 'message', data: '{\n}' }],
      undefined,
    ],
    ['an id without data is no event, but a position', ': x\nid: e.7\n\n', [], 'e.7'],
    ['an event that is cut off is none', 'id: e.1\n\nid: e.2\ndata: {}\n', [], 'e.1'],
  ])('%s', async (_, text, expected, lastEventId) => {
    const position: StreamPosition = {};
    expect(await gather(serverSentEvents(cut(text, [3]), position))).toEqual(expected);
    expect(position.lastEventId).toBe(lastEventId);
  });
});

describe('failures', () => {
  it('nobody is there', async () => {
    const client = clientOn({ type: 'socket', path: join(temporaryDirectory(), 'none') });
    const error = await client.getJson('/livez').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['problem+json', '{"code":"no-such-peer","title":"t","detail":"d"}', 'no-such-peer', 'd'],
    ['a title alone', '{"title":"t"}', 'internal', 't'],
    ['no JSON', '<html>', 'internal', 'heliod answered 404'],
    ['no object', 'null', 'internal', 'heliod answered 404'],
  ])('a refusal that is %s', async (_, body, code, message) => {
    const client = await serving((_request, response) => response.writeHead(404).end(body));
    const error = await client.getText('/').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ status: 404, code, message });
  });

  it('an answer that breaks off is never taken for a whole one', async () => {
    const client = await serving((_request, response) => {
      response.write('{}\n', () => response.destroy());
    });
    await expect(client.getText('/')).rejects.toBeInstanceOf(IncompleteAnswerError);
  });
});
