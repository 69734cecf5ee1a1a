/**
 * A small client of the management API over its Unix socket or TCP: JSON, lines of JSON and server-sent events.
 * Loads nothing but node:http, so that it costs a command nothing to start.
 */
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { Problem } from './types.ts';

export type ApiEndpoint =
  | { readonly socket: string }
  | { readonly host: string; readonly port: number; readonly token: string };

/** The daemon refused; `code` is one of a closed set. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly problems: Problem['problems'];

  constructor({ status, code, title, detail, problems }: Problem) {
    super(detail);
    this.name = 'ProblemError';
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.problems = problems;
  }
}

/** Nobody answers at the endpoint, or the connection broke. */
export class UnreachableError extends Error {
  /** `ENOENT`, `ECONNREFUSED`, `EACCES` ... */
  readonly code: string;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'UnreachableError';
    this.code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  }
}

export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export class ApiClient {
  readonly #endpoint: ApiEndpoint;

  constructor(endpoint: ApiEndpoint) {
    this.#endpoint = endpoint;
  }

  async getJson<T>(path: string): Promise<T> {
    return JSON.parse(await this.getText(path));
  }

  async getText(path: string): Promise<string> {
    return readAll(await this.#call({ method: 'GET', path }));
  }

  /** The answer's text, empty for none. */
  async post(path: string, body = '', contentType = 'application/json'): Promise<string> {
    const headers = body === '' ? {} : { 'content-type': contentType };
    return readAll(await this.#call({ method: 'POST', path, body, headers }));
  }

  async delete(path: string): Promise<void> {
    await readAll(await this.#call({ method: 'DELETE', path }));
  }

  /** One value per line; the daemon goes on only as fast as they are taken. */
  async *lines<T>(path: string, signal?: AbortSignal): AsyncGenerator<T> {
    const headers = { accept: 'application/x-ndjson' };
    const answer = await this.#call({ method: 'GET', path, headers, signal });
    for await (const line of linesOf(answer)) if (line !== '') yield JSON.parse(line);
  }

  /** Resolves once the stream stands: whatever happens from then on is in it. */
  async events(
    path: string,
    lastId?: string,
    signal?: AbortSignal,
  ): Promise<AsyncGenerator<ServerSentEvent>> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    };
    return eventsOf(await this.#call({ method: 'GET', path, headers, signal }));
  }

  async #call(call: Call): Promise<IncomingMessage> {
    const answer = await this.#send(call);
    answer.setEncoding('utf8');
    const status = answer.statusCode ?? 0;
    if (status < 400) return answer;
    throw new ProblemError(parseProblem(status, await readAll(answer)));
  }

  #send({ method, path, headers, body, signal }: Call): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { method, path, agent: false, ...(signal ? { signal } : {}) };
      const outgoing = request({ ...options, ...this.#address(headers ?? {}) }, resolve);
      outgoing.once('error', (error) => reject(new UnreachableError(error)));
      outgoing.end(body);
    });
  }

  #address(headers: Readonly<Record<string, string>>): RequestOptions {
    const endpoint = this.#endpoint;
    if ('socket' in endpoint) return { socketPath: endpoint.socket, headers };
    const { host, port, token } = endpoint;
    return { host, port, headers: { ...headers, authorization: `Bearer ${token}` } };
  }
}

function parseProblem(status: number, text: string): Problem {
  const fallback = {
    type: 'about:blank',
    status,
    title: `HTTP ${status}`,
    detail: text,
    code: 'internal',
  } as const;
  try {
    return { ...fallback, ...JSON.parse(text) };
  } catch {
    return fallback;
  }
}

async function* chunksOf(answer: IncomingMessage): AsyncGenerator<string> {
  try {
    for await (const chunk of answer) yield chunk;
  } catch (error) {
    throw new UnreachableError(error);
  }
}

async function readAll(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of chunksOf(answer)) text += chunk;
  return text;
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunksOf(answer)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* eventsOf(answer: IncomingMessage): AsyncGenerator<ServerSentEvent> {
  let fields: { id?: string; event?: string; data?: string } = {};
  for await (const line of linesOf(answer)) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (line !== '') fields = { ...fields, [name]: value };
    else if (fields.data !== undefined) {
      yield { id: fields.id, event: fields.event ?? 'message', data: fields.data };
      fields = {};
    }
  }
}
