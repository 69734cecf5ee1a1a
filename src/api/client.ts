/**
 * The client of the management API, over the Unix socket or TCP with a bearer token: JSON, lines of JSON, server-sent
 * events, and the three ways in which they fail. Knows no route and no wording for an operator (see cli/failures.ts).
 * Loads node:http and nothing else of the API at run time, so that it costs a command little to start.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import type { Problem } from './types.ts';

export type Endpoint =
  | { readonly type: 'socket'; readonly path: string }
  | { readonly type: 'url'; readonly url: URL; readonly token: string | undefined };

export interface ClientSettings {
  readonly endpoint: Endpoint;
  /** Until the head of the answer is there; a stream may then last. */
  readonly timeoutMilliseconds: number;
  /** Ends what is under way with an AbortError. */
  readonly signal?: AbortSignal;
}

/** The daemon refused; `code` is one of a closed set, and `internal` where the answer was no problem+json. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: Problem['code'];
  readonly problems: Problem['problems'];

  constructor(status: number, body: string) {
    const problem = parseProblem(body);
    super(problem.detail ?? problem.title ?? `heliod answered ${status}`);
    this.name = 'ProblemError';
    this.status = status;
    this.code = problem.code ?? 'internal';
    this.problems = problem.problems;
  }
}

/** Nobody answers at the endpoint. */
export class UnreachableError extends Error {
  readonly settings: ClientSettings;
  /** `ENOENT`, `ECONNREFUSED`, `EACCES` ..., or `timeout`. */
  readonly code: string;

  constructor(settings: ClientSettings, cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.name = 'UnreachableError';
    this.settings = settings;
    this.code = cause instanceof TimeoutError ? 'timeout' : String(cause.code ?? '');
  }
}

/** The connection broke after the head of the answer: what came is not all. */
export class IncompleteAnswerError extends Error {
  constructor(cause: unknown) {
    super('heliod closed the connection in the middle of its answer', { cause });
    this.name = 'IncompleteAnswerError';
  }
}

class TimeoutError extends Error {}

export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Where a reader of a stream is: sent as Last-Event-ID, and kept at the last id while the stream is read. */
export interface StreamPosition {
  lastEventId?: string | undefined;
}

interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Every method throws one of the three errors above, or an AbortError. */
export class ApiClient {
  readonly #settings: ClientSettings;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  async getJson<T>(path: string): Promise<T> {
    return JSON.parse(await this.getText(path));
  }

  async getText(path: string, accept = 'application/json'): Promise<string> {
    return readText(await this.#exchange({ method: 'GET', path, headers: { accept } }));
  }

  /** The answer's text, empty for none. */
  post(path: string, body = '', contentType = 'application/json'): Promise<string> {
    return this.#submit('POST', path, body, contentType);
  }

  put(path: string, body: string, contentType: string): Promise<string> {
    return this.#submit('PUT', path, body, contentType);
  }

  async delete(path: string): Promise<string> {
    return readText(await this.#exchange({ method: 'DELETE', path }));
  }

  async #submit(method: 'POST' | 'PUT', path: string, body: string, contentType: string): Promise<string> {
    const headers = { accept: 'application/json', ...(body === '' ? {} : { 'content-type': contentType }) };
    return readText(await this.#exchange({ method, path, headers, body }));
  }

  /** A line of JSON per value, in batches as they arrive; the daemon goes on only as fast as they are taken. */
  async *lineBatches(path: string): AsyncGenerator<string[]> {
    const headers = { accept: 'application/x-ndjson' };
    yield* lineBatches(await this.#exchange({ method: 'GET', path, headers }));
  }

  /** Resolves once the stream stands: whatever happens from then on is in it. */
  async events(path: string, position: StreamPosition = {}): Promise<AsyncGenerator<ServerSentEvent>> {
    const { lastEventId } = position;
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    return serverSentEvents(await this.#exchange({ method: 'GET', path, headers }), position);
  }

  /** The answer, once its head said 2xx. */
  async #exchange(what: Exchange): Promise<IncomingMessage> {
    const answer = await this.#send(what);
    answer.setEncoding('utf8');
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw new ProblemError(status, await readText(answer));
  }

  async #send(what: Exchange): Promise<IncomingMessage> {
    const { endpoint, timeoutMilliseconds, signal } = this.#settings;
    const secure = endpoint.type === 'url' && endpoint.url.protocol === 'https:';
    const request = secure ? (await import('node:https')).request : requestHttp;
    return new Promise((resolve, reject) => {
      const outgoing = request(requestOptions(this.#settings, what), (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      const timer = setTimeout(() => outgoing.destroy(new TimeoutError()), timeoutMilliseconds);
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(signal?.aborted ? error : new UnreachableError(this.#settings, error));
      });
      outgoing.end(what.body);
    });
  }
}

function requestOptions(
  { endpoint, signal }: ClientSettings,
  { method, path, headers, body }: Exchange,
): RequestOptions {
  const length = body ? { 'content-length': Buffer.byteLength(body) } : {};
  const all: Record<string, string | number> = { ...headers, ...length };
  const options = { method, path, headers: all, agent: false as const, ...(signal ? { signal } : {}) };
  // An empty server name spares Node the guess at one, which is 6 ms of compiling regular expressions.
  const noServerName = { servername: '' };
  if (endpoint.type === 'socket') return { ...options, ...noServerName, socketPath: endpoint.path };
  if (endpoint.token !== undefined) all.authorization = `Bearer ${endpoint.token}`;
  const { hostname, port, protocol, pathname } = endpoint.url;
  const base = pathname.replace(/\/$/, '');
  // A URL writes an IPv6 address in brackets, a socket does not.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { ...options, path: base + path, protocol, host, ...(port ? { port } : {}) };
}

function parseProblem(text: string): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

async function readText(answer: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of chunks(answer)) text += chunk;
  return text;
}

async function* chunks(answer: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const chunk of answer) yield String(chunk);
  } catch (error) {
    throw error instanceof Error && error.name === 'AbortError' ? error : new IncompleteAnswerError(error);
  }
}

/** Non-empty lines, in batches as they arrive. The next chunk is read when the batch was dealt with. */
export async function* lineBatches(answer: AsyncIterable<unknown>): AsyncGenerator<string[]> {
  for await (const lines of allLines(answer)) {
    const batch = lines.filter((line) => line !== '');
    if (batch.length > 0) yield batch;
  }
}

async function* allLines(answer: AsyncIterable<unknown>): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of chunks(answer)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') yield [rest];
}

/**
 * A block of fields ends with an empty line; comments and blocks without `data` are no events. An id counts once its
 * block is whole: the event that was cut off is asked for again.
 */
export async function* serverSentEvents(
  answer: AsyncIterable<unknown>,
  position: StreamPosition = {},
): AsyncGenerator<ServerSentEvent> {
  let id = position.lastEventId;
  let event = 'message';
  let data: string[] = [];
  for await (const lines of allLines(answer)) {
    for (const line of lines) {
      const [, name, value] = /^([^:]*):? ?(.*?)\r?$/.exec(line) ?? [];
      if (name === 'data') data.push(value);
      else if (name === 'event') event = value;
      else if (name === 'id') id = value;
      if (line.trimEnd() !== '') continue;
      position.lastEventId = id;
      if (data.length > 0) yield { id, event, data: data.join('\n') };
      event = 'message';
      data = [];
    }
  }
}
